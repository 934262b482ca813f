"""The collections of .NET as Python objects; their .NET members stand in the *_members modules beside this one.

What is enumerated in a pipeline has `__iter__`; dictionaries have none: they are one object, and give `items()`.
Every change counts up `version`, so that an enumeration that goes on afterwards throws as in .NET.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, invalid_operation, not_supported
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import NetType, constructed, get_type
from winbake.rehearsal.powershell.values import NetObject, PSObject, unwrap

_MODIFIED = "Collection was modified; enumeration operation may not execute."
_GENERIC = "System.Collections.Generic."

KeyMaker = Callable[[Any], Any]
"""Gives what a dictionary or set compares: equal results mean equal keys."""


def exact_key(value: Any) -> Any:
    """Object.Equals as a Python key: numbers of different types differ, text compares ordinally."""
    value = unwrap(value)
    if isinstance(value, NetObject | PSObject):
        return value
    return type(value), value


def ignoring_case(value: Any) -> Any:
    """As exact_key, but text compares without case."""
    value = unwrap(value)
    if type(value) is str:
        return str, value.upper()
    return exact_key(value)


# ---- lists ----------------------------------------------------------------------------------------------


class ListObject(NetObject):
    """Base of the growing lists: `items` is the Python list; change it through the methods here."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self.items: list[Any] = list(items)
        self.version = 0

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        version, position = self.version, 0
        while position < len(self.items):
            yield self.items[position]
            if self.version != version:
                raise invalid_operation(_MODIFIED)
            position += 1

    def changed(self) -> None:
        self.version += 1

    def add(self, value: Any) -> None:
        self.items.append(value)
        self.version += 1


class ArrayList(ListObject):
    net_type_name = "System.Collections.ArrayList"
    fixed_size = False
    read_only = False

    def add(self, value: Any) -> None:
        self.check_growing()
        super().add(value)

    def check_growing(self) -> None:
        if self.read_only:
            raise not_supported("Collection is read-only.")
        if self.fixed_size:
            raise not_supported("Collection was of a fixed size.")


class GenericList(ListObject):
    """List<T>, Collection<T> and ReadOnlyCollection<T> (`definition` is the table's name of the open type)."""

    def __init__(self, element_type: NetType, items: Iterable[Any] = (), definition: str = f"{_GENERIC}List`1") -> None:
        super().__init__(items)
        self.element_type = element_type
        self.net_type = constructed(get_type(definition), (element_type,))
        self.read_only = definition.endswith("ReadOnlyCollection`1")


def collection_of(items: Iterable[Any], element: str = "System.Management.Automation.PSObject") -> GenericList:
    """A System.Collections.ObjectModel.Collection<T>, what script block calls and many members give."""
    return GenericList(get_type(element), items, "System.Collections.ObjectModel.Collection`1")


def read_only_collection(items: Iterable[Any], element: str) -> GenericList:
    return GenericList(get_type(element), items, "System.Collections.ObjectModel.ReadOnlyCollection`1")


class StringCollection(ListObject):
    net_type_name = "System.Collections.Specialized.StringCollection"


class Queue(ListObject):
    """Queue and, with an element type, Queue<T>. The first item is the next to leave."""

    def __init__(self, items: Iterable[Any] = (), element_type: NetType | None = None) -> None:
        super().__init__(items)
        self.element_type = element_type
        self.net_type = _maybe_generic("Queue", element_type)


class Stack(ListObject):
    """Stack and Stack<T>. `items` is from bottom to top; enumeration goes from the top."""

    def __init__(self, items: Iterable[Any] = (), element_type: NetType | None = None) -> None:
        super().__init__(items)
        self.element_type = element_type
        self.net_type = _maybe_generic("Stack", element_type)

    def __iter__(self) -> Iterator[Any]:
        version = self.version
        for item in reversed(list(self.items)):
            yield item
            if self.version != version:
                raise invalid_operation(_MODIFIED)


