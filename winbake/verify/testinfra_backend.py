"""A backend of testinfra for Windows hosts. Its `host` asks through `Answers`, so that all tests cost few requests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from functools import partial
from typing import Any

from testinfra.backend.base import BaseBackend, CommandResult
from testinfra.host import Host

from winbake.hosts.errors import TimeLimit
from winbake.verify import windows
from winbake.verify.answers import Answers, Anything
from winbake.verify.checks import COMMAND_LIMIT
from winbake.verify.reading import Question

MOST_OUTPUT = 100_000
"""Characters of each stream that a command's result holds."""
_FOR_CMD = set("&|<>^()")


class _Module(partial[Any]):
    """What `host.file` is: called with a name, it gives the thing. Its own class for what pytest shows of it."""

    def __repr__(self) -> str:
        return f"<{self.func.__name__}>"


class WindowsBackend(BaseBackend):  # type: ignore[misc]
    """One host. Where testinfra's own modules cannot read Windows, those of windows.py do, under the same names."""

    NAME = "winbake"

    def __init__(self, name: str, answers: Answers) -> None:
        super().__init__(name)
        self.answers = answers

    def set_host(self, host: Host) -> None:
        super().set_host(host)
        ask = self.answers.ask
        for name, kind in {
            "file": windows.File,
            "shortcut": windows.Shortcut,
            "service": windows.Service,
            "user": windows.User,
            "group": windows.Group,
            "package": windows.Package,
            "registry": windows.RegistryKey,
            "firewall_rule": windows.FirewallRule,
            "socket": windows.Socket,
        }.items():
            setattr(host, name, _Module(kind, ask))
        host.environment = windows.Environment(ask)
        host.firewall = windows.Firewall(ask)
        host.process = windows.Processes(ask)
        host.exists = self.exists
        host.find_command = self.find_command

    def run(self, command: str, *args: str, **kwargs: Any) -> CommandResult:
        """A line for cmd.exe, run with the participant's variables; `limit=` seconds, else 60.

        The same line is run once in a session, however often tests ask. Raises TimeLimit when it had to be ended.
        """
        line, limit = self.quote(command, *args), int(kwargs.get("limit", COMMAND_LIMIT))
        answer = self.answers.ask(Question.of("command", line=line, limit=limit, most=MOST_OUTPUT))
        if not answer["ended"]:
            next_step = "try it in a session on the host, or give it longer: host.run(…, limit=300)"
            what = f"{line}: still running after {limit} s, so it was ended"
            raise TimeLimit(what, self.hostname, next_step, seconds=limit)
        return self.result(answer["exit_code"], line.encode("utf-8"), answer["stdout"], answer["stderr"])

    def exists(self, command: str) -> bool:
        """Whether a new process of the participant would find this program on PATH."""
        return bool(self._found(command))

    def find_command(self, command: str, extrapaths: Iterable[str] = ()) -> str:
        """Where it would find it. Raises ValueError if nowhere. extrapaths: folders that are looked in after PATH."""
        for name in (command, *(rf"{folder}\{command}" for folder in extrapaths)):
            found = self._found(name)
            if found:
                path: str = found[0]
                return path
        raise ValueError(f"no {command} on the participant's PATH on {self.hostname}")

    def _found(self, command: str) -> Any:
        return self.answers.ask(Question.of("program", name=command))["paths"]

    @property
    def encoding(self) -> str:
        return "utf-8"

    @staticmethod
    def quote(command: str, *args: str) -> str:
        """Fills `%s` with arguments, each quoted as Windows programs take their command line apart."""
        return command % tuple(_quoted(one) for one in args) if args else command


def _quoted(argument: str) -> str:
    if isinstance(argument, Anything):
        return str(argument)  # says that the question cannot be foreseen
    plain = subprocess.list2cmdline([argument])
    return f'"{plain}"' if _FOR_CMD & set(plain) and not plain.startswith('"') else plain
