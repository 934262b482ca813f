"""A host with an endpoint and a small command processor of its own, so that WinRM is tested by itself.

The real cmd.exe of the model is not needed: the host's ComSpec names the program below, which knows a few verbs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.programs import program
from winbake.rehearsal.winrm import Endpoint

PASSWORD = "Canary-7xK!q2"
STAGE_SHELL = r"C:\Windows\System32\winrm-stage.exe"


@program(STAGE_SHELL)
def stage_shell(process: Process) -> int:
    """`winrm-stage.exe /C VERB ARGUMENTS`."""
    verb, _, rest = process.command_line.partition(" /C ")[2].partition(" ")
    if verb == "echo":
        process.write_line(rest, encoding="utf-8")
        return 0
    if verb == "fail":  # fail CODE: a line on each stream, then the code
        process.write_line("to stdout")
        process.write_line("to stderr", error=True)
        return int(rest)
    if verb == "cat":
        process.stdout.write(process.stdin.readall())
        return 0
    if verb == "count":  # how many bytes came in
        process.write_line(str(len(process.stdin.readall())))
        return 0
    if verb == "big":  # big BYTES
        left = int(rest)
        while left:
            size = min(left, 70_000)
            process.stdout.write(b"0123456789" * (size // 10) + b"x" * (size % 10))
            left -= size
        return 0
    if verb == "ticks":  # ticks COUNT SECONDS: a line every so often
        count, pause = rest.split()
        for number in range(int(count)):
            process.write_line(f"tick {number}")
            process.sleep(float(pause))
        return 0
    if verb == "sleep":
        process.sleep(float(rest))
        return 0
    if verb == "stubborn":  # does not read its input and ends at once
        return 9
    if verb == "set":
        process.write_line(process.environment.get(rest, "(none)"))
        return 0
    if verb == "cd":
        process.write_line(process.directory)
        return 0
    if verb == "powershell.exe":  # says what the test put into a machine variable
        process.write_line(process.environment.get("POWERSHELL_ANSWER", ""))
        return 0
    if verb == "child":  # starts a program that outlives it
        process.host.start(f"{STAGE_SHELL} /C sleep 60", parent=process)
        return 0
    process.write_line(f"'{verb}' is not recognized as an internal or external command,", error=True)
    return 1


@contextmanager
def endpoint(name: str = "stage", **settings: object) -> Iterator[Endpoint]:
    """A fresh host whose WinRM shells run the stage's command processor."""
    host = WindowsHost(name)
    host.environment.set_machine("ComSpec", STAGE_SHELL)
    with Endpoint(host, users={"Administrator": PASSWORD}, **settings) as running:  # type: ignore[arg-type]
        yield running
    host.power.stop_now()


def running(endpoint: Endpoint) -> int:
    """How many of the stage's programs run on the host."""
    return len(endpoint.host.processes.named("winrm-stage.exe"))
