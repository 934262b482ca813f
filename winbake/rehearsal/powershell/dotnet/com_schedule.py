"""The COM class Schedule.Service: Task Scheduler 2.0's scripting objects over the host's scheduled tasks.

Source: MicrosoftDocs/win32 TaskSchd (ITaskService, ITaskFolder, ITaskDefinition, IRegisteredTask and the error
constants). A definition is a copy: nothing happens to the host before RegisterTaskDefinition. Assumed: which of the
documented codes a call gives, and that codes of the scheduler's own come without a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.commands.new_object import COM_CLASSES
from winbake.rehearsal.powershell.dotnet.com_automation import (
    Automation,
    ComCollection,
    Property,
    Wrapped,
    field,
    hresult_failure,
    signed,
    win32_failure,
)
from winbake.rehearsal.powershell.dotnet.datetime import DateTime
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.windows import durations
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.tasks import Action, Task, Trigger

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

EXEC_ACTION = 0
CREATE, UPDATE = 2, 4
TRIGGER_TYPES = {1: "once", 2: "daily", 7: "registration", 8: "boot", 9: "logon"}
DELAYED = (7, 8, 9)
ONCE = 1
_BOUNDARY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?")
MISSING_NODE, INVALID_VALUE, TASK_DISABLED = 0x80041319, 0x80041318, 0x80041326
NEVER = datetime(1999, 11, 30, tzinfo=UTC)  # what LastRunTime is before the first run


class SchedulerObject(Automation):
    com_class = "Schedule.Service"


class SchedulerPart(Wrapped):
    com_class = "Schedule.Service"


class SchedulerCollection(ComCollection):
    """Counted from 1, as the scheduler's collections are."""

    com_class = "Schedule.Service"
    first = 1


class Found(SchedulerCollection):
    """IRegisteredTaskCollection, ITaskFolderCollection."""

    def __init__(self, session: Session, found: list[Any]) -> None:
        super().__init__(session)
        self._found = found

    def items(self) -> list[Any]:
        return self._found


# ---- the parts of a definition


class ExecAction(SchedulerPart):
    properties: ClassVar[dict[str, Property]] = {
        "Type": Property(lambda me: EXEC_ACTION, kind="int"),
        "Path": field("execute"),
        "Arguments": field("arguments"),
        "WorkingDirectory": field("directory"),
    }
    refused = ("id", "hideappwindow")


class Actions(SchedulerCollection):
    def __init__(self, session: Session, task: Task) -> None:
        super().__init__(session)
        self.task = task

    def items(self) -> list[Any]:
        return [ExecAction(self.session, action) for action in self.task.actions]

    def create(self, session: Session, kind: Any) -> ExecAction:
        if int(kind) != EXEC_ACTION:
            raise NotModelled(f"actions of type {kind}; only exec (0)")
        self.task.actions.append(Action(""))
        return ExecAction(session, self.task.actions[-1])

    def clear(self, session: Session) -> None:
        self.task.actions.clear()

    methods: ClassVar[dict[str, Callable[..., Any]]] = {"Item": ComCollection.item, "Create": create, "Clear": clear}
    refused = ("remove", "context", "xmltext")


def _set_delay(me: Any, text: str) -> None:
    if text and not durations.is_written(text):
        raise hresult_failure(INVALID_VALUE)
    me.inner.delay = durations.seconds(text) if text else 0.0


def _set_boundary(me: Any, text: str) -> None:
    """ITrigger::StartBoundary: YYYY-MM-DDTHH:MM:SS(+-)HH:MM; without the offset it is local time."""
    found = _BOUNDARY.fullmatch(text)
    if me.inner.kind != "once":
        raise NotModelled(f"the start boundary of a trigger of kind {me.inner.kind}")
    if found is None:
        raise hresult_failure(INVALID_VALUE)
    if found[1] is None:
        raise NotModelled("a start boundary in local time; write its offset from UTC")
    me.inner.at = datetime.fromisoformat(text).astimezone(UTC)


