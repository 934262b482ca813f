"""The ScheduledTasks module: tasks and their parts as CIM instances (MicrosoftDocs/windows-powershell-docs).

Error ids: windows_facts.md section 8. Assumed: the ids and categories of HRESULTs that are not named there.
"""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.cim import task_classes as classes
from winbake.rehearsal.powershell.cim.instance import CimInstance
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts, word
from winbake.rehearsal.powershell.dotnet.datetime import DateTime, TimeSpan
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.values import PSArray, unwrap
from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards
from winbake.rehearsal.windows import durations
from winbake.rehearsal.windows.failures import Win32Failure, message_for
from winbake.rehearsal.windows.tasks import GROUP_LOGON, Action, Task, Trigger

_JOB = "Microsoft.PowerShell.Cmdletization.Cim.CimJobException"
_CIM_EXCEPTION = "Microsoft.Management.Infrastructure.CimException"
_TARGET = "PS_ScheduledTask"
_CATEGORIES = {2: "ObjectNotFound", 5: "PermissionDenied", 183: "ResourceExists"}
_SERVICE_ACCOUNTS = ("system", "localsystem", "local service", "network service", "s-1-5-18", "s-1-5-19", "s-1-5-20")
INTERACTIVE, PASSWORD, SERVICE_ACCOUNT = 3, 1, 5
TASK_DISABLED = 0x80041326


def _is_service_account(user: str) -> bool:
    return user.rpartition("\\")[2].lower() in _SERVICE_ACCOUNTS


class TaskCommand(Cmdlet):
    not_modelled: tuple[str, ...] = ("AsJob", "CimSession")

    def begin(self) -> None:
        for name in self.not_modelled:
            if self.has(name):
                raise NotModelled(f"{self.name} -{name}")

    def refused(self, failure: Win32Failure) -> None:
        code = 0x80070000 | failure.code
        category = _CATEGORIES.get(failure.code, "NotSpecified")
        self.error(f"HRESULT 0x{code:08x}", message_for(failure.code), category, _CIM_EXCEPTION, _TARGET)

    def needs_administrator(self) -> None:
        if not self.session.process.token.elevated:
            raise Win32Failure(5, _TARGET)

    def given(self, name: str) -> list[Any]:
        value = unwrap(self.get(name))
        if value is None:
            return []
        return list(value) if isinstance(value, PSArray) else [value]

    def text(self, name: str) -> str:
        value = unwrap(self.get(name))
        return "" if value is None else str(value)

    def queried(self) -> list[Task]:
        """By -TaskName and -TaskPath, both with wildcards; what a plain one does not find is an error."""
        known = self.session.host.tasks.all()
        names, paths = texts(self.get("TaskName")), texts(self.get("TaskPath"))
        found = [
            task
            for task in known
            if (not names or any(Wildcard(name).matches(task.name) for name in names))
            and (not paths or any(Wildcard(path).matches(classes.folder(task.path)) for path in paths))
        ]
        if not found:
            wanted, property_name = (names, "TaskName") if names else (paths, "TaskPath")
            for value in wanted:
                if not has_wildcards(value):
                    message = (f"No MSFT_ScheduledTask objects found with property '{property_name}' equal to "
                               f"'{value}'.  Verify the value of the property and retry.")  # fmt: skip
                    self.error(f"CmdletizationQuery_NotFound_{property_name}", message, "ObjectNotFound", _JOB, value)
        return found

    def named(self) -> Task | None:
        """The one task of -InputObject or of -TaskName and -TaskPath; a missing one is an error."""
        given = unwrap(self.get("InputObject"))
        if given is not None:
            name, path = str(unwrap(given.get("TaskName"))), str(unwrap(given.get("TaskPath")))
        else:
            name, path = self.text("TaskName"), self.text("TaskPath") or "\\"
            inner, _, leaf = name.rpartition("\\")
            if inner:
                name, path = leaf, inner
        task: Task | None = self.session.host.tasks.get(name, path)
        if task is None:
            self.refused(Win32Failure(2, name))
        return task

    def emit_task(self, task: Task) -> None:
        self.emit(classes.scheduled_task(self.session, task))

    def put_parts(self, task: Task) -> None:
        """-Action, -Trigger, -Principal, -Settings, -Description into a task."""
        if self.has("Action"):
            task.actions = [classes.read_action(one) for one in self.given("Action")]
        if self.has("Trigger"):
            task.triggers = [classes.read_trigger(one) for one in self.given("Trigger")]
        if self.has("Settings"):
            classes.read_settings(self.get("Settings"), task)
        if self.has("Principal"):
            classes.read_principal(self.get("Principal"), task)
        if self.has("Description"):
            task.description = self.text("Description")

    def put_user(self, task: Task) -> None:
        """-User and -Password. Without them the task runs as who registers it, when that user is logged on."""
        user, password = self.text("User"), self.text("Password")
        if user:
            task.user = user
            task.logon_type = SERVICE_ACCOUNT if _is_service_account(user) else PASSWORD if password else INTERACTIVE
        if password:
            task.password = password
            task.logon_type = PASSWORD


