"""How Python code plays members of .NET types.

The signatures are the table's (`data/dotnet-framework-4.8.jsonl`): it decides which members exist, which overload
a call means and how arguments are converted. What stands here is only what a member does:

    @method("System.String", "Substring")
    def substring(value: str, start: int, length: int | None = None) -> str: ...

    @getter("System.String", "Length")
    def length(value: str) -> int: ...

    @static("System.Math", "Sqrt")          @static_getter("System.DateTime", "Now")
    @constructor("System.Version")          @setter("System.Diagnostics.ProcessStartInfo", "FileName")

The function gets the arguments of the chosen overload, converted. Overloads that need different code name the
parameter types: `@method("System.String", "Split", "Char[], Int32")`. A member that stands in the table but has no
function is refused by name (NotModelled); one that does not stand there is the error Windows gives.
A member may declare a parameter `session` (keyword-only) to get the Session. It throws by raising NetError.
Members are inherited along the table's base types; arrays use "System.Array", enums "System.Enum".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

METHODS: dict[tuple[str, str], dict[str | None, Callable[..., Any]]] = {}
"""(type, lower-case name) → signature (None: any) → function. Constructors are named ".ctor"."""
STATICS: dict[tuple[str, str], dict[str | None, Callable[..., Any]]] = {}
GETTERS: dict[tuple[str, str], Callable[..., Any]] = {}
SETTERS: dict[tuple[str, str], Callable[..., Any]] = {}
STATIC_GETTERS: dict[tuple[str, str], Callable[..., Any]] = {}
STATIC_SETTERS: dict[tuple[str, str], Callable[..., Any]] = {}


def method(type_name: str, name: str, signature: str | None = None) -> Callable[[F], F]:
    """An instance method; the first argument is the value."""

    def register(function: F) -> F:
        METHODS.setdefault((type_name, name.lower()), {})[signature] = function
        return function

    return register


def static(type_name: str, name: str, signature: str | None = None) -> Callable[[F], F]:
    def register(function: F) -> F:
        STATICS.setdefault((type_name, name.lower()), {})[signature] = function
        return function

    return register


def constructor(type_name: str, signature: str | None = None) -> Callable[[F], F]:
    return static(type_name, ".ctor", signature)


def _slot(table: dict[tuple[str, str], Callable[..., Any]], type_name: str, name: str) -> Callable[[F], F]:
    def register(function: F) -> F:
        table[type_name, name.lower()] = function
        return function

    return register


def getter(type_name: str, name: str) -> Callable[[F], F]:
    """A property, field or indexed property ("Item", "Chars") read from an instance."""
    return _slot(GETTERS, type_name, name)


def setter(type_name: str, name: str) -> Callable[[F], F]:
    return _slot(SETTERS, type_name, name)


def static_getter(type_name: str, name: str) -> Callable[[F], F]:
    return _slot(STATIC_GETTERS, type_name, name)


def static_setter(type_name: str, name: str) -> Callable[[F], F]:
    return _slot(STATIC_SETTERS, type_name, name)
