"""Members of the engine's own objects: invocation and command infos, variables, script blocks, session state."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.automatic import EngineHost, HostUI, windows_build
from winbake.rehearsal.powershell.dotnet.collections import GenericDictionary, GenericList, ignoring_case
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter, static
from winbake.rehearsal.powershell.execution_context import (
    EngineIntrinsics,
    InvocationIntrinsics,
    PathIntrinsics,
    SessionStateView,
    SteppablePipeline,
    VariableIntrinsics,
)
from winbake.rehearsal.powershell.functions import (
    AliasInfo,
    ApplicationInfo,
    CmdletInfo,
    CommandInfo,
    FunctionInfo,
    ScriptBlock,
    ScriptInfo,
    create_script_block,
)
from winbake.rehearsal.powershell.modules import ModuleInfo
from winbake.rehearsal.powershell.parameters import CommandMetadata, ParameterInfo
from winbake.rehearsal.powershell.positions import CallStackFrame, InvocationInfo
from winbake.rehearsal.powershell.scope import Variable
from winbake.rehearsal.powershell.streams import HostMessage, InformationRecord, StreamRecord
from winbake.rehearsal.powershell.types import constructed, enum_value, get_type
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, NetObject, PSArray, unwrap

_SMA = "System.Management.Automation."

# ---- InvocationInfo ---------------------------------------------------------------------------------------

_INVOCATION = _SMA + "InvocationInfo"


@getter(_INVOCATION, "MyCommand")
def my_command(info: InvocationInfo) -> Any:
    return info.command


@getter(_INVOCATION, "BoundParameters")
def bound_parameters(info: InvocationInfo) -> Any:
    if info.bound is None:
        info.bound = _dictionary("System.Object")
    return info.bound


@getter(_INVOCATION, "UnboundArguments")
def unbound_arguments(info: InvocationInfo) -> Any:
    return GenericList(get_type("System.Object"), info.unbound)


@getter(_INVOCATION, "Line")
def line(info: InvocationInfo) -> str:
    return info.line


@getter(_INVOCATION, "ScriptLineNumber")
def script_line_number(info: InvocationInfo) -> int:
    return info.script_line_number


@getter(_INVOCATION, "OffsetInLine")
def offset_in_line(info: InvocationInfo) -> int:
    return info.offset_in_line


@getter(_INVOCATION, "PositionMessage")
def position_message(info: InvocationInfo) -> str:
    return info.position_message


@getter(_INVOCATION, "ScriptName")
def script_name(info: InvocationInfo) -> str:
    return info.script_name


@getter(_INVOCATION, "PSCommandPath")
def ps_command_path(info: InvocationInfo) -> str:
    return info.script_name


@getter(_INVOCATION, "PSScriptRoot")
def ps_script_root(info: InvocationInfo) -> str:
    return info.script_name.rpartition("\\")[0]


@getter(_INVOCATION, "InvocationName")
def invocation_name(info: InvocationInfo) -> str:
    return info.invocation_name


@getter(_INVOCATION, "ExpectingInput")
def expecting_input(info: InvocationInfo) -> bool:
    return info.expecting_input


@getter(_INVOCATION, "PipelineLength")
def pipeline_length(info: InvocationInfo) -> int:
    return info.pipeline_length


@getter(_INVOCATION, "PipelinePosition")
def pipeline_position(info: InvocationInfo) -> int:
    return info.pipeline_position


# ---- CallStackFrame ---------------------------------------------------------------------------------------

_FRAME = _SMA + "CallStackFrame"


@getter(_FRAME, "InvocationInfo")
def frame_invocation(frame: CallStackFrame) -> Any:
    return frame.frame.invocation


@getter(_FRAME, "FunctionName")
def frame_function(frame: CallStackFrame) -> str:
    return frame.function_name


@getter(_FRAME, "ScriptLineNumber")
def frame_line(frame: CallStackFrame) -> int:
    return frame.line_number


@getter(_FRAME, "ScriptName")
def frame_script(frame: CallStackFrame) -> Any:
    return frame.source.file if frame.source is not None else None


@getter(_FRAME, "Command")
def frame_command(frame: CallStackFrame) -> str:
    return frame.command


@getter(_FRAME, "Location")
def frame_location(frame: CallStackFrame) -> str:
    return frame.location


@getter(_FRAME, "Arguments")
def frame_arguments(frame: CallStackFrame) -> str:
    return "{}"


@method(_FRAME, "GetScriptLocation")
def get_script_location(frame: CallStackFrame) -> str:
    return frame.location


@method(_FRAME, "ToString")
def frame_text(frame: CallStackFrame) -> str:
    return str(frame)


# ---- CommandInfo ------------------------------------------------------------------------------------------

_COMMAND = _SMA + "CommandInfo"


class ParameterView(NetObject):
    """ParameterMetadata."""

    net_type_name = _SMA + "ParameterMetadata"

    def __init__(self, info: ParameterInfo) -> None:
        self.info = info


def _dictionary(value_type: str) -> GenericDictionary:
    return GenericDictionary(get_type("System.String"), get_type(value_type), key=ignoring_case)


def metadata_of(session: Any, command: CommandInfo) -> CommandMetadata | None:
    """The parameters of a command; None for programs."""
    if isinstance(command, AliasInfo):
        target = session.find_command(command.target)
        return None if target is None else metadata_of(session, target)
    if isinstance(command, FunctionInfo):
        return command.script_block.compiled.metadata(session.frame, command.name)
    if isinstance(command, CmdletInfo):
        found: CommandMetadata = command.row.metadata
        return found
    if isinstance(command, ScriptInfo):
        from winbake.rehearsal.powershell.resolution import load_script

        if command.script_block is None:
            command.script_block = load_script(session, command.path)
        return command.script_block.compiled.metadata(session.frame, command.name)
    return None


@getter(_COMMAND, "Name")
def command_name(command: CommandInfo) -> str:
    return command.name


@getter(_COMMAND, "CommandType")
def command_type(command: CommandInfo) -> Any:
    return enum_value(_SMA + "CommandTypes", command.kind)


@getter(_COMMAND, "Definition")
def definition(command: CommandInfo) -> str:
    return command.definition


@getter(_COMMAND, "ModuleName")
def module_name(command: CommandInfo) -> str:
    return command.module_name


@getter(_COMMAND, "Source")
def source(command: CommandInfo) -> str:
    if isinstance(command, ScriptInfo | ApplicationInfo):
        return command.path
    return command.module_name


@getter(_COMMAND, "Module")
def module(command: CommandInfo) -> Any:
    return command.module if isinstance(command.module, NetObject) else None


@getter(_COMMAND, "Version")
def version(command: CommandInfo, *, session: Any) -> Any:
    if isinstance(command, CmdletInfo):
        return convert.convert("3.1.0.0", get_type("System.Version"), session)
    return None


@getter(_COMMAND, "Visibility")
def visibility(command: CommandInfo) -> Any:
    return enum_value(_SMA + "SessionStateEntryVisibility", "Public")


@getter(_COMMAND, "Parameters")
def parameters(command: CommandInfo, *, session: Any) -> Any:
    metadata = metadata_of(session, command)
    if metadata is None:
        return None
    table = _dictionary(_SMA + "ParameterMetadata")
    for parameter in metadata.parameters.values():
        table.set(parameter.name, ParameterView(parameter))
    return table


@getter(_COMMAND, "OutputType")
def output_type(command: CommandInfo, *, session: Any) -> Any:
    names: list[str] = []
    if isinstance(command, CmdletInfo):
        names = list(command.row.outputs)
    elif isinstance(command, FunctionInfo):
        names = _declared_outputs(session, command.script_block)
    return PSArray([TypeNameView(name) for name in names], _SMA + "PSTypeName")


class TypeNameView(NetObject):
    """PSTypeName."""

    net_type_name = _SMA + "PSTypeName"

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name


@getter(_SMA + "PSTypeName", "Name")
def type_name_name(view: TypeNameView) -> str:
    return view.name


def _declared_outputs(session: Any, block: ScriptBlock) -> list[str]:
    from winbake.rehearsal.powershell.attributes import attribute_name
    from winbake.rehearsal.powershell.compile.core import compile_expression

    names: list[str] = []
    for attribute in block.compiled.attributes:
        if attribute_name(attribute) == "outputtype":
            for expression in attribute.positional:
                value = unwrap(compile_expression(expression)(session.frame))
                names.append(getattr(value, "key", None) or convert.to_text(value, session))
    return names


for _type in ("FunctionInfo", "CmdletInfo"):

    @getter(_SMA + _type, "Verb")
    def verb(command: CommandInfo) -> str:
        return command.name.partition("-")[0] if "-" in command.name else ""

    @getter(_SMA + _type, "Noun")
    def noun(command: CommandInfo) -> str:
        return command.name.partition("-")[2]

    @getter(_SMA + _type, "DefaultParameterSet")
    def default_parameter_set(command: CommandInfo, *, session: Any) -> Any:
        metadata = metadata_of(session, command)
        return metadata.default_set if metadata is not None else None


@getter(_SMA + "FunctionInfo", "CmdletBinding")
def cmdlet_binding(command: CommandInfo, *, session: Any) -> bool:
    metadata = metadata_of(session, command)
    return metadata is not None and metadata.advanced


@getter(_SMA + "FunctionInfo", "ScriptBlock")
@getter(_SMA + "ScriptInfo", "ScriptBlock")
@getter(_SMA + "ExternalScriptInfo", "ScriptBlock")
def command_script_block(command: Any, *, session: Any) -> Any:
    block = getattr(command, "script_block", None)
    if block is None and isinstance(command, ScriptInfo):
        metadata_of(session, command)
        block = command.script_block
    return block


@getter(_SMA + "FunctionInfo", "Description")
@getter(_SMA + "AliasInfo", "Description")
def command_description(command: Any) -> Any:
    return getattr(command, "description", None)


@setter(_SMA + "FunctionInfo", "Description")
@setter(_SMA + "AliasInfo", "Description")
def set_command_description(command: Any, value: Any) -> None:
    command.description = value


@getter(_SMA + "FunctionInfo", "Options")
@getter(_SMA + "AliasInfo", "Options")
@getter(_SMA + "CmdletInfo", "Options")
def command_options(command: CommandInfo) -> Any:
    return enum_value(_SMA + "ScopedItemOptions", command.options)


@getter(_SMA + "CmdletInfo", "ImplementingType")
def implementing_type(command: CmdletInfo) -> Any:
    return None


@getter(_SMA + "AliasInfo", "ResolvedCommand")
@getter(_SMA + "AliasInfo", "ReferencedCommand")
def resolved_command(alias: AliasInfo, *, session: Any) -> Any:
    return session.find_command(alias.target)


@getter(_SMA + "ExternalScriptInfo", "Path")
@getter(_SMA + "ApplicationInfo", "Path")
def command_path(command: Any) -> str:
    return str(command.path)


@getter(_SMA + "ApplicationInfo", "Extension")
def command_extension(command: ApplicationInfo) -> str:
    return "." + command.path.rpartition(".")[2]


@method(_COMMAND, "ToString")
def command_text(command: CommandInfo) -> str:
    return command.name


@getter(_SMA + "ParameterMetadata", "Name")
def parameter_name(view: ParameterView) -> str:
    return view.info.name


@getter(_SMA + "ParameterMetadata", "ParameterType")
def parameter_type(view: ParameterView) -> Any:
    return view.info.net_type or get_type("System.Object")


@getter(_SMA + "ParameterMetadata", "Aliases")
def parameter_aliases(view: ParameterView) -> Any:
    return PSArray(view.info.aliases, "System.String")


@getter(_SMA + "ParameterMetadata", "SwitchParameter")
def parameter_switch(view: ParameterView) -> bool:
    return view.info.is_switch


@getter(_SMA + "ParameterMetadata", "IsDynamic")
def parameter_dynamic(view: ParameterView) -> bool:
    return view.info.dynamic


@getter(_SMA + "ParameterMetadata", "Attributes")
def parameter_attribute_list(view: ParameterView) -> Any:
    from winbake.rehearsal.powershell.dynamic_parameters import AttributeValue
    from winbake.rehearsal.powershell.validation import ValidateSet

    out: list[Any] = []
    for info in view.info.sets:
        made = AttributeValue(_SMA + "ParameterAttribute")
        made.properties = {
            "mandatory": info.mandatory,
            "parametersetname": info.name,
            "valuefrompipeline": info.by_value,
            "valuefrompipelinebypropertyname": info.by_name,
            "valuefromremainingarguments": info.remaining,
            "helpmessage": info.help_message or None,
        }
        if info.position is not None:
            made.properties["position"] = info.position
        out.append(made)
    for validation in view.info.validations:
        if isinstance(validation, ValidateSet):
            made = AttributeValue(_SMA + "ValidateSetAttribute", list(validation.values))
            out.append(made)
    return PSArray(out, "System.Attribute")


# ---- PSVariable -------------------------------------------------------------------------------------------

_VARIABLE = _SMA + "PSVariable"


@constructor(_VARIABLE)
def new_variable(name: str, value: Any = None, options: Any = None) -> Variable:
    return Variable(name, value, options.value if options is not None else 0)


@getter(_VARIABLE, "Name")
def variable_name(variable: Variable) -> str:
    return variable.name


@getter(_VARIABLE, "Value")
def variable_value(variable: Variable) -> Any:
    value = variable.value
    return None if value is AUTOMATION_NULL else value


@setter(_VARIABLE, "Value")
def set_variable_value(variable: Variable, value: Any) -> None:
    variable.assign(value)


@getter(_VARIABLE, "Options")
def variable_options(variable: Variable) -> Any:
    return enum_value(_SMA + "ScopedItemOptions", variable.options)


@setter(_VARIABLE, "Options")
def set_variable_options(variable: Variable, value: Any) -> None:
    variable.options = value.value


@getter(_VARIABLE, "Description")
def variable_description(variable: Variable) -> str:
    return variable.description


@setter(_VARIABLE, "Description")
def set_variable_description(variable: Variable, value: str) -> None:
    variable.description = value


@getter(_VARIABLE, "Visibility")
def variable_visibility(variable: Variable) -> Any:
    return enum_value(_SMA + "SessionStateEntryVisibility", variable.visibility)


@getter(_VARIABLE, "Attributes")
def variable_attributes(variable: Variable) -> Any:
    return PSArray(variable.attributes, "System.Attribute")


@getter(_VARIABLE, "Module")
def variable_module(variable: Variable) -> Any:
    return variable.module


@getter(_VARIABLE, "ModuleName")
def variable_module_name(variable: Variable) -> str:
    return variable.module.name if variable.module is not None else ""


# ---- ScriptBlock ------------------------------------------------------------------------------------------

_BLOCK = _SMA + "ScriptBlock"


@static(_BLOCK, "Create")
def create(script: str, *, session: Any) -> ScriptBlock:
    return create_script_block(session, script)


@method(_BLOCK, "Invoke")
def invoke(block: ScriptBlock, *arguments: Any, session: Any) -> Any:
    """A Collection[PSObject] of what was written; errors that end a statement are thrown."""
    collection = constructed(get_type("System.Collections.ObjectModel.Collection`1"), (get_type(_SMA + "PSObject"),))
    out = session.invoke(block, *_arguments(arguments), propagate=True)
    made = GenericList(get_type(_SMA + "PSObject"), out)
    made.net_type = collection
    return made


def _arguments(arguments: tuple[Any, ...]) -> list[Any]:
    if len(arguments) == 1 and isinstance(arguments[0], PSArray):
        return list(arguments[0].items)
    return list(arguments)


@method(_BLOCK, "InvokeReturnAsIs")
def invoke_return_as_is(block: ScriptBlock, *arguments: Any, session: Any) -> Any:
    return session.collected(session.invoke(block, *_arguments(arguments), propagate=True))


@method(_BLOCK, "GetNewClosure")
def get_new_closure(block: ScriptBlock, *, session: Any) -> ScriptBlock:
    from winbake.rehearsal.powershell.modules import closure_over

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


# ---- $ExecutionContext ------------------------------------------------------------------------------------


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
    from winbake.rehearsal.powershell.functions import parse_failure
    from winbake.rehearsal.powershell.parser import parse_expandable

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
    return PSArray(view.session.invoke(block, *_arguments(arguments), new_scope=False))


@method(_INVOKE, "GetCommand")
def get_command(view: InvocationIntrinsics, name: str, kinds: Any) -> Any:
    return view.session.find_command(name)


# ---- $Host ------------------------------------------------------------------------------------------------

_HOST = _SMA + "Host.PSHost"


@getter(_HOST, "Name")
def host_name(host: EngineHost) -> str:
    return "ConsoleHost"


@getter(_HOST, "Version")
def host_version(host: EngineHost, *, session: Any) -> Any:
    return convert.convert(f"5.1.{windows_build(session)}.2760", get_type("System.Version"), session)


@getter(_HOST, "UI")
def host_ui(host: EngineHost) -> HostUI:
    return HostUI(host.session)


@getter(_HOST, "CurrentCulture")
@getter(_HOST, "CurrentUICulture")
def host_culture(host: EngineHost, *, session: Any) -> Any:
    return convert.convert("en-US", get_type("System.Globalization.CultureInfo"), session)


@method(_HOST, "SetShouldExit")
def set_should_exit(host: EngineHost, code: int) -> None:
    host.session.exit_code = code


@method(_SMA + "Host.PSHostUserInterface", "WriteLine")
def host_write_line(ui: HostUI, *arguments: Any) -> None:
    ui.session.host_line(convert.to_text(arguments[-1]) if arguments else "")


@method(_SMA + "Host.PSHostUserInterface", "Write")
def host_write(ui: HostUI, *arguments: Any) -> None:
    ui.session.host_line(convert.to_text(arguments[-1]))


# ---- stream records ---------------------------------------------------------------------------------------


@getter(_SMA + "InformationalRecord", "Message")
def record_message(record: StreamRecord) -> str:
    return record.message


@getter(_SMA + "InformationalRecord", "InvocationInfo")
def record_invocation(record: StreamRecord) -> Any:
    return record.invocation


@method(_SMA + "InformationalRecord", "ToString")
def record_text(record: StreamRecord) -> str:
    return record.message


@getter(_SMA + "InformationRecord", "MessageData")
def information_data(record: InformationRecord) -> Any:
    return record.data


@getter(_SMA + "InformationRecord", "Source")
def information_source(record: InformationRecord) -> str:
    return record.source


@getter(_SMA + "InformationRecord", "Tags")
def information_tags(record: InformationRecord) -> Any:
    return GenericList(get_type("System.String"), record.tags)


@method(_SMA + "InformationRecord", "ToString")
def information_text(record: InformationRecord) -> str:
    return record.message


@getter(_SMA + "HostInformationMessage", "Message")
def host_message(message: HostMessage) -> str:
    return message.message


@getter(_SMA + "HostInformationMessage", "NoNewLine")
def host_message_no_newline(message: HostMessage) -> bool:
    return message.no_newline


@method(_SMA + "HostInformationMessage", "ToString")
def host_message_text(message: HostMessage) -> str:
    return message.message


# ---- modules ----------------------------------------------------------------------------------------------

_MODULE = _SMA + "PSModuleInfo"


def _exports(items: dict[str, Any], value_type: str) -> GenericDictionary:
    table = _dictionary(value_type)
    for item in items.values():
        table.set(item.name, item)
    return table


@getter(_MODULE, "Name")
def module_own_name(info: ModuleInfo) -> str:
    return info.name


@getter(_MODULE, "Path")
def module_path(info: ModuleInfo) -> Any:
    return info.path


@getter(_MODULE, "ModuleBase")
def module_base(info: ModuleInfo) -> Any:
    return info.path.rpartition("\\")[0] if info.path else None


@getter(_MODULE, "ModuleType")
def module_type(info: ModuleInfo) -> Any:
    return enum_value(_SMA + "ModuleType", "Script")


@getter(_MODULE, "Version")
def module_version(info: ModuleInfo, *, session: Any) -> Any:
    if info.version is not None:
        return info.version
    return convert.convert("0.0", get_type("System.Version"), session)


@getter(_MODULE, "Description")
def module_description(info: ModuleInfo) -> str:
    return info.description


@getter(_MODULE, "ExportedFunctions")
def exported_functions(info: ModuleInfo) -> Any:
    return _exports(info.functions, _SMA + "FunctionInfo")


@getter(_MODULE, "ExportedVariables")
def exported_variables(info: ModuleInfo) -> Any:
    return _exports(info.variables, _SMA + "PSVariable")


@getter(_MODULE, "ExportedAliases")
def exported_aliases(info: ModuleInfo) -> Any:
    return _exports(info.aliases, _SMA + "AliasInfo")


@getter(_MODULE, "ExportedCmdlets")
def exported_cmdlets(info: ModuleInfo) -> Any:
    return _dictionary(_SMA + "CmdletInfo")


@getter(_MODULE, "ExportedCommands")
def exported_commands(info: ModuleInfo) -> Any:
    return _exports({**info.functions, **info.aliases}, _SMA + "CommandInfo")


@getter(_MODULE, "SessionState")
def module_session_state(info: ModuleInfo) -> SessionStateView:
    return SessionStateView(info.session, info)


@getter(_MODULE, "OnRemove")
def module_on_remove(info: ModuleInfo) -> Any:
    return info.on_remove


@setter(_MODULE, "OnRemove")
def set_module_on_remove(info: ModuleInfo, block: Any) -> None:
    info.on_remove = block


@method(_MODULE, "Invoke")
def module_invoke(info: ModuleInfo, block: ScriptBlock, *arguments: Any) -> Any:
    bound = ScriptBlock(block.compiled, info.session, info.state)
    return info.session.collected(info.session.invoke(bound, *_arguments(arguments)))


@method(_MODULE, "NewBoundScriptBlock")
def module_new_bound(info: ModuleInfo, block: ScriptBlock) -> ScriptBlock:
    return ScriptBlock(block.compiled, info.session, info.state)


@method(_MODULE, "ToString")
def module_text(info: ModuleInfo) -> str:
    return info.name
