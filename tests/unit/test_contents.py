"""What a file says of itself: product code and version of an MSI, versions of a program, who signed it.

signed/*.base64: an MSI and a program of installer_files.py, signed with osslsigncode and a key that was thrown away.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from installer_files import msi_file, program_file
from local_web import Web

from winbake.cli import main
from winbake.config.lock import load_lock
from winbake.engine import contents
from winbake.engine.contents import Contents, read_contents, subject_in_words, wrong_kind

Said = pytest.CaptureFixture[str]
SIGNER = 'CN=Aachen Imaging, O="Aachen Imaging, GmbH", L=Aachen, S=NRW, C=DE'
CODE_OLD, CODE_NEW = "{11111111-2222-3333-4444-555555555501}", "{11111111-2222-3333-4444-555555555502}"


def signed(name: str) -> bytes:
    return base64.b64decode((Path(__file__).parent / "signed" / f"{name}.base64").read_text())


def read(folder: Path, data: bytes) -> Contents:
    (folder / "file").write_bytes(data)
    return read_contents(folder / "file")


def msi(code: str, version: str = "1.0") -> bytes:
    return msi_file({"ProductCode": code, "ProductVersion": version, "ProductName": "Viewer", "UpgradeCode": "{U}"})


def test_an_msi(tmp_path: Path) -> None:
    assert read(tmp_path, msi(CODE_OLD, "26.02.00.0")) == Contents(
        product_name="Viewer", product_version="26.02.00.0", product_code=CODE_OLD, upgrade_code="{U}"
    )


def test_a_program(tmp_path: Path) -> None:
    found = read(tmp_path, program_file({"ProductName": "Viewer", "FileVersion": "1.2.3.4", "ProductVersion": "1.2.3"}))
    assert found == Contents(product_name="Viewer", product_version="1.2.3", file_version="1.2.3.4")


@pytest.mark.parametrize("name", ["program", "package"])
def test_the_signer_is_written_as_windows_writes_it(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, signed(name))
    assert found.signer == SIGNER
    assert not found.damaged


def test_a_signed_program_that_was_changed_is_noticed(tmp_path: Path) -> None:
    data = bytearray(signed("program"))
    data[900] ^= 1  # inside the resources, which the signature covers
    assert read(tmp_path, bytes(data)).damaged


@pytest.mark.parametrize(
    "data",
    [b"MZ" + bytes(10), b"MZ" + b"\xff" * 4000, contents.MAGIC["msi"] + bytes(9), msi(CODE_OLD)[:1500], b"PK\x03\x04", b"x"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path, data) == Contents()


def test_without_the_libraries_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "find_spec", lambda name: None)
    assert read(tmp_path, msi(CODE_OLD)) == Contents()


def test_a_part_of_a_subject_without_a_name_is_shown_by_its_number() -> None:
    name = x509.Name(
        [x509.NameAttribute(NameOID.BUSINESS_CATEGORY, "Private"), x509.NameAttribute(NameOID.COMMON_NAME, 'A "B"')]
    )
    assert subject_in_words(name) == 'CN="A ""B""", OID.2.5.4.15=Private'


@pytest.mark.parametrize(
    ("head", "kind", "words"),
    [
        (b"PK\x03\x04..", "jar", None),
        (b"MZ......", "extract", None),
        (b"MZ......", "cygwin", None),
        (b"\x1f\x8b\x08", "gz", None),
        (b"anything", "nii", None),
        (b"  <HTML>", "nii", "a page of HTML"),
        (b"MZ\x90\x00", "msi", "a file that begins with 4d 5a 90 00"),
    ],
)
def test_the_first_bytes_must_fit_the_kind(head: bytes, kind: str, words: str | None) -> None:
    assert wrong_kind(head, kind) == words


# ---- in the lock ----------------------------------------------------------------------------------------


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WINBAKE_CACHE", str(tmp_path / "cache"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Web() as web:
        monkeypatch.setenv("GITHUB_API_URL", web.url)
        yield web


