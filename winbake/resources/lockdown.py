"""The last step before an image is taken: temporary folders are emptied, and the way in is closed behind the run.

Closing it would cut the run that does it, so the host does it itself: a one-shot scheduled task of SYSTEM, some time
after the run, that deletes itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from pydantic import Field

from winbake.config.playbook import Task
from winbake.resources.firewall import FIREWALL
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, Resource
from winbake.resources.module_parameters import Flag, ModuleParameters
from winbake.resources.scheduled_task import ScheduledTask, TaskAction, TaskTrigger
from winbake.resources.state import FACT_TYPES, FirewallRule, State
from winbake.resources.task_building import BadParameter, ModuleTable, named

TASK = "winbake lockdown"
POWERSHELL = r"%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe"
WINRM_HTTPS = 5986
POLICIES = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
TOKEN_POLICY = "LocalAccountTokenFilterPolicy"
"""1 lets local administrators other than the built-in one work over the network: a bake account needs it."""
BUILT_IN_ADMINISTRATOR = "-500"
"""How its SID ends on every Windows, whatever its name."""
REMOTE_ACCESS = Query("remote_access")
_POLICY_QUERY = Query("registry_value", {"key": POLICIES, "name": TOKEN_POLICY, "view": 64})
_TASK_QUERY = ScheduledTask(Identity("scheduled task", TASK), TASK).query


@dataclass(frozen=True)
class HttpsListener:
    """A listener of WinRM over HTTPS. `subject`: of its certificate, empty if the store does not have it."""

    address: str
    port: int
    thumbprint: str
    subject: str = ""


@dataclass(frozen=True)
class RemoteAccess:
    """How the run came in. `account` is empty if it is not a local one."""

    listeners: tuple[HttpsListener, ...] = ()
    sid: str = ""
    account: str = ""


def _remote_access(answer: Any) -> RemoteAccess:
    return RemoteAccess(tuple(HttpsListener(**one) for one in answer["listeners"]), answer["sid"], answer["account"])


FACT_TYPES["remote_access"] = _remote_access


@dataclass(frozen=True)
class Lockdown:
    """WinRM over HTTPS is closed: listeners, certificates with their keys, firewall rules, bake account.

    delay: seconds between the run and the closing. account: whether the account of the run goes, too; the built-in
    Administrator never does.
    """

    identity: Identity
    delay: int = 60
    account: bool = True

    def queries(self) -> Iterable[Query]:
        return (REMOTE_ACCESS, FIREWALL, _POLICY_QUERY, _TASK_QUERY)

    def decide(self, state: State) -> Decision:
        found: RemoteAccess = state.fact(REMOTE_ACCESS)
        rules = self._rules(state)
        account = self._account(found)
        policy = account and state.registry_value(POLICIES, TOKEN_POLICY) is not None
        reason = f"by the host itself, {self.delay} s after the run"
        changes = [Change("remove", "account", account, None, reason)] if account else []
        changes += [Change("remove", TOKEN_POLICY, "1", None, reason)] if policy else []
        for one in found.listeners:
            if one.subject:
                changes.append(Change("remove", "certificate", f"{one.subject} {one.thumbprint}", None, reason))
            changes.append(Change("remove", "listener", f"HTTPS {one.address}:{one.port}", None, reason))
        changes += [Change("remove", "firewall rule", rule.name, None, reason) for rule in rules]
        if not changes:
            return RIGHT
        request = {
            "task": TASK,
            "sid": found.sid if account else "",
            "token_policy": bool(policy),
            "listeners": [{"address": one.address, "thumbprint": one.thumbprint} for one in found.listeners],
            "rules": [rule.id for rule in rules],
        }
        scheduled = None
        if state.fact(_TASK_QUERY) is not None:
            scheduled = ", ".join(f"{change.property} {change.old}" for change in changes)
        return Decision(tuple(changes), self._operations(state, request), scheduled=scheduled, closes=True)

    def predict(self, state: State) -> State:
        state = state.with_firewall([rule.id for rule in self._rules(state)], None)
        return state.with_fact(REMOTE_ACCESS, RemoteAccess())

    def _account(self, found: RemoteAccess) -> str:
        """The account that goes, or nothing."""
        goes = self.account and not found.sid.endswith(BUILT_IN_ADMINISTRATOR)
        return found.account if goes else ""

    def _rules(self, state: State) -> list[FirewallRule]:
        """Those that let in the listeners' ports and nothing else."""
        found: RemoteAccess = state.fact(REMOTE_ACCESS)
        ports = {str(WINRM_HTTPS), *(str(one.port) for one in found.listeners)}
        return [
            rule
            for rule in state.firewall
            if (rule.direction, rule.action, rule.protocol) == ("in", "allow", "tcp")
            and rule.local_ports
            and set(rule.local_ports) <= ports
        ]

    def _operations(self, state: State, request: dict[str, Any]) -> tuple[Operation, ...]:
        """The task as if there were none: one that waits already begins to wait anew."""
        task = ScheduledTask(
            self.identity,
            TASK,
            user="SYSTEM",
            highest=True,
            limit="PT10M",
            description="Closes WinRM over HTTPS after the bake, once, and deletes itself.",
            actions=(TaskAction(POWERSHELL, _closing(request)),),
            # The boot is for a host that restarts before the delay is over: Windows forgets the other trigger then.
            triggers=(TaskTrigger("registration", delay=f"PT{self.delay}S"), TaskTrigger("boot")),
        )
        return task.decide(state.with_fact(task.query, None)).operations


