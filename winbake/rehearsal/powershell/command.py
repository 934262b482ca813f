"""What a cmdlet written in Python looks like, and the table of them.

Parameters, aliases, positions, sets and types are not declared here: they come from `data/commands.jsonl`,
the table of Windows PowerShell 5.1. A cmdlet that is not in the table cannot be registered.

    @cmdlet("Get-Random")
    class GetRandom(Cmdlet):
        def end(self) -> None:
            self.emit(random.randrange(self.get("Maximum", 2**31 - 1)))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

CMDLETS: dict[str, type[Cmdlet]] = {}
"""Lower-case name → class."""


class Cmdlet:
    """One running command of a pipeline. The runtime binds parameters, then calls begin, process (once for each
    pipeline object, or once without input) and end. Bound values stand in `bound` under the table's spelling
    and are already converted to the parameter's type."""

    name: ClassVar[str] = ""
    class_name: ClassVar[str] = ""
    """The .NET class for error ids: `Microsoft.PowerShell.Commands.GetItemCommand`; for the functions of script
    modules the bare function name."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.bound: dict[str, Any] = {}
        self.parameter_set: str = ""
        self.invocation: Any = None
        self.has_pipeline_input = False
        self._emit: Callable[[Any], None]

    # What a cmdlet overrides.

    def begin(self) -> None:
        pass

    def process(self) -> None:
        pass

    def end(self) -> None:
        pass

    def dispose(self) -> None:
        """Called however the pipeline ended: close what was opened."""

    # What a cmdlet calls. (The runtime sets `_emit`; the write_* methods apply the preferences in force.)

    def has(self, name: str) -> bool:
        return name in self.bound

    def get(self, name: str, default: Any = None) -> Any:
        return self.bound.get(name, default)

    def switch(self, name: str) -> bool:
        """Whether a switch was given (and not given as `:$false`)."""
        return bool(self.bound.get(name, False))

    def emit(self, value: Any) -> None:
        """Writes one object; a collection goes out whole."""
        self._emit(value)

    def emit_all(self, value: Any) -> None:
        """Writes a collection one by one (WriteObject(value, enumerateCollection: true))."""
        for item in self.session.enumerate(value):
            self._emit(item)

    def write_error(self, record: ErrorRecord) -> None:
        """A non-terminating error. Under `Stop` this raises."""
        self.session.write_error(record, self)

    def error(
        self,
        error_id: str,
        message: str,
        category: str = "NotSpecified",
        exception_type: str = "System.Exception",
        target: Any = None,
        **properties: Any,
    ) -> None:
        """Writes a non-terminating error made from its parts; the class name is appended to the id."""
        self.write_error(
            ErrorRecord(NetException(exception_type, message, None, properties), error_id, category, target)
        )

    def fail(
        self,
        error_id: str,
        message: str,
        category: str = "NotSpecified",
        exception_type: str = "System.Exception",
        target: Any = None,
        **properties: Any,
    ) -> ScriptError:
        """A statement-terminating error (ThrowTerminatingError): `raise self.fail(…)`."""
        return ScriptError(
            ErrorRecord(NetException(exception_type, message, None, properties), error_id, category, target)
        )

    def write_warning(self, text: str) -> None:
        self.session.write_warning(text, self)

    def write_verbose(self, text: str) -> None:
        self.session.write_verbose(text, self)

    def should_process(self, target: str, action: str) -> bool:
        """False under -WhatIf (the "What if:" line is written to the host); -Confirm is refused non-interactively."""
        return self.session.should_process(target, action, self)


def cmdlet(name: str, class_name: str | None = None) -> Callable[[type[Cmdlet]], type[Cmdlet]]:
    """Registers a cmdlet. Without `class_name` it is `Microsoft.PowerShell.Commands.<VerbNoun>Command`."""

    def register(cls: type[Cmdlet]) -> type[Cmdlet]:
        cls.name = name
        cls.class_name = class_name or f"Microsoft.PowerShell.Commands.{name.replace('-', '')}Command"
        CMDLETS[name.lower()] = cls
        return cls

    return register