@cmdlet("Get-ScheduledTask", "Get-ScheduledTask")
class GetScheduledTask(TaskCommand):
    def process(self) -> None:
        for task in self.queried():
            self.emit_task(task)


@cmdlet("Get-ScheduledTaskInfo", "Get-ScheduledTaskInfo")
class GetScheduledTaskInfo(TaskCommand):
    def process(self) -> None:
        task = self.named()
        if task is not None:
            self.emit(classes.information(self.session, task))


@cmdlet("Start-ScheduledTask", "Start-ScheduledTask")
class StartScheduledTask(TaskCommand):
    def process(self) -> None:
        task = self.named()
        if task is None:
            return
        if not task.enabled:
            # TaskSchd's own code; its text is that of the constant's documentation.
            error_id = f"HRESULT 0x{TASK_DISABLED:08x}"
            self.error(error_id, "The task is disabled.", "NotSpecified", _CIM_EXCEPTION, _TARGET)
            return
        self.session.host.tasks.run(task.name, task.path)


@cmdlet("Stop-ScheduledTask", "Stop-ScheduledTask")
class StopScheduledTask(TaskCommand):
    def process(self) -> None:
        task = self.named()
        if task is not None:
            self.session.host.tasks.stop(task.name, task.path)


class _Toggle(TaskCommand):
    enabled = True

    def process(self) -> None:
        try:
            self.needs_administrator()
        except Win32Failure as failure:
            self.refused(failure)
            return
        task = self.named()
        if task is not None:
            task.enabled = self.enabled
            self.emit_task(task)


@cmdlet("Enable-ScheduledTask", "Enable-ScheduledTask")
class EnableScheduledTask(_Toggle):
    pass


@cmdlet("Disable-ScheduledTask", "Disable-ScheduledTask")
class DisableScheduledTask(_Toggle):
    enabled = False


@cmdlet("Unregister-ScheduledTask", "Unregister-ScheduledTask")
class UnregisterScheduledTask(TaskCommand):
    """Asks before each task (ConfirmImpact High): scripts give -Confirm:$false."""

    confirm_impact = "High"

    def process(self) -> None:
        given = self.given("InputObject")
        if given:
            found = [self.session.host.tasks.get(str(unwrap(one.get("TaskName"))), str(unwrap(one.get("TaskPath"))))
                     for one in given]  # fmt: skip
        else:
            found = list(self.queried())
        for task in found:
            if task is None:
                self.refused(Win32Failure(2, _TARGET))
            elif self.should_process(classes.folder(task.path) + task.name, "Delete"):
                self._unregister(task)

    def _unregister(self, task: Task) -> None:
        instance = classes.scheduled_task(self.session, task)
        try:
            self.needs_administrator()
            self.session.host.tasks.unregister(task.name, task.path)
        except Win32Failure as failure:
            self.refused(failure)
            return
        if self.switch("PassThru"):
            self.emit(instance)


@cmdlet("Register-ScheduledTask", "Register-ScheduledTask")
class RegisterScheduledTask(TaskCommand):
    not_modelled = ("AsJob", "CimSession", "Xml")

    def process(self) -> None:
        name = self.text("TaskName")
        task = Task(name, user=self.session.process.token.user, logon_type=INTERACTIVE)
        given = unwrap(self.get("InputObject"))
        if given is not None:
            classes.read_task(given, task)
            name = name or str(unwrap(given.get("TaskName")) or "")
        path = self.text("TaskPath") or "\\"
        inner, _, leaf = name.rpartition("\\")
        task.name, task.path = (leaf, inner) if inner else (name, path)
        task.path = classes.folder(task.path)
        self.put_parts(task)
        self.put_user(task)
        if self.has("RunLevel"):
            task.highest = word(self.get("RunLevel")).lower() == "highest"
        try:
            self.needs_administrator()
            self.session.host.tasks.register(task, replace=self.switch("Force"))
        except Win32Failure as failure:
            self.refused(failure)
            return
        self.emit_task(task)


