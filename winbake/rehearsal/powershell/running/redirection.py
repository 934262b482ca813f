"""Redirections of one command: into the success stream, into a file, into nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.binding.binder import Argument
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.pipeline import Pipeline, Stage

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.running.streams import Streams
    from winbake.rehearsal.powershell.session import Session

Out = Callable[[Any], None]


class Redirected:
    """The streams of one command under its redirections; `emit` is its success stream."""

    def __init__(self, session: Session, f: Frame, emit: Out) -> None:
        self.session = session
        self.frame = f
        self.emit = emit
        self.streams: Streams = session.streams.child()
        self.files: list[Pipeline] = []
        self.native_error = False

    def merge(self, number: int) -> None:
        self.streams[number] = lambda record: self.emit(record)
        self.streams.merged.add(number)
        if number == 2:
            self.native_error = True

    def to_file(self, numbers: list[int], path: str | None, append: bool) -> None:
        sink = self._discard if path is None else self._file(path, append)
        for number in numbers:
            if number == 1:
                self.emit = sink
            else:
                self.streams[number] = sink
                self.streams.merged.add(number)
                if number == 2:
                    self.native_error = True

    @staticmethod
    def _discard(record: Any) -> None:
        return None

    def _file(self, path: str, append: bool) -> Out:
        """Windows PowerShell hands `>` to Out-File."""
        arguments = [Argument("FilePath", path)]
        if append:
            arguments.append(Argument("Append", self.session.switch(True)))
        stage = self.session.make_stage(self.frame, "Out-File", arguments, False, None)
        pipeline = Pipeline(self.session, [stage], lambda item: None)
        stage.expects_input = True
        stage.prepare()
        stage.do_begin()
        self.files.append(pipeline)
        return stage.receive

    def close(self) -> None:
        """Ends the files; called when the command has ended, however it did."""
        for pipeline in self.files:
            for stage in pipeline.stages:
                stage.do_end()
                stage.dispose()


def redirect(stage: Stage, f: Frame, redirections: list[Callable[[Frame, Redirected], None]]) -> None:
    """Puts redirections on a stage; they come into force when its pipeline is put together."""
    original_prepare = stage.prepare
    original_dispose = stage.dispose
    targets: list[Redirected] = []

    def prepare() -> None:
        target = Redirected(stage.session, f, stage.emit)
        targets.append(target)
        for apply in redirections:
            apply(f, target)
        stage.streams = target.streams
        stage.emit = target.emit
        stage.native_error = target.native_error
        original_prepare()

    def dispose() -> None:
        original_dispose()
        for target in targets:
            target.close()

    stage.prepare = prepare  # type: ignore[method-assign]
    stage.dispose = dispose  # type: ignore[method-assign]
