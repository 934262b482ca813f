"""Answers kept on disk with their time, so that outdated works offline and GitHub is not asked more than it likes."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

FRESH_SECONDS = 3600.0  # so long an answer is not asked for again; GitHub allows 60 questions an hour without a token


class Answer(BaseModel):
    """tags: as the source writes them. asked: seconds since 1970."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    tags: list[str]
    asked: float

    @property
    def fresh(self) -> bool:
        return 0 <= time.time() - self.asked < FRESH_SECONDS


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    answers: dict[str, Answer] = {}


class Answers:
    """One JSON file. `damaged`: it could not be read and is begun anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = False
        self._lock = threading.Lock()
        try:
            self._file = _File.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            self._file = _File()
        except (ValidationError, OSError):
            self._file, self.damaged = _File(), True

    def get(self, key: str) -> Answer | None:
        return self._file.answers.get(key)

    def put(self, key: str, tags: list[str]) -> Answer:
        answer = Answer(tags=tags, asked=time.time())
        with self._lock:
            self._file.answers[key] = answer
        return answer

    def save(self) -> None:
        """Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        beside.write_text(self._file.model_dump_json(), encoding="utf-8")
        beside.replace(self.path)


def age_in_words(moment: float) -> str:
    """`now`, `12 min ago`, `3 days ago`. moment: seconds since 1970."""
    seconds = max(0.0, time.time() - moment)
    for unit, name in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= unit:
            count = int(seconds // unit)
            return f"{count} {'day' if name == 'days' and count == 1 else name} ago"
    return "now"
