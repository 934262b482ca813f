"""`$PSCmdlet`: what an advanced function has of a cmdlet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.command import Cmdlet
from winbake.rehearsal.powershell.convert import to_text
from winbake.rehearsal.powershell.dotnet.registry import getter, method
from winbake.rehearsal.powershell.errors import ErrorRecord, ScriptError
from winbake.rehearsal.powershell.running.error_flow import TerminatingFlow
from winbake.rehearsal.powershell.values import NetObject

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.running.script_stage import ScriptStage
    from winbake.rehearsal.powershell.session import Session

_TYPE = "System.Management.Automation.PSScriptCmdlet"


class ScriptCmdlet(NetObject, Cmdlet):
    """System.Management.Automation.PSScriptCmdlet."""

    net_type_name = _TYPE

    def __init__(self, stage: ScriptStage) -> None:
        Cmdlet.__init__(self, stage.session)
        self.stage = stage
        self.name = stage.info.name  # type: ignore[misc]
        self.class_name = stage.info.name  # type: ignore[misc]
        self.invocation = stage.frame.invocation
        assert stage.binder is not None
        self.bound = stage.binder.bound
        self.preferences: dict[str, Any] = {}

    @property
    def set_name(self) -> str:
        assert self.stage.binder is not None
        return self.stage.binder.chosen_set

    def _write(self, value: Any) -> None:
        self.stage.emit(value)


@getter(_TYPE, "ParameterSetName")
def parameter_set_name(cmdlet: ScriptCmdlet) -> str:
    return cmdlet.set_name


@getter(_TYPE, "MyInvocation")
def my_invocation(cmdlet: ScriptCmdlet) -> Any:
    return cmdlet.invocation


@getter(_TYPE, "SessionState")
def session_state(cmdlet: ScriptCmdlet) -> Any:
    return cmdlet.session.state_view()


@getter(_TYPE, "Host")
def host(cmdlet: ScriptCmdlet) -> Any:
    return cmdlet.session.get_variable("Host")


@getter(_TYPE, "CommandRuntime")
def command_runtime(cmdlet: ScriptCmdlet) -> Any:
    return cmdlet


@getter(_TYPE, "Stopping")
def stopping(cmdlet: ScriptCmdlet) -> bool:
    return False


@method(_TYPE, "WriteObject")
def write_object(cmdlet: ScriptCmdlet, value: Any, enumerate_collection: bool = False) -> None:
    if enumerate_collection:
        for item in cmdlet.session.enumerate(value):
            cmdlet._write(item)
    else:
        cmdlet._write(value)


@method(_TYPE, "WriteError")
def write_error(cmdlet: ScriptCmdlet, record: ErrorRecord) -> None:
    cmdlet.stage.pipeline.failed = True
    try:
        cmdlet.session.write_error(record, cmdlet)
    except ScriptError as failure:
        raise TerminatingFlow(failure, None) from failure


@method(_TYPE, "ThrowTerminatingError")
def throw_terminating_error(cmdlet: ScriptCmdlet, record: ErrorRecord) -> None:
    record.error_id = f"{record.error_id},{cmdlet.name}"
    record.activity = record.activity or cmdlet.name
    record.invocation = cmdlet.invocation
    raise TerminatingFlow(ScriptError(record), cmdlet)


@method(_TYPE, "WriteWarning")
def write_warning(cmdlet: ScriptCmdlet, text: str) -> None:
    cmdlet.session.write_warning(text, cmdlet)


@method(_TYPE, "WriteVerbose")
def write_verbose(cmdlet: ScriptCmdlet, text: str) -> None:
    cmdlet.session.write_verbose(text, cmdlet)


@method(_TYPE, "WriteDebug")
def write_debug(cmdlet: ScriptCmdlet, text: str) -> None:
    cmdlet.session.write_debug(text, cmdlet)


@method(_TYPE, "WriteInformation")
def write_information(cmdlet: ScriptCmdlet, data: Any, tags: Any = None) -> None:
    cmdlet.session.write_information(data, [to_text(t) for t in cmdlet.session.enumerate(tags)], cmdlet)


@method(_TYPE, "WriteProgress")
def write_progress(cmdlet: ScriptCmdlet, record: Any) -> None:
    cmdlet.session.write_progress(record, cmdlet)


@method(_TYPE, "ShouldProcess")
def should_process(cmdlet: ScriptCmdlet, *arguments: Any) -> bool:
    """(target), (target, action) or (description, warning, caption)."""
    if len(arguments) == 1:
        return cmdlet.session.should_process(to_text(arguments[0]), cmdlet.name, cmdlet)
    if len(arguments) == 2:
        return cmdlet.session.should_process(to_text(arguments[0]), to_text(arguments[1]), cmdlet)
    return cmdlet.session.should_process_text(to_text(arguments[0]), cmdlet)


@method(_TYPE, "ShouldContinue")
def should_continue(cmdlet: ScriptCmdlet, *arguments: Any) -> bool:
    raise cmdlet.session.refused_prompt(cmdlet)


@method(_TYPE, "GetVariableValue")
def get_variable_value(cmdlet: ScriptCmdlet, name: str, default: Any = None) -> Any:
    variable = cmdlet.session.scope.find(name.lower())
    return default if variable is None else variable.value


@method(_TYPE, "GetUnresolvedProviderPathFromPSPath")
def unresolved_path(cmdlet: ScriptCmdlet, path: str) -> str:
    from winbake.rehearsal.powershell.providers.core import unresolved

    return unresolved(cmdlet.session, path).path


def confirmation_needed(session: Session, impact: str) -> bool:
    """Whether ShouldProcess would have to ask: the impact reaches $ConfirmPreference."""
    order = ["None", "Low", "Medium", "High"]
    preference = session.preference("confirmpreference", "High")
    if preference == "None" or preference not in order or impact not in order or impact == "None":
        return False
    return order.index(impact) >= order.index(preference)
