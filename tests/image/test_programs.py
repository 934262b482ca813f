"""The programs of the exercises, as a participant finds them."""

from __future__ import annotations

import pytest
from testinfra.host import Host

CYGWIN = r"c:\cygwin64\bin"


@pytest.mark.parametrize("program", ["dcmdump", "echoscu", "findscu", "movescu", "storescu", "storescp"])
def test_the_dicom_commands_of_the_lesson_are_dcmtks(host: Host, program: str) -> None:
    # dcm4che brings batch files of the same names, with other options.
    assert r"\dcmtk-" in host.find_command(program)


def test_dcmtk_says_its_version(host: Host) -> None:
    assert "dcmdump v3.7." in host.check_output("dcmdump --version")


def test_dcm2niix_ends_with_3_when_asked_for_its_version(host: Host) -> None:
    ran = host.run("dcm2niix --version")
    assert ran.rc == 3
    assert "1.0.20" in ran.stdout


def test_java_is_17_on_path_and_in_java_home(host: Host) -> None:
    assert "17." in host.run("java -version").stderr
    home = host.environment()["JAVA_HOME"].rstrip("\\")
    assert host.find_command("java").lower() == rf"{home}\bin\java.exe".lower()


def test_java_8_is_there_for_old_swing_programs_but_not_on_path(host: Host) -> None:
    assert host.package("Eclipse Temurin JRE with Hotspot 8*").is_installed
    assert not [folder for folder in host.environment.path if "jre-8" in folder.lower()]


def test_curl_is_the_new_one_not_that_of_windows(host: Host) -> None:
    assert r"\system32" not in host.find_command("curl").lower()


def test_every_folder_on_path_is_there_and_only_once(host: Host) -> None:
    folders = [folder.rstrip("\\").lower() for folder in host.environment.path]
    assert sorted(set(folders)) == sorted(folders)
    assert [folder for folder in folders if not host.file(folder).is_directory] == []


def test_cygwin_comes_last_and_hides_nothing(host: Host) -> None:
    folders = [folder.rstrip("\\").lower() for folder in host.environment.path]
    after = folders[folders.index(CYGWIN) + 1 :]
    assert [folder for folder in after if "windowsapps" not in folder] == []


@pytest.mark.parametrize("name", ["7-Zip*", "Google Chrome", "Mozilla Firefox*ESR*", "PowerShell 7*", "Orthanc*", "RadiAnt*", "Weasis*"])
def test_what_participants_look_for_is_among_the_installed_apps(host: Host, name: str) -> None:
    assert host.package(name).is_installed
