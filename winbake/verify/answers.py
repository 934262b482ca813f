"""What a test session knows of one host. Before the first answer is given, the tests are gone through without the host,
to learn what all of them will ask; then everything is read in one call.

In that first pass every answer is `Anything`: true, and equal to all it is compared with, so that a test goes on to its
next question; where an assertion fails of it, the test is tried again with the opposite. Where a test cannot go on
either way, it stops, and goes further in the next pass. What no pass foresaw is read when it is asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NoReturn

from winbake.config.errors import ConfigError
from winbake.engine.errors import AgentFailed, EngineError, FactsFailed
from winbake.hosts.errors import HostError
from winbake.verify.reading import Answer, Question, Reading

Trial = Callable[[], object]
"""A test with its arguments."""
PASSES = 3
"""Each pass may cost a call; a test that asks, looks, and asks again needs as many as it looks."""
MOST_WAYS = 50
"""How often a test is tried in one pass, each time with one guess changed."""
MOST_QUESTIONS = 200
"""Of one test in one pass: a loop that waits for something would never end."""


class Unforeseen(Exception):
    """A test cannot go on without the answer."""


class Guesses:
    """What a test was told where it decided by an answer that is not there yet, in order: true, until that failed."""

    def __init__(self) -> None:
        self._told: list[bool] = []
        self._next = 0

    def begin(self) -> None:
        """The test is tried (again)."""
        self._next = 0

    def tell(self) -> bool:
        if self._next == len(self._told):
            self._told.append(True)
        self._next += 1
        return self._told[self._next - 1]

    def change_last(self) -> bool:
        """Whether there is another way to try: with the opposite of what was told last."""
        del self._told[self._next :]
        if not self._told or not self._told[-1]:
            return False
        self._told[-1] = False
        return True


class Anything:
    """In place of an answer that is not there yet, and of all that is made of it."""

    def __init__(self, guesses: Guesses) -> None:
        self._guesses = guesses

    def __getattr__(self, name: str) -> Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def _self(self, *_: object, **__: object) -> Anything:
        return self

    def _told(self, *_: object) -> bool:
        return self._guesses.tell()

    def _unforeseen(self, *_: object) -> NoReturn:
        raise Unforeseen

    __call__ = __getitem__ = _self
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __or__ = __and__ = _self
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _told
    __bool__ = __contains__ = _told
    # A text, a number or a path made of it could become part of a question.
    __str__ = __format__ = __int__ = __index__ = __float__ = __fspath__ = __hash__ = __len__ = _unforeseen

    def __iter__(self) -> Iterator[Anything]:
        return iter((self,))


class Answers:
    """name: the host. read: asks it; it may raise HostError, EngineError or ConfigError. A host that failed once is not
    asked again."""

    def __init__(self, name: str, read: Callable[[Sequence[Question]], Reading]) -> None:
        self.name = name
        self._read = read
        self._known: dict[Question, Answer] = {}
        self._trials: list[Trial] = []
        self._noted: dict[Question, None] | None = None
        """What the tests asked in the pass that is under way; None outside."""
        self._guesses = Guesses()
        self._left = 0
        """How many questions the test that is tried may still ask."""
        self._failed: HostError | EngineError | ConfigError | None = None

    def expect(self, trials: Iterable[Trial]) -> None:
        """Tests that will run against this host."""
        self._trials += trials

    def forget(self) -> None:
        """All is read anew when it is asked: for a test that changes the host."""
        self._known.clear()
        self._trials.clear()

    def ask(self, question: Question) -> Any:
        """The host's answer. Raises FactsFailed if it could not be read, and what ended the talk with the host."""
        if self._noted is not None and question not in self._known:
            self._left -= 1
            if self._left < 0:
                raise Unforeseen
            self._noted[question] = None
            return Anything(self._guesses)
        if question not in self._known:
            self._look_ahead()
        if question not in self._known:
            self._fetch([question])
        answer = self._known[question]
        if answer.error:
            raise FactsFailed(f"{self.name}: {_in_words(question)} could not be read: {answer.error}")
        return answer.value

    def _look_ahead(self) -> None:
        trials, self._trials = self._trials, []
        for _ in range(PASSES):
            noted: dict[Question, None] = {}
            trials = [trial for trial in trials if self._tried(trial, noted)]
            if not noted:
                return
            self._fetch(list(noted))

    def _tried(self, trial: Trial, noted: dict[Question, None]) -> bool:
        """Whether it asked something that is not known yet."""
        self._guesses, asked = Guesses(), False
        for _ in range(MOST_WAYS):
            self._noted, self._left = noted, MOST_QUESTIONS
            self._guesses.begin()
            again = self._failed_by_a_guess(trial) and self._guesses.change_last()
            self._noted = None
            asked = asked or self._left < MOST_QUESTIONS
            if not again:
                break
        return asked

    def _failed_by_a_guess(self, trial: Trial) -> bool:
        try:
            with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
                trial()
        except AssertionError:
            return True
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:
            # Whatever a test makes of answers that are none: its real run tells. pytest.skip() is no Exception.
            return False
        return False

    def _fetch(self, questions: list[Question]) -> None:
        if self._failed is not None:
            raise self._failed
        # What is quick to read is there even if the host goes in the middle of a command.
        questions.sort(key=lambda question: question.kind == "command")
        try:
            reading = self._read(questions)
        except (HostError, EngineError, ConfigError) as error:
            self._failed = error
            raise
        self._known.update(reading.answers)
        self._failed = reading.broken
        missing = [question for question in questions if question not in self._known]
        if missing:
            raise self._failed or AgentFailed(f"{self.name}: no answer about {_in_words(missing[0])}")


def _in_words(question: Question) -> str:
    arguments = dict(question.arguments)
    words = (arguments[name] for name in ("path", "line", "name", "key", "group") if name in arguments)
    return " ".join([question.kind, *map(str, words)])
