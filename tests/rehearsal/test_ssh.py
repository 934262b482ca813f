"""Commands over a real sshd: what goes in and comes out, limits, interrupts, a connection that is cut."""

from __future__ import annotations

import fcntl
import os
import threading

import pytest
from ssh_stage import SshStage

from winbake.hosts.certificates import CertificatePolicy
from winbake.hosts.errors import ConnectionCut, Interrupted, TimeLimit
from winbake.hosts.model import SshAddress
from winbake.hosts.ssh import KnownHosts, SshConnection


@pytest.fixture
def connection(ssh_stage: SshStage) -> SshConnection:
    address = SshAddress("pacs", ssh_stage.address, ssh_stage.port, user=ssh_stage.user, key_file=ssh_stage.key)
    return SshConnection(address, KnownHosts(address, policy=CertificatePolicy.ACCEPT_NEW))


def test_much_goes_in_and_comes_out_whole_and_the_exit_code_is_told(connection: SshConnection) -> None:
    sent, came = os.urandom(3_000_000), bytearray()
    result = connection.run("cat; echo oops >&2; exit 7", [sent[:1000], sent[1000:]], came.extend, 60)
    assert (result.exit_code, result.stderr, bytes(came) == sent) == (7, b"oops\n", True)
    assert connection.run("exit 3", sent).exit_code == 3, "a command that does not read is no failure of the connection"
    connection.reconnect()
    assert connection.run("true").exit_code == 0
    connection.close()


def test_a_limit_an_interrupt_and_a_cut_are_told_apart(connection: SshConnection) -> None:
    with pytest.raises(TimeLimit, match=r"not done after 0\.3 s"):
        connection.run("sleep 5", limit_seconds=0.3)
    with pytest.raises(ConnectionCut, match="the SSH connection was lost"):
        connection.run("kill -9 $PPID; sleep 5")
    threading.Timer(0.3, connection.interrupt).start()
    with pytest.raises(Interrupted):
        connection.run("sleep 5")
    connection.close()


def test_only_one_run_is_at_work_on_a_host(ssh_stage: SshStage) -> None:
    other = os.open("/", os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    try:
        ran = ssh_stage.deploy()
    finally:
        os.close(other)
    assert ran.code == 1 and "another run of winbake is at work on this host" in ran.text, ran.text
    assert not list(ssh_stage.folder.iterdir())
