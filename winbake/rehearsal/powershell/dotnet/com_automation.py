"""What the modelled COM automation objects share: properties in a table, collections, and HRESULTs as exceptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.dotnet.com_shell import ComObject
from winbake.rehearsal.powershell.dotnet.registry import static
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.windows.failures import Win32Failure, message_for

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

E_ACCESSDENIED = 0x80070005
E_INVALIDARG = 0x80070057
_NET_EXCEPTIONS = {
    0x80070002: "System.IO.FileNotFoundException",
    0x80070003: "System.IO.DirectoryNotFoundException",
    E_ACCESSDENIED: "System.UnauthorizedAccessException",
    E_INVALIDARG: "System.ArgumentException",
}
_NAMED = {E_ACCESSDENIED: " (E_ACCESSDENIED)"}


def hresult_failure(code: int) -> NetError:
    """The exception that COM interop makes of an HRESULT (Marshal.GetExceptionForHR)."""
    text = f"Exception from HRESULT: 0x{code:08X}{_NAMED.get(code, '')}"
    if code & 0xFFFF0000 == 0x80070000:
        text = f"{message_for(code & 0xFFFF)} ({text})"
    kind = _NET_EXCEPTIONS.get(code, "System.Runtime.InteropServices.COMException")
    return NetError(kind, text, HResult=signed(code))


@static("System.Runtime.InteropServices.Marshal", "ThrowExceptionForHR")
def _throw_exception_for_hr(code: int) -> None:
    """Success codes throw nothing. Assumed: no COM object has left an error text behind."""
    if int(code) < 0:
        raise hresult_failure(int(code) + (1 << 32))


def win32_failure(failure: Win32Failure) -> NetError:
    return hresult_failure(0x80070000 | failure.code)


def signed(code: int) -> int:
    """An HRESULT as the 32-bit integer that a script sees."""
    return code - (1 << 32) if code >= 1 << 31 else code


@dataclass(frozen=True)
class Property:
    """One property: how it is read and, unless read-only, written. `kind`: string, int, bool or object."""

    get: Callable[[Any], Any]
    set: Callable[[Any, Any], None] | None = None
    kind: str = "string"


class Automation(ComObject):
    """A COM object with a table of properties. Members that Windows has and this does not are in `refused`."""

    com_class: ClassVar[str] = ""
    """The ProgID that such objects come from, for refusals."""
    properties: ClassVar[dict[str, Property]] = {}
    refused: ClassVar[tuple[str, ...]] = ()

    def __init__(self, session: Session) -> None:
        self.session = session

    def _refuse(self, name: str) -> None:
        if name.lower() in self.refused:
            raise NotModelled(f"{type(self).__name__}.{name} of {self.com_class}")

    def _find(self, name: str) -> Property | None:
        self._refuse(name)
        return next((p for known, p in self.properties.items() if known.lower() == name.lower()), None)

    def adapted_get(self, name: str) -> Any:
        found = self._find(name)
        return super().adapted_get(name) if found is None else found.get(self)

    def adapted_set(self, name: str, value: Any) -> bool:
        found = self._find(name)
        if found is None or found.set is None:
            return False
        found.set(self, _converted(value, found.kind, self.session))
        return True

    def adapted_names(self) -> list[tuple[str, str, str]]:
        return [(name, "Property", p.kind) for name, p in sorted(self.properties.items())]

    def adapted_invoke(self, session: Session, name: str, arguments: list[Any]) -> Any:
        self._refuse(name)
        return super().adapted_invoke(session, name, arguments)


def _converted(value: Any, kind: str, session: Session) -> Any:
    if kind == "object":
        return value
    if kind == "bool":
        return convert.to_bool(value)
    if kind == "int":
        return int(convert.to_text(value, session))
    return "" if value is None else convert.to_text(value, session)


def field(path: str, kind: str = "string", writable: bool = True) -> Property:
    """A property that is a field of the Python object behind (`self.inner`)."""

    def get(me: Any) -> Any:
        return getattr(me.inner, path)

    def put(me: Any, value: Any) -> None:
        setattr(me.inner, path, value)

    return Property(get, put if writable else None, kind)


class Wrapped(Automation):
    """A COM view of a Python object: `inner` is what its properties read and write."""

    def __init__(self, session: Session, inner: Any) -> None:
        super().__init__(session)
        self.inner = inner


class ComCollection(Automation):
    """`first`: the index of its first item. `bad_index`: the HRESULT for one that is not there."""

    first: ClassVar[int] = 0
    bad_index: ClassVar[int] = E_INVALIDARG

    def items(self) -> list[Any]:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items())

    def item(self, session: Session, index: Any) -> Any:
        items = self.items()
        place = int(index) - self.first
        if not 0 <= place < len(items):
            raise hresult_failure(self.bad_index)
        return items[place]

    properties: ClassVar[dict[str, Property]] = {"Count": Property(lambda me: len(me.items()), kind="int")}
    methods: ClassVar[dict[str, Callable[..., Any]]] = {"Item": item}
