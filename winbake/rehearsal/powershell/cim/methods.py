"""Methods of CIM classes, and System.Management.ManagementObject for Get-WmiObject."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.cim.instance import CimInstance
from winbake.rehearsal.powershell.dotnet.datetime import LOCAL, TICKS_PER_MINUTE, DateTime, date_ticks, time_ticks
from winbake.rehearsal.powershell.dotnet.registry import constructor
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.values import (
    CodeMethod,
    MemberTable,
    NetObject,
    PSObject,
    UInt32,
    custom_object,
    unwrap,
)
from winbake.rehearsal.windows.failures import Win32Failure

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.command import Cmdlet
    from winbake.rehearsal.powershell.session import Session

RESULT = "Microsoft.Management.Infrastructure.CimMethodResult"
Outcome = list[tuple[str, Any]]

_PROCESS_CODES = {2: 9, 3: 9, 5: 2, 193: 8, 267: 9, 87: 21}
"""Win32 error → Win32_Process.Create's return value (9 path not found, 2 access denied, 21 invalid parameter)."""
_SERVICE_CODES = {5: 2, 1060: 9, 1056: 10, 1058: 14, 1062: 6, 1051: 3, 1052: 4, 1053: 7, 1068: 13, 1069: 15, 1072: 16}
"""Win32 error → return value of Win32_Service's methods (MicrosoftDocs/win32, win32-service)."""


def _create_process(session: Session, arguments: dict[str, Any]) -> Outcome:
    """Outside the caller's job: the WMI provider host is the parent."""
    lowered = {name.lower(): value for name, value in arguments.items()}
    line = str(lowered.get("commandline") or "")
    directory = lowered.get("currentdirectory")
    if not line:
        return [("ProcessId", None), ("ReturnValue", UInt32(21))]
    try:
        token = session.process.token
        started = session.host.start(line, directory=str(directory) if directory else None, token=token)
    except Win32Failure as failure:
        return [("ProcessId", None), ("ReturnValue", UInt32(_PROCESS_CODES.get(failure.code, 8)))]
    return [("ProcessId", UInt32(started.id)), ("ReturnValue", UInt32(0))]


def _terminate(session: Session, one: CimInstance, arguments: dict[str, Any]) -> Outcome:
    found = session.host.processes.get(int(one.get("ProcessId")))
    if found is None:
        return [("ReturnValue", UInt32(9))]
    found.kill(exit_code=int(arguments.get("Reason", 0) or 0))
    return [("ReturnValue", UInt32(0))]


def _get_owner(session: Session, one: CimInstance, arguments: dict[str, Any]) -> Outcome:
    found = session.host.processes.get(int(one.get("ProcessId")))
    if found is None:
        return [("Domain", None), ("User", None), ("ReturnValue", UInt32(9))]
    name = session.host.accounts.name_of(found.token.sid) or found.token.user
    domain, _, user = name.rpartition("\\")
    return [("Domain", domain), ("User", user), ("ReturnValue", UInt32(0))]


def _service_call(call: Callable[[Session, CimInstance, dict[str, Any]], None]) -> Callable[..., Outcome]:
    def run(session: Session, one: CimInstance, arguments: dict[str, Any]) -> Outcome:
        try:
            call(session, one, arguments)
        except Win32Failure as failure:
            return [("ReturnValue", UInt32(_SERVICE_CODES.get(failure.code, 8)))]
        return [("ReturnValue", UInt32(0))]

    return run


def _change_start_mode(session: Session, one: CimInstance, arguments: dict[str, Any]) -> None:
    words = {"boot": 0, "system": 1, "automatic": 2, "auto": 2, "manual": 3, "disabled": 4}
    lowered = {name.lower(): value for name, value in arguments.items()}
    session.host.services.configure(str(one.get("Name")), start_type=words[str(lowered["startmode"]).lower()])


def _restart(session: Session, one: CimInstance, arguments: dict[str, Any]) -> Outcome:
    session.host.reboot()
    return [("ReturnValue", UInt32(0))]


