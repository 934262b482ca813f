"""System.Tuple of one to seven items."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.collections import exact_key
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static
from winbake.rehearsal.powershell.types import NetType, constructed, get_type, type_of
from winbake.rehearsal.powershell.values import NetObject


class Tuple(NetObject):
    """Equal if all items are."""

    def __init__(self, net_type: NetType, items: tuple[Any, ...]) -> None:
        self.net_type = net_type
        self.items = items

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tuple) and list(map(exact_key, self.items)) == list(map(exact_key, other.items))

    def __hash__(self) -> int:
        return hash(tuple(map(exact_key, self.items)))


@static("System.Tuple", "Create")
def create_tuple(*items: Any) -> Tuple:
    """The item types are those of the values."""
    types = tuple(get_type("System.Object") if item is None else type_of(item) for item in items)
    return Tuple(constructed(get_type(f"System.Tuple`{len(items)}"), types), items)


def _members(type_name: str, count: int) -> None:
    @constructor(type_name)
    def new_tuple(*items: Any, net_type: NetType) -> Tuple:
        return Tuple(net_type, items)

    @method(type_name, "ToString")
    def tuple_text(value: Tuple) -> str:
        from winbake.rehearsal.powershell.formatting import net_to_string

        return f"({', '.join(map(net_to_string, value.items))})"

    for place in range(count):

        @getter(type_name, f"Item{place + 1}")
        def item(value: Tuple, place: int = place) -> Any:
            return value.items[place]


for _count in range(1, 8):
    _members(f"System.Tuple`{_count}", _count)
