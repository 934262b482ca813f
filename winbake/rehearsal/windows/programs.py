"""The built-in programs of the model (powershell.exe, cmd.exe, msiexec.exe …): Python functions by their path."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from winbake.rehearsal.windows.process import Process

Program = Callable[["Process"], int]

PROGRAMS: dict[str, Program] = {}
"""Lower-case path → function. The function gets the process and returns its exit code."""

STAND_IN_PROGRAMS: dict[str, Program] = {}
"""Name → function, for programs that a stand-in's file runs (`program: 7z`); no file of Windows' own."""

_SPELLED: dict[str, str] = {}
# Modules that register programs when imported.
_MODULES = (
    "winbake.rehearsal.windows.ec2launch",
    "winbake.rehearsal.windows.ec2launch_v1",
    "winbake.rehearsal.windows.sysprep",
    "winbake.rehearsal.windows.installers.cygwin",
    "winbake.rehearsal.windows.installers.msiexec",
    "winbake.rehearsal.windows.native",
    "winbake.rehearsal.powershell.console",
)


def program(*paths: str) -> Callable[[Program], Program]:
    """Register a built-in program under each of its full paths."""

    def register(function: Program) -> Program:
        for path in paths:
            PROGRAMS[path.lower()] = function
            _SPELLED[path.lower()] = path
        return function

    return register


def stand_in_program(name: str) -> Callable[[Program], Program]:
    """Register a function for the executables of stand-ins that name it."""

    def register(function: Program) -> Program:
        STAND_IN_PROGRAMS[name] = function
        return function

    return register


def load_all() -> None:
    """Import every module that registers programs."""
    for name in _MODULES:
        importlib.import_module(name)


def paths_of_programs() -> list[str]:
    """The paths of all registered programs, as their modules spell them."""
    return [_SPELLED[path] for path in PROGRAMS]
