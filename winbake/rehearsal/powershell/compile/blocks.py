"""Statement blocks: statement after statement, with what happens when one fails (traps, preferences, $?)."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import syntax
from winbake.rehearsal.powershell.compile.core import Out, Run, compile_statement
from winbake.rehearsal.powershell.errors import (
    BreakFlow,
    ContinueFlow,
    ErrorRecord,
    NetError,
    NotModelled,
    ScriptError,
)
from winbake.rehearsal.powershell.running.error_flow import TerminatingFlow, as_script_error, statement_failed
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.observation import watched

CAUGHT = (ScriptError, NetError, RecursionError, MemoryError, TerminatingFlow)


def compile_statement_block(block: syntax.StatementBlock) -> Run:
    statements = [(watched(compile_statement(s), s), s) for s in block.statements]
    if block.traps:
        return _with_traps(block, statements)
    if not statements:
        return lambda f, out: None
    if len(statements) == 1:
        only, node = statements[0]

        def run_one(f: Frame, out: Out) -> None:
            try:
                only(f, out)
            except CAUGHT as failure:
                statement_failed(f, as_script_error(f, failure), node)
            except NotModelled as refusal:
                _place(refusal, node)
                raise

        return run_one

    def run(f: Frame, out: Out) -> None:
        for statement, node in statements:
            try:
                statement(f, out)
            except CAUGHT as failure:
                statement_failed(f, as_script_error(f, failure), node)
            except NotModelled as refusal:
                _place(refusal, node)
                raise

    return run


def _place(refusal: NotModelled, node: syntax.Node) -> None:
    """A refusal names the innermost line that it came from."""
    if refusal.line is None:
        refusal.line = node.line
        refusal.file = node.source.file


def _with_traps(block: syntax.StatementBlock, statements: list[tuple[Run, syntax.Statement]]) -> Run:
    from winbake.rehearsal.powershell.compile.trying import compile_trap

    handlers = [compile_trap(trap) for trap in block.traps]

    def run(f: Frame, out: Out) -> None:
        session = f.session
        for statement, node in statements:
            before = session.propagate
            session.propagate = True
            try:
                statement(f, out)
            except CAUGHT as failure:
                session.propagate = before
                _trapped(f, out, as_script_error(f, failure), node, handlers)
            finally:
                session.propagate = before

    return run


def _trapped(f: Frame, out: Out, error: ScriptError, node: syntax.Node, handlers: list[Any]) -> None:
    """Finds the trap for an error and runs it. `continue` goes on, `break` ends, neither reports and goes on."""
    from winbake.rehearsal.powershell.compile.trying import best_match

    error = f.session.noted(f, error, node)
    found = best_match(f, error, [h.types for h in handlers])
    if found is None:
        statement_failed(f, error, node)
        return
    index, exception = found
    record = error.record if exception is error.record.exception else _with_exception(error.record, exception)
    try:
        handlers[index].run(f, out, record)
    except ContinueFlow as flow:
        if flow.label is not None:
            raise
        return
    except BreakFlow as flow:
        if flow.label is not None:
            raise
        raise error from None
    f.session.report(f, error.record)


def _with_exception(record: ErrorRecord, exception: Any) -> ErrorRecord:
    from winbake.rehearsal.powershell.running.error_flow import copy_record

    return copy_record(record, exception)
