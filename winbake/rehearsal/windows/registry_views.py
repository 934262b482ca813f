"""Which physical registry key a path means: hive aliases, and the 32- and 64-bit views of WOW64.

Rules: MicrosoftDocs/win32, WinProg64/shared-registry-keys. A 32-bit caller's HKLM\\SOFTWARE\\X is
HKLM\\SOFTWARE\\WOW6432Node\\X, but for the keys that both views share; a path that names WOW6432Node itself
means that place in both views, and its shared keys lead back to the one copy.
"""

from __future__ import annotations

from winbake.rehearsal.windows.failures import NotModelled, Win32Failure

LOCAL_MACHINE = "HKEY_LOCAL_MACHINE"
USERS = "HKEY_USERS"
CURRENT_USER = "HKEY_CURRENT_USER"
CLASSES_ROOT = "HKEY_CLASSES_ROOT"
CURRENT_CONFIG = "HKEY_CURRENT_CONFIG"

HIVES: dict[str, str] = {
    "HKLM": LOCAL_MACHINE,
    "HKCU": CURRENT_USER,
    "HKU": USERS,
    "HKCR": CLASSES_ROOT,
    "HKCC": CURRENT_CONFIG,
    LOCAL_MACHINE: LOCAL_MACHINE,
    USERS: USERS,
    CURRENT_USER: CURRENT_USER,
    CLASSES_ROOT: CLASSES_ROOT,
    CURRENT_CONFIG: CURRENT_CONFIG,
}

REDIRECTED = "wow6432node"

_WINDOWS = ("microsoft", "windows", "currentversion")
_WINDOWS_NT = ("microsoft", "windows nt", "currentversion")
# Below HKLM\SOFTWARE: one copy for both views.
SHARED: tuple[tuple[str, ...], ...] = (
    ("classes",),
    ("clients",),
    ("policies",),
    ("microsoft", "com3"),
    ("microsoft", "cryptography", "calais", "current"),
    ("microsoft", "cryptography", "calais", "readers"),
    ("microsoft", "cryptography", "services"),
    ("microsoft", "ctf", "systemshared"),
    ("microsoft", "ctf", "tip"),
    ("microsoft", "dfrg"),
    ("microsoft", "enterprisecertificates"),
    ("microsoft", "eventsystem"),
    ("microsoft", "msmq"),
    ("microsoft", "non-driver signing"),
    ("microsoft", "notepad", "defaultfonts"),
    ("microsoft", "ole"),
    ("microsoft", "ras"),
    ("microsoft", "rpc"),
    ("microsoft", "software", "microsoft", "shared tools", "msinfo"),
    ("microsoft", "systemcertificates"),
    ("microsoft", "termservlicensing"),
    ("microsoft", "transaction server"),
    (*_WINDOWS, "app paths"),
    (*_WINDOWS, "control panel", "cursors", "schemes"),
    (*_WINDOWS, "explorer", "autoplayhandlers"),
    (*_WINDOWS, "explorer", "driveicons"),
    (*_WINDOWS, "explorer", "kindmap"),
    (*_WINDOWS, "group policy"),
    (*_WINDOWS, "policies"),
    (*_WINDOWS, "previewhandlers"),
    (*_WINDOWS, "setup"),
    (*_WINDOWS, "telephony", "locations"),
    (*_WINDOWS_NT, "console"),
    (*_WINDOWS_NT, "fontdpi"),
    (*_WINDOWS_NT, "fontlink"),
    (*_WINDOWS_NT, "fontmapper"),
    (*_WINDOWS_NT, "fonts"),
    (*_WINDOWS_NT, "fontsubstitutes"),
    (*_WINDOWS_NT, "gre_initialize"),
    (*_WINDOWS_NT, "image file execution options"),
    (*_WINDOWS_NT, "languagepack"),
    (*_WINDOWS_NT, "networkcards"),
    (*_WINDOWS_NT, "perflib"),
    (*_WINDOWS_NT, "ports"),
    (*_WINDOWS_NT, "print"),
    (*_WINDOWS_NT, "profilelist"),
    (*_WINDOWS_NT, "time zones"),
)
# Below SOFTWARE\Classes (machine or user): two copies although Classes itself is shared.
CLASSES_REDIRECTED = ("clsid", "directshow", "interface", "media type", "mediafoundation")

# Of these an administrator may not even list the keys; only SYSTEM may.
SYSTEM_ONLY: tuple[tuple[str, ...], ...] = (("sam", "sam"), ("security",))


def split_path(path: str) -> tuple[str, list[str]]:
    """`HKLM\\SOFTWARE\\X` → its hive's full name and the names below it. Raises Win32Failure 87 for no hive."""
    names = [name for name in path.split("\\") if name]
    hive = HIVES.get(names[0].upper()) if names else None
    if hive is None:
        raise Win32Failure(87, path)
    return hive, names[1:]


def physical(path: str, view: int, sid: str) -> list[str]:
    """The names from the top (HKEY_LOCAL_MACHINE or HKEY_USERS) to the one key that `path` means in `view`
    (64 or 32) for the user `sid`."""
    if view not in (32, 64):
        raise ValueError(f"a registry view is 32 or 64, not {view!r}")
    hive, names = split_path(path)
    if hive == CURRENT_CONFIG:
        raise NotModelled("the registry hive HKEY_CURRENT_CONFIG")
    if hive == CLASSES_ROOT:
        hive, names = LOCAL_MACHINE, ["SOFTWARE", "Classes", *names]
    if hive == CURRENT_USER:
        hive, names = USERS, [sid, *names]
    if hive == USERS:
        return [USERS, *_user(names, view)]
    return [LOCAL_MACHINE, *_machine(names, view)]


def _lower(names: list[str]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)


def _machine(names: list[str], view: int) -> list[str]:
    if not names or names[0].lower() != "software":
        return _control_set(names)
    rest = names[1:]
    if rest and rest[0].lower() == REDIRECTED:
        inside = rest[1:]
        if inside and inside[0].lower() == "classes":
            return [names[0], "Classes", "WOW6432Node", *inside[1:]] if len(inside) > 1 else [names[0], "Classes"]
        if _is_shared(inside):
            return [names[0], *inside]
        return names
    if rest and rest[0].lower() == "classes":
        return [names[0], rest[0], *_classes(rest[1:], view)]
    if view == 64 or not rest or _is_shared(rest):
        return [names[0], "WOW6432Node"] if view == 32 and not rest else names
    return [names[0], "WOW6432Node", *rest]


def _control_set(names: list[str]) -> list[str]:
    """CurrentControlSet is a link to the set the machine was started with."""
    if len(names) > 1 and names[0].lower() == "system" and names[1].lower() == "controlset001":
        return [names[0], "CurrentControlSet", *names[2:]]
    return names


def _user(names: list[str], view: int) -> list[str]:
    if len(names) >= 3 and _lower(names[1:3]) == ("software", "classes"):
        return [names[0] + "_Classes", *_classes(names[3:], view)]
    if len(names) > 1 and names[0].lower().endswith("_classes"):
        return [names[0], *_classes(names[1:], view)]
    return names


def _classes(names: list[str], view: int) -> list[str]:
    if view == 32 and names and names[0].lower() in CLASSES_REDIRECTED:
        return ["WOW6432Node", *names]
    return names


def _is_shared(names: list[str]) -> bool:
    low = _lower(names)
    return any(low[: len(shared)] == shared for shared in SHARED)
