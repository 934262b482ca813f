"""`lock`: what is fetched, what is checked, and what stands in the lock afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from winbake.cli import main
from winbake.config.lock import load_lock
from winbake.rehearsal.standins.mirror import HTML_PAGE, Mirror

ZIP = b"PK\x03\x04" + bytes(200_000)
MANIFEST = """\
image: {{name: test}}
tools:
  thing:
    name: Thing
    version: "1.0"
    source: {{url: "{url}"{pin}}}
    install: {{type: zip}}
    dir: 'C:\\thing'
    detect: {{file: 'C:\\thing\\x.exe', version: '*'}}
"""


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror([]) as mirror:
        yield mirror


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: Mirror) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WINBAKE_CACHE", str(tmp_path / "cache"))
    return tmp_path


def write(project: Path, mirror: Mirror, data: bytes = ZIP, pin: str = "") -> str:
    url = f"http://127.0.0.1:{mirror.port}/thing.zip"
    mirror.add_file(url, data, tool="thing")
    (project / "manifest.yaml").write_text(MANIFEST.format(url=url, pin=pin), encoding="utf-8")
    return url


def test_first_use_is_recorded_and_said(project: Path, mirror: Mirror, capsys: pytest.CaptureFixture[str]) -> None:
    url = write(project, mirror)
    assert main(["lock"]) == 0
    seen = load_lock(project / "manifest.lock.yaml").source(url)
    assert seen is not None
    assert (seen.sha256, seen.size) == (hashlib.sha256(ZIP).hexdigest(), len(ZIP))
    assert "first seen now" in capsys.readouterr().out


def test_a_source_that_is_known_is_not_fetched_again(project: Path, mirror: Mirror) -> None:
    write(project, mirror)
    assert main(["lock"]) == 0
    fetched = len(mirror.requests)
    assert main(["lock"]) == 0
    assert len(mirror.requests) == fetched
    assert main(["lock", "--upgrade", "thing"]) == 0
    assert len(mirror.requests) > fetched


@pytest.mark.parametrize(
    ("data", "pin", "words"),
    [
        (HTML_PAGE, "", "answered with a page of HTML"),
        (b"MZ" + bytes(100), "", "a file that begins with 4d 5a"),
        (ZIP, ", sha256: '" + "0" * 64 + "'", "the manifest pins 0000"),
    ],
)
def test_a_wrong_file_is_not_locked(
    project: Path, mirror: Mirror, capsys: pytest.CaptureFixture[str], data: bytes, pin: str, words: str
) -> None:
    write(project, mirror, data, pin)
    assert main(["lock"]) == 1
    assert words in capsys.readouterr().err
    assert not (project / "manifest.lock.yaml").exists()


def test_a_download_that_was_cut_goes_on(project: Path, mirror: Mirror, capsys: pytest.CaptureFixture[str]) -> None:
    url = write(project, mirror)
    mirror.faults.add("truncated_download", times=1)
    assert main(["lock"]) == 1
    assert "run lock again: it goes on" in capsys.readouterr().err
    (part,) = (project / "cache").glob("*.part")
    assert 0 < part.stat().st_size < len(ZIP)
    assert main(["lock"]) == 0
    assert load_lock(project / "manifest.lock.yaml").source(url) is not None
    assert mirror.requests[-1][2] == 206


def test_a_missing_file_says_so(project: Path, mirror: Mirror, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, mirror)
    mirror.faults.add("not_found")
    assert main(["lock"]) == 1
    assert "HTTP 404" in capsys.readouterr().err


def test_an_unknown_tool(project: Path, mirror: Mirror, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, mirror)
    assert main(["lock", "--upgrade", "nothing"]) == 1
    assert "no tool with a url is called nothing" in capsys.readouterr().err
