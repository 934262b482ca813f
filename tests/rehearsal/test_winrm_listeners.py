"""The endpoint answers where the host's listeners say, with the certificate of the host's store."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator

import pytest

from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.listeners import Listener
from winbake.rehearsal.winrm import Endpoint


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    host = WindowsHost("listens", speed=60)
    with Endpoint(host, users={"Administrator": "Rehearsal1!"}) as running:
        yield running
    host.power.stop_now()


def answers(endpoint: Endpoint, port: int | None) -> bool:
    try:
        with socket.create_connection((endpoint.address, port or 0), timeout=2):
            return True
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:  # it was accepted, and closed before this end looked
        return True


def run_on(host: WindowsHost, script: str) -> None:
    assert host.start(f'powershell.exe -NoProfile -Command "{script}"').wait(600)


def test_a_removed_listener_closes_its_port_and_no_other(endpoint: Endpoint) -> None:
    https, http = endpoint.https_port, endpoint.http_port
    assert answers(endpoint, https) and answers(endpoint, http)
    run_on(
        endpoint.host,
        "Remove-WSManInstance -ResourceURI winrm/config/Listener -SelectorSet @{Address='*';Transport='HTTPS'}",
    )
    assert not answers(endpoint, https)
    assert answers(endpoint, http)


def test_an_open_connection_ends_with_its_listener(endpoint: Endpoint) -> None:
    context = ssl._create_unverified_context()
    plain = socket.create_connection((endpoint.address, endpoint.https_port or 0), timeout=5)
    with context.wrap_socket(plain) as sealed:
        endpoint.host.listeners.remove(Listener("HTTPS"))
        with contextlib.suppress(ssl.SSLEOFError, ConnectionResetError):  # or a clean end
            assert sealed.recv(1) == b""


def test_without_its_certificate_the_listener_gives_no_tls(endpoint: Endpoint) -> None:
    endpoint.host.certificates.remove(endpoint.certificate.thumbprint, with_key=False)
    assert answers(endpoint, endpoint.https_port)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        ssl.get_server_certificate((endpoint.address, endpoint.https_port or 0), timeout=5)
    with pytest.raises(LookupError):
        _ = endpoint.certificate


def test_a_removed_listener_stays_away_over_a_restart(endpoint: Endpoint) -> None:
    host, port = endpoint.host, endpoint.https_port
    host.listeners.remove(Listener("HTTPS"))
    started = host.power.boots
    host.reboot()
    end = time.monotonic() + 20
    while host.power.boots == started or not host.is_up:
        assert time.monotonic() < end, "the host did not come up again"
        time.sleep(0.02)
    assert not answers(endpoint, port)
    assert answers(endpoint, endpoint.http_port)


def test_a_new_listener_opens_the_port_again(endpoint: Endpoint) -> None:
    port, thumbprint = endpoint.https_port, endpoint.certificate.thumbprint
    endpoint.host.listeners.remove(Listener("HTTPS"))
    assert not answers(endpoint, port)
    endpoint.host.listeners.put(Listener("HTTPS", thumbprint=thumbprint))
    assert endpoint.https_port == port
    assert answers(endpoint, port)
