"""Programs that look for and look at text: find, findstr, more, sort, where."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.native.console_text import err, out, read_text
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.programs import program

_SYSTEM = "C:\\Windows\\System32\\"


@program(_SYSTEM + "more.com")
def more(process: Process) -> int:
    """Without a console nothing is paged."""
    if len(process.arguments) > 1:
        raise NotModelled("more with arguments")
    out(process, read_text(process, process.stdin.readall()), end="")
    return 0


@program(_SYSTEM + "sort.exe")
def sort(process: Process) -> int:
    switches = [a.lower() for a in process.arguments[1:]]
    if any(s != "/r" for s in switches):
        raise NotModelled(f"sort {' '.join(switches)}")
    lines = read_text(process, process.stdin.readall()).splitlines()
    for line in sorted(lines, key=str.lower, reverse="/r" in switches):
        out(process, line)
    return 0


@program(_SYSTEM + "find.exe")
def find(process: Process) -> int:
    """Exit 0 match, 1 none, 2 error."""
    switches = {a.lower() for a in process.arguments[1:] if a.startswith("/")}
    if switches - {"/v", "/c", "/i", "/n"}:
        raise NotModelled(f"find {' '.join(sorted(switches))}")
    rest = [a for a in process.arguments[1:] if not a.startswith("/")]
    if not rest or '"' not in process.command_line:
        err(process, "FIND: Parameter format not correct")
        return 2
    wanted, files = rest[0], rest[1:]
    matched = False
    for name, text in _inputs(process, files):
        hits = []
        for number, line in enumerate(text.splitlines(), 1):
            held = wanted.lower() in line.lower() if "/i" in switches else wanted in line
            if held != ("/v" in switches):
                hits.append(f"[{number}]{line}" if "/n" in switches else line)
        matched = matched or bool(hits)
        if name:
            count = f": {len(hits)}" if "/c" in switches else ""
            out(process, f"\n---------- {name.upper()}{count}")
        elif "/c" in switches:
            out(process, str(len(hits)))
        if "/c" not in switches:
            for line in hits:
                out(process, line)
    return 0 if matched else 1


@program(_SYSTEM + "findstr.exe")
def findstr(process: Process) -> int:
    """Regular expressions of findstr's own small kind. Exit 0 match, 1 none, 2 error."""
    flags: set[str] = set()
    wanted: list[str] = []
    files: list[str] = []
    for argument in process.arguments[1:]:
        low = argument.lower()
        if low.startswith("/c:"):
            wanted.append(argument[3:])
            flags.add("literal")
        elif re.fullmatch(r"/[a-z]+", low) and set(low[1:]) <= set("ivnrlxbesmp"):
            flags |= set(low[1:])
        elif low.startswith("/"):
            raise NotModelled(f"findstr {argument}")
        elif not wanted:
            wanted = argument.split()
        else:
            files.append(argument)
    if not wanted:
        err(process, "FINDSTR: Bad command line")
        return 2
    regular = "r" in flags or ("l" not in flags and "literal" not in flags)
    expressions = [_findstr_pattern(w, regular, flags) for w in wanted]
    matched = False
    many = len(files) > 1 or any(re.search(r"[*?]", f) for f in files)
    for name, text in _inputs(process, files):
        for number, line in enumerate(text.splitlines(), 1):
            if any(e.search(line) for e in expressions) == ("v" in flags):
                continue
            matched = True
            prefix = f"{name}:" if many and name else ""
            if "m" in flags:
                out(process, name or "(standard input)")
                break
            out(process, f"{prefix}{f'{number}:' if 'n' in flags else ''}{line}")
    return 0 if matched else 1


def _findstr_pattern(text: str, regular: bool, flags: set[str]) -> re.Pattern[str]:
    if not regular:
        pattern = re.escape(text.replace("\\\\", "\\").replace('\\"', '"'))
    else:
        pattern = ""
        at = 0
        while at < len(text):
            rest = text[at:]
            if rest.startswith(("\\<", "\\>")):
                pattern, at = pattern + r"\b", at + 2
            elif rest[0] == "\\" and len(rest) > 1:
                pattern, at = pattern + re.escape(rest[1]), at + 2
            elif rest[0] == "[" and "]" in rest:
                end = rest.index("]", 2)
                pattern, at = pattern + rest[: end + 1], at + end + 1
            else:
                pattern, at = pattern + (rest[0] if rest[0] in ".*^$" else re.escape(rest[0])), at + 1
    if "x" in flags:
        pattern = f"^(?:{pattern})$"
    elif "b" in flags:
        pattern = f"^(?:{pattern})"
    elif "e" in flags:
        pattern = f"(?:{pattern})$"
    return re.compile(pattern, re.IGNORECASE if "i" in flags else 0)


def _inputs(process: Process, files: list[str]) -> Iterator[tuple[str, str]]:
    if not files:
        yield "", read_text(process, process.stdin.readall())
        return
    for name in files:
        full = paths.absolute(name, process.directory)
        folder, pattern = paths.parent(full), paths.name_of(full).lower()
        entries = process.host.files.list(folder) if process.host.files.is_directory(folder) else []
        found = [e for e in entries if fnmatch.fnmatchcase(e.name.lower(), pattern) and not e.is_directory]
        if not found:
            err(process, f"FINDSTR: Cannot open {name}")
        for entry in found:
            try:
                yield (
                    name if name.lower() == entry.name.lower() else entry.name,
                    read_text(process, process.host.files.read(entry.full_path)),
                )
            except Win32Failure as failure:
                err(process, failure.message)


@program(_SYSTEM + "where.exe")
def where(process: Process) -> int:
    """Every file of that name in the current directory and on PATH, with PATHEXT's endings."""
    patterns = [a for a in process.arguments[1:] if not a.startswith("/")]
    if any(a.lower() not in ("/q",) for a in process.arguments[1:] if a.startswith("/")):
        raise NotModelled(process.command_line)
    folders = [process.directory, *(p.strip().strip('"') for p in process.environment.get("PATH", "").split(";"))]
    endings = ["", *(e.lower() for e in process.environment.get("PATHEXT", ".EXE").split(";"))]
    found: list[str] = []
    for pattern in patterns:
        wanted = {(pattern + e).lower() for e in endings}
        seen: set[str] = set()
        for folder in folders:
            key = folder.lower().rstrip("\\")
            if not folder or key in seen or not process.host.files.is_directory(folder):
                continue
            seen.add(key)
            for entry in process.host.files.list(folder):
                name = entry.name.lower()
                if not entry.is_directory and any(fnmatch.fnmatchcase(name, w) for w in wanted):
                    found.append(entry.full_path)
    if not found:
        err(process, "INFO: Could not find files for the given pattern(s).")
        return 1
    if "/q" not in [a.lower() for a in process.arguments]:
        for path in dict.fromkeys(found):
            out(process, path)
    return 0