@cmdlet("Set-ScheduledTask", "Set-ScheduledTask")
class SetScheduledTask(TaskCommand):
    def process(self) -> None:
        known = self.named()
        if known is None:
            return
        changed = known.copy()
        given = unwrap(self.get("InputObject"))
        if given is not None:
            classes.read_task(given, changed)
        self.put_parts(changed)
        self.put_user(changed)
        try:
            self.needs_administrator()
            self.session.host.tasks.register(changed, replace=True)
        except Win32Failure as failure:
            self.refused(failure)
            return
        self.emit_task(changed)


# ---- the parts, made in the session


@cmdlet("New-ScheduledTaskAction", "New-ScheduledTaskAction")
class NewScheduledTaskAction(TaskCommand):
    not_modelled = ("AsJob", "CimSession", "Id")

    def process(self) -> None:
        made = Action(self.text("Execute"), self.text("Argument"), self.text("WorkingDirectory"))
        self.emit(classes.action(self.session, made))


@cmdlet("New-ScheduledTaskTrigger", "New-ScheduledTaskTrigger")
class NewScheduledTaskTrigger(TaskCommand):
    not_modelled = (
        "AsJob", "CimSession", "RandomDelay", "RepetitionInterval", "RepetitionDuration", "User", "Weekly",
    )  # fmt: skip

    def process(self) -> None:
        if self.has("DaysInterval") and int(unwrap(self.get("DaysInterval"))) != 1:
            raise NotModelled("New-ScheduledTaskTrigger -DaysInterval other than 1")
        at = unwrap(self.get("At"))
        kinds = {"AtStartup": "boot", "AtLogOn": "logon", "Daily": "daily"}
        kind = next((found for name, found in kinds.items() if self.switch(name)), "once")
        moment = at.to_utc_datetime().replace(microsecond=0) if isinstance(at, DateTime) else None
        self.emit(classes.trigger(self.session, Trigger(kind, moment)))


@cmdlet("New-ScheduledTaskPrincipal", "New-ScheduledTaskPrincipal")
class NewScheduledTaskPrincipal(TaskCommand):
    not_modelled = ("AsJob", "CimSession", "Id", "ProcessTokenSidType", "RequiredPrivilege")

    def process(self) -> None:
        user = self.text("UserId") or self.text("GroupId")
        if self.has("GroupId"):
            logon = GROUP_LOGON
        elif self.has("LogonType"):
            logon = classes.number_of(word(self.get("LogonType")), classes.LOGON)
        else:
            logon = SERVICE_ACCOUNT if _is_service_account(user) else INTERACTIVE
        highest = self.has("RunLevel") and word(self.get("RunLevel")).lower() == "highest"
        self.emit(classes.principal(self.session, Task("", user=user, logon_type=logon, highest=highest)))


@cmdlet("New-ScheduledTaskSettingsSet", "New-ScheduledTaskSettingsSet")
class NewScheduledTaskSettingsSet(TaskCommand):
    modelled = (
        "AllowStartIfOnBatteries", "DontStopIfGoingOnBatteries", "ExecutionTimeLimit", "Hidden", "Priority",
        "StartWhenAvailable", "Disable", "MultipleInstances", "ErrorAction",
    )  # fmt: skip

    def process(self) -> None:
        unknown = [name for name in self.bound if name not in self.modelled]
        if unknown:
            raise NotModelled(f"New-ScheduledTaskSettingsSet -{unknown[0]}")
        task = Task(
            "",
            enabled=not self.switch("Disable"),
            hidden=self.switch("Hidden"),
            start_when_available=self.switch("StartWhenAvailable"),
            not_on_batteries=not self.switch("AllowStartIfOnBatteries"),
            stop_on_batteries=not self.switch("DontStopIfGoingOnBatteries"),
        )
        limit = unwrap(self.get("ExecutionTimeLimit"))
        if isinstance(limit, TimeSpan):
            task.execution_time_limit = durations.in_parts(limit.total_seconds)
        if self.has("Priority"):
            task.priority = int(unwrap(self.get("Priority")))
        made: CimInstance = classes.settings(self.session, task)
        if self.has("MultipleInstances"):
            number = classes.number_of(word(self.get("MultipleInstances")), classes.INSTANCES)
            made.values["MultipleInstances"] = classes.enum("MultipleInstancesEnum", classes.INSTANCES, number)
        self.emit(made)


@cmdlet("New-ScheduledTask", "New-ScheduledTask")
class NewScheduledTask(TaskCommand):
    def process(self) -> None:
        task = Task("", user="", logon_type=INTERACTIVE)
        self.put_parts(task)
        self.emit(classes.scheduled_task(self.session, task, registered=False))