def _shut_down(session: Session, one: CimInstance, arguments: dict[str, Any]) -> Outcome:
    """Win32Shutdown flags: 1 shutdown, 2 reboot, 8 power off, +4 forced."""
    flags = int(arguments.get("Flags", 1))
    if flags & ~4 == 2:
        session.host.reboot()
    elif flags & ~4 in (1, 8):
        session.host.shutdown()
    else:
        raise NotModelled(f"Win32_OperatingSystem.Win32Shutdown({flags})")
    return [("ReturnValue", UInt32(0))]


def _rename_computer(session: Session, one: CimInstance, arguments: dict[str, Any]) -> Outcome:
    from winbake.rehearsal.powershell.commands.windows_system import set_computer_name

    lowered = {name.lower(): value for name, value in arguments.items()}
    set_computer_name(session, str(lowered["name"]))
    return [("ReturnValue", UInt32(0))]


STATIC: dict[tuple[str, str], Callable[[Session, dict[str, Any]], Outcome]] = {
    ("win32_process", "create"): _create_process,
}
INSTANCE: dict[tuple[str, str], Callable[[Session, CimInstance, dict[str, Any]], Outcome]] = {
    ("win32_process", "terminate"): _terminate,
    ("win32_process", "getowner"): _get_owner,
    ("win32_service", "startservice"): _service_call(lambda s, o, _: s.host.services.start(str(o.get("Name")))),
    ("win32_service", "stopservice"): _service_call(lambda s, o, _: s.host.services.stop(str(o.get("Name")))),
    ("win32_service", "delete"): _service_call(lambda s, o, _: s.host.services.delete(str(o.get("Name")))),
    ("win32_service", "changestartmode"): _service_call(_change_start_mode),
    ("win32_operatingsystem", "reboot"): _restart,
    ("win32_operatingsystem", "shutdown"): lambda s, o, a: _shut_down(s, o, {"Flags": 1}),
    ("win32_operatingsystem", "win32shutdown"): _shut_down,
    ("win32_computersystem", "rename"): _rename_computer,
}
_POSITIONS = {
    ("win32_process", "create"): ("CommandLine", "CurrentDirectory", "ProcessStartupInformation"),
    ("win32_process", "terminate"): ("Reason",),
    ("win32_service", "changestartmode"): ("StartMode",),
    ("win32_operatingsystem", "win32shutdown"): ("Flags", "Reserved"),
    ("win32_computersystem", "rename"): ("Name", "Password", "UserName"),
}


def named(class_name: str, name: str, values: list[Any]) -> dict[str, Any]:
    """Positional arguments by the method's parameter names."""
    names = _POSITIONS.get((class_name.lower(), name.lower()), ())
    return {parameter: unwrap(value) for parameter, value in zip(names, values, strict=False)}


def _result(outcome: Outcome, session: Session) -> PSObject:
    return custom_object([*outcome, ("PSComputerName", session.host.computer_name)], RESULT)


def invoke_static(command: Cmdlet, class_name: str, name: str, arguments: dict[str, Any]) -> PSObject:
    found = STATIC.get((class_name.lower(), name.lower()))
    if found is None:
        raise NotModelled(f"{class_name}::{name}")
    return _result(found(command.session, arguments), command.session)


def invoke(command: Cmdlet, one: CimInstance, name: str, arguments: dict[str, Any]) -> PSObject:
    found = INSTANCE.get((one.class_name.lower(), name.lower()))
    if found is None:
        raise NotModelled(f"{one.class_name}.{name}")
    return _result(found(command.session, one, arguments), command.session)


def invoke_positional(command: Cmdlet, one: CimInstance, name: str, values: list[Any]) -> PSObject:
    return invoke(command, one, name, named(one.class_name, name, values))


# ---- Get-WmiObject ----------------------------------------------------------------------------------------


