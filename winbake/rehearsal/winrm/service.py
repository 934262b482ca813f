"""The WS-Management service: takes an envelope of a logged-in user, does it on the host, gives the answer."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.winrm import faults
from winbake.rehearsal.winrm.commands import Answer, CommandRequests, answer
from winbake.rehearsal.winrm.counters import Counters
from winbake.rehearsal.winrm.faults import WsmanFault
from winbake.rehearsal.winrm.injection import FaultInjection
from winbake.rehearsal.winrm.settings import Settings
from winbake.rehearsal.winrm.shells import Shell
from winbake.rehearsal.winrm.soap import (
    ENUMERATION,
    NS,
    SHELL,
    TRANSFER,
    Envelope,
    Malformed,
    children,
    element,
    read_envelope,
    seconds,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winbake.rehearsal.windows.host import WindowsHost
    from winbake.rehearsal.windows.process import Token

log = logging.getLogger(__name__)
CMD_SHELL = f"{SHELL}/cmd"
CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"
POWERSHELL_SHELLS = "http://schemas.microsoft.com/powershell/"
TOKEN_POLICY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
REMOTE_MANAGEMENT_USERS = "S-1-5-32-580"


@dataclass(frozen=True)
class Caller:
    """Who asks, and from where."""

    user: str
    address: str


class Service:
    """The state of one boot of the WinRM service. Safe for use by many connections."""

    def __init__(self, host: WindowsHost, settings: Settings, counters: Counters, injection: FaultInjection) -> None:
        self._host = host
        self._settings = settings
        self._counters = counters
        self._injection = injection
        self._lock = threading.RLock()
        self._shells: dict[str, Shell] = {}
        self._enumerations: dict[str, str] = {}
        self._stopped = False
        self._commands = commands = CommandRequests(settings, counters, injection)
        self._handlers: dict[str, Callable[[Envelope, Caller], Answer]] = {
            f"{TRANSFER}/Create": self._create,
            f"{TRANSFER}/Delete": self._delete,
            f"{TRANSFER}/Get": self._get,
            f"{ENUMERATION}/Enumerate": self._enumerate,
            f"{ENUMERATION}/Pull": self._pull,
            f"{SHELL}/Command": self._command,
            f"{SHELL}/Send": self._in_shell(commands.send),
            f"{SHELL}/Receive": self._in_shell(commands.receive),
            f"{SHELL}/Signal": self._in_shell(commands.signal),
        }

    @property
    def shells(self) -> list[Shell]:
        with self._lock:
            return list(self._shells.values())

    def stop(self) -> None:
        """End every shell and whoever waits in one, as a stop of the service or of the host does."""
        with self._lock:
            self._stopped = True
            shells, self._shells = list(self._shells.values()), {}
        for shell in shells:
            shell.close()

    def handle(self, data: bytes, caller: Caller) -> Answer:
        """Answer one SOAP message; refusals come back as fault envelopes with status 500."""
        message_id = ""
        try:
            if len(data) > self._settings.max_envelope_size_kb * 1024:
                raise faults.envelope_too_large(self._settings.max_envelope_size_kb)
            envelope = read_envelope(data)
            message_id = envelope.message_id
            if envelope.body.find("wsmid:Identify", NS) is not None or _is_identify(envelope):
                return Answer(200, self.identify())
            action = envelope.action.rpartition("/")[2]
            self._counters.add(f"action.{action or 'none'}")
            if self._injection.take_cut(action):
                return Answer(200, b"", cut_unanswered=True)
            return self._dispatch(envelope, caller)
        except WsmanFault as fault:
            refused = fault
        except Malformed as malformed:
            refused = faults.invalid_message(str(malformed))
        except Win32Failure as failure:
            refused = faults.win32(failure.code, failure.message)
        except NotModelled as missing:
            refused = faults.internal_error(str(missing))
        except Exception as broken:
            log.exception("the service failed at a request")
            refused = faults.internal_error(f"the rehearsal itself failed: {broken!r}")
        self._counters.add("faults")
        return Answer(500, refused.envelope(self._host.computer_name, message_id))

    def identify(self, anonymous: bool = False) -> bytes:
        """The answer to Identify ([DSP0226] 11); an anonymous caller is not told the version of Windows."""
        version = "0.0.0" if anonymous else f"10.0.{self._host.release.build}"
        return (
            f'<s:Envelope xml:lang="en-US" xmlns:s="{NS["s"]}"><s:Header/><s:Body>'
            f'<wsmid:IdentifyResponse xmlns:wsmid="{NS["wsmid"]}">'
            f"<wsmid:ProtocolVersion>{NS['w']}</wsmid:ProtocolVersion>"
            "<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>"
            f"<wsmid:ProductVersion>OS: {version} SP: 0.0 Stack: 3.0</wsmid:ProductVersion>"
            "</wsmid:IdentifyResponse></s:Body></s:Envelope>"
        ).encode()

    def _dispatch(self, envelope: Envelope, caller: Caller) -> Answer:
        handler = self._handlers.get(envelope.action)
        if handler is None:
            raise faults.unknown_action(envelope.action)
        if not self._may_use_shells(self._host.accounts.token(caller.user)):
            raise faults.access_denied()
        return handler(envelope, caller)

    def _may_use_shells(self, token: Token) -> bool:
        """Administrators and Remote Management Users; a filtered token is no administrator's."""
        built_in = token.sid.endswith("-500")
        unfiltered = built_in or self._host.registry.read(TOKEN_POLICY, "LocalAccountTokenFilterPolicy") == 1
        return (token.elevated and unfiltered) or REMOTE_MANAGEMENT_USERS in token.groups

    # Shells.

    def _create(self, envelope: Envelope, caller: Caller) -> Answer:
        if envelope.resource.startswith(POWERSHELL_SHELLS):
            raise faults.no_powershell_remoting(envelope.resource)
        if envelope.resource != CMD_SHELL:
            raise faults.unknown_resource(envelope.resource)
        self._inject_create_faults()
        request = next(children(envelope.body, "Shell"), None)
        if request is None:
            raise faults.schema_error("rsp:Shell is missing")
        shell = self._make_shell(envelope, request, caller)
        with self._lock:
            if self._stopped:
                raise faults.aborted()
            if shell.id in self._shells:
                raise faults.shell_exists(shell.id)
            mine = sum(1 for other in self._shells.values() if other.token.sid == shell.token.sid)
            if mine >= self._settings.max_shells_per_user:
                raise faults.too_many_shells(self._settings.max_shells_per_user)
            self._shells[shell.id] = shell
        self._counters.add("shells")
        self._watch_idle(shell)
        created = (
            f"<x:ResourceCreated><a:Address>{escape(envelope.to)}</a:Address><a:ReferenceParameters>"
            f"<w:ResourceURI>{CMD_SHELL}</w:ResourceURI><w:SelectorSet>"
            f'<w:Selector Name="ShellId">{shell.id}</w:Selector></w:SelectorSet></a:ReferenceParameters>'
            f"</x:ResourceCreated>{_shell_xml(shell)}"
        )
        return answer(envelope, f"{TRANSFER}/CreateResponse", created)

    def _inject_create_faults(self) -> None:
        if self._injection.take("shell_quota"):
            raise faults.too_many_shells(self._settings.max_shells_per_user)
        if self._injection.take("profile_unloading"):
            raise faults.profile_unloading()

    def _make_shell(self, envelope: Envelope, request: ElementTree.Element, caller: Caller) -> Shell:
        token = self._host.logon(caller.user, self._host.accounts.must_user(caller.user).password)
        environment = self._host.environment.block(token)
        for variable in request.iterfind("rsp:Environment/rsp:Variable", NS):
            environment[variable.get("Name", "")] = environment.expand(variable.text or "")
        folder = (request.findtext("rsp:WorkingDirectory", "", NS) or "").strip()
        directory = environment.expand(folder) if folder else environment.get("USERPROFILE", r"C:\Windows\system32")
        if not self._host.files.is_directory(directory):
            if folder:
                raise Win32Failure(267, directory)
            directory = r"C:\Windows\system32"
        idle = (request.findtext("rsp:IdleTimeOut", "", NS) or "").strip()
        codepage = envelope.options.get("WINRS_CODEPAGE", "437")
        if not codepage.isdigit():
            raise faults.schema_error(f"WINRS_CODEPAGE {codepage}")
        return Shell(
            id=request.get("ShellId", str(uuid.uuid4())).upper(),
            host=self._host,
            token=token,
            owner=f"{self._host.computer_name}\\{token.user}",
            client_address=caller.address,
            idle_seconds=seconds(idle) if idle else self._settings.idle_timeout_ms / 1000,
            environment=environment,
            directory=directory,
            codepage=int(codepage),
            input_streams=request.findtext("rsp:InputStreams", "stdin", NS),
            output_streams=request.findtext("rsp:OutputStreams", "stdout stderr", NS),
            name=request.findtext("rsp:Name", "", NS),
        )

    def _watch_idle(self, shell: Shell) -> None:
        """End the shell when nobody used it for its idle time (real seconds: the client's, not the host's)."""

        def check() -> None:
            with self._lock:
                if self._shells.get(shell.id) is not shell:
                    return
                left = shell.idle_seconds if shell.users else shell.last_use + shell.idle_seconds - time.monotonic()
                if left <= 0:
                    del self._shells[shell.id]
            if left <= 0:
                shell.close()
            else:
                schedule(left)

        def schedule(delay: float) -> None:
            timer = threading.Timer(min(delay, 3600.0) + 0.01, check)
            timer.daemon = True
            shell.timer = timer
            timer.start()

        schedule(shell.idle_seconds)

    def _delete(self, envelope: Envelope, caller: Caller) -> Answer:
        shell = self._shell(envelope, caller)
        with self._lock:
            self._shells.pop(shell.id, None)
        shell.close()
        return answer(envelope, f"{TRANSFER}/DeleteResponse", "")

    @contextmanager
    def _using(self, envelope: Envelope, caller: Caller) -> Iterator[Shell]:
        shell = self._shell(envelope, caller)
        with self._lock:
            shell.users += 1
            shell.last_use = time.monotonic()
        try:
            yield shell
        finally:
            with self._lock:
                shell.users -= 1
                shell.last_use = time.monotonic()

    def _shell(self, envelope: Envelope, caller: Caller) -> Shell:
        shell_id = envelope.selectors.get("shellid", "")
        if not shell_id:
            raise faults.missing_shell_id()
        with self._lock:
            shell = self._shells.get(shell_id.upper())
            if shell is not None and self._injection.take("lost_shells"):
                del self._shells[shell.id]
                shell.close()
                shell = None
        if shell is None:
            raise faults.shell_not_found(shell_id)
        if shell.token.user.lower() != caller.user.lower():
            raise faults.access_denied()
        return shell

    # Commands.

    def _in_shell(self, request: Callable[[Shell, Envelope], Answer]) -> Callable[[Envelope, Caller], Answer]:
        def handler(envelope: Envelope, caller: Caller) -> Answer:
            with self._using(envelope, caller) as shell:
                return request(shell, envelope)

        return handler

    def _command(self, envelope: Envelope, caller: Caller) -> Answer:
        with self._using(envelope, caller) as shell:
            with self._lock:
                mine = [other for other in self._shells.values() if other.token.sid == shell.token.sid]
            if sum(other.operations for other in mine) >= self._settings.max_operations_per_user:
                raise faults.too_many_operations(self._settings.max_operations_per_user)
            return self._commands.command(shell, envelope)

    # Reading.

    def _get(self, envelope: Envelope, caller: Caller) -> Answer:
        if envelope.resource == CONFIG:
            body = self._settings.as_xml()
        elif envelope.resource in (SHELL, CMD_SHELL):
            body = _shell_xml(self._shell(envelope, caller))
        else:
            raise faults.unknown_resource(envelope.resource)
        return answer(envelope, f"{TRANSFER}/GetResponse", body)

    def _enumerate(self, envelope: Envelope, caller: Caller) -> Answer:
        if envelope.resource not in (SHELL, CMD_SHELL):
            raise faults.unknown_resource(envelope.resource)
        items = "".join(_shell_xml(shell) for shell in self.shells if shell.token.user.lower() == caller.user.lower())
        context = f"uuid:{str(uuid.uuid4()).upper()}"
        if envelope.body.find("n:Enumerate/w:OptimizeEnumeration", NS) is not None:
            rest = f"<n:EnumerationContext/><w:Items>{items}</w:Items><w:EndOfSequence/>"
        else:
            self._enumerations[context] = items
            rest = f"<n:EnumerationContext>{context}</n:EnumerationContext>"
        body = f"<n:EnumerateResponse>{rest}</n:EnumerateResponse>"
        return answer(envelope, f"{ENUMERATION}/EnumerateResponse", body)

    def _pull(self, envelope: Envelope, caller: Caller) -> Answer:
        context = envelope.body.findtext("n:Pull/n:EnumerationContext", "", NS).strip()
        items = self._enumerations.pop(context, None)
        if items is None:
            raise faults.schema_error("the enumeration context is not known")
        body = f"<n:PullResponse><n:Items>{items}</n:Items><n:EndOfSequence/></n:PullResponse>"
        return answer(envelope, f"{ENUMERATION}/PullResponse", body)


