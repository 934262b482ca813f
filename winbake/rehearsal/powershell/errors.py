"""Error records, .NET exceptions as values, and the Python exceptions that carry them through the interpreter."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.values import NetObject


class NetException(NetObject):
    """A .NET exception as a script sees it (`$_.Exception`). `properties` are its extra ones (FileName …)."""

    def __init__(
        self,
        type_name: str,
        message: str,
        inner: NetException | None = None,
        properties: dict[str, Any] | None = None,
    ) -> None:
        self.type_name = type_name  # full name, e.g. "System.ArgumentException"
        self.message = message
        self.inner = inner
        self.properties = properties or {}
        self.error_record: ErrorRecord | None = None
        self.data: Any = None


class ErrorRecord(NetObject):
    net_type_name = "System.Management.Automation.ErrorRecord"

    def __init__(
        self,
        exception: NetException,
        error_id: str,
        category: str = "NotSpecified",
        target: Any = None,
    ) -> None:
        self.exception = exception
        self.error_id = error_id
        """FullyQualifiedErrorId; the runtime appends `,Class.Of.Cmdlet` or `,function` when a command writes it."""
        self.category = category
        self.target = target
        self.activity = ""
        self.reason: str | None = None
        self.target_name: str | None = None
        self.target_type: str | None = None
        self.details: str | None = None  # ErrorDetails.Message
        self.recommended_action: str = ""
        self.invocation: Any = None  # InvocationInfo (runtime)
        self.script_stack_trace: str = ""


class NetError(Exception):
    """Raised by Python code that plays a .NET member: the exception that member throws.

    The member call turns it into the MethodInvocationException (or SetValue, GetValue …) that a script gets.
    """

    def __init__(self, type_name: str, message: str, inner: NetException | None = None, **properties: Any) -> None:
        super().__init__(message)
        self.exception = NetException(type_name, message, inner, properties)


class ScriptError(Exception):
    """A terminating error on its way up. `thrown` by `throw` (or a Stop preference): ends the script unless
    caught; otherwise only the statement ends and the script goes on (statement-terminating)."""

    def __init__(self, record: ErrorRecord, thrown: bool = False) -> None:
        super().__init__(record.exception.message)
        self.record = record
        self.thrown = thrown


def script_error(
    error_id: str,
    message: str,
    category: str = "InvalidOperation",
    exception_type: str = "System.Management.Automation.RuntimeException",
    target: Any = None,
    inner: NetException | None = None,
    **properties: Any,
) -> ScriptError:
    """The usual statement-terminating error of the engine: `raise script_error("BadExpression", "…")`."""
    exception = NetException(exception_type, message, inner, properties)
    return ScriptError(ErrorRecord(exception, error_id, category, target))


class NotModelled(Exception):
    """Windows has this, the rehearsal does not. No script can catch it: it ends the process, loudly."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the rehearsal does not model {what}")
        self.what = what
        self.line: int | None = None
        self.file: str | None = None


class FlowControl(Exception):
    """Base of what leaves a block without being an error."""


class BreakFlow(FlowControl):
    def __init__(self, label: str | None = None) -> None:
        self.label = label
        self.partial: list[Any] = []
        """What an assignment had collected when the loop was left: it goes out instead."""


class ContinueFlow(FlowControl):
    def __init__(self, label: str | None = None) -> None:
        self.label = label
        self.partial: list[Any] = []


class ReturnFlow(FlowControl):
    pass


class ExitFlow(FlowControl):
    def __init__(self, code: int = 0) -> None:
        self.code = code


class StopUpstream(FlowControl):
    """`Select-Object -First`: everything before this command in its pipeline stops, quietly."""

    def __init__(self, command: Any) -> None:
        self.command = command
