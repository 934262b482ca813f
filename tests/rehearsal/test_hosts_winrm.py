"""winbake's WinRM connection against the rehearsal's endpoint: what works, and what each failure says."""

from __future__ import annotations

import io
import json
import logging
import pickle
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import winrm_stage
from winrm_stage import PASSWORD

from winbake.config.secret import Secret
from winbake.hosts.certificates import CertificatePolicy, KnownCertificates
from winbake.hosts.errors import (
    AccessDenied,
    CertificateChanged,
    CertificateUnknown,
    ConnectionCut,
    ExitCodeMissing,
    HostBusy,
    HostError,
    HostUnreachable,
    InsecureTransport,
    Interrupted,
    LoginRefused,
    NotWinRM,
    QuotaExceeded,
    ShellLost,
    TimeLimit,
    TlsFailed,
)
from winbake.hosts.model import HostAddress
from winbake.hosts.protocol import PinnedProtocol
from winbake.hosts.winrm import WinRMConnection
from winbake.rehearsal.winrm import Endpoint

Way = tuple[Literal["https", "http"], Literal["ntlm", "basic"]]
WAYS: list[Way] = [("https", "ntlm"), ("https", "basic"), ("http", "ntlm")]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with winrm_stage.endpoint() as running:
        yield running


@pytest.fixture
def known(tmp_path: Path) -> KnownCertificates:
    return KnownCertificates(tmp_path / "known_certificates", CertificatePolicy.ACCEPT_NEW)


def address(endpoint: Endpoint, way: Way = ("https", "ntlm"), password: str = PASSWORD) -> HostAddress:
    scheme, transport = way
    port = endpoint.https_port if scheme == "https" else endpoint.http_port
    return HostAddress("master", "127.0.0.1", port or 0, scheme, transport, "Administrator", Secret(password))


