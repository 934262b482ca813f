"""System.Threading.Mutex: named ones are the host's, and belong to the process that took them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from winbake.rehearsal.powershell.dotnet.registry import constructor, method, static
from winbake.rehearsal.powershell.dotnet.tasks import seconds_of
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, disposed
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.values import NetObject
from winbake.rehearsal.windows.process import Process

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

MUTEX = "System.Threading.Mutex"
_POLL_SECONDS = 0.02  # real time


class _State:
    """One kernel object: the process that owns it and how often it took it. `lock` guards both."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.owner: Process | None = None
        self.count = 0


_NAMED: WeakKeyDictionary[Any, dict[str, _State]] = WeakKeyDictionary()
_NAMED_LOCK = threading.Lock()


class Mutex(NetObject):
    net_type_name = MUTEX

    def __init__(self, session: Session, state: _State) -> None:
        self.session = session
        self.state = state
        self.closed = False

    def take(self) -> bool:
        """Tries once. Raises NetError AbandonedMutexException (and owns it) when its owner ended without release."""
        me = self.session.process
        with self.state.lock:
            owner = self.state.owner
            abandoned = owner is not None and owner is not me and owner.exit_code is not None
            if owner is not None and owner is not me and not abandoned:
                return False
            self.state.owner = me
            self.state.count = self.state.count + 1 if owner is me else 1
        if abandoned:
            raise NetError(
                "System.Threading.AbandonedMutexException", "The wait completed due to an abandoned mutex.", Mutex=self
            )
        return True

    def release(self) -> None:
        with self.state.lock:
            if self.state.owner is not self.session.process:
                raise NetError(
                    "System.ApplicationException",
                    "Object synchronization method was called from an unsynchronized block of code.",
                )
            self.state.count -= 1
            if self.state.count == 0:
                self.state.owner = None


def _named(session: Session, name: str) -> tuple[_State, bool]:
    """The host's object of that name and whether it was made now. `Local\\` is the session's own name space."""
    key = name.removeprefix("Local\\")
    with _NAMED_LOCK:
        known = _NAMED.setdefault(session.host, {})
        found = known.get(key)
        if found is not None:
            return found, False
        known[key] = made = _State()
        return made, True


@constructor(MUTEX)
def _new(owned: bool = False, name: str | None = None, created: Any = None, *rest: Any, session: Session) -> Mutex:
    state, is_new = _named(session, name) if name else (_State(), True)
    if created is not None and hasattr(created, "value"):
        created.value = is_new
    made = Mutex(session, state)
    if owned and is_new:
        made.take()
    return made


@static(MUTEX, "OpenExisting")
def _open_existing(name: str | None, rights: Any = None, *, session: Session) -> Mutex:
    if name is None:
        raise argument_null("name")
    found = _NAMED.get(session.host, {}).get(name.removeprefix("Local\\"))
    if found is None:
        raise NetError(
            "System.Threading.WaitHandleCannotBeOpenedException", "No handle of the given name exists."
        )
    return Mutex(session, found)


@method(MUTEX, "WaitOne")
def _wait_one(value: Mutex, timeout: Any = None, exit_context: Any = None) -> bool:
    """Waits in host time, no longer than the process lives."""
    if value.closed:
        raise disposed(None, "Safe handle has been closed")
    seconds = None if timeout is None or isinstance(timeout, bool) else seconds_of(timeout)
    clock = value.session.host.clock
    deadline = None if seconds is None else time.monotonic() + clock.real_seconds(seconds)
    while not value.take():
        value.session.process.check()
        if deadline is not None and time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


@method(MUTEX, "ReleaseMutex")
def _release(value: Mutex) -> None:
    value.release()


@method(MUTEX, "Close")
@method(MUTEX, "Dispose")
def _close(value: Mutex) -> None:
    """An owned mutex stays owned by the process until it ends."""
    value.closed = True
