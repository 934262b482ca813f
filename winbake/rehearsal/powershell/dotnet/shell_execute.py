"""ShellExecute: what opening a file by its name starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.windows.failures import Win32Failure

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

_PROGRAMS = (".exe", ".com", ".bat", ".cmd")
_APP_PATHS = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths"
_MSIEXEC = r"C:\Windows\System32\msiexec.exe"


def find(session: Session, name: str, directory: str) -> str | None:
    """The file that a name means: as given, in the directory, by App Paths, on PATH; PATHEXT fills in extensions."""
    files = session.host.files
    name = name.strip().strip('"').replace("/", "\\")
    extensions = [""] + [e for e in session.process.environment.get("PATHEXT", ".COM;.EXE;.BAT;.CMD").split(";") if e]
    if "\\" in name or ":" in name:
        base = name if name[1:2] == ":" or name.startswith("\\\\") else f"{directory.rstrip(chr(92))}\\{name}"
        return next((base + e for e in extensions if files.is_file(base + e)), None)
    folders = [directory, r"C:\Windows\System32", r"C:\Windows"]
    folders += [part.strip('" ') for part in session.process.environment.get("Path", "").split(";")]
    candidates = extensions if "." not in name else ["", *extensions[1:]]
    for folder in folders:
        for extension in candidates:
            path = f"{folder.rstrip(chr(92))}\\{name}{extension}"
            if folder and files.is_file(path) and "." in path.rpartition("\\")[2]:
                return path
    for spelled in (name, f"{name}.exe"):
        registered = session.host.registry.read(f"{_APP_PATHS}\\{spelled}")
        if registered:
            path = str(session.process.environment.expand(str(registered))).strip('"')
            if files.is_file(path):
                return path
    return None


def resolve(session: Session, name: str, arguments: str, directory: str) -> tuple[str, str | None]:
    """Command line and application. Raises Win32Failure 2 for a file that is not there; NotModelled for a file that
    would be opened by another program."""
    if "://" in name:
        raise NotModelled(f"opening {name} in a browser")
    path = find(session, name, directory)
    if path is None:
        raise Win32Failure(2, name)
    tail = f" {arguments}" if arguments else ""
    extension = "." + path.rpartition(".")[2].lower()
    if extension in _PROGRAMS:
        return f'"{path}"{tail}', path
    if extension == ".msi":
        return f'"{_MSIEXEC}" /i "{path}"{tail}', _MSIEXEC
    raise NotModelled(f"opening a {extension} file with the program registered for it")
