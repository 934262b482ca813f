"""The layered probe behind `doctor`: name → TCP → TLS → HTTP → login → shell → PowerShell → rights, disk, reboot.

It stops at the first layer that fails and says what the likely causes are, each with a test that tells them apart.
"""

from __future__ import annotations

import http.client
import importlib.resources
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from winbake.hosts.certificates import KnownCertificates, fetch_certificate
from winbake.hosts.errors import CertificateChanged, CertificateUnknown, HostError, LoginRefused
from winbake.hosts.model import HostAddress
from winbake.hosts.session import AgentSession
from winbake.hosts.winrm import WinRMConnection

LAYERS = (
    "name", "TCP", "TLS", "HTTP", "login", "shell", "PowerShell", "administrator", "free disk", "pending reboot",
)
TCP_TIMEOUT = 5.0  # seconds
PROBE_TIMEOUT = 120.0  # seconds for PowerShell to start and answer; a host that was just booted takes long
LEAST_FREE = 5 * 2**30  # bytes; under it installers begin to fail


class Status(StrEnum):
    OK = "ok"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True)
class Cause:
    """One likely reason and how to find out whether it is the one."""

    text: str
    test: str


@dataclass(frozen=True)
class ProbeStep:
    """What was found at one layer. A remark is an OK step whose detail deserves a look."""

    layer: str
    status: Status
    detail: str = ""
    causes: tuple[Cause, ...] = ()
    remark: bool = False


class _Failed(Exception):
    def __init__(self, detail: str, *causes: Cause) -> None:
        super().__init__(detail)
        self.detail = detail
        self.causes = causes


def probe(address: HostAddress, certificates: KnownCertificates | None = None) -> Iterator[ProbeStep]:
    """Go through the layers, one step at a time as they are done; those after a failure are "not reached"."""
    run = _Probe(address, certificates or KnownCertificates())
    failed = False
    try:
        for layer in LAYERS:
            if failed:
                yield ProbeStep(layer, Status.NOT_REACHED)
                continue
            try:
                step = run.steps[layer]()
            except _Failed as failure:
                failed = True
                step = ProbeStep(layer, Status.FAILED, failure.detail, failure.causes)
            yield step
    finally:
        run.close()


