"""Small values of the engine: SwitchParameter, [ref], delegates made of script blocks, arrays of several ranks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.types import NetType, array_of, get_type
from winbake.rehearsal.powershell.values import NetObject

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.running.functions import ScriptBlock


class SwitchParameter(NetObject):
    net_type_name = "System.Management.Automation.SwitchParameter"

    def __init__(self, present: bool = False) -> None:
        self.present = present

    def __bool__(self) -> bool:
        return self.present

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SwitchParameter):
            return other.present == self.present
        return isinstance(other, bool) and other == self.present

    def __hash__(self) -> int:
        return hash(self.present)

    def __repr__(self) -> str:
        return f"SwitchParameter({self.present})"


class Reference(NetObject):
    """PSReference, what `[ref]$x` gives. The runtime makes one over a variable with `getter` and `setter`; one made
    of a value keeps it itself."""

    net_type_name = "System.Management.Automation.PSReference"

    @property
    def net_type(self) -> NetType:
        """What GetType() answers: the engine makes a PSReference<object>."""
        return get_type("System.Management.Automation.PSReference`1[System.Object]")

    def __init__(
        self,
        value: Any = None,
        getter: Callable[[], Any] | None = None,
        setter: Callable[[Any], None] | None = None,
    ) -> None:
        self._value = value
        self._getter = getter
        self._setter = setter

    @property
    def value(self) -> Any:
        return self._getter() if self._getter is not None else self._value

    @value.setter
    def value(self, new: Any) -> None:
        if self._setter is not None:
            self._setter(new)
        else:
            self._value = new


class Delegate(NetObject):
    """A delegate: `function` gets the arguments and gives the result. Those made of a script block keep it."""

    def __init__(
        self, net_type: NetType, function: Callable[..., Any], script_block: ScriptBlock | None = None
    ) -> None:
        self.net_type = net_type
        self.function = function
        self.script_block = script_block

    def __call__(self, *arguments: Any) -> Any:
        return self.function(*arguments)


class MultiArray(NetObject):
    """An array of two or more ranks; `items` maps index tuples to values, every place has one."""

    def __init__(self, element_type: NetType, lengths: tuple[int, ...], default: Any) -> None:
        self.net_type = array_of(element_type, len(lengths))
        self.element_type = element_type.key
        self.lengths = lengths
        self.items: dict[tuple[int, ...], Any] = dict.fromkeys(product(*map(range, lengths)), default)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self.items.values()))

    def copy(self) -> MultiArray:
        made = MultiArray(get_type(self.element_type), self.lengths, None)
        made.items = dict(self.items)
        return made
