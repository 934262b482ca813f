"""Environment variables: the machine's and users' stores in the registry, and the block a new process gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING

from winbake.rehearsal.windows.registry import REG_EXPAND_SZ, Registry

if TYPE_CHECKING:
    from winbake.rehearsal.windows.process import Token

MACHINE_KEY = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
USER_KEY = r"HKEY_CURRENT_USER\Environment"
PROFILE_LIST = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
JOINED = ("path", "libpath", "os2libpath")  # machine's and user's are joined, not overridden
_VARIABLE = re.compile(r"%([^%]+)%")


class EnvironmentBlock(MutableMapping[str, str]):
    """A process's variables; names compare without case and keep the spelling they were first set with."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._items: dict[str, tuple[str, str]] = {}
        for name, value in (values or {}).items():
            self[name] = value

    def __getitem__(self, name: str) -> str:
        return self._items[name.lower()][1]

    def __setitem__(self, name: str, value: str) -> None:
        old = self._items.get(name.lower())
        self._items[name.lower()] = (old[0] if old else name, value)

    def __delitem__(self, name: str) -> None:
        del self._items[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self._items.values()])

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._items

    def copy(self) -> EnvironmentBlock:
        return EnvironmentBlock(self)

    def expand(self, text: str) -> str:
        """What ExpandEnvironmentStrings gives: %NAME% replaced where NAME is set, left as it is where not."""
        return _VARIABLE.sub(lambda found: self.get(found[1], found[0]), text)

    def __repr__(self) -> str:
        return f"EnvironmentBlock({dict(self)!r})"


class EnvironmentStores:
    """The registry's variables of the machine and of its users."""

    def __init__(self, registry: Registry, computer_name: str) -> None:
        self._registry = registry
        self.computer_name = computer_name

    def raw(self, sid: str | None = None) -> dict[str, tuple[int, str]]:
        """Name → (kind, unexpanded text) of the machine (`sid` None) or of a user."""
        key = self._registry.open(MACHINE_KEY if sid is None else USER_KEY, sid=sid)
        if key is None:
            return {}
        found: dict[str, tuple[int, str]] = {}
        for name in key.values():
            value = key.get(name)
            if value is not None and isinstance(value.data, str):
                found[name] = (value.kind, value.data)
        return found

    def set_machine(self, name: str, value: str, expand: bool | None = None) -> None:
        """Set a machine variable; the kind stays what it was unless `expand` says otherwise."""
        key = self._registry.create(MACHINE_KEY)
        old = key.get(name)
        as_expand = expand if expand is not None else (old is not None and old.kind == REG_EXPAND_SZ)
        key.set(name, REG_EXPAND_SZ if as_expand else 1, value)

    def delete_machine(self, name: str) -> None:
        """Delete a machine variable; none of that name is no error."""
        key = self._registry.open(MACHINE_KEY, writable=True)
        if key is not None and key.get(name) is not None:
            key.delete(name)

    def profile_path(self, sid: str) -> str:
        """The folder of a user's profile, whether it was made already or not."""
        text = self._registry.read(rf"{PROFILE_LIST}\{sid}", "ProfileImagePath")
        if text is None:
            return r"C:\Users\Default"
        return str(text).replace("%SystemDrive%", "C:").replace("%systemroot%", r"C:\Windows")

    def block(self, token: Token) -> EnvironmentBlock:
        """The block of a new logon: built-in names, machine, then user variables; REG_EXPAND_SZ values are
        expanded after the plain ones are set; Path is the machine's and the user's joined."""
        block = self._built_in(token)
        self._merge(block, self.raw(), joined=False)
        if token.is_system:
            block["USERNAME"] = self.computer_name + "$"
        else:
            block["USERNAME"] = token.user
        self._merge(block, self.raw(token.sid), joined=True)
        return block

    @staticmethod
    def _merge(block: EnvironmentBlock, values: dict[str, tuple[int, str]], joined: bool) -> None:
        plain = [item for item in values.items() if item[1][0] != REG_EXPAND_SZ]
        expanding = [item for item in values.items() if item[1][0] == REG_EXPAND_SZ]
        for name, (kind, text) in plain + expanding:
            value = block.expand(text) if kind == REG_EXPAND_SZ else text
            if joined and name.lower() in JOINED and block.get(name):
                before = block[name]
                value = before + ("" if before.endswith(";") else ";") + value
            block[name] = value

    def _built_in(self, token: Token) -> EnvironmentBlock:
        profile = self.profile_path(token.sid)
        values = {
            "ALLUSERSPROFILE": r"C:\ProgramData",
            "APPDATA": profile + r"\AppData\Roaming",
            "CommonProgramFiles": r"C:\Program Files\Common Files",
            "CommonProgramFiles(x86)": r"C:\Program Files (x86)\Common Files",
            "CommonProgramW6432": r"C:\Program Files\Common Files",
            "COMPUTERNAME": self.computer_name,
            "LOCALAPPDATA": profile + r"\AppData\Local",
            "ProgramData": r"C:\ProgramData",
            "ProgramFiles": r"C:\Program Files",
            "ProgramFiles(x86)": r"C:\Program Files (x86)",
            "ProgramW6432": r"C:\Program Files",
            "PROMPT": "$P$G",
            "PUBLIC": r"C:\Users\Public",
            "SystemDrive": "C:",
            "SystemRoot": r"C:\Windows",
            "USERDOMAIN": "WORKGROUP" if token.is_system else self.computer_name,
            "USERPROFILE": profile,
        }
        if token.logon == "interactive":
            values |= {
                "HOMEDRIVE": "C:",
                "HOMEPATH": profile[2:],
                "LOGONSERVER": "\\\\" + self.computer_name,
                "USERDOMAIN_ROAMINGPROFILE": self.computer_name,
            }
        return EnvironmentBlock(values)