class ManagementObject(NetObject):
    """What Get-WmiObject gives: system properties, then the class's in alphabetical order, dates as DMTF text; its
    methods stand on the object."""

    net_type_name = "System.Management.ManagementObject"

    def __init__(self, session: Session, instance: CimInstance) -> None:
        self.instance = instance
        relative = ",".join(f'{key}="{instance.values.get(key)}"' for key in instance.keys)
        computer = session.host.computer_name
        self.system: dict[str, Any] = {
            "PSComputerName": computer,
            "__CLASS": instance.class_name,
            "__NAMESPACE": instance.namespace.replace("/", "\\"),
            "__SERVER": computer,
            "__RELPATH": f"{instance.class_name}.{relative}",
        }
        self.ps_members = MemberTable(
            CodeMethod(method, _bound(session, instance, method, call))
            for (class_name, method), call in INSTANCE.items()
            if class_name == instance.class_name.lower()
        )
        self.ps_members.add(CodeMethod("ConvertToDateTime", _converted_to_date))
        self.ps_members.add(CodeMethod("ConvertFromDateTime", _converted_from_date))
        place = f"System.Management.ManagementObject#{self.system['__NAMESPACE']}\\{instance.class_name}"
        self.ps_type_names = [place, "System.Management.ManagementObject", "System.Object"]

    def adapted_get(self, name: str) -> Any:
        for known, value in self.system.items():
            if known.lower() == name.lower():
                return value
        value = self.instance.adapted_get(name)
        return dmtf(value) if isinstance(value, DateTime) else value

    def adapted_set(self, name: str, value: Any) -> bool:
        return self.instance.adapted_set(name, value)

    def adapted_names(self) -> list[tuple[str, str, str]]:
        names = [*self.system, *sorted(self.instance.values, key=str.lower)]
        return [(name, "Property", "System.Object") for name in names]


def dmtf(value: DateTime) -> str:
    """`20241030111529.500000+000`: local time, microseconds, minutes from UTC."""
    moment = value.to_datetime()
    return f"{moment:%Y%m%d%H%M%S}.{moment.microsecond:06d}+000"


_DMTF = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{6})([+-]\d{3})")


def _converted_to_date(_: Any, text: Any) -> DateTime:
    """ManagementDateTimeConverter.ToDateTime: local time (the host's zone is UTC)."""
    found = _DMTF.fullmatch(str(unwrap(text)))
    if found is None:
        raise NetError(
            "System.ArgumentOutOfRangeException",
            "Specified argument was out of the range of valid values.\r\nParameter name: dmtfDate",
        )
    *date, micro, offset = (int(group) for group in found.groups())
    ticks = date_ticks(*date[:3]) + time_ticks(*date[3:]) + micro * 10 - offset * TICKS_PER_MINUTE
    return DateTime(ticks, LOCAL)


def _converted_from_date(_: Any, value: Any) -> str:
    return dmtf(unwrap(value))


class ManagementClass(NetObject):
    """[wmiclass]'Name': its static methods stand on the object."""

    net_type_name = "System.Management.ManagementClass"

    def __init__(self, name: str) -> None:
        self.name = name
        self.ps_type_names = [
            f"System.Management.ManagementClass#ROOT\\cimv2\\{name}",
            "System.Management.ManagementClass",
            "System.Management.ManagementObject",
            "System.Object",
        ]

    def __str__(self) -> str:
        return f"\\\\.\\ROOT\\cimv2:{self.name}"

    def adapted_get(self, name: str) -> Any:
        from winbake.rehearsal.powershell.members import NO_MEMBER

        return self.name if name.lower() in ("name", "__class") else NO_MEMBER

    def adapted_set(self, name: str, value: Any) -> bool:
        return False

    def adapted_names(self) -> list[tuple[str, str, str]]:
        return [("__CLASS", "Property", "System.String")]

    def adapted_invoke(self, session: Session, name: str, arguments: list[Any]) -> Any:
        from winbake.rehearsal.powershell.members import NO_MEMBER

        call = STATIC.get((self.name.lower(), name.lower()))
        return NO_MEMBER if call is None else _result(call(session, named(self.name, name, arguments)), session)


@constructor("System.Management.ManagementClass", "String")
def _new_class(path: str) -> ManagementClass:
    name = path.rpartition(":")[2]
    known = {class_name for class_name, _ in STATIC}
    if name.lower() not in known:
        raise NotModelled(f"[wmiclass]'{path}'")
    return ManagementClass("_".join(part.capitalize() for part in name.split("_")))


def management_object(command: Cmdlet, one: CimInstance) -> ManagementObject:
    return ManagementObject(command.session, one)


def _bound(session: Session, one: CimInstance, name: str, call: Callable[..., Outcome]) -> Callable[..., Any]:
    def run(_: Any, *values: Any) -> Any:
        return _result(call(session, one, named(one.class_name, name, list(values))), session)

    return run
