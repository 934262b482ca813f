"""Scheduled tasks: one of Windows' is enabled, disabled or removed; one of our own runs as a service account."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from winbake.config.playbook import Task
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, Resource, shown
from winbake.resources.module_parameters import Flag, ModuleParameters
from winbake.resources.state import FACT_TYPES, State
from winbake.resources.task_building import ModuleTable, named

S4U_LOGON, SERVICE_ACCOUNT_LOGON = 2, 5
"""TASK_LOGON_S4U and TASK_LOGON_SERVICE_ACCOUNT of Task Scheduler's TASK_LOGON_TYPE."""
SERVICE_ACCOUNTS = {
    "SYSTEM": ("system", "localsystem", "s-1-5-18"),
    "LOCAL SERVICE": ("local service", "localservice", "s-1-5-19"),
    "NETWORK SERVICE": ("network service", "networkservice", "s-1-5-20"),
}
DEFAULT_LIMIT = "PT72H"
"""What a new task has (ITaskSettings::ExecutionTimeLimit)."""


@dataclass(frozen=True)
class TaskAction:
    """A program that the task runs."""

    path: str
    arguments: str = ""
    directory: str = ""

    def __str__(self) -> str:
        return f"{self.path} {self.arguments}".strip()


_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def _in_seconds(text: str) -> str:
    """A duration as PT90S; one with years or months, whose length varies, stays as it is."""
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        return text
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return f"PT{((days * 24 + hours) * 60 + minutes) * 60 + seconds}S"


@dataclass(frozen=True)
class TaskTrigger:
    """type: boot, logon, registration; of others the number. delay: ISO 8601, as PT30S."""

    type: str
    enabled: bool = True
    delay: str = ""

    def __post_init__(self) -> None:
        # PT1M and PT60S are one delay; which of them a host reads back is its own affair.
        object.__setattr__(self, "delay", _in_seconds(self.delay))

    def __str__(self) -> str:
        parts = (self.type, f"after {self.delay}" if self.delay else "", "" if self.enabled else "(disabled)")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class ScheduledTaskFact:
    """A task as it is registered. `other_actions`: how many of its actions run no program."""

    user: str
    enabled: bool = True
    highest: bool = False
    limit: str = DEFAULT_LIMIT
    description: str = ""
    actions: tuple[TaskAction, ...] = ()
    triggers: tuple[TaskTrigger, ...] = ()
    other_actions: int = 0


def _fact(answer: Any) -> ScheduledTaskFact | None:
    if not answer["exists"]:
        return None
    return ScheduledTaskFact(
        user=answer["user"],
        enabled=bool(answer["enabled"]),
        highest=bool(answer["highest"]),
        limit=answer["limit"],
        description=answer["description"],
        actions=tuple(TaskAction(**one) for one in answer["actions"]),
        triggers=tuple(TaskTrigger(**one) for one in answer["triggers"]),
        other_actions=int(answer["other_actions"]),
    )


FACT_TYPES["scheduled_task"] = _fact


def service_account(name: str) -> str | None:
    """SYSTEM for each way to write it, and so on; None for any other account."""
    plain = name.rpartition("\\")[2].lower()
    return next((account for account, names in SERVICE_ACCOUNTS.items() if plain in names), None)


