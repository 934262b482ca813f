"""Pipelines and commands: evaluating arguments, finding the command, redirections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell import convert, syntax
from winbake.rehearsal.powershell.binding.binder import PARAMETER_MARK, Argument
from winbake.rehearsal.powershell.compile.core import (
    Out,
    Run,
    Value,
    compile_expression,
    statement,
    write,
)
from winbake.rehearsal.powershell.dotnet.collections import Dictionary
from winbake.rehearsal.powershell.errors import script_error
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.pipeline import Pipeline, Stage
from winbake.rehearsal.powershell.running.redirection import Redirected, redirect
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, Char, PSObject, unwrap

Arguments = Callable[[Frame, list[Argument]], None]
Maker = Callable[[Frame], Stage]


@statement(syntax.Pipeline)
def compile_pipeline(node: syntax.Pipeline) -> Run:
    first = node.elements[0]
    if isinstance(first, syntax.CommandExpression):
        if len(node.elements) == 1:
            return _compile_lone_expression(node, first)
        source: Value | None = compile_expression(first.expression)
        rest = node.elements[1:]
    else:
        source = None
        rest = node.elements
    makers = [compile_command(element) for element in rest]  # type: ignore[arg-type]
    lone = makers[0] if source is None and len(makers) == 1 else None

    def run(f: Frame, out: Out) -> None:
        f.position = node
        session = f.session
        if lone is not None:
            stages = [lone(f)]
            pipeline = Pipeline(session, stages, out)
            pipeline.run(None)
        else:
            value = source(f) if source is not None else None
            stages = [make(f) for make in makers]
            pipeline = Pipeline(session, stages, out)
            if source is None:
                pipeline.run(None)
            else:
                stages[0].expects_input = True
                pipeline.run(lambda receive: write(value, receive))
        session.ok = not pipeline.failed

    return run


def _compile_lone_expression(node: syntax.Pipeline, element: syntax.CommandExpression) -> Run:
    value = compile_expression(element.expression)
    expression = element.expression
    silent = isinstance(expression, syntax.Unary) and expression.operator.endswith(("++", "--"))
    redirections = [_compile_redirection(r) for r in element.redirections]

    if silent:

        def bump(f: Frame, out: Out) -> None:
            f.position = node
            value(f)
            f.session.ok = True

        return bump

    def run(f: Frame, out: Out) -> None:
        f.position = node
        found = value(f)
        kind = type(found)
        if kind is str or kind is int or kind is bool:
            out(found)
        else:
            write(found, out)
        f.session.ok = True

    if not redirections:
        return run

    def run_redirected(f: Frame, out: Out) -> None:
        f.position = node
        target = Redirected(f.session, f, out)
        try:
            for apply in redirections:
                apply(f, target)
            saved, f.session.streams = f.session.streams, target.streams
            try:
                write(value(f), target.emit)
            finally:
                f.session.streams = saved
        finally:
            target.close()
        f.session.ok = True

    return run_redirected


def _compile_redirection(node: syntax.Redirection) -> Callable[[Frame, Redirected], None]:
    if node.to_stream is not None:
        numbers = [node.from_stream] if node.from_stream else [2, 3, 4, 5, 6]

        def merge(f: Frame, target: Redirected) -> None:
            for number in numbers:
                target.merge(number)

        return merge
    assert node.target is not None
    path = compile_expression(node.target)
    numbers = [node.from_stream] if node.from_stream else [1, 2, 3, 4, 5, 6]
    append = node.append

    def to_file(f: Frame, target: Redirected) -> None:
        value = path(f)
        target.to_file(numbers, None if value is None else convert.to_text(value, f.session), append)

    return to_file


# ---- one command ------------------------------------------------------------------------------------------


def compile_command(node: syntax.Command) -> Maker:
    head = node.elements[0]
    arguments = [compile_argument(element) for element in node.elements[1:]]
    redirections = [_compile_redirection(r) for r in node.redirections]
    name: str | None = None
    name_value: Value | None = None
    if isinstance(head, syntax.StringConstant):
        name = head.value
    elif isinstance(head, syntax.CommandParameter):
        name = head.text
    else:
        name_value = compile_expression(head)
    dotted = node.invocation == "."
    called_like_method = _called_like_method(node)

    def make(f: Frame) -> Stage:
        session = f.session
        f.position = node
        if called_like_method and session.strict_used and f.scope.strict_version() >= 2:
            raise script_error(
                "StrictModeFunctionCallWithParens",
                "The function or command was called as if it were a method. Parameters should be "
                "separated by spaces. For "
                "information about parameters, see the about_Parameters Help topic.",
                "InvalidOperation",
            )
        target: Any = name if name is not None else name_value(f)  # type: ignore[misc]
        given: list[Argument] = []
        for add in arguments:
            add(f, given)
        stage = session.make_stage(f, target, given, dotted, node)
        if redirections:
            redirect(stage, f, redirections)
        return stage

    return make


def _called_like_method(node: syntax.Command) -> bool:
    """`f(1, 2)`: strict mode 2 refuses it."""
    if len(node.elements) != 2 or node.invocation is not None:
        return False
    head, argument = node.elements
    if not isinstance(argument, syntax.Paren) or head.end != argument.start:
        return False
    inner = argument.pipeline
    return (
        isinstance(inner, syntax.Pipeline)
        and isinstance(inner.elements[0], syntax.CommandExpression)
        and isinstance(inner.elements[0].expression, syntax.ArrayLiteral)
    )


def literal_number(node: syntax.Expression) -> tuple[Any, str] | None:
    """A number argument: its value and its text."""
    if isinstance(node, syntax.StringConstant) and node.kind == "bare" and node.number is not None:
        if not node.value.startswith("-"):
            return node.number, node.value
    if isinstance(node, syntax.Constant):
        return node.value, node.text
    return None


def compile_argument(node: syntax.Expression | syntax.CommandParameter) -> Arguments:
    if isinstance(node, syntax.CommandParameter):
        return _compile_parameter(node)
    if isinstance(node, syntax.Variable) and node.splatted:
        return _compile_splat(node)
    number = literal_number(node)
    if number is not None:
        value, text = number

        def add_number(f: Frame, given: list[Argument]) -> None:
            given.append(Argument(None, value, True, node, text))

        return add_number
    evaluate = compile_expression(node)

    def add(f: Frame, given: list[Argument]) -> None:
        value = evaluate(f)
        given.append(Argument(None, None if value is AUTOMATION_NULL else value, True, node))

    return add


def _compile_parameter(node: syntax.CommandParameter) -> Arguments:
    name = node.name
    if name == "-" and node.argument is None:

        def add_end(f: Frame, given: list[Argument]) -> None:
            argument = Argument(None, "--", True, node)
            argument.ends_names = True
            given.append(argument)

        return add_end
    if node.argument is None:

        def add_name(f: Frame, given: list[Argument]) -> None:
            given.append(Argument(name, None, False, node))

        return add_name
    number = literal_number(node.argument)
    evaluate = compile_expression(node.argument)

    def add(f: Frame, given: list[Argument]) -> None:
        if number is not None:
            given.append(Argument(name, number[0], True, node, number[1], colon=True))
            return
        value = evaluate(f)
        given.append(Argument(name, None if value is AUTOMATION_NULL else value, True, node, colon=True))

    return add


def _compile_splat(node: syntax.Variable) -> Arguments:
    evaluate = compile_expression(syntax.Variable(node.source, node.start, node.end, node.path))

    def add(f: Frame, given: list[Argument]) -> None:
        value = evaluate(f)
        bare = unwrap(value)
        if isinstance(bare, Dictionary):
            for key, item in bare.items():
                name = convert.to_text(key, f.session)
                given.append(Argument(name, item, True, node, splatted=True))
            return
        items = iter(bare) if isinstance(bare, str) else convert.enumerate_items(value)
        if bare is None:
            given.append(Argument(None, None, True, node, splatted=True))
        elif items is None:
            given.append(Argument(None, value, True, node, splatted=True))
        else:
            given.extend(_splatted_item(Char(item) if isinstance(bare, str) else item, node) for item in items)

    return add


def _splatted_item(item: Any, node: syntax.Node) -> Argument:
    if type(item) is PSObject and PARAMETER_MARK in item.members:
        text = item.base[1:]
        return Argument(text.removesuffix(":"), None, False, node)
    return Argument(None, item, True, node, splatted=True)
