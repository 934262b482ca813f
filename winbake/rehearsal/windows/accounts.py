"""Local users and groups, and the tokens their logons give.

Names, RIDs and defaults: MicrosoftDocs/win32 SecAuthZ/well-known-sids; defaults of a stand-alone server's
password policy as recorded in mondoohq/mql (complexity on, length 0, age 42 days).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from winbake.rehearsal.windows.built_in_groups import BUILT_IN_GROUPS
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.process import Token

MAX_USER_NAME, MAX_DESCRIPTION = 20, 48
MAX_PASSWORD_AGE = timedelta(days=42)
_ILLEGAL = re.compile(r'["/\\\[\]:;|=,+*?<>@\x00-\x1f]')
ADMINISTRATORS, USERS, REMOTE_DESKTOP_USERS = "S-1-5-32-544", "S-1-5-32-545", "S-1-5-32-555"

WELL_KNOWN: dict[str, str] = {
    "S-1-1-0": "Everyone",
    "S-1-3-0": "CREATOR OWNER",
    "S-1-5-2": "NT AUTHORITY\\NETWORK",
    "S-1-5-4": "NT AUTHORITY\\INTERACTIVE",
    "S-1-5-6": "NT AUTHORITY\\SERVICE",
    "S-1-5-11": "NT AUTHORITY\\Authenticated Users",
    "S-1-5-18": "NT AUTHORITY\\SYSTEM",
    "S-1-5-19": "NT AUTHORITY\\LOCAL SERVICE",
    "S-1-5-20": "NT AUTHORITY\\NETWORK SERVICE",
    "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464": "NT SERVICE\\TrustedInstaller",
}
SYSTEM_TOKEN = Token("SYSTEM", "S-1-5-18", "system", True, 0, (ADMINISTRATORS, "S-1-1-0", "S-1-5-11"))
LOCAL_SERVICE_TOKEN = Token("LOCAL SERVICE", "S-1-5-19", "service", False)
NETWORK_SERVICE_TOKEN = Token("NETWORK SERVICE", "S-1-5-20", "service", False)


@dataclass
class User:
    """One local account. Times are aware UTC or None."""

    name: str
    sid: str
    password: str = field(repr=False, default="")
    full_name: str = ""
    description: str = ""
    enabled: bool = True
    password_required: bool = True
    may_change_password: bool = True
    password_never_expires: bool = False
    password_last_set: datetime | None = None
    account_expires: datetime | None = None
    last_logon: datetime | None = None

    @property
    def rid(self) -> int:
        return int(self.sid.rpartition("-")[2])

    @property
    def password_expires(self) -> datetime | None:
        if self.password_never_expires or self.password_last_set is None:
            return None
        return self.password_last_set + MAX_PASSWORD_AGE


@dataclass
class Group:
    """One local group; members by SID, in the order they were added."""

    name: str
    sid: str
    description: str = ""
    members: list[str] = field(default_factory=list)


class Accounts:
    """The account database. Refusals are Win32Failure with the NERR/ERROR code Windows gives."""

    def __init__(
        self,
        machine_sid: str,
        computer_name: Callable[[], str],
        now: Callable[[], datetime],
        administrator_password: str = "",
    ) -> None:
        self.machine_sid = machine_sid
        self._computer_name = computer_name
        self._now = now
        self._next_rid = 1000
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}
        self._make_built_in(administrator_password)

    def _make_built_in(self, password: str) -> None:
        long_ago = datetime(2024, 1, 1, tzinfo=UTC)
        for rid, name, description, enabled in [
            (500, "Administrator", "Built-in account for administering the computer/domain", True),
            (503, "DefaultAccount", "A user account managed by the system.", False),
            (501, "Guest", "Built-in account for guest access to the computer/domain", False),
            (
                504,
                "WDAGUtilityAccount",
                "A user account managed and used by the system for Windows Defender Application Guard scenarios.",
                False,
            ),
        ]:
            self.users[name.lower()] = User(
                name,
                f"{self.machine_sid}-{rid}",
                description=description,
                enabled=enabled,
                password_required=rid in (500, 504),
                may_change_password=rid != 501,
                password_never_expires=rid in (501, 503),
                password_last_set=self._now() if rid == 500 else (long_ago if rid == 504 else None),
            )
        self.users["administrator"].password = password
        for sid, name, description in BUILT_IN_GROUPS:
            self.groups[name.lower()] = Group(name, sid, description)
        self.groups["administrators"].members = [f"{self.machine_sid}-500"]
        self.groups["guests"].members = [f"{self.machine_sid}-501"]
        self.groups["system managed accounts group"].members = [f"{self.machine_sid}-503"]
        self.groups["users"].members = ["S-1-5-4", "S-1-5-11"]
        self.groups["iis_iusrs"].members = ["S-1-5-17"]

    # Users.

    def user(self, name_or_sid: str) -> User | None:
        """By name (also `COMPUTER\\name`, `.\\name`) or SID."""
        plain = self._local_name(name_or_sid)
        found = self.users.get(plain.lower())
        return found or next((user for user in self.users.values() if user.sid == name_or_sid), None)

    def must_user(self, name: str) -> User:
        found = self.user(name)
        if found is None:
            raise Win32Failure(2221, name)
        return found

    def add_user(
        self, name: str, password: str | None, full_name: str = "", description: str = "", **settings: Any
    ) -> User:
        """Raises 2224 (user exists), 1379 (a group has the name), 2202 (bad name), 2245 (password policy; the
        account is not made). `password` None: an account without a password."""
        if not name or len(name) > MAX_USER_NAME or _ILLEGAL.search(name) or not name.strip(" ."):
            raise Win32Failure(2202, name)
        if name.lower() in self.users:
            raise Win32Failure(2224, name)
        if name.lower() in self.groups or name.lower() == self._computer_name().lower():
            raise Win32Failure(1379, name)
        if password is not None:
            self.check_password(name, full_name, password)
        user = User(
            name,
            self._new_sid(),
            password or "",
            full_name,
            description,
            password_required=password is not None,
            password_last_set=self._now() if password is not None else None,
            **settings,
        )
        self.users[name.lower()] = user
        return user

    def remove_user(self, name: str) -> None:
        """Raises 2221 (no such user), 1371 (a built-in account)."""
        user = self.must_user(name)
        if user.rid < 1000:
            raise Win32Failure(1371, name)
        del self.users[user.name.lower()]
        for group in self.groups.values():
            if user.sid in group.members:
                group.members.remove(user.sid)

    def rename_user(self, name: str, new_name: str) -> None:
        user = self.must_user(name)
        if new_name.lower() != user.name.lower() and (
            new_name.lower() in self.users or new_name.lower() in self.groups
        ):
            raise Win32Failure(2224, new_name)
        if not new_name or len(new_name) > MAX_USER_NAME or _ILLEGAL.search(new_name):
            raise Win32Failure(2202, new_name)
        del self.users[user.name.lower()]
        user.name = new_name
        self.users[new_name.lower()] = user

    def set_password(self, name: str, password: str) -> None:
        """Raises 2221, 2245."""
        user = self.must_user(name)
        self.check_password(user.name, user.full_name, password)
        user.password = password
        user.password_last_set = self._now()

    @staticmethod
    def check_password(name: str, full_name: str, password: str) -> None:
        """The complexity rule: three of five kinds of characters, at least one, the account's name not inside.
        Raises 2245."""
        kinds = [
            any(character.isupper() for character in password),
            any(character.islower() for character in password),
            any(character in "0123456789" for character in password),
            any(character.isascii() and not character.isalnum() for character in password),
            any(character.isalpha() and not character.isupper() and not character.islower() for character in password),
        ]
        low = password.lower()
        parts = [part for part in re.split(r"[,.\-_# \t]+", full_name.lower()) if len(part) > 2]
        named = (len(name) > 2 and name.lower() in low) or any(part in low for part in parts)
        if sum(kinds) < 3 or named:
            raise Win32Failure(2245, name)

    # Groups.

    def group(self, name_or_sid: str) -> Group | None:
        plain = name_or_sid.removeprefix("BUILTIN\\")
        found = self.groups.get(self._local_name(plain).lower())
        return found or next((group for group in self.groups.values() if group.sid == name_or_sid), None)

    def must_group(self, name: str) -> Group:
        found = self.group(name)
        if found is None:
            raise Win32Failure(1376, name)
        return found

    def add_group(self, name: str, description: str = "") -> Group:
        """Raises 1379 (exists), 2224 (a user has the name), 2202 (bad name)."""
        if not name or len(name) > 256 or _ILLEGAL.search(name):
            raise Win32Failure(2202, name)
        if name.lower() in self.groups:
            raise Win32Failure(1379, name)
        if name.lower() in self.users:
            raise Win32Failure(2224, name)
        group = Group(name, self._new_sid(), description)
        self.groups[name.lower()] = group
        return group

    def remove_group(self, name: str) -> None:
        group = self.must_group(name)
        if group.sid.startswith("S-1-5-32-"):
            raise Win32Failure(1371, name)
        del self.groups[group.name.lower()]

    def rename_group(self, name: str, new_name: str) -> None:
        group = self.must_group(name)
        if new_name.lower() != group.name.lower() and new_name.lower() in self.groups:
            raise Win32Failure(1379, new_name)
        del self.groups[group.name.lower()]
        group.name = new_name
        self.groups[new_name.lower()] = group

    def add_member(self, group_name: str, member: str) -> None:
        """Raises 1376 (no group), 1387 (no such principal), 1378 (already in)."""
        group = self.must_group(group_name)
        sid = self.sid_of(member)
        if sid is None:
            raise Win32Failure(1387, member)
        if sid in group.members:
            raise Win32Failure(1378, member)
        group.members.append(sid)

    def remove_member(self, group_name: str, member: str) -> None:
        """Raises 1376 (no group), 1377 (not in it)."""
        group = self.must_group(group_name)
        sid = self.sid_of(member)
        if sid is None or sid not in group.members:
            raise Win32Failure(1377, member)
        group.members.remove(sid)

    # SIDs and logons.

    def sid_of(self, name: str) -> str | None:
        """The SID of a user, group or well-known name; a SID is itself."""
        if re.fullmatch(r"S-1(-\d+)+", name, re.IGNORECASE):
            return name.upper()
        user = self.user(name)
        if user is not None:
            return user.sid
        group = self.group(name)
        if group is not None:
            return group.sid
        low = name.lower()
        for sid, known in WELL_KNOWN.items():
            if low in (known.lower(), known.rpartition("\\")[2].lower()):
                return sid
        return None

    def name_of(self, sid: str) -> str | None:
        """`COMPUTER\\user`, `BUILTIN\\group`, `NT AUTHORITY\\…`; None when nothing has that SID."""
        user = self.user(sid) if sid.startswith("S-") else None
        if user is not None:
            return f"{self._computer_name()}\\{user.name}"
        group = next((group for group in self.groups.values() if group.sid == sid), None)
        if group is not None:
            return ("BUILTIN" if sid.startswith("S-1-5-32-") else self._computer_name()) + "\\" + group.name
        return WELL_KNOWN.get(sid)

    def is_administrator(self, sid: str) -> bool:
        administrators = self.group("S-1-5-32-544")
        return sid == "S-1-5-18" or (administrators is not None and sid in administrators.members)

    def check_logon(self, name: str, password: str) -> User:
        """Raises 1326 (wrong name or password), 1331 (disabled), 1327 (blank password)."""
        user = self.user(name)
        if user is None or user.password != password:
            raise Win32Failure(1326, name)
        if not user.enabled:
            raise Win32Failure(1331, name)
        if not password:
            raise Win32Failure(1327, name)
        return user

    def token(self, name: str, logon: str = "network") -> Token:
        """The token of a logon (network, interactive, batch or service), its password not asked for, not filtered."""
        user = self.must_user(name)
        groups = [group.sid for group in self.groups.values() if user.sid in group.members]
        kind = {"network": "S-1-5-2", "interactive": "S-1-5-4", "batch": "S-1-5-3", "service": "S-1-5-6"}[logon]
        return Token(
            user.name,
            user.sid,
            logon,
            self.is_administrator(user.sid),
            1 if logon == "interactive" else 0,
            (*groups, "S-1-1-0", "S-1-5-11", kind),
        )

    def state(self) -> dict[str, Any]:
        return {
            "next_rid": self._next_rid,
            "users": [_times_as_text(asdict(user)) for user in self.users.values()],
            "groups": [asdict(group) for group in self.groups.values()],
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self._next_rid = state["next_rid"]
        users = [User(**_times_from_text(item)) for item in state["users"]]
        self.users = {user.name.lower(): user for user in users}
        self.groups = {item["name"].lower(): Group(**item) for item in state["groups"]}

    def _new_sid(self) -> str:
        self._next_rid += 1
        return f"{self.machine_sid}-{self._next_rid - 1}"

    def _local_name(self, name: str) -> str:
        domain, slash, plain = name.partition("\\")
        return plain if slash and domain.lower() in (".", self._computer_name().lower()) else name


_TIMES = ("password_last_set", "account_expires", "last_logon")


def _times_as_text(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if name in _TIMES and value else value for name, value in item.items()}


def _times_from_text(item: dict[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name in _TIMES and value else value for name, value in item.items()}
