"""A laboratory in this process, a copy of the project's files, and the real command line before them.

Every run is held to two things whatever it does: no traceback reaches the person, and the password is nowhere in what
is printed or written.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from winbake.cli import main
from winbake.cli.lab_files import write_lab_files
from winbake.cli.written_checks import plugin_options
from winbake.engine.reboot import RebootWait
from winbake.rehearsal.lab import Lab, LabHost
from winbake.rehearsal.windows.host import WindowsHost

PASSWORD = "Canary-7xK!q2"
PROJECT = Path(__file__).parents[2]
SPEED = 100.0
"""Faster than this, the agent's 60 host seconds without a byte are too few real ones on a busy machine."""
ENVIRONMENT = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
LIMIT = 30.0
"""Real seconds after which something that was waited for is taken as not coming."""


@dataclass(frozen=True)
class Ran:
    """One call of the command line: its exit code and what a person saw."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def line(self, words: str) -> str:
        """The one line that holds these words."""
        found = [line for line in self.text.splitlines() if words in line]
        assert len(found) == 1, f"{len(found)} lines hold {words!r} in:\n{self.text}"
        return found[0]


class Stage:
    """The laboratory and the project's folder, which is the working directory."""

    def __init__(self, root: Path, lab: Lab) -> None:
        self.root = root
        self.lab = lab
        self.inventory = root / "lab.yaml"

    @property
    def one(self) -> LabHost:
        return self.lab.hosts[0]

    @property
    def host(self) -> WindowsHost:
        return self.one.host

    def run(self, *arguments: str) -> Ran:
        """`python bake.py ARGUMENTS -i lab.yaml`, in this process."""
        given = [*arguments] if "-i" in arguments else [*arguments, "-i", str(self.inventory)]
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(given)
        ran = Ran(code, out.getvalue(), err.getvalue())
        assert "Traceback" not in ran.text, ran.text
        assert PASSWORD not in ran.text, ran.text
        return ran

    def pytest(self, *arguments: str, inventory: str = "lab.yaml") -> Ran:
        """`python -m pytest ARGUMENTS` in the project's folder, as a process of its own."""
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", f"--ansible-inventory={inventory}", *arguments, *plugin_options()]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), "COLUMNS": "200"}
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=300)
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert PASSWORD not in ran.text
        return ran

    def plan(self, *arguments: str) -> Ran:
        return self.run("plan", *arguments)

    def apply(self, *arguments: str) -> Ran:
        return self.run("apply", "--yes", *arguments)

    def bake(self, *arguments: str) -> None:
        """An apply that must go well."""
        ran = self.apply(*arguments)
        assert ran.code == 0, ran.text

    def assert_converges(self, *arguments: str) -> None:
        """After a fault is gone: one more apply, then nothing is left to do."""
        self.bake(*arguments)
        self.assert_nothing_to_change(*arguments)

    def assert_nothing_to_change(self, *arguments: str) -> None:
        ran = self.plan(*arguments)
        assert ran.code == 0, ran.text
        assert "Nothing to change" in ran.text, ran.text

    # ---- the project's files ------------------------------------------------------------------------

    def edit_manifest(self, old: str, new: str, times: int = 1) -> None:
        path = self.root / "manifest.yaml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == times, f"{old!r} is there {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def change_tool(self, tool: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Changes one tool of the manifest as data; its comments are lost."""
        path = self.root / "manifest.yaml"
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(body["tools"].setdefault(tool, {}))
        path.write_text(yaml.safe_dump(body, sort_keys=False), encoding="utf-8")

    def change_inventory(self, change: Callable[[dict[str, Any]], object], host: str = "master") -> None:
        """Changes one host's variables in the inventory."""
        body = yaml.safe_load(self.inventory.read_text(encoding="utf-8"))
        change(body["all"]["children"]["masters"]["hosts"][host])
        self.inventory.write_text(yaml.safe_dump(body, sort_keys=False), encoding="utf-8")

    def write_tasks(self, tasks: list[Mapping[str, Any]]) -> None:
        """Gives the playbook these tasks, and no roles."""
        play = {"name": "Tasks of the test", "hosts": "masters", "tasks": tasks}
        (self.root / "playbooks" / "master.yml").write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")

    def only_tools(self, *names: str) -> None:
        """Leaves these tools in the manifest, in its order."""
        path = self.root / "manifest.yaml"
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        body["tools"] = {name: tool for name, tool in body["tools"].items() if name in names}
        path.write_text(yaml.safe_dump(body, sort_keys=False), encoding="utf-8")

    def records(self) -> list[dict[str, Any]]:
        """All lines of the newest run record."""
        newest = max((self.root / "runs").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        return [json.loads(line) for line in newest.read_text(encoding="utf-8").splitlines()]

    def assert_not_written(self, secret: str, but: tuple[str, ...] = ()) -> None:
        """No file under the folder holds the secret, but those."""
        files = [path for path in self.root.rglob("*") if path.is_file() and path.name not in but]
        assert len(files) > 5  # manifest, playbook, roles, inventory, run records
        holding = [str(path.relative_to(self.root)) for path in files if secret.encode() in path.read_bytes()]
        assert holding == []

    # ---- the simulated host -------------------------------------------------------------------------

    def machine_path(self) -> list[str]:
        return [part for part in str(self.host.registry.read(ENVIRONMENT, "Path", "")).split(";") if part]

    def uninstall_names(self) -> list[str]:
        """DisplayName of everything under Uninstall, 64-bit view."""
        root = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
        names = []
        for view in (64, 32):
            key = self.host.registry.open(root, view)
            for name in key.subkeys() if key else []:
                names.append(str(self.host.registry.read(rf"{root}\{name}", "DisplayName", "", view=view)))
        return names

    def assert_no_tool(self, words: str) -> None:
        assert not [name for name in self.uninstall_names() if words in name]

    def running(self) -> list[str]:
        """Image names of what the agent could have left behind."""
        names = ("powershell.exe", "cmd.exe", "msiexec.exe")
        found = [p.image_name for name in names for p in self.host.processes.named(name)]
        return [*found, *(p.image_name for p in self.host.processes if "winbake" in p.path.lower())]

    def wait_for(self, what: Callable[[], object], words: str) -> None:
        """Waits in small steps. Fails after LIMIT real seconds."""
        end = time.monotonic() + LIMIT
        while not what():
            assert time.monotonic() < end, f"waited in vain for: {words}"
            time.sleep(0.02)

    def assert_nothing_left_running(self) -> None:
        self.wait_for(lambda: not self.running(), f"the end of {self.running()}")


@contextmanager
def at_once(ready: Callable[[], object], act: Callable[[], object]) -> Iterator[None]:
    """Does something once, from a thread of its own, as soon as `ready()` is true."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            if ready():
                over.wait(0.2)  # what was just said by the host reaches the controller
                act()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


@contextmanager
def ctrl_c_when(ready: Callable[[], object]) -> Iterator[None]:
    """Presses Ctrl-C once, in the main thread, as soon as `ready()` is true."""
    main_thread = threading.main_thread().ident or 0
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # xdist's workers may ignore it
    try:
        with at_once(ready, lambda: signal.pthread_kill(main_thread, signal.SIGINT)):
            yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def make_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Stage]]:
    """make_stage(hosts=1, speed=100): a started laboratory with the project's files before it, and five tools, up to date;
    `whole`: with the project's own manifest."""
    with ExitStack() as stack:

        def make(hosts: int = 1, speed: float = SPEED, whole: bool = False) -> Stage:
            root = tmp_path / "project"
            root.mkdir()
            manifest = PROJECT / "manifest.yaml" if whole else PROJECT / "tests" / "rehearsal" / "five_tools.yaml"
            shutil.copy(manifest, root / "manifest.yaml")
            for folder in ("playbooks", "roles", "media", "templates"):
                shutil.copytree(PROJECT / folder, root / folder)
            monkeypatch.chdir(root)
            monkeypatch.delenv("WINBAKE_PASSWORD", raising=False)
            monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
            monkeypatch.setenv("APPDATA", str(tmp_path / "config"))
            monkeypatch.setattr(
                "winbake.engine.apply.RebootWait", lambda: RebootWait(limit=LIMIT, first_pause=0.1, pause=0.1, delay=1)
            )
            lab = stack.enter_context(Lab(PASSWORD, hosts, speed=speed))
            if not whole:
                for one in lab.hosts:
                    one.host.updates.load([])  # up to date: restarts would take most of the tests' time
            stage = Stage(root, lab)
            write_lab_files(lab, stage.inventory, password_known=False)
            return stage

        yield make


@pytest.fixture
def stage(make_stage: Callable[..., Stage]) -> Stage:
    """One host."""
    return make_stage()


def numbers_of(text: str, pattern: str) -> tuple[int, ...]:
    """The numbers that a pattern's groups find."""
    found = re.search(pattern, text)
    assert found is not None, f"{pattern!r} is not in:\n{text}"
    return tuple(int(group) for group in found.groups())
