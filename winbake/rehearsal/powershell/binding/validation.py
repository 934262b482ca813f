"""The validation attributes: ValidateSet, ValidateRange … on parameters, variables and properties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.regex import compile_pattern
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, unwrap

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

METADATA = "System.Management.Automation.ValidationMetadataException"


class ValidationFailure(Exception):
    """The value does not pass; `message` is the attribute's own text."""

    def __init__(self, message: str, error_id: str) -> None:
        super().__init__(message)
        self.message = message
        self.error_id = error_id


class Validation:
    """One validation attribute. `element_wise` ones look at every element of a collection."""

    element_wise = True
    swallowed = False
    """Whether a failure only means that the value is not for this parameter."""

    def check(self, session: Session, value: Any) -> None:
        if self.element_wise:
            if value is None or value is AUTOMATION_NULL:
                raise ValidationFailure(
                    "The argument is null. Provide a valid value for the argument, and then try running the command "
                    "again.",
                    "ArgumentIsNull",
                )
            items = convert.enumerate_items(value)
            if items is not None:
                for item in items:
                    self.check_element(session, item)
                return
        self.check_element(session, value)

    def check_element(self, session: Session, value: Any) -> None:
        raise NotImplementedError


class ValidateSet(Validation):
    def __init__(self, values: list[str], ignore_case: bool = True) -> None:
        self.values = values
        self.ignore_case = ignore_case

    def check_element(self, session: Session, value: Any) -> None:
        text = convert.to_text(value, session)
        for allowed in self.values:
            if text == allowed or (self.ignore_case and text.lower() == allowed.lower()):
                return
        raise ValidationFailure(
            f'The argument "{text}" does not belong to the set "{",".join(self.values)}" specified by the ValidateSet '
            "attribute. Supply an argument that is in the set and then try the command again.",
            "ValidateSetFailure",
        )


class ValidateRange(Validation):
    def __init__(self, low: Any, high: Any) -> None:
        self.low = low
        self.high = high

    def check_element(self, session: Session, value: Any) -> None:
        bare = unwrap(value)
        if isinstance(bare, str) and not isinstance(self.low, str):
            raise ValidationFailure(
                "The argument cannot be validated because its type is not the same type as the minimum and maximum "
                "limits of the parameter.",
                "ValidateRangeElementType",
            )
        if convert.compare(bare, self.low) < 0:
            raise ValidationFailure(
                f"The {convert.to_text(bare)} argument is less than the minimum allowed range of "
                f"{convert.to_text(self.low)}. Supply an argument that is greater than or equal to "
                f"{convert.to_text(self.low)} and then try the command again.",
                "ValidateRangeTooSmall",
            )
        if convert.compare(bare, self.high) > 0:
            raise ValidationFailure(
                f"The {convert.to_text(bare)} argument is greater than the maximum allowed range of "
                f"{convert.to_text(self.high)}. Supply an argument that is less than or equal to "
                f"{convert.to_text(self.high)} and then try the command again.",
                "ValidateRangeTooBig",
            )


class ValidateLength(Validation):
    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    def check_element(self, session: Session, value: Any) -> None:
        text = unwrap(value)
        if not isinstance(text, str):
            raise ValidationFailure(
                "The argument cannot be validated because it is not a string.", "ValidateLengthNotString"
            )
        if len(text) < self.low:
            raise ValidationFailure(
                f"The character length ({len(text)}) of the argument is too short. Specify an argument with a length "
                f'that is greater than or equal to "{self.low}", and then try the command again.',
                "ValidateLengthMinLengthFailure",
            )
        if len(text) > self.high:
            raise ValidationFailure(
                f"The character length of the {len(text)} argument is too long. Shorten the character length of the "
                f'argument so it is fewer than or equal to "{self.high}" characters, and then try the command again.',
                "ValidateLengthMaxLengthFailure",
            )


class ValidatePattern(Validation):
    def __init__(self, pattern: str, options: Any) -> None:
        self.pattern = pattern
        self.regex = compile_pattern(pattern, options)

    def check_element(self, session: Session, value: Any) -> None:
        text = convert.to_text(value, session)
        if not self.regex.is_match(text):
            raise ValidationFailure(
                f'The argument "{text}" does not match the "{self.pattern}" pattern. Supply an argument that matches '
                f'"{self.pattern}" and try the command again.',
                "ValidatePatternFailure",
            )


