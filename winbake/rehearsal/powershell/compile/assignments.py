"""Assignments: to variables (with types and validation), members, indexes, several targets; ++ and --."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell import convert, members, syntax
from winbake.rehearsal.powershell.binding.validation import ValidationFailure, variable_failure
from winbake.rehearsal.powershell.compile.core import (
    Out,
    Run,
    Value,
    compile_expression,
    compile_value,
    single_expression,
    statement,
    type_getter,
)
from winbake.rehearsal.powershell.compile.variables import as_metadata_error, compile_setter, target_scope
from winbake.rehearsal.powershell.errors import BreakFlow, ContinueFlow, ScriptError, script_error
from winbake.rehearsal.powershell.operators import BINARY
from winbake.rehearsal.powershell.operators.numeric import INT_HIGH, INT_LOW, is_number, to_number
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.scope import Variable
from winbake.rehearsal.powershell.types import NetType, type_of
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, PSArray, unwrap

Setter = Callable[[Frame, Any], None]


@statement(syntax.Assignment)
def compile_assignment(node: syntax.Assignment) -> Run:
    value = compile_assignment_value(node)
    from_expression = single_expression(node.right) is not None

    def run(f: Frame, out: Out) -> None:
        f.position = node
        try:
            value(f)
        except (BreakFlow, ContinueFlow) as flow:
            for item in flow.partial:
                out(item)
            flow.partial = []
            raise
        if from_expression:
            f.session.ok = True

    return run


def compile_assignment_value(node: syntax.Assignment) -> Value:
    """Assigns and gives the value assigned, for `($x = 1)` and `$a = $b = 1`."""
    right = compile_value(node.right)
    if node.operator == "=":
        target = compile_target(node.left)

        def assign(f: Frame) -> Any:
            value = right(f)
            return target(f, value)

        return assign
    return _compile_compound(node, BINARY[node.operator[:-1]], right)


def _compile_compound(node: syntax.Assignment, operator: Callable[[Any, Any, Any], Any], right: Value) -> Value:
    left = node.left
    if isinstance(left, syntax.Member | syntax.Index):
        return _compile_in_place(left, lambda f, old: operator(f.session, old, right(f)))
    read = compile_expression(_without_type(left))
    target = compile_target(left)

    def assign(f: Frame) -> Any:
        old = read(f)
        return target(f, operator(f.session, old, right(f)))

    return assign


def _without_type(node: syntax.Expression) -> syntax.Expression:
    while isinstance(node, syntax.Convert | syntax.AttributedExpression):
        node = node.child
    return node


def compile_target(node: syntax.Expression) -> Callable[[Frame, Any], Any]:
    """What assigns to a target and gives the value as it was kept."""
    if isinstance(node, syntax.Variable):
        plain = compile_setter(node)

        def set_plain(f: Frame, value: Any) -> Any:
            plain(f, value)
            return value

        return set_plain
    if isinstance(node, syntax.Convert | syntax.AttributedExpression):
        return _compile_constrained(node)
    if isinstance(node, syntax.ArrayLiteral):
        return _compile_several(node)
    if isinstance(node, syntax.Paren):
        inner = node.pipeline
        if isinstance(inner, syntax.Pipeline) and isinstance(inner.elements[0], syntax.CommandExpression):
            return compile_target(inner.elements[0].expression)
    if isinstance(node, syntax.Member):
        return _compile_member_target(node)
    if isinstance(node, syntax.Index):
        return _compile_index_target(node)
    raise AssertionError(f"the parser let {type(node).__name__} stand on the left of an assignment")


def _compile_several(node: syntax.ArrayLiteral) -> Callable[[Frame, Any], Any]:
    """`$a, $b = …`: one value each, the rest to the last."""
    targets = [compile_target(element) for element in node.elements]

    def assign(f: Frame, value: Any) -> Any:
        items = convert.enumerate_items(value)
        values = [value] if items is None else list(items)
        if value is AUTOMATION_NULL:
            values = []
        last = len(targets) - 1
        for index, target in enumerate(targets):
            if index < last:
                target(f, values[index] if index < len(values) else None)
            else:
                rest = values[index:]
                target(f, rest[0] if len(rest) == 1 else (PSArray(rest) if rest else None))
        return value

    return assign


# ---- typed and validated variables ------------------------------------------------------------------------


def _compile_constrained(node: syntax.Convert | syntax.AttributedExpression) -> Callable[[Frame, Any], Any]:
    """`[int]$x = …`, `[ValidateSet('a')]$x = …`: the variable keeps its type and its validation."""
    types: list[Callable[[Frame], NetType]] = []
    attributes: list[syntax.Attribute] = []
    inner: syntax.Expression = node
    while isinstance(inner, syntax.Convert | syntax.AttributedExpression):
        if isinstance(inner, syntax.Convert):
            types.append(type_getter(inner.type_constraint.type_name))
        else:
            attributes.append(inner.attribute)
        inner = inner.child
    if not isinstance(inner, syntax.Variable):
        target = compile_target(inner)

        def assign_converted(f: Frame, value: Any) -> Any:
            for get in reversed(types):
                value = convert.convert(value, get(f), f.session)
            return target(f, value)

        return assign_converted
    path = inner.path

    def assign(f: Frame, value: Any) -> Any:
        from winbake.rehearsal.powershell.binding.attributes import make_validations

        net_types = [t for get in types if (t := get(f)).key != "System.Management.Automation.PSReference"]
        validations = make_validations(f, attributes)
        try:
            for net_type in reversed(net_types):
                value = convert.convert(value, net_type, f.session)
        except ScriptError as failure:
            if f.typed_locals:
                raise
            raise as_metadata_error(failure) from failure
        scope, name = target_scope(f, path)
        _validate(f, name, value, validations)
        key = name.lower()
        variable = scope.variables.get(key)
        if variable is None:
            variable = scope.variables[key] = Variable(name)
        elif variable.options & 3:
            variable.assign(value)
        variable.guard = make_guard(f.session, name, net_types, validations)
        variable.value = value
        return value

    return assign


def make_guard(
    session: Any, name: str, net_types: list[NetType], validations: list[Any]
) -> Callable[[Any], Any] | None:
    """What a constrained variable does to every later value."""
    if not net_types and not validations:
        return None

    def guard(value: Any) -> Any:
        for net_type in reversed(net_types):
            if net_type.key == "System.Boolean":
                refuse_text(value)
            value = convert.convert(value, net_type, session)
        for validation in validations:
            try:
                validation.check(session, value)
            except ValidationFailure as failure:
                raise variable_failure(name, value, session) from failure
        return value

    return guard


def refuse_text(value: Any) -> None:
    """A [bool] variable takes booleans and numbers only, once it is one."""
    bare = unwrap(value)
    if bare is None or is_number(bare) or isinstance(bare, bool):
        return
    raise script_error(
        "RuntimeException",
        f'Cannot convert value "{convert.to_text(bare)}" to type "System.Boolean". Boolean parameters '
        "accept only Boolean "
        "values and numbers, such as $True, $False, 1 or 0 instead.",
        "MetadataError",
        "System.Management.Automation.ArgumentTransformationMetadataException",
    )


def _validate(f: Frame, name: str, value: Any, validations: list[Any]) -> None:
    for validation in validations:
        try:
            validation.check(f.session, value)
        except ValidationFailure as failure:
            raise variable_failure(name, value, f.session) from failure


# ---- members and indexes ----------------------------------------------------------------------------------


def _names(node: syntax.Expression) -> Callable[[Frame], str]:
    if isinstance(node, syntax.StringConstant):
        name = node.value
        return lambda f: name
    computed = compile_expression(node)
    return lambda f: convert.to_text(computed(f), f.session)


def _set_member(f: Frame, node: syntax.Member, owner: Any, name: str, value: Any) -> None:
    value = None if value is AUTOMATION_NULL else value
    if node.static:
        bare = unwrap(owner)
        members.set_static(f.session, bare if isinstance(bare, NetType) else type_of(bare), name, value)
        return
    if owner is None or owner is AUTOMATION_NULL:
        raise script_error(
            "PropertyNotFound",
            f"The property '{name}' cannot be found on this object. Verify that the property exists and can be set.",
            "InvalidOperation",
        )
    members.set_member_value(f.session, owner, name, value)


def _compile_member_target(node: syntax.Member) -> Callable[[Frame, Any], Any]:
    owner = compile_expression(node.target)
    name = _names(node.member)

    def assign(f: Frame, value: Any) -> Any:
        _set_member(f, node, owner(f), name(f), value)
        return value

    return assign


def _set_index(f: Frame, owner: Any, index: Any, value: Any) -> None:
    from winbake.rehearsal.powershell.compile.expressions import null_array

    if owner is None or owner is AUTOMATION_NULL:
        raise null_array()
    members.set_index(
        f.session, owner, None if index is AUTOMATION_NULL else index, None if value is AUTOMATION_NULL else value
    )


def _compile_index_target(node: syntax.Index) -> Callable[[Frame, Any], Any]:
    owner = compile_expression(node.target)
    index = compile_expression(node.index)

    def assign(f: Frame, value: Any) -> Any:
        _set_index(f, owner(f), index(f), value)
        return value

    return assign


def _compile_in_place(node: syntax.Member | syntax.Index, change: Callable[[Frame, Any], Any]) -> Value:
    """`target.x += …`: the target is looked up once."""
    owner = compile_expression(node.target)
    if isinstance(node, syntax.Member):
        name = _names(node.member)
        member = node

        def assign_member(f: Frame) -> Any:
            from winbake.rehearsal.powershell.compile.expressions import strict_here

            place = owner(f)
            wanted = name(f)
            if member.static:
                old = members.get_static(f.session, unwrap(place), wanted)
            else:
                bare = None if place is AUTOMATION_NULL else place
                old = members.get_member_value(f.session, bare, wanted, strict_here(f))
            value = change(f, old)
            _set_member(f, member, place, wanted, value)
            return value

        return assign_member
    index = compile_expression(node.index)

    def assign_index(f: Frame) -> Any:
        from winbake.rehearsal.powershell.compile.expressions import null_array

        place = owner(f)
        where = index(f)
        if place is None or place is AUTOMATION_NULL:
            raise null_array()
        old = members.get_index(f.session, place, where)
        value = change(f, old)
        _set_index(f, place, where, value)
        return value

    return assign_index


# ---- ++ and -- --------------------------------------------------------------------------------------------


def compile_increment(node: syntax.Unary) -> Value:
    step = 1 if node.operator.endswith("++") else -1
    after = node.operator.startswith("post")
    child = _without_type(node.child)
    while isinstance(child, syntax.Paren) and isinstance(child.pipeline, syntax.Pipeline):
        element = child.pipeline.elements[0]
        if not isinstance(element, syntax.CommandExpression):
            break
        child = element.expression

    def bump(f: Frame, old: Any) -> Any:
        if type(old) is int and INT_LOW < old < INT_HIGH:
            return old + step
        bare = None if old is AUTOMATION_NULL else unwrap(old)
        number = to_number(f.session, bare) if bare is None or is_number(bare) else None
        if number is None:
            sign = "++" if step > 0 else "--"
            raise script_error(
                "OperatorRequiresNumber",
                f"The '{sign}' operator works only on numbers. The operand is a '{_type_name(old)}'.",
                "InvalidOperation",
            )
        return BINARY["+"](f.session, number, step)

    if isinstance(child, syntax.Variable):
        read = compile_expression(child)
        write_variable = compile_setter(child)

        def on_variable(f: Frame) -> Any:
            old = read(f)
            new = bump(f, old)
            write_variable(f, new)
            if after:
                return 0 if old is None or old is AUTOMATION_NULL else old
            return new

        return on_variable
    if not isinstance(child, syntax.Member | syntax.Index):
        raise AssertionError("the parser lets ++ stand only at something that can be assigned to")

    seen: list[Any] = []

    def change(f: Frame, old: Any) -> Any:
        seen[:] = [old]
        return bump(f, None if old is AUTOMATION_NULL else old)

    bump_place = _compile_in_place(child, change)

    def on_place(f: Frame) -> Any:
        new = bump_place(f)
        if after:
            return 0 if seen[0] is None else seen[0]
        return new

    return on_place


def _type_name(value: Any) -> str:
    return type_of(value).key if value is not None else "System.Object"
