"""Expressions: literals, operators, members, indexes, conversions, sub-expressions."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert, members, syntax
from winbake.rehearsal.powershell.compile.assignments import compile_increment
from winbake.rehearsal.powershell.compile.blocks import compile_statement_block
from winbake.rehearsal.powershell.compile.core import (
    Value,
    compile_expression,
    compile_value,
    expression,
    type_getter,
    write,
)
from winbake.rehearsal.powershell.compile.variables import locate
from winbake.rehearsal.powershell.dotnet.collections import Dictionary, Hashtable, ListObject, OrderedDictionary
from winbake.rehearsal.powershell.engine_values import Reference
from winbake.rehearsal.powershell.errors import ErrorRecord, NetError, NetException, ScriptError, script_error
from winbake.rehearsal.powershell.operators import BINARY, UNARY
from winbake.rehearsal.powershell.operators.numeric import INT_HIGH, INT_LOW
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.types import NetType
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, PSArray, unwrap


@expression(syntax.Constant)
def compile_constant(node: syntax.Constant) -> Value:
    value = node.value
    return lambda f: value


@expression(syntax.StringConstant)
def compile_string(node: syntax.StringConstant) -> Value:
    value = node.value
    if node.kind == "bare" and node.number is not None and not value.startswith("-"):
        value = node.number
    return lambda f: value


@expression(syntax.ExpandableString)
def compile_expandable(node: syntax.ExpandableString) -> Value:
    parts: list[tuple[str, Value | None]] = []
    for part in node.parts:
        parts.append((part, None) if isinstance(part, str) else ("", compile_expression(part)))

    def expand(f: Frame) -> str:
        out = []
        for text, value in parts:
            if value is None:
                out.append(text)
            else:
                found = value(f)
                out.append(found if type(found) is str else convert.to_text(found, f.session))
        return "".join(out)

    return expand


# ---- operators --------------------------------------------------------------------------------------------


@expression(syntax.Binary)
def compile_binary(node: syntax.Binary) -> Value:
    left = compile_expression(node.left)
    operator = node.operator
    if operator in ("-and", "-or", "-xor"):
        return _compile_logical(operator, left, compile_expression(node.right))
    right = compile_expression(node.right)
    function = BINARY[operator]
    if operator == "-lt":

        def less(f: Frame) -> Any:
            a, b = left(f), right(f)
            if type(a) is int and type(b) is int:
                return a < b
            return function(f.session, a, b)

        return less
    if operator == "+":

        def plus(f: Frame) -> Any:
            a, b = left(f), right(f)
            if type(a) is int and type(b) is int:
                value = a + b
                return value if INT_LOW <= value <= INT_HIGH else float(value)
            return function(f.session, a, b)

        return plus
    return lambda f: function(f.session, left(f), right(f))


def _compile_logical(operator: str, left: Value, right: Value) -> Value:
    to_bool = convert.to_bool
    if operator == "-and":
        return lambda f: to_bool(left(f)) and to_bool(right(f))
    if operator == "-or":
        return lambda f: to_bool(left(f)) or to_bool(right(f))
    return lambda f: to_bool(left(f)) != to_bool(right(f))


@expression(syntax.Unary)
def compile_unary(node: syntax.Unary) -> Value:
    operator = node.operator
    if operator.endswith(("++", "--")):
        return compile_increment(node)
    child = compile_expression(node.child)
    if operator == ",":
        return lambda f: PSArray([_item(child(f))])
    if operator in ("!", "-not"):
        to_bool = convert.to_bool
        return lambda f: not to_bool(child(f))
    function = UNARY[operator]
    return lambda f: function(f.session, child(f))


def _item(value: Any) -> Any:
    return None if value is AUTOMATION_NULL else value


@expression(syntax.ArrayLiteral)
def compile_array_literal(node: syntax.ArrayLiteral) -> Value:
    elements = [compile_expression(e) for e in node.elements]
    return lambda f: PSArray([_item(e(f)) for e in elements])


@expression(syntax.ArrayExpression)
def compile_array_expression(node: syntax.ArrayExpression) -> Value:
    run = compile_statement_block(node.body)

    def collect(f: Frame) -> PSArray:
        items: list[Any] = []
        run(f, items.append)
        return PSArray(items)

    return collect


@expression(syntax.SubExpression)
def compile_sub_expression(node: syntax.SubExpression) -> Value:
    run = compile_statement_block(node.body)

    def collect(f: Frame) -> Any:
        items: list[Any] = []
        run(f, items.append)
        if len(items) == 1:
            return items[0]
        return PSArray(items) if items else AUTOMATION_NULL

    return collect


@expression(syntax.Paren)
def compile_paren(node: syntax.Paren) -> Value:
    return compile_value(node.pipeline)


@expression(syntax.ScriptBlockExpression)
def compile_script_block_expression(node: syntax.ScriptBlockExpression) -> Value:
    from winbake.rehearsal.powershell.compile.block import CompiledBlock
    from winbake.rehearsal.powershell.running.functions import ScriptBlock

    compiled = CompiledBlock(node.script_block)
    return lambda f: ScriptBlock(compiled, f.session, f.scope.state)


# ---- types and conversions --------------------------------------------------------------------------------


@expression(syntax.TypeExpression)
def compile_type(node: syntax.TypeExpression) -> Value:
    return type_getter(node.type_name)


@expression(syntax.AttributedExpression)
def compile_attributed(node: syntax.AttributedExpression) -> Value:
    return compile_expression(node.child)


@expression(syntax.Convert)
def compile_convert(node: syntax.Convert) -> Value:
    name = node.type_constraint.type_name
    low = name.name.lower() if not name.ranks and not name.arguments else ""
    child = node.child
    if low == "ordered" and isinstance(child, syntax.Hashtable):
        return compile_hashtable(child, ordered=True)
    if low in ("pscustomobject", "system.management.automation.pscustomobject") and isinstance(child, syntax.Hashtable):
        return _compile_custom(child)
    if low in ("ref", "system.management.automation.psreference", "management.automation.psreference"):
        return _compile_reference(child)
    value = compile_expression(child)
    if low in ("void", "system.void"):

        def discard(f: Frame) -> Any:
            value(f)
            return AUTOMATION_NULL

        return discard
    if low in ("pscustomobject", "system.management.automation.pscustomobject"):
        return lambda f: convert.to_custom_object(value(f))
    net_type = type_getter(name)

    def cast(f: Frame) -> Any:
        wanted = net_type(f)
        try:
            return convert.convert(value(f), wanted, f.session)
        except NetError as failure:
            raise runtime_error(failure) from failure

    return cast


def runtime_error(failure: NetError) -> ScriptError:
    """A .NET exception outside a method call: RuntimeException with it inside."""
    exception = failure.exception
    return ScriptError(ErrorRecord(exception, exception.type_name, "OperationStopped"))


def _compile_custom(node: syntax.Hashtable) -> Value:
    table = compile_hashtable(node, ordered=True)

    def make(f: Frame) -> Any:
        return convert.to_custom_object(table(f))

    return make


def _compile_reference(child: syntax.Expression) -> Value:
    if isinstance(child, syntax.Variable) and child.path.lower() != "null":
        path = child.path

        def refer(f: Frame) -> Any:
            variable = locate(f, path)
            if variable is None:
                raise script_error(
                    "NonExistingVariableReference",
                    "[ref] cannot be applied to a variable that does not exist.",
                    "InvalidOperation",
                    target=path,
                )
            value = variable.value
            if isinstance(value, Reference):
                return value
            found = variable
            return Reference(None, lambda: found.value, found.assign)

        return refer
    value = compile_expression(child)
    return lambda f: Reference(value(f))


# ---- hashtables -------------------------------------------------------------------------------------------


@expression(syntax.Hashtable)
def compile_plain_hashtable(node: syntax.Hashtable) -> Value:
    return compile_hashtable(node, ordered=False)


def compile_hashtable(node: syntax.Hashtable, ordered: bool) -> Value:
    pairs = [(compile_expression(key), compile_value(value)) for key, value in node.pairs]

    def make(f: Frame) -> Any:
        table: Any = OrderedDictionary(ignore_case=True) if ordered else Hashtable(ignore_case=True)
        for key, value in pairs:
            name = unwrap(key(f))
            if name is None:
                raise script_error("InvalidNullKey", "A null key is not allowed in a hash literal.", "InvalidOperation")
            if table.contains(name):
                raise script_error(
                    "DuplicateKeyInHashLiteral",
                    f"Item has already been added. Key in dictionary: '{convert.to_text(name)}'  Key being added: "
                    f"'{convert.to_text(name)}'",
                    "InvalidOperation",
                )
            table.set(name, _item(value(f)))
        return table

    return make


# ---- members and indexes ----------------------------------------------------------------------------------


def member_name(node: syntax.Expression) -> tuple[str | None, Value | None]:
    """A member's name as a text, or the expression that gives it."""
    if isinstance(node, syntax.StringConstant):
        return node.value, None
    return None, compile_expression(node)


