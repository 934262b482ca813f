"""cmd.exe: one command line (/c, /k, /s, /v:on) or a batch file, with cmd's own expansion, operators and exit codes."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.environment import EnvironmentBlock
from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.native import cmd_builtins
from winbake.rehearsal.windows.native.batch import BatchFile
from winbake.rehearsal.windows.native.cmd_syntax import (
    CmdSyntaxError,
    For,
    Group,
    If,
    Joined,
    Node,
    Parser,
    Redirect,
    Simple,
)
from winbake.rehearsal.windows.native.console_text import encoding_of, read_text
from winbake.rehearsal.windows.native.percent import expand_delayed, expand_percent
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.programs import program
from winbake.rehearsal.windows.streams import ByteReader, ByteWriter

NOT_FOUND = 9009  # what ERRORLEVEL becomes after an unknown command; `cmd /c nosuch` itself ends with 1
PATHEXT = ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC"


class Exit(Exception):
    """`exit`: the interpreter ends. `batch_only`: `exit /b`, only the batch file."""

    def __init__(self, code: int, batch_only: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.batch_only = batch_only


@program(r"C:\Windows\System32\cmd.exe", r"C:\Windows\SysWOW64\cmd.exe")
def main(process: Process) -> int:
    """The program. Without /c or /k it reads commands from standard input."""
    shell = Shell(process)
    switches, line = split_switches(process.command_line, lambda name: shell.find_program(name) is not None)
    shell.delayed = "v:on" in switches
    try:
        if line is None:
            text = read_text(process, process.stdin.readall())
            for command in text.split("\n"):
                shell.run_line(command)
        else:
            shell.run_line(line)
    except Exit as done:
        return done.code
    return shell.return_code


def split_switches(command_line: str, is_program: Callable[[str], bool]) -> tuple[set[str], str | None]:
    """The switches, lower case, and the command (None if there is none to run).

    Of a command that begins with a quote the first and the last quote go, unless /s is absent and there are exactly
    two, round the name of a program with a blank in it and without special characters (`cmd /?` describes it so).
    """
    rest = re.sub(r'^\s*("[^"]*"|\S+)', "", command_line, count=1)
    switches: set[str] = set()
    while True:
        found = re.match(r"\s*/([a-zA-Z?]+(?::(?:on|off))?)", rest)
        if not found:
            return switches, None
        switch = found[1].lower()
        rest = rest[found.end() :]
        if switch[0] in "ckr":
            # /cecho is /c echo: the letter ends the switch.
            command = (found[1][1:] + rest) if len(switch) > 1 else rest
            return switches | {"c"}, _unquoted(command.lstrip(), "s" in switches, is_program)
        switches.add(switch)


def _unquoted(command: str, strip: bool, is_program: Callable[[str], bool]) -> str:
    if not command.startswith('"'):
        return command
    plain = command.count('"') == 2 and not re.search(r"[&<>()@^|]", command)
    inside = command[1:].partition('"')[0]
    if not strip and plain and re.search(r"\s", inside) and is_program(inside):
        return command
    last = command.rfind('"')
    return command[1:last] + command[last + 1 :] if last > 0 else command[1:]


class Shell:
    """One interpreter: its directory, environment and ERRORLEVEL. `batch` is the batch file that runs."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.host = process.host
        self.environment: EnvironmentBlock = process.environment
        self.directory = process.directory
        self.stdin: ByteReader = process.stdin
        self.stdout: ByteWriter = process.stdout
        self.stderr: ByteWriter = process.stderr
        self._error_level = 0
        self.return_code = 0
        """What the last command returned: cmd ends with it. ERRORLEVEL may be older (echo leaves it alone)."""
        self.delayed = False
        self.echo = True
        self.batch: BatchFile | None = None
        self.stack: list[str] = []
        self.loop_variables: dict[str, str] = {}

    @property
    def error_level(self) -> int:
        return self._error_level

    @error_level.setter
    def error_level(self, code: int) -> None:
        self._error_level = self.return_code = code

    # ---- lines --------------------------------------------------------------------------------------

    def run_line(self, line: str) -> None:
        """Expands, parses and runs one line. Raises Exit."""
        self.process.check()
        try:
            node = Parser(expand_percent(line, self.variable, self.batch)).parse()
        except CmdSyntaxError as error:
            self.error(f"{error} was unexpected at this time.")
            self.error_level = 255
            return
        if node is not None:
            self.run(node)

    def run(self, node: Node) -> None:
        if isinstance(node, Simple):
            self._with_redirects(node.redirects, lambda: self._simple(node.text))
        elif isinstance(node, Group):
            self._with_redirects(node.redirects, lambda: self.run(node.body))
        elif isinstance(node, Joined):
            self._joined(node)
        elif isinstance(node, If):
            self._if(node)
        else:
            self._for(node)

    def _joined(self, node: Joined) -> None:
        if node.operator == "|":
            self._pipe(node)
            return
        self.run(node.left)
        if node.operator in ("&", "\n") or (node.operator == "&&") == (self.error_level == 0):
            self.run(node.right)

    def _pipe(self, node: Joined) -> None:
        """Both sides run as processes of their own: what they set stays with them."""
        kept = ByteWriter()
        left, right = self._branch(), self._branch()
        left.stdout = kept
        left.run(node.left)
        right.stdin = ByteReader(kept.getvalue())
        right.run(node.right)
        self._error_level, self.return_code = right.error_level, right.return_code

    def _branch(self) -> Shell:
        branch = Shell(self.process)
        branch.environment = EnvironmentBlock(self.environment)
        branch.directory, branch.stdin, branch.stdout, branch.stderr = (
            self.directory,
            self.stdin,
            self.stdout,
            self.stderr,
        )
        branch.delayed, branch.batch, branch._error_level = self.delayed, self.batch, self.error_level
        branch.loop_variables = dict(self.loop_variables)
        return branch

    # ---- if and for ---------------------------------------------------------------------------------

    def _if(self, node: If) -> None:
        if self._holds(node) != node.negated:
            self.run(node.then)
        elif node.otherwise is not None:
            self.run(node.otherwise)

    def _holds(self, node: If) -> bool:
        kind, *rest = node.condition
        words = [self._loop_expand(word) for word in rest]
        if kind == "exist":
            return bool(self.glob(words[0].strip('"')))
        if kind == "defined":
            return words[0] in self.environment
        if kind == "errorlevel":
            return self.error_level >= int(words[0])
        if kind == "cmdextversion":
            return int(words[0]) <= 2
        left, operator, right = words
        if node.ignore_case:
            left, right = left.lower(), right.lower()
        if operator == "==":
            return left == right
        order = _compare(left.strip('"'), right.strip('"'))
        return {
            "equ": order == 0, "neq": order != 0, "lss": order < 0,
            "leq": order <= 0, "gtr": order > 0, "geq": order >= 0,
        }[operator]  # fmt: skip

    def _for(self, node: For) -> None:
        for values in self._for_items(node):
            saved = dict(self.loop_variables)
            for offset, value in enumerate(values):
                self.loop_variables[chr(ord(node.variable) + offset)] = value
            self.run(node.body)
            self.loop_variables = saved

    def _for_items(self, node: For) -> list[list[str]]:
        items = self._loop_expand(node.items)
        if node.kind == "l":
            first, step, last = (int(n) for n in re.split(r"[,\s]+", items.strip()))
            if step == 0:
                raise NotModelled("for /l with a step of 0, which never ends")
            return [[str(n)] for n in range(first, last + (1 if step > 0 else -1), step)]
        if node.kind == "f":
            return self._for_file(node.options, items)
        if node.kind not in ("", "d"):
            raise NotModelled(f"for /{node.kind}")
        found: list[list[str]] = []
        for word in cmd_builtins.words(items):
            if re.search(r"[*?]", word):
                matches = self.glob(word.strip('"'))
                found += [[m] for m in matches if self.host.files.is_directory(self.full(m)) == (node.kind == "d")]
            else:
                found.append([word])
        return found

    def _for_file(self, options: str, items: str) -> list[list[str]]:
        settings = _for_options(options)
        source = items.strip()
        if source.startswith("'") and source.endswith("'"):
            branch = self._branch()
            branch.stdout = ByteWriter()
            branch.run_line(source[1:-1])
            text = read_text(self.process, branch.stdout.getvalue())
        elif source.startswith('"') and "usebackq" not in options:
            text = source.strip('"')
        else:
            text = read_text(self.process, self.host.files.read(self.full(source.strip('"'))))
        rows = []
        for line in text.split("\n")[settings.skip :]:
            if line.strip() and not line.startswith(settings.eol or "\0"):
                rows.append(settings.split(line))
        return rows

    # ---- one command --------------------------------------------------------------------------------

    def _simple(self, text: str) -> None:
        text = self._loop_expand(text)
        if self.delayed:
            text = expand_delayed(text, self.variable)
        if not text:
            return
        self.return_code = 0
        name, rest = _command_name(text)
        builtin = cmd_builtins.BUILTINS.get(name.lower())
        if builtin is not None:
            builtin(self, rest)
            return
        if re.fullmatch(r"[A-Za-z]:", name):
            if not self.host.files.is_directory(name + "\\"):
                self.error("The system cannot find the drive specified.")
                self.error_level = 1
            return
        self.run_program(text)

    def run_program(self, text: str) -> None:
        """Finds and runs a program or batch file; waits for it unless it has windows (as cmd in a console does not)."""
        name, rest = _program_name(text)
        file = self.find_program(name)
        if file is None:
            self.error(
                f"'{name}' is not recognized as an internal or external command,\noperable program or batch file."
            )
            self.error_level = NOT_FOUND
            self.return_code = 1  # so `cmd /c nosuch` ends with 1
            return
        if file.lower().endswith((".bat", ".cmd")):
            self.run_batch(file, rest, called=False)
            return
        line = text if name == text[: len(name)] else f'"{name}"{rest}'
        self.error_level = self.run_file(file, line)

    def run_file(self, file: str, line: str) -> int:
        try:
            child = self.host.start(
                line,
                application=file,
                environment=self.environment,
                directory=self.directory,
                stdin=self.stdin,
                stdout=self.stdout,
                stderr=self.stderr,
                parent=self.process,
            )
        except Win32Failure as failure:
            texts = {
                193: "This version of %1 is not compatible with the version of Windows you're running.",
                5: "Access is denied.",
            }
            self.error(texts.get(failure.code, failure.message).replace("%1", file))
            return {5: 1, 193: 216}.get(failure.code, failure.code)
        while not child.wait(0.5 * self.host.clock.speed):
            if self.process.killed.is_set():
                child.kill(tree=True)
                self.process.check()
        assert child.exit_code is not None
        return child.exit_code

    def run_batch(self, file: str, rest: str, *, called: bool) -> None:
        """Runs a batch file in this shell; without `call` the rest of the calling file is never reached."""
        outer = self.batch
        self.batch = BatchFile(
            file, [file, *cmd_builtins.words(rest)], read_text(self.process, self.host.files.read(file))
        )
        try:
            self.batch.run(self)
        except Exit as done:
            if not done.batch_only:
                raise
            self.error_level = done.code
        finally:
            self.batch = outer
        if outer is not None and not called:
            raise Exit(self.error_level, batch_only=True)

    def find_program(self, name: str) -> str | None:
        """The file cmd runs for a name: current directory, then PATH, with PATHEXT's endings if it has none."""
        endings = [e for e in self.environment.get("PATHEXT", PATHEXT).split(";") if e]
        has_ending = any(name.lower().endswith(e.lower()) for e in endings)
        names = [name] if has_ending else [name + e.lower() for e in endings]
        if re.search(r"[\\/:]", name):
            folders = [""]
        else:
            path = self.environment.get("PATH", "")
            folders = [self.directory, *(p.strip().strip('"') for p in path.split(";") if p.strip())]
        for folder in folders:
            for candidate in names:
                full = self.full(candidate if not folder else paths.join(folder, candidate))
                entry = self.host.files.entry(full)
                if entry is not None and not entry.is_directory:
                    return entry.full_path
        return None

    # ---- redirections -------------------------------------------------------------------------------

    def _with_redirects(self, redirects: tuple[Redirect, ...], action: Callable[[], None]) -> None:
        saved = (self.stdin, self.stdout, self.stderr)
        try:
            for redirect in redirects:
                if not self._redirect(redirect):
                    self.error_level = 1
                    return
            action()
        finally:
            self.stdin, self.stdout, self.stderr = saved

    def _redirect(self, redirect: Redirect) -> bool:
        if redirect.to is not None:
            writer = self.stdout if redirect.to == 1 else self.stderr
            if redirect.handle == 1:
                self.stdout = writer
            else:
                self.stderr = writer
            return True
        target = self._loop_expand(redirect.target)
        if target.lower() in ("nul", "nul:", "con"):
            self._set_handle(redirect.handle, ByteWriter(lambda data: None), ByteReader())
            return True
        full = self.full(target)
        try:
            if redirect.kind == "<":
                self.stdin = ByteReader(self.host.files.read(full))
                return True
            self.host.files.write(full, b"", append=redirect.kind == ">>")
        except Win32Failure as failure:
            self.error(failure.message)
            return False
        self._set_handle(redirect.handle, ByteWriter(lambda data: self.host.files.write(full, data, append=True)), None)
        return True

    def _set_handle(self, handle: int, writer: ByteWriter, reader: ByteReader | None) -> None:
        if handle == 0:
            self.stdin = reader or ByteReader()
        elif handle == 1:
            self.stdout = writer
        else:
            self.stderr = writer

    # ---- for the built-in commands ------------------------------------------------------------------

    def print(self, text: str = "", end: str = "\n") -> None:
        self._write(self.stdout, text + end)

    def error(self, text: str) -> None:
        self._write(self.stderr, text + "\n")

    def _write(self, writer: ByteWriter, text: str) -> None:
        writer.write(text.replace("\r\n", "\n").replace("\n", "\r\n").encode(encoding_of(self.process), "replace"))

    def full(self, path: str) -> str:
        return paths.absolute(path.replace("/", "\\"), self.directory)

    def glob(self, pattern: str) -> list[str]:
        """What a path with wildcards in its last part finds, spelled as the pattern is; a plain path if it exists."""
        plain = pattern.replace("/", "\\")
        if not re.search(r"[*?]", plain):
            return [plain] if self.host.files.exists(self.full(plain.rstrip("\\") or plain)) else []
        folder, _, last = plain.rpartition("\\")
        where = self.full(folder + "\\" if folder.endswith(":") else folder or ".")
        if not self.host.files.is_directory(where):
            return []
        wanted = last.lower().replace("*.*", "*")
        found = [e for e in self.host.files.list(where) if fnmatch.fnmatchcase(e.name.lower(), wanted)]
        return [f"{folder}\\{e.name}" if folder else e.name for e in found]

    def variable(self, name: str) -> str | None:
        """A variable, or one of those that cmd makes up."""
        if name in self.environment:
            return self.environment[name]
        upper = name.upper()
        if upper == "CD":
            return self.directory
        if upper == "ERRORLEVEL":
            return str(_signed(self.error_level))
        if upper == "DATE":
            return self.host.clock.now().strftime("%a %m/%d/%Y")
        if upper == "TIME":
            return self.host.clock.now().strftime("%H:%M:%S.%f")[:-4]
        if upper == "RANDOM":
            return str(self.host.random.randrange(32768))
        if upper == "CMDCMDLINE":
            return self.process.command_line
        return None

    def _loop_expand(self, text: str) -> str:
        if "%" not in text or not self.loop_variables:
            return text

        def value(found: re.Match[str]) -> str:
            text = self.loop_variables.get(found[2])
            if text is None:
                return found[0]
            return cmd_builtins.modified(text, found[1], self)

        return re.sub(
            r"%%?(?:~([fdpnxs]*))?([A-Za-z])", lambda m: value(m) if m[2] in self.loop_variables else m[0], text
        )


