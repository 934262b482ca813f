"""Every installer of the tool catalogue, run on a host with the arguments that the catalogue gives for it.

Arguments and what detects the tool afterwards: catalog.yaml (its `silent_args`, `detect`, `smoke`)."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from windows_bench import Bench

MSI_ARGUMENTS = {
    "temurin-jre-8": "/quiet /norestart ADDLOCAL=FeatureMain,FeatureEnvironment,FeatureJarFileRunWith,FeatureJavaHome",
    "temurin-jre-21": "/quiet /norestart ADDLOCAL=FeatureMain",
    "google-chrome": r"/quiet /norestart /l*v C:\dl\chrome.log",
    "powershell-7": "/quiet /norestart ADD_PATH=1 ENABLE_PSREMOTING=0 REGISTER_MANIFEST=1 USE_MU=0 ENABLE_MU=0",
    "weasis": "/qn /norestart",
}
EXE_ARGUMENTS = {
    "firefox-esr": "/S /PreventRebootRequired=true /DesktopShortcut=false /MaintenanceService=false",
    "radiant": "/S",
    "ginkgo-cadx": "/S",
    "oracle-jre-8": "/s REBOOT=0 SPONSORS=0 AUTO_UPDATE=0",
    "postman": "--silent",
}
SHOWN = {
    "temurin-jre-8": r"^Eclipse Temurin JRE with Hotspot 8u?.*\(x64\)$",
    "temurin-jre-21": r"^Eclipse Temurin JRE with Hotspot 21\..*\(x64\)$",
    "google-chrome": "^Google Chrome$",
    "powershell-7": r"^PowerShell 7(\.\d+)*-x64$",
    "weasis": "^Weasis",
    "firefox-esr": "^Mozilla Firefox.*ESR",
    "radiant": "^RadiAnt DICOM Viewer",
    "ginkgo-cadx": "^Ginkgo CADx",
    "oracle-jre-8": r"^Java 8 Update \d+ \(64-bit\)$",
    "postman": "^Postman",
}


def newest(bench: Bench, tool: str) -> str:
    return next(one for one in bench.mirror.standins if one.id == tool).newest.version


def place(bench: Bench, tool: str) -> str:
    """The installer on the host: downloaded, or put there as media is."""
    standin = next(one for one in bench.mirror.standins if one.id == tool)
    if standin.urls_of(standin.newest):
        return bench.fetch(tool, standin.newest.version)
    from winbake.rehearsal.standins import build_artifact

    path = rf"C:\dl\{tool}.exe"
    bench.host.files.write(path, build_artifact(standin, standin.newest.version))
    return path


@pytest.mark.parametrize("tool", sorted(SHOWN))
def test_it_installs_with_the_catalogues_arguments_and_goes_again(bench: Bench, tool: str) -> None:
    host = bench.host
    before = {entry.key for entry in host.packages}
    registry = host.registry.state()["HKEY_LOCAL_MACHINE"]["keys"]["SYSTEM"]
    path = place(bench, tool)
    arguments = MSI_ARGUMENTS.get(tool)
    line = f"msiexec /i {path} {arguments}" if arguments else f"{path} {EXE_ARGUMENTS[tool]}"
    assert bench.run(line).exit_code == 0
    made = [entry for entry in host.packages if entry.key not in before]
    assert len(made) == 1 and re.search(SHOWN[tool], made[0].display_name)
    assert bool(made[0].user) == (tool == "postman")
    if tool == "oracle-jre-8":
        return
    quiet = {"firefox-esr": "/S", "radiant": "/S", "ginkgo-cadx": "/S", "postman": "--silent"}.get(tool, "/qn")
    assert bench.run(f"{made[0].values['UninstallString']} {quiet}").exit_code == 0
    for _ in range(100):
        if {entry.key for entry in host.packages} == before:
            break
        host.clock.sleep(1)
    assert {entry.key for entry in host.packages} == before
    assert environment(host.registry.state()["HKEY_LOCAL_MACHINE"]["keys"]["SYSTEM"]) == environment(registry)


def environment(system: dict[str, object]) -> object:
    found: dict = system  # type: ignore[type-arg]
    for name in ("CurrentControlSet", "Control", "Session Manager", "Environment"):
        found = found["keys"][name]
    return sorted(found["values"])


def test_pwsh_is_on_the_path_unless_told_not_to(bench: Bench) -> None:
    path = place(bench, "powershell-7")
    assert bench.run(f"msiexec /i {path} /quiet ADD_PATH=0").exit_code == 0
    assert "PowerShell\\7" not in bench.host.environment.block(bench.host.default_token)["Path"]
    bench.run("msiexec /x {499CA787-2899-40D2-A793-087E08EB227D} /qn")
    assert bench.run(f"msiexec /i {path} /quiet").exit_code == 0
    process = bench.run("pwsh -NoProfile -Command $PSVersionTable.PSVersion.ToString()")
    assert process.stdout.getvalue() == b"7.6.5\r\n"


def test_firefox_without_its_maintenance_service(bench: Bench) -> None:
    path = place(bench, "firefox-esr")
    assert bench.run(f'{path} /S /MaintenanceService=false /InstallDirectoryPath="C:\\Fire fox"').exit_code == 0
    assert bench.host.services.get("MozillaMaintenance") is None
    assert bench.host.files.is_file(r"C:\Fire fox\firefox.exe")
    assert bench.host.files.is_file(r"C:\Users\Public\Desktop\Firefox.lnk")
    assert bench.run(f"{path} /S").exit_code == 0
    assert bench.host.services.must("MozillaMaintenance").start_type == 3


@pytest.mark.parametrize(
    ("tool", "program", "arguments", "code", "says"),
    [
        ("dcmtk", r"dcmtk-3.7.0-win64-dynamic\bin\echoscu.exe", "--version", 0, rb"echoscu v3\.7\.0 "),
        ("dcmtk", r"dcmtk-3.7.0-win64-dynamic\bin\echoscu.exe", "-aec ORTHANC 127.0.0.1 4242", 1, rb"refused"),
        ("dcm2niix", "dcm2niix.exe", "--version", 3, rb"v?1\.0\.20260724"),
        ("curl", r"curl-8.22.0_2-win64-mingw\bin\curl.exe", "--version", 0, rb"^curl 8\.22\.0"),
    ],
)
def test_what_is_in_the_zips_answers(
    bench: Bench, tool: str, program: str, arguments: str, code: int, says: bytes
) -> None:
    data = bench.host.files.read(bench.fetch(tool, newest(bench, tool)))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        path = "C:\\Tools\\" + program
        bench.host.files.make_directory(path.rpartition("\\")[0])
        bench.host.files.write(path, archive.read(program.replace("\\", "/")))
    process = bench.run(f"{path} {arguments}")
    assert process.exit_code == code
    assert re.search(says, process.stdout.getvalue() + process.stderr.getvalue())


def test_echoscu_finds_a_running_orthanc(bench: Bench) -> None:
    data = bench.host.files.read(bench.fetch("dcmtk", "3.7.0"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        bench.host.files.write(r"C:\dl\echoscu.exe", archive.read("dcmtk-3.7.0-win64-dynamic/bin/echoscu.exe"))
    setup = bench.fetch("orthanc", "25.8.1")
    assert bench.run(f"{setup} /VERYSILENT /SUPPRESSMSGBOXES /NORESTART").exit_code == 0
    assert bench.run(r"C:\dl\echoscu.exe -aec ORTHANC 127.0.0.1 4242").exit_code == 0


def test_a_newer_firefox_takes_the_place_of_the_older_entry_although_its_key_has_another_name(bench: Bench) -> None:
    keys = []
    for version in ("140.14.0", "153.3.0", "153.4.0"):
        assert bench.run(f"{bench.fetch('firefox-esr', version)} /S /MaintenanceService=false").exit_code == 0
        found = [entry for entry in bench.host.packages if "Firefox" in entry.display_name]
        assert [entry.display_version for entry in found] == [version]
        keys.append(found[0].key)
    assert keys == ["Mozilla Firefox 140.14.0 ESR (x64 en-US)", "Mozilla Firefox ESR", "Mozilla Firefox ESR"]
    old = bench.fetch("firefox-esr", "140.14.0")
    assert bench.run(f'{old} /S /InstallDirectoryPath="C:\\Old Firefox"').exit_code == 0
    assert len([entry for entry in bench.host.packages if "Firefox" in entry.display_name]) == 2


@pytest.mark.parametrize(
    ("tool", "version", "shown"),
    [
        ("7zip", "26.02", "26.02.00.0"),
        ("powershell-7", "7.6.5", "7.6.5.0"),
        ("temurin-jre-17", "17.0.20.101", "17.0.20.101"),
    ],
)
def test_the_version_in_the_uninstall_entry_has_a_form_of_its_own(
    bench: Bench, tool: str, version: str, shown: str
) -> None:
    assert bench.run(f"msiexec /i {bench.fetch(tool, version)} /qn /norestart").exit_code == 0
    assert shown in [entry.display_version for entry in bench.host.packages]


def test_radiants_entry_is_named_differently_from_version_to_version(bench: Bench) -> None:
    for version in ("2025.2", "2026.1"):
        assert bench.run(f"{bench.fetch('radiant', version)} /S").exit_code == 0
    found = {entry.key: entry.display_version for entry in bench.host.packages if "RadiAnt" in entry.display_name}
    assert found == {"RadiAnt64": "2025.2", "RadiAnt": "2026.1"}
