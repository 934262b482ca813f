"""The built-in programs of the model (powershell.exe, cmd.exe, msiexec.exe …): Python functions by their path."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from winbake.rehearsal.windows.process import Process

log = logging.getLogger(__name__)
Program = Callable[["Process"], int]

PROGRAMS: dict[str, Program] = {}
"""Lower-case path → function. The function gets the process and returns its exit code."""

_SPELLED: dict[str, str] = {}
# Modules that register programs when imported.
_MODULES = (
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


def load_all() -> None:
    """Import every module that registers programs."""
    for name in _MODULES:
        try:
            importlib.import_module(name)
        except ImportError as missing:
            # A module that is still being written: its programs are then "not modelled".
            if missing.name is None or not (name.startswith(missing.name) or missing.name.startswith(name)):
                raise
            log.warning("programs of %s are missing: %s", name, missing)


def paths_of_programs() -> list[str]:
    """The paths of all registered programs, as their modules spell them."""
    return [_SPELLED[path] for path in PROGRAMS]