def _is_identify(envelope: Envelope) -> bool:
    return envelope.action.endswith("/wsman/identify/1/wsmanidentity.xsd/Identify")


def _shell_xml(shell: Shell) -> str:
    def age(since: float) -> str:
        total = int(time.monotonic() - since)
        return f"P{total // 86400}DT{total // 3600 % 24}H{total // 60 % 60}M{total % 60}S"

    named = element("rsp:Name", shell.name) if shell.name else ""
    return (
        f'<rsp:Shell xmlns:rsp="{NS["rsp"]}"><rsp:ShellId>{shell.id}</rsp:ShellId>{named}'
        f"<rsp:ResourceUri>{CMD_SHELL}</rsp:ResourceUri>{element('rsp:Owner', shell.owner)}"
        f"{element('rsp:ClientIP', shell.client_address)}<rsp:IdleTimeOut>PT{shell.idle_seconds:.3f}S</rsp:IdleTimeOut>"
        f"<rsp:InputStreams>{escape(shell.input_streams)}</rsp:InputStreams>"
        f"<rsp:OutputStreams>{escape(shell.output_streams)}</rsp:OutputStreams>"
        f"<rsp:ShellRunTime>{age(shell.created)}</rsp:ShellRunTime>"
        f"<rsp:ShellInactivity>{age(shell.last_use)}</rsp:ShellInactivity></rsp:Shell>"
    )
