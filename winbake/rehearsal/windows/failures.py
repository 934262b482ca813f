"""What goes wrong inside a simulated Windows: Win32 error codes with the system's texts, and ended processes."""

from __future__ import annotations

from winbake.rehearsal.powershell.errors import NotModelled

__all__ = ["MESSAGES", "NotModelled", "ProcessKilled", "Win32Failure", "message_for"]

# Message texts as FormatMessage gives them on an en-US system (MicrosoftDocs/win32, Debug/system-error-codes).
MESSAGES: dict[int, str] = {
    0: "The operation completed successfully.",
    1: "Incorrect function.",
    2: "The system cannot find the file specified.",
    3: "The system cannot find the path specified.",
    5: "Access is denied.",
    6: "The handle is invalid.",
    13: "The data is invalid.",
    14: "Not enough memory resources are available to complete this operation.",
    15: "The system cannot find the drive specified.",
    16: "The directory cannot be removed.",
    17: "The system cannot move the file to a different disk drive.",
    18: "There are no more files.",
    32: "The process cannot access the file because it is being used by another process.",
    50: "The request is not supported.",
    53: "The network path was not found.",
    80: "The file exists.",
    82: "The directory or file cannot be created.",
    87: "The parameter is incorrect.",
    109: "The pipe has been ended.",
    111: "The file name is too long.",
    112: "There is not enough space on the disk.",
    123: "The filename, directory name, or volume label syntax is incorrect.",
    145: "The directory is not empty.",
    183: "Cannot create a file when that file already exists.",
    193: "%1 is not a valid Win32 application.",
    206: "The filename or extension is too long.",
    232: "The pipe is being closed.",
    234: "More data is available.",
    258: "The wait operation timed out.",
    259: "No more data is available.",
    267: "The directory name is invalid.",
    995: "The I/O operation has been aborted because of either a thread exit or an application request.",
    1018: "Illegal operation attempted on a registry key that has been marked for deletion.",
    1021: "Cannot create a stable subkey under a volatile parent key.",
    1051: "A stop control has been sent to a service that other running services are dependent on.",
    1052: "The requested control is not valid for this service.",
    1053: "The service did not respond to the start or control request in a timely fashion.",
    1056: "An instance of the service is already running.",
    1057: "The account name is invalid or does not exist, or the password is invalid for the account name specified.",
    1058: "The service cannot be started, either because it is disabled or because it has no enabled devices "
    "associated with it.",
    1059: "Circular service dependency was specified.",
    1060: "The specified service does not exist as an installed service.",
    1061: "The service cannot accept control messages at this time.",
    1062: "The service has not been started.",
    1066: "The service has returned a service-specific error code.",
    1067: "The process terminated unexpectedly.",
    1068: "The dependency service or group failed to start.",
    1069: "The service did not start due to a logon failure.",
    1072: "The specified service has been marked for deletion.",
    1073: "The specified service already exists.",
    1077: "No attempts to start the service have been made since the last boot.",
    1078: "The name is already in use as either a service name or a service display name.",
    1115: "A system shutdown is in progress.",
    1116: "Unable to abort the system shutdown because no shutdown was in progress.",
    1168: "Element not found.",
    1190: "A system shutdown has already been scheduled.",
    1314: "A required privilege is not held by the client.",
    1317: "The specified account does not exist.",
    1319: "The specified group does not exist.",
    1325: "Unable to update the password. The value provided for the new password does not meet the length, "
    "complexity, or history requirements of the domain.",
    1326: "The user name or password is incorrect.",
    1327: "Account restrictions are preventing this user from signing in. For example: blank passwords aren't "
    "allowed, sign-in times are limited, or a policy restriction has been enforced.",
    1331: "This user can't sign in because this account is currently disabled.",
    1332: "No mapping between account names and security IDs was done.",
    1371: "Cannot perform this operation on built-in accounts.",
    1376: "The specified local group does not exist.",
    1377: "The specified account name is not a member of the group.",
    1378: "The specified account name is already a member of the group.",
    1379: "The specified local group already exists.",
    1387: "A member could not be added to or removed from the local group because the member does not exist.",
    1463: "Indicates a restart is necessary.",
    1601: "The Windows Installer Service could not be accessed. This can occur if the Windows Installer is not "
    "correctly installed. Contact your support personnel for assistance.",
    1602: "User cancelled installation.",
    1603: "Fatal error during installation.",
    1605: "This action is only valid for products that are currently installed.",
    1612: "The installation source for this product is not available. Verify that the source exists and that you "
    "can access it.",
    1618: "Another installation is already in progress. Complete that installation before proceeding with this "
    "install.",
    1619: "This installation package could not be opened. Verify that the package exists and that you can access "
    "it, or contact the application vendor to verify that this is a valid Windows Installer package.",
    1620: "This installation package could not be opened. Contact the application vendor to verify that this is a "
    "valid Windows Installer package.",
    1622: "Error opening installation log file. Verify that the specified log file location exists and that you "
    "can write to it.",
    1638: "Another version of this product is already installed. Installation of this version cannot continue. To "
    "configure or remove the existing version of this product, use Add/Remove Programs on the Control Panel.",
    1639: "Invalid command line argument. Consult the Windows Installer SDK for detailed command line help.",
    1641: "The requested operation completed successfully. The system will be restarted so the changes can take "
    "effect.",
    1722: "The RPC server is unavailable.",
    1789: "The trust relationship between this workstation and the primary domain failed.",
    2202: "The specified username is invalid.",
    2220: "The group name could not be found.",
    2221: "The user name could not be found.",
    2223: "The group already exists.",
    2224: "The account already exists.",
    2245: "The password does not meet the password policy requirements. Check the minimum password length, password "
    "complexity and password history requirements.",
    3010: "The requested operation is successful. Changes will not be effective until the system is rebooted.",
    8: "Not enough memory resources are available to process this command.",
    10048: "Only one usage of each socket address (protocol/network address/port) is normally permitted.",
    10060: "A connection attempt failed because the connected party did not properly respond after a period of "
    "time, or established connection failed because connected host has failed to respond.",
    10061: "No connection could be made because the target machine actively refused it.",
    11001: "No such host is known.",
}


def message_for(code: int) -> str:
    """The system's text for a Win32 error code; FormatMessage's own words for one it has no text for."""
    return MESSAGES.get(code, f"Unknown error (0x{code & 0xFFFFFFFF:x})")


class Win32Failure(Exception):
    """A Windows call refused: `code` is the Win32 error, `path` what it was about, `message` the system's text."""

    def __init__(self, code: int, path: str = "", message: str | None = None) -> None:
        self.code = code
        self.path = path
        self.message = message if message is not None else message_for(code)
        super().__init__(f"{self.message} ({code})" + (f": {path}" if path else ""))


class ProcessKilled(BaseException):
    """Unwinds the thread of a simulated process that was ended (not an Exception, so no program swallows it)."""
