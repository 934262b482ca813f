"""Which stations are meant: --count, --limit ws03,ws05-ws07, --until 18:00."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import ValidationError

from winbake.config.classroom import Classroom
from winbake.config.errors import nearest
from winbake.engine.errors import EngineError

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)")


def counted(classroom: Classroom, count: int | None) -> Classroom:
    """The classroom with so many stations, checked as the manifest's own is. Raises EngineError."""
    if count is None:
        return classroom
    try:
        return Classroom.model_validate({**classroom.model_dump(), "count": count})
    except ValidationError as error:
        told = "; ".join(str(one["msg"]).removeprefix("Value error, ") for one in error.errors())
        raise EngineError(f"--count {count}: {told}", "look at classroom: in the manifest") from error


def chosen(limit: str | None, known: Iterable[str]) -> list[str]:
    """The names that a limit leaves, in the order of `known`: names, wildcards and ranges. Raises EngineError."""
    names = list(known)
    if not limit:
        return names
    wanted: set[str] = set()
    for part in (one.strip() for one in limit.split(",") if one.strip()):
        found = _matching(part, names)
        if not found:
            raise EngineError(f"--limit: there is no station {part}{nearest(part, names)}", "bake.py clones list")
        wanted |= set(found)
    return [name for name in names if name in wanted]


def _matching(part: str, names: list[str]) -> list[str]:
    found = [name for name in names if fnmatch.fnmatchcase(name.lower(), part.lower())]
    if found or "-" not in part:
        return found
    for at, character in enumerate(part):  # a name may hold a hyphen itself
        first, last = part[:at], part[at + 1 :]
        if character == "-" and first in names and last in names:
            return names[names.index(first) : names.index(last) + 1]
    return []


def until(text: str | None, now: datetime | None = None) -> datetime | None:
    """The next time that the clock here shows this, aware. Raises EngineError."""
    if text is None:
        return None
    found = _CLOCK.fullmatch(text.strip())
    here = (now or datetime.now()).astimezone()
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise EngineError(f"--until {text} is no time of day", "write it as --until 18:00")
    at = here.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
    return at if at > here else at + timedelta(days=1)