def _command_name(text: str) -> tuple[str, str]:
    """`echo.x`, `cd\\`, `dir/b`: the name of a built-in command ends at the first of these characters."""
    found = re.match(r'^"?([^\s/\\:.,;=+\[("]+)', text)
    if not found:
        return text, ""
    name = found[1]
    if name.lower() in cmd_builtins.BUILTINS and not text.startswith('"'):
        return name, text[found.end() :]
    return _program_name(text)


def _program_name(text: str) -> tuple[str, str]:
    if text.startswith('"'):
        end = text.find('"', 1)
        end = len(text) if end < 0 else end
        return text[1:end], text[end + 1 :]
    found = re.match(r"^[^\s,;=/]+(?:/(?=[^\s]*\\)[^\s,;=]*)?", text)
    return (found[0], text[found.end() :]) if found else (text, "")


class _ForOptions:
    def __init__(self, tokens: list[int], star: bool, delimiters: str, skip: int, eol: str) -> None:
        self.tokens, self.star, self.delimiters, self.skip, self.eol = tokens, star, delimiters, skip, eol

    def split(self, line: str) -> list[str]:
        if not self.delimiters:
            return [line]
        parts = [p for p in re.split(f"[{re.escape(self.delimiters)}]+", line.strip(self.delimiters)) if p]
        values = [parts[i - 1] if i <= len(parts) else "" for i in self.tokens]
        if self.star:
            rest = line.lstrip(self.delimiters)
            for _ in range(max(self.tokens, default=0)):
                rest = re.sub(f"^[^{re.escape(self.delimiters)}]*[{re.escape(self.delimiters)}]*", "", rest, count=1)
            values.append(rest)
        return values


