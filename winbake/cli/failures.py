"""Errors as a person sees them: what happened, where, and what to do next."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from typing import Any

import click

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


@contextlib.contextmanager
def needs_extra(verb: str) -> Iterator[None]:
    """Around imports: a library that is not installed is named, with the extra that brings it."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("winbake"):
            raise
        raise click.ClickException(
            f"{missing.name} is not installed, which {verb} needs\n  Next: python -m pip install -e '.[rehearsal]'"
        ) from None


def show_failure(error: BaseException) -> int:
    """Prints an error to standard error, gives the exit code. A fault of winbake itself leaves its trace in a file."""
    words = words_of(error) or (f"winbake itself failed: {type(error).__name__}: {error}", _keep_trace(error))
    what, next_step = words
    print(what, file=sys.stderr)
    if next_step:
        print(f"  Next: {next_step}", file=sys.stderr)
    return 1


def _keep_trace(error: BaseException) -> str:
    """Writes the traceback where a person can pick it up, and says where."""
    handle, name = tempfile.mkstemp(prefix="winbake-fault-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("".join(traceback.format_exception(error)))
    return f"this is a fault of winbake, please report it with {name}"


def print_json(body: Any) -> None:
    print(json.dumps(body, ensure_ascii=False, indent=2))
