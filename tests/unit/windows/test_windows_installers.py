"""Installers: Windows Installer's codes and features, Inno's traps, NSIS, and faults."""

from __future__ import annotations

import pytest
from windows_bench import Bench

from winbake.rehearsal.windows.environment import MACHINE_KEY
from winbake.rehearsal.windows.installers import msi_arguments

SEVEN = "{23170F69-40C1-2702-2602-000001000000}"
JAVA = "{869662BC-3DAD-4105-A2E0-89F14BA9DACB}"
INNO = "/VERYSILENT /SUPPRESSMSGBOXES /NORESTART /SP- /TYPE=standard"


def names(bench: Bench, start: str) -> list[str]:
    return [entry.display_name for entry in bench.host.packages if entry.display_name.startswith(start)]


# Windows Installer.


def test_an_msi_installs_repeats_upgrades_and_goes(bench: Bench) -> None:
    old, new = bench.fetch("7zip", "25.01"), bench.fetch("7zip", "26.02")
    assert bench.run(f"msiexec /i {old} /qn /norestart").exit_code == 0
    assert names(bench, "7-Zip") == ["7-Zip 25.01 (x64 edition)"]
    assert bench.run(f"msiexec /i {new} /qn /norestart").exit_code == 0
    assert names(bench, "7-Zip") == ["7-Zip 26.02 (x64 edition)"]
    assert bench.run(f"msiexec /i {new} /qn /norestart").exit_code == 0
    assert bench.host.packages.product_state(SEVEN) == 5
    assert bench.run(f"msiexec /i {old} /qn").exit_code == 1603
    assert bench.run(r'"C:\Program Files\7-Zip\7z.exe" i').stdout.getvalue().startswith(b"\r\n7-Zip 26.02 (x64)")
    assert bench.run(f"MsiExec.exe /X{SEVEN} /qn").exit_code == 0
    assert names(bench, "7-Zip") == []
    assert not bench.host.files.exists(r"C:\Program Files\7-Zip")
    assert bench.run(f"msiexec /x {SEVEN} /qn").exit_code == 1605
    assert bench.host.packages.product_state(SEVEN) == -1
    assert bench.host.packages.product_state("7-Zip") == -2


def test_msi_refusals(bench: Bench) -> None:
    host = bench.host
    package = bench.fetch("7zip", "26.02")
    host.files.write(r"C:\dl\page.msi", b"<html>")
    host.files.write(r"C:\dl\cut.msi", host.files.read(package)[:200])
    for line, code in [
        (r"msiexec /i C:\dl\none.msi /qn", 1619),
        (r"msiexec /i C:\dl\page.msi /qn", 1620),
        (r"msiexec /i C:\dl\cut.msi /qn", 1620),
        (rf"msiexec /i {package} /qn /l*v C:\none\x.log", 1622),
        ("msiexec /qn", 1639),
        (rf"msiexec /i {package} /nonsense", 1639),
        (rf'msiexec /i {package} /qn "INSTALLDIR', 1639),
        (f"msiexec /x {SEVEN} /qn", 1605),
        (f"msiexec /f {SEVEN} /qn", 1605),
        (f"msiexec /i {package} REINSTALL=ALL REINSTALLMODE=amus /qn", 1605),
    ]:
        assert bench.run(line).exit_code == code, line
    assert names(bench, "7-Zip") == []


def test_msi_without_a_quiet_switch_waits_for_a_click(bench: Bench) -> None:
    assert bench.hangs(f"msiexec /i {bench.fetch('7zip', '26.02')}").startswith("7-Zip 26.02")
    assert names(bench, "7-Zip") == []
    assert bench.run(f"msiexec /i {bench.fetch('7zip', '26.02')} /passive").exit_code == 0


def test_one_msi_at_a_time(bench: Bench) -> None:
    java, seven = bench.fetch("temurin-jre-17", "17.0.20.101"), bench.fetch("7zip", "26.02")
    bench.host.clock.speed = 50
    first = bench.host.start(f"msiexec /i {java} /qn")
    bench.host.clock.sleep(3)
    assert bench.run(f"msiexec /i {seven} /qn").exit_code == 1618
    assert first.wait(120) and first.exit_code == 0
    assert bench.run(f"msiexec /i {seven} /qn").exit_code == 0


