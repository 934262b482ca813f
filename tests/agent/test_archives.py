"""Downloaded files in their place, sample data folders with their mark, archives into a folder that holds other things."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from agent_stage import Stage, operation

from winbake.rehearsal.standins import Mirror
from winbake.rehearsal.windows.host import WindowsHost

CACHE = r"C:\ProgramData\winbake\cache"
PET = r"C:\Data\pet"
URL = "https://data.example/pet"


@pytest.fixture(autouse=True)
def slower(host: WindowsHost) -> None:
    """As in test_downloads: a busy machine must not look like a stalled download."""
    host.clock.speed = 30


def packed(**texts: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        made.writestr("pet/empty/", "")
        for name, text in texts.items():
            made.writestr(f"pet/{name}.dcm", text)
    return written.getvalue()


def download(data: bytes, magic: str | None) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    return operation(
        "download", 3600, url=URL, path=rf"{CACHE}\pet", sha256=digest, size=None, signer=None, magic=magic
    )


def unpack(stage: Stage, data: bytes, mark: str = "") -> None:
    arguments = {"archive": rf"{CACHE}\pet", "destination": r"%SystemDrive%\Data\pet", "root": "pet", "mark": mark}
    run = stage.run(operations=[download(data, "zip"), operation("data_archive", needs=("o0",), **arguments)])
    assert run.done("o1") and run.envelope is not None and run.envelope["ok"] is True


def names(host: WindowsHost, folder: str) -> list[str]:
    return sorted(entry.name for entry in host.files.list(folder))


def test_sample_data_is_fetched_unpacked_and_known_again(stage: Stage, host: WindowsHost, mirror: Mirror) -> None:
    first, second = packed(a="1", b="2"), packed(a="3")
    assert stage.ask("data_folder", path=PET) == {"there": "absent", "mark": ""}
    mirror.add_file(URL, first)
    unpack(stage, first, json.dumps({"sha256": "of the first"}))
    assert names(host, PET) == [".winbake.json", "a.dcm", "b.dcm", "empty"]
    answer = stage.ask("data_folder", path=r"%SystemDrive%\Data\pet")
    assert answer["there"] == "folder" and json.loads(answer["mark"]) == {"sha256": "of the first"}

    mirror.add_file(URL, second)
    unpack(stage, second, json.dumps({"sha256": "of the second"}))
    assert names(host, PET) == [".winbake.json", "a.dcm", "empty"]
    assert host.files.read(PET + r"\a.dcm") == b"3"
    assert json.loads(stage.ask("data_folder", path=PET)["mark"]) == {"sha256": "of the second"}
    assert names(host, r"C:\Data") == ["pet"]


def test_a_folder_of_somebody_else_has_no_mark(stage: Stage, host: WindowsHost) -> None:
    host.files.make_directory(PET)
    assert stage.ask("data_folder", path=PET) == {"there": "empty", "mark": ""}
    host.files.write(PET + r"\mine.txt", b"x")
    assert stage.ask("data_folder", path=PET) == {"there": "folder", "mark": ""}
    assert stage.ask("data_folder", path=PET + r"\mine.txt") == {"there": "file", "mark": ""}


def test_any_file_is_fetched_and_replaces_the_older_one(stage: Stage, host: WindowsHost, mirror: Mirror) -> None:
    data = b"\x5c\x01\x00\x00 a NIfTI file"
    mirror.add_file(URL, data)
    for _ in range(2):
        place = operation("fetched_file", needs=("o0",), source=rf"{CACHE}\pet", path=r"%SystemDrive%\Data\a.nii")
        run = stage.run(operations=[download(data, None), place])
        assert run.done("o1")
        assert host.files.read(r"C:\Data\a.nii") == data


def into(creates: str | None, delete: bool = False) -> dict[str, Any]:
    return {"archive": r"C:\dl\a.zip", "destination": r"C:\Data", "creates": creates, "delete_archive": delete}


def put(host: WindowsHost) -> None:
    host.files.make_directory(r"C:\dl")
    host.files.write(r"C:\dl\a.zip", packed(a="new"))
    host.files.make_directory(PET)
    host.files.write(PET + r"\a.dcm", b"old")
    host.files.write(PET + r"\mine.txt", b"x")


def test_an_archive_goes_into_a_folder_and_leaves_the_rest(stage: Stage, host: WindowsHost) -> None:
    put(host)
    stage.do("unzip_into", **into(PET + r"\a.dcm", delete=True))
    assert names(host, PET) == ["a.dcm", "empty", "mine.txt"]
    assert host.files.read(PET + r"\a.dcm") == b"new"
    assert not host.files.exists(r"C:\dl\a.zip")
    assert not host.files.exists(r"C:\Data.winbake-new")


def test_an_archive_that_does_not_bring_what_it_should_is_a_failure_and_stays(stage: Stage, host: WindowsHost) -> None:
    put(host)
    failed = stage.refuse("unzip_into", **into(r"C:\Data\other", delete=True))
    assert failed["message"] == r"unpacked, but C:\Data\other (creates) is not there"
    assert host.files.exists(r"C:\dl\a.zip")


def test_an_archive_that_is_none_leaves_nothing_behind(stage: Stage, host: WindowsHost) -> None:
    put(host)
    host.files.write(r"C:\dl\a.zip", b"PK\x03\x04 cut")
    assert stage.refuse("unzip_into", **into(None))["message"]
    assert not host.files.exists(r"C:\Data.winbake-new")
    assert host.files.read(PET + r"\a.dcm") == b"old"
