"""The service control manager: configuration in the registry, states, start and stop with their durations.

A service is known from when it was made by the API or found in the registry at boot. Codes and states:
MicrosoftDocs/win32 Services and Debug/system-error-codes--1000-1299-.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.windows import command_line as command_lines
from winbake.rehearsal.windows import images, paths, service_settings
from winbake.rehearsal.windows.accounts import LOCAL_SERVICE_TOKEN, NETWORK_SERVICE_TOKEN, SYSTEM_TOKEN
from winbake.rehearsal.windows.failure_actions import FailureActions
from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.process import Process, Token
from winbake.rehearsal.windows.registry import REG_BINARY, REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_SZ
from winbake.rehearsal.windows.streams import ByteReader, ByteWriter

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

SERVICES_KEY = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services"
STOPPED, START_PENDING, STOP_PENDING, RUNNING, CONTINUE_PENDING, PAUSE_PENDING, PAUSED = 1, 2, 3, 4, 5, 6, 7
BOOT, SYSTEM, AUTOMATIC, MANUAL, DISABLED = 0, 1, 2, 3, 4
OWN_PROCESS, SHARE_PROCESS = 0x10, 0x20
NEVER_STARTED = 1077
START_LIMIT = 30.0  # seconds, unless HKLM\SYSTEM\CurrentControlSet\Control : ServicesPipeTimeout (ms)
DELAYED_START = 120.0  # seconds after boot
TRIGGERED = ("PlugPlay", "TermService", "netprofm")  # manual ones that Windows starts by itself
# These accept no stop control.
_NEVER_STOP = """
    rpcss dcomlaunch rpceptmapper brokerinfrastructure lsm samss power plugplay profsvc schedule gpsvc mpssvc
    windefend systemeventsbroker coremessagingregistrar
