"""How a session writes errors, warnings, verbose, debug, information and progress, with the preferences in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.errors import ErrorRecord, ScriptError, script_error
from winbake.rehearsal.powershell.running.streams import (
    DebugRecord,
    HostMessage,
    InformationRecord,
    VerboseRecord,
    WarningRecord,
)

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.running.frame import Frame
    from winbake.rehearsal.powershell.running.streams import Streams


class StreamWriting:
    """The stream methods of Session."""

    streams: Streams
    frame: Frame
    console: Any

    def preference(self, name: str, default: str, cmdlet: Any = None) -> str:
        raise NotImplementedError

    def add_error(self, record: ErrorRecord) -> None:
        raise NotImplementedError

    def write_error(self, record: ErrorRecord, cmdlet: Any = None) -> None:
        """A non-terminating error of a command. Raises ScriptError under Stop."""
        from winbake.rehearsal.powershell.running.positions import script_stack_trace

        if cmdlet is not None:
            self._sign(record, cmdlet)
        if not record.script_stack_trace:
            record.script_stack_trace = script_stack_trace(self.frame)
        if record.exception.error_record is None:
            record.exception.error_record = record
        preference = self.preference("erroractionpreference", "Continue", cmdlet)
        if preference == "Ignore":
            return
        stage = getattr(cmdlet, "stage", None)
        if stage is not None:
            stage.pipeline.failed = True
        self.streams.collect(2, record)
        if preference == "Stop":
            raise ScriptError(record, thrown=True)
        self.add_error(record)
        if preference == "SilentlyContinue":
            return
        if preference == "Inquire":
            raise self.refused_prompt(cmdlet)
        self.streams.send(2, record)

    @staticmethod
    def _sign(record: ErrorRecord, cmdlet: Any) -> None:
        """The command's class (or function) goes behind the id; position and activity are the command's."""
        if record.invocation is None:
            suffix = str(getattr(cmdlet, "class_name", "") or "")
            if suffix and not record.error_id.endswith(f",{suffix}"):
                record.error_id = f"{record.error_id},{suffix}" if record.error_id else suffix
            record.invocation = cmdlet.invocation
        if not record.activity:
            record.activity = str(cmdlet.name)

    def write_warning(self, text: str, cmdlet: Any = None) -> None:
        self._write(
            3, "warningpreference", "Continue", WarningRecord(text, getattr(cmdlet, "invocation", None)), cmdlet
        )

    def write_verbose(self, text: str, cmdlet: Any = None) -> None:
        record = VerboseRecord(text, getattr(cmdlet, "invocation", None))
        self._write(4, "verbosepreference", "SilentlyContinue", record, cmdlet)

    def write_debug(self, text: str, cmdlet: Any = None) -> None:
        record = DebugRecord(text, getattr(cmdlet, "invocation", None))
        self._write(5, "debugpreference", "SilentlyContinue", record, cmdlet)

    def write_information(self, data: Any, tags: list[str] | None = None, cmdlet: Any = None) -> None:
        """Write-Information. Host messages (tag PSHOST) are shown whatever the preference."""
        host = isinstance(data, HostMessage)
        text = data.message if host else convert.to_text(data, self)
        record = InformationRecord(data, text, "", tags)
        if host:
            preference = self.preference("informationpreference", "Continue", cmdlet)
            self.streams.collect(6, record)
            if preference == "Ignore" or (
                preference == "SilentlyContinue" and "informationpreference" in getattr(cmdlet, "preferences", {})
            ):
                return
            self.streams.send(6, record)
            return
        self._write(6, "informationpreference", "SilentlyContinue", record, cmdlet)

    def _write(self, number: int, name: str, default: str, record: Any, cmdlet: Any) -> None:
        preference = self.preference(name, default, cmdlet)
        if preference == "Ignore":
            return
        self.streams.collect(number, record)
        if preference == "SilentlyContinue":
            if number == 6 and 6 in self.streams.merged:
                self.streams.send(number, record)
            return
        if preference == "Inquire":
            if number == 5:
                self.streams.send(number, record)
                return
            raise self.refused_prompt(cmdlet)
        self.streams.send(number, record)
        if preference == "Stop":
            shown = {
                3: "WarningPreference",
                4: "VerbosePreference",
                5: "DebugPreference",
                6: "InformationPreference",
            }[number]
            message = (
                f'The running command stopped because the preference variable "{shown}" or common parameter is set to '
                f"Stop: {record.message}"
            )
            failure = script_error(
                "ActionPreferenceStop",
                message,
                "OperationStopped",
                "System.Management.Automation.ActionPreferenceStopException",
            )
            failure.thrown = True
            raise failure

    def write_progress(self, record: Any, cmdlet: Any = None) -> None:
        """Progress goes to the console only."""
        if self.preference("progresspreference", "Continue", cmdlet) != "Continue":
            return
        sink = getattr(self.console, "write_progress", None)
        if sink is not None:
            sink(record)

    def host_line(self, text: str) -> None:
        """A line for the console that is in no stream (What if:)."""
        sink = getattr(self.console, "write_line", None)
        if sink is not None:
            sink(text)

    # ---- ShouldProcess

    def should_process(self, target: str, action: str, cmdlet: Any) -> bool:
        return self.should_process_text(f'Performing the operation "{action}" on target "{target}".', cmdlet)

    def should_process_text(self, description: str, cmdlet: Any) -> bool:
        """False under -WhatIf. Where Windows would ask, a session without a person refuses."""
        preferences = getattr(cmdlet, "preferences", {})
        what_if = preferences.get("whatifpreference")
        if what_if is None:
            what_if = self.get_variable("WhatIfPreference")  # type: ignore[attr-defined]
        if convert.to_bool(what_if):
            self.host_line(f"What if: {description}")
            return False
        from winbake.rehearsal.powershell.running.pscmdlet import confirmation_needed

        impact = getattr(cmdlet, "confirm_impact", None) or _impact_of(cmdlet)
        confirm = preferences.get("confirmpreference")
        if confirm is not None:
            name = getattr(confirm, "name", "None")
            needed = name == "Low"
        else:
            needed = confirmation_needed(self, impact)  # type: ignore[arg-type]
        if needed:
            raise self.refused_prompt(cmdlet)
        if self.preference("verbosepreference", "SilentlyContinue", cmdlet) == "Continue":
            self.write_verbose(description, cmdlet)
        return True

    def refused_prompt(self, cmdlet: Any = None) -> ScriptError:
        """What a prompt is in a non-interactive session."""
        return script_error(
            "InvalidOperation",
            "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.",
            "InvalidOperation",
            "System.Management.Automation.PSInvalidOperationException",
        )


def _impact_of(cmdlet: Any) -> str:
    stage = getattr(cmdlet, "stage", None)
    binder = getattr(stage, "binder", None)
    return binder.metadata.confirm_impact if binder is not None else "Medium"
