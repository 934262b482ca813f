"""`lock --upgrade`: the version in the manifest is raised line by line, with the file to prove it, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_web import Web, keep_to_itself

from winbake.cli import main
from winbake.config.edit import Edit, edited_text
from winbake.config.errors import ConfigError
from winbake.config.lock import load_lock

Said = pytest.CaptureFixture[str]
OLD = b"PK\x03\x04" + bytes(1000)
NEW = b"PK\x03\x04" + b"\x01" * 1000
SHA_OLD, SHA_NEW = hashlib.sha256(OLD).hexdigest(), hashlib.sha256(NEW).hexdigest()
MANIFEST = """\
# The image.
image: {{name: test}}

tools:
  dcmtk:   # the toolkit
    name: DCMTK
    version: '3.7.0'   # keep in step with the course
    source: {{url: "{url}/dcmtk-{{{{ version }}}}.zip", sha256: {sha}}}  # from the vendor
    releases: {{github: o/dcmtk, page: "https://dicom.offis.de/"}}
    install: {{type: zip}}
    dir: 'C:\\dcmtk'
    detect: {{file: 'C:\\dcmtk\\x.exe', version: '*'}}
    notes: 3.7.0 was the first with the new names.
  other:
    name: Other
    version: "3.7.0"
    source: {{url: "{url}/other.zip"}}
    install: {{type: zip}}
    dir: 'C:\\other'
    detect: {{file: 'C:\\other\\x.exe', version: '*'}}
