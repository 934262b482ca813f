"""The dispatch of the compiler: node classes register what compiles them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from winbake.rehearsal.powershell import syntax
from winbake.rehearsal.powershell.convert import enumerate_items
from winbake.rehearsal.powershell.errors import BreakFlow, ContinueFlow, script_error
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.types import NetType, resolve_type
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, PSArray

Value = Callable[[Frame], Any]
Out = Callable[[Any], None]
Run = Callable[[Frame, Out], None]

_EXPRESSIONS: dict[type, Callable[[Any], Value]] = {}
_STATEMENTS: dict[type, Callable[[Any], Run]] = {}
F = TypeVar("F", bound=Callable[..., Any])


def expression(node_class: type) -> Callable[[F], F]:
    def register(function: F) -> F:
        _EXPRESSIONS[node_class] = function
        return function

    return register


def statement(node_class: type) -> Callable[[F], F]:
    def register(function: F) -> F:
        _STATEMENTS[node_class] = function
        return function

    return register


def compile_expression(node: syntax.Expression) -> Value:
    return _EXPRESSIONS[type(node)](node)


def compile_statement(node: syntax.Statement) -> Run:
    return _STATEMENTS[type(node)](node)


def single_expression(node: syntax.Statement) -> syntax.Expression | None:
    """The expression if the statement is nothing but one (no redirection)."""
    if type(node) is syntax.Pipeline and len(node.elements) == 1:
        element = node.elements[0]
        if type(element) is syntax.CommandExpression and not element.redirections:
            return element.expression
    return None


def compile_value(node: syntax.Statement) -> Value:
    """A statement as a value: an expression as it is, anything else collected (nothing: AUTOMATION_NULL)."""
    found = single_expression(node)
    if found is not None:
        return compile_expression(found)
    if type(node) is syntax.Assignment:
        from winbake.rehearsal.powershell.compile.assignments import compile_assignment_value

        return compile_assignment_value(node)
    run = compile_statement(node)

    def collect(f: Frame) -> Any:
        items: list[Any] = []
        try:
            run(f, items.append)
        except (BreakFlow, ContinueFlow) as flow:
            # What was written before the loop was left still goes out, not into the variable.
            flow.partial = [*items, *flow.partial]
            raise
        if len(items) == 1:
            return items[0]
        return PSArray(items) if items else AUTOMATION_NULL

    return collect


_PLAIN = frozenset({int, str, float, bool, type(None)})


def write(value: Any, out: Out) -> None:
    """Writes a value to the pipeline, collections item by item."""
    if type(value) in _PLAIN:
        out(value)
    elif value is not AUTOMATION_NULL:
        items = enumerate_items(value)
        if items is None:
            out(value)
        else:
            for item in items:
                out(item)


def type_getter(type_name: syntax.TypeName) -> Callable[[Frame], NetType]:
    """Looks the type up at first use; classes of scripts each time, for they may be defined anew.

    Raises ScriptError TypeNotFound.
    """
    known: list[NetType] = []

    def get(f: Frame) -> NetType:
        if known:
            return known[0]
        found = resolve_type(type_name, f.session)
        if found is None:
            raise type_not_found(type_name.text, type_name.name)
        if not _from_script(found):
            known.append(found)
        return found

    return get


def _from_script(net_type: NetType) -> bool:
    if net_type.script_class is not None:
        return True
    if net_type.element_type is not None:
        return _from_script(net_type.element_type)
    return any(_from_script(a) for a in net_type.arguments)


def type_not_found(text: str, target: Any) -> Exception:
    return script_error("TypeNotFound", f"Unable to find type [{text}].", "InvalidOperation", target=target)
