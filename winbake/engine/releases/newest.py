"""Per tool: the version here, the newest one, who said so and when, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from winbake.config.manifest import Tool
from winbake.config.versions import compare_versions
from winbake.engine.errors import EngineError
from winbake.engine.releases.answers import Answer, Answers
from winbake.engine.releases.files import Files
from winbake.engine.releases.online import Online
from winbake.engine.releases.question import Question, page_of, questions_of

State = Literal["newest", "newer", "not asked yet", "cannot be asked", "failed"]


@dataclass(frozen=True)
class Outcome:
    """newest: None if nobody said. asked: seconds since 1970, None for files. problem: why nobody (or only an old
    answer) said it. todo: for a person."""

    tool: str
    here: str
    state: State
    newest: str | None = None
    source: str = ""
    asked: float | None = None
    problem: str = ""
    todo: str = ""


class Asking:
    """Asks about tools: files first, then answers kept, then the sources themselves unless offline."""

    def __init__(self, answers: Answers, files: Files, *, offline: bool = False, again: bool = False) -> None:
        self.answers = answers
        self.files = files
        self.online = None if offline else Online()
        self.again = again

    def about(self, tool_id: str, tool: Tool) -> Outcome:
        """Never raises for a source that cannot be asked: the outcome says so."""
        questions = questions_of(tool)
        page = page_of(tool)
        if not questions:
            why = "fetched by hand" if tool.source.media else "the manifest names no releases to ask"
            return Outcome(tool_id, tool.version, "cannot be asked", problem=why, todo=f"see {page}" if page else "")
        problems: list[str] = []
        for question in questions:
            try:
                tags, asked, late = self._tags(question)
            except EngineError as error:
                problems.append(f"{error.what}; {error.next_step}" if error.next_step else error.what)
                continue
            if tags is None:
                continue
            newest = question.newest(tags)
            if newest is None:
                problems.append(f"{question.words}: none of {len(tags)} releases fits the tag {question.tag}")
                continue
            newer = compare_versions(newest, tool.version) > 0
            words = question.words + (" (files)" if asked is None else "")
            todo = what_to_do(tool_id, tool) if newer else ""
            state: State = "failed" if late else "newer" if newer else "newest"
            return Outcome(tool_id, tool.version, state, newest, words, asked, late, todo)
        first = questions[0].words
        if problems:
            return Outcome(tool_id, tool.version, "failed", source=first, problem=problems[0])
        return Outcome(tool_id, tool.version, "not asked yet", source=first, todo="run outdated with a network")

    def _tags(self, question: Question) -> tuple[list[str] | None, float | None, str]:
        """(tags, when asked, why the answer is an old one). Tags None: not known and not to be asked."""
        in_files = self.files.ask(question)
        if in_files:
            return in_files, None, ""
        kept = self.answers.get(question.key)
        if self.online is None or (kept is not None and kept.fresh and not self.again):
            return (kept.tags, kept.asked, "") if kept is not None else (None, None, "")
        try:
            answer: Answer = self.answers.put(question.key, self.online.ask(question))
        except EngineError as error:
            if kept is None:
                raise
            return kept.tags, kept.asked, f"{error.what}; {error.next_step}"
        return answer.tags, answer.asked, ""


def follows_version(tool: Tool) -> bool:
    """Whether the tool's address can be filled in for another version, or is the same for every version."""
    url = tool.source.url
    if url is None:
        return False
    return ("{{" in url and "version" in url) or (tool.source.signer is not None and tool.source.sha256 is None)


def what_to_do(tool_id: str, tool: Tool) -> str:
    if follows_version(tool):
        return f"lock --upgrade {tool_id}"
    page = page_of(tool)
    why = "fetch it by hand" if tool.source.media else "its address does not follow the version: edit it"
    return f"{why}, see {page}" if page else why
