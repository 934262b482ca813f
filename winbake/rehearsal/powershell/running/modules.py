"""Modules: New-Module, Import-Module of files, their session states and exports; closures are modules too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.running.functions import AliasInfo, CommandInfo, FunctionInfo, ScriptBlock
from winbake.rehearsal.powershell.running.scope import CONSTANT, Scope, SessionState, Variable
from winbake.rehearsal.powershell.values import NetObject

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session


class ModuleInfo(NetObject):
    """System.Management.Automation.PSModuleInfo."""

    net_type_name = "System.Management.Automation.PSModuleInfo"

    def __init__(self, session: Session, name: str, path: str | None = None) -> None:
        self.session = session
        self.name = name
        self.path = path
        self.state = SessionState(session, session.global_scope, self)
        self.functions: dict[str, FunctionInfo] = {}
        self.variables: dict[str, Variable] = {}
        self.aliases: dict[str, AliasInfo] = {}
        self.exported: dict[str, list[str]] | None = None
        """What Export-ModuleMember named; None: it was not called."""
        self.imported: dict[str, FunctionInfo] = {}
        """Functions under the names they were imported by (with a prefix)."""
        self.on_remove: Any = None
        self.private_data: Any = None
        self.description = ""
        self.version: Any = None
        """What a manifest says; None: 0.0."""

    def __str__(self) -> str:
        return self.name

    def find_export(self, name: str) -> CommandInfo | None:
        key = name.lower()
        return self.imported.get(key) or self.functions.get(key) or self.aliases.get(key)

    def settle_exports(self) -> None:
        """Decides what the module exports: everything it named, or (named nothing) all its functions."""
        root = self.state.root
        wanted = self.exported
        session = self.session

        def chosen(names: dict[str, Any], patterns: list[str]) -> dict[str, Any]:
            return {
                key: item
                for key, item in names.items()
                if any(session.wildcard(pattern).matches(item.name) for pattern in patterns)
            }

        if wanted is None:
            self.functions = dict(root.functions)
            self.variables, self.aliases = {}, {}
            return
        self.functions = chosen(root.functions, wanted.get("function", []))
        self.variables = chosen(root.variables, wanted.get("variable", []))
        self.aliases = chosen(root.aliases, wanted.get("alias", []))


def run_body(session: Session, module: ModuleInfo, block: ScriptBlock, arguments: list[Any]) -> list[Any]:
    """Runs a module's body in its own session state and gives what it wrote."""
    from winbake.rehearsal.powershell.binding.binder import Argument
    from winbake.rehearsal.powershell.running.functions import BlockInfo
    from winbake.rehearsal.powershell.running.pipeline import Pipeline
    from winbake.rehearsal.powershell.running.script_stage import ScriptStage

    bound = ScriptBlock(block.compiled, session, module.state)
    out: list[Any] = []
    stage = ScriptStage(
        session, session.frame, BlockInfo(bound), bound, [Argument(None, a) for a in arguments], dotted=True
    )
    Pipeline(session, [stage], out.append).run(None)
    for automatic in ("args", "myinvocation", "input", "psboundparameters"):
        module.state.root.variables.pop(automatic, None)
    module.settle_exports()
    return out


def import_into(scope: Scope, module: ModuleInfo, prefix: str = "", only: dict[str, list[str]] | None = None) -> None:
    """Puts a module's exports into a scope. `only`: patterns by kind; a kind that is missing is not imported."""
    session = module.session

    def wanted(kind: str, name: str) -> bool:
        if only is None:
            return True
        return any(session.wildcard(p).matches(name) for p in only.get(kind, []))

    for function in module.functions.values():
        if wanted("function", function.name):
            name = with_prefix(function.name, prefix)
            twin = type(function)(name, function.script_block, module)
            scope.functions[name.lower()] = twin
            module.imported[name.lower()] = twin
    for key, variable in module.variables.items():
        if wanted("variable", variable.name):
            scope.variables[key] = variable
            variable.module = module
    for alias in module.aliases.values():
        if wanted("alias", alias.name):
            name = with_prefix(alias.name, prefix)
            scope.aliases[name.lower()] = AliasInfo(name, alias.target)


def with_prefix(name: str, prefix: str) -> str:
    """`Get-Thing` with prefix My is `Get-MyThing`."""
    if not prefix:
        return name
    verb, dash, noun = name.partition("-")
    return f"{verb}-{prefix}{noun}" if dash else prefix + name


def remove_module(session: Session, module: ModuleInfo) -> None:
    """Takes a module's commands and variables out of the session again."""
    if module.on_remove is not None:
        session.invoke(module.on_remove, module)
    for scope in {id(s): s for s in [session.global_scope, *session.scope.chain()]}.values():
        for key, function in list(scope.functions.items()):
            if function.module is module:
                del scope.functions[key]
        for key, variable in list(scope.variables.items()):
            if variable.module is module:
                del scope.variables[key]
        for key, alias in list(scope.aliases.items()):
            if key in module.aliases and module.aliases[key].target == alias.target:
                del scope.aliases[key]
    session.modules.pop(module.name.lower(), None)


def closure_over(session: Session, block: ScriptBlock) -> ScriptBlock:
    """GetNewClosure: a nameless module that holds copies of the caller's local variables."""
    module = ModuleInfo(session, f"__DynamicModule_{id(block):x}")
    root = module.state.root
    for key, variable in session.scope.variables.items():
        if variable.options & CONSTANT or key in (
            "args",
            "input",
            "myinvocation",
            "psboundparameters",
            "?",
            "pwd",
        ):
            continue
        if session.scope is session.global_scope and key in session.preset:
            continue
        root.variables[key] = Variable(variable.name, variable.value)
    return ScriptBlock(block.compiled, session, module.state)
