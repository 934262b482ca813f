"""Optional features of Windows by DISM's names, as `win_optional_feature` wants them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from winbake.config.playbook import Task
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, Resource
from winbake.resources.module_parameters import Flag, ModuleParameters, Texts
from winbake.resources.state import FACT_TYPES, State
from winbake.resources.task_building import BadParameter, ModuleTable, named


@dataclass(frozen=True)
class OptionalFeatureFact:
    """`state`: DISM's word, such as Enabled or EnablePending; empty for a feature that this Windows does not have."""

    state: str

    @property
    def enabled(self) -> bool:
        """Or it will be, after the restart that Windows waits for."""
        return self.state.startswith("Enable")


def _fact(answer: Any) -> OptionalFeatureFact:
    return OptionalFeatureFact(answer["state"])


FACT_TYPES["optional_feature"] = _fact


@dataclass(frozen=True)
class OptionalFeatures:
    """Features that are all enabled (`parents`: with those that they are parts of), or all disabled."""

    identity: Identity
    names: tuple[str, ...]
    present: bool = True
    parents: bool = False

    def queries(self) -> Iterable[Query]:
        return tuple(_query(name) for name in self.names)

    def decide(self, state: State) -> Decision:
        found: dict[str, OptionalFeatureFact] = {name: state.fact(_query(name)) for name in self.names}
        unknown = [name for name, fact in found.items() if not fact.state]
        if unknown:
            return Decision(
                problem=f"{self.identity.id}: this Windows has no feature {', '.join(unknown)}: "
                "Get-WindowsOptionalFeature -Online lists the names it has"
            )
        wrong = {name: fact for name, fact in found.items() if fact.enabled != self.present}
        if not wrong:
            return RIGHT
        verb, new = ("enable", "Enabled") if self.present else ("disable", "Disabled")
        changes = tuple(Change(verb, name, fact.state, new) for name, fact in wrong.items())
        arguments = {"names": list(wrong), "present": self.present, "parents": self.parents}
        return Decision(changes, (Operation("optional_features", arguments, self.identity.id, limit_seconds=3600),))

    def predict(self, state: State) -> State:
        for name in self.names:
            found: OptionalFeatureFact = state.fact(_query(name))
            if found.enabled != self.present:
                state = state.with_fact(_query(name), OptionalFeatureFact("Enabled" if self.present else "Disabled"))
        return state


def _query(name: str) -> Query:
    return Query("optional_feature", {"name": name})


class OptionalFeatureParameters(ModuleParameters):
    """winbake restarts the host itself where Windows wants it, with all other restarts in one."""

    name: Texts
    state: Literal["present", "absent"] = "present"
    include_parent: Flag = False


def _optional_feature(task: Task, p: OptionalFeatureParameters, identity: Identity) -> list[Resource]:
    if not p.name:
        raise BadParameter("name is empty")
    identity = named(identity, "optional feature", ", ".join(p.name))
    return [OptionalFeatures(identity, tuple(p.name), p.state == "present", p.include_parent)]


MODULES: ModuleTable = {"ansible.windows.win_optional_feature": (OptionalFeatureParameters, _optional_feature)}