def write(folder: Path, source: str, kind: str = "exe, arguments: /S", detect: str = "display_name: Viewer") -> Path:
    path = folder / "manifest.yaml"
    path.write_text(
        'image: {name: test}\ntools:\n  viewer:\n    name: Viewer\n    version: "1.0"\n'
        f"    source: {{{source}}}\n    install: {{type: {kind}}}\n    releases: {{github: o/viewer}}\n    detect: {{{detect}}}\n"
    )
    return path


def test_the_lock_keeps_version_and_signer(tmp_path: Path, web: Web, capsys: Said) -> None:
    url = web.put("/viewer.exe", signed("program"))
    write(tmp_path, f"url: '{url}', signer: CN=Aachen Imaging")
    assert main(["lock"]) == 0
    seen = load_lock(tmp_path / "manifest.lock.yaml").source(url)
    assert seen is not None
    assert (seen.signer, seen.product_version) == (SIGNER, "1.2.3")
    assert "signer CN=Aachen Imaging" in capsys.readouterr().out


def test_another_signer_than_wanted_is_not_locked(tmp_path: Path, web: Web, capsys: Said) -> None:
    write(tmp_path, f"url: '{web.put('/viewer.exe', signed('program'))}', signer: CN=Bonn Imaging")
    assert main(["lock"]) == 1
    assert "is signed by CN=Aachen Imaging" in capsys.readouterr().err
    assert not (tmp_path / "manifest.lock.yaml").exists()


def test_a_damaged_signed_file_is_not_locked(tmp_path: Path, web: Web, capsys: Said) -> None:
    data = bytearray(signed("program"))
    data[900] ^= 1
    write(tmp_path, f"url: '{web.put('/viewer.exe', bytes(data))}'")
    assert main(["lock"]) == 1
    assert "the signature does not fit the file" in capsys.readouterr().err


def test_an_evergreen_source_tells_old_and_new_version(tmp_path: Path, web: Web, capsys: Said) -> None:
    url = web.put("/latest.msi", msi(CODE_OLD, "152.0"), etag="one")
    write(tmp_path, f"url: '{url}', signer: CN=Example", kind="msi")
    assert main(["lock"]) == 0
    web.put("/latest.msi", msi(CODE_NEW, "153.0"), etag="two")
    assert main(["lock"]) == 0
    assert "another file than before: 152.0 → 153.0, sha256 " in capsys.readouterr().out


def test_an_upgrade_rewrites_the_product_code_too(tmp_path: Path, web: Web) -> None:
    old, new = msi(CODE_OLD, "1.0"), msi(CODE_NEW, "1.1")
    web.put("/viewer-1.0.msi", old)
    web.put("/viewer-1.1.msi", new)
    web.put("/repos/o/viewer/releases?per_page=100", b'[{"tag_name": "v1.1", "draft": false, "prerelease": false}]')
    source = f'url: "{web.url}/viewer-{{{{ version }}}}.msi", sha256: {hashlib.sha256(old).hexdigest()}'
    path = write(tmp_path, source, "msi", f'product_code: "{CODE_OLD}"')
    before = path.read_text()
    assert main(["lock", "--upgrade", "viewer", "--yes"]) == 0
    wanted = before.replace('version: "1.0"', 'version: "1.1"').replace(CODE_OLD, CODE_NEW)
    assert path.read_text() == wanted.replace(hashlib.sha256(old).hexdigest(), hashlib.sha256(new).hexdigest())


def test_an_upgrade_whose_product_code_cannot_be_read_changes_nothing(
    tmp_path: Path, web: Web, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.put("/viewer-1.1.msi", msi(CODE_NEW))
    web.put("/repos/o/viewer/releases?per_page=100", b'[{"tag_name": "v1.1", "draft": false, "prerelease": false}]')
    path = write(tmp_path, f'url: "{web.url}/viewer-{{{{ version }}}}.msi"', "msi", f'product_code: "{CODE_OLD}"')
    before = path.read_text()
    monkeypatch.setattr(contents, "find_spec", lambda name: None)
    assert main(["lock", "--upgrade", "viewer", "--yes"]) == 1
    said = capsys.readouterr().err
    assert "cannot be read; nothing was changed" in said
    assert ".[lock]" in said
    assert path.read_text() == before
