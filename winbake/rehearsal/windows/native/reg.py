"""reg.exe: query, add, delete over the registry, with reg's texts and its exit codes 0 and 1."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.native.console_text import err, out
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.programs import program
from winbake.rehearsal.windows.registry import Key, RegistryValue

HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT", "HKU": "HKEY_USERS",
    "HKCC": "HKEY_CURRENT_CONFIG",
}  # fmt: skip
KINDS = {
    "REG_NONE": 0,
    "REG_SZ": 1,
    "REG_EXPAND_SZ": 2,
    "REG_BINARY": 3,
    "REG_DWORD": 4,
    "REG_MULTI_SZ": 7,
    "REG_QWORD": 11,
}
_NAMES = {number: name for name, number in KINDS.items()}
MISSING = "ERROR: The system was unable to find the specified registry key or value."
DONE = "The operation completed successfully."


class _Bad(Exception):
    """A command line that reg refuses."""


@dataclass
class _Options:
    key: str = ""
    view: int = 64
    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)


@program(r"C:\Windows\System32\reg.exe", r"C:\Windows\SysWOW64\reg.exe")
def main(process: Process) -> int:
    arguments = process.arguments[1:]
    verbs = {"query": _query, "add": _add, "delete": _delete}
    if not arguments or arguments[0].lower() not in verbs:
        raise NotModelled(f"reg {' '.join(arguments)}")
    try:
        options = _parse(arguments[1:], 32 if process.is_32_bit else 64)
        return verbs[arguments[0].lower()](process, options)
    except _Bad as bad:
        err(process, f'ERROR: {bad}\nType "REG {arguments[0].upper()} /?" for usage.')
        return 1
    except Win32Failure as failure:
        err(process, f"ERROR: {failure.message}")
        return 1


def _parse(arguments: list[str], view: int) -> _Options:
    options = _Options(view=view)
    views = set()
    at = 0
    while at < len(arguments):
        word = arguments[at]
        low = word.lower()
        if not word.startswith("/"):
            if options.key:
                raise _Bad("Invalid syntax.")
            options.key = _full_key(word)
        elif low in ("/v", "/t", "/d"):
            if low in options.values or at + 1 >= len(arguments):
                raise _Bad("Invalid syntax.")
            options.values[low] = arguments[at + 1]
            at += 1
        elif low in ("/reg:32", "/reg:64"):
            views.add(int(low[-2:]))
        elif low in ("/ve", "/va", "/f", "/s"):
            if low in options.flags:
                raise _Bad("Invalid syntax.")
            options.flags.add(low)
        else:
            raise NotModelled(f"reg {word}")
        at += 1
    if len(views) > 1 or not options.key:
        raise _Bad("Invalid syntax.")
    if views:
        options.view = views.pop()
    return options


def _full_key(text: str) -> str:
    hive, slash, rest = text.partition("\\")
    full = HIVES.get(hive.upper(), hive.upper())
    if full not in HIVES.values() or (slash and not rest) or "\\\\" in rest or rest.endswith("\\\\"):
        raise _Bad("Invalid key name.")
    return full + ("\\" + rest.rstrip("\\") if rest else "")


def _query(process: Process, options: _Options) -> int:
    key = process.host.registry.open(options.key, options.view, sid=process.token.sid)
    if key is None:
        err(process, MISSING)
        return 1
    if "/v" in options.values:
        name = options.values["/v"]
        found = key.get(name)
        if found is None:
            err(process, MISSING)
            return 1
        out(process, f"\n{options.key}\n{_line(name, found)}\n")
        return 0
    if "/ve" in options.flags:
        default = key.get("")
        line = _line("(Default)", default) if default else "    (Default)    REG_SZ    (value not set)"
        out(process, f"\n{options.key}\n{line}\n")
        return 0
    _show(process, options.key, key, recursive="/s" in options.flags, options=options)
    return 0


def _show(process: Process, path: str, key: Key, recursive: bool, options: _Options) -> None:
    values = key.values()
    if values or recursive:
        out(process, f"\n{path}")
    for name in values:
        value = key.get(name)
        if value is not None:
            out(process, _line(name or "(Default)", value))
    if values:
        out(process)
    for name in key.subkeys():
        full = f"{path}\\{name}"
        if not recursive:
            out(process, full)
            continue
        child = process.host.registry.open(full, options.view, sid=process.token.sid)
        if child is not None:
            _show(process, full, child, True, options)


def _line(name: str, value: RegistryValue) -> str:
    return f"    {name}    {_NAMES.get(value.kind, 'REG_NONE')}    {_data(value)}"


def _data(value: RegistryValue) -> str:
    if value.kind in (4, 11):
        return f"0x{int(value.data):x}"
    if value.kind == 7:
        return "\\0".join(value.data)
    if isinstance(value.data, bytes):
        return value.data.hex().upper()
    return str(value.data)


def _add(process: Process, options: _Options) -> int:
    key = process.host.registry.create(options.key, options.view, sid=process.token.sid)
    kind_name = options.values.get("/t", "REG_SZ").upper()
    if kind_name not in KINDS:
        raise _Bad("Invalid syntax. Specify a valid type for '/t'.")
    # Without /v the default value is written, empty unless /d gives text.
    name = options.values.get("/v", "")
    if key.get(name) is not None and "/f" not in options.flags:
        out(process, f"Value {name or '(Default)'} exists, overwrite(Yes/No)? ", end="")
        answer = process.stdin.readline().decode("ascii", "replace").strip().lower()
        if not answer.startswith("y"):
            out(process, "The operation was canceled by the user.")
            return 0 if answer else 1
    key.set(name, KINDS[kind_name], _parsed(kind_name, options.values.get("/d", "")))
    out(process, DONE)
    return 0


def _parsed(kind: str, text: str) -> object:
    if kind in ("REG_DWORD", "REG_QWORD"):
        try:
            return int(text or "0", 0) if not re.fullmatch(r"0\d+", text) else int(text)
        except ValueError:
            raise _Bad("The data entered is invalid.") from None
    if kind == "REG_MULTI_SZ":
        return text.split("\\0") if text else []
    if kind in ("REG_BINARY", "REG_NONE"):
        if not re.fullmatch(r"([0-9a-fA-F]{2})*", text):
            raise _Bad("The data entered is invalid.")
        return bytes.fromhex(text)
    return text


def _delete(process: Process, options: _Options) -> int:
    registry = process.host.registry
    key = registry.open(options.key, options.view, writable=True, sid=process.token.sid)
    if key is None:
        err(process, MISSING)
        return 1
    if "/f" not in options.flags:
        out(process, "Permanently delete (Yes/No)? ", end="")
        if not process.stdin.readline().lower().startswith(b"y"):
            out(process, "The operation was canceled by the user.")
            return 0
    if "/va" in options.flags:
        for name in key.values():
            key.delete(name)
    elif "/v" in options.values or "/ve" in options.flags:
        name = options.values.get("/v", "")
        if key.get(name) is None:
            err(process, MISSING)
            return 1
        key.delete(name)
    else:
        registry.delete_key(options.key, options.view, recursive=True, sid=process.token.sid)
    out(process, DONE)
    return 0
