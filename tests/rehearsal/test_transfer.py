"""A file gets from this machine to a host through WinRM: whole, once, and on from where a cut run ended."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from winrm_stage import PASSWORD

from winbake.config.secret import Secret
from winbake.hosts.certificates import CertificatePolicy, KnownCertificates
from winbake.hosts.errors import ConnectionCut, Interrupted
from winbake.hosts.model import HostAddress
from winbake.hosts.session import AgentSession, powershell_command_line
from winbake.hosts.transfer import FileChanged, LocalFile, TransferFailed, receiver, send_file
from winbake.hosts.winrm import WinRMConnection
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.winrm import Endpoint

REMOTE = r"C:\ProgramData\winbake\media\0123-setup.exe"
PART = REMOTE + ".part"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    host = WindowsHost("MASTER", "2022", 100.0)
    with Endpoint(host, users={"Administrator": PASSWORD}) as running:
        yield running
    host.power.stop_now()


@pytest.fixture
def session(endpoint: Endpoint, tmp_path: Path) -> Iterator[AgentSession]:
    assert endpoint.https_port is not None
    address = HostAddress("master", "127.0.0.1", endpoint.https_port, password=Secret(PASSWORD))
    known = KnownCertificates(tmp_path / "known", CertificatePolicy.ACCEPT_NEW)
    with AgentSession(WinRMConnection(address, known)) as opened:
        yield opened


def made(folder: Path, size: int) -> LocalFile:
    """An installer of this size; no two pieces of it are alike."""
    content = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(size // 32 + 1))[:size]
    path = folder / "setup.exe"
    path.write_bytes(content)
    return LocalFile(path, size, hashlib.sha256(content).hexdigest())


def on_host(endpoint: Endpoint, path: str) -> bytes | None:
    files = endpoint.host.files
    return files.read(path) if files.exists(path) else None


def put(endpoint: Endpoint, path: str, content: bytes) -> None:
    endpoint.host.files.make_directory(path.rpartition("\\")[0])
    endpoint.host.files.write(path, content)


def test_a_file_arrives_whole_in_few_requests(endpoint: Endpoint, session: AgentSession, tmp_path: Path) -> None:
    file, told = made(tmp_path, 2_000_000), []
    endpoint.reset_counters()
    assert send_file(session, file, REMOTE, told.append).resumed == 0
    assert on_host(endpoint, REMOTE) == file.path.read_bytes()
    assert on_host(endpoint, PART) is None
    assert told == sorted(told)
    assert told[-1] == file.size
    counters: Any = endpoint.counters_json()
    assert counters["powershell_starts"] == 2, "one asks, one receives"
    assert counters["actions"]["Send"] == 1 + 8, "envelopes are full: 375,000 bytes of base64 each"
    assert counters["wire_bytes_in"] / file.size < 1.82


def test_what_is_there_already_is_not_sent(endpoint: Endpoint, session: AgentSession, tmp_path: Path) -> None:
    file = made(tmp_path, 500_000)
    put(endpoint, REMOTE, file.path.read_bytes())
    endpoint.reset_counters()
    assert send_file(session, file, REMOTE).resumed == file.size
    counters: Any = endpoint.counters_json()
    assert counters["wire_bytes_in"] < 30_000


def test_it_goes_on_after_what_a_cut_run_left(endpoint: Endpoint, session: AgentSession, tmp_path: Path) -> None:
    file = made(tmp_path, 2_000_000)

    def cut(count: int) -> None:
        if count >= 1_500_000:
            endpoint.faults.cut_action = "Send"

    with pytest.raises(ConnectionCut):
        send_file(session, file, REMOTE, cut)
    assert on_host(endpoint, REMOTE) is None, "a half file is never in place"
    session.reconnect(10)
    left = on_host(endpoint, PART)
    assert left
    assert file.path.read_bytes().startswith(left)
    told: list[int] = []
    sent = send_file(session, file, REMOTE, told.append)
    assert sent.resumed == told[0] >= 500_000
    assert on_host(endpoint, REMOTE) == file.path.read_bytes()


def test_a_part_of_another_file_is_begun_anew(endpoint: Endpoint, session: AgentSession, tmp_path: Path) -> None:
    file = made(tmp_path, 300_000)
    put(endpoint, PART, b"another file" * 1_000)
    assert send_file(session, file, REMOTE).resumed == 0
    assert on_host(endpoint, REMOTE) == file.path.read_bytes()


def test_an_older_file_is_replaced(endpoint: Endpoint, session: AgentSession, tmp_path: Path) -> None:
    file = made(tmp_path, 10)
    put(endpoint, REMOTE, b"old")
    send_file(session, file, REMOTE)
    assert on_host(endpoint, REMOTE) == file.path.read_bytes()


def test_ctrl_c_in_the_middle_leaves_the_part(endpoint: Endpoint, session: AgentSession, tmp_path: Path) -> None:
    file = made(tmp_path, 3_000_000)

    def press(count: int) -> None:
        if count >= 1_500_000:
            session.interrupt()

    with pytest.raises(Interrupted):
        send_file(session, file, REMOTE, press)
    assert on_host(endpoint, REMOTE) is None
    assert send_file(session, file, REMOTE).resumed >= 500_000
    assert on_host(endpoint, REMOTE) == file.path.read_bytes()


def test_a_file_that_changed_after_the_plan_is_refused(
    endpoint: Endpoint, session: AgentSession, tmp_path: Path
) -> None:
    file = made(tmp_path, 100_000)
    file.path.write_bytes(b"x" * file.size)
    with pytest.raises(FileChanged, match="is not the file that was planned"):
        send_file(session, file, REMOTE)
    file.path.unlink()
    with pytest.raises(FileChanged, match="cannot be read"):
        send_file(session, file, REMOTE)
    assert on_host(endpoint, PART) is None, "nothing was sent"


def test_a_file_that_changes_while_it_is_sent_does_not_get_in_place(
    endpoint: Endpoint, session: AgentSession, tmp_path: Path
) -> None:
    file = made(tmp_path, 400_000)

    def change(count: int) -> None:
        if count == 0:
            file.path.write_bytes(b"x" * file.size)

    with pytest.raises(TransferFailed, match=f"wanted {file.sha256}, and was deleted"):
        send_file(session, file, REMOTE, change)
    assert on_host(endpoint, REMOTE) is None
    assert on_host(endpoint, PART) is None


def test_a_file_that_shrinks_while_it_is_sent_is_not_taken_as_whole(
    endpoint: Endpoint, session: AgentSession, tmp_path: Path
) -> None:
    file = made(tmp_path, 400_000)

    def shrink(count: int) -> None:
        if count == 0:
            file.path.write_bytes(file.path.read_bytes()[:1000])

    with pytest.raises(TransferFailed, match="only 1000 of 400000 bytes came"):
        send_file(session, file, REMOTE, shrink)
    assert on_host(endpoint, REMOTE) is None


def test_a_drive_without_room_is_named_before_anything_is_sent(
    endpoint: Endpoint, session: AgentSession, tmp_path: Path
) -> None:
    endpoint.host.files.add_volume("D:", 10_000_000, 9_000_000)
    with pytest.raises(TransferFailed, match=r"needs 2 MB, its drive has 1 MB"):
        send_file(session, made(tmp_path, 2_000_000), r"D:\setup.exe")
    assert on_host(endpoint, r"D:\setup.exe.part") is None


def test_a_drive_that_fills_up_is_named(endpoint: Endpoint, session: AgentSession, tmp_path: Path) -> None:
    file = made(tmp_path, 2_000_000)

    def fill(count: int) -> None:
        if count == 0:
            endpoint.host.faults.add("disk_full", drive="C:")

    with pytest.raises(TransferFailed, match="not enough space on the disk"):
        send_file(session, file, REMOTE, fill)
    assert on_host(endpoint, REMOTE) is None


def test_another_run_that_writes_the_part_is_named(
    endpoint: Endpoint, session: AgentSession, tmp_path: Path
) -> None:
    file = made(tmp_path, 300_000)

    def grow(count: int) -> None:
        if count == 100_000:
            put(endpoint, PART, b"more" * 50_000)

    put(endpoint, PART, file.path.read_bytes()[:100_000])
    with pytest.raises(TransferFailed, match="has 200000 bytes, not 100000: another run writes to it"):
        send_file(session, file, REMOTE, grow)


def test_the_receiver_fits_a_command_line() -> None:
    assert len(powershell_command_line(receiver())) < 7_900
