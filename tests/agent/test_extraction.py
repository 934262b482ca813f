"""Tools that are one file, installers opened as archives, and tools known by a registry value."""

from __future__ import annotations

from typing import Any

import pytest
from agent_stage import NOTHING, Stage, operation

from winbake.rehearsal.standins.build import build_artifact
from winbake.rehearsal.standins.model import load_standins
from winbake.rehearsal.windows.host import WindowsHost

STANDINS = {standin.id: standin for standin in load_standins()}
PROGRAM = r"C:\Program Files\7-Zip\7z.exe"
POSTMAN = r"C:\Tools\Postman"


def put(host: WindowsHost, tool: str, name: str) -> str:
    standin = STANDINS[tool]
    host.files.make_directory(r"C:\dl")
    host.files.write(rf"C:\dl\{name}", build_artifact(standin, standin.newest.version))
    return rf"C:\dl\{name}"


def placing(path: str, detected: str) -> dict[str, Any]:
    return {"file": path, "path": r"C:\Tools\Browser\d.jar", "detect": {**NOTHING, "file": detected}}


def test_a_jar_is_put_into_a_folder_of_its_own(stage: Stage, host: WindowsHost) -> None:
    path = put(host, "dicombrowser", "d.jar")
    done = stage.do("copy_tool", 120, **placing(path, r"C:\Tools\Browser\d.jar"))
    assert done["reboot"] is False
    assert host.files.read(r"C:\Tools\Browser\d.jar") == host.files.read(path)


def test_a_jar_that_is_not_the_detected_file_has_failed(stage: Stage, host: WindowsHost) -> None:
    failed = stage.refuse("copy_tool", 120, **placing(put(host, "dicombrowser", "d.jar"), r"C:\Tools\Browser\e.jar"))
    assert failed["message"] == r"put in place, but the tool is not there: no file C:\Tools\Browser\e.jar"


@pytest.fixture
def with_7zip(stage: Stage, host: WindowsHost) -> Stage:
    detect = {**NOTHING, "product_code": STANDINS["7zip"].newest.product_code}
    stage.do(
        "msi", 600, file=put(host, "7zip", "7z.msi"), arguments="/qn /norestart", log=r"C:\l.log", exit_codes=[0],
        reboot_codes=[3010], detect=detect,
    )  # fmt: skip
    return stage


def extraction(path: str, **changes: Any) -> dict[str, Any]:
    version = STANDINS["postman"].newest.version
    return {
        "file": path, "program": PROGRAM, "inside": f"Postman-{version}-full.nupkg", "root": r"lib\net45",
        "destination": POSTMAN, "detect": {**NOTHING, "file": rf"{POSTMAN}\Postman.exe"}, **changes,
    }  # fmt: skip


def test_a_program_is_taken_out_of_a_per_user_installer(with_7zip: Stage, host: WindowsHost) -> None:
    host.files.make_directory(rf"{POSTMAN}\old")
    done = with_7zip.do("extract", 600, **extraction(put(host, "postman", "postman.exe")))
    assert done["version"].startswith("12.")
    assert host.files.exists(rf"{POSTMAN}\Postman.exe")
    assert not host.files.exists(rf"{POSTMAN}\old")
    assert not [entry for entry in host.files.list(r"C:\Tools") if "winbake" in entry.name]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inside": "Other.nupkg"}, "there is no 'Other.nupkg' in "),
        ({"root": r"lib\net99"}, r"there is no folder 'lib\net99' in Postman-"),
        ({"program": r"C:\none\7z.exe"}, r"there is no C:\none\7z.exe to open the installer with"),
        ({"detect": {**NOTHING, "file": r"C:\none.exe"}}, r"extracted, but the tool is not there: no file C:\none.exe"),
    ],
)
def test_what_is_not_in_the_installer_is_said(
    with_7zip: Stage, host: WindowsHost, changes: dict[str, Any], message: str
) -> None:
    failed = with_7zip.refuse("extract", 600, **extraction(put(host, "postman", "postman.exe"), **changes))
    assert failed["message"].startswith(message)
    there = host.files.list(r"C:\Tools") if host.files.exists(r"C:\Tools") else []
    assert not [entry for entry in there if "winbake" in entry.name]


def test_a_file_that_is_no_archive_is_7zips_failure(with_7zip: Stage, host: WindowsHost) -> None:
    host.files.write(r"C:\dl\x.html", b"<html>moved</html>")
    failed = with_7zip.refuse("extract", 600, **extraction(r"C:\dl\x.html"))
    assert failed["message"] == "7-Zip exit 2"
    assert failed["log_tail"]


def test_an_extraction_has_a_time_limit(with_7zip: Stage, host: WindowsHost) -> None:
    run = with_7zip.run(operations=[operation("extract", 0, **extraction(put(host, "postman", "postman.exe")))])
    assert "still running after 0 s, so it and its child processes were ended" in run.failed()["message"]


@pytest.mark.parametrize(
    ("value", "matches", "found", "rule"),
    [
        ("3.8.8", None, "3.8.8", ""),
        ("v3.8.8 (2019)", r"v([\d.]+)", "3.8.8", ""),
        ("v3.8.8", r"v[\d.]+", "v3.8.8", ""),
        ("none", r"v([\d.]+)", "", r"HKLM\SOFTWARE\Ginkgo CADx version is 'none'"),
        (None, None, "", r"no value 'version' in HKLM\SOFTWARE\Ginkgo CADx"),
    ],
)
def test_a_tool_is_known_by_a_registry_value(
    stage: Stage, host: WindowsHost, value: str | None, matches: str | None, found: str, rule: str
) -> None:
    if value is not None:
        host.registry.write(r"HKLM\SOFTWARE\Ginkgo CADx", "version", value)
    mark = {"key": r"HKLM\SOFTWARE\Ginkgo CADx", "value": "version", "view": 64}
    detect = {**NOTHING, "registry": mark, "matches": matches}
    asked = {"file": put(host, "dicombrowser", "d.jar"), "path": r"C:\Tools\d.jar", "detect": detect}
    if rule:
        assert stage.refuse("copy_tool", 120, **asked)["message"] == f"put in place, but the tool is not there: {rule}"
    else:
        assert stage.do("copy_tool", 120, **asked)["version"] == found
