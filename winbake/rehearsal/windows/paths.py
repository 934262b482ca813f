"""Windows path syntax: absolute forms, joining, illegal and reserved names, length limits.

Rules: MicrosoftDocs/win32 FileIO/naming-a-file and FileIO/maximum-file-path-limitation.
"""

from __future__ import annotations

import re

from winbake.rehearsal.windows.failures import NotModelled, Win32Failure

MAX_PATH = 260  # characters, the terminating zero counted
MAX_DIRECTORY = 248
MAX_NAME = 255
LONG_PREFIX = "\\\\?\\"
_ILLEGAL = re.compile(r'[<>"|?*\x00-\x1f]')
RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)


def is_absolute(path: str) -> bool:
    """True for `C:\\…`, `C:/…` and `\\\\?\\C:\\…`."""
    plain = path[4:] if path.startswith(LONG_PREFIX) else path
    return len(plain) > 2 and plain[0].isascii() and plain[0].isalpha() and plain[1] == ":" and plain[2] in "\\/"


def absolute(path: str, directory: str = "C:\\") -> str:
    """What GetFullPathName gives: `path` seen from `directory`, with `.`, `..`, `/` and trailing dots and blanks
    resolved. Raises Win32Failure 123 for an empty path; network paths are not modelled."""
    if not path:
        raise Win32Failure(123, path)
    if path.startswith(LONG_PREFIX):
        rest = path[4:]
        if rest.upper().startswith("UNC\\"):
            raise NotModelled(f"the network path {path}")
        return path if is_absolute(path) else LONG_PREFIX + absolute(rest, directory)
    text = path.replace("/", "\\")
    if text.startswith("\\\\.\\"):
        raise NotModelled(f"the device path {path}")
    if text.startswith("\\\\"):
        raise NotModelled(f"the network path {path}")
    if len(text) >= 2 and text[1] == ":" and text[0].isalpha():
        drive, rest = text[0].upper() + ":", text[2:]
        if rest.startswith("\\"):
            base: list[str] = []
        else:
            base = _names(directory[2:]) if directory[:2].upper() == drive else []
    elif text.startswith("\\"):
        drive, rest, base = directory[:2], text, []
    else:
        drive, rest, base = directory[:2], text, _names(directory[2:])
    names = list(base)
    for name in rest.split("\\"):
        if name in ("", "."):
            continue
        if name == "..":
            if names:
                names.pop()
            continue
        names.append(name.rstrip(" .") or name.strip(" "))
    return drive + "\\" + "\\".join(name for name in names if name)


def _names(rest: str) -> list[str]:
    return [name for name in rest.split("\\") if name]


def split_stream(path: str) -> tuple[str, str]:
    """`C:\\a.txt:Zone.Identifier` → (`C:\\a.txt`, `Zone.Identifier`); no stream: ''."""
    start = 6 if path.startswith(LONG_PREFIX) else 2
    head, colon, stream = path[start:].partition(":")
    if not colon:
        return path, ""
    return path[:start] + head, stream.removesuffix(":$DATA")


def parts(path: str) -> tuple[str, list[str]]:
    """An absolute path's drive (`C:`) and names. Raises Win32Failure 123 for names Windows does not take."""
    plain = path[4:] if path.startswith(LONG_PREFIX) else path
    names = _names(plain[2:].replace("/", "\\"))
    for name in names:
        if _ILLEGAL.search(name) or ":" in name:
            raise Win32Failure(123, path)
    return plain[:2].upper(), names


def check_new(path: str, directory: bool) -> None:
    """Whether something of this path may be made. Raises Win32Failure 206 (too long), 123 (name)."""
    if not path.startswith(LONG_PREFIX):
        if len(path) >= MAX_PATH or (directory and len(path) >= MAX_DIRECTORY):
            raise Win32Failure(206, path)
        for name in parts(path)[1]:
            if is_reserved(name):
                raise NotModelled(f"the device name {name} in {path}")
    if any(len(name) > MAX_NAME for name in parts(path)[1]):
        raise Win32Failure(123, path)


def is_reserved(name: str) -> bool:
    """True for the device names (CON, NUL, COM1 …), also with an extension."""
    return name.partition(".")[0].rstrip(" ").lower() in RESERVED


def parent(path: str) -> str:
    """The folder a path is in; a drive's root is its own."""
    head = path.rstrip("\\").rpartition("\\")[0]
    return head + "\\" if len(head) == 2 or head.endswith(":") else head


def name_of(path: str) -> str:
    return path.rstrip("\\").rpartition("\\")[2]


def join(directory: str, *names: str) -> str:
    joined = directory
    for name in names:
        joined = joined.rstrip("\\") + "\\" + name
    return joined
