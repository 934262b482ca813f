"""Who watches the statements that run: a coverage tool. Nobody, by default, and then it costs nothing at run time.

    observe(lambda node: lines.add(node.line))

The compiler asks once for each block of statements, when it compiles it: blocks that were compiled while nobody
watched stay unwatched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from winbake.rehearsal.powershell.syntax import Statement

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.compile.core import Out, Run
    from winbake.rehearsal.powershell.running.frame import Frame

Observer = Callable[[Statement], None]
_observer: Observer | None = None


def observe(observer: Observer | None) -> Observer | None:
    """From now on `observer` is called before each statement of what is compiled; None: nobody is. Gives who watched
    until now."""
    global _observer
    before, _observer = _observer, observer
    return before


def watched(run: Run, node: Statement) -> Run:
    """The statement itself, or one that tells the observer first."""
    observer = _observer
    if observer is None:
        return run

    def run_watched(f: Frame, out: Out) -> None:
        observer(node)
        run(f, out)

    return run_watched