def strict_here(f: Frame) -> bool:
    return f.session.strict_used and f.scope.strict_version() >= 2


@expression(syntax.Member)
def compile_member(node: syntax.Member) -> Value:
    target = compile_expression(node.target)
    name, name_value = member_name(node.member)
    if node.static:
        return _compile_static_member(target, name, name_value)
    get = members.get_member_value
    if name is not None:
        fixed = name

        def read(f: Frame) -> Any:
            value = target(f)
            if value is AUTOMATION_NULL:
                value = None
            return get(f.session, value, fixed, f.session.strict_used and strict_here(f))

        return read
    assert name_value is not None
    computed = name_value

    def read_computed(f: Frame) -> Any:
        value = _item(target(f))
        wanted = computed(f)
        table = unwrap(value)
        if isinstance(table, Dictionary) and table.contains(unwrap(wanted)):
            return table.get(unwrap(wanted))
        if isinstance(unwrap(wanted), NetType):
            wanted = unwrap(wanted).key
        return get(f.session, value, convert.to_text(wanted, f.session), strict_here(f))

    return read_computed


def _compile_static_member(target: Value, name: str | None, name_value: Value | None) -> Value:
    def read(f: Frame) -> Any:
        owner = unwrap(target(f))
        wanted = name if name is not None else convert.to_text(name_value(f), f.session)  # type: ignore[misc]
        if not isinstance(owner, NetType):
            if owner is None:
                if strict_here(f):
                    raise _not_a_type(owner)
                return None
            from winbake.rehearsal.powershell.types import type_of

            owner = type_of(owner)
        return members.get_static(f.session, owner, wanted)

    return read


