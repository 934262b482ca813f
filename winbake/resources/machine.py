"""Time zone and name of the machine, as `win_timezone` and `win_hostname` want them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from winbake.config.playbook import Task
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, Resource
from winbake.resources.module_parameters import ModuleParameters
from winbake.resources.state import FACT_TYPES, State
from winbake.resources.task_building import BadParameter, ModuleTable, named

NO_DAYLIGHT = "_dstoff"
"""What tzutil.exe writes behind a zone whose daylight saving time is switched off."""
COMPUTER_NAME = Query("computer_name")


@dataclass(frozen=True)
class TimeZoneFact:
    """`current`: the zone in force, as tzutil.exe /g names it. `known`: whether this Windows has the one asked for."""

    current: str
    known: bool


@dataclass(frozen=True)
class ComputerNameFact:
    """The name in use, and the one that Windows takes at its next start."""

    active: str
    next: str


FACT_TYPES["time_zone"] = lambda answer: TimeZoneFact(answer["current"], bool(answer["known"]))
FACT_TYPES["computer_name"] = lambda answer: ComputerNameFact(answer["active"], answer["next"])


@dataclass(frozen=True)
class TimeZone:
    """The zone of this id is in force, with its daylight saving time."""

    identity: Identity
    id: str

    @property
    def _query(self) -> Query:
        return Query("time_zone", {"id": self.id})

    def queries(self) -> Iterable[Query]:
        return (self._query,)

    def decide(self, state: State) -> Decision:
        found: TimeZoneFact = state.fact(self._query)
        if not found.known:
            return Decision(
                problem=f"{self.identity.id}: this Windows has no such time zone: `tzutil.exe /l` lists the ids it has"
            )
        if found.current.lower() == self.id.lower():
            return RIGHT
        change = Change("change", "time zone", found.current, self.id)
        return Decision((change,), (Operation("time_zone", {"id": self.id}, self.identity.id),))

    def predict(self, state: State) -> State:
        found: TimeZoneFact = state.fact(self._query)
        return state.with_fact(self._query, replace(found, current=self.id))


@dataclass(frozen=True)
class ComputerName:
    """The machine has this name, after a restart."""

    identity: Identity
    name: str

    def queries(self) -> Iterable[Query]:
        return (COMPUTER_NAME,)

    def decide(self, state: State) -> Decision:
        found: ComputerNameFact = state.fact(COMPUTER_NAME)
        wanted, active = self.name.lower(), found.active.lower()
        if found.next.lower() == wanted:
            if active == wanted:
                return RIGHT
            return Decision(notes=(f"the host is {found.active} until its next restart, then {found.next}",))
        if active == wanted:
            return Decision(
                problem=f"{self.identity.id}: the host waits for a restart to become {found.next}, and Windows does "
                "not take that back: restart it, and plan again"
            )
        change = Change("change", "computer name", found.next, self.name)
        return Decision((change,), (Operation("computer_name", {"name": self.name}, self.identity.id),))

    def predict(self, state: State) -> State:
        return state.with_fact(COMPUTER_NAME, ComputerNameFact(self.name, self.name))


# ---- the modules ----------------------------------------------------------------------------------------


class TimeZoneParameters(ModuleParameters):
    """The suffix `_dstoff` is refused: a zone comes with its daylight saving time."""

    timezone: str


class HostnameParameters(ModuleParameters):
    """15 characters at most: Windows cuts a longer name for everything that is not DNS. winbake restarts the host,
    with all other restarts in one; under Ansible, add win_reboot.
    """

    name: str


def _time_zone(task: Task, p: TimeZoneParameters, identity: Identity) -> list[Resource]:
    if p.timezone.lower().endswith(NO_DAYLIGHT):
        raise BadParameter(f"timezone: {p.timezone}: switching daylight saving time off is not supported")
    return [TimeZone(named(identity, "time zone", p.timezone), p.timezone)]


def _hostname(task: Task, p: HostnameParameters, identity: Identity) -> list[Resource]:
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,13}[A-Za-z0-9])?", p.name) or p.name.isdigit():
        raise BadParameter(
            f"name: {p.name!r} cannot be a computer's name: 15 letters, digits and hyphens at most, no hyphen at "
            "either end, and not digits only"
        )
    return [ComputerName(named(identity, "computer name", p.name), p.name)]


MODULES: ModuleTable = {
    "community.windows.win_timezone": (TimeZoneParameters, _time_zone),  # its older place
    "ansible.windows.win_timezone": (TimeZoneParameters, _time_zone),
    "ansible.windows.win_hostname": (HostnameParameters, _hostname),
}
