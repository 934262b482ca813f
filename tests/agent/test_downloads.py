"""Downloads: several at once, checked before anything may run them, and never a half file left."""

from __future__ import annotations

import hashlib
import io
import threading
import time
import zipfile
from typing import Any

import pytest
from agent_stage import Run, Stage, operation

from winbake.rehearsal.standins import Mirror
from winbake.rehearsal.windows import images
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.images import Image

CACHE = r"C:\ProgramData\winbake\cache"
EXE = images.build_executable(Image(file_version="1.0", signer="CN=Good Company, O=Good"))
MSI = images.build_msi(Image())
# Runs after the downloads it needs: it keeps their file for the test to see.
KEEP = {"line": rf"copy {CACHE}\a C:\kept", "shell": "cmd", "directory": None, "stdin": None, "exit_codes": [0]}


@pytest.fixture(autouse=True)
def slower(host: WindowsHost) -> None:
    """The stall limit is 60 s of host time: at this speed two real seconds, so that a busy machine is no stall."""
    host.clock.speed = 30


def small_zip() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("top/readme.txt", "x")
    return written.getvalue()


def download(link: str, data: bytes, name: str = "a", **changes: Any) -> dict[str, Any]:
    magic = "exe" if data[:2] == b"MZ" else "msi" if data[:2] == b"\xd0\xcf" else "zip"
    arguments = {
        "url": link, "path": rf"{CACHE}\{name}", "size": len(data), "sha256": hashlib.sha256(data).hexdigest(),
        "magic": magic, "signer": None, **changes,
    }  # fmt: skip
    return operation("download", 3600, **arguments)


def fetch(stage: Stage, *downloads: dict[str, Any]) -> Run:
    needs = tuple(f"o{i}" for i in range(len(downloads)))
    return stage.run(operations=[*downloads, operation("command", needs=needs, **KEEP)])


