"""The recorded runs of the agent, played by replay.ps1: through the rehearsal's own interpreter, and by a real PowerShell where there is one."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from dialect import problems
from record import FOLDER

from winbake import agent
from winbake.rehearsal.windows.host import WindowsHost

HERE = Path(__file__).parent
SCRIPT = HERE / "replay.ps1"
RECORDINGS = sorted(FOLDER.glob("*.json"))
REAL = shutil.which("pwsh") or shutil.which("powershell")
ROOT = r"C:\winbake"


def _play(host: WindowsHost, recordings: dict[str, str], changed: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit code and output of replay.ps1 on a simulated host that has the agent's files and these recordings."""
    folder = Path(str(files(agent)))
    texts = {f"winbake\\agent\\{p.relative_to(folder)}".replace("/", "\\"): p.read_text("utf-8") for p in folder.rglob("*.ps1")}
    texts |= {r"tests\agent\replay.ps1": SCRIPT.read_text("utf-8")} | {rf"recordings\{n}": t for n, t in recordings.items()}
    for name, text in (texts | (changed or {})).items():
        host.files.make_directory(rf"{ROOT}\{name}".rpartition("\\")[0])
        host.files.write(rf"{ROOT}\{name}", text.encode("utf-8"))
    line = rf"powershell.exe -NoProfile -ExecutionPolicy Bypass -File {ROOT}\tests\agent\replay.ps1 {ROOT}\recordings\*.json"
    process = host.start(line)
    assert process.wait(36_000)
    return process.exit_code, process.stdout.getvalue().decode("cp437") + process.stderr.getvalue().decode("cp437")


def _kinds(path: Path) -> set[str]:
    """What a recording is about: each query and operation with the way it ended."""
    held = json.loads(path.read_text("utf-8"))
    if not held["request"]:
        return {f"task {path.stem}"}
    request = json.loads(base64.b64decode(held["request"]))
    ends = {str(e.get("id")): e["event"] for e in held["events"] if e["event"] not in ("started", "progress", "note")}
    asked = [*request["queries"], *request["operations"]]
    whats = [("query" if one in request["queries"] else "operation", one["kind"], ends.get(one["id"], "never")) for one in asked]
    return {" ".join(what) for what in whats} or {"nothing"}


def _few() -> list[Path]:
    """The smallest recordings that have every kind of query and operation, and every way to end, in them."""
    seen: set[str] = set()
    found = []
    for path in sorted(RECORDINGS, key=lambda path: path.stat().st_size):
        words = {word for kind in _kinds(path) for word in kind.split()[:3]}
        if not words <= seen:
            seen |= words
            found.append(path)
    return found


def _texts(paths: list[Path]) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in paths}


def test_the_recordings_play_in_the_rehearsal(host: WindowsHost) -> None:
    """A few of each kind; all of them with WINBAKE_REPLAY=all."""
    chosen = RECORDINGS if os.environ.get("WINBAKE_REPLAY") == "all" else _few()
    code, said = _play(host, _texts(chosen))
    assert (code, said.splitlines()[-1]) == (0, f"{len(chosen)} passed, 0 failed"), said


def test_the_recordings_play_on_a_real_powershell() -> None:
    if REAL is None:  # said here, not by a mark: test_coverage.py waits for what every test leaves at its end
        pytest.skip("no pwsh and no powershell on PATH: the recordings were not played by a real PowerShell")
    line = [REAL, "-NoProfile", "-NonInteractive", "-File", str(SCRIPT), str(FOLDER / "*.json")]
    done = subprocess.run(line, capture_output=True, text=True, timeout=600, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, [f"{len(RECORDINGS)} passed, 0 failed"]), done.stdout + done.stderr


def test_every_operation_is_recorded_with_its_failure_or_its_no_change_case() -> None:
    kinds = [kind for path in RECORDINGS for kind in _kinds(path)]
    operations = set(re.findall(r"OperationTable\['(\w+)'\]", agent.source())) | {"download"}
    queries = set(re.findall(r"QueryTable\['(\w+)'\]", agent.source()))
    assert len(RECORDINGS) >= 60
    assert {name for name in operations if f"operation {name} done" not in kinds} == set()
    assert {name for name in queries if f"query {name} fact" not in kinds} == set()
    once = {name for name in operations if f"operation {name} failed" not in kinds and kinds.count(f"operation {name} done") < 2}
    assert once == set()


def test_replay_is_in_the_dialect() -> None:
    assert problems(SCRIPT.read_text("utf-8")) == []
    assert SCRIPT.read_bytes().isascii()  # 5.1 reads a script without a byte order mark in the machine's code page


def _changed(name: str, old: str, new: str) -> tuple[int, str]:
    host = WindowsHost("MASTER", "2022", 200.0)
    try:
        text = (FOLDER / f"{name}.json").read_text("utf-8")
        assert old in text
        return _play(host, {"one.json": text.replace(old, new)})
    finally:
        host.power.stop_now()


MADE_AND_DELETED = "operations-directories_are_made_and_deleted_once_and_again-1"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"event":"done","id":"o0"', '"event":"done","id":"o9"', "event 2 is {event: 'done', id: 'o0'"),
        ('["New-HostFolder"', '["New-HostFile"', "a call that the recording does not hold: New-HostFolder {Path: 'C:"),
        ('["Set-HostTls",{"map":[]},[{"o":[]', '["Set-HostTls",{"map":[]},[{"n":2,"o":[]', "fewer calls than the recording holds: Set-HostTls"),
    ],
    ids=["another event", "another call", "a call less"],
)
def test_a_difference_is_told_and_fails(old: str, new: str, said: str) -> None:
    code, output = _changed(MADE_AND_DELETED, old, new)
    assert code == 1
    assert said in output
    assert output.splitlines()[-1] == "0 passed, 1 failed"


def test_a_changed_agent_fails(host: WindowsHost) -> None:
    part = r"winbake\agent\operations\settings.ps1"
    text = (Path(str(files(agent))) / "operations" / "settings.ps1").read_text("utf-8")
    again = text.replace("    New-HostFolder -Path (Expand-HostVariable -Text $Operation.arguments.path)\n", "    New-HostFolder -Path 'C:\\other'\n")
    assert again != text
    code, output = _play(host, _texts([FOLDER / f"{MADE_AND_DELETED}.json"]), {part: again})
    assert (code, output.splitlines()[-1]) == (1, "0 passed, 1 failed")


def test_a_file_that_is_not_there_is_an_error(host: WindowsHost) -> None:
    assert _play(host, {})[0] == 1
