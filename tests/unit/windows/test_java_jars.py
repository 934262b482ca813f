"""Jars on the host: what java and javaw do with one, and the other forms in which Java and 7-Zip come."""

from __future__ import annotations

import io
import zipfile

import pytest
from windows_bench import Bench


def jar(manifest: str | None) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("a/B.class", b"class")
        if manifest is not None:
            archive.writestr("META-INF/MANIFEST.MF", manifest)
    return written.getvalue()


@pytest.fixture
def java(bench: Bench) -> Bench:
    package = bench.fetch("temurin-jre-8", "8.0.504.1")
    assert bench.run(f'msiexec /i {package} ADDLOCAL=FeatureMain INSTALLDIR="C:\\Java 8" /qn').exit_code == 0
    return bench


def test_dicombrowser_opens_its_window_with_either_program(java: Bench) -> None:
    path = java.fetch("dicombrowser", "1.7.0b5")
    for program in ("java", "javaw"):
        assert java.hangs(rf'"C:\Java 8\bin\{program}.exe" -Xmx1g -jar {path}') == "DicomBrowser"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, b"Unable to access jarfile"),
        (b"<html>", b"Invalid or corrupt jarfile"),
        (jar(None), b"no main manifest attribute, in "),
        (jar("Manifest-Version: 1.0\r\n"), b"no main manifest attribute, in "),
    ],
)
def test_a_jar_that_cannot_start_is_a_text_for_java_and_a_dialog_for_javaw(
    java: Bench, content: bytes | None, says: bytes
) -> None:
    if content is not None:
        java.host.files.write(r"C:\dl\x.jar", content)
    done = java.run(r'"C:\Java 8\bin\java.exe" -jar C:\dl\x.jar')
    assert done.exit_code == 1 and says in done.stderr.getvalue()
    assert java.hangs(r'"C:\Java 8\bin\javaw.exe" -jar C:\dl\x.jar') == "Java Virtual Machine Launcher"


@pytest.mark.parametrize(
    ("tool", "version", "folder", "says"),
    [
        ("temurin-jre-8-zip", "8.0.502-7", "jdk8u502-b07-jre", b'openjdk version "1.8.0_502"'),
        ("temurin-jre-17-zip", "17.0.20-8", "jdk-17.0.20+8-jre", b'openjdk version "17.0.20"'),
    ],
)
def test_java_from_a_zip_writes_nothing_into_the_registry(
    bench: Bench, tool: str, version: str, folder: str, says: bytes
) -> None:
    seven = bench.fetch("7zip-exe", "26.02")
    assert bench.run(f"{seven} /S").exit_code == 0
    before = bench.host.registry.state()
    done = bench.run(rf'"C:\Program Files\7-Zip\7z.exe" x {bench.fetch(tool, version)} -oC:\j -y')
    assert done.exit_code == 0
    assert says in bench.run(rf'"C:\j\{folder}\bin\java.exe" -version').stderr.getvalue()
    assert bench.host.registry.state() == before


def test_7_zips_own_installer_has_another_entry_than_its_package(bench: Bench) -> None:
    setup, package = bench.fetch("7zip-exe", "26.02"), bench.fetch("7zip", "26.02")
    assert bench.hangs(f"{setup} /quiet") == "7-Zip Setup"
    assert bench.run(rf"{setup} /S /D=C:\Seven Zip").exit_code == 0
    assert bench.host.files.is_file(r"C:\Seven Zip\7z.exe")
    assert bench.run(f"msiexec /i {package} /qn").exit_code == 0
    found = {entry.key: entry.display_version for entry in bench.host.packages if "7-Zip" in entry.display_name}
    assert found == {"7-Zip": "26.02", "{23170F69-40C1-2702-2602-000001000000}": "26.02.00.0"}
