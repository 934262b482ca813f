"""A restart at its place in the order: made if Windows waits for one, or if something before it has asked for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import AliasChoices, Field

from winbake.config.playbook import Task
from winbake.resources.model import RIGHT, Change, Decision, Identity, Operation, Query, Resource
from winbake.resources.module_parameters import ModuleParameters
from winbake.resources.state import State
from winbake.resources.task_building import ModuleTable, named


@dataclass(frozen=True)
class Restart:
    """`timeout`: seconds in which the host must be back; None: as long as for other restarts."""

    identity: Identity
    timeout: int | None = None

    def queries(self) -> Iterable[Query]:
        return ()

    def decide(self, state: State) -> Decision:
        waiting = state.system.pending_reboot
        if waiting:
            changes = (Change("restart", "host", f"waits for a restart ({', '.join(waiting)})", "restarted"),)
        elif state.changed:
            changes = (Change("restart", "host", None, "if something before asks for it"),)
        else:
            return RIGHT
        return Decision(changes, (Operation("restart", {"reboot_timeout": self.timeout}, self.identity.id),))

    def predict(self, state: State) -> State:
        return replace(state, system=replace(state.system, pending_reboot=()), changed=False)


class RebootParameters(ModuleParameters):
    """Ansible restarts in any case; winbake restarts only if Windows waits for a restart or a change before this task
    has asked for one, so that a second run restarts nothing. How it waits and what counts as back is winbake's own
    (new boot time, logon screen, servicing idle), for 1200 s unless `reboot_timeout` is given."""

    reboot_timeout: int | None = Field(None, validation_alias=AliasChoices("reboot_timeout", "reboot_timeout_sec"))


def _restart(task: Task, p: RebootParameters, identity: Identity) -> list[Resource]:
    return [Restart(named(identity, "restart", identity.name), p.reboot_timeout)]


MODULES: ModuleTable = {"ansible.windows.win_reboot": (RebootParameters, _restart)}
