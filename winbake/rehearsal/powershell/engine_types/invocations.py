"""Members of InvocationInfo and CallStackFrame: where a command runs and who called it."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.collections import GenericList
from winbake.rehearsal.powershell.dotnet.registry import getter, method
from winbake.rehearsal.powershell.engine_types.command_infos import text_dictionary
from winbake.rehearsal.powershell.running.positions import CallStackFrame, InvocationInfo
from winbake.rehearsal.powershell.types import enum_value, get_type

_SMA = "System.Management.Automation."


_INVOCATION = _SMA + "InvocationInfo"


@getter(_INVOCATION, "MyCommand")
def my_command(info: InvocationInfo) -> Any:
    return info.command


@getter(_INVOCATION, "BoundParameters")
def bound_parameters(info: InvocationInfo) -> Any:
    if info.bound is None:
        info.bound = text_dictionary("System.Object")
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


@getter(_INVOCATION, "CommandOrigin")
def command_origin(info: InvocationInfo) -> Any:
    """A script's own calls are the engine's, not the runspace's caller's."""
    return enum_value(_SMA + "CommandOrigin", "Internal")


@getter(_INVOCATION, "PipelineLength")
def pipeline_length(info: InvocationInfo) -> int:
    return info.pipeline_length


@getter(_INVOCATION, "PipelinePosition")
def pipeline_position(info: InvocationInfo) -> int:
    return info.pipeline_position


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