def _maybe_generic(name: str, element_type: NetType | None) -> NetType:
    if element_type is None:
        return get_type(f"System.Collections.{name}")
    return constructed(get_type(f"{_GENERIC}{name}`1"), (element_type,))


class HashSet(NetObject):
    """HashSet<T>; with `order` (a sort key) SortedSet<T>."""

    def __init__(
        self,
        element_type: NetType,
        items: Iterable[Any] = (),
        key: KeyMaker = exact_key,
        order: KeyMaker | None = None,
    ) -> None:
        self.element_type = element_type
        name = "HashSet`1" if order is None else "SortedSet`1"
        self.net_type = constructed(get_type(f"{_GENERIC}{name}"), (element_type,))
        self.key = key
        self.order = order
        self.version = 0
        self._items: dict[Any, Any] = {}
        for item in items:
            self.add(item)

    def __len__(self) -> int:
        return len(self._items)

    def values(self) -> list[Any]:
        values = list(self._items.values())
        return values if self.order is None else sorted(values, key=self.order)

    def __iter__(self) -> Iterator[Any]:
        version = self.version
        for item in self.values():
            yield item
            if self.version != version:
                raise invalid_operation(_MODIFIED)

    def contains(self, value: Any) -> bool:
        return self.key(value) in self._items

    def add(self, value: Any) -> bool:
        """Whether it was not there before."""
        key = self.key(value)
        if key in self._items:
            return False
        self._items[key] = value
        self.version += 1
        return True

    def remove(self, value: Any) -> bool:
        key = self.key(value)
        if key not in self._items:
            return False
        del self._items[key]
        self.version += 1
        return True

    def clear(self) -> None:
        self._items.clear()
        self.version += 1


# ---- dictionaries ---------------------------------------------------------------------------------------


class DictionaryEntry(NetObject):
    """DictionaryEntry, and KeyValuePair<K,V> when made with a type."""

    net_type_name = "System.Collections.DictionaryEntry"

    def __init__(self, key: Any, value: Any, net_type: NetType | None = None) -> None:
        self.key = key
        self.value = value
        if net_type is not None:
            self.net_type = net_type

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DictionaryEntry) and (exact_key(self.key), exact_key(self.value)) == (
            exact_key(other.key),
            exact_key(other.value),
        )

    def __hash__(self) -> int:
        return hash(exact_key(self.key))


class Dictionary(NetObject):
    """Base of all dictionaries; keys keep the order they were added in."""

    key_type: NetType | None = None
    value_type: NetType | None = None
    duplicate_message: ClassVar[str] = "An item with the same key has already been added."
    read_only = False

    def __init__(self, items: Iterable[tuple[Any, Any]] = (), key: KeyMaker = exact_key) -> None:
        self.key = key
        self.version = 0
        self._entries: dict[Any, tuple[Any, Any]] = {}
        for one, value in items:
            self.set(one, value)

    def __len__(self) -> int:
        return len(self._entries)

    def _key(self, key: Any) -> Any:
        if key is None:
            raise argument_null("key", "Key cannot be null.")
        return self.key(key)

    def get(self, key: Any, default: Any = None) -> Any:
        entry = self._entries.get(self._key(key))
        return default if entry is None else entry[1]

    def contains(self, key: Any) -> bool:
        return self._key(key) in self._entries

    def set(self, key: Any, value: Any) -> None:
        """Adds or replaces; a key that is there keeps its place and spelling."""
        self.check_writable()
        made = self._key(key)
        old = self._entries.get(made)
        self._entries[made] = (key if old is None else old[0], value)
        self.version += 1

    def add(self, key: Any, value: Any) -> None:
        """Raises ArgumentException if the key is there."""
        self.check_writable()
        made = self._key(key)
        if made in self._entries:
            raise argument(self.duplicate_text(key))
        self._entries[made] = (key, value)
        self.version += 1

    def duplicate_text(self, key: Any) -> str:
        return self.duplicate_message

    def remove(self, key: Any) -> bool:
        """Whether it was there."""
        self.check_writable()
        if self._entries.pop(self._key(key), None) is None:
            return False
        self.version += 1
        return True

    def clear(self) -> None:
        self.check_writable()
        self._entries.clear()
        self.version += 1

    def check_writable(self) -> None:
        if self.read_only:
            raise not_supported("Collection is read-only.")

    def items(self) -> Iterator[tuple[Any, Any]]:
        """A snapshot: the caller may change the dictionary meanwhile."""
        return iter(self._ordered())

    def keys(self) -> Iterator[Any]:
        return iter([key for key, _ in self._ordered()])

    def values(self) -> Iterator[Any]:
        return iter([value for _, value in self._ordered()])

    def _ordered(self) -> list[tuple[Any, Any]]:
        return list(self._entries.values())

    def entries(self) -> Iterator[DictionaryEntry]:
        """What GetEnumerator() gives; throws if the dictionary changes meanwhile."""
        version = self.version
        for key, value in self._ordered():
            yield self.make_entry(key, value)
            if self.version != version:
                raise invalid_operation(_MODIFIED)

    def make_entry(self, key: Any, value: Any) -> DictionaryEntry:
        return DictionaryEntry(key, value)

    def key_collection(self) -> DictionaryView:
        return DictionaryView(self, 0)

    def value_collection(self) -> DictionaryView:
        return DictionaryView(self, 1)


