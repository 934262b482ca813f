"""Installers and uninstallers: limit, exit codes, logs, detection afterwards; archives."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from agent_stage import NOTHING, Stage, operation

from winbake.rehearsal.standins.build import build_artifact
from winbake.rehearsal.standins.model import StandIn, load_standins
from winbake.rehearsal.windows import images
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.images import Image, Output

LOG = r"C:\ProgramData\winbake\logs\tool.log"
STANDINS = {standin.id: standin for standin in load_standins()}


def standin(kind: str) -> StandIn:
    """Some stand-in of this kind of installer that needs no restart."""
    return next(s for s in STANDINS.values() if s.kind == kind and not s.needs_restart and not s.triggers and s.uninstall)


def put(host: WindowsHost, tool: StandIn) -> str:
    path = rf"C:\dl\{tool.id}.{'msi' if tool.kind == 'msi' else 'exe'}"
    host.files.make_directory(r"C:\dl")
    host.files.write(path, build_artifact(tool, tool.newest.version))
    return path


def put_program(host: WindowsHost, path: str, *rows: Output, version: str = "") -> None:
    host.files.make_directory(path.rpartition("\\")[0])
    host.files.write(path, images.build_executable(Image(behaviour=list(rows), file_version=version)))


def arguments(file: str, silent: str, **changes: Any) -> dict[str, Any]:
    return {
        "file": file, "arguments": silent, "log": LOG, "exit_codes": [0], "reboot_codes": [1641, 3010],
        "detect": NOTHING, **changes,
    }  # fmt: skip


def install_msi(stage: Stage, limit: int = 600, **changes: Any) -> tuple[StandIn, dict[str, Any]]:
    tool = standin("msi")
    detect = {**NOTHING, "product_code": tool.newest.product_code}
    run = stage.run(operations=[
        operation("msi", limit, **arguments(put(stage.host, tool), "/qn /norestart", **{"detect": detect, **changes}))
    ])  # fmt: skip
    event = run.events[-1]
    event["all"] = run.events
    return tool, event


# ---- msi


def test_an_msi_is_installed_and_found_and_removed_again(stage: Stage, host: WindowsHost) -> None:
    tool, done = install_msi(stage)
    assert (done["event"], done["exit_code"], done["reboot"]) == ("done", 0, False)
    assert done["version"]
    code = tool.newest.product_code
    gone = {"product_code": code, "key": code, "view": "64", "arguments": "/qn /norestart", "log": LOG}
    assert stage.do("msi_uninstall", 600, **gone)["exit_code"] == 0
    assert host.packages.product(code) is None
    assert stage.do("msi_uninstall", 600, **gone)["exit_code"] == 1605


def test_an_msi_that_wants_a_restart_says_so(stage: Stage, host: WindowsHost) -> None:
    host.faults.add("reboot_required", tool=standin("msi").id)
    _, done = install_msi(stage)
    assert (done["event"], done["exit_code"], done["reboot"]) == ("done", 3010, True)


def test_another_installation_under_way_is_waited_for(stage: Stage, host: WindowsHost) -> None:
    host.faults.add("msi_busy", times=2)
    _, done = install_msi(stage)
    assert (done["event"], done["exit_code"]) == ("done", 0)
    assert [e["text"] for e in done["all"] if e["event"] == "note"] == [
        "another installation is running (1618): waiting 15 s"
    ] * 2


def test_another_installation_that_never_ends(stage: Stage, host: WindowsHost) -> None:
    host.faults.add("msi_busy")
    _, failed = install_msi(stage, 40)
    assert (failed["event"], failed["message"], failed["exit_code"]) == ("failed", "installer exit 1618", 1618)


def test_an_msi_that_fails_shows_the_end_of_its_log(stage: Stage, host: WindowsHost) -> None:
    host.faults.add("installer_exit", tool=standin("msi").id, code=1603)
    _, failed = install_msi(stage)
    assert (failed["message"], failed["exit_code"], failed["log"]) == ("installer exit 1603", 1603, LOG)
    assert isinstance(failed["log_tail"], list) and 0 < len(failed["log_tail"]) <= 10
    assert all(isinstance(line, str) for line in failed["log_tail"])


def test_an_installer_that_lies_is_found_out(stage: Stage, host: WindowsHost) -> None:
    tool = standin("msi")
    host.faults.add("installer_lies", tool=tool.id)
    _, failed = install_msi(stage)
    code = tool.newest.product_code
    assert failed["message"].startswith(
        f"the installer ended with exit 0, but the tool is not there: no uninstall entry for {code}"
    )


def test_an_installer_that_shows_a_window_is_ended_at_the_limit(stage: Stage, host: WindowsHost) -> None:
    host.faults.add("installer_hangs", tool=standin("msi").id)
    _, failed = install_msi(stage, 30)
    assert failed["message"].startswith("still running after 30 s, so it and its child processes were ended")
    assert any(e["event"] == "progress" for e in failed["all"])


def test_an_uninstall_that_fails(stage: Stage, host: WindowsHost) -> None:
    tool, _ = install_msi(stage)
    host.faults.add("installer_exit", tool=tool.id, code=1603)
    code = tool.newest.product_code
    failed = stage.refuse(
        "msi_uninstall", 600, product_code=code, key=code, view="64", arguments="/qn /norestart", log=LOG
    )
    assert (failed["message"], failed["exit_code"]) == ("uninstaller exit 1603", 1603)


# ---- exe, with programs made for the case

LINES = [f"line {number}" for number in range(30)]


def run_installer(stage: Stage, *rows: Output, **changes: Any) -> dict[str, Any]:
    put_program(stage.host, r"C:\dl\setup.exe", *rows)
    run = stage.run(operations=[operation("installer", 600, **arguments(r"C:\dl\setup.exe", "/S", **changes))])
    return next(e for e in run.events if e["event"] in ("done", "failed"))


def test_the_window_that_an_installer_waits_with_is_named_on_a_desktop(host: WindowsHost) -> None:
    put_program(host, r"C:\dl\setup.exe", Output(waits=True, window="Choose a language"))
    stage = Stage(host, host.accounts.token("Administrator", "interactive"))
    failed = stage.refuse("installer", 10, **arguments(r"C:\dl\setup.exe", "/S"))
    assert failed["message"].endswith("; a window is open: 'Choose a language'")
    assert not host.processes.named("setup.exe")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "ascii"])
def test_the_end_of_a_log_in_any_encoding(stage: Stage, host: WindowsHost, encoding: str) -> None:
    host.files.make_directory(LOG.rpartition("\\")[0])
    host.files.write(LOG, "\r\n\r\n".join(LINES).encode(encoding))
    failed = run_installer(stage, Output(exit_code=2))
    assert failed["log_tail"] == LINES[-10:]


def test_a_short_log_a_missing_log_and_an_msi_log(stage: Stage, host: WindowsHost) -> None:
    assert run_installer(stage, Output(exit_code=2))["log_tail"] == []
    host.files.write(LOG, b"only\r\n")
    assert run_installer(stage, Output(exit_code=2))["log_tail"] == ["only"]
    text = "\r\n".join([*LINES, "CustomAction x returned actual error", "Action ended: Return value 3.", *LINES])
    host.files.write(LOG, text.encode("utf-16"))
    assert run_installer(stage, Output(exit_code=2))["log_tail"][-2:] == [
        "CustomAction x returned actual error", "Action ended: Return value 3.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("detect", "version"),
    [
        ({"file": r"%SystemDrive%\tool\tool.exe"}, "4.5.6.0"),
        ({"command": [r"C:\tool\tool.exe", "--version"], "matches": r"v(\d+\.\d+)", "exit_codes": [3]}, "1.2"),
        ({"command": [r"C:\tool\tool.exe", "--version"], "matches": r"v\d+", "exit_codes": [3]}, "v1"),
        ({"display_name": "^Tool "}, "9"),
    ],
)
def test_detection_gives_the_version(stage: Stage, host: WindowsHost, detect: dict[str, Any], version: str) -> None:
    put_program(host, r"C:\tool\tool.exe", Output(stdout="tool v1.2\n", exit_code=3), version="4.5.6.0")
    host.packages.write_entry("other", 64, {"DisplayName": "tool in lower case", "DisplayVersion": "1"})
    host.packages.write_entry("tool", 32, {"DisplayName": "Tool X", "DisplayVersion": "9"})
    done = run_installer(stage, Output(), detect={**NOTHING, **detect})
    assert (done["event"], done.get("version")) == ("done", version)


@pytest.mark.parametrize(
    ("detect", "said"),
    [
        ({"file": r"C:\nowhere.exe"}, r"no file C:\nowhere.exe"),
        ({"command": ["nosuch", "-v"], "matches": "x"}, "no program nosuch"),
        ({"command": [r"C:\dl\setup.exe", "-v"], "matches": "x"}, r"C:\dl\setup.exe -v answered with exit 0"),
        ({"command": [r"C:\dl\setup.exe", "-v"], "matches": "", "exit_codes": [7]}, "answered with exit 0"),
        ({"display_name": "^Nothing$"}, "no uninstall entry for ^Nothing$"),
    ],
)
def test_detection_says_what_it_missed(stage: Stage, detect: dict[str, Any], said: str) -> None:
    failed = run_installer(stage, Output(), detect={**NOTHING, **detect})
    assert said in failed["message"]


def test_a_real_installer_of_each_other_kind(stage: Stage, host: WindowsHost) -> None:
    tool = standin("nsis")
    assert tool.uninstall is not None
    detect = {**NOTHING, "display_name": tool.uninstall.display_name.split("{")[0].split(" ")[0]}
    stage.do("installer", 600, **arguments(put(host, tool), "/S", detect=detect))
    entry = next(e for e in stage.ask("uninstall") if detect["display_name"] in e["name"])
    command = entry["quiet_uninstall"] or entry["uninstall"] + " /S"
    gone = {"command": command, "key": entry["key"], "view": entry["view"], "log": LOG}
    # An NSIS uninstaller returns before it has done anything: `done` comes when the entry is gone.
    assert stage.do("uninstaller", 600, **gone)["exit_code"] == 0
    assert entry["key"] not in [e["key"] for e in stage.ask("uninstall")]


@pytest.mark.parametrize(("view", "hive"), [("64", "HKLM"), ("user", "HKCU")])
def test_an_uninstaller_whose_entry_stays(stage: Stage, host: WindowsHost, view: str, hive: str) -> None:
    put_program(host, r"C:\tool\un.exe", Output())
    user = host.default_token.sid if hive == "HKCU" else ""
    host.packages.write_entry("tool", 64, {"DisplayName": "Tool"}, user)
    failed = stage.refuse("uninstaller", 600, command=r"C:\tool\un.exe /S", key="tool", view=view, log=LOG)
    assert failed["message"] == "the uninstaller ended with exit 0, but its entry 'tool' is still there"


# ---- zip


def archive(host: WindowsHost, *names: str) -> str:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name in names:
            made.writestr(name, "new")
    host.files.make_directory(r"C:\dl")
    host.files.write(r"C:\dl\a.zip", written.getvalue())
    return r"C:\dl\a.zip"


def unzip(path: str, root: str | None, file: str = r"C:\tools\dcmtk\bin\x.txt") -> dict[str, Any]:
    detect = {**NOTHING, "file": file}
    return {"archive": path, "root": root, "destination": r"C:\tools\dcmtk", "detect": detect}


@pytest.mark.parametrize(("names", "root"), [(("dcmtk-3/bin/x.txt",), "dcmtk-3"), (("bin/x.txt",), None)])
def test_an_archive_becomes_the_folder_whole(
    stage: Stage, host: WindowsHost, names: tuple[str, ...], root: str | None
) -> None:
    path = archive(host, *names)
    host.files.make_directory(r"C:\tools\dcmtk")
    host.files.write(r"C:\tools\dcmtk\old.txt", b"old")
    for _ in range(2):
        assert stage.do("unzip", **unzip(path, root))["reboot"] is False
        assert [e.name for e in host.files.list(r"C:\tools")] == ["dcmtk"]
        assert [e.name for e in host.files.list(r"C:\tools\dcmtk")] == ["bin"]


def test_an_archive_without_the_named_folder_leaves_the_old_tool(stage: Stage, host: WindowsHost) -> None:
    path = archive(host, "other/x.txt", "readme.txt")
    host.files.make_directory(r"C:\tools\dcmtk")
    failed = stage.refuse("unzip", **unzip(path, "dcmtk-3"))
    assert failed["message"] == "the archive has no folder 'dcmtk-3' (it has: other, readme.txt)"
    assert [e.name for e in host.files.list(r"C:\tools")] == ["dcmtk"]


def test_an_archive_that_is_none(stage: Stage, host: WindowsHost) -> None:
    host.files.make_directory(r"C:\dl")
    host.files.write(r"C:\dl\a.zip", b"PK\x03\x04 cut")
    assert stage.refuse("unzip", **unzip(r"C:\dl\a.zip", None))["message"]
    assert not host.files.exists(r"C:\tools\dcmtk.winbake-new")


def test_an_archive_without_the_tool(stage: Stage, host: WindowsHost) -> None:
    failed = stage.refuse("unzip", **unzip(archive(host, "bin/y.txt"), None))
    assert failed["message"] == r"unpacked, but the tool is not there: no file C:\tools\dcmtk\bin\x.txt"