def _not_a_type(value: Any) -> ScriptError:
    return script_error("InvalidOperation", f"The value '{value}' is not a type.", "InvalidOperation")


@expression(syntax.InvokeMember)
def compile_invoke(node: syntax.InvokeMember) -> Value:
    target = compile_expression(node.target)
    name, name_value = member_name(node.member)
    arguments = [compile_expression(a) for a in node.arguments]
    if node.static:

        def invoke_static(f: Frame) -> Any:
            owner = unwrap(target(f))
            wanted = name if name is not None else convert.to_text(name_value(f), f.session)  # type: ignore[misc]
            values = [_item(a(f)) for a in arguments]
            if not isinstance(owner, NetType):
                if owner is None:
                    raise null_call()
                from winbake.rehearsal.powershell.types import type_of

                owner = type_of(owner)
            if wanted.lower() == "new":
                return members.create(f.session, owner, values)
            return members.invoke_static(f.session, owner, wanted, values)

        return invoke_static

    base_type = _cast_target(node.target)

    def invoke(f: Frame) -> Any:
        owner = target(f)
        wanted: Any = name
        if base_type is not None and wanted is not None:
            from winbake.rehearsal.powershell.running.classes import ScriptClass, base_call

            wanted_type = base_type(f)
            if isinstance(wanted_type.script_class, ScriptClass):
                return base_call(f.session, wanted_type, owner, wanted, [_item(a(f)) for a in arguments])
        if wanted is None:
            found = unwrap(name_value(f))  # type: ignore[misc]
            from winbake.rehearsal.powershell.running.functions import ScriptBlock

            if isinstance(found, ScriptBlock):
                values = [_item(a(f)) for a in arguments]
                return f.session.collected(f.session.invoke(found, *values, this=owner))
            if found is not None and hasattr(found, "invoke_method"):
                return found.invoke_method(f.session, [_item(a(f)) for a in arguments])
            wanted = convert.to_text(found, f.session)
        values = [_item(a(f)) for a in arguments]
        if owner is None or owner is AUTOMATION_NULL:
            special = _null_method(f, wanted, values)
            if special is not None:
                return special
            raise null_call()
        return members.invoke_method(f.session, owner, wanted, values)

    return invoke


