"""Who may do what with a file or folder: its own access control entries, and those that it inherits.

Inheritance: Win32 "ACE inheritance rules". A file's own entries lie in its SDDL; what comes from above is worked out
when it is asked for, as Windows' propagation would have left it. Assumed: every file belongs to Administrators, who are
what CREATOR OWNER becomes; the root of a drive has the entries that icacls shows on a fresh server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.failures import NotModelled
from winbake.rehearsal.windows.files import FileSystem

OBJECT_INHERIT, CONTAINER_INHERIT, NO_PROPAGATE, INHERIT_ONLY, INHERITED = 1, 2, 4, 8, 16
INHERITANCE = OBJECT_INHERIT | CONTAINER_INHERIT
FULL_CONTROL, READ_AND_EXECUTE, APPEND_DATA, WRITE_DATA, SYNCHRONIZE = 0x1F01FF, 0x1200A9, 0x4, 0x2, 0x100000
SYSTEM, ADMINISTRATORS, USERS, CREATOR_OWNER = "S-1-5-18", "S-1-5-32-544", "S-1-5-32-545", "S-1-3-0"
_WORDS = (("OI", OBJECT_INHERIT), ("CI", CONTAINER_INHERIT), ("NP", NO_PROPAGATE), ("IO", INHERIT_ONLY))
_ACE = re.compile(r"\((A|D);([A-Z]*);(0x[0-9a-f]+);;;(S-[0-9-]+)\)")
_PROTECTED = "D:PAI"
OWN_LISTS = ("windows", "program files", "program files (x86)", "programdata", "users")
"""Folders of the system drive that Windows gives lists of their own, which are not modelled."""


@dataclass(frozen=True)
class Ace:
    """One entry: who, which rights (the access mask), how it is handed down (ACE flags), allowed or denied."""

    sid: str
    mask: int
    flags: int = 0
    deny: bool = False


_ROOT = (
    Ace(ADMINISTRATORS, FULL_CONTROL, INHERITANCE),
    Ace(SYSTEM, FULL_CONTROL, INHERITANCE),
    Ace(USERS, READ_AND_EXECUTE, INHERITANCE),
    Ace(USERS, APPEND_DATA, CONTAINER_INHERIT),
    Ace(USERS, WRITE_DATA, CONTAINER_INHERIT | INHERIT_ONLY),
    Ace(CREATOR_OWNER, FULL_CONTROL, INHERITANCE | INHERIT_ONLY),
)


def own_entries(files: FileSystem, path: str) -> tuple[Ace, ...]:
    """The explicit entries. Raises Win32Failure 2 or 3 for what is not there."""
    sddl = files.security(path)
    if not paths.parts(path)[1] and sddl is None:
        return _ROOT
    return tuple(_parse(found) for found in _ACE.findall(sddl or ""))


def is_protected(files: FileSystem, path: str) -> bool:
    """Whether nothing comes from the folders above (SE_DACL_PROTECTED)."""
    return (files.security(path) or "").startswith(_PROTECTED)


def inherited_entries(files: FileSystem, path: str) -> tuple[Ace, ...]:
    """What comes from the folders above, the nearest first."""
    _, names = paths.parts(path)
    if not names or is_protected(files, path):
        return ()
    if names[0].lower() in OWN_LISTS:
        raise NotModelled(f"the access control list of {path}")
    above = paths.parent(path)
    container = files.is_directory(path)
    handed = [ace for parent in (own_entries(files, above), inherited_entries(files, above)) for ace in parent]
    return tuple(ace for parent in handed for ace in _handed_down(parent, container))


def set_own_entries(files: FileSystem, path: str, entries: tuple[Ace, ...], protected: bool = False) -> None:
    """Writes the explicit entries, denials first, as Windows orders them."""
    ordered = sorted(entries, key=lambda ace: not ace.deny)
    files.set_security(path, (_PROTECTED if protected else "D:AI") + "".join(_text(ace) for ace in ordered))


def _handed_down(ace: Ace, container: bool) -> list[Ace]:
    """What a child gets of its parent's entry."""
    if not container:
        if not ace.flags & OBJECT_INHERIT:
            return []
        return [replace(ace, sid=_owner(ace.sid), flags=INHERITED)]
    on_this = bool(ace.flags & CONTAINER_INHERIT)
    further = 0 if ace.flags & NO_PROPAGATE else ace.flags & INHERITANCE
    if not on_this:
        return [replace(ace, flags=further | INHERIT_ONLY | INHERITED)] if further else []
    if ace.sid != CREATOR_OWNER:
        return [replace(ace, flags=further | INHERITED)]
    mapped = [replace(ace, sid=_owner(ace.sid), flags=INHERITED)]
    return [*mapped, replace(ace, flags=further | INHERIT_ONLY | INHERITED)] if further else mapped


def _owner(sid: str) -> str:
    return ADMINISTRATORS if sid == CREATOR_OWNER else sid


def _parse(found: tuple[str, str, str, str]) -> Ace:
    kind, words, mask, sid = found
    return Ace(sid, int(mask, 16), sum(bit for word, bit in _WORDS if word in re.findall("..", words)), kind == "D")


def _text(ace: Ace) -> str:
    words = "".join(word for word, bit in _WORDS if ace.flags & bit)
    return f"({'D' if ace.deny else 'A'};{words};0x{ace.mask:x};;;{ace.sid})"
