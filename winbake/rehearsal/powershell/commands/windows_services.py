"""Get-Service, Start-, Stop-, Restart-, Set- and New-Service (PowerShell 2016, Service.cs)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts
from winbake.rehearsal.powershell.dotnet import service_controller
from winbake.rehearsal.powershell.dotnet.io_failures import win32_exception
from winbake.rehearsal.powershell.dotnet.service_controller import ServiceController
from winbake.rehearsal.powershell.errors import ErrorRecord, NetError, NetException, NotModelled
from winbake.rehearsal.powershell.values import PSArray, unwrap
from winbake.rehearsal.windows.failures import Win32Failure

STOPPED, START_PENDING, STOP_PENDING, RUNNING = 1, 2, 3, 4
_SERVICE_ERROR = "Microsoft.PowerShell.Commands.ServiceCommandException"
_POLL_SECONDS = 2.0  # Service.cs: a warning every two seconds of waiting


class ServiceCommand(Cmdlet):
    def matching(self) -> Iterator[ServiceController]:
        """The services that -Name, -DisplayName or -InputObject mean, less -Include and -Exclude."""
        given = unwrap(self.get("InputObject"))
        if given is not None:
            yield from (unwrap(one) for one in (given if isinstance(given, PSArray) else [given]))
            return
        for one in self._named():
            if self._passes(one.service.name):
                yield one

    def _named(self) -> list[ServiceController]:
        from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards

        known = service_controller.controllers(self.session.host)
        by_display = self.has("DisplayName")
        patterns = texts(self.get("DisplayName") if by_display else self.get("Name"))
        if not patterns:
            return known
        found: list[ServiceController] = []
        for pattern in patterns:
            if has_wildcards(pattern):
                wild = Wildcard(pattern)
                hits = [c for c in known if wild.matches(c.service.display_name if by_display else c.service.name)]
            else:
                low = pattern.lower()
                hits = [c for c in known if low == (c.service.display_name if by_display else c.service.name).lower()]
                if not hits and not by_display:
                    hits = [c for c in known if low == c.service.display_name.lower()]
                if not hits:
                    self._missing(pattern, by_display)
            found.extend(hits)
        return found

    def _missing(self, name: str, by_display: bool) -> None:
        if by_display:
            message = f"Cannot find any service with display name '{name}'."
            self.error("NoServiceFoundForGivenDisplayName", message, "ObjectNotFound", _SERVICE_ERROR, name)
        else:
            message = f"Cannot find any service with service name '{name}'."
            self.error("NoServiceFoundForGivenName", message, "ObjectNotFound", _SERVICE_ERROR, name)

    def _passes(self, name: str) -> bool:
        from winbake.rehearsal.powershell.wildcard import Wildcard

        include, exclude = texts(self.get("Include")), texts(self.get("Exclude"))
        if include and not any(Wildcard(p).matches(name) for p in include):
            return False
        return not any(Wildcard(p).matches(name) for p in exclude)

    def service_error(self, one: ServiceController, error_id: str, message: str, category: str,
                      cause: NetError | None = None) -> None:  # fmt: skip
        inner = cause.exception if cause is not None else None
        exception = NetException(_SERVICE_ERROR, message, inner, {"ServiceName": one.service.name})
        self.write_error(ErrorRecord(exception, error_id, category, one))

    @staticmethod
    def shown(one: ServiceController) -> str:
        return f"{one.service.display_name} ({one.service.name})"

    # ---- starting and stopping

    def start_one(self, one: ServiceController) -> bool:
        try:
            service_controller.start(one)
        except NetError as failure:
            code = failure.exception.inner.properties.get("NativeErrorCode") if failure.exception.inner else 0
            if code != 1056:
                message = (
                    f"Service '{self.shown(one)}' cannot be started due to the following error: "
                    f"{failure.exception.message}"
                )
                self.service_error(one, "CouldNotStartService", message, "OpenError", failure)
                return False
        if not self._wait(one, RUNNING, START_PENDING, "start"):
            message = f"Failed to start service '{self.shown(one)}'."
            self.service_error(one, "StartServiceFailed", message, "OpenError")
            return False
        return True

    def stop_one(self, one: ServiceController, force: bool, no_wait: bool = False) -> list[ServiceController]:
        """Returns the services that were stopped: dependents first."""
        services = self.session.host.services
        running = [d for d in services.dependents(one.service.name) if d.status != STOPPED]
        if running and not force:
            message = (f"Cannot stop service '{self.shown(one)}' because it has dependent services. "
                       "It can only be stopped if the Force flag is set.")  # fmt: skip
            self.service_error(one, "ServiceHasDependentServices", message, "InvalidOperation")
            return []
        stopped: list[ServiceController] = []
        for dependent in running:
            stopped += self.stop_one(ServiceController(self.session.host, dependent.name), True)
        try:
            service_controller.stop(one)
        except NetError as failure:
            code = failure.exception.inner.properties.get("NativeErrorCode") if failure.exception.inner else 0
            if code == 1062:
                return stopped
            message = (
                f"Service '{self.shown(one)}' cannot be stopped due to the following error: {failure.exception.message}"
            )
            self.service_error(one, "CouldNotStopService", message, "CloseError", failure)
            return stopped
        if not no_wait and not self._wait(one, STOPPED, STOP_PENDING, "stop"):
            message = f"Service '{self.shown(one)}' cannot be stopped."
            self.service_error(one, "StopServiceFailed", message, "CloseError")
            return stopped
        return [*stopped, one]

    def _wait(self, one: ServiceController, wanted: int, pending: int, verb: str) -> bool:
        """Without limit while the service is on its way, with a warning every two seconds."""
        services = self.session.host.services
        name = one.service.name
        while True:
            reached = services.wait_for(name, wanted, _POLL_SECONDS)
            one.refresh()
            if reached:
                return True
            status = services.must(name).status
            if status != pending:
                return bool(status == wanted)
            self.write_warning(f"Waiting for service '{self.shown(one)}' to {verb}...")
            self.session.process.check()

    def pass_thru(self, one: ServiceController) -> None:
        if self.switch("PassThru"):
            self.emit(one)


@cmdlet("Get-Service")
class GetService(ServiceCommand):
    def process(self) -> None:
        machines = texts(self.get("ComputerName"))
        if any(m.lower() not in (".", "localhost", self.session.host.computer_name.lower()) for m in machines):
            raise NotModelled("Get-Service -ComputerName of another computer")
        for one in self.matching():
            if self.switch("DependentServices"):
                for dependent in self.session.host.services.dependents(one.service.name):
                    self.emit(ServiceController(self.session.host, dependent.name))
            elif self.switch("RequiredServices"):
                for name in one.service.dependencies:
                    self.emit(ServiceController(self.session.host, name))
            else:
                self.emit(one)


@cmdlet("Start-Service")
class StartService(ServiceCommand):
    def process(self) -> None:
        for one in self.matching():
            if self.should_process(self.shown(one), "Start-Service") and self.start_one(one):
                self.pass_thru(one)


@cmdlet("Stop-Service")
class StopService(ServiceCommand):
    def process(self) -> None:
        for one in self.matching():
            if not self.should_process(self.shown(one), "Stop-Service"):
                continue
            self.stop_one(one, self.switch("Force"), self.switch("NoWait"))
            self.pass_thru(one)


@cmdlet("Restart-Service")
class RestartService(ServiceCommand):
    def process(self) -> None:
        for one in self.matching():
            if not self.should_process(self.shown(one), "Restart-Service"):
                continue
            was_running = self.session.host.services.must(one.service.name).status != STOPPED
            stopped = self.stop_one(one, self.switch("Force"))
            if was_running and not stopped:
                continue
            for again in reversed([s for s in stopped if s.service.name != one.service.name] + [one]):
                if self.start_one(again) and again is one:
                    self.pass_thru(one)


@cmdlet("Set-Service")
class SetService(ServiceCommand):
    def process(self) -> None:
        given = unwrap(self.get("InputObject"))
        name = given.name if isinstance(given, ServiceController) else str(unwrap(self.get("Name")))
        services = self.session.host.services
        found = services.get(name)
        one = ServiceController(self.session.host, found.name if found is not None else name)
        if found is None:
            failure = service_controller.not_found(name)
            self.write_error(ErrorRecord(failure.exception, "InvalidOperationException", "ObjectNotFound", name))
            return
        if not self.should_process(self.shown(one), "Set-Service"):
            return
        changes: dict[str, Any] = {}
        if self.has("DisplayName"):
            changes["display_name"] = str(unwrap(self.get("DisplayName")))
        if self.has("Description"):
            changes["description"] = str(unwrap(self.get("Description")))
        if self.has("StartupType"):
            changes["start_type"] = int(unwrap(self.get("StartupType")).value)
        try:
            if changes:
                services.configure(found.name, **changes)
        except Win32Failure as failure:
            message = f"Service '{self.shown(one)}' cannot be configured due to the following error: {failure.message}"
            exception = NetException(_SERVICE_ERROR, message, win32_exception(failure.code))
            self.write_error(ErrorRecord(exception, "CouldNotSetService", "PermissionDenied", one))
            return
        one.refresh()
        self._set_status(one)
        self.pass_thru(one)

    def _set_status(self, one: ServiceController) -> None:
        wanted = str(unwrap(self.get("Status")) or "").lower()
        if wanted == "running":
            self.start_one(one)
        elif wanted == "stopped":
            running = [d for d in self.session.host.services.dependents(one.service.name) if d.status != STOPPED]
            if running:
                message = (f"Cannot stop service '{self.shown(one)}' because it has dependent services. "
                           "It can only be stopped if the Force flag is set.")  # fmt: skip
                self.service_error(one, "ServiceHasDependentServicesNoForce", message, "InvalidOperation")
                return
            self.stop_one(one, force=False)
        elif wanted == "paused":
            raise NotModelled("pausing a service")


@cmdlet("New-Service")
class NewService(ServiceCommand):
    def process(self) -> None:
        name, path = str(unwrap(self.get("Name"))), str(unwrap(self.get("BinaryPathName")))
        display = str(unwrap(self.get("DisplayName")) or name)
        if not self.should_process(f"{display} ({name})", "New-Service"):
            return
        start_type = int(unwrap(self.get("StartupType")).value) if self.has("StartupType") else 2
        if unwrap(self.get("Credential")) is not None:
            raise NotModelled("New-Service -Credential")
        try:
            made = self.session.host.services.create(
                name,
                path,
                display,
                start_type=start_type,
                dependencies=texts(self.get("DependsOn")),
                description=str(unwrap(self.get("Description")) or ""),
            )
        except Win32Failure as failure:
            reason = failure.message.rstrip(".")
            message = f"Service '{display} ({name})' cannot be created due to the following error: {reason}"
            exception = NetException(_SERVICE_ERROR, message, win32_exception(failure.code))
            self.write_error(ErrorRecord(exception, "CouldNotNewService", "PermissionDenied", name))
            return
        self.emit(ServiceController(self.session.host, made.name))