def _for_options(text: str) -> _ForOptions:
    delimiters, skip, eol = " \t", 0, ";"
    found = re.search(r"delims=(.*)$", text)
    if found:
        delimiters = found[1].split(" tokens=")[0] if "tokens=" in found[1] else found[1]
        text = text[: found.start()]
    tokens: list[int] = [1]
    star = False
    for word in text.split():
        name, _, value = word.partition("=")
        if name == "tokens":
            star = value.endswith("*")
            tokens = []
            for part in value.rstrip("*").strip(",").split(","):
                first, dash, last = part.partition("-")
                if part:
                    tokens += list(range(int(first), int(last) + 1)) if dash else [int(first)]
        elif name == "skip":
            skip = int(value)
        elif name == "eol":
            eol = value
        elif name != "usebackq":
            raise NotModelled(f'for /f "{word}"')
    return _ForOptions(tokens, star, delimiters, skip, eol)


def _compare(left: str, right: str) -> int:
    """Numbers by value if both are some (decimal, 0x, octal), else texts."""
    try:
        one, two = int(left, 0), int(right, 0)
    except ValueError:
        return (left > right) - (left < right)
    return (one > two) - (one < two)


def _signed(code: int) -> int:
    return code - (1 << 32) if code >= 1 << 31 else code