"""


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with Web() as web:
        monkeypatch.setenv("GITHUB_API_URL", web.url)
        put_release(web, "3.8")
        web.put("/dcmtk-3.7.0.zip", OLD)
        web.put("/dcmtk-3.8.zip", NEW)
        web.put("/other.zip", OLD)
        yield web


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web: Web) -> Path:
    keep_to_itself(monkeypatch, tmp_path)
    (tmp_path / "manifest.yaml").write_text(MANIFEST.format(url=web.url, sha=SHA_OLD))
    return tmp_path


def put_release(web: Web, version: str) -> None:
    body = [{"tag_name": f"v{version}", "draft": False, "prerelease": False}]
    web.put("/repos/o/dcmtk/releases?per_page=100", json.dumps(body).encode())


def test_version_and_hash_are_rewritten_in_their_lines_and_locked(project: Path, web: Web, capsys: Said) -> None:
    before = (project / "manifest.yaml").read_text()
    assert main(["lock"]) == 0
    assert main(["lock", "--upgrade", "dcmtk", "--yes"]) == 0
    after = (project / "manifest.yaml").read_text()
    source = f'    source: {{{{url: "{web.url}/dcmtk-{{{{{{{{ version }}}}}}}}.zip", sha256: {{sha}}}}}}  # from the vendor'
    changed = [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    assert changed == [
        ("    version: '3.7.0'   # keep in step with the course", "    version: '3.8'   # keep in step with the course"),
        (source.format(sha=SHA_OLD), source.format(sha=SHA_NEW)),
    ]
    lock = load_lock(project / "manifest.lock.yaml").sources
    assert {url: one.sha256 for url, one in lock.items()} == {
        f"{web.url}/dcmtk-3.8.zip": SHA_NEW,
        f"{web.url}/other.zip": SHA_OLD,
    }
    said = capsys.readouterr().out
    assert "3.7.0 → 3.8   GitHub releases o/dcmtk" in said
    assert "still says 3.7.0: manifest.yaml:13: notes: 3.7.0 was the first with the new names." in said


def test_dry_run_shows_and_changes_nothing(project: Path, web: Web, capsys: Said) -> None:
    before = (project / "manifest.yaml").read_text()
    assert main(["lock", "--upgrade", "dcmtk", "--dry-run"]) == 0
    assert f"{web.url}/dcmtk-3.8.zip" in capsys.readouterr().out
    assert (project / "manifest.yaml").read_text() == before
    assert not (project / "manifest.lock.yaml").exists()
    assert not any("zip" in request.path for request in web.requests)


def test_without_a_terminal_it_needs_yes(project: Path, capsys: Said) -> None:
    before = (project / "manifest.yaml").read_text()
    assert main(["lock", "--upgrade", "dcmtk"]) == 1
    assert "Next: add --yes" in capsys.readouterr().err
    assert (project / "manifest.yaml").read_text() == before


def test_the_newest_is_left_alone(project: Path, web: Web, capsys: Said) -> None:
    put_release(web, "3.7.0")
    assert main(["lock", "--upgrade", "dcmtk", "--yes"]) == 0
    assert "3.7.0 is the newest" in capsys.readouterr().out


def test_an_address_that_does_not_follow_the_version_is_never_made_up(project: Path, web: Web, capsys: Said) -> None:
    path = project / "manifest.yaml"
    path.write_text(path.read_text().replace("dcmtk-{{ version }}.zip", "dcmtk-3.7.0.zip"))
    before = path.read_text()
    assert main(["lock", "--upgrade", "dcmtk", "--yes"]) == 1
    said = capsys.readouterr().err
    assert "dcmtk: 3.8 is out, nothing was changed" in said
    assert "its address does not follow the version: edit it, see https://dicom.offis.de/" in said
    assert path.read_text() == before


def test_a_filled_in_address_that_does_not_exist_changes_nothing(project: Path, web: Web, capsys: Said) -> None:
    put_release(web, "3.9")
    before = (project / "manifest.yaml").read_text()
    assert main(["lock", "--upgrade", "dcmtk", "--yes"]) == 1
    said = capsys.readouterr().err
    assert "HTTP 404" in said and "nothing was changed in manifest.yaml" in said
    assert (project / "manifest.yaml").read_text() == before


def test_a_page_instead_of_the_new_file_changes_nothing(project: Path, web: Web, capsys: Said) -> None:
    web.put("/dcmtk-3.8.zip", b"<!doctype html><html></html>")
    before = (project / "manifest.yaml").read_text()
    assert main(["lock", "--upgrade", "dcmtk", "--yes"]) == 1
    assert "is a page of HTML" in capsys.readouterr().err
    assert (project / "manifest.yaml").read_text() == before


def test_a_manifest_that_is_read_only(
    project: Path, web: Web, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    may = os.access
    # chmod alone does not stop root, who runs the tests in many containers.
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and may(path, mode))
    assert main(["lock", "--upgrade", "dcmtk", "--yes"]) == 1
    assert "manifest.yaml: is read-only: make it writable" in capsys.readouterr().err
    assert not any("zip" in request.path for request in web.requests)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--upgrade", "dcmkt"], "no tool is called dcmkt; did you mean dcmtk?"),
        (["--upgrade", "other", "--yes"], "other: its newest version is not known: the manifest names no releases"),
        (["--upgrade", "dcmtk", "--offline"], "--upgrade asks the network"),
        (["--yes"], "--yes and --dry-run go with --upgrade"),
    ],
)
def test_what_cannot_be_asked_for(project: Path, capsys: Said, arguments: list[str], words: str) -> None:
    assert main(["lock", *arguments]) == 1
    assert words in capsys.readouterr().err


# ---- edits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "new", "wanted"),
    [
        ('version: "3.7"', "3.8", 'version: "3.8"'),
        ("version: 3.7.0 # why", "3.8", 'version: "3.8" # why'),
        ("version: 3.7.0", "3.8.1", "version: 3.8.1"),
        ("version: 3.7.0\r", "3.8.1", "version: 3.8.1\r"),
        ("{x: 3.7.0, version: 3.7.0, y: 3.7.0}", "3.7.1", "{x: 3.7.0, version: 3.7.1, y: 3.7.0}"),
        ("{version: '3.7.0'}", "3.8", "{version: '3.8'}"),
    ],
)
def test_one_value_changes_and_nothing_else(line: str, new: str, wanted: str) -> None:
    assert edited_text(line + "\n", "m.yaml", [Edit(("version",), new)]) == wanted + "\n"


def test_a_value_in_another_line_than_its_key_is_not_touched() -> None:
    with pytest.raises(ConfigError, match="change it by hand"):
        edited_text("version:\n  3.7.0\n", "m.yaml", [Edit(("version",), "3.8.1")])


def test_a_value_behind_an_anchor_is_not_touched() -> None:
    text = "a: &v 3.7.0\nb: *v\n"
    with pytest.raises(ConfigError, match="change it by hand"):
        edited_text(text, "m.yaml", [Edit(("b",), "3.8.1")])
