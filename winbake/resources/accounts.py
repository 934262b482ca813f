"""Local users and the members of local groups, as `win_user` and `win_group_membership` want them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from winbake.config.playbook import Task
from winbake.config.secret import Secret
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, Resource, shown
from winbake.resources.module_parameters import MaybeFlag, ModuleParameters, Texts
from winbake.resources.state import FACT_TYPES, State
from winbake.resources.task_building import BadParameter, ModuleTable, named

BUILT_IN = {
    "administrators": "S-1-5-32-544",
    "users": "S-1-5-32-545",
    "guests": "S-1-5-32-546",
    "backup operators": "S-1-5-32-551",
    "remote desktop users": "S-1-5-32-555",
    "performance monitor users": "S-1-5-32-558",
    "performance log users": "S-1-5-32-559",
    "event log readers": "S-1-5-32-573",
    "hyper-v administrators": "S-1-5-32-578",
    "remote management users": "S-1-5-32-580",
}
"""English names of groups that every Windows has under this SID, whatever its language calls them."""


@dataclass(frozen=True)
class UserFact:
    """A local account. Nobody can read its password back."""

    exists: bool
    fullname: str = ""
    description: str = ""
    disabled: bool = False
    never_expires: bool = False
    cannot_change: bool = False


@dataclass(frozen=True)
class GroupFact:
    """A local group. `members` holds each member's SID and names, in small letters."""

    exists: bool
    name: str = ""
    members: frozenset[str] = frozenset()


def _user_fact(answer: Any) -> UserFact:
    return UserFact(
        bool(answer["exists"]),
        answer["fullname"],
        answer["description"],
        bool(answer["disabled"]),
        bool(answer["never_expires"]),
        bool(answer["cannot_change"]),
    )


def _group_fact(answer: Any) -> GroupFact:
    return GroupFact(bool(answer["exists"]), answer["name"], frozenset(m.lower() for m in answer["members"]))


FACT_TYPES["user"] = _user_fact
FACT_TYPES["group"] = _group_fact


def user_query(name: str) -> Query:
    return Query("user", {"name": name})


@dataclass(frozen=True)
class LocalUser:
    """A local account. What is None is left as it is on the host."""

    identity: Identity
    name: str
    password: Secret | None = None
    every_time: bool = False
    fullname: str | None = None
    description: str | None = None
    disabled: bool | None = None
    never_expires: bool | None = None
    cannot_change: bool | None = None
    present: bool = True

    def queries(self) -> Iterable[Query]:
        return (user_query(self.name),)

    def _wanted(self) -> dict[str, Any]:
        names = ("fullname", "description", "disabled", "never_expires", "cannot_change")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def decide(self, state: State) -> Decision:
        found: UserFact = state.fact(user_query(self.name))
        if not self.present:
            if not found.exists:
                return RIGHT
            return Decision((Change("remove", "user", self.name, None),), (self._operation(None),))
        if not found.exists:
            if not self.password:
                return Decision(problem=f"{self.identity.id}: no such account yet, and {self._no_password()}")
            return Decision((Change("create", "user", None, self.name),), (self._operation(self.password),))
        changes = [
            Change("change", name, shown(getattr(found, name)), shown(value))
            for name, value in self._wanted().items()
            if getattr(found, name) != value
        ]
        again = self.every_time and bool(self.password)
        if again:
            reason = "always runs: update_password is always, and Windows tells nobody the old one"
            changes.append(Change("change", "password", "[not shown]", "[not shown]", reason))
        if not changes:
            return RIGHT
        return Decision(tuple(changes), (self._operation(self.password if again else None),), always_runs=again)

    def predict(self, state: State) -> State:
        found: UserFact = state.fact(user_query(self.name))
        if not self.present:
            return state.with_fact(user_query(self.name), UserFact(False))
        return state.with_fact(user_query(self.name), replace(found, exists=True, **self._wanted()))

    def _no_password(self) -> str:
        if self.password is None:
            return "the task gives no password: add one"
        if self.password.origin:
            return f"no password for it: set the environment variable {self.password.origin}"
        return "the task's password is empty: give one"

    def _operation(self, password: Secret | None) -> Operation:
        arguments = {
            "name": self.name,
            "present": self.present,
            "password": password.reveal() if password else None,
            "fullname": self.fullname,
            "description": self.description,
            "disabled": self.disabled,
            "never_expires": self.never_expires,
            "cannot_change": self.cannot_change,
        }
        return Operation("user", arguments, self.identity.id, secret=True)