"""
NOT_STOPPABLE = frozenset(_NEVER_STOP.split())
_NAME = re.compile(r"^[^/\\]{1,256}$")
_ACCOUNTS = {
    "localsystem": SYSTEM_TOKEN,
    "nt authority\\system": SYSTEM_TOKEN,
    "nt authority\\localservice": LOCAL_SERVICE_TOKEN,
    "nt authority\\local service": LOCAL_SERVICE_TOKEN,
    "nt authority\\networkservice": NETWORK_SERVICE_TOKEN,
    "nt authority\\network service": NETWORK_SERVICE_TOKEN,
}


@dataclass(frozen=True)
class Service:
    """One service as it stood when asked for. Numbers are those of ServiceControllerStatus, ServiceStartMode and
    SERVICE_TYPE."""

    name: str
    display_name: str
    description: str
    status: int
    start_type: int
    delayed: bool
    service_type: int
    error_control: int
    image_path: str
    account: str
    dependencies: tuple[str, ...]
    process_id: int
    exit_code: int
    specific_exit_code: int
    can_stop: bool
    can_shutdown: bool
    can_pause: bool = False
    load_order_group: str = ""
    marked_for_deletion: bool = False


@dataclass
class _State:
    name: str
    status: int = STOPPED
    exit_code: int = NEVER_STARTED
    specific_exit_code: int = 0
    process: Process | None = None
    deleted: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)
    password: str = ""
    failures: int = 0


class Services:
    """All services of one host. Every refusal is a Win32Failure with the code the control manager gives."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self._known: dict[str, _State] = {}
        self._lock = threading.RLock()

    # Looking.

    def names(self) -> list[str]:
        """Names of all services, sorted without case."""
        with self._lock:
            return sorted((state.name for state in self._known.values()), key=str.lower)

    def get(self, name: str) -> Service | None:
        """By service name; None when there is none."""
        with self._lock:
            state = self._known.get(name.lower())
            return self._view(state) if state else None

    def by_display_name(self, display_name: str) -> Service | None:
        return next((one for one in self if one.display_name.lower() == display_name.lower()), None)

    def must(self, name: str) -> Service:
        found = self.get(name)
        if found is None:
            raise Win32Failure(1060, name)
        return found

    def __iter__(self) -> Any:
        return iter([service for name in self.names() if (service := self.get(name)) is not None])

    def dependents(self, name: str) -> list[Service]:
        """The services that name this one as a dependency."""
        low = name.lower()
        return [one for one in self if low in (dependency.lower() for dependency in one.dependencies)]

    def wait_for(self, name: str, status: int, seconds: float | None = None) -> bool:
        """Wait until the service has this status, at most so many host seconds."""
        state = self._state(name)
        with state.changed:
            return self._host.clock.wait_with(
                lambda real: state.changed.wait_for(lambda: state.status == status, real), seconds
            )

    # Configuration.

    def create(
        self,
        name: str,
        image_path: str,
        display_name: str | None = None,
        *,
        start_type: int = MANUAL,
        service_type: int = OWN_PROCESS,
        error_control: int = 1,
        account: str = "LocalSystem",
        password: str = "",
        dependencies: Iterable[str] = (),
        delayed: bool = False,
        description: str = "",
    ) -> Service:
        """Raises 123 (name), 1073 (exists), 1072 (marked for deletion), 1078 (display name taken), 1057, 87."""
        with self._lock:
            if not _NAME.match(name):
                raise Win32Failure(123, name)
            old = self._known.get(name.lower())
            if old is not None:
                raise Win32Failure(1072 if old.deleted else 1073, name)
            shown = display_name or name
            if any(shown.lower() in (one.display_name.lower(), one.name.lower()) for one in self):
                raise Win32Failure(1078, shown)
            if not image_path:
                raise Win32Failure(87, name)
            self._token(account)
            self._known[name.lower()] = _State(name, password=password)
            key = self._host.registry.create(rf"{SERVICES_KEY}\{name}")
            key.set("Type", REG_DWORD, service_type)
            key.set("Start", REG_DWORD, start_type)
            key.set("ErrorControl", REG_DWORD, error_control)
            key.set("ImagePath", REG_EXPAND_SZ, image_path)
            key.set("DisplayName", REG_SZ, shown)
            key.set("ObjectName", REG_SZ, account)
            if description:
                key.set("Description", REG_SZ, description)
            if delayed:
                key.set("DelayedAutostart", REG_DWORD, 1)
            needed = list(dependencies)
            if needed:
                key.set("DependOnService", REG_MULTI_SZ, needed)
            return self.must(name)

    def configure(
        self,
        name: str,
        *,
        display_name: str | None = None,
        description: str | None = None,
        start_type: int | None = None,
        delayed: bool | None = None,
        image_path: str | None = None,
        account: str | None = None,
        password: str | None = None,
        dependencies: Iterable[str] | None = None,
        error_control: int | None = None,
        service_type: int | None = None,
    ) -> None:
        """Change what is given. Raises 1060, 1072, 1057."""
        with self._lock:
            state = self._alive(name)
            key = self._host.registry.create(rf"{SERVICES_KEY}\{state.name}")
            if account is not None:
                self._token(account)
                key.set("ObjectName", REG_SZ, account)
            if password is not None:
                state.password = password
            for value_name, kind, data in [
                ("DisplayName", REG_SZ, display_name),
                ("Description", REG_SZ, description),
                ("Start", REG_DWORD, start_type),
                ("ImagePath", REG_EXPAND_SZ, image_path),
                ("ErrorControl", REG_DWORD, error_control),
                ("Type", REG_DWORD, service_type),
                ("DelayedAutostart", REG_DWORD, None if delayed is None else int(delayed)),
                ("DependOnService", REG_MULTI_SZ, None if dependencies is None else list(dependencies)),
            ]:
                if data is not None:
                    key.set(value_name, kind, data)

    def delete(self, name: str) -> None:
        """Delete at once, or, while it runs, mark for deletion (then 1072 for everything until it stops)."""
        with self._lock:
            state = self._alive(name)
            state.deleted = True
            if state.status == STOPPED:
                self._forget(state)
            else:
                self._host.registry.write(rf"{SERVICES_KEY}\{state.name}", "DeleteFlag", 1)

    def failure_actions(self, name: str) -> FailureActions:
        """What is done when it dies. Raises 1060."""
        state = self._state(name)
        key = rf"{SERVICES_KEY}\{state.name}"
        data = self._host.registry.read(key, "FailureActions", b"")
        command = self._host.registry.read(key, "FailureCommand", "")
        return FailureActions.from_bytes(data, str(command))

    def set_failure_actions(self, name: str, actions: FailureActions) -> None:
        state = self._alive(name)
        key = rf"{SERVICES_KEY}\{state.name}"
        self._host.registry.write(key, "FailureActions", actions.to_bytes(), REG_BINARY)
        if actions.command:
            self._host.registry.write(key, "FailureCommand", actions.command)

    # Control.

    def start(self, name: str, arguments: Iterable[str] = ()) -> None:
        """Ask it to start; returns once its process answered, with the state START_PENDING or RUNNING.

        Raises 1060, 1056 (runs already), 1058 (disabled), 1068 (a dependency fails), 1069 (logon), 1072, 2 or 3 (no
        image file), 193, 1053 (not a service program, after 30 s)."""
        state = self._alive(name)
        with self._lock:
            service = self._view(state)
            if service.status != STOPPED:
                raise Win32Failure(1056 if service.status != STOP_PENDING else 1061, name)
            if service.start_type == DISABLED:
                raise Win32Failure(1058, name)
        for dependency in service.dependencies:
            self._start_dependency(dependency)
        try:
            process, behaviour = self._start_process(service, state, list(arguments))
        except Win32Failure as refused:
            self._set(state, STOPPED, exit_code=refused.code)
            raise
        with self._lock:
            if state.status != STOPPED:
                raise Win32Failure(1056, name)
            state.process = process
            self._set(state, START_PENDING, exit_code=0)
        fault = self._host.faults.take("service_does_not_start", service=service.name)
        if fault is not None:
            behaviour = behaviour.model_copy(update={"fails_with": int(fault.get("code", 1067)), "start_seconds": 2.0})
        self._host.clock.call_later(behaviour.start_seconds, lambda: self._started(state, process, behaviour))

    def start_and_wait(self, name: str, seconds: float = 120.0) -> bool:
        """Start it if it does not run, and wait until it does; False when it did not come up."""
        if self.must(name).status == RUNNING:
            return True
        self.start(name)
        state = self._state(name)
        with state.changed:
            self._host.clock.wait_with(
                lambda real: state.changed.wait_for(lambda: state.status in (RUNNING, STOPPED), real), seconds
            )
            return state.status == RUNNING

    def stop(self, name: str) -> None:
        """Ask it to stop. Raises 1060, 1062 (not started), 1051 (running dependents), 1052 (takes no stop), 1061."""
        with self._lock:
            state = self._state(name)
            service = self._view(state)
            if service.status == STOPPED:
                raise Win32Failure(1062, name)
            if service.status in (START_PENDING, STOP_PENDING):
                raise Win32Failure(1061, name)
            if any(one.status != STOPPED for one in self.dependents(name)):
                raise Win32Failure(1051, name)
            if not service.can_stop:
                raise Win32Failure(1052, name)
            self._set(state, STOP_PENDING)
            behaviour = self._behaviour(service)
        self._host.clock.call_later(behaviour.stop_seconds, lambda: self._stopped(state, 0))

    # Life of the host.

    def boot_at_once(self) -> None:
        """The machine is met running: every automatic service that can run, does."""
        self._find()
        for service in self:
            if service.start_type == AUTOMATIC or (service.start_type == MANUAL and service.name in TRIGGERED):
                self._run_at_once(service)

    def _run_at_once(self, service: Service) -> None:
        state = self._state(service.name)
        if state.status == RUNNING:
            return
        for dependency in service.dependencies:
            needed = self.get(dependency)
            if needed is not None and needed.start_type != DISABLED:
                self._run_at_once(needed)
        try:
            process, behaviour = self._start_process(service, state, [])
        except Win32Failure as refused:
            self._set(state, STOPPED, exit_code=refused.code)
            return
        state.process = process
        self._set(state, START_PENDING, exit_code=0)
        self._started(state, process, behaviour)

    def boot(self) -> None:
        """Find the services in the registry; start the automatic ones, dependencies first."""
        self._find()
        for service in self:
            triggered = service.start_type == MANUAL and service.name in TRIGGERED
            if triggered or (service.start_type == AUTOMATIC and not service.delayed):
                self._start_quietly(service.name)
        for service in self:
            if service.start_type == AUTOMATIC and service.delayed:
                self._host.after_boot(DELAYED_START, partial(self._start_quietly, service.name))

    def _find(self) -> None:
        key = self._host.registry.open(SERVICES_KEY)
        with self._lock:
            old, self._known = self._known, {}
            for name in key.subkeys() if key else []:
                if self._host.registry.read(rf"{SERVICES_KEY}\{name}", "ImagePath") is None:
                    continue
                if self._host.registry.read(rf"{SERVICES_KEY}\{name}", "DeleteFlag"):
                    self._host.registry.delete_key(rf"{SERVICES_KEY}\{name}", recursive=True)
                    continue
                state = _State(name)
                if name.lower() in old:
                    state.password = old[name.lower()].password
                self._known[name.lower()] = state

    def shut_down(self) -> None:
        """All services stop, in no time."""
        with self._lock:
            states = list(self._known.values())
        for state in states:
            if state.status != STOPPED:
                self._stopped(state, 0)

    def process_ended(self, process: Process) -> None:
        """Told by the process table: a service whose process is gone has died (1067), its recovery actions run."""
        with self._lock:
            state = next((one for one in self._known.values() if one.process is process), None)
            if state is None or state.status == STOPPED:
                return
            state.process = None
            self._stopped(state, 1067)
            state.failures += 1
        actions = self.failure_actions(state.name).actions
        if actions and self._host.accepts_processes:
            kind, delay = actions[min(state.failures, len(actions)) - 1]
            if kind == FailureActions.RESTART:
                self._host.after_boot(delay / 1000, lambda: self._start_quietly(state.name))

    def passwords(self) -> dict[str, str]:
        """Passwords of services that run as a user, for the saved state."""
        return {state.name: state.password for state in self._known.values() if state.password}

    def load_passwords(self, passwords: dict[str, str]) -> None:
        for name, password in passwords.items():
            self._known.setdefault(name.lower(), _State(name)).password = password

    # Inside.

    def _state(self, name: str) -> _State:
        state = self._known.get(name.lower())
        if state is None:
            raise Win32Failure(1060, name)
        return state

    def _alive(self, name: str) -> _State:
        state = self._state(name)
        if state.deleted:
            raise Win32Failure(1072, name)
        return state

    def _forget(self, state: _State) -> None:
        self._known.pop(state.name.lower(), None)
        try:
            self._host.registry.delete_key(rf"{SERVICES_KEY}\{state.name}", recursive=True)
        except Win32Failure as gone:
            if gone.code != 2:
                raise

    def _view(self, state: _State) -> Service:
        key = rf"{SERVICES_KEY}\{state.name}"

        def value(name: str, default: Any) -> Any:
            return self._host.registry.read(key, name, default)

        running = state.status == RUNNING
        text = value("DisplayName", state.name)
        return Service(
            state.name,
            self._host.strings.resolve(str(text)),
            self._host.strings.resolve(str(value("Description", ""))),
            state.status,
            value("Start", MANUAL),
            bool(value("DelayedAutostart", 0)),
            value("Type", OWN_PROCESS),
            value("ErrorControl", 1),
            str(value("ImagePath", "")),
            str(value("ObjectName", "LocalSystem")),
            tuple(value("DependOnService", [])),
            state.process.id if state.process else 0,
            state.exit_code,
            state.specific_exit_code,
            running and state.name.lower() not in NOT_STOPPABLE,
            running,
            False,
            str(value("Group", "")),
            state.deleted,
        )

    def _set(self, state: _State, status: int, exit_code: int | None = None) -> None:
        with state.changed:
            state.status = status
            if exit_code is not None:
                state.exit_code = exit_code
            state.changed.notify_all()
        found = self.get(state.name)
        self._host.event_log.service_state(found.display_name if found is not None else state.name, status)

    def _start_dependency(self, name: str) -> None:
        service = self.get(name)
        if service is None or service.start_type == DISABLED:
            raise Win32Failure(1068, name)
        if service.status == RUNNING:
            return
        try:
            came_up = self.start_and_wait(name)
        except Win32Failure as refused:
            raise Win32Failure(1068, name) from refused
        if not came_up:
            raise Win32Failure(1068, name)

    def _start_quietly(self, name: str) -> None:
        """At boot nobody hears why a service did not start; its exit code says so."""
        service = self.get(name)
        if service is None or service.status != STOPPED:
            return
        try:
            self.start(name)
        except (Win32Failure, NotModelled) as refused:
            self._host.log_event("Service Control Manager", f"{name} did not start: {refused}")

    def _behaviour(self, service: Service) -> images.ServiceBehaviour:
        file = self._image_file(service)
        image = images.read_image(self._host.files.read(file)) if self._host.files.is_file(file) else None
        if image is None or image.service is None:
            return images.ServiceBehaviour(start_seconds=0.5, stop_seconds=0.5)
        return image.service

    def _image_file(self, service: Service) -> str:
        text = self._host.environment.block(SYSTEM_TOKEN).expand(service.image_path)
        text = text.replace("\\SystemRoot\\", "C:\\Windows\\")
        if text.lower().startswith("system32\\"):
            text = "C:\\Windows\\" + text
        if text.startswith("\\??\\"):
            text = text[4:]
        for name in command_lines.candidates(text):
            if paths.is_absolute(name):
                for tried in (name, name + ".exe"):
                    if self._host.files.is_file(tried):
                        return tried
        return command_lines.candidates(text)[0]

    def _start_process(
        self, service: Service, state: _State, arguments: list[str]
    ) -> tuple[Process, images.ServiceBehaviour]:
        token = self._token(service.account)
        if token.logon == "service" and token.sid.startswith(self._host.machine_sid):
            user = self._host.accounts.user(service.account)
            if user is None or not user.enabled or user.password != state.password:
                raise Win32Failure(1069, service.name)
        file = self._image_file(service)
        if not self._host.files.is_file(file):
            raise Win32Failure(2 if self._host.files.is_directory(paths.parent(file)) else 3, file)
        data = self._host.files.read(file)
        if not images.is_executable(data):
            raise Win32Failure(193, file)
        image = images.read_image(data)
        if image is None:
            raise NotModelled(f"the service program {file}: its bytes are not a stand-in's")
        if image.service is None:
            self._host.clock.sleep(self._start_limit())
            raise Win32Failure(1053, service.name)
        folder = paths.parent(file)
        missing = [name for name in image.service.needs if not self._host.files.is_file(paths.join(folder, name))]
        if missing:
            raise Win32Failure(2, missing[0])
        process = self._service_process(service, file, token, arguments, image.service)
        return process, image.service

    def _service_process(
        self, service: Service, file: str, token: Token, arguments: list[str], behaviour: images.ServiceBehaviour
    ) -> Process:
        host = self._host
        controller = host.processes.named("services.exe")
        if service.service_type & SHARE_PROCESS:
            for other in host.processes:
                if other.path.lower() == file.lower() and other.command_line == service.image_path:
                    return other
        process = Process(
            host=host,
            id=host.processes.new_id(),
            parent_id=controller[0].id if controller else 0,
            path=file,
            command_line=service.image_path + "".join(" " + command_lines.quote(one) for one in arguments),
            environment=host.environment.block(token),
            directory=r"C:\Windows\System32",
            token=token,
            started=host.clock.now(),
            stdin=ByteReader(),
            stdout=ByteWriter(),
            stderr=ByteWriter(),
        )
        process.image_lock = host.files.lock(file, share_read=True, share_write=True, share_delete=True, image=True)
        host.processes.run(process, lambda _: 0, resident=True)
        for child in behaviour.children:
            host.add_resident(paths.join(paths.parent(file), child), process.id, token)
        return process

    def _start_limit(self) -> float:
        milliseconds = self._host.registry.read(
            r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control", "ServicesPipeTimeout", START_LIMIT * 1000
        )
        return float(milliseconds) / 1000

    def _started(self, state: _State, process: Process, behaviour: images.ServiceBehaviour) -> None:
        with self._lock:
            if state.status != START_PENDING or process.exit_code is not None:
                return
            ports = service_settings.ports_of(self._host.files, paths.parent(process.path), behaviour)
            usable = ports is not None and all(self._host.network.owner(port) is None for port in ports)
            if behaviour.fails_with or ports is None or not usable:
                state.process = None
                self._set(state, STOPPED, exit_code=behaviour.fails_with or 1067)
            else:
                self._host.network.listen(process, ports, state.name, behaviour.site)
                self._set(state, RUNNING, exit_code=0)
                return
        process.kill(tree=True)

    def _stopped(self, state: _State, exit_code: int) -> None:
        with self._lock:
            process, state.process = state.process, None
            self._set(state, STOPPED, exit_code=exit_code)
            if state.deleted:
                self._forget(state)
            shared = process is not None and any(one.process is process for one in self._known.values())
        if process is not None and not shared:
            process.kill(tree=True, exit_code=0)

    def _token(self, account: str) -> Token:
        known = _ACCOUNTS.get(account.lower())
        if known is not None:
            return known
        if account.lower().startswith("nt service\\"):
            return NETWORK_SERVICE_TOKEN
        user = self._host.accounts.user(account)
        if user is None:
            raise Win32Failure(1057, account)
        return self._host.accounts.token(user.name, "service")
