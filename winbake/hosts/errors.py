"""What can go wrong between winbake and a host: what happened, on which host, and what to do next."""

from __future__ import annotations


class HostError(Exception):
    """Something failed on the way to, or on, a host.

    what: one sentence, without a final full stop. host: how the person named it. next_step: what to do next.
    """

    default_next_step = "run: python bake.py doctor"

    def __init__(self, what: str, host: str, next_step: str | None = None) -> None:
        super().__init__(what, host, next_step)
        self.what = what
        self.host = host
        self.next_step = self.default_next_step if next_step is None else next_step

    def __str__(self) -> str:
        text = f"{self.host}: {self.what}"
        return f"{text}\n  Next: {self.next_step}" if self.next_step else text


class HostUnreachable(HostError):
    """The name does not resolve, or nothing answers at the address and port."""

    default_next_step = (
        "check that the machine runs and that its security group and Windows Firewall let this address in; "
        "python bake.py doctor names the layer that fails"
    )


class NotWinRM(HostUnreachable):
    """Something answers, but not as a WS-Management endpoint."""

    default_next_step = "check the port: WinRM is 5986 (HTTPS) or 5985 (HTTP)"


class TlsFailed(HostUnreachable):
    """TCP connects, but no TLS session comes about."""

    default_next_step = (
        "check that the port is the HTTPS one (5986) and that its listener has a certificate: "
        "winrm enumerate winrm/config/listener"
    )


class CertificateUnknown(HostError):
    """The host shows a certificate that has not been pinned and that nobody accepted."""

    def __init__(self, what: str, host: str, next_step: str | None = None, *, fingerprint: str = "") -> None:
        super().__init__(what, host, next_step)
        self.fingerprint = fingerprint


class CertificateChanged(HostError):
    """The host shows another certificate than the pinned one."""

    def __init__(
        self, what: str, host: str, next_step: str | None = None, *, pinned: str = "", found: str = ""
    ) -> None:
        super().__init__(what, host, next_step)
        self.pinned = pinned
        self.found = found


class HostKeyUnknown(HostError):
    """The host shows a key by SSH that is in no known_hosts and that nobody accepted."""


class HostKeyChanged(HostError):
    """The host shows another SSH key than the known one."""


class SudoRefused(HostError):
    """The login worked, but sudo does not run the command."""

    default_next_step = (
        "set ansible_become_password in the inventory, as \"{{ lookup('env', 'WINBAKE_SUDO_PASSWORD') }}\", "
        "or let sudo ask for none on the host (NOPASSWD)"
    )


class LoginRefused(HostError):
    """The host answered 401 to the user and password, or offers no login that the transport can use."""

    default_next_step = "check user and password; after an AMI was made, sysprep has set a new one"


class AccessDenied(HostError):
    """The login worked, but the account may not use remote shells (WSManFault 5)."""

    default_next_step = (
        "use a member of Administrators; other local administrators than the built-in one need "
        "LocalAccountTokenFilterPolicy=1 on the host"
    )


class InsecureTransport(HostError):
    """The settings would send the password or the messages unprotected."""

    default_next_step = "use HTTPS (port 5986), or NTLM over HTTP, which encrypts its messages"


class ConnectionCut(HostError):
    """The connection was lost while something ran; what was begun may or may not have finished."""

    default_next_step = "run the same command again: it reads the host anew and goes on from there"


class ShellLost(ConnectionCut):
    """The host no longer knows the shell or the command (ended, idle too long, WinRM restarted)."""


class HostBusy(HostError):
    """The host kept answering that it is busy (ERROR_BUSY, 170)."""

    default_next_step = "wait a minute and run the same command again"


class QuotaExceeded(HostError):
    """A WinRM quota of the host is used up (shells, operations or users)."""

    default_next_step = (
        "end other WinRM sessions of this user (Restart-Service WinRM on the host frees them), or raise the "
        'quota: winrm set winrm/config/winrs @{MaxShellsPerUser="30"}'
    )


class TimeLimit(HostError):
    """A command was still running, or had been silent too long, at its time limit, and was ended."""

    default_next_step = "raise the limit if the work is right, or look at what the host waits for (a dialog?)"

    def __init__(self, what: str, host: str, next_step: str | None = None, *, seconds: float = 0.0) -> None:
        super().__init__(what, host, next_step)
        self.seconds = seconds


class Interrupted(HostError):
    """Somebody interrupted the command (Ctrl-C); it was ended on the host."""

    default_next_step = "run the same command again: it reads the host anew and goes on from there"


class ExitCodeMissing(HostError):
    """The host said that the command is done but gave no exit code; success must not be assumed."""

    default_next_step = "run the same command again"


class WsmanFault(HostError):
    """A WS-Management fault that has no better name here. code: the WSManFault code, if there was one."""

    def __init__(self, what: str, host: str, next_step: str | None = None, *, code: int | None = None) -> None:
        super().__init__(what, host, next_step)
        self.code = code


class NotYetSupported(HostError):
    """A way to reach hosts that winbake does not have yet."""

    default_next_step = "use ansible_connection: winrm"