@dataclass(frozen=True)
class GroupMembers:
    """Members that a local group must have, or must not have. `group` is a name or a SID."""

    identity: Identity
    group: str
    members: tuple[str, ...]
    present: bool = True
    of_user: str | None = None
    """The account whose task asks for this: without the account there is nobody to put into the group."""

    @property
    def _query(self) -> Query:
        return Query("group", {"group": self.group})

    def queries(self) -> Iterable[Query]:
        return (self._query, *([user_query(self.of_user)] if self.of_user else []))

    def decide(self, state: State) -> Decision:
        found: GroupFact = state.fact(self._query)
        if not found.exists:
            return Decision(problem=f"{self.identity.id}: there is no local group {self.group} on the host")
        if self.of_user and not state.fact(user_query(self.of_user)).exists:
            return Decision(skipped=f"there is no user {self.of_user} to put into {found.name}")
        differ = tuple(m for m in self.members if (_plain(m) in found.members) != self.present)
        if not differ:
            return RIGHT
        changes = tuple(
            Change("add", found.name, None, m) if self.present else Change("remove", found.name, m, None)
            for m in differ
        )
        arguments = {"group": self.group, "members": [_account(m) for m in differ], "present": self.present}
        return Decision(changes, (Operation("group_members", arguments, self.identity.id),))

    def predict(self, state: State) -> State:
        found: GroupFact = state.fact(self._query)
        mine = frozenset(_plain(m) for m in self.members)
        members = found.members | mine if self.present else found.members - mine
        return state.with_fact(self._query, replace(found, members=members))


def _account(member: str) -> str:
    r"""`.\anna` is Ansible's way to say that the account is local."""
    return member.removeprefix(".\\")


def _plain(member: str) -> str:
    return _account(member).lower()


def _group(name: str) -> str:
    return BUILT_IN.get(name.lower(), name)


# ---- the modules ----------------------------------------------------------------------------------------

def _secret(value: Any) -> Secret | None:
    """The inventory's passwords are Secrets already."""
    return value if value is None or isinstance(value, Secret) else Secret(str(value))


Password = Annotated[Secret | None, BeforeValidator(_secret)]


class UserParameters(ModuleParameters):
    """A password needs `update_password`: `on_create`, or `always`, which then runs every time. `groups` needs
    `groups_action`: `add` or `remove`; other groups of the user are left alone. Built-in groups may be named in
    English or by SID on any Windows. A new user without a password is an
    error of the plan, before anything is touched.
    """

    model_config = ModuleParameters.model_config | {"arbitrary_types_allowed": True}

    name: str
    password: Password = None
    update_password: Literal["always", "on_create"] | None = None
    fullname: str | None = None
    description: str | None = None
    account_disabled: MaybeFlag = None
    password_never_expires: MaybeFlag = None
    user_cannot_change_password: MaybeFlag = None
    groups: Texts = Field(default_factory=list)
    groups_action: Literal["add", "remove"] | None = None
    state: Literal["present", "absent"] = "present"


class MembershipParameters(ModuleParameters):
    """Built-in groups may be named in English or by SID on any Windows. Other members are left alone."""

    name: str
    members: Texts
    state: Literal["present", "absent"] = "present"


def _user(task: Task, p: UserParameters, identity: Identity) -> list[Resource]:
    if len(p.name) > 20 or not p.name.strip(" .") or re.search(r'["/\\\[\]:;|=,+*?<>@]', p.name):
        raise BadParameter(f'name: {p.name!r} cannot be a user: 20 characters at most, none of "/\\[]:;|=,+*?<>@')
    if p.password is not None and p.update_password is None:
        raise BadParameter("update_password is missing: write on_create, or always to set it in every run")
    if p.groups and p.groups_action is None:
        raise BadParameter("groups_action is missing: write add or remove (Ansible's replace is not supported)")
    account = LocalUser(
        named(identity, "user", p.name),
        p.name,
        p.password,
        p.update_password == "always",
        p.fullname,
        p.description,
        p.account_disabled,
        p.password_never_expires,
        p.user_cannot_change_password,
        p.state == "present",
    )
    if p.state == "absent":
        return [account]
    add = p.groups_action == "add"
    return [account] + [
        GroupMembers(named(identity, "membership", f"{p.name} in {g}"), _group(g), (p.name,), add, p.name)
        for g in p.groups
    ]


def _membership(task: Task, p: MembershipParameters, identity: Identity) -> list[Resource]:
    if not p.members:
        raise BadParameter("members is empty: name at least one user")
    return [GroupMembers(named(identity, "membership", p.name), _group(p.name), tuple(p.members), p.state == "present")]


MODULES: ModuleTable = {
    "ansible.windows.win_user": (UserParameters, _user),
    "ansible.windows.win_group_membership": (MembershipParameters, _membership),
}
