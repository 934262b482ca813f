"""The layered probe names the first layer that fails, with likely causes and a test for each."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import winrm_stage
from winrm_stage import PASSWORD

from winbake.config.secret import Secret
from winbake.hosts.certificates import CertificatePolicy, KnownCertificates
from winbake.hosts.model import HostAddress
from winbake.hosts.probe import LAYERS, ProbeStep, Status, probe
from winbake.rehearsal.winrm import Endpoint

HEALTHY = {
    "version": "5.1.20348.2762", "user": "MASTER\\Administrator", "administrator": True,
    "free": 12 * 2**30, "size": 30 * 2**30, "pending": [],
}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with winrm_stage.endpoint() as running:
        answer(running)
        yield running


@pytest.fixture
def known(tmp_path: Path) -> KnownCertificates:
    return KnownCertificates(tmp_path / "known", CertificatePolicy.ACCEPT_NEW)


def answer(endpoint: Endpoint, **changes: object) -> None:
    endpoint.host.environment.set_machine("POWERSHELL_ANSWER", json.dumps(HEALTHY | changes))


def at(port: int | None, scheme: str = "https", address: str = "127.0.0.1", password: str = PASSWORD) -> HostAddress:
    return HostAddress("master", address, port or 0, scheme, password=Secret(password))  # type: ignore[arg-type]


def failing(steps: list[ProbeStep]) -> ProbeStep:
    """The one failed step; all before it are OK, all after it not reached."""
    assert [step.layer for step in steps] == list(LAYERS)
    (failed,) = [step for step in steps if step.status is Status.FAILED]
    place = steps.index(failed)
    assert all(step.status is Status.OK for step in steps[:place])
    assert all(step.status is Status.NOT_REACHED for step in steps[place + 1 :])
    assert failed.causes
    assert all(cause.text and cause.test for cause in failed.causes)
    return failed


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_healthy_host(endpoint: Endpoint, known: KnownCertificates, scheme: str) -> None:
    port = endpoint.https_port if scheme == "https" else endpoint.http_port
    steps = {step.layer: step for step in probe(at(port, scheme), known)}
    assert list(steps) == list(LAYERS)
    assert all(step.status is Status.OK for step in steps.values())
    assert steps["login"].detail == "Administrator by NTLM"
    assert steps["free disk"].detail == "12.0 GB of 30 GB on C:"
    assert steps["pending reboot"].detail == "none"
    if scheme == "https":
        assert steps["TLS"].detail == f"certificate of {endpoint.host.computer_name}, pinned now"
    assert endpoint.shells == 0


def test_steps_come_one_by_one(endpoint: Endpoint, known: KnownCertificates) -> None:
    steps = probe(at(endpoint.https_port), known)
    assert [next(steps).layer, next(steps).layer] == ["name", "TCP"]
    assert endpoint.counters["logins"] == 0
    steps.close()  # type: ignore[attr-defined]


def test_a_name_that_does_not_resolve(known: KnownCertificates) -> None:
    assert failing(list(probe(at(5986, address="no-such-host.invalid"), known))).layer == "name"


def test_a_closed_port(known: KnownCertificates) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    step = failing(list(probe(at(port), known)))
    assert step.layer == "TCP"
    assert "booting" in step.causes[0].text


def test_the_http_port_where_https_was_meant(endpoint: Endpoint, known: KnownCertificates) -> None:
    step = failing(list(probe(at(endpoint.http_port), known)))
    assert step.layer == "TLS"
    assert "5986" in step.causes[0].test


def test_a_changed_certificate(endpoint: Endpoint, known: KnownCertificates) -> None:
    list(probe(at(endpoint.https_port), known))
    endpoint.change_certificate()
    step = failing(list(probe(at(endpoint.https_port), known)))
    assert step.layer == "TLS"
    assert "has changed" in step.detail


def test_another_web_server(known: KnownCertificates) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                if connection.recv(4096):
                    connection.sendall(b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n")
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        step = failing(list(probe(at(server.getsockname()[1], "http"), known)))
    assert step.layer == "HTTP"
    assert "200 from nginx" in step.detail


def test_a_wrong_password(endpoint: Endpoint, known: KnownCertificates) -> None:
    step = failing(list(probe(at(endpoint.https_port, password="wrong"), known)))
    assert (step.layer, step.detail) == ("login", "401 for Administrator by NTLM")
    assert "sysprep" in step.causes[0].text


def test_no_right_to_shells(endpoint: Endpoint, known: KnownCertificates) -> None:
    endpoint.host.accounts.add_user("student", "Learn-2-day!")
    who = HostAddress("m", "127.0.0.1", endpoint.https_port or 0, user="student", password=Secret("Learn-2-day!"))
    assert failing(list(probe(who, known))).layer == "shell"


def test_powershell_that_does_not_answer_as_it_should(endpoint: Endpoint, known: KnownCertificates) -> None:
    endpoint.host.environment.set_machine("POWERSHELL_ANSWER", "no JSON at all")
    step = failing(list(probe(at(endpoint.https_port), known)))
    assert step.layer == "PowerShell"
    assert "no JSON at all" in step.detail
    answer(endpoint, version="4.0")
    assert "needs 5.1" in failing(list(probe(at(endpoint.https_port), known))).detail


def test_a_filtered_token(endpoint: Endpoint, known: KnownCertificates) -> None:
    answer(endpoint, administrator=False)
    step = failing(list(probe(at(endpoint.https_port), known)))
    assert step.layer == "administrator"
    assert any("LocalAccountTokenFilterPolicy" in cause.test for cause in step.causes)


def test_a_full_disk(endpoint: Endpoint, known: KnownCertificates) -> None:
    answer(endpoint, free=2 * 2**30)
    assert failing(list(probe(at(endpoint.https_port), known))).detail.startswith("2.0 GB of 30 GB")


@pytest.mark.parametrize(("pending", "shown"), [(["Windows Update"], "Windows Update"), ("one", "one"), (None, "none")])
def test_a_pending_reboot_is_a_remark_not_a_failure(
    endpoint: Endpoint, known: KnownCertificates, pending: object, shown: str
) -> None:
    answer(endpoint, pending=pending)
    last = list(probe(at(endpoint.https_port), known))[-1]
    assert (last.status, last.detail, last.remark) == (Status.OK, shown, shown != "none")
