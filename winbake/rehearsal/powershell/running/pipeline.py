"""Running pipelines: objects are pushed one by one from command to command, so that everything streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.errors import FlowControl, NetError, ScriptError, StopUpstream

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.running.frame import Frame
    from winbake.rehearsal.powershell.running.streams import Streams
    from winbake.rehearsal.powershell.session import Session

Out = Callable[[Any], None]


class DownstreamFailure(FlowControl):
    """An error of a later command on its way through the earlier ones: no `catch` of theirs can take it."""

    def __init__(self, error: BaseException, pipeline: Pipeline) -> None:
        self.error = error
        self.pipeline = pipeline


class Stage:
    """One command of a running pipeline."""

    def __init__(self, session: Session, f: Frame) -> None:
        self.session = session
        self.caller = f
        self.pipeline: Pipeline
        self.streams: Streams = session.streams
        self.emit: Out
        self.began = False
        self.expects_input = False
        self.native_error = False
        """Whether the error stream is redirected, which changes what stderr of native programs does."""
        self.command: Any = None
        """What StopUpstream names: the Cmdlet."""

    def prepare(self) -> None:
        """Binds the command line."""

    def begin(self) -> None:
        pass

    def process(self, item: Any) -> None:
        pass

    def process_alone(self) -> None:
        """The one call to process of a command that gets no pipeline input."""

    def end(self) -> None:
        pass

    def dispose(self) -> None:
        pass

    # ---- the entries, which switch streams and context

    def do_begin(self) -> None:
        if not self.began:
            self.began = True
            self._run(self.begin)

    def do_end(self) -> None:
        self._run(self.end)

    def _run(self, step: Callable[..., None], *arguments: Any) -> None:
        session = self.session
        streams = session.streams
        session.streams = self.streams
        try:
            step(*arguments)
        finally:
            session.streams = streams

    def receive(self, item: Any) -> None:
        """Takes one object from the command before. Its errors must not be caught there."""
        session = self.session
        streams, propagate = session.streams, session.propagate
        session.streams = self.streams
        session.propagate = self.pipeline.propagate
        try:
            if not self.began:
                self.began = True
                self.begin()
            self.process(item)
        except (ScriptError, NetError) as error:
            raise DownstreamFailure(error, self.pipeline) from error
        finally:
            session.streams = streams
            session.propagate = propagate


class Pipeline:
    """Stages in order, their common input and output."""

    def __init__(self, session: Session, stages: list[Stage], out: Out) -> None:
        self.session = session
        self.stages = stages
        self.out = out
        self.propagate = session.propagate
        self.failed = False
        last = len(stages) - 1
        for index, stage in enumerate(stages):
            stage.pipeline = self
            stage.emit = stages[index + 1].receive if index < last else out
            stage.expects_input = stage.expects_input or index > 0

    def run(self, source: Iterable[Any] | Callable[[Out], None] | None) -> None:
        """`source`: the objects that come in, or what writes them (an expression before the first command)."""
        try:
            self._run(source)
        except DownstreamFailure as failure:
            if failure.pipeline is not self:
                raise
            raise failure.error from None
        finally:
            for stage in self.stages:
                stage.dispose()

    def _run(self, source: Iterable[Any] | Callable[[Out], None] | None) -> None:
        stages = self.stages
        for stage in stages:
            stage.prepare()
        start = 0
        start = self._guarded(self._begin, start)
        if source is not None and start == 0:
            start = self._guarded(lambda: self._feed(source), start)
        elif source is None and start == 0:
            start = self._guarded(lambda: stages[0]._run(stages[0].process_alone), start)
        index = start
        while index < len(stages):
            current = stages[index]
            skipped = self._guarded(current.do_end, index)
            index = max(index + 1, skipped) if skipped > index else index + 1

    def _begin(self) -> None:
        for stage in self.stages:
            stage.do_begin()

    def _feed(self, source: Iterable[Any] | Callable[[Out], None]) -> None:
        first = self.stages[0]
        if callable(source):
            source(first.receive)
        else:
            for item in source:
                first.receive(item)

    def _guarded(self, step: Callable[[], None], start: int) -> int:
        """Runs a step; gives the index of the first stage that is still wanted."""
        try:
            step()
        except StopUpstream as stop:
            for index, stage in enumerate(self.stages):
                if stage.command is stop.command and stop.command is not None:
                    return index
            raise
        return start