def _closing(request: Mapping[str, Any]) -> str:
    """The arguments of powershell.exe that run lockdown.ps1 with this request; nothing lies in a file on the host."""
    script = (files("winbake.resources") / "lockdown.ps1").read_text(encoding="utf-8")
    text = base64.b64encode(json.dumps(request, separators=(",", ":")).encode("utf-8")).decode("ascii")
    encoded = base64.b64encode(f"& {{{script}}} -Request '{text}'".encode("utf-16-le")).decode("ascii")
    return f"-NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand {encoded}"


# ---- temporary folders ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class FolderContent:
    """What could be deleted in a folder. Files that a program holds open are not counted but in `in_use`."""

    files: int = 0
    folders: int = 0
    size: int = 0
    in_use: int = 0


def _folder_content(answer: Any) -> FolderContent:
    return FolderContent(int(answer["files"]), int(answer["folders"]), int(answer["size"]), int(answer["in_use"]))


FACT_TYPES["folder_content"] = _folder_content


@dataclass(frozen=True)
class EmptyFolder:
    r"""Nothing is in the folder but what a program holds open. `path` may hold wildcards: `C:\Users\*\Temp`."""

    identity: Identity
    path: str

    @property
    def query(self) -> Query:
        return Query("folder_content", {"path": self.path})

    def queries(self) -> Iterable[Query]:
        return (self.query,)

    def decide(self, state: State) -> Decision:
        found: FolderContent = state.fact(self.query)
        notes = (f"{found.in_use} files are in use and stay",) if found.in_use else ()
        if not found.files and not found.folders:
            return Decision(notes=notes)
        there = f"{found.files} files, {found.folders} folders, {found.size / 1e6:.1f} MB"
        operation = Operation("empty_folder", {"path": self.path}, self.identity.id, limit_seconds=600)
        return Decision((Change("remove", "content", there, None),), (operation,), notes)

    def predict(self, state: State) -> State:
        found: FolderContent = state.fact(self.query)
        return state.with_fact(self.query, FolderContent(in_use=found.in_use))


# ---- the modules: winbake's own, since Ansible has none -----------------------------------------------------


class LockdownParameters(ModuleParameters):
    """winbake's own module; under Ansible it ends with a message. `delay`: seconds between the end of the run and the
    closing, 10 at least. `account`: whether the account of the run goes too; the built-in Administrator never does.
    """

    delay: int = Field(60, ge=10, le=3600)
    account: Flag = True


class EmptyFolderParameters(ModuleParameters):
    """winbake's own module; under Ansible it ends with a message. `path` may hold wildcards. The folder itself stays,
    and what a program holds open.
    """

    path: str


def _lockdown(task: Task, p: LockdownParameters, identity: Identity) -> list[Resource]:
    return [Lockdown(named(identity, "lockdown", "winrm"), p.delay, p.account)]


def _empty_folder(task: Task, p: EmptyFolderParameters, identity: Identity) -> list[Resource]:
    path = p.path.replace("/", "\\").rstrip("\\")
    parts = path.split("\\")
    if len(parts) < 3 or ":" not in parts[0] or set(parts[-1]) <= set("*?.") or set(parts[1]) <= set("*?."):
        raise BadParameter(rf"path: {p.path!r} names no folder to empty: write it in full, like C:\Windows\Temp")
    return [EmptyFolder(named(identity, "folder", path), path)]


MODULES: ModuleTable = {
    "winbake.windows.win_lockdown": (LockdownParameters, _lockdown),
    "winbake.windows.win_empty_folder": (EmptyFolderParameters, _empty_folder),
}
