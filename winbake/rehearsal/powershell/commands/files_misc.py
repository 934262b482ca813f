"""Get-FileHash, New-TemporaryFile and Get-AuthenticodeSignature."""

from __future__ import annotations

import hashlib
import random
from typing import Any

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import ProviderCommand, texts
from winbake.rehearsal.powershell.dotnet import authenticode
from winbake.rehearsal.powershell.dotnet.io_failures import from_failure
from winbake.rehearsal.powershell.dotnet.io_items import info_of
from winbake.rehearsal.powershell.dotnet.streams import NetStream
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, NotModelled, ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.values import custom_object, unwrap
from winbake.rehearsal.windows.failures import Win32Failure

_HASHES = {"sha1", "sha256", "sha384", "sha512", "md5"}


@cmdlet("Get-FileHash", "Get-FileHash")
class GetFileHash(ProviderCommand):
    """A function of Microsoft.PowerShell.Utility: what is missing is Resolve-Path's error."""

    def process(self) -> None:
        algorithm = str(unwrap(self.get("Algorithm")) or "SHA256").upper()
        if algorithm.lower() not in _HASHES:
            raise NotModelled(f"Get-FileHash -Algorithm {algorithm}")
        stream = unwrap(self.get("InputStream"))
        if isinstance(stream, NetStream):
            self._write(algorithm, stream.read_all(), None)
            return
        for path in self.given_paths():
            try:
                found = core.resolve_path(self.session, path, self.is_literal, True)
            except ScriptError as failure:
                failure.record.error_id = "PathNotFound,Microsoft.PowerShell.Commands.ResolvePathCommand"
                self.session.write_error(failure.record, None)
                continue
            for one in found:
                self._hash(algorithm, one)

    def _hash(self, algorithm: str, found: core.ProviderPath) -> None:
        files = self.session.host.files
        if found.provider.name != "FileSystem" or files.is_directory(found.path):
            return
        try:
            data = files.read(found.path)
        except Win32Failure as failure:
            cause = from_failure(failure, found.path).exception
            message = f"The file '{found.path}' cannot be read: {cause.message}"
            self.error("FileReadError", message, "ReadError", "System.IO.FileLoadException", found.path)
            return
        self._write(algorithm, data, found.path)

    def _write(self, algorithm: str, data: bytes, path: str | None) -> None:
        digest = hashlib.new(algorithm.lower(), data).hexdigest().upper()
        fields: list[tuple[str, Any]] = [("Algorithm", algorithm), ("Hash", digest), ("Path", path)]
        self.emit(custom_object(fields, "Microsoft.Powershell.Utility.FileHash"))


@cmdlet("New-TemporaryFile", "New-TemporaryFile")
class NewTemporaryFile(Cmdlet):
    def end(self) -> None:
        environment = self.session.process.environment
        folder = str(environment.get("TEMP") or environment.get("TMP") or "C:\\Windows\\Temp").rstrip("\\")
        files = self.session.host.files
        if not self.should_process(folder, "New-TemporaryFile"):
            return
        while files.exists(path := f"{folder}\\tmp{random.randrange(0x10000):X}.tmp"):
            pass
        files.write(path, b"")
        self.emit(info_of(self.session.host, path))


@cmdlet("Get-AuthenticodeSignature")
class GetAuthenticodeSignature(ProviderCommand):
    def process(self) -> None:
        if self.has("Content"):
            raise NotModelled("Get-AuthenticodeSignature -Content")
        literal = self.has("LiteralPath")
        for path in texts(self.get("LiteralPath") if literal else self.get("FilePath")):
            try:
                found = core.resolve_path(self.session, path, literal, True)
            except ScriptError:
                message = f"File {path} was not found."
                exception = NetException("System.Management.Automation.ItemNotFoundException", message)
                self.write_error(ErrorRecord(exception, "SignatureCommandsBaseFileNotFound", "ObjectNotFound", path))
                continue
            for one in found:
                if self.session.host.files.is_directory(one.path):
                    message = f"Cannot call the method on a directory: {one.path}"
                    self.error("SignatureCommandsBaseDirectory", message, "InvalidArgument",
                               "System.Management.Automation.PSInvalidOperationException", one.path)  # fmt: skip
                    continue
                self.emit(authenticode.signature_of(self.session.host, one.path))
