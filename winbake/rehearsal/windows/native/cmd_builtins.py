"""The commands that are part of cmd.exe itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.native.batch import Goto
from winbake.rehearsal.windows.native.console_text import read_text
from winbake.rehearsal.windows.native.percent import path_parts

if TYPE_CHECKING:
    from winbake.rehearsal.windows.files import Entry
    from winbake.rehearsal.windows.native.cmd import Shell

Builtin = Callable[["Shell", str], None]
BUILTINS: dict[str, Builtin] = {}


def builtin(*names: str) -> Callable[[Builtin], Builtin]:
    def register(function: Builtin) -> Builtin:
        for name in names:
            BUILTINS[name] = function
        return function

    return register


class DivideByZero(Exception):
    """`set /a 1/0`."""


def words(text: str) -> list[str]:
    """Words separated by blanks, commas, semicolons or equal signs; quotes keep one together and stay."""
    return [found[0] for found in re.finditer(r'(?:"[^"]*"?|[^\s,;="])+', text)]


def modified(value: str, letters: str | None, shell: Shell) -> str:
    """A `for` variable with its modifiers (`%~nxi`)."""
    return value if letters is None else path_parts(value.strip('"'), letters.lower(), shell.directory)


@builtin("echo")
def echo(shell: Shell, rest: str) -> None:
    text = rest[1:] if rest[:1] in (" ", "\t", ".", ":", "/", "\\", "(", "[", "+", ",", ";", "=") else rest
    if not rest.strip():
        if rest[:1] in (".", ":", "/", "\\", "(", "["):
            shell.print()
        else:
            shell.print(f"ECHO is {'on' if shell.echo else 'off'}.")
        return
    if text.strip().lower() in ("on", "off") and rest[:1] in (" ", "\t"):
        shell.echo = text.strip().lower() == "on"
        return
    shell.print(text)


@builtin("set")
def set_variable(shell: Shell, rest: str) -> None:
    text = rest.strip()
    if text.lower().startswith("/a"):
        try:
            _set_number(shell, text[2:].strip().strip('"'))
        except DivideByZero:
            shell.error("Divide by zero error.")
            shell.error_level = 0x400023D1
        return
    if text.lower().startswith("/p"):
        name, _, prompt = text[2:].strip().strip('"').partition("=")
        shell.print(prompt, end="")
        line = read_text(shell.process, shell.stdin.readline()).rstrip("\n")
        if line:
            shell.environment[name.strip()] = line
        return
    if text.startswith('"'):
        last = text.rfind('"')
        text = text[1:last] if last > 0 else text[1:]
    else:
        text = rest.lstrip()
    name, equals, value = text.partition("=")
    if equals:
        if value:
            shell.environment[name] = value
            shell.error_level = 0 if shell.batch is None else shell.error_level
        elif name in shell.environment:
            del shell.environment[name]
        return
    found = sorted((n for n in shell.environment if n.lower().startswith(name.strip().lower())), key=str.lower)
    for one in found:
        shell.print(f"{one}={shell.environment[one]}")
    if name.strip() and not found:
        shell.error(f"Environment variable {name.strip()} not defined")
    shell.error_level = 1 if name.strip() and not found else 0


_NUMBER = re.compile(r"\s*(?:(0x[0-9a-f]+|\d+)|([A-Za-z_]\w*)|(<<|>>|[-+*/%()&|^~!]))", re.IGNORECASE)


def _set_number(shell: Shell, text: str) -> None:
    """`set /a`: 32-bit whole numbers; on the command line the result is printed."""
    result = 0
    for part in text.split(","):
        name, operator, expression = "", "", part
        found = re.match(r"\s*([A-Za-z_]\w*)\s*(<<|>>|[-+*/%&|^])?=(?!=)(.*)", part)
        if found:
            name, operator, expression = found[1], found[2] or "", found[3]
        result = _evaluate(shell, expression)
        if operator:
            result = _operate(_number(shell.environment.get(name, "0")), operator, result)
        result = (result + 2**31) % 2**32 - 2**31
        if name:
            shell.environment[name] = str(result)
    if shell.batch is None:
        shell.print(str(result), end="")
    shell.error_level = 0


def _evaluate(shell: Shell, text: str) -> int:
    tokens: list[str] = []
    at = 0
    while text[at:].strip():
        found = _NUMBER.match(text, at)
        if not found:
            raise NotModelled(f"set /a {text.strip()}")
        if found[2]:
            tokens.append(str(_number(shell.environment.get(found[2], "0"))))
        else:
            tokens.append(found[1] or found[3])
        at = found.end()
    value, rest = _binary(tokens, 0)
    if rest:
        raise NotModelled(f"set /a {text.strip()}")
    return value


_LEVELS: tuple[tuple[str, ...], ...] = (("|",), ("^",), ("&",), ("<<", ">>"), ("+", "-"), ("*", "/", "%"))


def _binary(tokens: list[str], level: int) -> tuple[int, list[str]]:
    if level == len(_LEVELS):
        return _unary(tokens)
    left, rest = _binary(tokens, level + 1)
    while rest and rest[0] in _LEVELS[level]:
        right, following = _binary(rest[1:], level + 1)
        left, rest = _operate(left, rest[0], right), following
    return left, rest


def _unary(tokens: list[str]) -> tuple[int, list[str]]:
    if not tokens:
        raise NotModelled("set /a without an operand")
    head, rest = tokens[0], tokens[1:]
    if head in ("-", "+", "~", "!"):
        value, rest = _unary(rest)
        return {"-": -value, "+": value, "~": ~value, "!": int(not value)}[head], rest
    if head == "(":
        value, rest = _binary(rest, 0)
        return value, rest[1:]
    return _number(head), rest


def _operate(left: int, operator: str, right: int) -> int:
    if operator in ("/", "%") and right == 0:
        raise DivideByZero
    if operator == "/":
        return int(left / right)
    if operator == "%":
        return left - int(left / right) * right
    return {
        "+": left + right, "-": left - right, "*": left * right,
        "&": left & right, "|": left | right, "^": left ^ right,
        "<<": left << (right & 31), ">>": left >> (right & 31),
    }[operator]  # fmt: skip


def _number(text: str) -> int:
    text = text.strip()
    try:
        if re.fullmatch(r"-?0[0-7]+", text):
            return int(text, 8)
        return int(text, 0)
    except ValueError:
        return 0


@builtin("cd", "chdir")
def change_directory(shell: Shell, rest: str) -> None:
    text = re.sub(r"^\s*/d\b", "", rest, flags=re.IGNORECASE).strip().strip('"')
    if not text:
        shell.print(shell.directory)
        return
    target = shell.full(text)
    if not shell.host.files.is_directory(target):
        shell.error("The system cannot find the path specified.")
        shell.error_level = 1
        return
    entry = shell.host.files.entry(target)
    shell.directory = entry.full_path if entry else target
    shell.error_level = 0


@builtin("pushd")
def push_directory(shell: Shell, rest: str) -> None:
    shell.stack.append(shell.directory)
    change_directory(shell, rest)


@builtin("popd")
def pop_directory(shell: Shell, rest: str) -> None:
    if shell.stack:
        shell.directory = shell.stack.pop()


@builtin("type")
def type_file(shell: Shell, rest: str) -> None:
    shell.error_level = 0
    names = words(rest)
    found = [path for name in names for path in shell.glob(name.strip('"'))]
    if not names:
        shell.error("The syntax of the command is incorrect.")
        shell.error_level = 1
    for name in names:
        if not shell.glob(name.strip('"')):
            shell.error("The system cannot find the file specified.")
            shell.error_level = 1
    for path in found:
        try:
            data = shell.host.files.read(shell.full(path))
        except Win32Failure as failure:
            shell.error(failure.message)
            shell.error_level = 1
            continue
        if len(found) > 1:
            shell.error(f"\n{path}\n\n")
        if data.startswith(b"\xff\xfe"):
            shell.print(read_text(shell.process, data), end="")
        else:
            shell.stdout.write(data)


@builtin("dir")
def list_directory(shell: Shell, rest: str) -> None:
    switches = {s.lower() for s in re.findall(r"/(-?[a-z](?::?[-a-z]+)?)", rest, re.IGNORECASE)}
    text = re.sub(r"/\S+", "", rest).strip()
    unknown = {s for s in switches if not re.match(r"^(b|s|a|ad|a-d|a:d|a:-d|o|on|o:n|w|-c|n|q|x|4)", s)}
    if unknown or "w" in switches or "q" in switches or "x" in switches:
        raise NotModelled(f"dir{rest}")
    targets = [t.strip('"') for t in words(text)] or ["."]
    shell.error_level = 0
    for target in targets:
        _list_one(shell, target, switches)


def _list_one(shell: Shell, target: str, switches: set[str]) -> None:
    full = shell.full(target)
    if shell.host.files.is_directory(full):
        folder, entries = full, shell.host.files.list(full)
    else:
        folder = paths.parent(shell.full(target))
        entries = [e for e in (shell.host.files.entry(shell.full(p)) for p in shell.glob(target)) if e]
    only_folders = bool(switches & {"ad", "a:d"})
    only_files = bool(switches & {"a-d", "a:-d"})
    everything = any(s.startswith("a") for s in switches)
    entries = [
        e
        for e in entries
        if (everything or not e.hidden)
        and not (only_folders and not e.is_directory)
        and not (only_files and e.is_directory)
    ]
    if not entries and not (shell.host.files.is_directory(full) and "b" not in switches):
        shell.error("File Not Found")
        shell.error_level = 1
        return
    if "b" in switches:
        for entry in _below(shell, entries, folder) if "s" in switches else entries:
            shell.print(entry.full_path if "s" in switches else entry.name)
        return
    if "s" in switches:
        raise NotModelled("dir /s without /b")
    _long_listing(shell, folder, entries)


def _below(shell: Shell, entries: list[Entry], folder: str) -> list[Entry]:
    found: list[Entry] = []
    for entry in entries:
        found.append(entry)
        if entry.is_directory:
            found += _below(shell, shell.host.files.list(entry.full_path), entry.full_path)
    return found


def _long_listing(shell: Shell, folder: str, entries: list[Entry]) -> None:
    shell.print(" Volume in drive C has no label.\n Volume Serial Number is 6C1F-3A21\n")
    shell.print(f" Directory of {folder}\n")
    files = size = folders = 0
    for entry in entries:
        stamp = entry.modified.strftime("%m/%d/%Y  %I:%M %p")
        if entry.is_directory:
            folders += 1
            shell.print(f"{stamp}    <DIR>          {entry.name}")
        else:
            files, size = files + 1, size + entry.size
            shell.print(f"{stamp} {entry.size:>17,} {entry.name}")
    shell.print(f"{files:>16} File(s) {size:>14,} bytes")
    shell.print(f"{folders:>16} Dir(s)  {shell.host.files.free_bytes('C:'):>14,} bytes free")


@builtin("md", "mkdir")
def make_directory(shell: Shell, rest: str) -> None:
    shell.error_level = 0
    for word in words(rest):
        full = shell.full(word.strip('"'))
        if shell.host.files.exists(full):
            shell.error(f"A subdirectory or file {word} already exists.")
            shell.error_level = 1
        else:
            _try(shell, lambda full=full: shell.host.files.make_directory(full))  # type: ignore[misc]


@builtin("rd", "rmdir")
def remove_directory(shell: Shell, rest: str) -> None:
    recursive = bool(re.search(r"/s\b", rest, re.IGNORECASE))
    shell.error_level = 0
    for word in words(re.sub(r"/\w\b", "", rest)):
        full = shell.full(word.strip('"'))
        if not shell.host.files.exists(full):
            shell.error("The system cannot find the file specified.")
            shell.error_level = 2
        else:
            _try(shell, lambda full=full: shell.host.files.delete(full, recursive))  # type: ignore[misc]


@builtin("del", "erase")
def delete(shell: Shell, rest: str) -> None:
    for word in words(re.sub(r"/\w+\b", "", rest)):
        found = [shell.full(p) for p in shell.glob(word.strip('"'))]
        if not found:
            shell.error(f"Could Not Find {shell.full(word.strip(chr(34)))}")
        for full in found:
            if shell.host.files.is_file(full):
                _try(shell, lambda full=full: shell.host.files.delete(full))  # type: ignore[misc]
    shell.error_level = 0


@builtin("copy")
def copy(shell: Shell, rest: str) -> None:
    names = [w.strip('"') for w in words(re.sub(r"/-?\w+\b", "", rest))]
    if "+" in rest or not 1 <= len(names) <= 2:
        raise NotModelled(f"copy{rest}")
    _transfer(shell, names, "copied", shell.host.files.copy)


@builtin("move")
def move(shell: Shell, rest: str) -> None:
    names = [w.strip('"') for w in words(re.sub(r"/-?\w+\b", "", rest))]
    if len(names) != 2:
        shell.error("The syntax of the command is incorrect.")
        shell.error_level = 1
        return
    _transfer(shell, names, "moved", lambda a, b: shell.host.files.move(a, b, True))


def _transfer(shell: Shell, names: list[str], verb: str, action: Callable[[str, str], None]) -> None:
    sources = [shell.full(p) for p in shell.glob(names[0])]
    target = shell.full(names[1] if len(names) > 1 else ".")
    done = 0
    shell.error_level = 0
    if not sources:
        shell.error("The system cannot find the file specified.")
        shell.error_level = 1
    for source in sources:
        into = paths.join(target, paths.name_of(source)) if shell.host.files.is_directory(target) else target
        if _try(shell, lambda source=source, into=into: action(source, into)):  # type: ignore[misc]
            done += 1
    noun = "dir(s)" if verb == "moved" and sources and shell.host.files.is_directory(target) else "file(s)"
    shell.print(f"{done:>9} {noun} {verb}.")


@builtin("ren", "rename")
def rename(shell: Shell, rest: str) -> None:
    names = [w.strip('"') for w in words(rest)]
    if len(names) != 2 or "\\" in names[1] or "*" in rest:
        raise NotModelled(f"ren{rest}")
    source = shell.full(names[0])
    _try(shell, lambda: shell.host.files.move(source, paths.join(paths.parent(source), names[1])))


def _try(shell: Shell, action: Callable[[], None]) -> bool:
    try:
        action()
    except Win32Failure as failure:
        shell.error(failure.message)
        shell.error_level = 1
        return False
    return True


@builtin("exit")
def leave(shell: Shell, rest: str) -> None:
    from winbake.rehearsal.windows.native.cmd import Exit

    text = rest.strip()
    batch_only = text.lower().startswith("/b")
    number = text[2:].strip() if batch_only else text
    code = _number(number) & 0xFFFFFFFF if number else shell.error_level
    raise Exit(code, batch_only and shell.batch is not None)


@builtin("call")
def call(shell: Shell, rest: str) -> None:
    text = rest.strip()
    if text.startswith(":"):
        _call_label(shell, text)
        return
    name = text.split(maxsplit=1)[0].strip('"') if text else ""
    file = shell.find_program(name)
    if file is not None and file.lower().endswith((".bat", ".cmd")):
        shell.run_batch(file, text[len(text.split(maxsplit=1)[0]) :], called=True)
    else:
        shell.run_line(text)


def _call_label(shell: Shell, text: str) -> None:
    from winbake.rehearsal.windows.native.cmd import Exit

    batch = shell.batch
    label, *arguments = words(text)
    start = batch.find(label) if batch is not None else None
    if batch is None or start is None:
        shell.error(f"The system cannot find the batch label specified - {label.lstrip(':')}")
        shell.error_level = 1
        return
    outer = batch.arguments
    batch.arguments = [label, *arguments]
    try:
        batch.run(shell, start)
    except Exit as done:
        if not done.batch_only:
            raise
        shell.error_level = done.code
    finally:
        batch.arguments = outer


@builtin("goto")
def goto(shell: Shell, rest: str) -> None:
    if shell.batch is not None:
        raise Goto(rest.strip().lstrip(":"))


@builtin("shift")
def shift(shell: Shell, rest: str) -> None:
    if shell.batch is not None and len(shell.batch.arguments) > 1:
        del shell.batch.arguments[0]


@builtin("setlocal", "endlocal", "title", "cls", "rem", "color", "prompt", "break", "verify")
def nothing(shell: Shell, rest: str) -> None:
    """Nothing that a caller without a console could see. (`setlocal enabledelayedexpansion` is heard.)"""
    if "enabledelayedexpansion" in rest.lower():
        shell.delayed = True


@builtin("ver")
def version(shell: Shell, rest: str) -> None:
    release = shell.host.release
    shell.print(f"\nMicrosoft Windows [Version 10.0.{release.build}.{release.ubr}]")


@builtin("path")
def show_path(shell: Shell, rest: str) -> None:
    if rest.strip():
        shell.environment["PATH"] = rest.strip().lstrip("=")
    else:
        shell.print(f"PATH={shell.environment.get('PATH', '')}")


@builtin("start", "assoc", "ftype", "date", "time", "vol", "mklink", "pause")
def refused(shell: Shell, rest: str) -> None:
    raise NotModelled("this built-in command of cmd.exe")