def test_an_ended_msi_has_done_nothing_and_frees_the_mutex(bench: Bench) -> None:
    package = bench.fetch("temurin-jre-17", "17.0.20.101")
    bench.host.clock.speed = 20
    process = bench.host.start(f"msiexec /i {package} /qn")
    bench.host.clock.sleep(2)
    process.kill(tree=True)
    bench.host.clock.speed = 500
    bench.host.clock.sleep(50)
    assert names(bench, "Eclipse") == []
    assert bench.run(f"msiexec /i {package} /qn").exit_code == 0


def test_features_decide_what_temurin_does(bench: Bench) -> None:
    host, package = bench.host, bench.fetch("temurin-jre-17", "17.0.20.101")
    before = host.registry.read(MACHINE_KEY, "Path")
    assert bench.run(f'msiexec /i {package} ADDLOCAL=FeatureMain INSTALLDIR="C:\\Java 17" /qn').exit_code == 0
    assert host.registry.read(MACHINE_KEY, "Path") == before
    assert host.registry.read(MACHINE_KEY, "JAVA_HOME") is None
    assert bench.run(f"msiexec /i {package} ADDLOCAL=FeatureEnvironment,FeatureJavaHome /qn").exit_code == 0
    key = host.registry.open(MACHINE_KEY)
    assert key is not None
    path = key.get("Path")
    assert path is not None and (path.kind, path.data) == (2, rf"C:\Java 17\bin;{before}")
    assert host.registry.read(MACHINE_KEY, "JAVA_HOME") == "C:\\Java 17\\"
    started = bench.run("java -version")
    assert started.stdout.getvalue() == b""
    assert b'openjdk version "17.0.20.1"' in started.stderr.getvalue()
    assert names(bench, "Eclipse") == ["Eclipse Temurin JRE with Hotspot 17.0.20.1+1 (x64)"]
    assert bench.run(f"msiexec /x {JAVA} /qn").exit_code == 0
    assert host.registry.read(MACHINE_KEY, "Path") == before
    assert host.registry.read(MACHINE_KEY, "JAVA_HOME") is None
    assert not host.files.exists(r"C:\Java 17")


def test_default_features_leave_java_home_out(bench: Bench) -> None:
    package = bench.fetch("temurin-jre-17", "17.0.20.101")
    assert bench.run(f"msiexec /i {package} /qn").exit_code == 0
    assert bench.host.registry.read(MACHINE_KEY, "JAVA_HOME") is None
    assert r"\jre-17.0.20.101-hotspot\bin;" in bench.host.registry.read(MACHINE_KEY, "Path")
    assert bench.host.registry.open(r"HKLM\SOFTWARE\JavaSoft") is None


def test_the_log_is_utf16_and_ends_with_the_code(bench: Bench) -> None:
    package = bench.fetch("7zip", "26.02")
    bench.run(rf"msiexec /i {package} /qn /l*v C:\dl\x.log")
    data = bench.host.files.read(r"C:\dl\x.log")
    assert data.startswith(b"\xff\xfe")
    text = data.decode("utf-16")
    assert "Product: 7-Zip 26.02 (x64 edition) -- Installation completed successfully." in text
    assert "MainEngineThread is returning 0" in text
    bench.host.faults.add("installer_exit", tool="7zip", code=1603)
    bench.run(f"msiexec /x {SEVEN} /qn")
    bench.run(rf"msiexec /i {package} REINSTALL=ALL /qn /l*v C:\dl\y.log")
    assert "Return value 3" in bench.host.files.read(r"C:\dl\y.log").decode("utf-16")


def test_a_lost_cached_package_is_1612(bench: Bench) -> None:
    bench.run(f"msiexec /i {bench.fetch('7zip', '26.02')} /qn")
    for entry in bench.host.files.list(r"C:\Windows\Installer"):
        bench.host.files.delete(entry.full_path)
    assert bench.run(f"msiexec /x {SEVEN} /qn").exit_code == 1612


def test_a_file_in_use_needs_a_restart(bench: Bench) -> None:
    host = bench.host
    bench.run(f"msiexec /i {bench.fetch('7zip', '25.01')} /qn")
    running = host.start(r'"C:\Program Files\7-Zip\7zFM.exe"')
    assert bench.run(f"msiexec /i {bench.fetch('7zip', '26.02')} /qn /norestart").exit_code == 3010
    pending = host.registry.read(
        r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager", "PendingFileRenameOperations"
    )
    assert any("7zFM.exe" in item for item in pending)
    running.kill()


