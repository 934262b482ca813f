"""pywinrm's Protocol with a pinned certificate, no proxies, and message encryption that is never left out."""

from __future__ import annotations

from typing import Any

import requests
import xmltodict  # type: ignore[import-untyped]
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from winrm.protocol import Protocol
from winrm.transport import Transport

from winbake.hosts.model import HostAddress

CONNECT_TIMEOUT = 10  # seconds for the TCP connection
READ_MARGIN = 10  # seconds that an answer may come later than the host's own time-out
SHELL_URI = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"


class PinnedAdapter(HTTPAdapter):
    """Takes connections only to the server that shows one certificate, known by its SHA-256 fingerprint."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        # The pin takes the place of CA and name: urllib3 compares it on every new connection, before anything is
        # sent, and a certificate that a CA signed but that is not the pinned one is refused too.
        super().init_poolmanager(*args, assert_fingerprint=self._fingerprint, assert_hostname=False, **kwargs)


class PinnedTransport(Transport):
    """A Transport whose HTTPS connections are pinned. Making one sends nothing."""

    def __init__(self, pin: str | None, **settings: Any) -> None:
        super().__init__(**settings)
        self._pin = pin

    def build_session(self) -> requests.Session:
        if self.session is not None:
            return self.session
        session = super().build_session()
        if self._pin is not None:
            session.verify = False  # by CA, that is; the adapter verifies by the pin
            session.mount("https://", PinnedAdapter(self._pin))
        if isinstance(session.auth, HTTPBasicAuth):
            # requests would encode text as Latin-1 and fail, with the password in the error, where that cannot be.
            session.auth = HTTPBasicAuth(_header_bytes(self.username or ""), _header_bytes(self.password or ""))
        return session


def _header_bytes(text: str) -> bytes:
    """Latin-1 as other clients send it, UTF-8 for what that has no letters for."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8")


class PinnedProtocol(Protocol):
    """A Protocol for one host; `pin` is required for HTTPS."""

    def __init__(self, address: HostAddress, pin: str | None, operation_timeout: int) -> None:
        """operation_timeout: seconds that the host may hold a request. Raises ValueError for HTTPS without a pin."""
        if address.scheme == "https" and pin is None:
            raise ValueError("HTTPS without a pinned certificate")
        password = address.password.reveal()
        read_timeout = operation_timeout + READ_MARGIN
        super().__init__(
            endpoint=address.endpoint,
            transport=address.transport,
            username=address.user,
            password=password,
            operation_timeout_sec=operation_timeout,
            read_timeout_sec=read_timeout,
        )
        self.transport = PinnedTransport(
            pin,
            endpoint=address.endpoint,
            username=address.user,
            password=password,
            auth_method=address.transport,
            message_encryption="never" if address.scheme == "https" else "always",
            ca_trust_path="",  # no CA decides here, and none from the environment
            proxy=None,
        )
        # requests takes a pair (connect, read) here, though pywinrm's annotation knows only one number.
        self.transport.read_timeout_sec = (CONNECT_TIMEOUT, read_timeout)  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"PinnedProtocol({self.transport.endpoint!r})"

    def signal(self, shell_id: str, command_id: str, code: str) -> None:
        """Send a signal: `ctrl_c` or `terminate` ([MS-WSMV] 2.2.4.38)."""
        request = {
            "env:Envelope": self.build_wsman_header(
                resource_uri=f"{SHELL_URI}/cmd", action=f"{SHELL_URI}/Signal", shell_id=shell_id
            )
        }
        request["env:Envelope"]["env:Body"] = {
            "rsp:Signal": {"@CommandId": command_id, "rsp:Code": f"{SHELL_URI}/signal/{code}"}
        }
        self.send_message(xmltodict.unparse(request))

    def identify(self) -> None:
        """Ask the service who it is: proves the login and costs the host nothing."""
        self.send_message(
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
            'xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identify/1/wsmanidentity.xsd">'
            "<s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>"
        )