class Hashtable(Dictionary):
    """@{} compares text keys without case, [hashtable]::new() with case."""

    net_type_name = "System.Collections.Hashtable"

    def __init__(
        self, items: Iterable[tuple[Any, Any]] = (), ignore_case: bool = False, key: KeyMaker | None = None
    ) -> None:
        super().__init__(items, key or (ignoring_case if ignore_case else exact_key))
        self.synchronized = False

    @property
    def ignore_case(self) -> bool:
        return self.key is ignoring_case

    def duplicate_text(self, key: Any) -> str:
        from winbake.rehearsal.powershell.formatting import net_to_string

        there = net_to_string(self._entries[self._key(key)][0])
        return f"Item has already been added. Key in dictionary: '{there}'  Key being added: '{net_to_string(key)}'"

    def copy(self) -> Hashtable:
        return Hashtable(self.items(), key=self.key)


class SynchronizedHashtable(Hashtable):
    """[hashtable]::Synchronized($h): the same entries under another type."""

    net_type_name = "System.Collections.Hashtable+SyncHashtable"

    def __init__(self, inner: Hashtable) -> None:
        super().__init__((), key=inner.key)
        self._entries = inner._entries
        self.synchronized = True


class OrderedDictionary(Dictionary):
    """[ordered]@{}: by key without case, and by position."""

    net_type_name = "System.Collections.Specialized.OrderedDictionary"

    def __init__(self, items: Iterable[tuple[Any, Any]] = (), ignore_case: bool = True) -> None:
        super().__init__(items, ignoring_case if ignore_case else exact_key)

    def at(self, position: int) -> tuple[Any, Any]:
        """The entry at a position from 0; IndexError outside."""
        if not 0 <= position < len(self._entries):
            raise IndexError(position)
        return self._ordered()[position]

    def set_at(self, position: int, value: Any) -> None:
        self.check_writable()
        key, _ = self.at(position)
        self._entries[self._key(key)] = (key, value)
        self.version += 1

    def insert(self, position: int, key: Any, value: Any) -> None:
        self.add(key, value)
        moved = list(self._entries.items())
        moved.insert(position, moved.pop())
        self._entries = dict(moved)

    def remove_at(self, position: int) -> None:
        self.remove(self.at(position)[0])


