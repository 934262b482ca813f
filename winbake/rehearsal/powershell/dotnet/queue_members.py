"""Members of Queue, Stack, Queue<T> and Stack<T>."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.collections import ListObject, Queue, Stack
from winbake.rehearsal.powershell.dotnet.member_sharing import find_item, items_of, on_types
from winbake.rehearsal.powershell.dotnet.registry import constructor
from winbake.rehearsal.powershell.dotnet.throwing import invalid_operation
from winbake.rehearsal.powershell.types import NetType

_C = "System.Collections."
_G = "System.Collections.Generic."


@constructor(f"{_C}Queue", "")
@constructor(f"{_C}Queue", "Int32")
def new_queue(capacity: int = 0) -> Queue:
    return Queue()


@constructor(f"{_C}Queue", "ICollection")
def new_queue_of(source: Any) -> Queue:
    return Queue(items_of(source, "col"))


@constructor(f"{_G}Queue`1", "")
@constructor(f"{_G}Queue`1", "Int32")
def new_generic_queue(capacity: int = 0, *, net_type: NetType) -> Queue:
    return Queue((), net_type.arguments[0])


@constructor(f"{_G}Queue`1", "IEnumerable[T]")
def new_generic_queue_of(source: Any, *, net_type: NetType) -> Queue:
    return Queue(items_of(source), net_type.arguments[0])


@constructor(f"{_C}Stack", "")
@constructor(f"{_C}Stack", "Int32")
def new_stack(capacity: int = 0) -> Stack:
    return Stack()


@constructor(f"{_C}Stack", "ICollection")
def new_stack_of(source: Any) -> Stack:
    return Stack(items_of(source, "col"))


@constructor(f"{_G}Stack`1", "")
@constructor(f"{_G}Stack`1", "Int32")
def new_generic_stack(capacity: int = 0, *, net_type: NetType) -> Stack:
    return Stack((), net_type.arguments[0])


@constructor(f"{_G}Stack`1", "IEnumerable[T]")
def new_generic_stack_of(source: Any, *, net_type: NetType) -> Stack:
    return Stack(items_of(source), net_type.arguments[0])


_QUEUES = (f"{_C}Queue", f"{_G}Queue`1")
_STACKS = (f"{_C}Stack", f"{_G}Stack`1")


@on_types(_QUEUES, "Enqueue")
@on_types(_STACKS, "Push")
def push(value: ListObject, item: Any) -> None:
    value.add(item)


@on_types(_QUEUES, "Dequeue")
def dequeue(value: Queue) -> Any:
    item = peek_queue(value)
    value.changed()
    del value.items[0]
    return item


@on_types(_QUEUES, "Peek")
def peek_queue(value: Queue) -> Any:
    if not value.items:
        raise invalid_operation("Queue empty.")
    return value.items[0]


@on_types(_STACKS, "Pop")
def pop(value: Stack) -> Any:
    item = peek_stack(value)
    value.changed()
    value.items.pop()
    return item


@on_types(_STACKS, "Peek")
def peek_stack(value: Stack) -> Any:
    if not value.items:
        raise invalid_operation("Stack empty.")
    return value.items[-1]


@on_types((*_QUEUES, *_STACKS), "Clear")
def clear_queue(value: ListObject) -> None:
    value.items.clear()
    value.changed()


@on_types((*_QUEUES, *_STACKS), "Contains")
def queue_contains(value: ListObject, item: Any) -> bool:
    return find_item(value.items, item, 0, len(value.items)) >= 0
