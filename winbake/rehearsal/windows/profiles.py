"""User profiles: the folders and the registry hive a user gets at the first logon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.environment import PROFILE_LIST
from winbake.rehearsal.windows.files import HIDDEN
from winbake.rehearsal.windows.process import Token
from winbake.rehearsal.windows.registry import REG_DWORD, REG_EXPAND_SZ

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

FOLDERS = (
    r"AppData\Local\Temp",
    r"AppData\Local\Microsoft\Windows",
    r"AppData\Local\Microsoft\WindowsApps",
    r"AppData\LocalLow",
    r"AppData\Roaming\Microsoft\Windows\Start Menu\Programs",
    "Contacts",
    "Desktop",
    "Documents",
    "Downloads",
    "Favorites",
    "Links",
    "Music",
    "Pictures",
    "Saved Games",
    "Searches",
    "Videos",
)


def load(host: WindowsHost, token: Token) -> str:
    """Load a user's hive, making the profile first when there is none; the profile's folder."""
    hive = rf"HKEY_USERS\{token.sid}"
    folder = host.environment.profile_path(token.sid)
    made = host.registry.read(rf"{PROFILE_LIST}\{token.sid}", "ProfileImagePath") is None
    if made:
        folder = paths.join(r"C:\Users", token.user)
        if host.files.exists(folder):
            folder += "." + host.computer_name
        key = host.registry.create(rf"{PROFILE_LIST}\{token.sid}")
        key.set("ProfileImagePath", REG_EXPAND_SZ, folder)
        key.set("Flags", REG_DWORD, 0)
        key.set("State", REG_DWORD, 0)
    if host.registry.open(hive) is None:
        fill_hive(host, token.sid)
    if not host.files.is_directory(folder):
        for name in FOLDERS:
            host.files.make_directory(paths.join(folder, name))
        entry = host.files.entry(paths.join(folder, "AppData"))
        if entry is not None:
            host.files.set_attributes(entry.full_path, entry.attributes | HIDDEN)
        _copy_default_desktop(host, folder)
    return folder


def fill_hive(host: WindowsHost, sid: str) -> None:
    """A user's hive as the default profile has it."""
    hive = rf"HKEY_USERS\{sid}"
    host.registry.load_hive(hive)
    host.registry.load_hive(hive + "_Classes")
    write = host.registry.write
    profile = r"%USERPROFILE%"
    write(hive + r"\Environment", "Path", profile + r"\AppData\Local\Microsoft\WindowsApps;", REG_EXPAND_SZ)
    write(hive + r"\Environment", "TEMP", profile + r"\AppData\Local\Temp", REG_EXPAND_SZ)
    write(hive + r"\Environment", "TMP", profile + r"\AppData\Local\Temp", REG_EXPAND_SZ)
    shell = hive + r"\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
    for name, tail in [
        ("AppData", r"\AppData\Roaming"),
        ("Desktop", r"\Desktop"),
        ("Local AppData", r"\AppData\Local"),
        ("Personal", r"\Documents"),
        ("Programs", r"\AppData\Roaming\Microsoft\Windows\Start Menu\Programs"),
        ("Start Menu", r"\AppData\Roaming\Microsoft\Windows\Start Menu"),
    ]:
        write(shell, name, profile + tail, REG_EXPAND_SZ)
    host.registry.create(hive + r"\SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Advanced")
    host.registry.create(hive + r"\SOFTWARE\Microsoft\Windows\CurrentVersion\Run")
    host.registry.create(hive + r"\SOFTWARE\Policies")
    write(hive + r"\Control Panel\International", "LocaleName", "en-US")


def _copy_default_desktop(host: WindowsHost, folder: str) -> None:
    """What was put on the default profile's desktop comes along (CopyProfile, or by hand)."""
    default = r"C:\Users\Default\Desktop"
    if host.files.is_directory(default):
        for entry in host.files.list(default):
            if not entry.is_directory:
                host.files.copy(entry.full_path, paths.join(folder, "Desktop", entry.name))