class TaskTrigger(SchedulerPart):
    def delay(self) -> str:
        """Time triggers have RandomDelay instead."""
        if self.inner.kind in ("once", "daily"):
            raise NotModelled("the delay of a time trigger")
        return durations.written(self.inner.delay) if self.inner.delay else ""

    properties: ClassVar[dict[str, Property]] = {
        "Type": Property(lambda me: next(n for n, k in TRIGGER_TYPES.items() if k == me.inner.kind), kind="int"),
        "Enabled": field("enabled", "bool"),
        "Delay": Property(lambda me: me.delay(), _set_delay),
        "StartBoundary": Property(lambda me: me.inner.at.isoformat() if me.inner.at else "", _set_boundary),
    }
    refused = ("id", "repetition", "executiontimelimit", "endboundary", "userid")


class Triggers(SchedulerCollection):
    def __init__(self, session: Session, task: Task) -> None:
        super().__init__(session)
        self.task = task

    def items(self) -> list[Any]:
        return [TaskTrigger(self.session, trigger) for trigger in self.task.triggers]

    def create(self, session: Session, kind: Any) -> TaskTrigger:
        if int(kind) not in (ONCE, *DELAYED):
            raise NotModelled(f"triggers of type {kind}; only time (1), registration (7), boot (8) and logon (9)")
        self.task.triggers.append(Trigger(TRIGGER_TYPES[int(kind)]))
        return TaskTrigger(session, self.task.triggers[-1])

    def clear(self, session: Session) -> None:
        self.task.triggers.clear()

    methods: ClassVar[dict[str, Callable[..., Any]]] = {"Item": ComCollection.item, "Create": create, "Clear": clear}
    refused = ("remove",)


class Settings(SchedulerPart):
    properties: ClassVar[dict[str, Property]] = {
        "Enabled": field("enabled", "bool"),
        "Hidden": field("hidden", "bool"),
        "ExecutionTimeLimit": field("execution_time_limit"),
        "StartWhenAvailable": field("start_when_available", "bool"),
        "DisallowStartIfOnBatteries": field("not_on_batteries", "bool"),
        "StopIfGoingOnBatteries": field("stop_on_batteries", "bool"),
        "Priority": field("priority", "int"),
    }
    refused = (
        "allowdemandstart", "allowhardterminate", "compatibility", "deleteexpiredtaskafter", "idlesettings",
        "multipleinstances", "networksettings", "restartcount", "restartinterval", "runonlyifidle",
        "runonlyifnetworkavailable", "waketorun", "xmltext",
    )  # fmt: skip


class Principal(SchedulerPart):
    properties: ClassVar[dict[str, Property]] = {
        "UserId": Property(
            lambda me: "" if me.inner.logon_type == 4 else me.inner.user,
            lambda me, value: setattr(me.inner, "user", value),
        ),
        "GroupId": Property(lambda me: me.inner.user if me.inner.logon_type == 4 else ""),
        "LogonType": field("logon_type", "int"),
        "RunLevel": Property(
            lambda me: int(me.inner.highest), lambda me, value: setattr(me.inner, "highest", value == 1), "int"
        ),
    }
    refused = ("id", "displayname")


class RegistrationInfo(SchedulerPart):
    properties: ClassVar[dict[str, Property]] = {"Author": field("author"), "Description": field("description")}
    refused = ("date", "documentation", "securitydescriptor", "source", "uri", "version", "xmltext")


class TaskDefinition(SchedulerObject):
    def __init__(self, session: Session, task: Task) -> None:
        super().__init__(session)
        self.task = task

    properties: ClassVar[dict[str, Property]] = {
        "Actions": Property(lambda me: Actions(me.session, me.task), kind="object"),
        "Triggers": Property(lambda me: Triggers(me.session, me.task), kind="object"),
        "Settings": Property(lambda me: Settings(me.session, me.task), kind="object"),
        "Principal": Property(lambda me: Principal(me.session, me.task), kind="object"),
        "RegistrationInfo": Property(lambda me: RegistrationInfo(me.session, me.task), kind="object"),
    }
    refused = ("data", "xmltext")


