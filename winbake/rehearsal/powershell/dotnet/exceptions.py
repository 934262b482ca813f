"""Exceptions and error records as objects: constructors and members that all exception types share."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.dotnet.collections import Hashtable
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException
from winbake.rehearsal.powershell.types import EnumValue, NetType, enum_value, type_of
from winbake.rehearsal.powershell.values import NetObject

EXCEPTION = "System.Exception"
RECORD = "System.Management.Automation.ErrorRecord"
_SMA = "System.Management.Automation."

DEFAULT_MESSAGES = {
    "System.ArgumentException": "Value does not fall within the expected range.",
    "System.ArgumentNullException": "Value cannot be null.",
    "System.ArgumentOutOfRangeException": "Specified argument was out of the range of valid values.",
    "System.ApplicationException": "Error in the application.",
    "System.DivideByZeroException": "Attempted to divide by zero.",
    "System.FormatException": "One of the identified items was in an invalid format.",
    "System.IndexOutOfRangeException": "Index was outside the bounds of the array.",
    "System.InvalidCastException": "Specified cast is not valid.",
    "System.InvalidOperationException": "Operation is not valid due to the current state of the object.",
    "System.IO.DirectoryNotFoundException": "Attempted to access a path that is not on the disk.",
    "System.IO.EndOfStreamException": "Attempted to read past the end of the stream.",
    "System.IO.FileNotFoundException": "Unable to find the specified file.",
    "System.IO.IOException": "I/O error occurred.",
    "System.Collections.Generic.KeyNotFoundException": "The given key was not present in the dictionary.",
    "System.NotImplementedException": "The method or operation is not implemented.",
    "System.NotSupportedException": "Specified method is not supported.",
    "System.NullReferenceException": "Object reference not set to an instance of an object.",
    "System.ObjectDisposedException": "Cannot access a disposed object.",
    "System.OperationCanceledException": "The operation was canceled.",
    "System.OutOfMemoryException": "Insufficient memory to continue the execution of the program.",
    "System.OverflowException": "Arithmetic operation resulted in an overflow.",
    "System.PlatformNotSupportedException": "Operation is not supported on this platform.",
    "System.SystemException": "System error.",
    "System.TimeoutException": "The operation has timed out.",
    "System.UnauthorizedAccessException": "Attempted to perform an unauthorized operation.",
}
"""Exception.Message of those made without one (mscorlib's resources)."""


def default_message(net_type: NetType) -> str:
    return DEFAULT_MESSAGES.get(net_type.key, f"Exception of type '{net_type.key}' was thrown.")


def new_exception(net_type: NetType, arguments: list[Any]) -> NetException:
    """By the parameters that exception constructors have: text, then a parameter or file name, an inner exception."""
    texts = [one for one in arguments if isinstance(one, str)]
    inner = next((one for one in arguments if isinstance(one, NetException)), None)
    ancestors = {one.key for one in net_type.ancestors()}
    message = texts[0] if texts else default_message(net_type)
    properties: dict[str, Any] = {}
    if "System.ArgumentException" in ancestors:
        parameter = texts[1] if len(texts) > 1 else None
        if (
            net_type.key in ("System.ArgumentNullException", "System.ArgumentOutOfRangeException")
            and texts
            and inner is None
        ):
            # Their constructors take the parameter's name first.
            parameter = texts[0]
            message = texts[1] if len(texts) > 1 else DEFAULT_MESSAGES[net_type.key]
        properties["ParamName"] = parameter
        if parameter:
            message = f"{message}\r\nParameter name: {parameter}"
    elif "System.IO.FileNotFoundException" in ancestors or "System.IO.FileLoadException" in ancestors:
        properties["FileName"] = texts[1] if len(texts) > 1 else None
    elif "System.ObjectDisposedException" in ancestors and texts:
        name = texts[0] if inner is None else ""
        properties["ObjectName"] = name
        message = texts[1] if len(texts) > 1 else DEFAULT_MESSAGES["System.ObjectDisposedException"]
        if name:
            message = f"{message}\r\nObject name: '{name}'."
    made = NetException(net_type.key, message, inner, properties)
    numbers = [one for one in arguments if isinstance(one, int) and not isinstance(one, bool)]
    if numbers:
        made.properties["NativeErrorCode" if "Win32Exception" in net_type.key else "HResult"] = numbers[0]
    return made


@getter(EXCEPTION, "Message")
def message_of(value: NetException) -> str:
    return value.message


@getter(EXCEPTION, "InnerException")
def inner_of(value: NetException) -> NetException | None:
    return value.inner


@getter(EXCEPTION, "Data")
def data_of(value: NetException) -> Any:
    if value.data is None:
        value.data = Hashtable()
    return value.data


@getter(EXCEPTION, "HResult")
def h_result(value: NetException) -> int:
    return int(value.properties.get("HResult", -2146233088))


@getter(EXCEPTION, "StackTrace")
def stack_trace(value: NetException) -> Any:
    return value.properties.get("StackTrace")


@getter(EXCEPTION, "Source")
def source_of(value: NetException) -> Any:
    return value.properties.get("Source", "System.Management.Automation")


@getter(EXCEPTION, "HelpLink")
def help_link(value: NetException) -> Any:
    return value.properties.get("HelpLink")


@getter(EXCEPTION, "TargetSite")
def target_site(value: NetException) -> None:
    return None


@setter(EXCEPTION, "Source")
def set_source(value: NetException, text: str) -> None:
    value.properties["Source"] = text


@setter(EXCEPTION, "HelpLink")
def set_help_link(value: NetException, text: str) -> None:
    value.properties["HelpLink"] = text


@method(EXCEPTION, "GetBaseException")
def base_exception(value: NetException) -> NetException:
    while value.inner is not None:
        value = value.inner
    return value


@method(EXCEPTION, "ToString")
def exception_to_string(value: NetException) -> str:
    from winbake.rehearsal.powershell.formatting.composite import exception_text

    return exception_text(value)


@method(EXCEPTION, "GetType")
def exception_type(value: NetException) -> NetType:
    return type_of(value)


def _property(type_name: str, name: str) -> None:
    @getter(type_name, name)
    def read(value: NetException) -> Any:
        return value.properties.get(name)


for _type, _name in (
    ("System.ArgumentException", "ParamName"),
    ("System.ArgumentOutOfRangeException", "ActualValue"),
    ("System.IO.FileNotFoundException", "FileName"),
    ("System.IO.FileNotFoundException", "FusionLog"),
    ("System.IO.FileLoadException", "FileName"),
    ("System.ObjectDisposedException", "ObjectName"),
    ("System.ComponentModel.Win32Exception", "NativeErrorCode"),
    ("System.Runtime.InteropServices.ExternalException", "ErrorCode"),
    ("System.Net.WebException", "Response"),
    ("System.Net.WebException", "Status"),
    ("System.Xml.XmlException", "LineNumber"),
    ("System.Xml.XmlException", "LinePosition"),
    (f"{_SMA}CommandNotFoundException", "CommandName"),
    (f"{_SMA}ParameterBindingException", "ParameterName"),
    (f"{_SMA}ParameterBindingException", "ErrorId"),
    (f"{_SMA}SessionStateException", "ItemName"),
    (f"{_SMA}RuntimeException", "WasThrownFromThrowStatement"),
):
    _property(_type, _name)


@getter(f"{_SMA}RuntimeException", "ErrorRecord")
@getter(f"{_SMA}PSInvalidCastException", "ErrorRecord")
@getter(f"{_SMA}PSInvalidOperationException", "ErrorRecord")
@getter(f"{_SMA}PSArgumentException", "ErrorRecord")
@getter(f"{_SMA}PSArgumentNullException", "ErrorRecord")
@getter(f"{_SMA}PSNotSupportedException", "ErrorRecord")
def record_of(value: NetException) -> ErrorRecord:
    if value.error_record is None:
        value.error_record = ErrorRecord(value, "RuntimeException", "NotSpecified")
    return value.error_record


# ---- error records --------------------------------------------------------------------------------------


class CategoryInfo(NetObject):
    """$_.CategoryInfo"""

    net_type_name = f"{_SMA}ErrorCategoryInfo"

    def __init__(self, record: ErrorRecord) -> None:
        self.record = record

    @property
    def reason(self) -> str:
        record = self.record
        return record.reason if record.reason is not None else record.exception.type_name.rpartition(".")[2]

    @property
    def target_name(self) -> str:
        from winbake.rehearsal.powershell.conversion.text import to_text

        record = self.record
        if record.target_name is not None:
            return record.target_name
        return "" if record.target is None else to_text(record.target)

    @property
    def target_type(self) -> str:
        record = self.record
        if record.target_type is not None:
            return record.target_type
        return "" if record.target is None else type_of(record.target).name

    def text(self) -> str:
        """`ObjectNotFound: (C:\\x:String) [Get-Item], ItemNotFoundException`"""
        name = self.target_name
        if len(name) > 40:
            name = name[:14] + "..." + name[-13:]
        return f"{self.record.category}: ({name}:{self.target_type}) [{self.record.activity}], {self.reason}"


class ErrorDetails(NetObject):
    net_type_name = f"{_SMA}ErrorDetails"

    def __init__(self, message: str, recommended_action: str = "") -> None:
        self.message = message
        self.recommended_action = recommended_action


@constructor(RECORD, "Exception, String, ErrorCategory, Object")
def new_record(exception: NetException, error_id: str, category: EnumValue, target: Any) -> ErrorRecord:
    return ErrorRecord(exception, error_id, category.name, target)


@constructor(RECORD, "ErrorRecord, Exception")
def copy_record(record: ErrorRecord, exception: NetException | None) -> ErrorRecord:
    made = ErrorRecord(exception or record.exception, record.error_id, record.category, record.target)
    for name in ("activity", "reason", "target_name", "target_type", "details", "invocation", "script_stack_trace"):
        setattr(made, name, getattr(record, name))
    return made


@getter(RECORD, "Exception")
def record_exception(value: ErrorRecord) -> NetException:
    return value.exception


@getter(RECORD, "TargetObject")
def record_target(value: ErrorRecord) -> Any:
    return value.target


@getter(RECORD, "FullyQualifiedErrorId")
def record_id(value: ErrorRecord) -> str:
    return value.error_id


@getter(RECORD, "CategoryInfo")
def record_category(value: ErrorRecord) -> CategoryInfo:
    return CategoryInfo(value)


@getter(RECORD, "ErrorDetails")
def record_details(value: ErrorRecord) -> ErrorDetails | None:
    return None if value.details is None else ErrorDetails(value.details, value.recommended_action)


@setter(RECORD, "ErrorDetails")
def set_record_details(value: ErrorRecord, details: ErrorDetails | None) -> None:
    value.details = None if details is None else details.message
    value.recommended_action = "" if details is None else details.recommended_action


@getter(RECORD, "InvocationInfo")
def record_invocation(value: ErrorRecord) -> Any:
    """A copy that knows the command and its place, nothing of its pipeline."""
    return None if value.invocation is None else value.invocation.of_record()


@getter(RECORD, "ScriptStackTrace")
def record_stack(value: ErrorRecord) -> str:
    return value.script_stack_trace


@method(RECORD, "ToString")
def record_text(value: ErrorRecord) -> str:
    return value.details if value.details is not None else value.exception.message


_CATEGORY = f"{_SMA}ErrorCategoryInfo"


@getter(_CATEGORY, "Category")
def category_value(value: CategoryInfo) -> EnumValue:
    return enum_value(f"{_SMA}ErrorCategory", value.record.category)


@getter(_CATEGORY, "Activity")
def category_activity(value: CategoryInfo) -> str:
    return value.record.activity


@getter(_CATEGORY, "Reason")
def category_reason(value: CategoryInfo) -> str:
    return value.reason


@getter(_CATEGORY, "TargetName")
def category_target(value: CategoryInfo) -> str:
    return value.target_name


@getter(_CATEGORY, "TargetType")
def category_target_type(value: CategoryInfo) -> str:
    return value.target_type


@setter(_CATEGORY, "Activity")
def set_activity(value: CategoryInfo, text: str) -> None:
    value.record.activity = text


@setter(_CATEGORY, "Reason")
def set_reason(value: CategoryInfo, text: str) -> None:
    value.record.reason = text


@setter(_CATEGORY, "TargetName")
def set_target_name(value: CategoryInfo, text: str) -> None:
    value.record.target_name = text


@setter(_CATEGORY, "TargetType")
def set_target_type(value: CategoryInfo, text: str) -> None:
    value.record.target_type = text


@method(_CATEGORY, "GetMessage")
@method(_CATEGORY, "ToString")
def category_text(value: CategoryInfo) -> str:
    return value.text()


@constructor(f"{_SMA}ErrorDetails")
def new_details(message: str) -> ErrorDetails:
    return ErrorDetails(message)


@getter(f"{_SMA}ErrorDetails", "Message")
def details_message(value: ErrorDetails) -> str:
    return value.message


@getter(f"{_SMA}ErrorDetails", "RecommendedAction")
def details_action(value: ErrorDetails) -> str:
    return value.recommended_action


@setter(f"{_SMA}ErrorDetails", "RecommendedAction")
def set_details_action(value: ErrorDetails, text: str) -> None:
    value.recommended_action = text


@method(f"{_SMA}ErrorDetails", "ToString")
def details_text(value: ErrorDetails) -> str:
    return value.message