class _Probe:
    def __init__(self, address: HostAddress, certificates: KnownCertificates) -> None:
        self._address = address
        self._certificates = certificates
        self._connection: WinRMConnection | None = None
        self._facts: dict[str, Any] = {}
        self.steps: dict[str, Callable[[], ProbeStep]] = {
            "name": self._name,
            "TCP": self._tcp,
            "TLS": self._tls,
            "HTTP": self._http,
            "login": self._login,
            "shell": self._shell,
            "PowerShell": self._powershell,
            "administrator": self._administrator,
            "free disk": self._free_disk,
            "pending reboot": self._pending_reboot,
        }

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _name(self) -> ProbeStep:
        address = self._address.address
        try:
            found = socket.getaddrinfo(address, self._address.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise _Failed(
                f"{address} does not resolve: {error.strerror or error}",
                Cause("The name is misspelt, or its DNS record does not exist yet.", f"nslookup {address}"),
                Cause("This machine uses another DNS than the one that knows it.", "put the IP into the inventory"),
            ) from error
        numbers = sorted({str(entry[4][0]) for entry in found})
        return _ok("name", address if numbers == [address] else f"{address} is {', '.join(numbers)}")

    def _tcp(self) -> ProbeStep:
        address, port = self._address.address, self._address.port
        start = time.monotonic()
        try:
            socket.create_connection((address, port), timeout=TCP_TIMEOUT).close()
        except TimeoutError as error:
            raise _Failed(
                f"{port} does not answer within {TCP_TIMEOUT:g} s",
                Cause(
                    "The security group does not let this address in.",
                    f"its inbound rules: TCP {port} from your address",
                ),
                Cause("The instance does not run.", "its state in EC2; get-console-output"),
                Cause(
                    "Windows Firewall drops it (public profile).",
                    f"on the host: netsh advfirewall firewall show rule name=all | findstr {port}",
                ),
            ) from error
        except OSError as error:
            raise _Failed(
                f"{port} is closed: {error.strerror or error}",
                Cause("The machine is still booting, or reboots.", "wait a minute and try again"),
                Cause(
                    "WinRM has no listener on this port.",
                    "on the host: winrm enumerate winrm/config/listener",
                ),
                Cause("The port is wrong.", "5986 is HTTPS, 5985 is HTTP"),
            ) from error
        return _ok("TCP", f"{port} open, {(time.monotonic() - start) * 1000:.0f} ms")

    def _tls(self) -> ProbeStep:
        address = self._address
        if address.scheme == "http":
            return _ok("TLS", "none: plain HTTP, messages are encrypted by NTLM", remark=True)
        try:
            seen = fetch_certificate(address.name, address.address, address.port)
            before = self._certificates.pin_of(address.address, address.port)
            pinned = self._certificates.require(address.name, address.address, address.port)
            if pinned != seen.fingerprint:
                raise self._certificates.changed(address.name, address.address, address.port, seen.fingerprint)
        except CertificateChanged as error:
            raise _Failed(
                error.what,
                Cause("The listener was made anew, or this is another machine at the same address.", error.next_step),
            ) from error
        except CertificateUnknown as error:
            raise _Failed(error.what, Cause("Nobody has accepted it yet.", error.next_step)) from error
        except HostError as error:
            raise _Failed(
                error.what,
                Cause("This is the HTTP port.", "set ansible_port: 5986, or ansible_winrm_scheme: http"),
                Cause(
                    "The HTTPS listener has no valid certificate.",
                    "on the host: winrm enumerate winrm/config/listener",
                ),
            ) from error
        when = f"pinned {before.pinned_on}" if before else "pinned now"
        return _ok("TLS", f"certificate of {seen.subject}, {when}")

    def _http(self) -> ProbeStep:
        address = self._address
        if address.scheme == "https":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE  # nothing but an empty GET goes over it; the TLS layer has checked
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                address.address, address.port, timeout=TCP_TIMEOUT, context=context
            )
        else:
            connection = http.client.HTTPConnection(address.address, address.port, timeout=TCP_TIMEOUT)
        try:
            connection.request("GET", "/wsman")
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException) as error:
            raise _Failed(
                f"no HTTP answer: {error}",
                Cause("This is the HTTPS port.", "set ansible_winrm_scheme: https"),
                Cause("Something else than WinRM listens here.", "on the host: netstat -ano | findstr LISTENING"),
            ) from error
        finally:
            connection.close()
        if response.status not in (401, 405):
            server = response.getheader("Server", "an unnamed server")
            raise _Failed(
                f"GET /wsman gave {response.status} from {server}, WinRM answers 405",
                Cause("Something else than WinRM listens here.", "on the host: netsh http show servicestate"),
                Cause("The WinRM service is not ready yet.", "on the host: sc query winrm"),
            )
        return _ok("HTTP", f"/wsman answers {response.status}")

    def _login(self) -> ProbeStep:
        self._connection = WinRMConnection(self._address, self._certificates, retry_seconds=10.0)
        user, method = self._address.user, self._address.method
        try:
            self._connection.identify()
        except LoginRefused as error:
            raise _Failed(
                f"401 for {user} by {method}",
                Cause(
                    "The password changed when the AMI was made (sysprep).",
                    "get the instance's password again (EC2, Get Windows password)",
                ),
                Cause("The account is not in Remote Management Users.", "RDP in, whoami /groups"),
                Cause(
                    f"The host does not take {method}.",
                    "on the host: winrm get winrm/config/service/auth",
                ),
            ) from error
        except HostError as error:
            raise _Failed(error.what, Cause("See above.", error.next_step)) from error
        return _ok("login", f"{user} by {method}")

    def _shell(self) -> ProbeStep:
        assert self._connection is not None
        start = time.monotonic()
        try:
            self._connection.connect()
        except HostError as error:
            raise _Failed(
                error.what,
                Cause("The account may not use remote shells.", "on the host: net localgroup Administrators"),
                Cause("The quota of shells is used up.", "on the host: winrm enumerate shell; Restart-Service WinRM"),
            ) from error
        return _ok("shell", f"opened in {time.monotonic() - start:.1f} s")

    def _powershell(self) -> ProbeStep:
        assert self._connection is not None
        lines: list[str] = []
        start = time.monotonic()
        script = importlib.resources.files("winbake.hosts").joinpath("probe.ps1").read_text(encoding="utf-8")
        try:
            ended = AgentSession(self._connection).run(script, b"", lines.append, PROBE_TIMEOUT)
        except HostError as error:
            raise _Failed(
                error.what,
                Cause("The host is overloaded (just booted, updates).", "on the host: Task Manager"),
                Cause("Antivirus holds PowerShell up.", "on the host: powershell -NoProfile -Command 1"),
            ) from error
        try:
            self._facts = json.loads("\n".join(lines))
        except ValueError as error:
            told = ended.stderr_text or "\n".join(lines) or "nothing"
            raise _Failed(
                f"exit code {ended.exit_code}, and it said: {told}",
                Cause("PowerShell is restricted by policy.", "$ExecutionContext.SessionState.LanguageMode"),
                Cause("It is not on PATH.", "on the host: where powershell.exe"),
            ) from error
        version = str(self._facts.get("version"))
        if not version.startswith("5.1"):
            raise _Failed(
                f"version {version}, winbake needs 5.1",
                Cause("An old Windows.", "install Windows Management Framework 5.1"),
            )
        return _ok("PowerShell", f"{version}, answered in {time.monotonic() - start:.1f} s")

    def _administrator(self) -> ProbeStep:
        if self._facts.get("administrator") is not True:
            raise _Failed(
                f"{self._facts.get('user')} is no administrator, or its token is filtered",
                Cause("It is not in Administrators.", "on the host: net localgroup Administrators"),
                Cause(
                    "Network logons of local accounts are filtered.",
                    "on the host: LocalAccountTokenFilterPolicy under "
                    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System must be 1",
                ),
            )
        return _ok("administrator", str(self._facts.get("user")))

    def _free_disk(self) -> ProbeStep:
        free, size = int(self._facts.get("free", 0)), int(self._facts.get("size", 0))
        text = f"{free / 2**30:.1f} GB of {size / 2**30:.0f} GB on C:"
        if free < LEAST_FREE:
            raise _Failed(
                f"{text}, too little for installers",
                Cause("The root volume is small.", "enlarge it in EC2, then: Resize-Partition on the host"),
                Cause("Old downloads and updates fill it.", "on the host: cleanmgr, or Get-ChildItem C:\\ by size"),
            )
        return _ok("free disk", text)

    def _pending_reboot(self) -> ProbeStep:
        pending = self._facts.get("pending") or []
        names = [pending] if isinstance(pending, str) else [str(name) for name in pending]
        return _ok("pending reboot", ", ".join(names) or "none", remark=bool(names))


def _ok(layer: str, detail: str, *, remark: bool = False) -> ProbeStep:
    return ProbeStep(layer, Status.OK, detail, remark=remark)
