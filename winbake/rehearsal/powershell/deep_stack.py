"""A thread with a large stack: scripts nest deeply, and the interpreter recurses with them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

STACK_BYTES = 256 * 1024 * 1024
RECURSION_LIMIT = 60_000

T = TypeVar("T")


def in_deep_thread(function: Callable[[], T]) -> T:
    """What the function gives, run on such a thread; raises what it raises.

    Python's recursion limit stays raised: other threads may still be deep.
    """
    result: list[T] = []
    failure: list[BaseException] = []

    def target() -> None:
        try:
            result.append(function())
        except BaseException as error:
            failure.append(error)

    before = threading.stack_size(STACK_BYTES)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    try:
        thread = threading.Thread(target=target, name="powershell")
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if failure:
        raise failure[0]
    return result[0]
