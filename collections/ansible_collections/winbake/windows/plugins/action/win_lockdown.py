"""Under Ansible this task ends, before it touches the host, with the command that does the work."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        raise AnsibleActionFail(
            f"{self._task.action} is winbake's own: Ansible has no module for it, and the host was not touched. "
            "Run: python bake.py apply -p playbooks/lockdown.yml"
        )
