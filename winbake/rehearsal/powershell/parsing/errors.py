"""Collecting parse errors."""

from __future__ import annotations

from winbake.rehearsal.powershell.parsing.messages import MESSAGES
from winbake.rehearsal.powershell.syntax import ParseError, Source


class ErrorList:
    """The errors of one parse, in the order they were found; the same error at the same place counts once
    (text that is read again in another mode reports again)."""

    def __init__(self) -> None:
        self.errors: list[ParseError] = []
        self._seen: set[tuple[str, int, int, int]] = set()

    def __len__(self) -> int:
        return len(self.errors)

    def add(self, error_id: str, source: Source, start: int, end: int, *arguments: str) -> None:
        key = (error_id, id(source), start, end)
        if key in self._seen:
            return
        self._seen.add(key)
        message = MESSAGES[error_id]
        for index, argument in enumerate(arguments):
            message = message.replace("{" + str(index) + "}", argument)
        message = message.replace("{{", "{").replace("}}", "}")
        limit = len(source.text)
        self.errors.append(ParseError(error_id, message, source, min(start, limit), min(max(start, end), limit)))
