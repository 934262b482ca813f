"""WS-Management faults with the codes that the Windows service gives (wsmerror.h, windows_facts.md §12)."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from winbake.rehearsal.winrm.soap import write_envelope

_FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"

ACCESS_DENIED = 5
INVALID_PARAMETER = 87
BUSY = 170
OPERATION_ABORTED = 995
OPERATION_TIMED_OUT = 2150858793
INVALID_RESOURCE_URI = 2150858811
ACTION_NOT_SUPPORTED = 2150858771
INVALID_SOAP = 2150858819  # INVALID_XML
SCHEMA_VALIDATION = 2150858817
MAX_ENVELOPE_SIZE_EXCEEDED = 2150858824
MISSING_SELECTOR = 2150858842
SHELL_NOT_FOUND = 2150858843
QUOTA_MAX_SHELLS = 2150859173
QUOTA_MAX_OPERATIONS = 2150859174
SHELLS_NOT_ALLOWED = 2150859180
ALREADY_EXISTS = 2150858803
QUOTA_LIMIT = 2150858815
INTERNAL_ERROR = 1359  # ERROR_INTERNAL_ERROR
KEY_DELETED = 2147943418  # 0x800703FA, the user's registry hive is being unloaded


@dataclass(eq=False)
class WsmanFault(Exception):
    """A request is refused. `as_wmi_error`: the detail is an MSFT_WmiError, as for the operations quota."""

    code: int
    subcode: str
    reason: str
    sender: bool = True
    as_wmi_error: bool = False

    def envelope(self, machine: str, relates_to: str) -> bytes:
        """The fault as the whole SOAP answer."""
        detail = self._wmi_detail() if self.as_wmi_error else (
            f'<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="{self.code}" '
            f"Machine={quoteattr(machine)}><f:Message>{escape(self.reason)}</f:Message></f:WSManFault>"
        )
        body = (
            f"<s:Fault><s:Code><s:Value>s:{'Sender' if self.sender else 'Receiver'}</s:Value><s:Subcode><s:Value>"
            f"{self.subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en-US\">"
            f"{escape(self.reason)}</s:Text></s:Reason><s:Detail>{detail}</s:Detail></s:Fault>"
        )
        return write_envelope(_FAULT_ACTION, body, relates_to)

    def _wmi_detail(self) -> str:
        reason = escape(self.reason)
        return (
            '<p:MSFT_WmiError b:IsCIM_Error="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd" '
            'xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError" '
            'xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:MSFT_WmiError_Type">'
            '<p:CIMStatusCode xsi:type="cim:cimUnsignedInt">27</p:CIMStatusCode>'
            f'<p:Message xsi:type="cim:cimString">{reason}</p:Message>'
            f'<p:MessageID xsi:type="cim:cimString">HRESULT 0x{self.code:08x}</p:MessageID>'
            '<p:error_Category xsi:type="cim:cimUnsignedInt">30</p:error_Category>'
            f'<p:error_Code xsi:type="cim:cimUnsignedInt">{self.code}</p:error_Code>'
            '<p:error_Type xsi:type="cim:cimString">HRESULT</p:error_Type>'
            f'<p:error_WindowsErrorMessage xsi:type="cim:cimString">{reason}</p:error_WindowsErrorMessage>'
            "</p:MSFT_WmiError>"
        )


def timed_out() -> WsmanFault:
    return WsmanFault(
        OPERATION_TIMED_OUT, "w:TimedOut", sender=False,
        reason="The WS-Management service cannot complete the operation within the time specified in "
        "OperationTimeout.  ",
    )


def shell_not_found(shell_id: str) -> WsmanFault:
    return WsmanFault(
        SHELL_NOT_FOUND, "w:InvalidSelectors",
        f"The request for the Windows Remote Shell with ShellId {shell_id} failed because the shell was not found on "
        "the server. Possible causes are: the specified ShellId is incorrect or the shell no longer exists on the "
        "server. Provide the correct ShellId or create a new shell and retry the operation. ",
    )


def missing_shell_id() -> WsmanFault:
    return WsmanFault(
        MISSING_SELECTOR, "w:InvalidSelectors",
        "The Windows Remote Shell cannot process the request because it requires the following selector: ShellId. ",
    )


def aborted() -> WsmanFault:
    return WsmanFault(
        OPERATION_ABORTED, "w:InternalError", sender=False,
        reason="The I/O operation has been aborted because of either a thread exit or an application request. ",
    )


def busy() -> WsmanFault:
    return WsmanFault(BUSY, "w:InternalError", "The requested resource is in use. ", sender=False)


def access_denied() -> WsmanFault:
    return WsmanFault(ACCESS_DENIED, "w:AccessDenied", "Access is denied. ")


def unknown_command(command_id: str) -> WsmanFault:
    return WsmanFault(
        INVALID_PARAMETER, "w:InvalidParameter", f"The parameter is incorrect. (CommandId {command_id}) "
    )


def unknown_resource(uri: str) -> WsmanFault:
    return WsmanFault(
        INVALID_RESOURCE_URI, "a:DestinationUnreachable",
        "The WS-Management service cannot process the request. The service cannot find the resource identified by "
        f"the resource URI and selectors. ({uri}) ",
    )


def unknown_action(uri: str) -> WsmanFault:
    return WsmanFault(
        ACTION_NOT_SUPPORTED, "a:ActionNotSupported",
        f"The WS-Management service does not support the action {uri} for this resource. ",
    )


def invalid_message(detail: str) -> WsmanFault:
    return WsmanFault(
        INVALID_SOAP, "w:SchemaValidationError",
        f"The WS-Management service cannot process the request because the XML is invalid. ({detail}) ",
    )


def schema_error(detail: str) -> WsmanFault:
    return WsmanFault(
        SCHEMA_VALIDATION, "w:SchemaValidationError",
        f"The SOAP XML in the message does not match the corresponding XML schema definition. ({detail}) ",
    )


def envelope_too_large(limit_kib: int) -> WsmanFault:
    return WsmanFault(
        MAX_ENVELOPE_SIZE_EXCEEDED, "w:EncodingLimit",
        "The WS-Management service cannot process the request because the request exceeds the maximum envelope size "
        f"of {limit_kib} KB (MaxEnvelopeSizekb). ",
    )


def too_many_shells(limit: int) -> WsmanFault:
    return WsmanFault(
        QUOTA_MAX_SHELLS, "w:QuotaLimit",
        f"The WS-Management service cannot process the request. This user is allowed a maximum number of {limit} "
        "concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user. ",
    )


def too_many_operations(limit: int) -> WsmanFault:
    return WsmanFault(
        QUOTA_MAX_OPERATIONS, "w:InternalError",
        f"The WS-Management service cannot process the request. This user is allowed a maximum number of {limit} "
        "concurrent operations, which has been exceeded. Close existing operations for this user, or raise the quota "
        "for this user. ",
        sender=False, as_wmi_error=True,
    )


def no_powershell_remoting(uri: str) -> WsmanFault:
    return WsmanFault(
        SHELLS_NOT_ALLOWED, "w:InternalError",
        f"The rehearsal does not model PowerShell remoting (PSRP) shells ({uri}). Use a command shell "
        "(http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd) and start powershell.exe in it. ",
    )


def shell_exists(shell_id: str) -> WsmanFault:
    return WsmanFault(
        ALREADY_EXISTS, "w:AlreadyExists", f"A Windows Remote Shell with ShellId {shell_id} exists already. "
    )


def too_many_processes(limit: int) -> WsmanFault:
    return WsmanFault(
        QUOTA_LIMIT, "w:QuotaLimit",
        f"The WS-Management service cannot process the request. A shell is allowed a maximum number of {limit} "
        "processes, which has been exceeded. ",
    )


def profile_unloading() -> WsmanFault:
    return WsmanFault(
        KEY_DELETED, "w:InternalError",
        "Illegal operation attempted on a registry key that has been marked for deletion. ", sender=False,
    )


def win32(code: int, message: str) -> WsmanFault:
    """A refusal of Windows itself, such as 2 for a program that does not exist or 232 for a closed input pipe."""
    return WsmanFault(code, "w:InternalError", f"{message} ", sender=False)


def internal_error(detail: str) -> WsmanFault:
    return WsmanFault(INTERNAL_ERROR, "w:InternalError", f"An internal error occurred. ({detail}) ", sender=False)
