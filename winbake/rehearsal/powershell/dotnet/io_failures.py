"""Win32 error codes as the exceptions that .NET Framework's file classes throw.

Source: referencesource, __Error.WinIOError.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from winbake.rehearsal.powershell.errors import NetError, NetException
from winbake.rehearsal.windows.failures import Win32Failure, message_for

TOO_LONG = (
    "The specified path, file name, or both are too long. The fully qualified file name must be less than 260 "
    "characters, and the directory name must be less than 248 characters."
)


def io_error(code: int, path: str = "") -> NetError:
    """The exception for a Win32 error about `path` (full path, or empty: the texts without a path)."""
    if code == 2:
        text = f"Could not find file '{path}'." if path else "Unable to find the specified file."
        return NetError("System.IO.FileNotFoundException", text, FileName=path, HResult=_hresult(code))
    if code == 3:
        text = (
            f"Could not find a part of the path '{path}'."
            if path
            else "Attempted to access a path that is not on the disk."
        )
        return NetError("System.IO.DirectoryNotFoundException", text, HResult=_hresult(code))
    if code == 5:
        text = f"Access to the path '{path}' is denied." if path else "Access to the path is denied."
        return NetError("System.UnauthorizedAccessException", text, HResult=_hresult(code))
    if code == 183 and path:
        text = f"Cannot create '{path}' because a file or directory with the same name already exists."
        return NetError("System.IO.IOException", text, HResult=_hresult(code))
    if code == 206:
        return NetError("System.IO.PathTooLongException", TOO_LONG, HResult=_hresult(code))
    if code == 15:
        text = f"Could not find the drive '{path}'. The drive might not be ready or might not be mapped."
        return NetError("System.IO.DriveNotFoundException", text, HResult=_hresult(code))
    if code == 32:
        text = f"The process cannot access the file '{path}' because it is being used by another process."
        return NetError("System.IO.IOException", text, HResult=_hresult(code))
    if code == 80 and path:
        return NetError("System.IO.IOException", f"The file '{path}' already exists.", HResult=_hresult(code))
    return NetError("System.IO.IOException", message_for(code) + "\r\n", HResult=_hresult(code))


def from_failure(failure: Win32Failure, path: str | None = None) -> NetError:
    return io_error(failure.code, path if path is not None else failure.path)


@contextmanager
def windows_io(path: str | None = None) -> Iterator[None]:
    """Turns Win32Failure into the exception that .NET throws; `path` is the one its message names."""
    try:
        yield
    except Win32Failure as failure:
        raise from_failure(failure, path) from failure


def _hresult(code: int) -> int:
    """HRESULT_FROM_WIN32, as .NET's negative Int32."""
    return (0x80070000 | code) - 2**32


def win32_message(code: int) -> str:
    """Win32Exception.Message: the system's text without its final full stop and blanks."""
    return message_for(code).rstrip(". \r\n")


def win32_exception(code: int, message: str | None = None) -> NetException:
    """System.ComponentModel.Win32Exception."""
    text = win32_message(code) if message is None else message
    return NetException("System.ComponentModel.Win32Exception", text, None, {"NativeErrorCode": code})


def win32_error(code: int) -> NetError:
    """The NetError that throws it."""
    return NetError("System.ComponentModel.Win32Exception", win32_message(code), NativeErrorCode=code)
