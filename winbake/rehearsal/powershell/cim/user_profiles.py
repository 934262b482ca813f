"""Win32_UserProfile: listed, and deleted with its folder, its hive and its entry in ProfileList.

Source: MicrosoftDocs/win32, Win32_UserProfile. A profile that is in use cannot be deleted; assumed: which error that
is, and that a profile is in use exactly while its user's processes run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from winbake.rehearsal.powershell.cim.instance import CimInstance
from winbake.rehearsal.powershell.cim.system_classes import Properties, cim_class
from winbake.rehearsal.windows.environment import PROFILE_LIST
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.packages import delete_tree

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.windows.host import WindowsHost

IN_USE = 32


@cim_class("Win32_UserProfile", ("SID",))
def _user_profile(session: Session) -> Iterable[Properties]:
    host = session.host
    top = host.registry.open(PROFILE_LIST)
    for sid in sorted(top.subkeys()) if top is not None else []:
        yield [
            ("LocalPath", host.environment.profile_path(sid)),
            ("Loaded", _is_loaded(host, sid)),
            ("SID", sid),
            ("Special", not sid.startswith("S-1-5-21-")),
        ]


def delete_profile(session: Session, one: CimInstance) -> None:
    """Raises Win32Failure 32 while it is in use."""
    host, sid, folder = session.host, str(one.get("SID")), str(one.get("LocalPath"))
    if _is_loaded(host, sid):
        raise Win32Failure(IN_USE, folder)
    host.registry.unload_hive(rf"HKEY_USERS\{sid}")
    host.registry.unload_hive(rf"HKEY_USERS\{sid}_Classes")
    delete_tree(host.registry, rf"{PROFILE_LIST}\{sid}")
    if host.files.exists(folder):
        host.files.delete(folder, recursive=True)


def _is_loaded(host: WindowsHost, sid: str) -> bool:
    return any(process.token.sid == sid for process in host.processes)