# ---- what is registered


class RegisteredTask(SchedulerObject):
    def __init__(self, session: Session, task: Task) -> None:
        super().__init__(session)
        self.task = task

    def run(self, session: Session, parameters: Any = None) -> None:
        if not self.task.enabled:
            raise hresult_failure(TASK_DISABLED)
        try:
            session.host.tasks.run(self.task.name, self.task.path)
        except Win32Failure as failure:
            raise win32_failure(failure) from failure

    def stop(self, session: Session, flags: Any = 0) -> None:
        try:
            session.host.tasks.stop(self.task.name, self.task.path)
        except Win32Failure as failure:
            raise win32_failure(failure) from failure

    def last_run(self) -> DateTime:
        return DateTime.from_datetime(self.task.last_run or NEVER)

    def set_enabled(self, value: bool) -> None:
        _need_administrator(self.session)
        self.task.enabled = value

    properties: ClassVar[dict[str, Property]] = {
        "Name": Property(lambda me: me.task.name),
        "Path": Property(lambda me: me.task.path.rstrip("\\") + "\\" + me.task.name),
        "State": Property(lambda me: me.session.host.tasks.state(me.task), kind="int"),
        "Enabled": Property(lambda me: me.task.enabled, lambda me, value: me.set_enabled(value), "bool"),
        "LastRunTime": Property(last_run, kind="object"),
        "LastTaskResult": Property(lambda me: signed(me.task.last_result), kind="int"),
        "Definition": Property(lambda me: TaskDefinition(me.session, me.task.copy()), kind="object"),
    }
    methods: ClassVar[dict[str, Callable[..., Any]]] = {"Run": run, "Stop": stop}
    refused = ("getinstances", "getruntimes", "nextruntime", "numberofmissedruns", "xml", "runex")


