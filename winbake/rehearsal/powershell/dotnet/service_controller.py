"""System.ServiceProcess.ServiceController: one service, its status as last asked for (Refresh asks again)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet.datetime import TimeSpan
from winbake.rehearsal.powershell.dotnet.io_failures import win32_exception
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter, static
from winbake.rehearsal.powershell.dotnet.throwing import argument
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue, define_type, enum_value, get_type
from winbake.rehearsal.powershell.values import NetObject, PSArray
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.services import Service

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.windows.host import WindowsHost

CONTROLLER = "System.ServiceProcess.ServiceController"


class ServiceController(NetObject):
    net_type_name = CONTROLLER

    def __init__(self, host: WindowsHost, name: str, machine: str = ".") -> None:
        self.host = host
        self.name = name
        self.machine = machine
        self._seen: Service | None = None

    @property
    def service(self) -> Service:
        """As last asked for. Raises NetError InvalidOperationException when there is no such service."""
        if self._seen is None:
            self._seen = self.host.services.get(self.name) or self.host.services.by_display_name(self.name)
            if self._seen is None:
                raise not_found(self.name, self.machine)
            self.name = self._seen.name
        return self._seen

    def refresh(self) -> None:
        self._seen = None


def not_found(name: str, machine: str = ".") -> NetError:
    inner = win32_exception(1060)
    return NetError("System.InvalidOperationException", f"Service {name} was not found on computer '{machine}'.", inner)


def controllers(host: WindowsHost) -> list[ServiceController]:
    """All services, sorted by name as the control manager lists them."""
    return [ServiceController(host, service.name) for service in host.services]


@constructor(CONTROLLER)
def _new(name: str = "", machine: str = ".", *, session: Session) -> ServiceController:
    return ServiceController(session.host, name, machine)


@static(CONTROLLER, "GetServices")
def _get_services(machine: str = ".", *, session: Session) -> PSArray:
    return PSArray(controllers(session.host), CONTROLLER)


@getter(CONTROLLER, "ServiceName")
def _service_name(value: ServiceController) -> str:
    return value.service.name if value.name else ""


@setter(CONTROLLER, "ServiceName")
def _set_service_name(value: ServiceController, name: str) -> None:
    value.name = name
    value.refresh()


@getter(CONTROLLER, "DisplayName")
def _display_name(value: ServiceController) -> str:
    return value.service.display_name


@getter(CONTROLLER, "MachineName")
def _machine_name(value: ServiceController) -> str:
    return value.machine


@getter(CONTROLLER, "Status")
def _status(value: ServiceController) -> EnumValue:
    return status_value(value.service.status)


def status_value(number: int) -> EnumValue:
    return enum_value(get_type("System.ServiceProcess.ServiceControllerStatus"), number)


@getter(CONTROLLER, "StartType")
def _start_type(value: ServiceController) -> EnumValue:
    return enum_value(get_type("System.ServiceProcess.ServiceStartMode"), value.service.start_type)


@getter(CONTROLLER, "ServiceType")
def _service_type(value: ServiceController) -> EnumValue:
    return enum_value(get_type("System.ServiceProcess.ServiceType"), value.service.service_type)


class ServiceHandle(NetObject):
    """What the control manager gave for the service; scripts only ever see its name."""

    net_type_name = "SafeServiceHandle"


define_type(ServiceHandle.net_type_name, "class", base=get_type("System.Runtime.InteropServices.SafeHandle"))


@getter(ServiceHandle.net_type_name, "IsInvalid")
@getter(ServiceHandle.net_type_name, "IsClosed")
def _handle_is_bad(handle: ServiceHandle) -> bool:
    return False


@getter(CONTROLLER, "ServiceHandle")
def _service_handle(value: ServiceController) -> ServiceHandle:
    assert value.service
    return ServiceHandle()


@getter("System.ComponentModel.Component", "Site")
@getter("System.ComponentModel.Component", "Container")
def _no_designer(value: Any) -> None:
    """Only a component that a designer made has one."""


@getter(CONTROLLER, "CanStop")
def _can_stop(value: ServiceController) -> bool:
    return value.service.status == 4 and value.service.can_stop


@getter(CONTROLLER, "CanShutdown")
def _can_shutdown(value: ServiceController) -> bool:
    return value.service.status == 4 and value.service.can_shutdown


@getter(CONTROLLER, "CanPauseAndContinue")
def _can_pause(value: ServiceController) -> bool:
    return value.service.status == 4 and value.service.can_pause


@getter(CONTROLLER, "DependentServices")
def _dependent_services(value: ServiceController) -> PSArray:
    found = value.host.services.dependents(value.service.name)
    return PSArray((ServiceController(value.host, one.name) for one in found), CONTROLLER)


@getter(CONTROLLER, "ServicesDependedOn")
def _services_depended_on(value: ServiceController) -> PSArray:
    return PSArray((ServiceController(value.host, name) for name in value.service.dependencies), CONTROLLER)


@method(CONTROLLER, "Refresh")
def _refresh(value: ServiceController) -> None:
    value.refresh()


@method(CONTROLLER, "Close")
@method(CONTROLLER, "Dispose")
def _close(value: ServiceController) -> None:
    value.refresh()


@method(CONTROLLER, "Start")
def _start(value: ServiceController, arguments: Any = None) -> None:
    start(value, [str(one) for one in arguments] if arguments is not None else [])


def start(value: ServiceController, arguments: list[str] | None = None) -> None:
    """Raises NetError InvalidOperationException with the Win32Exception inside."""
    name = value.service.name
    try:
        value.host.services.start(name, arguments or [])
    except Win32Failure as failure:
        message = f"Cannot start service {name} on computer '{value.machine}'."
        raise NetError("System.InvalidOperationException", message, win32_exception(failure.code)) from failure
    value.refresh()


@method(CONTROLLER, "Stop")
def _stop(value: ServiceController) -> None:
    """ServiceController.Stop stops running dependents first."""
    for dependent in value.host.services.dependents(value.service.name):
        if dependent.status == 4:
            inner = ServiceController(value.host, dependent.name)
            _stop(inner)
            value.host.services.wait_for(dependent.name, 1, 30.0)
    stop(value)


def stop(value: ServiceController) -> None:
    name = value.service.name
    try:
        value.host.services.stop(name)
    except Win32Failure as failure:
        message = f"Cannot stop {name} service on computer '{value.machine}'."
        raise NetError("System.InvalidOperationException", message, win32_exception(failure.code)) from failure
    value.refresh()


@method(CONTROLLER, "WaitForStatus")
def _wait_for_status(value: ServiceController, wanted: EnumValue, limit: TimeSpan | None = None) -> None:
    """Raises System.ServiceProcess.TimeoutException."""
    if wanted.name is None:
        raise argument("The value of argument 'desiredStatus' is invalid for Enum type 'ServiceControllerStatus'.")
    seconds = None if limit is None else limit.total_seconds
    reached = value.host.services.wait_for(value.service.name, wanted.value, seconds)
    value.refresh()
    if not reached:
        raise NetError(
            "System.ServiceProcess.TimeoutException",
            "Time out has expired and the operation has not been completed.",
        )
