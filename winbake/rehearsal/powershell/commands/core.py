"""Cmdlets that are one with the runtime: pipeline blocks, streams, variables, aliases, Get-Command, Invoke-*."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell import convert, members
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.operators import BINARY
from winbake.rehearsal.powershell.running.functions import create_script_block
from winbake.rehearsal.powershell.running.streams import HostMessage
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, PSArray, unwrap

Runner = Callable[[Any, Callable[[Any], None]], None]


@cmdlet("ForEach-Object")
class ForEachObject(Cmdlet):
    """Runs blocks, or reads a member, for each object."""

    def begin(self) -> None:
        self.runners: list[Runner] = []
        if self.parameter_set == "PropertyAndMethodSet" or "MemberName" in self.bound:
            return
        blocks = [unwrap(b) for b in self.session.enumerate(self.get("Process"))]
        blocks += [unwrap(b) for b in self.session.enumerate(self.get("RemainingScripts", AUTOMATION_NULL))]
        first, last = self.get("Begin"), self.get("End")
        if len(blocks) > 1 and first is None:
            first = blocks.pop(0)
        if len(blocks) > 1 and last is None:
            last = blocks.pop()
        self.last = last
        self.runners = [self.session.block_runner(b) for b in blocks if b is not None]
        if first is not None:
            self._run_once(first)

    def _run_once(self, block: Any) -> None:
        self.session.block_runner(unwrap(block))(None, self._emit)

    def process(self) -> None:
        if "MemberName" in self.bound:
            self._member()
            return
        if self.has_pipeline_input or self.has("InputObject"):
            item = self.get("InputObject")
        else:
            item = None
        for run in self.runners:
            run(item, self._emit)

    def end(self) -> None:
        if "MemberName" not in self.bound and self.last is not None:
            self._run_once(self.last)

    def _member(self) -> None:
        item = self.get("InputObject")
        name = self.get("MemberName")
        if item is None:
            if self.session.strict_used and self.session.strict_version >= 2:
                self.error(
                    "InputObjectIsNull",
                    f"Cannot index into a null array or read member '{name}' of nothing.",
                    "InvalidArgument",
                    "System.ArgumentException",
                )
            return
        arguments = self.get("ArgumentList")
        if arguments is None:
            found = members.find_value(self.session, item, name)
            if found is not members.NO_MEMBER and not _is_method(found):
                self.emit_all(found if found is not None else None)
                return
        from winbake.rehearsal.powershell.wildcard import has_wildcards

        if has_wildcards(name):
            names = [
                m.name for m in members.members_of(self.session, item) if self.session.wildcard(name).matches(m.name)
            ]
            if len(names) != 1:
                self.error(
                    "MethodOrPropertyNotFound" if not names else "AmbiguousMethodName",
                    f'Input name "{name}" cannot be resolved to a property or method.',
                    "InvalidArgument",
                    "System.ArgumentException",
                    item,
                )
                return
            name = names[0]
            found = members.find_value(self.session, item, name)
            if found is not members.NO_MEMBER and not _is_method(found):
                self.emit_all(found)
                return
        values = [] if arguments is None else list(self.session.enumerate(arguments))
        try:
            result = members.invoke_method(self.session, item, name, values)
        except ScriptError as failure:
            if failure.record.error_id == "MethodNotFound":
                if not (self.session.strict_used and self.session.strict_version >= 2) and arguments is None:
                    self.emit(None)
                    return
                self.error(
                    "MethodOrPropertyNotFound",
                    f'Input name "{name}" cannot be resolved to a method.',
                    "InvalidArgument",
                    "System.ArgumentException",
                    item,
                )
                return
            exception = failure.record.exception
            self.error("MethodException", exception.message, "InvalidOperation", exception.type_name, item)
            return
        if result is not AUTOMATION_NULL:
            self.emit_all(result)


def _is_method(value: Any) -> bool:
    return type(value).__name__ == "MethodObject"


@cmdlet("Where-Object")
class WhereObject(Cmdlet):
    """Passes on what a block, or a comparison of one property, is true for."""

    def begin(self) -> None:
        self.runner: Runner | None = None
        if "FilterScript" in self.bound:
            self.runner = self.session.block_runner(unwrap(self.get("FilterScript")))
            return
        flags = [k for k, v in self.bound.items() if k in _COMPARISONS and convert.to_bool(v)]
        self.operator = flags[0] if flags else "EQ"
        self.truth_only = not flags
        if flags and "Value" not in self.bound:
            raise self.fail(
                "ValueNotSpecifiedForWhereObject",
                "The specified operator requires both the -Property and -Value parameters. Provide values for both "
                "parameters, and then try the command again.",
                "InvalidArgument",
                "System.Management.Automation.PSArgumentException",
            )

    def process(self) -> None:
        item = self.get("InputObject")
        if self.runner is not None:
            out: list[Any] = []
            self.runner(item, out.append)
            if convert.to_bool(out[0] if len(out) == 1 else PSArray(out)):
                self.emit(item)
            return
        if item is None and not self.truth_only:
            value = None
        else:
            value = self._value(item)
        if self.truth_only:
            if convert.to_bool(value):
                self.emit(item)
            return
        name = self.operator.lower()
        operand = self.get("Value")
        if name in ("is", "isnot") and isinstance(operand, str):
            operand = operand.strip("[]")
        result = BINARY["-" + name](self.session, value, operand)
        if convert.to_bool(result):
            self.emit(item)

    def _value(self, item: Any) -> Any:
        name = self.get("Property")
        strict = self.session.strict_used and self.session.strict_version >= 2
        return members.get_member_value(self.session, item, name, strict)


_COMPARISONS = frozenset(
    [
        "EQ",
        "CEQ",
        "NE",
        "CNE",
        "GT",
        "CGT",
        "LT",
        "CLT",
        "GE",
        "CGE",
        "LE",
        "CLE",
        "Like",
        "CLike",
        "NotLike",
        "CNotLike",
        "Match",
        "CMatch",
        "NotMatch",
        "CNotMatch",
        "Contains",
        "CContains",
        "NotContains",
        "CNotContains",
        "In",
        "CIn",
        "NotIn",
        "CNotIn",
        "Is",
        "IsNot",
    ]
)


# ---- invoking ---------------------------------------------------------------------------------------------


@cmdlet("Invoke-Expression")
class InvokeExpression(Cmdlet):
    def process(self) -> None:
        text = self.get("Command")
        block = create_script_block(self.session, text)
        self.session._define_types(block.ast)
        self.session.invoke_streaming(block, self._emit, new_scope=False)


@cmdlet("Invoke-Command")
class InvokeCommand(Cmdlet):
    """Only the local form: -ScriptBlock without a computer or session."""

    def begin(self) -> None:
        from winbake.rehearsal.powershell.errors import NotModelled

        self.items: list[Any] = []
        for name in (
            "ComputerName",
            "Session",
            "ConnectionUri",
            "VMName",
            "VMId",
            "ContainerId",
            "FilePath",
            "HostName",
        ):
            if self.has(name):
                raise NotModelled(f"Invoke-Command -{name}")

    def process(self) -> None:
        if self.has_pipeline_input:
            self.items.append(self.get("InputObject"))

    def end(self) -> None:
        block = unwrap(self.get("ScriptBlock"))
        arguments = list(self.session.enumerate(self.get("ArgumentList", AUTOMATION_NULL)))
        self.session.invoke_streaming(
            block,
            self._emit,
            *arguments,
            input=self.items,
            has_input=self.has_pipeline_input,
            new_scope=not self.switch("NoNewScope"),
        )


def _version(value: Any) -> Any:
    """ArgumentToVersionTransformation: `Latest` and bare numbers are versions too."""
    text = convert.to_text(value)
    if text.lower() == "latest":
        return "5.1"
    return text if "." in text else f"{text}.0"


@cmdlet("Set-StrictMode")
class SetStrictMode(Cmdlet):
    transforms = {"Version": _version}  # noqa: RUF012 - a table, never changed

    def end(self) -> None:
        scope = self.session.scope
        if self.switch("Off"):
            scope.strict = 0.0
            return
        text = convert.to_text(self.get("Version"), self.session)
        scope.strict = float(".".join(text.split(".")[:2]))
        self.session.strict_used = True


# ---- streams ----------------------------------------------------------------------------------------------


@cmdlet("Write-Output")
class WriteOutput(Cmdlet):
    def process(self) -> None:
        value = self.get("InputObject")
        if self.switch("NoEnumerate"):
            for item in self.session.enumerate(value):
                self.emit(item)
            return
        for item in self.session.enumerate(value):
            self.emit_all(item)


@cmdlet("Out-Null")
class OutNull(Cmdlet):
    pass


@cmdlet("Write-Error")
class WriteError(Cmdlet):
    """The record is the caller's: a function's name stands behind its id."""

    def process(self) -> None:
        from winbake.rehearsal.powershell.running.error_flow import copy_record

        record = self.get("ErrorRecord")
        if record is not None:
            record = unwrap(record)
            twin = copy_record(record, record.exception)
            record = twin
            suffix_wanted = record.invocation is None
        else:
            message = self.get("Message")
            exception = unwrap(self.get("Exception"))
            if exception is None:
                exception = NetException("Microsoft.PowerShell.Commands.WriteErrorException", message or "")
            error_id = self.get("ErrorId")
            category = self.get("Category")
            record = ErrorRecord(
                exception,
                error_id if error_id else exception.type_name,
                getattr(category, "name", None) or category or "NotSpecified",
                self.get("TargetObject"),
            )
            if message is not None and self.has("Exception"):
                record.details = message
            suffix_wanted = True
        if self.has("RecommendedAction"):
            record.recommended_action = self.get("RecommendedAction")
            record.details = record.details or record.exception.message
        for name, attribute in (
            ("CategoryActivity", "activity"),
            ("CategoryReason", "reason"),
            ("CategoryTargetName", "target_name"),
            ("CategoryTargetType", "target_type"),
        ):
            if self.has(name):
                setattr(record, attribute, self.get(name))
        frame = self.session.frame
        invocation = frame.invocation
        if not record.activity:
            record.activity = "Write-Error"
        if suffix_wanted:
            command = invocation.command.name if invocation is not None and invocation.command is not None else ""
            if command:
                record.error_id = f"{record.error_id},{command}"
            record.invocation = invocation if invocation is not None else self.invocation
        self.write_error(record)


@cmdlet("Write-Warning")
class WriteWarning(Cmdlet):
    def process(self) -> None:
        self.write_warning(self.get("Message"))


@cmdlet("Write-Verbose")
class WriteVerbose(Cmdlet):
    def process(self) -> None:
        self.write_verbose(self.get("Message"))


@cmdlet("Write-Debug")
class WriteDebug(Cmdlet):
    def process(self) -> None:
        self.session.write_debug(self.get("Message"), self)


@cmdlet("Write-Information")
class WriteInformation(Cmdlet):
    def process(self) -> None:
        tags = [convert.to_text(t) for t in self.session.enumerate(self.get("Tags", AUTOMATION_NULL))]
        self.session.write_information(self.get("MessageData"), tags, self)


@cmdlet("Write-Host")
class WriteHost(Cmdlet):
    def process(self) -> None:
        separator = " "
        if self.has("Separator"):
            separator = convert.to_text(self.get("Separator"), self.session)
        text = self._text(self.get("Object"), separator)
        message = HostMessage(text, self.switch("NoNewline"), self.get("ForegroundColor"), self.get("BackgroundColor"))
        self.session.write_information(message, ["PSHOST"], self)

    def _text(self, value: Any, separator: str) -> str:
        if isinstance(unwrap(value), str):
            return convert.to_text(value, self.session)
        items = convert.enumerate_items(value)
        if items is None:
            return convert.to_text(value, self.session)
        return separator.join(self._text(item, separator) for item in items)


@cmdlet("Write-Progress")
class WriteProgress(Cmdlet):
    def end(self) -> None:
        self.session.write_progress(dict(self.bound), self)


# ---- commands ---------------------------------------------------------------------------------------------


@cmdlet("Get-PSCallStack")
class GetPSCallStack(Cmdlet):
    def end(self) -> None:
        from winbake.rehearsal.powershell.running.positions import call_stack

        for frame in call_stack(self.session.frame):
            if frame.frame.block is not None:
                self.emit(frame)
