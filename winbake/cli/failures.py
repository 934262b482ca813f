"""Errors as a person sees them: what happened, where, and what to do next."""

from __future__ import annotations

import json
import sys
from typing import Any

from winbake.config.errors import ConfigError
from winbake.engine.errors import EngineError
from winbake.hosts.errors import HostError


def words_of(error: BaseException) -> tuple[str, str] | None:
    """(what happened, what to do next) of an error that winbake knows; None for any other."""
    if isinstance(error, ConfigError):
        return str(error), ""
    if isinstance(error, EngineError):
        return error.what, error.next_step
    if isinstance(error, HostError):
        return f"{error.host}: {error.what}", error.next_step
    return None


def show_failure(error: BaseException) -> int | None:
    """Prints a known error to standard error and gives the exit code; None if it is not one."""
    words = words_of(error)
    if words is None:
        return None
    what, next_step = words
    print(what, file=sys.stderr)
    if next_step:
        print(f"  Next: {next_step}", file=sys.stderr)
    return 1


def print_json(body: Any) -> None:
    print(json.dumps(body, ensure_ascii=False, indent=2))
