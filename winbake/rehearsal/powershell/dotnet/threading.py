"""Thread, Mutex, events, Semaphore, Monitor and Interlocked of System.Threading.

A script runs on one thread. What it can wait for is another process of the host: named objects (`Global\\x`) are
shared between the sessions of a host, and a mutex whose process has ended is abandoned.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from winbake.rehearsal.powershell.dotnet.globalization import CultureInfo, get_current_culture, set_current_culture
from winbake.rehearsal.powershell.dotnet.host_clock import sleep
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter, static, static_getter
from winbake.rehearsal.powershell.dotnet.tasks import seconds_of, wait_until
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, disposed, out_of_range
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.types import EnumValue, NetType, enum_value, get_type
from winbake.rehearsal.powershell.values import Int64, NetObject, PSArray

NAMESPACE = "System.Threading."
MUTEX, EVENT, SEMAPHORE, HANDLE, THREAD = (
    NAMESPACE + name for name in ("Mutex", "EventWaitHandle", "Semaphore", "WaitHandle", "Thread")
)
WAIT_TIMEOUT = 258
_SYNCHRONIZED = threading.Lock()


# ---- what is waited for -----------------------------------------------------------------------------------


class _MutexState:
    def __init__(self) -> None:
        self.owner: Any = None
        self.count = 0

    @property
    def abandoned(self) -> bool:
        process = getattr(self.owner, "process", None)
        return self.owner is not None and getattr(process, "exit_code", None) is not None

    def take(self, session: Any) -> bool:
        """Whether the caller owns it now. Raises AbandonedMutexException once, with the mutex taken."""
        with _SYNCHRONIZED:
            left = self.abandoned
            if self.owner is not None and self.owner is not session and not left:
                return False
            self.count = 1 if left or self.owner is None else self.count + 1
            self.owner = session
        if left:
            raise NetError(NAMESPACE + "AbandonedMutexException", "The wait completed due to an abandoned mutex.")
        return True


class _EventState:
    def __init__(self, signaled: bool, auto: bool) -> None:
        self.signaled = signaled
        self.auto = auto

    def take(self, session: Any) -> bool:
        with _SYNCHRONIZED:
            taken = self.signaled
            if self.auto:
                self.signaled = False
        return taken


class _SemaphoreState:
    def __init__(self, count: int, maximum: int) -> None:
        self.count = count
        self.maximum = maximum

    def take(self, session: Any) -> bool:
        with _SYNCHRONIZED:
            taken = self.count > 0
            self.count -= taken
        return taken


State = _MutexState | _EventState | _SemaphoreState


class WaitHandle(NetObject):
    """A handle of a Mutex, event or Semaphore; several handles may share one named state."""

    def __init__(self, type_name: str, state: State) -> None:
        self.net_type: NetType = get_type(type_name)
        self.state = state
        self.closed = False

    def take(self, session: Any) -> bool:
        if self.closed:
            raise disposed(None, "Safe handle has been closed")
        return self.state.take(session)


_NAMED: WeakKeyDictionary[Any, dict[str, State]] = WeakKeyDictionary()


def _named_states(session: Any) -> dict[str, State]:
    host = getattr(session, "host", None)
    return _NAMED.setdefault(host if host is not None else session, {})


def _open(session: Any, name: str | None, make: Callable[[], State]) -> tuple[State, bool]:
    """The state of that name, and whether it was made now. Names mind case; a different kind is refused."""
    if not name:
        return make(), True
    key = name.removeprefix("Local\\")
    with _SYNCHRONIZED:
        states = _named_states(session)
        found = states.get(key)
        if found is None:
            states[key] = found = make()
            return found, True
    if type(found) is not type(make()):
        raise NetError(
            NAMESPACE + "WaitHandleCannotBeOpenedException",
            f"A WaitHandle with system-wide name '{name}' cannot be created. A WaitHandle of a different type might "
            "have the same name.",
        )
    return found, False


def _existing(session: Any, name: str | None, kind: type[State]) -> State:
    if name is None:
        raise argument_null("name")
    found = _named_states(session).get(name.removeprefix("Local\\"))
    if not isinstance(found, kind):
        raise NetError(NAMESPACE + "WaitHandleCannotBeOpenedException", "No handle of the given name exists.")
    return found


def _register_opening(type_name: str, kind: type[State]) -> None:
    @static(type_name, "OpenExisting", "String")
    def open_existing(name: str | None, *, session: Any) -> WaitHandle:
        return WaitHandle(type_name, _existing(session, name, kind))

    @static(type_name, "TryOpenExisting")
    def try_open_existing(name: str | None, *rest: Any, session: Any) -> bool:
        try:
            rest[-1].value = open_existing(name, session=session)
        except NetError:
            rest[-1].value = None
            return False
        return True


_register_opening(MUTEX, _MutexState)
_register_opening(EVENT, _EventState)
_register_opening(SEMAPHORE, _SemaphoreState)


# ---- System.Threading.Mutex -------------------------------------------------------------------------------


@constructor(MUTEX)
def new_mutex(
    owned: bool = False, name: str | None = None, created: Any = None, *rest: Any, session: Any
) -> WaitHandle:
    if name is not None and len(name) > 260:
        raise argument("The name can be no more than 260 characters in length.", "name")
    state, is_new = _open(session, name, _MutexState)
    if created is not None:
        created.value = is_new
    if owned and is_new:
        state.take(session)
    return WaitHandle(MUTEX, state)


@method(MUTEX, "ReleaseMutex")
def release_mutex(value: WaitHandle, *, session: Any) -> None:
    state = value.state
    assert isinstance(state, _MutexState)
    if value.closed:
        raise disposed(None, "Safe handle has been closed")
    with _SYNCHRONIZED:
        if state.owner is not session:
            raise NetError(
                "System.ApplicationException",
                "Object synchronization method was called from an unsynchronized block of code.",
            )
        state.count -= 1
        if state.count == 0:
            state.owner = None


# ---- events and semaphores --------------------------------------------------------------------------------


@constructor(EVENT)
def new_event(
    signaled: bool, mode: EnumValue, name: str | None = None, created: Any = None, *, session: Any
) -> WaitHandle:
    state, is_new = _open(session, name, lambda: _EventState(signaled, mode.value == 0))
    if created is not None:
        created.value = is_new
    return WaitHandle(EVENT, state)


constructor(NAMESPACE + "ManualResetEvent")(
    lambda signaled: WaitHandle(NAMESPACE + "ManualResetEvent", _EventState(signaled, auto=False))
)
constructor(NAMESPACE + "AutoResetEvent")(
    lambda signaled: WaitHandle(NAMESPACE + "AutoResetEvent", _EventState(signaled, auto=True))
)


@method(EVENT, "Set")
def set_event(value: WaitHandle) -> bool:
    assert isinstance(value.state, _EventState)
    value.state.signaled = True
    return True


@method(EVENT, "Reset")
def reset_event(value: WaitHandle) -> bool:
    assert isinstance(value.state, _EventState)
    value.state.signaled = False
    return True


@constructor(SEMAPHORE)
def new_semaphore(
    count: int, maximum: int, name: str | None = None, created: Any = None, *, session: Any
) -> WaitHandle:
    if maximum < 1:
        raise out_of_range("maximumCount", "Positive number required.")
    if not 0 <= count <= maximum:
        raise argument(
            "The initial count for the semaphore must be greater than or equal to zero and less than the maximum count."
        )
    state, is_new = _open(session, name, lambda: _SemaphoreState(count, maximum))
    if created is not None:
        created.value = is_new
    return WaitHandle(SEMAPHORE, state)


@method(SEMAPHORE, "Release")
def release_semaphore(value: WaitHandle, count: int = 1) -> int:
    state = value.state
    assert isinstance(state, _SemaphoreState)
    with _SYNCHRONIZED:
        if state.count + count > state.maximum:
            raise NetError(
                NAMESPACE + "SemaphoreFullException",
                "Adding the specified count to the semaphore would cause it to exceed its maximum count.",
            )
        state.count += count
        return state.count - count


# ---- System.Threading.WaitHandle --------------------------------------------------------------------------


@method(HANDLE, "WaitOne")
def wait_one(value: WaitHandle, timeout: Any = None, exit_context: bool = False, *, session: Any) -> bool:
    return wait_until(session, lambda: value.take(session), seconds_of(timeout))


@method(HANDLE, "Close")
@method(HANDLE, "Dispose")
def close_handle(value: WaitHandle) -> None:
    value.closed = True


@static(HANDLE, "WaitAny")
def wait_any(handles: PSArray, timeout: Any = None, exit_context: bool = False, *, session: Any) -> int:
    taken: list[int] = []

    def one() -> bool:
        for index, handle in enumerate(handles):
            if handle.take(session):
                taken.append(index)
                return True
        return False

    return taken[0] if wait_until(session, one, seconds_of(timeout)) else WAIT_TIMEOUT


@static(HANDLE, "WaitAll")
def wait_all(handles: PSArray, timeout: Any = None, exit_context: bool = False, *, session: Any) -> bool:
    waiting = list(handles)

    def rest() -> bool:
        waiting[:] = [handle for handle in waiting if not handle.take(session)]
        return not waiting

    return wait_until(session, rest, seconds_of(timeout))


@static_getter(HANDLE, "WaitTimeout")
def wait_timeout() -> int:
    return WAIT_TIMEOUT


# ---- System.Threading.Thread ------------------------------------------------------------------------------


class Thread(NetObject):
    """The thread the script runs on."""

    net_type_name = THREAD

    def __init__(self) -> None:
        self.name: str | None = None


_THREADS: WeakKeyDictionary[Any, Thread] = WeakKeyDictionary()


@static(THREAD, "Sleep")
def thread_sleep(timeout: Any, *, session: Any) -> None:
    seconds = seconds_of(timeout)
    if seconds is None:
        wait_until(session, lambda: False, None)
    else:
        sleep(session, seconds)


@static_getter(THREAD, "CurrentThread")
def current_thread(*, session: Any) -> Thread:
    return _THREADS.setdefault(session, Thread())


@getter(THREAD, "CurrentCulture")
@getter(THREAD, "CurrentUICulture")
def thread_culture(value: Thread) -> CultureInfo:
    return get_current_culture()


@setter(THREAD, "CurrentCulture")
def set_thread_culture(value: Thread, culture: CultureInfo | None) -> None:
    set_current_culture(culture)


@setter(THREAD, "CurrentUICulture")
def set_thread_ui_culture(value: Thread, culture: CultureInfo | None) -> None:
    if culture is None:
        raise argument_null("value")


@getter(THREAD, "ManagedThreadId")
def managed_thread_id(value: Thread) -> int:
    return threading.get_native_id() % 1000


@getter(THREAD, "Name")
def thread_name(value: Thread) -> str | None:
    return value.name


@setter(THREAD, "Name")
def set_thread_name(value: Thread, name: str) -> None:
    value.name = name


@getter(THREAD, "ApartmentState")
@method(THREAD, "GetApartmentState")
def apartment_state(value: Thread) -> EnumValue:
    return enum_value(NAMESPACE + "ApartmentState", 0)


@getter(THREAD, "IsAlive")
def is_alive(value: Thread) -> bool:
    return True


@getter(THREAD, "IsBackground")
@getter(THREAD, "IsThreadPoolThread")
def is_background(value: Thread) -> bool:
    return False


# ---- Monitor and Interlocked ------------------------------------------------------------------------------

_ENTERED: dict[int, list[Any]] = {}
"""id(object) → [object, session, count]. One script thread a session; sessions share no objects in earnest."""


def _enter(session: Any, target: Any) -> bool:
    if target is None:
        raise argument_null("obj")
    with _SYNCHRONIZED:
        entry = _ENTERED.setdefault(id(target), [target, session, 0])
        if entry[1] is not session:
            return False
        entry[2] += 1
        return True


@static(NAMESPACE + "Monitor", "Enter")
def monitor_enter(target: Any, taken: Any = None, *, session: Any) -> None:
    wait_until(session, lambda: _enter(session, target), None)
    if taken is not None:
        taken.value = True


@static(NAMESPACE + "Monitor", "TryEnter")
def monitor_try_enter(target: Any, *rest: Any, session: Any) -> bool | None:
    timeout = next((item for item in rest if not hasattr(item, "value")), 0)
    done = wait_until(session, lambda: _enter(session, target), seconds_of(timeout))
    if rest and hasattr(rest[-1], "value"):
        rest[-1].value = done
        return None
    return done


@static(NAMESPACE + "Monitor", "IsEntered")
def monitor_is_entered(target: Any, *, session: Any) -> bool:
    return id(target) in _ENTERED and _ENTERED[id(target)][1] is session


@static(NAMESPACE + "Monitor", "Exit")
def monitor_exit(target: Any, *, session: Any) -> None:
    with _SYNCHRONIZED:
        entry = _ENTERED.get(id(target))
        if entry is None or entry[1] is not session:
            raise NetError(
                NAMESPACE + "SynchronizationLockException",
                "Object synchronization method was called from an unsynchronized block of code.",
            )
        entry[2] -= 1
        if entry[2] == 0:
            del _ENTERED[id(target)]


@static(NAMESPACE + "Monitor", "Pulse")
@static(NAMESPACE + "Monitor", "PulseAll")
def monitor_pulse(target: Any) -> None:
    raise NotModelled("[Threading.Monitor]::Pulse")


def _changed(location: Any, change: Callable[[int], int]) -> Any:
    with _SYNCHRONIZED:
        kind = Int64 if isinstance(location.value, Int64) else int
        bits = 64 if kind is Int64 else 32
        number = change(int(location.value or 0))
        location.value = kind((number + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1))
        return location.value


@static(NAMESPACE + "Interlocked", "Increment")
def interlocked_increment(location: Any) -> Any:
    return _changed(location, lambda number: number + 1)


@static(NAMESPACE + "Interlocked", "Decrement")
def interlocked_decrement(location: Any) -> Any:
    return _changed(location, lambda number: number - 1)


@static(NAMESPACE + "Interlocked", "Add")
def interlocked_add(location: Any, amount: int) -> Any:
    return _changed(location, lambda number: number + int(amount))


@static(NAMESPACE + "Interlocked", "Read")
def interlocked_read(location: Any) -> Any:
    return location.value


@static(NAMESPACE + "Interlocked", "Exchange")
def interlocked_exchange(location: Any, new: Any) -> Any:
    with _SYNCHRONIZED:
        old = location.value
        location.value = new
        return old


@static(NAMESPACE + "Interlocked", "CompareExchange")
def interlocked_compare_exchange(location: Any, new: Any, expected: Any) -> Any:
    with _SYNCHRONIZED:
        old = location.value
        if old == expected:
            location.value = new
        return old