class ValidateScript(Validation):
    def __init__(self, script: Any) -> None:
        self.script = script

    def check_element(self, session: Session, value: Any) -> None:
        try:
            output = session.invoke(self.script, underscore=value, propagate=True)
        except ScriptError as failure:
            raise ValidationFailure(failure.record.exception.message, "ValidateScriptFailure") from failure
        if not convert.to_bool(session.collected(output)):
            raise ValidationFailure(
                f'The "{self.script.text}" validation script for the argument with value '
                f'"{convert.to_text(value, session)}" did not return a result of True. Determine why the validation '
                "script failed, and then try the command again.",
                "ValidateScriptFailure",
            )


class ValidateCount(Validation):
    element_wise = False

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    def check_element(self, session: Session, value: Any) -> None:
        if value is None or value is AUTOMATION_NULL:
            count = 0
        else:
            items = convert.enumerate_items(value)
            if items is None:
                raise ValidationFailure(
                    "The ValidateCount attribute cannot be applied to a non-collection parameter. Make sure the "
                    "parameter is a collection type.",
                    "NotAnArrayParameter",
                )
            count = sum(1 for _ in items)
        if count < self.low:
            raise ValidationFailure(
                f"The parameter requires at least {self.low} value(s) and no more than {self.high} value(s) - "
                f"{count} value(s) were provided.",
                "ValidateCountMinLengthFailure",
            )
        if count > self.high:
            raise ValidationFailure(
                f"The number of provided arguments, ({count}), exceeds the maximum number of allowed arguments "
                f"({self.high}). Provide fewer than {self.high} arguments, and then try the command again.",
                "ValidateCountMaxLengthFailure",
            )


class ValidateNotNull(Validation):
    element_wise = False

    def check_element(self, session: Session, value: Any) -> None:
        if value is None or value is AUTOMATION_NULL:
            raise ValidationFailure(
                "The argument is null. Provide a valid value for the argument, and then try running the command again.",
                "ArgumentIsNull",
            )
        for item in convert.enumerate_items(value) or ():
            if item is None or item is AUTOMATION_NULL:
                raise ValidationFailure(
                    "The argument collection contains a null value. Provide an argument collection that does not "
                    "contain any null values, and then try the command again.",
                    "ArgumentCollectionContainsNull",
                )


class ValidateNotNullOrEmpty(Validation):
    element_wise = False

    def check_element(self, session: Session, value: Any) -> None:
        bare = unwrap(value)
        if bare is None:
            raise ValidationFailure(
                "The argument is null or empty. Provide an argument that is not null or empty, and then try the "
                "command again.",
                "ArgumentIsEmpty",
            )
        if isinstance(bare, str):
            if bare == "":
                raise ValidationFailure(
                    "The argument is null or empty. Provide an argument that is not null or empty, and then try the "
                    "command again.",
                    "ArgumentIsEmpty",
                )
            return
        items = convert.enumerate_items(bare)
        if items is None:
            return
        empty = True
        for item in items:
            empty = False
            if item is None or item == "":
                raise ValidationFailure(
                    "The argument is null, empty, or an element of the argument collection contains a null value. "
                    "Supply a collection that does not contain any null values and then try the command again.",
                    "ArgumentCollectionContainsNull",
                )
        if empty:
            raise ValidationFailure(
                "The argument is null, empty, or an element of the argument collection contains a null value. Supply a "
                "collection that does not contain any null values and then try the command again.",
                "ArgumentIsEmpty",
            )


def variable_failure(name: str, value: Any, session: Session) -> ScriptError:
    """What assigning an invalid value to a validated variable gives."""
    message = (
        f"The variable cannot be validated because the value {convert.to_text(value, session)} is not "
        "a valid value for "
        f"the {name} variable."
    )
    return ScriptError(ErrorRecord(NetException(METADATA, message), "ValidateSetFailure", "MetadataError"))