class Output:
    """Collects what a run prints, with the time each piece came."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.pieces: list[tuple[float, bytes]] = []

    def __call__(self, data: bytes) -> None:
        self.pieces.append((time.monotonic() - self.start, data))

    @property
    def all(self) -> bytes:
        return b"".join(data for _, data in self.pieces)


# What works.


@pytest.mark.parametrize("way", WAYS)
def test_a_command_runs_with_its_streams_and_exit_code(endpoint: Endpoint, known: KnownCertificates, way: Way) -> None:
    with WinRMConnection(address(endpoint, way), known) as connection:
        output = Output()
        result = connection.run("fail 3", on_stdout=output)
        assert (output.all, result.stderr, result.exit_code) == (b"to stdout\r\n", b"to stderr\r\n", 3)
        connection.run("echo grüße", on_stdout=output)
        assert output.all.endswith("grüße\r\n".encode())
    assert endpoint.shells == 0
    assert endpoint.counters["shells"] == 1  # one kept shell for both


@pytest.mark.parametrize("way", WAYS)
def test_input_goes_in_whole_and_output_comes_back_whole(
    endpoint: Endpoint, known: KnownCertificates, way: Way
) -> None:
    data = bytes(range(256)) * 4000
    with WinRMConnection(address(endpoint, way), known) as connection:
        output = Output()
        assert connection.run("cat", data, output).exit_code == 0
    assert output.all == data
    assert endpoint.counters["action.Send"] == 3  # 1,024,000 bytes in full envelopes


def test_one_run_costs_few_requests(endpoint: Endpoint, known: KnownCertificates) -> None:
    with WinRMConnection(address(endpoint, ("http", "ntlm")), known) as connection:
        connection.connect()
        before = endpoint.counters["requests"]
        connection.run("cat", b"x" * 100_000)
        assert endpoint.counters["requests"] - before == 4  # Command, Send, Receive, Signal


def test_small_envelopes_of_older_hosts_are_met(endpoint: Endpoint, known: KnownCertificates) -> None:
    endpoint.settings.max_envelope_size_kb = 150
    with WinRMConnection(address(endpoint), known) as connection:
        output = Output()
        connection.run("count", bytes(500_000), output)
        assert output.all == b"500000\r\n"


def test_output_arrives_while_the_command_runs(endpoint: Endpoint, known: KnownCertificates) -> None:
    with WinRMConnection(address(endpoint), known) as connection:
        connection.connect()
        output = Output()
        connection.run("ticks 3 0.5", on_stdout=output)
    assert output.all == b"tick 0\r\ntick 1\r\ntick 2\r\n"
    assert output.pieces[0][1].startswith(b"tick 0")
    assert output.pieces[-1][0] - output.pieces[0][0] > 0.4  # the first did not wait for the last


def test_a_command_may_be_silent_longer_than_an_operation(
    endpoint: Endpoint, known: KnownCertificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("winbake.hosts.winrm.OPERATION_TIMEOUT", 1)
    with WinRMConnection(address(endpoint), known) as connection:
        assert connection.run("sleep 2.5").exit_code == 0
    assert endpoint.counters["action.Receive"] >= 3


def test_a_command_that_ends_without_reading_its_input_is_no_failure(
    endpoint: Endpoint, known: KnownCertificates
) -> None:
    with WinRMConnection(address(endpoint), known) as connection:
        assert connection.run("stubborn", bytes(2_000_000)).exit_code == 9


def test_describe_names_the_way_and_no_secret(endpoint: Endpoint) -> None:
    connection = WinRMConnection(address(endpoint, ("https", "basic")))
    assert connection.describe() == f"https://127.0.0.1:{endpoint.https_port} as Administrator by Basic"


# Time and interruption.


def test_the_time_limit_ends_the_command_on_the_host(endpoint: Endpoint, known: KnownCertificates) -> None:
    with WinRMConnection(address(endpoint), known) as connection:
        start = time.monotonic()
        with pytest.raises(TimeLimit, match=r"not done after 1\.5 s") as limit:
            connection.run("ticks 600 0.2", limit_seconds=1.5)
        assert 1.4 < time.monotonic() - start < 4
        assert limit.value.seconds == 1.5
        assert winrm_stage.running(endpoint) == 0
        assert connection.run("echo on").exit_code == 0  # the connection is still of use
    assert endpoint.shells == 0


def test_the_idle_limit_ends_a_silent_command_only(endpoint: Endpoint, known: KnownCertificates) -> None:
    with WinRMConnection(address(endpoint), known, idle_limit_seconds=1) as connection:
        assert connection.run("ticks 8 0.2").exit_code == 0
        with pytest.raises(TimeLimit, match="silent for 1 s"):
            connection.run("sleep 60")
        assert winrm_stage.running(endpoint) == 0


def test_interrupt_from_another_thread_ends_the_command(endpoint: Endpoint, known: KnownCertificates) -> None:
    with WinRMConnection(address(endpoint, ("http", "ntlm")), known) as connection:
        connection.connect()
        timer = threading.Timer(0.5, connection.interrupt)
        timer.start()
        start = time.monotonic()
        with pytest.raises(Interrupted):
            connection.run("sleep 60")
        assert time.monotonic() - start < 5
        assert winrm_stage.running(endpoint) == 0
        assert connection.run("echo on").exit_code == 0
    connection.interrupt()  # nothing runs: nothing happens


def test_ctrl_c_ends_the_command_on_the_host(endpoint: Endpoint, known: KnownCertificates) -> None:
    def press(data: bytes) -> None:
        raise KeyboardInterrupt

    with WinRMConnection(address(endpoint), known) as connection:
        with pytest.raises(KeyboardInterrupt):
            connection.run("ticks 600 0.2", on_stdout=press)
        assert winrm_stage.running(endpoint) == 0
    assert endpoint.shells == 0


# Refusals that pass.


@pytest.mark.parametrize("fault", ["busy", "operation_quota", "lost_shells"])
def test_a_command_is_tried_again(endpoint: Endpoint, known: KnownCertificates, fault: str) -> None:
    with WinRMConnection(address(endpoint), known) as connection:
        connection.connect()
        setattr(endpoint.faults, fault, 1)
        output = Output()
        connection.run("cat", b"once", output)
        assert output.all == b"once"
    assert endpoint.counters["commands"] == 1
    assert endpoint.shells == 0


@pytest.mark.parametrize("fault", ["shell_quota", "profile_unloading"])
def test_a_shell_is_asked_for_again(endpoint: Endpoint, known: KnownCertificates, fault: str) -> None:
    setattr(endpoint.faults, fault, 2)
    with WinRMConnection(address(endpoint), known) as connection:
        assert connection.run("echo").exit_code == 0


def test_input_is_sent_again_to_a_busy_host_and_arrives_once(endpoint: Endpoint, known: KnownCertificates) -> None:
    with WinRMConnection(address(endpoint), known) as connection:
        connection.connect()
        original, output = endpoint.faults.take, Output()
        answers = iter([False, True, True, False, True])  # Command goes through, the first Sends meet a busy host
        endpoint.faults.take = lambda name: next(answers, False) if name == "busy" else original(name)  # type: ignore
        connection.run("cat", b"abc" * 300_000, output)
        assert output.all == b"abc" * 300_000
        assert next(answers, None) is None


@pytest.mark.parametrize(("fault", "error"), [("busy", HostBusy), ("operation_quota", QuotaExceeded)])
def test_it_is_given_up_in_the_end(
    endpoint: Endpoint, known: KnownCertificates, fault: str, error: type[HostError]
) -> None:
    with WinRMConnection(address(endpoint), known, retry_seconds=0.5) as connection:
        connection.connect()
        setattr(endpoint.faults, fault, 1000)
        with pytest.raises(error) as refused:
            connection.run("echo")
        assert refused.value.next_step
    assert endpoint.shells == 0


# Losses.


@pytest.mark.parametrize("way", WAYS)
def test_a_cut_connection_says_so_and_a_new_run_works(endpoint: Endpoint, known: KnownCertificates, way: Way) -> None:
    with WinRMConnection(address(endpoint, way), known) as connection:
        connection.connect()
        for cut in ("cut_receive_after_bytes", "cut_before_output", "cut_action"):
            value = {"cut_receive_after_bytes": 150, "cut_before_output": b"to", "cut_action": "Command"}[cut]
            setattr(endpoint.faults, cut, value)
            with pytest.raises(ConnectionCut) as lost:
                connection.run("fail 0")
            assert lost.value.host == "master"
            assert "again" in lost.value.next_step
            output = Output()
            assert connection.run("echo on", on_stdout=output).exit_code == 0
            assert output.all == b"on\r\n"
    assert endpoint.shells == 0


def test_a_bounced_connection_between_two_commands_says_so(endpoint: Endpoint, known: KnownCertificates) -> None:
    with WinRMConnection(address(endpoint, ("http", "ntlm")), known) as connection:
        connection.run("echo")
        endpoint.drop_connections()
        with pytest.raises(ConnectionCut):
            connection.run("echo")
        assert connection.run("echo").exit_code == 0


def test_a_lost_exit_code_is_an_error_and_never_a_success(endpoint: Endpoint, known: KnownCertificates) -> None:
    with WinRMConnection(address(endpoint), known) as connection:
        endpoint.faults.drop_exit_code = 1
        with pytest.raises(ExitCodeMissing):
            connection.run("echo")


def test_a_shell_that_goes_while_a_command_runs_is_lost(endpoint: Endpoint, known: KnownCertificates) -> None:
    with WinRMConnection(address(endpoint), known) as connection:
        timer = threading.Timer(0.4, lambda: endpoint._service and endpoint._service.stop())
        connection.connect()
        timer.start()
        with pytest.raises(ShellLost):
            connection.run("sleep 60")


def test_reconnect_waits_for_a_host_that_restarts(endpoint: Endpoint, known: KnownCertificates) -> None:
    endpoint.host.clock.speed = 20
    with WinRMConnection(address(endpoint), known) as connection:
        connection.run("echo before")
        endpoint.host.reboot()
        with pytest.raises(ConnectionCut):
            connection.run("sleep 2000")
        with pytest.raises(HostUnreachable):
            connection.reconnect()
        connection.reconnect(patience_seconds=30)
        output = Output()
        connection.run("echo after", on_stdout=output)
        assert output.all == b"after\r\n"
    assert endpoint.shells == 0


def test_shells_that_were_left_are_ended_when_the_host_answers_again(
    endpoint: Endpoint, known: KnownCertificates
) -> None:
    with WinRMConnection(address(endpoint), known) as connection:
        connection.run("echo")
        endpoint.faults.cut_action = "Create"
        with pytest.raises(ConnectionCut):
            connection.reconnect()
        connection.reconnect()
        assert endpoint.shells == 1
    assert endpoint.shells == 0


def test_closing_the_connection_to_a_dead_host_is_quiet_and_quick(known: KnownCertificates) -> None:
    with winrm_stage.endpoint() as endpoint:
        connection = WinRMConnection(address(endpoint), known)
        connection.run("echo")
    start = time.monotonic()
    connection.close()
    assert time.monotonic() - start < 2


# Refusals that stay.


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_password(endpoint: Endpoint, known: KnownCertificates, way: Way) -> None:
    with pytest.raises(LoginRefused, match="401 for Administrator"):
        WinRMConnection(address(endpoint, way, "wrong"), known).run("echo")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("password", ["Pässwörd-1é", "Пароль-123", "colon:and space -1A"])
def test_passwords_in_other_letters(
    endpoint: Endpoint, known: KnownCertificates, way: Way, password: str
) -> None:
    endpoint.host.accounts.set_password("Administrator", password)
    with WinRMConnection(address(endpoint, way, password), known) as connection:
        assert connection.run("echo").exit_code == 0


def test_an_account_without_rights(endpoint: Endpoint, known: KnownCertificates) -> None:
    endpoint.host.accounts.add_user("student", "Learn-2-day!")
    student = HostAddress("m", "127.0.0.1", endpoint.https_port or 0, user="student", password=Secret("Learn-2-day!"))
    with pytest.raises(AccessDenied):
        WinRMConnection(student, known).run("echo")


def test_nothing_listens(known: KnownCertificates) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for scheme in ("https", "http"):
        with pytest.raises(HostUnreachable, match=f"port {port}|{port}"):
            WinRMConnection(HostAddress("m", "127.0.0.1", port, scheme), known).run("echo")  # type: ignore[arg-type]


def test_a_name_that_does_not_resolve(known: KnownCertificates) -> None:
    with pytest.raises(HostUnreachable):
        WinRMConnection(HostAddress("m", "no-such-host.invalid", 5985, "http"), known).run("echo")


def test_the_wrong_port_of_the_two(endpoint: Endpoint, known: KnownCertificates) -> None:
    with pytest.raises(TlsFailed):
        WinRMConnection(HostAddress("m", "127.0.0.1", endpoint.http_port or 0, "https"), known).run("echo")
    with pytest.raises((ConnectionCut, NotWinRM, HostUnreachable)):
        WinRMConnection(HostAddress("m", "127.0.0.1", endpoint.https_port or 0, "http"), known).run("echo")


def test_basic_over_http_is_never_tried(endpoint: Endpoint) -> None:
    with pytest.raises(InsecureTransport):
        WinRMConnection(address(endpoint, ("http", "basic")))
    assert endpoint.counters["connections"] == 0


def test_over_http_every_message_is_sealed(endpoint: Endpoint, known: KnownCertificates) -> None:
    bodies: list[bytes] = []
    original = endpoint._respond

    def listen(request: object, *rest: object) -> object:
        bodies.append(request.body)  # type: ignore[attr-defined]
        return original(request, *rest)  # type: ignore[arg-type]

    endpoint._respond = listen  # type: ignore[method-assign,assignment]
    with WinRMConnection(address(endpoint, ("http", "ntlm")), known) as connection:
        connection.run("cat", b"confidential")
    assert len(bodies) > 5
    assert not any(b"Envelope" in body for body in bodies)


# Certificates.


def test_an_unknown_certificate_is_shown_and_pinned_when_accepted(endpoint: Endpoint, tmp_path: Path) -> None:
    shown: list[str] = []
    known = KnownCertificates(
        tmp_path / "known", CertificatePolicy.ASK, lambda seen: bool(shown.append(seen.shown_fingerprint) or True)
    )
    for _ in range(2):
        with WinRMConnection(address(endpoint), known) as connection:
            connection.run("echo")
    expected = endpoint.certificate.fingerprint
    assert [text.replace(":", "").lower() for text in shown] == [expected]
    line = (tmp_path / "known").read_text()
    assert line.startswith(f"127.0.0.1:{endpoint.https_port} sha256:{expected} ")
    assert line.rstrip().endswith(endpoint.host.computer_name)


@pytest.mark.parametrize("policy", [CertificatePolicy.STRICT, CertificatePolicy.ASK])
def test_an_unknown_certificate_that_nobody_accepts_is_refused(
    endpoint: Endpoint, tmp_path: Path, policy: CertificatePolicy
) -> None:
    known = KnownCertificates(tmp_path / "known", policy, lambda seen: False)
    with pytest.raises(CertificateUnknown) as unknown:
        WinRMConnection(address(endpoint), known).run("echo")
    assert unknown.value.fingerprint == endpoint.certificate.fingerprint
    assert endpoint.counters["requests"] == 0
    assert not (tmp_path / "known").exists()


def test_a_changed_certificate_is_refused_before_anything_is_sent(endpoint: Endpoint, known: KnownCertificates) -> None:
    old = endpoint.certificate.fingerprint
    with WinRMConnection(address(endpoint), known) as connection:
        connection.run("echo")
    new = endpoint.change_certificate().fingerprint
    before = endpoint.counters["requests"]
    with pytest.raises(CertificateChanged) as changed:
        WinRMConnection(address(endpoint), known).run("echo")
    assert (changed.value.pinned, changed.value.found) == (old, new)
    for fingerprint in (old, new):
        pairs = ":".join(fingerprint.upper()[at : at + 2] for at in range(0, 64, 2))
        assert pairs in str(changed.value)
    assert str(known.path) in changed.value.next_step
    assert endpoint.counters["requests"] == before
    assert known.forget("127.0.0.1", endpoint.https_port or 0)
    with WinRMConnection(address(endpoint), known) as connection:
        assert connection.run("echo").exit_code == 0


def test_a_certificate_that_changes_within_a_session_is_refused_too(
    endpoint: Endpoint, known: KnownCertificates
) -> None:
    with WinRMConnection(address(endpoint), known) as connection:
        connection.run("echo")
        endpoint.change_certificate()
        endpoint.drop_connections()
        before = endpoint.counters["requests"]
        with pytest.raises((ConnectionCut, CertificateChanged)):  # the cut may be noticed first
            connection.run("echo")
        with pytest.raises(CertificateChanged):
            connection.run("echo")
        assert endpoint.counters["requests"] == before


def test_the_environments_ca_bundle_and_proxies_have_no_say(
    endpoint: Endpoint, known: KnownCertificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    for way in WAYS:
        with WinRMConnection(address(endpoint, way), known) as connection:
            assert connection.run("echo").exit_code == 0


def test_https_without_a_pin_cannot_even_be_made(endpoint: Endpoint) -> None:
    with pytest.raises(ValueError, match="pinned"):
        PinnedProtocol(address(endpoint), None, 20)


# Secrets.


@pytest.mark.parametrize("way", WAYS)
def test_the_password_appears_nowhere(
    endpoint: Endpoint, known: KnownCertificates, way: Way, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    place = address(endpoint, way)
    seen = io.StringIO()
    with WinRMConnection(place, known) as connection:
        seen.write(repr(connection) + connection.describe() + repr(place) + str(place) + f"{place.password}")
        seen.write(repr(vars(connection)) + repr(vars(connection._client)))
        connection.run("cat", b"input")
    failing = [
        lambda: WinRMConnection(address(endpoint, way, "wrong-" + PASSWORD), known).run("echo"),
        lambda: WinRMConnection(place, known, retry_seconds=0.1).run("echo"),
    ]
    endpoint.faults.shell_quota = 100
    for fail in failing:
        with pytest.raises(HostError) as error:
            fail()
        seen.write("".join(traceback.format_exception(error.value)) + repr(error.value))
    with pytest.raises(TypeError):
        pickle.dumps(place)
    with pytest.raises(TypeError):
        json.dumps(place.password)
    captured = capfd.readouterr()
    everything = seen.getvalue() + caplog.text + captured.out + captured.err
    assert PASSWORD not in everything
    assert "TlRMTVNTUAAD" not in everything  # the NTLM login message in base64