class GenericDictionary(Dictionary):
    """Dictionary<K,V>; with `order` SortedDictionary<K,V> or SortedList<K,V> (`definition` says which)."""

    def __init__(
        self,
        key_type: NetType,
        value_type: NetType,
        items: Iterable[tuple[Any, Any]] = (),
        key: KeyMaker = exact_key,
        order: KeyMaker | None = None,
        definition: str = f"{_GENERIC}Dictionary`2",
    ) -> None:
        self.key_type = key_type
        self.value_type = value_type
        self.order = order
        self.net_type = constructed(get_type(definition), (key_type, value_type))
        self._pair_type = constructed(get_type(f"{_GENERIC}KeyValuePair`2"), (key_type, value_type))
        super().__init__(items, key)

    def _ordered(self) -> list[tuple[Any, Any]]:
        entries = list(self._entries.values())
        if self.order is None:
            return entries
        order = self.order
        return sorted(entries, key=lambda entry: order(entry[0]))

    def _key(self, key: Any) -> Any:
        if key is None:
            raise argument_null("key")
        return self.key(key)

    def need(self, key: Any) -> Any:
        """The value; KeyNotFoundException if there is none."""
        if not self.contains(key):
            raise NetError(
                "System.Collections.Generic.KeyNotFoundException", "The given key was not present in the dictionary."
            )
        return self.get(key)

    def make_entry(self, key: Any, value: Any) -> DictionaryEntry:
        return DictionaryEntry(key, value, self._pair_type)


class SortedList(Dictionary):
    """The non-generic SortedList: entries in the order of their keys."""

    net_type_name = "System.Collections.SortedList"

    def __init__(
        self, items: Iterable[tuple[Any, Any]] = (), key: KeyMaker = exact_key, order: KeyMaker = exact_key
    ) -> None:
        self.order = order
        super().__init__(items, key)

    def _ordered(self) -> list[tuple[Any, Any]]:
        return sorted(self._entries.values(), key=lambda entry: self.order(entry[0]))


class DictionaryView(NetObject):
    """Keys or Values of a dictionary, alive."""

    def __init__(self, owner: Dictionary, part: int) -> None:
        self.owner = owner
        self.part = part

    @property
    def net_type(self) -> NetType:
        owner = self.owner
        part = "KeyCollection" if self.part == 0 else "ValueCollection"
        own = getattr(owner, "net_type", None)
        if isinstance(own, NetType) and own.definition is not None and f"{own.table_name}.{part}" in _VIEW_TYPES:
            return constructed(get_type(f"{own.table_name}.{part}"), own.arguments)
        if isinstance(owner, OrderedDictionary):
            return get_type("System.Collections.Specialized.OrderedDictionary.OrderedDictionaryKeyValueCollection")
        return get_type(f"System.Collections.Hashtable.{part}")

    def __len__(self) -> int:
        return len(self.owner)

    def __iter__(self) -> Iterator[Any]:
        for entry in self.owner.entries():
            yield entry.key if self.part == 0 else entry.value


_VIEW_TYPES = frozenset(
    f"{_GENERIC}{owner}.{part}"
    for owner in ("Dictionary`2", "SortedDictionary`2")
    for part in ("KeyCollection", "ValueCollection")
)


class Enumerator(NetObject):
    """An IEnumerator. A pipeline or foreach takes what is left in it."""

    def __init__(self, source: Iterable[Any], type_name: str = "System.Collections.SimpleEnumerator") -> None:
        self.net_type = get_type(type_name)
        self._source = source
        self._iterator = iter(source)
        self._current: Any = None
        self._started = False

    def move_next(self) -> bool:
        self._started = True
        for item in self._iterator:
            self._current = item
            return True
        self._current = None
        self._started = False
        return False

    @property
    def current(self) -> Any:
        if not self._started:
            raise invalid_operation("Enumeration has either not started or has already finished.")
        return self._current

    def reset(self) -> None:
        self._iterator = iter(self._source)
        self._started = False

    def __iter__(self) -> Iterator[Any]:
        while self.move_next():
            yield self._current


class DictionaryEnumerator(Enumerator):
    def __init__(self, owner: Dictionary) -> None:
        super().__init__(_Entries(owner), "System.Collections.SimpleDictionaryEnumerator")


class _Entries:
    def __init__(self, owner: Dictionary) -> None:
        self.owner = owner

    def __iter__(self) -> Iterator[DictionaryEntry]:
        return self.owner.entries()
