"""The CIM classes of the ScheduledTasks module (namespace Root/Microsoft/Windows/TaskScheduler) and the model's tasks.

Properties and numbers: MicrosoftDocs/windows-powershell-docs (ScheduledTasks), the Task Scheduler's enumerations in
MicrosoftDocs/win32 TaskSchd, windows_facts.md section 8. Assumed: the order of the properties, and that a trigger's
start is written in local time without an offset (the rehearsal's hosts are on UTC).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.cim.instance import CimInstance, generated_enum, generated_value
from winbake.rehearsal.powershell.dotnet.datetime import LOCAL, DateTime
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.powershell.values import PSArray, UInt32, unwrap
from winbake.rehearsal.windows import durations
from winbake.rehearsal.windows.tasks import GROUP_LOGON, Action, Task, Trigger

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

NAMESPACE = "Root/Microsoft/Windows/TaskScheduler"
_ARRAY = "Microsoft.Management.Infrastructure.CimInstance"
STATE = {"Unknown": 0, "Disabled": 1, "Queued": 2, "Ready": 3, "Running": 4}
LOGON = {
    "None": 0, "Password": 1, "S4U": 2, "Interactive": 3, "Group": 4, "ServiceAccount": 5, "InteractiveOrPassword": 6,
}  # fmt: skip
RUN_LEVEL = {"Limited": 0, "Highest": 1}
SID_TYPE = {"None": 0, "Unrestricted": 1, "Default": 2}
COMPATIBILITY = {"At": 0, "V1": 1, "Vista": 2, "Win7": 3, "Win8": 4}
INSTANCES = {"Parallel": 0, "Queue": 1, "IgnoreNew": 2}
NEVER = datetime(1999, 11, 30, tzinfo=UTC)  # LastRunTime of a task that has not run (assumed, as in facts)
TRIGGERS = {
    "once": "MSFT_TaskTimeTrigger",
    "daily": "MSFT_TaskDailyTrigger",
    "boot": "MSFT_TaskBootTrigger",
    "logon": "MSFT_TaskLogonTrigger",
    "registration": "MSFT_TaskRegistrationTrigger",
}
_KINDS = {name: kind for kind, name in TRIGGERS.items()}


def enum(name: str, values: dict[str, int], number: int) -> Any:
    return generated_value(generated_enum("ScheduledTask", name, values), number)


def number_of(value: Any, values: dict[str, int]) -> int:
    """An enum property as a script may have set it: the enum, its name or its number."""
    plain = unwrap(value)
    if isinstance(plain, EnumValue):
        return int(plain.value)
    if isinstance(plain, str):
        return next(number for name, number in values.items() if name.lower() == plain.lower())
    return int(plain)


def _instance(session: Session, name: str, properties: list[tuple[str, Any]], **more: Any) -> CimInstance:
    return CimInstance(
        name, properties, namespace=NAMESPACE, keys=(), computer=session.host.computer_name, **more
    )  # fmt: skip


def action(session: Session, one: Action) -> CimInstance:
    return _instance(session, "MSFT_TaskExecAction", [
        ("Id", None),
        ("Arguments", one.arguments or None),
        ("Execute", one.execute),
        ("WorkingDirectory", one.directory or None),
    ], parents=("MSFT_TaskAction",))  # fmt: skip


def trigger(session: Session, one: Trigger) -> CimInstance:
    start = one.at.strftime("%Y-%m-%dT%H:%M:%S") if one.at is not None else None
    properties: list[tuple[str, Any]] = [
        ("Enabled", one.enabled),
        ("EndBoundary", None),
        ("ExecutionTimeLimit", None),
        ("Id", None),
        ("Repetition", _instance(session, "MSFT_TaskRepetitionPattern", [
            ("Duration", None), ("Interval", None), ("StopAtDurationEnd", False),
        ])),
        ("StartBoundary", start),
    ]  # fmt: skip
    if one.kind in ("boot", "logon", "registration"):
        properties.append(("Delay", durations.in_parts(one.delay) if one.delay else None))
    if one.kind == "logon":
        properties.append(("UserId", None))
    if one.kind == "daily":
        properties.append(("DaysInterval", UInt32(1)))
    if one.kind in ("once", "daily"):
        properties.append(("RandomDelay", None))
    return _instance(session, TRIGGERS[one.kind], properties, parents=("MSFT_TaskTrigger",))


def principal(session: Session, task: Task) -> CimInstance:
    group = task.logon_type == GROUP_LOGON
    return _instance(session, "MSFT_TaskPrincipal2", [
        ("DisplayName", None),
        ("GroupId", task.user if group else None),
        ("Id", "Author"),
        ("LogonType", enum("LogonTypeEnum", LOGON, task.logon_type)),
        ("RunLevel", enum("RunLevelEnum", RUN_LEVEL, int(task.highest))),
        ("UserId", None if group else task.user),
        ("ProcessTokenSidType", enum("ProcessTokenSidTypeEnum", SID_TYPE, 2)),
        ("RequiredPrivilege", None),
    ], parents=("MSFT_TaskPrincipal",))  # fmt: skip


def settings(session: Session, task: Task) -> CimInstance:
    return _instance(session, "MSFT_TaskSettings3", [
        ("AllowDemandStart", True),
        ("AllowHardTerminate", True),
        ("Compatibility", enum("CompatibilityEnum", COMPATIBILITY, 2)),
        ("DeleteExpiredTaskAfter", None),
        ("DisallowStartIfOnBatteries", task.not_on_batteries),
        ("Enabled", task.enabled),
        ("ExecutionTimeLimit", task.execution_time_limit),
        ("Hidden", task.hidden),
        ("IdleSettings", _instance(session, "MSFT_TaskIdleSettings", [
            ("IdleDuration", None), ("RestartOnIdle", False), ("StopOnIdleEnd", True), ("WaitTimeout", None),
        ])),
        ("MultipleInstances", enum("MultipleInstancesEnum", INSTANCES, 2)),
        ("NetworkSettings", _instance(session, "MSFT_TaskNetworkSettings", [("Id", None), ("Name", None)])),
        ("Priority", task.priority),
        ("RestartCount", 0),
        ("RestartInterval", None),
        ("RunOnlyIfIdle", False),
        ("RunOnlyIfNetworkAvailable", False),
        ("StartWhenAvailable", task.start_when_available),
        ("StopIfGoingOnBatteries", task.stop_on_batteries),
        ("WakeToRun", False),
        ("DisallowStartOnRemoteAppSession", False),
        ("UseUnifiedSchedulingEngine", False),
        ("MaintenanceSettings", None),
        ("volatile", False),
    ], parents=("MSFT_TaskSettings2", "MSFT_TaskSettings"))  # fmt: skip


def scheduled_task(session: Session, task: Task, registered: bool = True) -> CimInstance:
    """MSFT_ScheduledTask. One that New-ScheduledTask made has no name, path and state yet."""
    path = folder(task.path)
    return _instance(session, "MSFT_ScheduledTask", [
        ("State", enum("StateEnum", STATE, session.host.tasks.state(task)) if registered else None),
        ("Actions", PSArray([action(session, one) for one in task.actions], _ARRAY)),
        ("Author", task.author or None),
        ("Date", None),
        ("Description", task.description or None),
        ("Documentation", None),
        ("Principal", principal(session, task)),
        ("SecurityDescriptor", None),
        ("Settings", settings(session, task)),
        ("Source", None),
        ("TaskName", task.name if registered else None),
        ("TaskPath", path if registered else None),
        ("Triggers", PSArray([trigger(session, one) for one in task.triggers], _ARRAY)),
        ("URI", path + task.name if registered else None),
        ("Version", None),
    ], model=task)  # fmt: skip


def information(session: Session, task: Task) -> CimInstance:
    """MSFT_TaskDynamicInfo."""
    due = session.host.tasks.next_run(task)
    return _instance(session, "MSFT_TaskDynamicInfo", [
        ("LastRunTime", DateTime.from_datetime(task.last_run or NEVER, LOCAL)),
        ("LastTaskResult", UInt32(task.last_result & 0xFFFFFFFF)),
        ("NextRunTime", DateTime.from_datetime(due, LOCAL) if due is not None else None),
        ("NumberOfMissedRuns", UInt32(0)),
        ("TaskName", task.name),
        ("TaskPath", folder(task.path)),
    ])  # fmt: skip


def folder(path: str) -> str:
    """A folder as these cmdlets write it: `\\`, `\\A\\B\\`."""
    inner = path.strip("\\")
    return f"\\{inner}\\" if inner else "\\"


# ---- instances as scripts made or changed them, back into the model's parts


def read_action(value: Any) -> Action:
    found = _of(value, "MSFT_TaskExecAction")
    return Action(_text(found, "Execute"), _text(found, "Arguments"), _text(found, "WorkingDirectory"))


def read_trigger(value: Any) -> Trigger:
    found = _plain(value)
    kind = _KINDS.get(found.class_name)
    if kind is None:
        raise NotModelled(f"a trigger of the class {found.class_name}")
    repetition = found.get("Repetition")
    if repetition is not None and _text(_plain(repetition), "Interval"):
        raise NotModelled("a scheduled task's trigger that repeats")
    for name in ("EndBoundary", "ExecutionTimeLimit", "UserId"):
        if _text(found, name):
            raise NotModelled(f"a scheduled task's trigger with {name}")
    start = _text(found, "StartBoundary")
    at = datetime.fromisoformat(start) if start else None
    if at is not None:
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    delay = _text(found, "Delay") if found.has("Delay") else ""
    return Trigger(kind, at, durations.seconds(delay) if delay else 0.0, bool(unwrap(found.get("Enabled"))))


def read_principal(value: Any, task: Task) -> None:
    found = _plain(value)
    task.logon_type = number_of(found.get("LogonType"), LOGON)
    task.highest = number_of(found.get("RunLevel"), RUN_LEVEL) == 1
    group = _text(found, "GroupId")
    if group:
        task.user, task.logon_type = group, GROUP_LOGON
    else:
        task.user = _text(found, "UserId")


_MODELLED_SETTINGS: dict[str, str] = {
    "DisallowStartIfOnBatteries": "not_on_batteries",
    "StopIfGoingOnBatteries": "stop_on_batteries",
    "Enabled": "enabled",
    "Hidden": "hidden",
    "StartWhenAvailable": "start_when_available",
}
_FIXED_SETTINGS: dict[str, Any] = {
    "AllowDemandStart": True,
    "AllowHardTerminate": True,
    "RestartCount": 0,
    "RunOnlyIfIdle": False,
    "RunOnlyIfNetworkAvailable": False,
    "WakeToRun": False,
}


def read_settings(value: Any, task: Task) -> None:
    found = _plain(value)
    for name, wanted in _FIXED_SETTINGS.items():
        if unwrap(found.get(name)) != wanted:
            raise NotModelled(f"a scheduled task with the setting {name} = {unwrap(found.get(name))}")
    if number_of(found.get("MultipleInstances"), INSTANCES) != INSTANCES["IgnoreNew"]:
        raise NotModelled("a scheduled task with another MultipleInstances than IgnoreNew")
    for name, attribute in _MODELLED_SETTINGS.items():
        setattr(task, attribute, bool(unwrap(found.get(name))))
    task.execution_time_limit = _text(found, "ExecutionTimeLimit") or "PT72H"
    task.priority = int(unwrap(found.get("Priority")))


def read_task(value: Any, task: Task) -> None:
    """Put what an MSFT_ScheduledTask says into a task of the model; name and path are not read."""
    found = _of(value, "MSFT_ScheduledTask")
    task.actions = [read_action(one) for one in _items(found.get("Actions"))]
    task.triggers = [read_trigger(one) for one in _items(found.get("Triggers"))]
    task.description = _text(found, "Description")
    task.author = _text(found, "Author")
    read_principal(found.get("Principal"), task)
    read_settings(found.get("Settings"), task)


def _items(value: Any) -> Iterable[Any]:
    plain = unwrap(value)
    if plain is None:
        return []
    return list(plain) if isinstance(plain, PSArray) else [plain]


def _plain(value: Any) -> CimInstance:
    plain = unwrap(value)
    if not isinstance(plain, CimInstance):
        raise NotModelled("a part of a scheduled task that is no CIM instance")
    return plain


def _of(value: Any, class_name: str) -> CimInstance:
    found = _plain(value)
    if found.class_name != class_name:
        raise NotModelled(f"{found.class_name} where {class_name} is wanted")
    return found


def _text(found: CimInstance, name: str) -> str:
    value = unwrap(found.get(name))
    return "" if value is None else str(value)
