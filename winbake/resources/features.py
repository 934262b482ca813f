"""Roles and features of Windows Server, as `win_feature` wants them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from winbake.config.errors import nearest
from winbake.config.playbook import Task
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, Resource
from winbake.resources.module_parameters import Flag, ModuleParameters, Texts
from winbake.resources.state import FACT_TYPES, State
from winbake.resources.task_building import BadParameter, ModuleTable, named

FEATURES = Query("features")


@dataclass(frozen=True)
class FeatureFact:
    """One role or feature. `state`: Get-WindowsFeature's InstallState; `parent`: the name of what it is a part of."""

    name: str
    state: str
    parent: str

    @property
    def installed(self) -> bool:
        """Or it will be, after the restart that Windows waits for."""
        return self.state in ("Installed", "InstallPending")


def _fact(answer: Any) -> tuple[FeatureFact, ...]:
    return tuple(FeatureFact(one["name"], one["state"], one["parent"]) for one in answer)


FACT_TYPES["features"] = _fact


@dataclass(frozen=True)
class WindowsFeatures:
    """Features that are all installed (`sub_features`: with everything below them), or all not."""

    identity: Identity
    names: tuple[str, ...]
    present: bool = True
    sub_features: bool = False

    def queries(self) -> Iterable[Query]:
        return (FEATURES,)

    def decide(self, state: State) -> Decision:
        known = {one.name.lower(): one for one in state.fact(FEATURES)}
        unknown = [name for name in self.names if name.lower() not in known]
        if unknown:
            hint = nearest(unknown[0], [one.name for one in known.values()])
            return Decision(problem=f"{self.identity.id}: this Windows has no feature {', '.join(unknown)}{hint}")
        wrong = [one for one in self._wanted(known) if one.installed != self.present]
        if not wrong:
            return RIGHT
        verb, new = ("install", "Installed") if self.present else ("uninstall", "Available")
        changes = tuple(Change(verb, one.name, one.state, new) for one in wrong)
        arguments = {"names": list(self.names), "present": self.present, "sub_features": self.sub_features}
        return Decision(changes, (Operation("features", arguments, self.identity.id, limit_seconds=3600),))

    def _wanted(self, known: dict[str, FeatureFact]) -> list[FeatureFact]:
        """The features named, and those that go with them: all below, for a removal or with `sub_features`."""
        wanted = {name.lower(): known[name.lower()] for name in self.names}
        if self.sub_features or not self.present:
            added = True
            while added:
                below = {k: one for k, one in known.items() if one.parent.lower() in wanted and k not in wanted}
                wanted |= below
                added = bool(below)
        return list(wanted.values())

    def predict(self, state: State) -> State:
        known = {one.name.lower(): one for one in state.fact(FEATURES)}
        changed = {one.name.lower() for one in self._wanted(known)}
        if self.present:
            for one in list(changed):
                while known[one].parent:
                    one = known[one].parent.lower()
                    changed.add(one)
        new = "Installed" if self.present else "Available"
        facts = tuple(
            replace(one, state=new) if key in changed and one.installed != self.present else one
            for key, one in known.items()
        )
        return state.with_fact(FEATURES, facts)


class FeatureParameters(ModuleParameters):
    """winbake restarts the host itself where Windows wants it, with all other restarts in one."""

    name: Texts
    state: Literal["present", "absent"] = "present"
    include_sub_features: Flag = False


def _feature(task: Task, p: FeatureParameters, identity: Identity) -> list[Resource]:
    if not p.name:
        raise BadParameter("name is empty")
    present = p.state == "present"
    identity = named(identity, "feature", ", ".join(p.name))
    return [WindowsFeatures(identity, tuple(p.name), present, p.include_sub_features)]


MODULES: ModuleTable = {"ansible.windows.win_feature": (FeatureParameters, _feature)}
