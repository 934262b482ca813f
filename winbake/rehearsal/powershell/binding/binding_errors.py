"""The errors of parameter binding, with the engine's ids, exception types and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.binding.parameters import ParameterInfo

BINDING = "System.Management.Automation.ParameterBindingException"
VALIDATION = "System.Management.Automation.ParameterBindingValidationException"
TRANSFORMATION = "System.Management.Automation.ParameterBindingArgumentTransformationException"


class BindingError(ScriptError):
    """A binding error: its id already carries the command, so the runtime appends nothing."""

    node: Any = None
    """The argument to blame; None: the command."""

    def point_from(self, invocation: Any) -> None:
        """Lets the record point at the argument to blame, or at the whole command of `invocation`, which goes by its
        own name there, not by the alias it was called with (ParameterBindingException's constructor)."""
        if self.record.invocation is None:
            self.record.invocation = invocation.of_argument(self.node)


def binding_error(
    error_id: str,
    message: str,
    suffix: str,
    parameter: str | None = None,
    *,
    category: str = "InvalidArgument",
    exception_type: str = BINDING,
    inner: NetException | None = None,
    activity: str = "",
    node: Any = None,
) -> BindingError:
    """`node`: the argument on the command line that the error points at."""
    properties = {"ErrorId": error_id, "ParameterName": parameter or ""}
    exception = NetException(exception_type, message, inner, properties)
    record = ErrorRecord(exception, f"{error_id},{suffix}" if suffix else error_id, category)
    record.activity = activity
    error = BindingError(record)
    error.node = node
    return error


class BindingErrors:
    """Makes the errors of one command's binding."""

    def __init__(self, name: str, suffix: str) -> None:
        self.name = name
        self.suffix = suffix

    def make(self, error_id: str, message: str, parameter: str | None = None, **rest: Any) -> BindingError:
        return binding_error(error_id, message, self.suffix, parameter, activity=self.name, **rest)

    def named_not_found(self, name: str, node: Any = None) -> BindingError:
        return self.make(
            "NamedParameterNotFound",
            f"A parameter cannot be found that matches parameter name '{name}'.",
            name,
            node=node,
        )

    def positional_not_found(self, text: str) -> BindingError:
        return self.make(
            "PositionalParameterNotFound",
            f"A positional parameter cannot be found that accepts argument '{text}'.",
        )

    def ambiguous(self, name: str, matches: list[ParameterInfo], node: Any = None) -> BindingError:
        names = "".join(f" -{p.name}" for p in matches)
        return self.make(
            "AmbiguousParameter",
            f"Parameter cannot be processed because the parameter name '{name}' is ambiguous. Possible matches include:"
            f"{names}.",
            name,
            node=node,
        )

    def already_bound(self, name: str, node: Any = None) -> BindingError:
        return self.make(
            "ParameterAlreadyBound",
            f"Cannot bind parameter because parameter '{name}' is specified more than once. To "
            "provide multiple values to "
            'parameters that can accept multiple values, use the array syntax. For example, "-parameter '
            'value1,value2,value3".',
            name,
            node=node,
        )

    def missing_argument(self, name: str, type_text: str, node: Any = None) -> BindingError:
        return self.make(
            "MissingArgument",
            f"Missing an argument for parameter '{name}'. Specify a parameter of type '{type_text}' and try again.",
            name,
            node=node,
        )

    def ambiguous_set(self) -> BindingError:
        return self.make(
            "AmbiguousParameterSet", "Parameter set cannot be resolved using the specified named parameters."
        )

    def missing_mandatory(self, names: list[str]) -> BindingError:
        return self.make(
            "MissingMandatoryParameter",
            f"Cannot process command because of one or more missing mandatory parameters: {' '.join(names)}.",
            names[0] if names else None,
        )

    def null_not_allowed(self, name: str, node: Any = None) -> BindingError:
        return self.make(
            "ParameterArgumentValidationErrorNullNotAllowed",
            f"Cannot bind argument to parameter '{name}' because it is null.",
            name,
            category="InvalidData",
            exception_type=VALIDATION,
            node=node,
        )

    def empty_string(self, name: str, node: Any = None) -> BindingError:
        return self.make(
            "ParameterArgumentValidationErrorEmptyStringNotAllowed",
            f"Cannot bind argument to parameter '{name}' because it is an empty string.",
            name,
            category="InvalidData",
            exception_type=VALIDATION,
            node=node,
        )

    def empty_collection(self, name: str, kind: str, node: Any = None) -> BindingError:
        return self.make(
            f"ParameterArgumentValidationErrorEmpty{kind}NotAllowed",
            f"Cannot bind argument to parameter '{name}' because it is an empty {kind.lower()}.",
            name,
            category="InvalidData",
            exception_type=VALIDATION,
            node=node,
        )

    def validation(self, name: str, text: str, node: Any = None) -> BindingError:
        return self.make(
            "ParameterArgumentValidationError",
            f"Cannot validate argument on parameter '{name}'. {text}",
            name,
            category="InvalidData",
            exception_type=VALIDATION,
            node=node,
            inner=NetException("System.Management.Automation.ValidationMetadataException", text),
        )

    def transformation(self, name: str, text: str, inner: NetException | None, node: Any = None) -> BindingError:
        return self.make(
            "ParameterArgumentTransformationError",
            f"Cannot process argument transformation on parameter '{name}'. {text}",
            name,
            category="InvalidData",
            exception_type=TRANSFORMATION,
            inner=NetException("System.Management.Automation.ArgumentTransformationMetadataException", text, inner),
            node=node,
        )

    def cannot_convert(
        self, name: str, value_text: str, type_text: str, reason: str, inner: NetException | None, node: Any = None
    ) -> BindingError:
        if reason:
            return self.make(
                "CannotConvertArgumentNoMessage",
                f"Cannot bind parameter '{name}'. {reason}",
                name,
                inner=inner,
                node=node,
            )
        return self.make(
            "CannotConvertArgument",
            f"Cannot convert '{value_text}' to the type '{type_text}' required by parameter '{name}'.",
            name,
            inner=inner,
            node=node,
        )

    def not_bound(self) -> BindingError:
        return self.make(
            "InputObjectNotBound",
            "The input object cannot be bound to any parameters for the command either because the "
            "command does not take "
            "pipeline input or the input and its properties do not match any of the parameters that "
            "take pipeline input.",
        )

    def input_missing_mandatory(self, names: list[str]) -> BindingError:
        return self.make(
            "InputObjectMissingMandatory",
            "The input object cannot be bound because it did not contain the information required to "
            "bind all mandatory "
            f"parameters:  {' '.join(names)}",
        )

    def script_block_no_input(self, name: str, node: Any = None) -> BindingError:
        return self.make(
            "ScriptBlockArgumentNoInput",
            f"Cannot evaluate parameter '{name}' because its argument is specified as a script block and there is no "
            "input. A script block cannot be evaluated without input.",
            name,
            category="MetadataError",
            node=node,
        )
