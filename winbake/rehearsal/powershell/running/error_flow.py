"""What happens to an error that ends a statement: preferences, $Error, the error stream, or further up."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.errors import (
    ErrorRecord,
    FlowControl,
    NetError,
    NetException,
    ScriptError,
    script_error,
)
from winbake.rehearsal.powershell.running.positions import invocation_at, script_stack_trace
from winbake.rehearsal.powershell.syntax import Node

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.running.frame import Frame


class TerminatingFlow(FlowControl):
    """ThrowTerminatingError on its way out of the method call, before it is an error again: no call may wrap it."""

    def __init__(self, error: ScriptError, cmdlet: Any) -> None:
        self.error = error
        error.leaves = cmdlet  # type: ignore[attr-defined]


def as_script_error(f: Frame, failure: BaseException) -> ScriptError:
    """The ScriptError that a Python exception stands for at statement level."""
    if isinstance(failure, ScriptError):
        return failure
    if isinstance(failure, TerminatingFlow):
        return failure.error
    if isinstance(failure, NetError):
        exception = failure.exception
        made = ScriptError(ErrorRecord(exception, exception.type_name, "OperationStopped"))
        made.__cause__ = failure
        return made
    if isinstance(failure, RecursionError):
        return call_depth_overflow()
    if isinstance(failure, MemoryError):
        message = "Exception of type 'System.OutOfMemoryException' was thrown."
        exception = NetException("System.OutOfMemoryException", message)
        return ScriptError(ErrorRecord(exception, exception.type_name, "OperationStopped"))
    raise failure


def call_depth_overflow() -> ScriptError:
    return script_error(
        "CallDepthOverflow",
        "The script failed due to call depth overflow.",
        "InvalidOperation",
        "System.Management.Automation.ScriptCallDepthException",
    )


def place(f: Frame, error: ScriptError, node: Node | None) -> None:
    """Gives a record that has none its position and stack trace."""
    record = error.record
    if record.invocation is None and node is not None:
        record.invocation = invocation_at(node.source, node.start, node.end)
    if not record.script_stack_trace:
        record.script_stack_trace = script_stack_trace(f)
    if record.exception.error_record is None:
        record.exception.error_record = record


def statement_failed(f: Frame, error: ScriptError, node: Node) -> None:
    """Returns if the script goes on with the next statement, raises if the error goes further up."""
    session = f.session
    place(f, error, node)
    session.ok = False
    if session.propagate or getattr(error, "leaves", None) is not None:
        raise error
    session.add_error(error.record)
    preference = session.preference("erroractionpreference", "Continue")
    if preference in ("SilentlyContinue", "Ignore"):
        return
    if preference == "Stop":
        error.thrown = True
    if error.thrown:
        raise error
    session.report(f, error.record)


def copy_record(record: ErrorRecord, exception: NetException) -> ErrorRecord:
    """The same record about another exception (what a typed catch gets in `$_`)."""
    twin = copy.copy(record)
    twin.exception = exception
    return twin


def thrown_record(f: Frame, value: Any, node: Node, bare: bool) -> ErrorRecord:
    """The record of `throw value`."""
    from winbake.rehearsal.powershell.convert import to_text
    from winbake.rehearsal.powershell.values import AUTOMATION_NULL, unwrap

    found = unwrap(value)
    if isinstance(found, ErrorRecord):
        return found
    if isinstance(found, NetException):
        if found.error_record is not None:
            record = copy.copy(found.error_record)
            record.exception = found
            return record
        return ErrorRecord(found, found.message, "OperationStopped")
    if value is None or value is AUTOMATION_NULL or (isinstance(found, str) and found == ""):
        exception = NetException("System.Management.Automation.RuntimeException", "ScriptHalted")
        return ErrorRecord(exception, "ScriptHalted", "OperationStopped")
    text = to_text(value, f.session)
    exception = NetException("System.Management.Automation.RuntimeException", text)
    record = ErrorRecord(exception, text, "OperationStopped", found if not isinstance(value, list) else None)
    record.target = value
    del bare, node
    return record
