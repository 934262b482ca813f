"""From a command's name to what runs: aliases, functions, cmdlets, scripts, native programs."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.binding.binder import Argument
from winbake.rehearsal.powershell.binding.command_table import find_row
from winbake.rehearsal.powershell.command import CMDLETS
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError, script_error
from winbake.rehearsal.powershell.running.cmdlet_stage import CmdletStage
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.functions import (
    AliasInfo,
    ApplicationInfo,
    BlockInfo,
    CmdletInfo,
    CommandInfo,
    FunctionInfo,
    ScriptBlock,
    ScriptInfo,
    parse_failure,
)
from winbake.rehearsal.powershell.running.pipeline import Stage
from winbake.rehearsal.powershell.running.positions import InvocationInfo
from winbake.rehearsal.powershell.running.script_stage import ScriptStage
from winbake.rehearsal.powershell.syntax import Command
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, unwrap

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.powershell.syntax import Node

_loaded: list[bool] = []


def load_commands() -> None:
    """Imports all of engine_types/, commands/, dotnet/ and providers/, whose decorators register what they hold."""
    if _loaded:
        return
    compilers = ("expressions", "variables", "assignments", "statements", "trying", "commands")
    for name in (
        *(f"compile.{c}" for c in compilers),
        "running.classes",
        "running.pscmdlet",
        "binding.dynamic_parameters",
    ):
        importlib.import_module(f"winbake.rehearsal.powershell.{name}")
    for package_name in ("engine_types", "commands", "dotnet", "providers"):
        package = importlib.import_module(f"winbake.rehearsal.powershell.{package_name}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
    _loaded.append(True)


def not_found(name: str) -> ScriptError:
    exception = NetException(
        "System.Management.Automation.CommandNotFoundException",
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or "
        "operable program. Check "
        "the spelling of the name, or if a path was included, verify that the path is correct and try again.",
        None,
        {"CommandName": name},
    )
    return ScriptError(ErrorRecord(exception, "CommandNotFoundException", "ObjectNotFound", name))


def cmdlet_info(name: str) -> CmdletInfo | None:
    row = find_row(name.lower())
    return None if row is None else CmdletInfo(row, CMDLETS.get(name.lower()))


def find_alias(session: Session, name: str) -> AliasInfo | None:
    found = session.scope.find_alias(name.lower())
    return found if isinstance(found, AliasInfo) else None


def resolve(session: Session, name: str, follow: bool = True) -> CommandInfo | None:
    """The command of a name: alias (followed), function, cmdlet, script or program; None if there is none."""
    seen: set[str] = set()
    current = name
    while follow:
        alias = find_alias(session, current)
        if alias is None or current.lower() in seen:
            break
        seen.add(current.lower())
        current = alias.target
    return _resolve_name(session, current)


def _resolve_name(session: Session, name: str) -> CommandInfo | None:
    if not name:
        return None
    key = name.lower()
    function = session.scope.find_function(key)
    if isinstance(function, FunctionInfo):
        return function
    if "\\" in name and ":" not in name and not name.startswith((".", "\\")):
        module, _, short = name.rpartition("\\")
        if "\\" not in module:
            found = _in_module(session, module, short)
            if found is not None:
                return found
    info = cmdlet_info(name)
    if info is not None:
        return info
    if session.host is None:
        return None
    return _find_file(session, name)


def _in_module(session: Session, module: str, name: str) -> CommandInfo | None:
    loaded = session.modules.get(module.lower())
    if loaded is not None:
        exported: CommandInfo | None = loaded.find_export(name)
        return exported
    info = cmdlet_info(name)
    if info is not None and info.row.module.lower() == module.lower():
        return info
    return None


def _find_file(session: Session, name: str) -> CommandInfo | None:
    """A script or program: by path, or on $env:Path with the extensions of PATHEXT."""
    from winbake.rehearsal.powershell.running.native import find_program

    path = find_program(session, name)
    if path is None:
        return None
    if path.lower().endswith(".ps1"):
        return ScriptInfo(path)
    return ApplicationInfo(path)


def load_script(session: Session, path: str) -> ScriptBlock:
    """Reads and compiles a .ps1 file: with a BOM by it, otherwise in the ANSI code page. Raises ScriptError."""
    from winbake.rehearsal.powershell.compile.block import CompiledBlock
    from winbake.rehearsal.powershell.parser import parse

    data = session.host.files.read(path)
    text = decode_script(data)
    ast, errors = parse(text, path)
    if errors:
        raise parse_failure(errors, text)
    session._define_types(ast)
    return ScriptBlock(CompiledBlock(ast, text=text), session, session.state)


def decode_script(data: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    return data.decode("cp1252", "replace")


def make_stage(
    session: Session, f: Frame, target: Any, arguments: list[Argument], dotted: bool, node: Node | None
) -> Stage:
    """What `name`, `& $block`, `. $command` run. Raises ScriptError CommandNotFoundException, BadExpression …"""
    found = target if type(target) is str else unwrap(target)
    name = ""
    if found is None or found is AUTOMATION_NULL or found == "":
        raise script_error(
            "BadExpression",
            "The expression after '&' in a pipeline element produced an object that was not valid. It must result in a "
            "command name, a script block, or a CommandInfo object.",
            "InvalidOperation",
        )
    from winbake.rehearsal.powershell.running.modules import ModuleInfo

    module_state = None
    if isinstance(found, ModuleInfo) and arguments:
        module_state = found.state
        found = unwrap(arguments.pop(0).value)
    if isinstance(found, ScriptBlock):
        return ScriptStage(
            session, f, BlockInfo(found), found, arguments, dotted=dotted, name="." if dotted else "&", node=node,
            module_state=module_state,
        )  # fmt: skip
    if isinstance(found, CommandInfo):
        info: CommandInfo | None = found
        name = "." if dotted else "&"
        if isinstance(info, AliasInfo):
            info = resolve(session, info.target)
        if info is None:
            raise not_found(found.name)
    else:
        from winbake.rehearsal.powershell.convert import to_text

        name = found if isinstance(found, str) else to_text(found, session)
        info = resolve(session, name) if module_state is None else _in_state(session, module_state, name)
        if info is None and "-" not in name:
            # `service` finds Get-Service.
            info = resolve(session, f"Get-{name}")
        if info is None:
            raise _not_found_at(name, node)
    invocation_name = "." if dotted else name
    if isinstance(info, FunctionInfo):
        return ScriptStage(
            session, f, info, info.script_block, arguments, dotted=dotted, name=invocation_name, node=node,
        )  # fmt: skip
    if isinstance(info, CmdletInfo):
        return CmdletStage(session, f, info, arguments, name, node)
    if isinstance(info, ScriptInfo):
        block = info.script_block or load_script(session, info.path)
        info.script_block = block
        return ScriptStage(session, f, info, block, arguments, dotted=dotted, name=invocation_name, node=node)
    from winbake.rehearsal.powershell.running.native_stage import NativeStage

    return NativeStage(session, f, info, arguments, node)


def _not_found_at(name: str, node: Node | None) -> ScriptError:
    """The error with its place: the word that names the command."""
    failure = not_found(name)
    if isinstance(node, Command):
        word = node.elements[0]
        failure.record.invocation = InvocationInfo(None, name, word.source, word.start, word.end)
    return failure


def _in_state(session: Session, state: Any, name: str) -> CommandInfo | None:
    before = session.state
    session.state = state
    try:
        return resolve(session, name)
    finally:
        session.state = before
