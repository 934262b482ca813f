"""System.IO.Path of .NET Framework 4.8 on Windows (referencesource, system/io/path.cs)."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet.registry import static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, not_supported
from winbake.rehearsal.powershell.values import Char, PSArray

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

PATH = "System.IO.Path"
_INVALID = frozenset('"<>|' + "".join(map(chr, range(32))))
_INVALID_NAME = frozenset('":<>|*?\\/' + "".join(map(chr, range(32))))
_SEPARATORS = "\\/"
_RANDOM_LETTERS = "abcdefghijklmnopqrstuvwxyz012345"


def check(path: str) -> None:
    """Raises ArgumentException "Illegal characters in path."."""
    if _INVALID.intersection(path):
        raise argument("Illegal characters in path.")


def root_length(path: str) -> int:
    if path[:2] in ("\\\\", "//"):
        parts = path[2:].replace("/", "\\").split("\\")
        return min(len(path), 2 + len("\\".join(parts[:2])))
    if path[:1] in _SEPARATORS and path:
        return 1
    if len(path) >= 2 and path[1] == ":":
        return 3 if path[2:3] in _SEPARATORS and len(path) > 2 else 2
    return 0


def full_path(path: Any, session: Session, parameter: str = "path") -> str:
    """Path.GetFullPath: against the process's directory, `.`, `..` and doubled separators taken out.

    Raises ArgumentNullException, ArgumentException (empty, illegal characters) or NotSupportedException
    (a stray colon).
    """
    if path is None:
        raise argument_null(parameter)
    if not path.strip():
        raise (
            argument("The path is not of a legal form.")
            if path
            else argument("Empty path name is not legal.", parameter)
        )
    check(path)
    text = str(path).replace("/", "\\").rstrip(" ")
    if ":" in text[2:] and not text.startswith("\\\\?\\"):
        raise not_supported("The given path's format is not supported.")
    if text.startswith("\\\\?\\"):
        text = text[4:]
    directory = str(session.process.directory).replace("/", "\\")
    if text.startswith("\\\\"):
        root, rest = text[: root_length(text)], text[root_length(text) :]
    elif len(text) >= 2 and text[1] == ":":
        root, rest = text[:2], text[2:]
        if not rest.startswith("\\"):
            same = directory[:2].lower() == root.lower()
            rest = (directory[2:] if same else "") + "\\" + rest
    elif text.startswith("\\"):
        root, rest = directory[:2], text
    else:
        root, rest = directory[:2], directory[2:] + "\\" + text
    parts: list[str] = []
    for part in rest.split("\\"):
        part = part if set(part) <= {"."} and len(part) <= 2 else part.rstrip(". ")
        if part in ("", "."):
            continue
        if part == "..":
            if parts:
                parts.pop()
            continue
        parts.append(part)
    ends = rest.endswith("\\") and bool(parts)
    return root + "\\" + "\\".join(parts) + ("\\" if ends else "")


def directory_name(path: str) -> str | None:
    """GetDirectoryName; None for a root. `/` becomes `\\`."""
    text = path.replace("/", "\\")
    root = root_length(text)
    if len(text) <= root:
        return None
    end = len(text)
    while end > root:
        end -= 1
        if text[end] == "\\":
            break
    return text[:end]


def file_name(path: str) -> str:
    return path[max(path.rfind("\\"), path.rfind("/"), path.rfind(":")) + 1 :]


def extension(path: str) -> str:
    name = file_name(path)
    dot = name.rfind(".")
    return name[dot:] if dot >= 0 and dot < len(name) - 1 else ""


@static(PATH, "GetFullPath")
def _get_full_path(path: str | None, *, session: Session) -> str:
    return full_path(path, session)


@static(PATH, "GetDirectoryName")
def _get_directory_name(path: str | None) -> str | None:
    if path is None:
        return None
    if path == "" or not path.strip():
        raise argument("The path is not of a legal form.")
    check(path)
    return directory_name(path)


@static(PATH, "GetFileName")
def _get_file_name(path: str | None) -> str | None:
    if path is None:
        return None
    check(path)
    return file_name(path)


@static(PATH, "GetFileNameWithoutExtension")
def _get_stem(path: str | None) -> str | None:
    if path is None:
        return None
    check(path)
    name = file_name(path)
    dot = name.rfind(".")
    return name[:dot] if dot >= 0 else name


@static(PATH, "GetExtension")
def _get_extension(path: str | None) -> str | None:
    if path is None:
        return None
    check(path)
    return extension(path)


@static(PATH, "HasExtension")
def _has_extension(path: str | None) -> bool:
    if path is None:
        return False
    check(path)
    return extension(path) != ""


@static(PATH, "ChangeExtension")
def _change_extension(path: str | None, new: str | None) -> str | None:
    if path is None:
        return None
    check(path)
    name_at = len(path) - len(file_name(path))
    dot = path.rfind(".")
    base = path[:dot] if dot >= name_at else path
    if new is None or not path:
        return base
    return base + (new if new.startswith(".") else "." + new)


@static(PATH, "IsPathRooted")
def _is_path_rooted(path: str | None) -> bool:
    if path is None:
        return False
    check(path)
    return is_rooted(path)


def is_rooted(path: str) -> bool:
    return path[:1] in ("\\", "/") or (len(path) >= 2 and path[1] == ":")


@static(PATH, "GetPathRoot")
def _get_path_root(path: str | None) -> str | None:
    if path is None:
        return None
    if not path.strip():
        raise argument("The path is not of a legal form.")
    check(path)
    return path[: root_length(path)].replace("/", "\\")


@static(PATH, "Combine")
def _combine(*parts: Any) -> str:
    given: list[str | None] = list(parts[0]) if len(parts) == 1 and isinstance(parts[0], PSArray) else list(parts)
    names = ["paths"] if len(parts) == 1 else ["path1", "path2", "path3", "path4"]
    for index, part in enumerate(given):
        if part is None:
            raise argument_null(names[min(index, len(names) - 1)])
        check(part)
    return combine(*(p for p in given if p is not None))


def combine(*parts: str) -> str:
    """Joins with `\\`; a rooted part starts anew."""
    result = ""
    for part in parts:
        if not part:
            continue
        if not result or is_rooted(part):
            result = part
        else:
            result += part if result[-1] in "\\/:" else "\\" + part
    return result


@static(PATH, "GetTempPath")
def _get_temp_path(*, session: Session) -> str:
    environment = session.process.environment
    for name in ("TMP", "TEMP", "USERPROFILE"):
        if environment.get(name):
            return full_path(environment[name], session).rstrip("\\") + "\\"
    return "C:\\Windows\\"


@static(PATH, "GetTempFileName")
def _get_temp_file_name(*, session: Session) -> str:
    from winbake.rehearsal.powershell.dotnet.io_failures import windows_io

    folder = _get_temp_path(session=session)
    with windows_io(folder):
        while True:
            path = f"{folder}tmp{random.randrange(0x10000):X}.tmp"
            if not session.host.files.exists(path):
                session.host.files.write(path, b"")
                return path


@static(PATH, "GetRandomFileName")
def _get_random_file_name() -> str:
    letters = "".join(random.choice(_RANDOM_LETTERS) for _ in range(11))
    return f"{letters[:8]}.{letters[8:]}"


@static(PATH, "GetInvalidPathChars")
def _get_invalid_path_chars() -> PSArray:
    return PSArray((Char(c) for c in ['"', "<", ">", "|", *map(chr, range(32))]), "System.Char")


@static(PATH, "GetInvalidFileNameChars")
def _get_invalid_file_name_chars() -> PSArray:
    order = ['"', "<", ">", "|", *map(chr, range(32)), ":", "*", "?", "\\", "/"]
    return PSArray((Char(c) for c in order), "System.Char")


def is_legal_name(name: str) -> bool:
    return bool(name) and not _INVALID_NAME.intersection(name)


@static_getter(PATH, "DirectorySeparatorChar")
def _directory_separator() -> Char:
    return Char("\\")


@static_getter(PATH, "AltDirectorySeparatorChar")
def _alt_directory_separator() -> Char:
    return Char("/")


@static_getter(PATH, "PathSeparator")
def _path_separator() -> Char:
    return Char(";")


@static_getter(PATH, "VolumeSeparatorChar")
def _volume_separator() -> Char:
    return Char(":")


@static_getter(PATH, "InvalidPathChars")
def _invalid_path_chars() -> PSArray:
    return _get_invalid_path_chars()
