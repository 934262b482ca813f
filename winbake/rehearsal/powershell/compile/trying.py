"""try, catch, finally and trap: which handler takes an error, and what `$_` is in it."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import syntax
from winbake.rehearsal.powershell.compile.blocks import CAUGHT, compile_statement_block
from winbake.rehearsal.powershell.compile.core import Out, Run, statement, type_getter
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.running.error_flow import as_script_error, copy_record
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.scope import Scope
from winbake.rehearsal.powershell.types import NetType, get_type, type_of
from winbake.rehearsal.windows.failures import ProcessKilled


def _is_a(exception: NetException, wanted: NetType) -> bool:
    try:
        return wanted.assignable_from(type_of(exception))
    except KeyError:
        return wanted.key in ("System.Exception", exception.type_name)


def best_match(f: Frame, error: ScriptError, handlers: list[list[Any]]) -> tuple[int, NetException] | None:
    """The handler (by index) and the exception that `$_` shows. An empty list of types catches all.

    The inner exception of the engine's own wrappers is tried before the wrapper; the nearest type wins.
    """
    exception = error.record.exception
    candidates = [exception]
    if exception.inner is not None and _wraps(exception):
        candidates.insert(0, exception.inner)
    for candidate in candidates:
        found: tuple[int, NetType] | None = None
        for index, types in enumerate(handlers):
            for get in types:
                wanted = get(f)
                if _is_a(candidate, wanted) and (found is None or _nearer(wanted, found[1])):
                    found = (index, wanted)
        if found is not None:
            return found[0], candidate
    for index, types in enumerate(handlers):
        if not types:
            return index, exception
    return None


def _nearer(one: NetType, other: NetType) -> bool:
    return one is not other and other.assignable_from(one)


def _wraps(exception: NetException) -> bool:
    try:
        return get_type("System.Management.Automation.RuntimeException").assignable_from(type_of(exception))
    except KeyError:
        return exception.type_name.startswith("System.Management.Automation.")


@statement(syntax.Try)
def compile_try(node: syntax.Try) -> Run:
    body = compile_statement_block(node.body)
    catches = [
        ([type_getter(t.type_name) for t in c.types], compile_statement_block(c.body), c.body) for c in node.catches
    ]
    types = [c[0] for c in catches]
    last = compile_statement_block(node.finally_block) if node.finally_block is not None else None

    def attempt(f: Frame, out: Out) -> None:
        session = f.session
        before = session.propagate
        session.propagate = True
        try:
            body(f, out)
        except CAUGHT as failure:
            session.propagate = before
            error = as_script_error(f, failure)
            session.noted(f, error, f.position)
            found = best_match(f, error, types)
            if found is None:
                raise error from None
            index, exception = found
            record = error.record
            if exception is not record.exception:
                record = copy_record(record, exception)
            run_handler(f, out, record, catches[index][1])
        finally:
            session.propagate = before

    if last is None:
        return attempt
    final = last
    has_catches = bool(catches)

    def with_finally(f: Frame, out: Out) -> None:
        session = f.session
        killed = False
        try:
            if has_catches:
                attempt(f, out)
            else:
                before = session.propagate
                session.propagate = True
                try:
                    body(f, out)
                except CAUGHT as failure:
                    error = as_script_error(f, failure)
                    session.noted(f, error, f.position)
                    raise error from None
                finally:
                    session.propagate = before
        except ProcessKilled:
            killed = _ended(session.process)
            raise
        finally:
            if not killed:
                final(f, out)

    return with_finally


def _ended(process: Any) -> bool:
    """Whether a process was ended from outside: then it runs no more of its script. After Ctrl-C in a shell it lives,
    and the finally block runs undisturbed."""
    if process.exit_code is not None:
        return True
    process.killed.clear()
    return False


def run_handler(f: Frame, out: Out, record: ErrorRecord, body: Run) -> None:
    """A catch body: runs in the same scope, with `$_` the record and the record at hand for a bare `throw`."""
    scope = f.scope
    session = f.session
    saved = scope.variables.pop("_", None)
    scope.put("_", record)
    caught, session.caught = session.caught, record
    try:
        body(f, out)
    finally:
        session.caught = caught
        scope.variables.pop("_", None)
        if saved is not None:
            scope.variables["_"] = saved


class TrapHandler:
    """A compiled trap; it runs in a scope of its own."""

    def __init__(self, node: syntax.Trap) -> None:
        self.types = [] if node.type_constraint is None else [type_getter(node.type_constraint.type_name)]
        self.body = compile_statement_block(node.body)

    def run(self, f: Frame, out: Out, record: ErrorRecord) -> None:
        outer = f.scope
        f.scope = Scope(outer, outer.state)
        outer.state.current = f.scope
        try:
            run_handler(f, out, record, self.body)
        finally:
            f.scope = outer
            outer.state.current = outer


def compile_trap(node: syntax.Trap) -> TrapHandler:
    return TrapHandler(node)