@dataclass(frozen=True)
class ScheduledTask:
    """The task `name` in the folder `path`. What is None stays as it is."""

    identity: Identity
    name: str
    path: str = "\\"
    present: bool = True
    enabled: bool | None = None
    user: str | None = None
    highest: bool | None = None
    limit: str | None = None
    description: str | None = None
    actions: tuple[TaskAction, ...] | None = None
    triggers: tuple[TaskTrigger, ...] | None = None
    s4u: bool = False
    """`user` is a user, for whom the task runs by service-for-user: without a password, and without the network."""

    @property
    def query(self) -> Query:
        return Query("scheduled_task", {"path": self.path, "name": self.name})

    def queries(self) -> Iterable[Query]:
        return (self.query,)

    def decide(self, state: State) -> Decision:
        found: ScheduledTaskFact | None = state.fact(self.query)
        if not self.present:
            if found is None:
                return RIGHT
            return self._decision((Change("remove", "scheduled task", self._place, None),), None, None)
        if found is None:
            return self._create()
        definition = self._definition_changes(found)
        if definition and not self.s4u and service_account(self.user or found.user) is None:
            return Decision(
                problem=f"{self.identity.id}: the task runs as {found.user}, whose password would be needed to change "
                "it: give username (SYSTEM, LOCAL SERVICE or NETWORK SERVICE), or change only enabled"
            )
        switch = self.enabled is not None and self.enabled != found.enabled
        changes = definition
        if switch:
            changes = (*changes, Change("change", "enabled", str(found.enabled), str(self.enabled)))
        if not changes:
            return RIGHT
        return self._decision(changes, found if definition else None, self.enabled if switch else None)

    def predict(self, state: State) -> State:
        if not self.present:
            return state.with_fact(self.query, None)
        found = state.fact(self.query) or ScheduledTaskFact("")
        wanted = {key: value for key, value in self._wish.items() if value is not None}
        if self.actions is not None:
            wanted["other_actions"] = 0
        return state.with_fact(self.query, replace(found, **wanted))

    @property
    def _place(self) -> str:
        return self.path.rstrip("\\") + "\\" + self.name

    @property
    def _wish(self) -> dict[str, Any]:
        return {
            "user": self.user, "enabled": self.enabled, "highest": self.highest, "limit": self.limit,
            "description": self.description, "actions": self.actions, "triggers": self.triggers,
        }  # fmt: skip

    def _create(self) -> Decision:
        needed = (("actions", self.actions), ("username", self.user))
        missing = " and ".join(name for name, given in needed if not given)
        if missing:
            return Decision(
                problem=f"{self.identity.id}: there is no task {self._place}, and to make one {missing} must be given"
            )
        words = "; ".join(str(action) for action in self.actions or ())
        changes = (Change("create", "scheduled task", None, shown(f"{words} as {self.user}")),)
        return self._decision(changes, ScheduledTaskFact(self.user or ""), self.enabled)

    def _definition_changes(self, found: ScheduledTaskFact) -> tuple[Change, ...]:
        pairs: list[tuple[str, Any, Any]] = [
            ("user", service_account(found.user) or found.user, self.user),
            ("run level highest", found.highest, self.highest),
            ("time limit", found.limit, self.limit),
            ("description", found.description, self.description),
            ("triggers", found.triggers, self.triggers),
        ]
        changes = [Change("change", name, shown(old), shown(new)) for name, old, new in pairs if new not in (None, old)]
        if self.actions is not None and (found.actions != self.actions or found.other_actions):
            changes.append(Change("change", "actions", shown(found.actions), shown(self.actions)))
        return tuple(changes)

    def _decision(
        self, changes: tuple[Change, ...], base: ScheduledTaskFact | None, enabled: bool | None
    ) -> Decision:
        """`base`: what the definition is written over; None leaves it alone."""
        arguments: dict[str, Any] = {"path": self.path, "name": self.name, "present": self.present}
        if self.present:
            arguments |= {"enabled": enabled, "definition": None, "user": None}
        if base is not None:
            arguments["user"] = self.user or service_account(base.user)
            arguments["logon_type"] = S4U_LOGON if self.s4u else SERVICE_ACCOUNT_LOGON
            arguments["definition"] = {
                "highest": self.highest,
                "limit": self.limit,
                "description": self.description,
                "actions": None if self.actions is None else [asdict(one) for one in self.actions],
                "triggers": None if self.triggers is None else [asdict(one) for one in self.triggers],
            }
        return Decision(changes, (Operation("scheduled_task", arguments, self.identity.id),))


# ---- community.windows.win_scheduled_task


def _as_account(value: Any) -> Any:
    account = service_account(str(value))
    if account is None:
        raise ValueError(f"{value!r} is not supported; only {', '.join(SERVICE_ACCOUNTS)} need no password")
    return account


def _as_duration(value: Any) -> Any:
    if not re.fullmatch(r"P(?=\d|T\d)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?", str(value)):
        raise ValueError(f"{value!r} is no duration like PT30S or PT72H")
    return value


Duration = Annotated[str, BeforeValidator(_as_duration)]


class ActionParameters(ModuleParameters):
    path: str
    arguments: str = ""
    working_directory: str = ""


class TriggerParameters(ModuleParameters):
    type: Literal["boot", "logon", "registration"]
    enabled: Flag = True
    delay: Duration = ""


class ScheduledTaskParameters(ModuleParameters):
    """Accounts: SYSTEM, LOCAL SERVICE, NETWORK SERVICE (no password is stored). An action has `path arguments
    working_directory`; a trigger `type` (boot, logon, registration), `enabled`, `delay`. What is not given stays as it
    is; a new task needs `actions` and `username`."""

    name: str
    path: str = "\\"
    state: Literal["present", "absent"] = "present"
    actions: list[ActionParameters] | None = None
    triggers: list[TriggerParameters] | None = None
    username: Annotated[str, BeforeValidator(_as_account)] | None = Field(
        None, validation_alias=AliasChoices("username", "user")
    )
    logon_type: Literal["service_account"] | None = None
    run_level: Literal["limited", "highest"] | None = Field(
        None, validation_alias=AliasChoices("run_level", "runlevel")
    )
    enabled: bool | None = None
    execution_time_limit: Duration | None = None
    description: str | None = None


def _scheduled_task(task: Task, p: ScheduledTaskParameters, identity: Identity) -> list[Resource]:
    path = "\\" + p.path.replace("/", "\\").strip("\\")
    return [
        ScheduledTask(
            named(identity, "scheduled task", p.name),
            p.name,
            path,
            p.state == "present",
            p.enabled,
            p.username,
            None if p.run_level is None else p.run_level == "highest",
            p.execution_time_limit,
            p.description,
            None
            if p.actions is None
            else tuple(TaskAction(a.path, a.arguments, a.working_directory) for a in p.actions),
            None if p.triggers is None else tuple(TaskTrigger(t.type, t.enabled, t.delay) for t in p.triggers),
        )
    ]


MODULES: ModuleTable = {"community.windows.win_scheduled_task": (ScheduledTaskParameters, _scheduled_task)}
