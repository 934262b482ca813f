"""System.Threading.Tasks.Task: work that a Python thread finishes, waited for on the host's clock.

task = NetTask.run(lambda: fetch(address), "System.Byte[]")     # starts a thread; NetError becomes the fault
task = NetTask(); …; task.complete(None)                        # somebody else finishes it
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from winbake.rehearsal.powershell.dotnet.datetime import TimeSpan
from winbake.rehearsal.powershell.dotnet.host_clock import sleep
from winbake.rehearsal.powershell.dotnet.registry import getter, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import out_of_range
from winbake.rehearsal.powershell.errors import NetError, NetException
from winbake.rehearsal.powershell.types import EnumValue, NetType, constructed, enum_value, get_type
from winbake.rehearsal.powershell.values import NetObject, PSArray

TASK, RESULT_TASK = "System.Threading.Tasks.Task", "System.Threading.Tasks.Task`1"
_RUNNING, _DONE, _CANCELED, _FAULTED = 3, 5, 6, 7
_SLICE_SECONDS = 0.02
_numbers = itertools.count(1)


class NetTask(NetObject):
    """A task; `result_type` is the full name of T for a Task<T>, None for a plain Task. Safe between threads."""

    net_type_name = TASK

    def __init__(self, result_type: str | None = None) -> None:
        self.net_type: NetType = (
            get_type(TASK) if result_type is None else constructed(get_type(RESULT_TASK), (get_type(result_type),))
        )
        self.number = next(_numbers)
        self.status = _RUNNING
        self.value: Any = None
        self.exception: NetException | None = None
        self.failure: BaseException | None = None
        """An error that is no .NET exception (NotModelled …): the waiting thread raises it."""
        self._finished = threading.Event()

    @classmethod
    def run(cls, work: Callable[[], Any], result_type: str | None = None) -> NetTask:
        """Does the work in a daemon thread."""
        task = cls(result_type)

        def body() -> None:
            try:
                task.complete(work())
            except NetError as error:
                task.fail(error.exception)
            except BaseException as error:
                task.failure = error
                task.fail(NetException("System.Exception", str(error)))

        threading.Thread(target=body, name=f"task {task.number}", daemon=True).start()
        return task

    @classmethod
    def completed(cls, value: Any = None, result_type: str | None = None) -> NetTask:
        task = cls(result_type)
        task.complete(value)
        return task

    def complete(self, value: Any = None) -> None:
        self.value = value
        self.status = _DONE
        self._finished.set()

    def fail(self, exception: NetException) -> None:
        self.exception = exception
        self.status = _FAULTED
        self._finished.set()

    def cancel(self) -> None:
        self.status = _CANCELED
        self._finished.set()

    @property
    def is_completed(self) -> bool:
        return self._finished.is_set()

    def wait(self, session: Any, seconds: float | None = None) -> bool:
        """Waits up to that many host seconds (None: for ever), no longer than the process lives."""
        return wait_until(session, self._finished.is_set, seconds)

    def wait_and_throw(self, session: Any, seconds: float | None = None) -> bool:
        """As Task.Wait: a fault or a cancellation raises AggregateException."""
        if not self.wait(session, seconds):
            return False
        if self.failure is not None:
            raise self.failure
        if (found := self.aggregate()) is not None:
            raise _raised(found)
        return True

    def aggregate(self) -> NetException | None:
        inner = self.exception
        if self.status == _CANCELED:
            inner = NetException("System.Threading.Tasks.TaskCanceledException", "A task was canceled.")
        return aggregate_exception([inner]) if inner is not None else None


def aggregate_exception(inner: Sequence[NetException]) -> NetException:
    listed = PSArray(inner, "System.Exception")
    return NetException(
        "System.AggregateException", "One or more errors occurred.", inner[0], {"InnerExceptions": listed}
    )


def wait_until(session: Any, ready: Callable[[], bool], seconds: float | None) -> bool:
    """Sleeps in short slices of the host's clock until `ready` or the time is over."""
    if ready():
        return True
    clock = getattr(getattr(session, "host", None), "clock", None)
    speed = float(getattr(clock, "speed", 1.0) or 1.0)

    def passed() -> float:
        return time.monotonic() if clock is None else float(clock.passed)

    deadline = None if seconds is None else passed() + seconds
    while not ready():
        if deadline is not None and passed() >= deadline:
            return ready()
        sleep(session, _SLICE_SECONDS * speed)
    return True


