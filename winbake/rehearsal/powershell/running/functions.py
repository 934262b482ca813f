"""Script blocks, the command infos that Get-Command shows, invocation and call stack records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import syntax
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.values import NetObject

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.compile.block import CompiledBlock
    from winbake.rehearsal.powershell.running.scope import SessionState
    from winbake.rehearsal.powershell.session import Session


class ScriptBlock(NetObject):
    """System.Management.Automation.ScriptBlock: compiled code bound to the session state it was made in."""

    net_type_name = "System.Management.Automation.ScriptBlock"

    def __init__(self, compiled: CompiledBlock, session: Session, state: SessionState | None = None) -> None:
        self.compiled = compiled
        self.session = session
        self.state = state if state is not None else session.state

    @property
    def ast(self) -> syntax.ScriptBlock:
        return self.compiled.ast

    @property
    def module(self) -> Any:
        return self.state.module

    @property
    def file(self) -> str | None:
        return self.compiled.ast.source.file

    @property
    def text(self) -> str:
        """What ToString() gives: the source between the braces."""
        return self.compiled.text

    def __str__(self) -> str:
        return self.compiled.text


def parse_failure(errors: list[syntax.ParseError], text: str) -> ScriptError:
    """ParseException of the parser's errors; its id is the first error's."""
    from winbake.rehearsal.powershell.running.positions import invocation_at

    first = errors[0]
    line = first.source.line(first.start)
    column = first.source.column(first.start)
    message = f"At {first.source.file or 'line'}:{line} char:{column}\r\n{first.message}"
    exception = NetException("System.Management.Automation.ParseException", message, None, {"Errors": list(errors)})
    record = ErrorRecord(exception, first.id, "ParserError")
    record.reason = "ParseException"
    exception.error_record = record
    record.invocation = invocation_at(first.source, first.start, first.end)
    return ScriptError(record)


def create_script_block(session: Session, text: str, file: str | None = None) -> ScriptBlock:
    """[scriptblock]::Create. Raises ScriptError (ParseException) for text that does not parse."""
    from winbake.rehearsal.powershell.compile.block import CompiledBlock
    from winbake.rehearsal.powershell.parser import parse

    ast, errors = parse(text, file)
    if errors:
        raise parse_failure(errors, text)
    return ScriptBlock(CompiledBlock(ast, text=text), session, session.state)


# ---- command infos ----------------------------------------------------------------------------------------


class CommandInfo(NetObject):
    """What a name resolves to. `kind` is the CommandTypes name."""

    net_type_name = "System.Management.Automation.CommandInfo"
    kind = ""
    options = 0

    def __init__(self, name: str, module: Any = None) -> None:
        self.name = name
        self.module = module

    @property
    def module_name(self) -> str:
        return "" if self.module is None else str(getattr(self.module, "name", self.module))

    @property
    def definition(self) -> str:
        return self.name

    def __str__(self) -> str:
        return self.name


class FunctionInfo(CommandInfo):
    net_type_name = "System.Management.Automation.FunctionInfo"
    kind = "Function"

    def __init__(self, name: str, script_block: ScriptBlock, module: Any = None) -> None:
        super().__init__(name, module)
        self.script_block = script_block
        self.options = 0
        self.description: str | None = None

    @property
    def definition(self) -> str:
        return self.script_block.text


class FilterInfo(FunctionInfo):
    net_type_name = "System.Management.Automation.FilterInfo"
    kind = "Filter"


class CmdletInfo(CommandInfo):
    """A row of the table; `cmdlet_class` is None if it is known but not modelled. The functions of Windows' own
    script modules are rows too: then `kind` is "Function"."""

    net_type_name = "System.Management.Automation.CmdletInfo"
    kind = "Cmdlet"

    def __init__(self, row: Any, cmdlet_class: Any) -> None:
        super().__init__(row.name, row.module)
        self.row = row
        self.cmdlet_class = cmdlet_class
        if row.is_function:
            self.kind = "Function"
            self.net_type_name = "System.Management.Automation.FunctionInfo"  # type: ignore[misc]

    @property
    def error_suffix(self) -> str:
        """What stands behind the comma in the ids of this command's errors."""
        if self.row.is_function:
            return self.name
        if self.cmdlet_class is not None:
            return str(self.cmdlet_class.class_name)
        return f"Microsoft.PowerShell.Commands.{self.name.replace('-', '')}Command"


class AliasInfo(CommandInfo):
    net_type_name = "System.Management.Automation.AliasInfo"
    kind = "Alias"

    def __init__(self, name: str, target: str, options: int = 0, description: str = "") -> None:
        super().__init__(name)
        self.target = target
        self.options = options
        self.description = description

    @property
    def definition(self) -> str:
        return self.target


class ScriptInfo(CommandInfo):
    """ExternalScriptInfo: a .ps1 file."""

    net_type_name = "System.Management.Automation.ExternalScriptInfo"
    kind = "ExternalScript"

    def __init__(self, path: str, script_block: ScriptBlock | None = None) -> None:
        super().__init__(path.rsplit("\\", 1)[-1])
        self.path = path
        self.script_block = script_block

    @property
    def definition(self) -> str:
        return self.path


class ApplicationInfo(CommandInfo):
    net_type_name = "System.Management.Automation.ApplicationInfo"
    kind = "Application"

    def __init__(self, path: str) -> None:
        super().__init__(path.rsplit("\\", 1)[-1])
        self.path = path

    @property
    def definition(self) -> str:
        return self.path


class BlockInfo(CommandInfo):
    """The nameless command that `& { … }` and a whole script run as."""

    net_type_name = "System.Management.Automation.ScriptInfo"
    kind = "Script"

    def __init__(self, script_block: ScriptBlock) -> None:
        super().__init__("")
        self.script_block = script_block

    @property
    def definition(self) -> str:
        return self.script_block.text
