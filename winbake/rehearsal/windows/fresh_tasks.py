"""Scheduled tasks that Windows Server brings: those that a teaching image deals with.

Source: windows_facts.md section 14 (Server Manager opens at logon through its task). Its action, trigger and group are
as Task Scheduler shows them (own knowledge).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.windows.tasks import GROUP_LOGON, Action, Task, Trigger

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost


def install(host: WindowsHost) -> None:
    host.tasks.register(
        Task(
            "ServerManager",
            r"\Microsoft\Windows\Server Manager",
            [Action(r"%windir%\system32\ServerManagerLauncher.exe")],
            [Trigger("logon")],
            user="Administrators",
            logon_type=GROUP_LOGON,
            highest=True,
            author="Microsoft Corporation",
        )
    )