def seconds_of(timeout: Any) -> float | None:
    """A timeout argument (Int32 milliseconds or TimeSpan) in seconds; -1 is no limit."""
    if timeout is None:
        return None
    milliseconds = timeout.ticks / 10000 if isinstance(timeout, TimeSpan) else int(timeout)
    if milliseconds == -1:
        return None
    if milliseconds < 0:
        raise out_of_range(
            "millisecondsTimeout", "Number must be either non-negative and less than or equal to Int32.MaxValue or -1."
        )
    return milliseconds / 1000


def _raised(exception: NetException) -> NetError:
    return NetError(exception.type_name, exception.message, exception.inner, **exception.properties)


# ---- members ----------------------------------------------------------------------------------------------


@method(TASK, "Wait")
def task_wait(value: NetTask, timeout: Any = None, token: Any = None, *, session: Any) -> bool | None:
    limit = timeout if isinstance(timeout, int | TimeSpan) else None
    done = value.wait_and_throw(session, seconds_of(limit))
    return done if limit is not None else None


@getter(RESULT_TASK, "Result")
def task_result(value: NetTask, *, session: Any) -> Any:
    value.wait_and_throw(session)
    return value.value


@getter(TASK, "IsCompleted")
def task_is_completed(value: NetTask) -> bool:
    return value.is_completed


@getter(TASK, "IsFaulted")
def task_is_faulted(value: NetTask) -> bool:
    return value.status == _FAULTED


@getter(TASK, "IsCanceled")
def task_is_canceled(value: NetTask) -> bool:
    return value.status == _CANCELED


@getter(TASK, "Status")
def task_status(value: NetTask) -> EnumValue:
    return enum_value("System.Threading.Tasks.TaskStatus", value.status)


@getter(TASK, "Exception")
def task_exception(value: NetTask) -> NetException | None:
    return value.aggregate() if value.status == _FAULTED else None


@getter(TASK, "Id")
def task_id(value: NetTask) -> int:
    return value.number


@getter(TASK, "AsyncState")
def task_async_state(value: NetTask) -> None:
    return None


@method(TASK, "Dispose")
def task_dispose(value: NetTask) -> None:
    if not value.is_completed:
        raise NetError(
            "System.InvalidOperationException",
            "A task may only be disposed if it is in a completion state (RanToCompletion, Faulted or Canceled).",
        )


@static_getter(TASK, "CompletedTask")
def completed_task() -> NetTask:
    return NetTask.completed()


@static(TASK, "FromResult")
def task_from_result(value: Any) -> NetTask:
    from winbake.rehearsal.powershell.types import type_of

    return NetTask.completed(value, "System.Object" if value is None else type_of(value).key)


@static(TASK, "Delay")
def task_delay(delay: Any, token: Any = None, *, session: Any) -> NetTask:
    seconds = seconds_of(delay)
    return NetTask.run(lambda: sleep(session, seconds or 0.0))


@static(TASK, "WaitAll")
def task_wait_all(tasks: PSArray, timeout: Any = None, token: Any = None, *, session: Any) -> bool | None:
    limit = timeout if isinstance(timeout, int | TimeSpan) else None
    done = wait_until(session, lambda: all(task.is_completed for task in tasks), seconds_of(limit))
    for task in tasks:
        if task.failure is not None:
            raise task.failure
    faults = [found.inner for task in tasks if task.is_completed and (found := task.aggregate()) is not None]
    if done and faults:
        raise _raised(aggregate_exception([fault for fault in faults if fault is not None]))
    return done if limit is not None else None


@static(TASK, "WaitAny")
def task_wait_any(tasks: PSArray, timeout: Any = None, token: Any = None, *, session: Any) -> int:
    limit = timeout if isinstance(timeout, int | TimeSpan) else None
    wait_until(session, lambda: any(task.is_completed for task in tasks), seconds_of(limit))
    return next((index for index, task in enumerate(tasks) if task.is_completed), -1)
