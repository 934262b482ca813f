"""Files as the cmdlets of the Utility module open them (Export-Csv, Import-Clixml …): one file, found by the
providers' rules, failures as the terminating errors `FileOpenFailure` and `NoClobber`."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.command import Cmdlet
from winbake.rehearsal.powershell.dotnet import io_files
from winbake.rehearsal.powershell.dotnet.io_failures import io_error
from winbake.rehearsal.powershell.errors import ErrorRecord, NetError, NetException, ScriptError
from winbake.rehearsal.powershell.providers import core, encodings

READ_ONLY = 0x1


def resolve(cmdlet: Cmdlet, path: str, literal: bool) -> str:
    """The full path of the one file meant; it need not exist. Raises the `ReadWrite…` errors."""
    session = cmdlet.session
    if literal or not core.has_wildcards(path):
        found = [core.unresolved(session, path, literal)]
    else:
        found = core.resolve_path(session, path) or [core.unresolved(session, path, literal)]
    if found[0].provider.name != "FileSystem":
        raise _refusal("ReadWriteFileNotFileSystemProvider", _NOT_A_FILE.format(found[0].provider.name))
    if len(found) > 1:
        raise _refusal("ReadWriteMultipleFilesNotSupported", _SEVERAL)
    return found[0].path


_NOT_A_FILE = "Cannot open file because the current provider ({}) cannot open a file."
_SEVERAL = (
    "Cannot perform operation because the path resolved to more than one file. "
    "This command cannot operate on multiple files."
)


def _refusal(error_id: str, details: str) -> ScriptError:
    message = "Operation is not valid due to the current state of the object."
    exception = NetException("System.Management.Automation.PSInvalidOperationException", message)
    record = ErrorRecord(exception, error_id, "InvalidArgument")
    record.details = details
    return ScriptError(record)


def open_failure(failure: NetError) -> ScriptError:
    return ScriptError(ErrorRecord(failure.exception, "FileOpenFailure", "OpenError"))


def read_bytes(cmdlet: Cmdlet, path: str, literal: bool = False) -> bytes:
    try:
        return io_files.read_bytes(cmdlet.session, resolve(cmdlet, path, literal))
    except NetError as failure:
        raise open_failure(failure) from None


def read_text(cmdlet: Cmdlet, path: str, literal: bool = False, encoding: str | None = None) -> str:
    """StreamReader's text: a byte order mark decides, else `encoding`, else UTF-8."""
    chosen = encodings.CMDLET_ENCODINGS[encoding.lower()] if encoding else encodings.UTF8
    return encodings.decode_marked(read_bytes(cmdlet, path, literal), chosen)


class TextFile:
    """A file being written line by line; opened (so: emptied, or refused) at once."""

    def __init__(
        self,
        cmdlet: Cmdlet,
        path: str,
        literal: bool,
        encoding: encodings.TextEncoding,
        *,
        append: bool = False,
        force: bool = False,
        no_clobber: bool = False,
    ) -> None:
        self._session = cmdlet.session
        self._encoding = encoding
        self.path = resolve(cmdlet, path, literal)
        self._restore: Any = None
        files = self._session.host.files
        entry = files.entry(self.path)
        try:
            if entry is not None and no_clobber and not append:
                raise io_error(80, self.path)
            if entry is not None and int(entry.attributes) & READ_ONLY:
                if not force:
                    raise io_error(5, self.path)
                self._restore = int(entry.attributes)
                files.set_attributes(self.path, self._restore & ~READ_ONLY)
            start = b"" if append and entry is not None and entry.size else encoding.preamble
            io_files.write_bytes(self._session, self.path, start, append)
        except NetError as failure:
            if no_clobber and entry is not None:
                record = ErrorRecord(failure.exception, "NoClobber", "ResourceExists", self.path)
                record.details = f"File {path} already exists and NoClobber was specified."
                raise ScriptError(record) from None
            raise open_failure(failure) from None

    def write(self, text: str) -> None:
        io_files.write_bytes(self._session, self.path, self._encoding.encode(text), append=True)

    def write_line(self, text: str) -> None:
        self.write(text + "\r\n")

    def close(self) -> None:
        if self._restore is not None:
            self._session.host.files.set_attributes(self.path, self._restore)
            self._restore = None