def test_restart_codes(bench: Bench) -> None:
    package = bench.fetch("7zip", "26.02")
    bench.host.faults.add("reboot_required", tool="7zip", times=1)
    assert bench.run(f"msiexec /i {package} /qn /norestart").exit_code == 3010
    assert bench.host.is_up
    bench.run(f"msiexec /x {SEVEN} /qn")
    bench.host.faults.add("reboot_required", tool="7zip", times=1)
    boots = bench.host.power.boots
    assert bench.run(f"msiexec /i {package} /qn").exit_code == 1641
    for _ in range(200):
        if bench.host.power.boots > boots and bench.host.is_up:
            break
        bench.host.clock.sleep(1)
    assert bench.host.power.boots == boots + 1


def test_a_full_disk_is_1603_and_leaves_nothing(bench: Bench) -> None:
    package = bench.fetch("temurin-jre-17", "17.0.20.101")
    bench.host.files.write(r"C:\big", b"", allocate=bench.host.files.free_bytes() - 20_000_000)
    assert bench.run(f"msiexec /i {package} /qn").exit_code == 1603
    assert names(bench, "Eclipse") == []
    assert not bench.host.files.exists(r"C:\Program Files\Eclipse Adoptium")


@pytest.mark.parametrize(
    ("line", "properties"),
    [
        (r'msiexec /i a.msi DIR="C:\a b" /qn', {"DIR": r"C:\a b"}),
        (r'msiexec /i a.msi DIR="C:\a b\" /qn', {"DIR": "C:\\a b\\"}),
        ('msiexec /i a.msi T="say ""x""" /qn', {"T": 'say "x"'}),
        ("msiexec /quiet /i a.msi ADDLOCAL=A,B", {"ADDLOCAL": "A,B"}),
    ],
)
def test_msiexec_reads_its_own_quotes(line: str, properties: dict[str, str]) -> None:
    found = msi_arguments.parse(line)
    assert (found.action, found.target, found.properties) == ("install", "a.msi", properties)
    assert found.ui == msi_arguments.NONE


# Inno Setup.


def test_orthanc_installs_runs_and_goes(bench: Bench) -> None:
    host, setup = bench.host, bench.fetch("orthanc", "25.8.1")
    assert bench.run(rf'{setup} {INNO} /LOG="C:\dl\o.log"').exit_code == 0
    assert "Installation process succeeded." in host.files.read(r"C:\dl\o.log").decode("utf-8-sig")
    server = r"SOFTWARE\Orthanc\Orthanc Server"
    assert host.registry.read(rf"HKLM\{server}", "Version", view=32) == "25.8.1"
    assert host.registry.open(rf"HKLM\{server}", view=64) is None
    entry = next(entry for entry in host.packages if entry.key == "Orthanc for Windows 64_is1")
    assert (entry.view, entry.display_name, entry.display_version) == (64, "Orthanc 25.8.1", "25.8.1")
    assert entry.values["InstallLocation"] == "C:\\Program Files\\Orthanc Server\\"
    assert entry.values["QuietUninstallString"].endswith(" /SILENT")
    service = host.services.must("Orthanc")
    assert (service.status, service.start_type, service.account) == (4, 2, "LocalSystem")
    assert service.image_path == r'"C:\Program Files\Orthanc Server\OrthancService.exe"'
    listening = host.network.listening()
    assert {8042, 4242} <= set(listening)
    assert b'"Version": "1.12.9"' in host.network.fetch("http://127.0.0.1:8042/system").body
    assert not host.firewall.allows(8042)
    settings = r"C:\Program Files\Orthanc Server\Configuration\orthanc.json"
    host.files.write(settings, b'{"HttpPort": 8043}')
    uninstaller = r'"C:\Program Files\Orthanc Server\unins000.exe"'
    assert bench.run(f"{uninstaller} /VERYSILENT /SUPPRESSMSGBOXES /NORESTART").exit_code == 0
    assert host.services.get("Orthanc") is None
    assert names(bench, "Orthanc") == []
    assert host.registry.open(r"HKLM\SOFTWARE\Orthanc", view=32) is None
    assert host.files.read(settings) == b'{"HttpPort": 8043}'
    assert not host.files.exists(r"C:\Program Files\Orthanc Server\Orthanc.exe")
    assert bench.run(f"{bench.fetch('orthanc', '26.1.0')} {INNO}").exit_code == 0
    assert {8043, 4242} <= set(host.network.listening())


