"""The same work on several hosts at once; one broken host never hides the others; Ctrl-C ends all of them tidily."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from winbake.hosts.session import AgentSession

T = TypeVar("T")
AT_ONCE = 8


@dataclass
class Result(Generic[T]):
    """What one host gave: a value or an error."""

    host: str
    value: T | None = None
    error: BaseException | None = None


@dataclass
class Fleet:
    """Sessions that are open, so that an interrupt can reach them."""

    sessions: dict[str, AgentSession] = field(default_factory=dict)
    interrupted: bool = False

    def run(self, hosts: Iterable[str], work: Callable[[str], T]) -> list[Result[T]]:
        """The results in the order of the hosts. On Ctrl-C every host's command is ended, then their results are given
        as usual and `interrupted` is set."""
        names = list(hosts)
        pool = ThreadPoolExecutor(max_workers=min(AT_ONCE, max(1, len(names))))
        futures: dict[str, Future[T]] = {name: pool.submit(work, name) for name in names}
        try:
            self._wait(list(futures.values()))
        except KeyboardInterrupt:
            self.interrupted = True
            self.interrupt()
            self._wait(list(futures.values()))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return [_result(name, future) for name, future in futures.items()]

    def run_and_close(self, hosts: Iterable[str], work: Callable[[str], T]) -> list[Result[T]]:
        """The whole life of a fleet that has one thing to do. Raises KeyboardInterrupt after a Ctrl-C, tidily ended."""
        try:
            results = self.run(hosts, work)
        finally:
            self.close()
        if self.interrupted:
            raise KeyboardInterrupt
        return results

    def _wait(self, futures: list[Future[T]]) -> None:
        pending = set(futures)
        while pending:
            # A bounded wait, so that Ctrl-C is heard on every system.
            _, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)

    def interrupt(self) -> None:
        for session in list(self.sessions.values()):
            session.interrupt()

    def close(self) -> None:
        for session in self.sessions.values():
            session.close()
        self.sessions.clear()


def _result(name: str, future: Future[T]) -> Result[T]:
    error = future.exception()
    return Result(name, error=error) if error is not None else Result(name, future.result())
