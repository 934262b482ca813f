"""The WinRM endpoint of a simulated host: its HTTP and HTTPS listeners, up exactly while the host is up.

Any WinRM client can talk to it. The listeners share one service; the counters live as long as the endpoint. The host
says what is listened on: a listener that is removed there closes its port here. The ports here stand for the host's
5985 and 5986. Assumed: with a listener go its open connections.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from winbake.rehearsal.windows.certificates import Certificate, make_certificate
from winbake.rehearsal.windows.firewall import TCP, FirewallRule
from winbake.rehearsal.windows.listeners import PORTS, Listener
from winbake.rehearsal.windows.services import RUNNING, STOPPED
from winbake.rehearsal.winrm.authentication import ConnectionLogin, LoginNeeded
from winbake.rehearsal.winrm.commands import Answer
from winbake.rehearsal.winrm.counters import Counters
from winbake.rehearsal.winrm.encryption import CONTENT_TYPE, decrypt, encrypt, is_encrypted
from winbake.rehearsal.winrm.http import BadRequest, ConnectionGone, HttpConnection, Request, Response, Stream
from winbake.rehearsal.winrm.injection import FaultInjection
from winbake.rehearsal.winrm.ntlm import HostNames, NtlmRefused
from winbake.rehearsal.winrm.service import Caller, Service
from winbake.rehearsal.winrm.settings import Settings

if TYPE_CHECKING:
    import ssl

    from winbake.rehearsal.windows.host import WindowsHost

log = logging.getLogger(__name__)
_BACKLOG = 100
_SERVICE = "WinRM"
FIREWALL_RULE = "WinRM-HTTPS-In-TCP"
_LOOK_AGAIN = 2.0  # real seconds after which a waiting thread notices that the endpoint was stopped


class Endpoint:
    """WinRM on a WindowsHost. `with Endpoint(host): …` or start() and stop().

    address: where to listen. http_port, https_port: 0 takes a free one (then readable here), None leaves that
    listener out. users: name → password, set in the host's accounts; a name that is new becomes an administrator.
    certificate: for HTTPS; by default the host's own, made once and kept in its store.

    prepared: what is missing on the host of listeners, certificate and firewall rule is made here, once, as the user
    data of a launched instance does it; what is removed later stays away. Else the host's own user data do it.
    """

    def __init__(
        self,
        host: WindowsHost,
        address: str = "127.0.0.1",
        http_port: int | None = 0,
        https_port: int | None = 0,
        users: Mapping[str, str] | None = None,
        certificate: Certificate | None = None,
        settings: Settings | None = None,
        *,
        prepared: bool = True,
    ) -> None:
        self.host = host
        self.address = address
        self.http_port = http_port
        self.https_port = https_port
        self.settings = settings or Settings()
        self.counters = Counters()
        self.faults = FaultInjection()
        for name, password in (users or {}).items():
            self._set_account(name, password)
        self._lock = threading.RLock()
        self._sockets: dict[str, socket.socket] = {}
        self._connections: dict[Stream, str] = {}
        self._service: Service | None = None
        self._started = False
        self._context: tuple[bytes, ssl.SSLContext] | None = None
        self._base_starts: dict[str, int] = {}
        if not prepared:
            return
        if http_port is not None and host.listeners.get("HTTP") is None:
            host.listeners.put(Listener("HTTP"))
        if https_port is not None:
            self._open_https(certificate)

    def _open_https(self, certificate: Certificate | None) -> None:
        """What the user data does: a self-signed certificate, a listener with it, the port open in the firewall."""
        listener = self.host.listeners.get("HTTPS")
        if certificate is None and listener is not None and self.host.certificates.with_key(listener.thumbprint):
            return
        thumbprint = self.host.certificates.add(certificate or make_certificate(self.host.computer_name))
        self.host.listeners.put(Listener("HTTPS", thumbprint=thumbprint))
        if self.host.firewall.get(FIREWALL_RULE) is None:
            rule = FirewallRule(FIREWALL_RULE, "WinRM over HTTPS", protocol=TCP, local_ports=(str(PORTS["HTTPS"]),))
            self.host.firewall.add(rule)

    @property
    def http_url(self) -> str:
        return f"http://{self.address}:{self.http_port}/wsman"

    @property
    def https_url(self) -> str:
        return f"https://{self.address}:{self.https_port}/wsman"

    @property
    def certificate(self) -> Certificate:
        """What the HTTPS listener shows. Raises LookupError if the listener or its certificate is gone."""
        found = self._shown_certificate()
        if found is None:
            raise LookupError(f"{self.host.name} has no HTTPS listener with a certificate")
        return found

    def _shown_certificate(self) -> Certificate | None:
        listener = self.host.listeners.get("HTTPS")
        return self.host.certificates.with_key(listener.thumbprint) if listener is not None else None

    def change_certificate(self, new: Certificate | None = None) -> Certificate:
        """Give the HTTPS listener another certificate (a new one by default); open connections keep theirs."""
        new = new or make_certificate(self.host.computer_name)
        old = self.host.listeners.get("HTTPS")
        self.host.listeners.put(Listener("HTTPS", thumbprint=self.host.certificates.add(new)))
        if old is not None:
            self.host.certificates.remove(old.thumbprint, with_key=True)
        return new

    def start(self) -> Endpoint:
        """Listen, now if the host is up, and again whenever it comes up. Raises OSError if a port is taken."""
        with self._lock:
            if self._started:
                return self
            self._started = True
            self._base_starts = dict(self.host.processes.started_count)
        self.host.on_down(self._close)
        self.host.on_up(self._open)
        self.host.listeners.on_change.append(self._follow_listeners)
        self._open_if_up()
        threading.Thread(target=self._follow_service, daemon=True, name=f"winrm {self.host.name}").start()
        return self

    def stop(self) -> None:
        """Close the listeners and all connections, end all shells."""
        with self._lock:
            self._started = False
        self._close()

    def __enter__(self) -> Endpoint:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def shells(self) -> int:
        """How many shells are open."""
        return len(self._service.shells) if self._service else 0

    def counters_json(self) -> dict[str, object]:
        """What GET /rehearsal/counters answers: `Counters.as_json` with the programs the host started."""
        for name, count in self.host.processes.started_count.items():
            missing = count - self._base_starts.get(name, 0) - self.counters[f"start.{name}"]
            if missing > 0:
                self.counters.add(f"start.{name}", missing)
        return self.counters.as_json()

    def reset_counters(self) -> None:
        self.counters.reset()
        self._base_starts = dict(self.host.processes.started_count)

    def drop_connections(self) -> None:
        """Cut every open connection, as a bounced network would; shells live on."""
        with self._lock:
            connections = list(self._connections)
        for stream in connections:
            stream.cut()

    def _set_account(self, name: str, password: str) -> None:
        accounts = self.host.accounts
        user = accounts.user(name)
        if user is None:
            user = accounts.add_user(name, None)
            accounts.add_member("Administrators", name)
        user.password = password
        user.password_required = True

    def _find_account(self, name: str) -> tuple[str, str] | None:
        # `COMPUTER\user` and `.\user` come so with Basic; NTLM splits the domain off itself.
        user = self.host.accounts.user(name.rpartition("\\")[2])
        return (user.name, user.password) if user is not None and user.enabled and user.password else None

    # Listening.

    def _service_runs(self) -> bool:
        return self.host.services.must(_SERVICE).status == RUNNING

    def _follow_service(self) -> None:
        """Close the listeners when somebody stops the WinRM service, open them when it runs again."""
        while self._started:
            wanted = STOPPED if self._service else RUNNING
            if self.host.services.wait_for(_SERVICE, wanted, _LOOK_AGAIN * self.host.clock.speed):
                if wanted == STOPPED:
                    self._close()
                else:
                    self._open_if_up()
                    if not self._service:  # it runs, but the host is not up yet: its coming up opens them
                        self.host.wait_up(_LOOK_AGAIN * self.host.clock.speed)

    def _open_if_up(self) -> None:
        with self._lock:  # or the host could go down in between
            if self.host.is_up:
                self._open()

    def _open(self) -> None:
        with self._lock:
            if self._service or not self._started or not self._service_runs():
                return
            self._service = Service(self.host, self.settings, self.counters, self.faults)
            self._follow_listeners()

    def _follow_listeners(self) -> None:
        """Opens and closes ports until they are what the host's listeners say."""
        with self._lock:
            if self._service is None:
                return
            wanted = {one.transport for one in self.host.listeners.all() if one.enabled}
            for transport in [one for one in self._sockets if one not in wanted]:
                self._shut(transport)
            if "HTTP" in wanted - self._sockets.keys() and self.http_port is not None:
                self.http_port = self._listen(self.http_port, "HTTP")
            if "HTTPS" in wanted - self._sockets.keys() and self.https_port is not None:
                self.https_port = self._listen(self.https_port, "HTTPS")

    def _shut(self, transport: str) -> None:
        _close_listener(self._sockets.pop(transport))
        for stream in [one for one, over in self._connections.items() if over == transport]:
            del self._connections[stream]
            stream.cut()

    def _listen(self, port: int, transport: str) -> int:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # on Windows the option would let others take the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.address, port))
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            self._close()
            raise
        self._sockets[transport] = listener
        service = self._service
        assert service is not None
        threading.Thread(
            target=self._accept,
            args=(listener, service, transport),
            daemon=True,
            name=f"winrm {self.host.name} {transport.lower()}",
        ).start()
        return int(listener.getsockname()[1])

    def _close(self) -> None:
        with self._lock:
            sockets, self._sockets = self._sockets, {}
            connections, self._connections = list(self._connections), {}
            service, self._service = self._service, None
        for listener in sockets.values():
            _close_listener(listener)
        for stream in connections:
            stream.cut()
        if service is not None:
            service.stop()

    def _accept(self, listener: socket.socket, service: Service, transport: str) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return  # closed: the host went down, or stop()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(
                target=self._serve, args=(sock, service, transport), daemon=True, name="winrm connection"
            ).start()

    # One connection.

    def _serve(self, sock: socket.socket, service: Service, transport: str) -> None:
        over_tls = transport == "HTTPS"
        context = self._tls_context() if over_tls else None
        stream = Stream(sock, self.counters, context)
        with self._lock:
            # Without its certificate HTTP.sys ends a connection before TLS begins.
            if self._service is not service or transport not in self._sockets or (over_tls and context is None):
                stream.cut()
                return
            self._connections[stream] = transport
        self.counters.add("connections")
        try:
            stream.handshake()
            self._converse(stream, service, over_tls)
        except ConnectionGone:
            log.debug("connection from %s ended", stream.peer)
        finally:
            with self._lock:
                self._connections.pop(stream, None)
            stream.close()

    def _converse(self, stream: Stream, service: Service, over_tls: bool) -> None:
        connection = HttpConnection(stream)
        login = ConnectionLogin(
            self._find_account, self._names(), self.settings, self.faults, self.counters, over_tls=over_tls
        )
        while True:
            try:
                request = connection.read_request()
            except BadRequest as bad:
                connection.write_response(Response(bad.status, close=True))
                return
            response = self._respond(request, service, login, stream, over_tls)
            connection.write_response(response, head_only=request.method == "HEAD")
            if response.close or request.header("Connection").lower() == "close":
                return

    def _tls_context(self) -> ssl.SSLContext | None:
        """The context of the current certificate, made once for each; None if the store has it no more."""
        current = self._shown_certificate()
        if current is None:
            return None
        with self._lock:
            if self._context is None or self._context[0] != current.pem:
                self._context = (current.pem, current.server_context())
            return self._context[1]

    def _names(self) -> HostNames:
        name = self.host.computer_name
        return HostNames(name, name, (10, 0, int(self.host.release.build)))

    def _respond(
        self, request: Request, service: Service, login: ConnectionLogin, stream: Stream, over_tls: bool
    ) -> Response:
        path = request.path.partition("?")[0].rstrip("/").lower()
        if path == "/rehearsal/counters" and request.method == "GET":
            body = json.dumps(self.counters_json(), indent=2).encode()
            return Response(200, body, "application/json")
        if path != "/wsman":
            return Response(404)
        self.counters.add("requests")
        self.counters.add("body_bytes_in", len(request.body))
        if self.faults.delay_seconds:
            threading.Event().wait(self.faults.delay_seconds)
        if request.method != "POST":
            return Response(405, headers=[("Allow", "POST")])
        response = self._post(request, service, login, stream, over_tls)
        self.counters.add("body_bytes_out", len(response.body))
        return response

    def _post(
        self, request: Request, service: Service, login: ConnectionLogin, stream: Stream, over_tls: bool
    ) -> Response:
        if request.header("WSMANIDENTIFY").lower() == "unauthenticated":
            return Response(200, service.identify(anonymous=True))
        try:
            user, proof = login.check(request)
        except LoginNeeded as needed:
            return Response(401, headers=[("WWW-Authenticate", challenge) for challenge in needed.challenges])
        headers = [("WWW-Authenticate", proof)] if proof else []
        if not request.body:
            return Response(200, headers=headers)
        sealed = is_encrypted(request.header("Content-Type"))
        message = request.body
        channel = login.channel
        if sealed:
            if channel is None:
                return Response(400, close=True)
            try:
                message = decrypt(request.body, channel)
            except NtlmRefused as error:
                # A client that got a new connection and still seals with the old key ends here, as on Windows.
                log.debug("encrypted message refused: %s", error)
                return Response(400, close=True)
        elif not over_tls and not self.settings.allow_unencrypted:
            # AllowUnencrypted=false: the service takes no plain messages on the HTTP listener.
            return Response(500, headers=headers, close=True)
        answer = self._handle(service, message, Caller(user, stream.peer), stream)
        if sealed and channel is not None:
            return Response(
                answer.status, encrypt(answer.body, channel), CONTENT_TYPE, headers, cut_after=answer.cut_after
            )
        return Response(answer.status, answer.body, headers=headers, cut_after=answer.cut_after)

    def _handle(self, service: Service, message: bytes, caller: Caller, stream: Stream) -> Answer:
        answer = service.handle(message, caller)
        if answer.cut_unanswered:
            stream.cut()
            raise ConnectionGone("cut by fault injection")
        return answer


def _close_listener(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept
    listener.close()
