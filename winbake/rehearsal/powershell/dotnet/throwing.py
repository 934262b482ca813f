"""The exceptions that .NET Framework's members throw most, with its (English) texts.

Each returns the NetError to raise: `raise out_of_range("startIndex", "…")`. Texts with a parameter end in
`\\r\\nParameter name: x`, as the Framework (not .NET Core) writes them.
"""

from __future__ import annotations

from winbake.rehearsal.powershell.errors import NetError

BAD_NUMBER = "Input string was not in a correct format."


def argument(message: str, parameter: str | None = None) -> NetError:
    """System.ArgumentException."""
    return _with_parameter("System.ArgumentException", message, parameter)


def argument_null(parameter: str, message: str = "Value cannot be null.") -> NetError:
    """System.ArgumentNullException."""
    return _with_parameter("System.ArgumentNullException", message, parameter)


def out_of_range(parameter: str | None, message: str | None = None) -> NetError:
    """System.ArgumentOutOfRangeException."""
    text = message or "Specified argument was out of the range of valid values."
    return _with_parameter("System.ArgumentOutOfRangeException", text, parameter)


def bad_format(message: str = BAD_NUMBER) -> NetError:
    """System.FormatException."""
    return NetError("System.FormatException", message)


def overflow(message: str = "Arithmetic operation resulted in an overflow.") -> NetError:
    """System.OverflowException."""
    return NetError("System.OverflowException", message)


def invalid_operation(message: str) -> NetError:
    """System.InvalidOperationException."""
    return NetError("System.InvalidOperationException", message)


def invalid_cast(message: str) -> NetError:
    """System.InvalidCastException."""
    return NetError("System.InvalidCastException", message)


def not_supported(message: str = "Specified method is not supported.") -> NetError:
    """System.NotSupportedException."""
    return NetError("System.NotSupportedException", message)


def disposed(object_name: str | None, message: str | None = None) -> NetError:
    """System.ObjectDisposedException."""
    text = message or "Cannot access a disposed object."
    if object_name:
        text += f"\r\nObject name: '{object_name}'."
    return NetError("System.ObjectDisposedException", text, ObjectName=object_name or "")


def _with_parameter(type_name: str, message: str, parameter: str | None) -> NetError:
    if parameter is None:
        return NetError(type_name, message, ParamName=None)
    return NetError(type_name, f"{message}\r\nParameter name: {parameter}", ParamName=parameter)
