"""Simple statements: if, loops, switch, return, throw, exit, function definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from winbake.rehearsal.powershell import convert, syntax
from winbake.rehearsal.powershell.compile.blocks import compile_statement_block
from winbake.rehearsal.powershell.compile.core import (
    Out,
    Run,
    compile_expression,
    compile_statement,
    compile_value,
    statement,
)
from winbake.rehearsal.powershell.compile.variables import compile_setter
from winbake.rehearsal.powershell.dotnet.collections import Enumerator
from winbake.rehearsal.powershell.errors import (
    BreakFlow,
    ContinueFlow,
    ExitFlow,
    NotModelled,
    ReturnFlow,
    ScriptError,
)
from winbake.rehearsal.powershell.running.error_flow import thrown_record
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, PSArray
from winbake.rehearsal.windows.failures import ProcessKilled


@statement(syntax.If)
def compile_if(node: syntax.If) -> Run:
    clauses = [(_condition(test), compile_statement_block(body)) for test, body in node.clauses]
    otherwise = compile_statement_block(node.otherwise) if node.otherwise is not None else None

    def run(f: Frame, out: Out) -> None:
        for test, body in clauses:
            if test(f):
                body(f, out)
                return
        if otherwise is not None:
            otherwise(f, out)

    return run


def _condition(node: syntax.Statement) -> Callable[[Frame], bool]:
    value = compile_value(node)
    to_bool = convert.to_bool
    position = node

    def test(f: Frame) -> bool:
        f.position = position
        found = value(f)
        return found if type(found) is bool else to_bool(found)

    return test


# ---- loops ------------------------------------------------------------------------------------------------


def _matches(flow: BreakFlow | ContinueFlow, label: str | None) -> bool:
    return flow.label is None or (label is not None and flow.label.lower() == label.lower())


@statement(syntax.While)
def compile_while(node: syntax.While) -> Run:
    test = _condition(node.condition)
    body = compile_statement_block(node.body)
    label = node.label

    def run(f: Frame, out: Out) -> None:
        stopped = f.session.stopped
        while test(f):
            if stopped():
                raise ProcessKilled
            try:
                body(f, out)
            except BreakFlow as flow:
                if _matches(flow, label):
                    return
                raise
            except ContinueFlow as flow:
                if not _matches(flow, label):
                    raise

    return run


@statement(syntax.DoLoop)
def compile_do(node: syntax.DoLoop) -> Run:
    test = _condition(node.condition)
    body = compile_statement_block(node.body)
    label = node.label
    until = node.until

    def run(f: Frame, out: Out) -> None:
        stopped = f.session.stopped
        while True:
            if stopped():
                raise ProcessKilled
            try:
                body(f, out)
            except BreakFlow as flow:
                if _matches(flow, label):
                    return
                raise
            except ContinueFlow as flow:
                if not _matches(flow, label):
                    raise
            if test(f) is until:
                return

    return run


@statement(syntax.For)
def compile_for(node: syntax.For) -> Run:
    first = compile_value(node.initializer) if node.initializer is not None else None
    test = _condition(node.condition) if node.condition is not None else None
    step = compile_value(node.iterator) if node.iterator is not None else None
    body = compile_statement_block(node.body)
    label = node.label

    def run(f: Frame, out: Out) -> None:
        if first is not None:
            first(f)
        stopped = f.session.stopped
        while test is None or test(f):
            if stopped():
                raise ProcessKilled
            try:
                body(f, out)
            except BreakFlow as flow:
                if _matches(flow, label):
                    return
                raise
            except ContinueFlow as flow:
                if not _matches(flow, label):
                    raise
            if step is not None:
                step(f)

    return run


class LoopEnumerator(Enumerator):
    """`$foreach` and `$switch`: past the end Current is null."""

    @property
    def current(self) -> Any:
        return self._current


class LoopItems:
    """The items of a foreach or switch; `$foreach` and `$switch` can move it."""

    def __init__(self, items: Any) -> None:
        self.enumerator = LoopEnumerator(items)

    def __iter__(self) -> Iterator[Any]:
        while self.enumerator.move_next():
            yield self.enumerator.current


@statement(syntax.ForEach)
def compile_foreach(node: syntax.ForEach) -> Run:
    collection = compile_value(node.expression)
    assign = compile_setter(node.variable)
    body = compile_statement_block(node.body)
    label = node.label
    uses_enumerator = "$foreach" in node.source.text[node.start : node.end].lower()
    position = node

    def run(f: Frame, out: Out) -> None:
        f.position = position
        value = collection(f)
        if value is None or value is AUTOMATION_NULL:
            return
        found = convert.enumerate_items(value)
        items: Any = [value] if found is None else found
        if isinstance(value, PSArray):
            items = list(value.items)
        saved = None
        if uses_enumerator:
            items = LoopItems(items)
            saved = f.scope.variables.get("foreach")
            f.scope.variables.pop("foreach", None)
            f.scope.put("foreach", items.enumerator)
        try:
            stopped = f.session.stopped
            for item in items:
                if stopped():
                    raise ProcessKilled
                assign(f, item)
                try:
                    body(f, out)
                except ContinueFlow as flow:
                    if not _matches(flow, label):
                        raise
        except BreakFlow as flow:
            if not _matches(flow, label):
                raise
        finally:
            if uses_enumerator:
                f.scope.variables.pop("foreach", None)
                if saved is not None:
                    f.scope.variables["foreach"] = saved

    return run


# ---- switch -----------------------------------------------------------------------------------------------

Test = Callable[[Frame, Any], bool]


@statement(syntax.Switch)
def compile_switch(node: syntax.Switch) -> Run:
    condition = compile_value(node.condition)
    clauses = [(_clause(test, node.flags), compile_statement_block(body)) for test, body in node.clauses]
    default = compile_statement_block(node.default) if node.default is not None else None
    label = node.label
    from_file = "file" in node.flags

    def run(f: Frame, out: Out) -> None:
        f.position = node
        value = condition(f)
        items: Any
        if from_file:
            items = f.session.file_lines(convert.to_text(value, f.session))
        elif value is AUTOMATION_NULL:
            return
        else:
            found = convert.enumerate_items(value)
            items = [value] if found is None else list(found)
        scope = f.scope
        loop = LoopItems(items)
        saved = {key: scope.variables.pop(key, None) for key in ("_", "switch")}
        scope.put("switch", loop.enumerator)
        try:
            for item in loop:
                scope.put("_", item)
                _run_clauses(f, out, item, clauses, default, label)
        except BreakFlow as flow:
            if not _matches(flow, label):
                raise
        finally:
            for key, variable in saved.items():
                scope.variables.pop(key, None)
                if variable is not None:
                    scope.variables[key] = variable

    return run


def _run_clauses(
    f: Frame, out: Out, item: Any, clauses: list[tuple[Test, Run]], default: Run | None, label: str | None
) -> None:
    matched = False
    try:
        for test, body in clauses:
            f.scope.put("_", item)
            if test(f, item):
                matched = True
                body(f, out)
        if not matched and default is not None:
            default(f, out)
    except ContinueFlow as flow:
        if not _matches(flow, label):
            raise


def _clause(node: syntax.Expression, flags: set[str]) -> Test:
    ignore_case = "casesensitive" not in flags
    value = compile_expression(node)

    def test(f: Frame, item: Any) -> bool:
        wanted = value(f)
        from winbake.rehearsal.powershell.running.functions import ScriptBlock

        if isinstance(wanted, ScriptBlock):
            return convert.to_bool(f.session.collected(f.session.invoke(wanted, underscore=item)))
        return match(f, item, wanted)

    if "regex" in flags:

        def match(f: Frame, item: Any, wanted: Any) -> bool:
            from winbake.rehearsal.powershell.operators.matching import match_text, matches_table

            found = match_text(f.session, item, wanted, ignore_case)
            if found is None:
                return False
            f.scope.put("matches", matches_table(found))
            return True

    elif "wildcard" in flags:

        def match(f: Frame, item: Any, wanted: Any) -> bool:
            pattern = f.session.wildcard(convert.to_text(wanted, f.session), ignore_case)
            return bool(pattern.matches(convert.to_text(item, f.session)))

    else:

        def match(f: Frame, item: Any, wanted: Any) -> bool:
            one, two = convert.to_text(item, f.session), convert.to_text(wanted, f.session)
            return one == two or (ignore_case and one.lower() == two.lower())

    return test


# ---- leaving ----------------------------------------------------------------------------------------------


def _leaving(label: syntax.Expression | None, flow: type[BreakFlow] | type[ContinueFlow]) -> Run:
    target = None if label is None else compile_expression(label)

    def run(f: Frame, out: Out) -> None:
        raise flow(None if target is None else convert.to_text(target(f), f.session))

    return run


@statement(syntax.Break)
def compile_break(node: syntax.Break) -> Run:
    return _leaving(node.label, BreakFlow)


@statement(syntax.Continue)
def compile_continue(node: syntax.Continue) -> Run:
    return _leaving(node.label, ContinueFlow)


@statement(syntax.Return)
def compile_return(node: syntax.Return) -> Run:
    inner = compile_statement(node.pipeline) if node.pipeline is not None else None

    def run(f: Frame, out: Out) -> None:
        if inner is not None:
            inner(f, out if f.returns is None else f.returns)
        raise ReturnFlow

    return run


@statement(syntax.Throw)
def compile_throw(node: syntax.Throw) -> Run:
    value = compile_value(node.pipeline) if node.pipeline is not None else None

    def run(f: Frame, out: Out) -> None:
        f.position = node
        if value is None:
            current = f.session.caught
            if current is not None:
                raise ScriptError(current, thrown=True)
            raise ScriptError(thrown_record(f, None, node, True), thrown=True)
        raise ScriptError(thrown_record(f, value(f), node, False), thrown=True)

    return run


@statement(syntax.Exit)
def compile_exit(node: syntax.Exit) -> Run:
    value = compile_value(node.pipeline) if node.pipeline is not None else None

    def run(f: Frame, out: Out) -> None:
        code = 0
        if value is not None:
            found = value(f)
            from winbake.rehearsal.powershell.types import get_type

            ok, number = convert.try_convert(found, get_type("System.Int32"), f.session)
            code = number if ok and number is not None else 0
        raise ExitFlow(code)

    return run


# ---- definitions ------------------------------------------------------------------------------------------


@statement(syntax.FunctionDefinition)
def compile_function(node: syntax.FunctionDefinition) -> Run:
    from winbake.rehearsal.powershell.compile.block import CompiledBlock
    from winbake.rehearsal.powershell.running.functions import FilterInfo, FunctionInfo, ScriptBlock

    compiled = CompiledBlock(node.body, parameters=node.parameters, function=node)
    prefix, _, rest = node.name.partition(":")
    word = prefix.lower() if rest and prefix.lower() in ("global", "script", "local", "private") else None
    name = rest if word else node.name

    def run(f: Frame, out: Out) -> None:
        block = ScriptBlock(compiled, f.session, f.scope.state)
        info = (FilterInfo if node.is_filter else FunctionInfo)(name, block, f.scope.state.module)
        scope = f.scope if word is None else f.scope.named(word)
        f.session.define_function(scope, info)
        f.session.ok = True

    return run


@statement(syntax.Trap)
def compile_trap_statement(node: syntax.Trap) -> Run:
    raise AssertionError("traps are lifted out of the statements")


@statement(syntax.Using)
def compile_using(node: syntax.Using) -> Run:
    return lambda f, out: None


@statement(syntax.Data)
def compile_data(node: syntax.Data) -> Run:
    body = compile_statement_block(node.body)
    setter = (
        compile_setter(syntax.Variable(node.source, node.start, node.end, node.variable)) if node.variable else None
    )

    def run(f: Frame, out: Out) -> None:
        if setter is None:
            body(f, out)
            return
        items: list[Any] = []
        body(f, items.append)
        setter(f, items[0] if len(items) == 1 else (PSArray(items) if items else None))

    return run


@statement(syntax.BlockStatement)
def compile_block_statement(node: syntax.BlockStatement) -> Run:
    def run(f: Frame, out: Out) -> None:
        raise NotModelled("workflows")

    return run
