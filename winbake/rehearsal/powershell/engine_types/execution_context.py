"""Members of $ExecutionContext: session state, variables, paths, invocation."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.dotnet.registry import getter, method
from winbake.rehearsal.powershell.engine_types.script_blocks import call_arguments
from winbake.rehearsal.powershell.running.execution_context import (
    EngineIntrinsics,
    InvocationIntrinsics,
    PathIntrinsics,
    SessionStateView,
    VariableIntrinsics,
)
from winbake.rehearsal.powershell.running.functions import (
    ScriptBlock,
    create_script_block,
)
from winbake.rehearsal.powershell.running.scope import Variable
from winbake.rehearsal.powershell.types import enum_value
from winbake.rehearsal.powershell.values import PSArray

_SMA = "System.Management.Automation."


@getter(_SMA + "EngineIntrinsics", "SessionState")
def engine_session_state(engine: EngineIntrinsics) -> SessionStateView:
    return SessionStateView(engine.session)


@getter(_SMA + "EngineIntrinsics", "InvokeCommand")
def engine_invoke_command(engine: EngineIntrinsics) -> InvocationIntrinsics:
    return InvocationIntrinsics(engine.session)


@getter(_SMA + "EngineIntrinsics", "Host")
def engine_host(engine: EngineIntrinsics) -> Any:
    return engine.session.get_variable("Host")


@getter(_SMA + "SessionState", "PSVariable")
def state_variables(view: SessionStateView) -> VariableIntrinsics:
    return VariableIntrinsics(view.session)


@getter(_SMA + "SessionState", "Path")
def state_path(view: SessionStateView) -> PathIntrinsics:
    return PathIntrinsics(view.session)


@getter(_SMA + "SessionState", "InvokeCommand")
def state_invoke_command(view: SessionStateView) -> InvocationIntrinsics:
    return InvocationIntrinsics(view.session)


@getter(_SMA + "SessionState", "LanguageMode")
def state_language_mode(view: SessionStateView) -> Any:
    return enum_value(_SMA + "PSLanguageMode", "FullLanguage")


@getter(_SMA + "SessionState", "Module")
def state_module(view: SessionStateView) -> Any:
    return view.session.state.module


_VARIABLES = _SMA + "PSVariableIntrinsics"


@method(_VARIABLES, "Get")
def variables_get(view: VariableIntrinsics, name: str) -> Any:
    return view.session.scope.find(name.lower())


@method(_VARIABLES, "GetValue")
def variables_get_value(view: VariableIntrinsics, name: str, default: Any = None) -> Any:
    return view.session.get_variable(name, default)


@method(_VARIABLES, "Set")
def variables_set(view: VariableIntrinsics, name: Any, value: Any = None) -> None:
    scope = view.session.scope
    if isinstance(name, Variable):
        scope.variables[name.name.lower()] = name
        return
    scope.set(name, value)


@method(_VARIABLES, "Remove")
def variables_remove(view: VariableIntrinsics, name: Any) -> None:
    key = (name.name if isinstance(name, Variable) else name).lower()
    for scope in view.session.scope.chain():
        if key in scope.variables:
            del scope.variables[key]
            return


_PATHS = _SMA + "PathIntrinsics"


@getter(_PATHS, "CurrentLocation")
def current_location(view: PathIntrinsics) -> Any:
    return view.session.get_variable("PWD")


@getter(_PATHS, "CurrentFileSystemLocation")
def current_file_system_location(view: PathIntrinsics) -> Any:
    return view.session.get_variable("PWD")


@method(_PATHS, "GetUnresolvedProviderPathFromPSPath")
def unresolved_provider_path(view: PathIntrinsics, path: str) -> str:
    from winbake.rehearsal.powershell.providers.core import unresolved

    return unresolved(view.session, path).path


_INVOKE = _SMA + "CommandInvocationIntrinsics"


@method(_INVOKE, "ExpandString")
def expand_string(view: InvocationIntrinsics, source_text: str) -> str:
    from winbake.rehearsal.powershell.compile.core import compile_expression
    from winbake.rehearsal.powershell.parser import parse_expandable
    from winbake.rehearsal.powershell.running.functions import parse_failure

    expression, errors = parse_expandable(source_text)
    if errors:
        raise parse_failure(errors, source_text)
    session = view.session
    frame = session.frame
    saved = frame.scope
    frame.scope = session.scope
    try:
        return convert.to_text(compile_expression(expression)(frame), session)
    finally:
        frame.scope = saved


@method(_INVOKE, "NewScriptBlock")
def new_script_block(view: InvocationIntrinsics, text: str) -> ScriptBlock:
    return create_script_block(view.session, text)


@method(_INVOKE, "InvokeScript")
def invoke_script(view: InvocationIntrinsics, text: Any, *arguments: Any) -> Any:
    block = text if isinstance(text, ScriptBlock) else create_script_block(view.session, text)
    return PSArray(view.session.invoke(block, *call_arguments(arguments), new_scope=False))


@method(_INVOKE, "GetCommand")
def get_command(view: InvocationIntrinsics, name: str, kinds: Any) -> Any:
    return view.session.find_command(name)
