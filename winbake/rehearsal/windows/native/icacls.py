"""icacls.exe: shows a file's or folder's entries, /grant, /remove (Microsoft's page of the command, windows_facts 11).

Other verbs are refused. Assumed: the exit code is the Win32 error of the last failure, and what fails for an account
counts as one file that failed.
"""

from __future__ import annotations

import re

from winbake.rehearsal.windows import access, paths
from winbake.rehearsal.windows.access import Ace
from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.native.console_text import err, out
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.programs import program

SIMPLE = {"F": 0x1F01FF, "M": 0x1301BF, "RX": 0x1200A9, "R": 0x120089, "W": 0x100116}
SPECIFIC = {
    "RD": 0x1, "WD": 0x2, "AD": 0x4, "REA": 0x8, "WEA": 0x10, "X": 0x20, "DC": 0x40, "RA": 0x80, "WA": 0x100,
    "D": 0x10000, "RC": 0x20000, "WDAC": 0x40000, "WO": 0x80000, "S": 0x100000,
}  # fmt: skip
_FLAGS = (
    ("I", access.INHERITED), ("OI", access.OBJECT_INHERIT), ("CI", access.CONTAINER_INHERIT),
    ("NP", access.NO_PROPAGATE), ("IO", access.INHERIT_ONLY),
)  # fmt: skip
_GRANT = re.compile(r"(?P<who>[^:]+):(?P<flags>(?:\((?:OI|CI|IO|NP|I)\))*)\(?(?P<rights>[A-Za-z,]+)\)?", re.I)
NO_SUCH_ACCOUNT = 1332


@program("C:\\Windows\\System32\\icacls.exe")
def icacls(process: Process) -> int:
    given = process.arguments[1:]
    if not given or given[0].startswith("/"):
        raise NotModelled(f"icacls {' '.join(given)}")
    path = paths.absolute(given[0], process.directory)
    try:
        if len(given) == 1:
            _show(process, given[0], path)
        else:
            _change(process, path, given[1:])
            out(process, f"processed file: {given[0]}")
    except Win32Failure as failure:
        subject = given[0] if failure.code != NO_SUCH_ACCOUNT else failure.path
        err(process, f"{subject}: {failure.message}")
        out(process, "Successfully processed 0 files; Failed processing 1 files")
        return failure.code
    out(process, "Successfully processed 1 files; Failed processing 0 files")
    return 0


def _show(process: Process, shown: str, path: str) -> None:
    files = process.host.files
    entries = [*access.own_entries(files, path), *access.inherited_entries(files, path)]
    for index, ace in enumerate(entries):
        name = process.host.accounts.name_of(ace.sid) or ace.sid
        out(process, f"{shown if index == 0 else ' ' * len(shown)} {name}:{_written(ace)}")
    out(process)


def _written(ace: Ace) -> str:
    flags = "".join(f"({word})" for word, bit in _FLAGS if ace.flags & bit)
    rights = next((word for word, mask in SIMPLE.items() if mask == ace.mask), "")
    if not rights:
        rights = ",".join(word for word, bit in SPECIFIC.items() if ace.mask & bit)
    return flags + ("(DENY)" if ace.deny else "") + f"({rights})"


def _change(process: Process, path: str, given: list[str]) -> None:
    if not process.token.elevated:
        raise Win32Failure(5, path)
    files, verb = process.host.files, given[0].lower()
    entries = list(access.own_entries(files, path))
    if verb not in ("/grant", "/grant:r", "/remove", "/remove:g", "/remove:d"):
        raise NotModelled(f"icacls {given[0]}")
    for one in given[1:]:
        if one.startswith("/"):
            raise NotModelled(f"icacls {one}")
        if verb.startswith("/grant"):
            new = _granted(process, one)
            if verb == "/grant:r":
                entries = [ace for ace in entries if ace.sid != new.sid or ace.deny]
            mask = new.mask
            for ace in [ace for ace in entries if (ace.sid, ace.flags, ace.deny) == (new.sid, new.flags, False)]:
                mask |= ace.mask
                entries.remove(ace)
            entries.append(Ace(new.sid, mask, new.flags))
        else:
            sid = _sid(process, one)
            kinds = {"/remove:g": (False,), "/remove:d": (True,)}.get(verb, (False, True))
            entries = [ace for ace in entries if ace.sid != sid or ace.deny not in kinds]
    access.set_own_entries(files, path, tuple(entries), access.is_protected(files, path))


def _granted(process: Process, text: str) -> Ace:
    found = _GRANT.fullmatch(text)
    if found is None:
        raise Win32Failure(87, text)
    mask = 0
    for word in found["rights"].upper().split(","):
        bits = SIMPLE.get(word) or SPECIFIC.get(word)
        if bits is None:
            raise Win32Failure(87, text)
        mask |= bits
    flags = sum(bit for word, bit in _FLAGS if f"({word})" in found["flags"].upper())
    return Ace(_sid(process, found["who"]), mask, flags)


def _sid(process: Process, name: str) -> str:
    """A name, or a SID after `*`."""
    sid = process.host.accounts.sid_of(name.removeprefix("*"))
    if sid is None:
        raise Win32Failure(NO_SUCH_ACCOUNT, name)
    return str(sid)