def _cast_target(node: syntax.Expression) -> Any:
    """The type in `([Base]$this).Method()`, which calls that class's own method."""
    if not isinstance(node, syntax.Paren) or not isinstance(node.pipeline, syntax.Pipeline):
        return None
    element = node.pipeline.elements[0]
    inner = element.expression if isinstance(element, syntax.CommandExpression) else None
    if isinstance(inner, syntax.Convert):
        return type_getter(inner.type_constraint.type_name)
    return None


def _null_method(f: Frame, name: str, values: list[Any]) -> Any:
    """`.Where()` and `.ForEach()` work on nothing too."""
    if name.lower() in ("where", "foreach"):
        return members.invoke_method(f.session, PSArray([]), name, values)
    return None


def null_call() -> ScriptError:
    return script_error(
        "InvokeMethodOnNull", "You cannot call a method on a null-valued expression.", "InvalidOperation"
    )


@expression(syntax.Index)
def compile_index(node: syntax.Index) -> Value:
    target = compile_expression(node.target)
    index = compile_expression(node.index)
    by_key = isinstance(node.index, syntax.Convert) and node.index.type_constraint.type_name.text.lower() == "object"

    def read(f: Frame) -> Any:
        owner = target(f)
        position = index(f)
        if type(owner) is PSArray and type(position) is int:
            items = owner.items
            size = len(items)
            if -size <= position < size:
                return items[position]
        if f.session.strict_used and type(position) is int and f.scope.strict_version() >= 3:
            _check_range(owner, position)
        if owner is None or owner is AUTOMATION_NULL:
            raise null_array()
        return members.get_index(f.session, owner, _item(position), strict_here(f), by_key)

    return read


def _check_range(owner: Any, position: int) -> None:
    """Strict mode 3: an index outside an array or list is an error."""
    bare = unwrap(owner)
    if isinstance(bare, PSArray | str):
        size, kind = len(bare), "System.IndexOutOfRangeException"
        message = "Index was outside the bounds of the array."
    elif isinstance(bare, ListObject):
        size, kind = len(bare), "System.ArgumentOutOfRangeException"
        message = (
            "Index was out of range. Must be non-negative and less than the size of the collection.\r\n"
            "Parameter name: index"
        )
    else:
        return
    if not -size <= position < size:
        raise script_error(kind, message, "OperationStopped", kind)


def null_array() -> ScriptError:
    return script_error("NullArray", "Cannot index into a null array.", "InvalidOperation")


def evaluate_collected(value: Any) -> list[Any]:
    """What a value would put into a pipeline."""
    items: list[Any] = []
    write(value, items.append)
    return items


def exception_record(exception: NetException) -> ErrorRecord:
    return ErrorRecord(exception, exception.type_name, "OperationStopped")
