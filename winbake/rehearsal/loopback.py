"""Networks of 127.0.0.0/8 for simulated hosts, so that two rehearsals on one machine keep apart."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Self

MARK_PORT = 47001
"""By which a running rehearsal keeps its network from others."""


class TakenNetwork:
    """127.31, or the next one that no other rehearsal on this machine has: a listening socket is the mark."""

    def __init__(self) -> None:
        """Raises OSError where none is free."""
        for second in (31, *range(101, 250)):
            mark = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                mark.bind((f"127.{second}.255.254", MARK_PORT))
                mark.listen(1)
            except OSError:
                mark.close()
                continue
            self.prefix, self._mark = f"127.{second}", mark
            return
        raise OSError("no network of 127.0.0.0/8 is free for the rehearsal's hosts")

    def close(self) -> None:
        self._mark.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