class TaskFolder(SchedulerObject):
    def __init__(self, session: Session, path: str) -> None:
        super().__init__(session)
        self.path = path

    def _inner(self, name: Any) -> str:
        return self.path.rstrip("\\") + "\\" + convert.to_text(name, self.session).strip("\\")

    def get_task(self, session: Session, name: Any) -> RegisteredTask:
        folder, _, leaf = self._inner(name).rpartition("\\")
        task = session.host.tasks.get(leaf, folder or "\\")
        if task is None:
            raise hresult_failure(0x80070002)
        return RegisteredTask(session, task)

    def get_tasks(self, session: Session, flags: Any = 0) -> Found:
        """Hidden ones only with TASK_ENUM_HIDDEN (1)."""
        here = [t for t in session.host.tasks.all() if ("\\" + t.path.strip("\\")).lower() == self.path.lower()]
        return Found(session, [RegisteredTask(session, t) for t in here if int(flags) & 1 or not t.hidden])

    def get_folder(self, session: Session, name: Any) -> TaskFolder:
        return _folder(session, self._inner(name))

    def get_folders(self, session: Session, flags: Any = 0) -> Found:
        return Found(session, [TaskFolder(session, path) for path in session.host.tasks.folders_in(self.path)])

    def create_folder(self, session: Session, name: Any, descriptor: Any = None) -> TaskFolder:
        _need_administrator(session)
        try:
            return TaskFolder(session, session.host.tasks.create_folder(self._inner(name)))
        except Win32Failure as failure:
            raise win32_failure(failure) from failure

    def delete_folder(self, session: Session, name: Any, flags: Any = 0) -> None:
        _need_administrator(session)
        try:
            session.host.tasks.delete_folder(self._inner(name))
        except Win32Failure as failure:
            raise win32_failure(failure) from failure

    def delete_task(self, session: Session, name: Any, flags: Any = 0) -> None:
        _need_administrator(session)
        folder, _, leaf = self._inner(name).rpartition("\\")
        try:
            session.host.tasks.unregister(leaf, folder or "\\")
        except Win32Failure as failure:
            raise win32_failure(failure) from failure

    def register(
        self,
        session: Session,
        name: Any,
        definition: Any,
        flags: Any,
        user: Any = None,
        password: Any = None,
        logon_type: Any = 0,
        descriptor: Any = None,
    ) -> RegisteredTask:
        _need_administrator(session)
        if int(flags) not in (CREATE, UPDATE, CREATE | UPDATE):
            raise NotModelled(f"RegisterTaskDefinition with flags {flags}")
        folder, _, leaf = self._inner(name).rpartition("\\")
        task = replace(definition.task.copy(), name=leaf, path=folder or "\\")
        if user is not None:
            task.user = convert.to_text(user, session)
        if password is not None:
            task.password = convert.to_text(password, session)
        task.logon_type = int(logon_type) or task.logon_type
        if not task.actions or not all(action.execute for action in task.actions):
            raise hresult_failure(MISSING_NODE)
        if not durations.is_written(task.execution_time_limit):
            raise hresult_failure(INVALID_VALUE)
        if any(trigger.kind == "once" and trigger.at is None for trigger in task.triggers):
            raise hresult_failure(MISSING_NODE)
        known = session.host.tasks.get(leaf, folder or "\\")
        if int(flags) == UPDATE and known is None:
            raise hresult_failure(0x80070002)
        try:
            session.host.tasks.register(task, replace=bool(int(flags) & UPDATE))
        except Win32Failure as failure:
            raise win32_failure(failure) from failure
        return RegisteredTask(session, task)

    properties: ClassVar[dict[str, Property]] = {
        "Name": Property(lambda me: me.path.rpartition("\\")[2] or "\\"),
        "Path": Property(lambda me: me.path),
    }
    methods: ClassVar[dict[str, Callable[..., Any]]] = {
        "GetTask": get_task,
        "GetTasks": get_tasks,
        "GetFolder": get_folder,
        "GetFolders": get_folders,
        "CreateFolder": create_folder,
        "DeleteFolder": delete_folder,
        "DeleteTask": delete_task,
        "RegisterTaskDefinition": register,
    }
    refused = ("registertask", "getsecuritydescriptor", "setsecuritydescriptor")


class TaskService(SchedulerObject):
    """ITaskService. Only the machine itself can be connected to."""

    connected = False

    def connect(self, session: Session, server: Any = None, *account: Any) -> None:
        if server or any(account):
            raise NotModelled("Schedule.Service connected to another machine or as another user")
        self.connected = True

    def _must_be_connected(self) -> None:
        if not self.connected:
            raise NotModelled("Schedule.Service used before Connect")

    def get_folder(self, session: Session, path: Any) -> TaskFolder:
        self._must_be_connected()
        return _folder(session, convert.to_text(path, session))

    def new_task(self, session: Session, flags: Any = 0) -> TaskDefinition:
        self._must_be_connected()
        return TaskDefinition(session, Task("", user="", logon_type=0))

    properties: ClassVar[dict[str, Property]] = {"Connected": Property(lambda me: me.connected, kind="bool")}
    methods: ClassVar[dict[str, Callable[..., Any]]] = {
        "Connect": connect,
        "GetFolder": get_folder,
        "NewTask": new_task,
    }
    refused = ("getrunningtasks", "highestversion", "targetserver", "connecteduser", "connecteddomain")


def _folder(session: Session, path: str) -> TaskFolder:
    found = session.host.tasks.folder("\\" + path.strip("\\"))
    if found is None:
        raise hresult_failure(0x80070002)
    return TaskFolder(session, found)


def _need_administrator(session: Session) -> None:
    if not session.process.token.elevated:
        raise hresult_failure(0x80070005)


COM_CLASSES["schedule.service"] = TaskService
COM_CLASSES["schedule.service.1"] = TaskService
