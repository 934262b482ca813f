"""Members of ScriptBlock, its Ast and its steppable pipeline."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.convert import to_text
from winbake.rehearsal.powershell.dotnet.collections import GenericList
from winbake.rehearsal.powershell.dotnet.registry import getter, method, static
from winbake.rehearsal.powershell.running.execution_context import (
    SteppablePipeline,
)
from winbake.rehearsal.powershell.running.functions import (
    FunctionInfo,
    ScriptBlock,
    create_script_block,
)
from winbake.rehearsal.powershell.running.scope import Scope
from winbake.rehearsal.powershell.running.script_stage import NO
from winbake.rehearsal.powershell.types import constructed, get_type
from winbake.rehearsal.powershell.values import NetObject, PSArray, unwrap

_SMA = "System.Management.Automation."


_BLOCK = _SMA + "ScriptBlock"


@static(_BLOCK, "Create")
def create(script: str, *, session: Any) -> ScriptBlock:
    return create_script_block(session, script)


@method(_BLOCK, "Invoke")
def invoke(block: ScriptBlock, *arguments: Any, session: Any) -> Any:
    """A Collection[PSObject] of what was written; errors that end a statement are thrown."""
    return collection_of(session.invoke(block, *call_arguments(arguments), propagate=True))


def collection_of(out: list[Any]) -> GenericList:
    made = GenericList(get_type(_SMA + "PSObject"), out)
    made.net_type = constructed(
        get_type("System.Collections.ObjectModel.Collection`1"), (get_type(_SMA + "PSObject"),)
    )
    return made


def call_arguments(arguments: tuple[Any, ...]) -> list[Any]:
    if len(arguments) == 1 and isinstance(arguments[0], PSArray):
        return list(arguments[0].items)
    return list(arguments)


@method(_BLOCK, "InvokeReturnAsIs")
def invoke_return_as_is(block: ScriptBlock, *arguments: Any, session: Any) -> Any:
    return session.collected(session.invoke(block, *call_arguments(arguments), propagate=True))


@method(_BLOCK, "InvokeWithContext")
def invoke_with_context(block: ScriptBlock, functions: Any, variables: Any, *arguments: Any, session: Any) -> Any:
    """Runs the block in a scope of its own that also has these functions and variables."""
    scope = Scope(block.state.current, block.state)
    underscore: Any = NO
    for name, body in functions.items() if functions is not None else ():
        key = to_text(name, session)
        scope.functions[key.lower()] = FunctionInfo(key, unwrap(body))
    for item in session.enumerate(variables) if variables is not None else ():
        variable = unwrap(item)
        if variable.name == "_":
            underscore = variable.value
        scope.variables[variable.name.lower()] = variable
    saved = block.state.current
    block.state.current = scope
    try:
        out = session.invoke(block, *call_arguments(arguments), underscore=underscore, propagate=True)
    finally:
        block.state.current = saved
    return collection_of(out)


@method(_BLOCK, "GetNewClosure")
def get_new_closure(block: ScriptBlock, *, session: Any) -> ScriptBlock:
    from winbake.rehearsal.powershell.running.modules import closure_over

    return closure_over(session, block)


@method(_BLOCK, "GetSteppablePipeline")
def get_steppable_pipeline(block: ScriptBlock, *arguments: Any, session: Any) -> SteppablePipeline:
    return SteppablePipeline(session, block)


@method(_BLOCK, "ToString")
def block_text(block: ScriptBlock) -> str:
    return block.text


@getter(_BLOCK, "Ast")
def block_ast(block: ScriptBlock) -> Any:
    return AstView(block)


@getter(_BLOCK, "File")
def block_file(block: ScriptBlock) -> Any:
    return block.file


@getter(_BLOCK, "Module")
def block_module(block: ScriptBlock) -> Any:
    return block.module


@getter(_BLOCK, "IsFilter")
def block_is_filter(block: ScriptBlock) -> bool:
    return block.compiled.is_filter_like


class AstView(NetObject):
    """ScriptBlockAst: only its text is modelled."""

    net_type_name = _SMA + "Language.ScriptBlockAst"

    def __init__(self, block: ScriptBlock) -> None:
        self.block = block

    def __str__(self) -> str:
        ast = self.block.ast
        return ast.source.text[ast.start : ast.end]


@method(_SMA + "Language.Ast", "ToString")
def ast_text(ast: AstView) -> str:
    return str(ast)


_STEPPABLE = _SMA + "SteppablePipeline"


@method(_STEPPABLE, "Begin")
def steppable_begin(pipeline: SteppablePipeline, expects_input: Any) -> None:
    if isinstance(expects_input, bool):
        pipeline.begin(expects_input)
        return
    pipeline.cmdlet = expects_input
    pipeline.begin(bool(getattr(getattr(expects_input, "stage", None), "expects_input", True)))


@method(_STEPPABLE, "Process")
def steppable_process(pipeline: SteppablePipeline, *items: Any) -> PSArray:
    return pipeline.process(*items)


@method(_STEPPABLE, "End")
def steppable_end(pipeline: SteppablePipeline) -> PSArray:
    return pipeline.end()


@method(_STEPPABLE, "Dispose")
def steppable_dispose(pipeline: SteppablePipeline) -> None:
    for stage in pipeline.pipeline.stages:
        stage.dispose()