@pytest.mark.parametrize("data", [EXE, MSI, small_zip()], ids=["exe", "msi", "zip"])
def test_a_file_that_is_right(stage: Stage, host: WindowsHost, mirror: Mirror, data: bytes) -> None:
    mirror.add_file("https://files.example/tool", data)
    run = fetch(stage, download("https://files.example/tool", data))
    done = run.done("o0")
    assert (done["bytes"], done["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert host.files.read(r"C:\kept") == data
    assert run.of("o0")[0] == "started"
    assert run.envelope is not None and run.envelope["ok"] is True
    assert not host.files.exists(r"C:\ProgramData\winbake")


def test_an_older_download_of_the_same_name_is_replaced(stage: Stage, host: WindowsHost, mirror: Mirror) -> None:
    mirror.add_file("https://files.example/tool", EXE)
    host.files.make_directory(CACHE)
    host.files.write(rf"{CACHE}\a", b"old")
    fetch(stage, download("https://files.example/tool", EXE))
    assert host.files.read(r"C:\kept") == EXE


@pytest.mark.parametrize(
    ("served", "changes", "said"),
    [
        (EXE, {"sha256": "0" * 64}, "it is not the file that was reviewed"),
        (EXE, {"size": 5}, "bytes long, 5 were expected: cut short, or another file"),
        (EXE, {"magic": "zip"}, "is no zip file (it begins with 4D5A"),
        (b"", {"magic": "zip"}, "is no zip file (it begins with )"),
        (b"<!DOCTYPE html><html>gone</html>", {"magic": "zip"}, "answered with a page of HTML (32 bytes) instead of a zip file"),
        (b"\r\n \t<html>gone</html>", {"magic": "exe"}, "answered with a page of HTML"),
        (EXE, {"sha256": None, "signer": "CN=Other"}, "is not signed by CN=Other (signer: 'CN=Good Company, O=Good')"),
        (images.build_executable(Image()), {"sha256": None, "signer": "CN=Good"}, "is not signed by CN=Good (signer: '')"),
    ],
)
def test_a_file_that_is_wrong_is_never_there(
    stage: Stage, host: WindowsHost, mirror: Mirror, served: bytes, changes: dict[str, Any], said: str
) -> None:
    mirror.add_file("https://files.example/tool", served)
    run = fetch(stage, download("https://files.example/tool", served, **changes))
    assert said in run.failed("o0")["message"]
    failed = run.failed("o1")
    assert (failed["message"], failed["needed"]) == ("its download failed", "o0")
    assert not host.files.exists(r"C:\kept")
    assert not host.files.exists(CACHE)
    assert run.envelope is not None and run.envelope["ok"] is False


def test_a_signer_is_enough_where_no_hash_is_known(stage: Stage, host: WindowsHost, mirror: Mirror) -> None:
    mirror.add_file("https://files.example/tool", EXE)
    run = fetch(stage, download("https://files.example/tool", EXE, sha256=None, size=None, signer="CN=Good Company"))
    assert run.done("o0")


@pytest.mark.parametrize(
    ("fault", "said"),
    [("not_found", "404"), ("server_error", "503"), ("no_network", "could not be resolved"), ("truncated_download", "")],
)
def test_a_server_that_fails(stage: Stage, host: WindowsHost, mirror: Mirror, fault: str, said: str) -> None:
    mirror.add_file("https://files.example/tool", EXE, tool="tool")
    mirror.faults.add(fault, tool="tool")
    failed = fetch(stage, download("https://files.example/tool", EXE)).failed("o0")
    assert failed["message"].startswith("the download of https://files.example/tool ")
    assert said in failed["message"]


@pytest.mark.parametrize(
    "changes", [{"url": "no url at all"}, {"path": r"X:\nowhere\a"}], ids=["url", "folder"]
)
def test_a_download_that_cannot_begin(stage: Stage, mirror: Mirror, changes: dict[str, Any]) -> None:
    run = fetch(stage, download("https://files.example/tool", EXE, **changes))
    assert run.failed("o0")["message"].startswith("the download of ")
    assert run.failed("o1")["needed"] == "o0"


def test_four_at_once_and_all_of_them_in_the_end(stage: Stage, host: WindowsHost, mirror: Mirror) -> None:
    for number in range(7):
        mirror.add_file(f"https://files.example/tool{number}", EXE, tool="slow")
    mirror.faults.add("slow_download", tool="slow", seconds=0.3)
    run = fetch(stage, *[download(f"https://files.example/tool{n}", EXE, f"a{n or ''}") for n in range(7)])
    under_way = most = 0
    for event in run.events:
        if event["event"] == "started" and event["id"] != "o7":
            under_way += 1
        elif event["event"] == "done" and event["id"] != "o7":
            under_way -= 1
        most = max(most, under_way)
    assert most == 4
    assert [run.done(f"o{n}")["event"] for n in range(8)] == ["done"] * 8


def test_progress_is_told_and_a_stalled_download_given_up(stage: Stage, host: WindowsHost, mirror: Mirror) -> None:
    big = EXE + b"\0" * 100_000
    mirror.add_file("https://files.example/tool", big, tool="stalls")
    mirror.faults.add("slow_download", tool="stalls", seconds=4.0)
    run = fetch(stage, download("https://files.example/tool", big))
    assert "brought nothing for 60 s" in run.failed("o0")["message"]
    assert "progress" in run.of("o0")
    assert run.envelope is not None and run.envelope["ok"] is False
    assert not host.files.exists(rf"{CACHE}\a")


def test_a_half_file_that_cannot_be_removed_is_said(stage: Stage, host: WindowsHost, mirror: Mirror) -> None:
    mirror.add_file("https://files.example/tool", EXE)
    process = stage.start(operations=[
        download("https://files.example/tool", EXE, sha256="0" * 64), operation("command", needs=("o0",), **KEEP),
    ])  # fmt: skip
    held = []

    def hold() -> None:
        """Another program opens the .part file as soon as it is there."""
        deadline = time.monotonic() + 20
        while not held and time.monotonic() < deadline and process.exit_code is None:
            if host.files.exists(rf"{CACHE}\a.part"):
                held.append(host.files.lock(rf"{CACHE}\a.part", share_read=True, share_write=True, share_delete=False))

    watcher = threading.Thread(target=hold)
    watcher.start()
    run = stage.finish(process)
    watcher.join()
    assert held, "the .part file was never seen"
    assert run.failed("o0")
    assert any(e["event"] == "note" and e["text"].startswith("a half file stays: ") for e in run.events)


def test_a_failed_operation_ends_the_downloads_under_way(stage: Stage, host: WindowsHost, mirror: Mirror) -> None:
    mirror.add_file("https://files.example/tool", EXE, tool="slow")
    mirror.faults.add("slow_download", tool="slow", seconds=1.0)
    run = stage.run(operations=[
        download("https://files.example/tool", EXE), operation("nonsense"), operation("command", needs=("o0",), **KEEP),
    ])  # fmt: skip
    assert run.failed("o1")
    assert run.of("o2") == []
    assert run.envelope is not None and run.envelope["ok"] is False
    assert not host.files.exists(CACHE)


def test_a_run_that_only_downloads_waits_for_its_files(stage: Stage, host: WindowsHost, mirror: Mirror) -> None:
    mirror.add_file("https://files.example/tool", EXE, tool="slow")
    mirror.faults.add("slow_download", tool="slow", seconds=0.3)
    run = stage.run(operations=[download("https://files.example/tool", EXE, path=r"C:\here\a")])
    assert run.done("o0")
    assert host.files.read(r"C:\here\a") == EXE
    assert run.envelope is not None and run.envelope["ok"] is True


def test_a_run_that_only_downloads_fails_with_its_download(stage: Stage, host: WindowsHost, mirror: Mirror) -> None:
    mirror.add_file("https://files.example/tool", EXE)
    run = stage.run(operations=[download("https://files.example/tool", EXE, size=1)])
    assert run.failed("o0")
    assert run.envelope is not None and run.envelope["ok"] is False