def test_orthanc_over_orthanc_hangs_whatever_the_switches(bench: Bench) -> None:
    assert bench.run(f"{bench.fetch('orthanc', '24.12.0')} {INNO}").exit_code == 0
    assert bench.hangs(f"{bench.fetch('orthanc', '25.8.1')} {INNO}") == "Setup"
    assert names(bench, "Orthanc") == ["Orthanc 24.12.0"]


@pytest.mark.parametrize("switches", ["", "/S", "/quiet", "/qn"])
def test_a_switch_that_inno_does_not_know_opens_the_wizard(bench: Bench, switches: str) -> None:
    assert bench.hangs(f"{bench.fetch('orthanc', '25.8.1')} {switches}").startswith("Setup - Orthanc")
    assert bench.host.services.get("Orthanc") is None


def test_a_log_in_no_folder_ends_inno_early(bench: Bench) -> None:
    assert bench.run(rf"{bench.fetch('orthanc', '25.8.1')} {INNO} /LOG=C:\none\o.log").exit_code == 1


def test_a_directory_for_inno(bench: Bench) -> None:
    assert bench.run(rf'{bench.fetch("orthanc", "25.8.1")} {INNO} /DIR="D:\X"').exit_code == 4
    assert bench.run(rf'{bench.fetch("orthanc", "25.8.1")} {INNO} /DIR="C:\My Orthanc"').exit_code == 0
    assert bench.host.files.is_file(r"C:\My Orthanc\Orthanc.exe")
    assert bench.host.services.wait_for("Orthanc", 4, 600)


def test_bad_settings_keep_orthanc_from_starting(bench: Bench) -> None:
    bench.run(f"{bench.fetch('orthanc', '25.8.1')} {INNO}")
    host, folder = bench.host, r"C:\Program Files\Orthanc Server\Configuration"
    for name, text in [("orthanc.json", b'{"HttpPort": 8042,,}'), ("extra.json", b'{"DicomWeb": {}}')]:
        host.services.stop("Orthanc")
        assert host.services.wait_for("Orthanc", 1, 60)
        kept = host.files.read(rf"{folder}\{name}") if host.files.exists(rf"{folder}\{name}") else None
        host.files.write(rf"{folder}\{name}", text)
        assert not host.services.start_and_wait("Orthanc", 60), name
        if kept is None:
            host.files.delete(rf"{folder}\{name}")
        else:
            host.files.write(rf"{folder}\{name}", kept)
        assert host.services.start_and_wait("Orthanc", 60)


# Faults.


@pytest.mark.parametrize("code", [1603, 1618, 3010])
def test_an_installer_ends_as_the_fault_says(bench: Bench, code: int) -> None:
    bench.host.faults.add("installer_exit", tool="7zip", code=code)
    assert bench.run(f"msiexec /i {bench.fetch('7zip', '26.02')} /qn /norestart").exit_code == code
    assert names(bench, "7-Zip") == []


def test_an_installer_that_lies(bench: Bench) -> None:
    bench.host.faults.add("installer_lies", tool="orthanc", times=1)
    setup = bench.fetch("orthanc", "25.8.1")
    assert bench.run(f"{setup} {INNO}").exit_code == 0
    assert names(bench, "Orthanc") == []
    assert bench.run(f"{setup} {INNO}").exit_code == 0
    assert names(bench, "Orthanc") == ["Orthanc 25.8.1"]


def test_an_installer_that_hangs(bench: Bench) -> None:
    bench.host.faults.add("installer_hangs", tool="orthanc")
    bench.hangs(f"{bench.fetch('orthanc', '25.8.1')} {INNO}")
    assert bench.run(f"msiexec /i {bench.fetch('7zip', '26.02')} /qn").exit_code == 0


def test_a_fault_fills_the_disk(bench: Bench) -> None:
    setup = bench.fetch("orthanc", "25.8.1")
    bench.host.faults.add("disk_full", drive="C:")
    assert bench.run(f"{setup} {INNO}").exit_code == 4
    bench.host.faults.clear()
    assert names(bench, "Orthanc") == []
