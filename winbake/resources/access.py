"""Who may do what with a file or folder, as `win_acl` wants it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from winbake.config.errors import nearest
from winbake.config.playbook import Task
from winbake.resources.accounts import BUILT_IN, user_query
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, Resource
from winbake.resources.module_parameters import ModuleParameters
from winbake.resources.state import FACT_TYPES, State
from winbake.resources.task_building import BadParameter, ModuleTable, named

RIGHTS = {
    "ReadData": 0x1, "ListDirectory": 0x1, "WriteData": 0x2, "CreateFiles": 0x2, "AppendData": 0x4,
    "CreateDirectories": 0x4, "ReadExtendedAttributes": 0x8, "WriteExtendedAttributes": 0x10, "ExecuteFile": 0x20,
    "Traverse": 0x20, "DeleteSubdirectoriesAndFiles": 0x40, "ReadAttributes": 0x80, "WriteAttributes": 0x100,
    "Write": 0x116, "Delete": 0x10000, "ReadPermissions": 0x20000, "Read": 0x20089, "ReadAndExecute": 0x200A9,
    "Modify": 0x301BF, "ChangePermissions": 0x40000, "TakeOwnership": 0x80000, "Synchronize": 0x100000,
    "FullControl": 0x1F01FF,
}  # fmt: skip
"""System.Security.AccessControl.FileSystemRights."""
SYNCHRONIZE = RIGHTS["Synchronize"]
INHERIT = {"None": 0, "ContainerInherit": 1, "ObjectInherit": 2}
"""System.Security.AccessControl.InheritanceFlags."""
PROPAGATION = {"None": 0, "NoPropagateInherit": 1, "InheritOnly": 2}
"""System.Security.AccessControl.PropagationFlags."""
BOTH = INHERIT["ContainerInherit"] | INHERIT["ObjectInherit"]


@dataclass(frozen=True)
class Rule:
    """One rule of an account on a path, in .NET's numbers. .NET adds Synchronize to what is allowed, and takes it from
    what is denied (but from FullControl)."""

    rights: int
    inherit: int
    propagation: int
    deny: bool

    def holds(self, wanted: Rule) -> bool:
        """Whether the wanted rule adds nothing to this one."""
        same_kind = (self.deny, self.propagation) == (wanted.deny, wanted.propagation)
        more = (wanted.rights & ~self.rights) or (wanted.inherit & ~self.inherit)
        return same_kind and not more


@dataclass(frozen=True)
class AccessFact:
    """An account's own rules on a path. `sid` is empty for an account that is not there."""

    sid: str
    rules: tuple[Rule, ...] = ()


def _fact(answer: Any) -> AccessFact:
    rules = (Rule(int(r["rights"]), int(r["inherit"]), int(r["propagation"]), bool(r["deny"])) for r in answer["rules"])
    return AccessFact(answer["sid"], tuple(rules))


FACT_TYPES["access"] = _fact


@dataclass(frozen=True)
class AccessRule:
    """An account has these rights on a path by a rule of the path itself, or (not `present`) has exactly this rule not.

    `inherit` None: folders hand the rule down to files and folders.
    """

    identity: Identity
    path: str
    account: str
    rights: tuple[str, ...]
    deny: bool = False
    inherit: int | None = None
    propagation: int = 0
    present: bool = True

    @property
    def _query(self) -> Query:
        return Query("access", {"path": self.path, "account": self.account})

    def queries(self) -> Iterable[Query]:
        return (self._query, Query("file", {"path": self.path}), user_query(self.account))

    def _rule(self, state: State) -> Rule:
        """A file hands nothing down, and without inheritance there is no propagation."""
        inherit = (BOTH if self.inherit is None else self.inherit) if state.file(self.path).directory else 0
        mask = _joined(RIGHTS[name] for name in self.rights)
        if not self.deny:
            mask |= SYNCHRONIZE
        elif mask != RIGHTS["FullControl"]:
            mask &= ~SYNCHRONIZE
        return Rule(mask, inherit, self.propagation if inherit else 0, self.deny)

    def decide(self, state: State) -> Decision:
        found: AccessFact = state.fact(self._query)
        if not state.file(self.path).exists:
            return Decision(problem=f"{self.identity.id}: {self.path} is not on the host, and no task before makes it")
        if not found.sid and not state.fact(user_query(self.account)).exists:
            return Decision(problem=f"{self.identity.id}: there is no account {self.account} on the host")
        wanted = self._rule(state)
        kind = "deny" if self.deny else "allow"
        words = f"{kind} {', '.join(self.rights)}"
        if self.present:
            if any(rule.holds(wanted) for rule in found.rules):
                return RIGHT
            change = Change("add", f"access of {self.account}", None, words)
        else:
            if wanted not in found.rules:
                return RIGHT
            change = Change("remove", f"access of {self.account}", words, None)
        arguments = {
            "path": self.path,
            "account": self.account,
            "rights": wanted.rights,
            "inherit": wanted.inherit,
            "propagation": wanted.propagation,
            "deny": self.deny,
            "present": self.present,
        }
        return Decision((change,), (Operation("access", arguments, self.identity.id),))

    def predict(self, state: State) -> State:
        found: AccessFact = state.fact(self._query)
        wanted = self._rule(state)
        rules = (*found.rules, wanted) if self.present else tuple(rule for rule in found.rules if rule != wanted)
        return state.with_fact(self._query, replace(found, sid=found.sid or self.account, rules=rules))


def _joined(bits: Iterable[int]) -> int:
    total = 0
    for one in bits:
        total |= one
    return total


# ---- the module -----------------------------------------------------------------------------------------


class AclParameters(ModuleParameters):
    """Files and folders only, no registry keys and certificates. `user` may be a SID; built-in groups may be named in
    English on any Windows. A rule that the path has already with more rights is left alone; Ansible would add it anew.
    """

    path: str
    user: str
    rights: str
    type: Literal["allow", "deny"]
    state: Literal["present", "absent"] = "present"
    inherit: str | None = None
    propagation: Literal["InheritOnly", "None", "NoPropagateInherit"] = "None"


def _acl(task: Task, p: AclParameters, identity: Identity) -> list[Resource]:
    if not re.match(r"[A-Za-z]:[\\/]|%\w+%", p.path):
        raise BadParameter(f"path: {p.path}: only files and folders are supported, such as C:\\Data")
    account = BUILT_IN.get(p.user.lower().removeprefix("builtin\\"), p.user.removeprefix(".\\"))
    inherit = None if p.inherit is None else _joined(INHERIT[name] for name in _names("inherit", p.inherit, INHERIT))
    rule = AccessRule(
        named(identity, "access", f"{p.user} on {p.path}"),
        p.path,
        account,
        _names("rights", p.rights, RIGHTS),
        p.type == "deny",
        inherit,
        PROPAGATION[p.propagation],
        p.state == "present",
    )
    return [rule]


def _names(parameter: str, text: str, known: dict[str, int]) -> tuple[str, ...]:
    """The names of a comma-separated list, as .NET spells them."""
    spelled = {name.lower(): name for name in known}
    given = [part.strip() for part in text.split(",") if part.strip()]
    for name in given:
        if name.lower() not in spelled:
            raise BadParameter(f"{parameter}: {name!r} is none of {', '.join(known)}{nearest(name, known)}")
    if not given:
        raise BadParameter(f"{parameter} is empty")
    return tuple(spelled[name.lower()] for name in given)


MODULES: ModuleTable = {"ansible.windows.win_acl": (AclParameters, _acl)}
