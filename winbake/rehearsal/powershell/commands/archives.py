"""Compress-Archive and Expand-Archive: the functions of Microsoft.PowerShell.Archive 1.0.1.0."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell.command import cmdlet
from winbake.rehearsal.powershell.commands.provider_command import ProviderCommand
from winbake.rehearsal.powershell.dotnet import io_compression, io_files, io_paths
from winbake.rehearsal.powershell.dotnet.io_compression import CREATE_MODE, READ_MODE, UPDATE_MODE, ZipArchive
from winbake.rehearsal.powershell.dotnet.io_items import HIDDEN
from winbake.rehearsal.powershell.errors import NetError, ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.values import unwrap

_IO = "System.IO.IOException"
_ARGUMENT = "System.ArgumentException"
_INVALID = "System.InvalidOperationException"


class ArchiveCommand(ProviderCommand):
    def check_extension(self, path: str) -> None:
        """Raises the terminating NotSupportedArchiveFileExtension."""
        extension = io_paths.extension(path)
        if extension.lower() != ".zip":
            message = (
                f"{extension} is not a supported archive file format. .zip is the only supported archive file format."
            )
            raise self.fail("NotSupportedArchiveFileExtension", message, "InvalidArgument", _IO, extension)

    def located(self, path: str) -> list[str]:
        """File-system paths of the items. Raises the terminating error for a path that names none."""
        literal = self.is_literal
        try:
            found = core.resolve_path(self.session, path, literal, True)
        except ScriptError:
            found = []
        files = [one.path for one in found if one.provider.name == "FileSystem"]
        if not files:
            raise self._missing(path)
        return files

    def _missing(self, path: str) -> ScriptError:
        message = f"The path '{path}' either does not exist or is not a valid file system path."
        error_id = "PathNotFound" if self.name == "Expand-Archive" else "ArchiveCmdletPathNotFound"
        return self.fail(error_id, message, "InvalidArgument", _INVALID, path)


@cmdlet("Compress-Archive", "Compress-Archive")
class CompressArchive(ArchiveCommand):
    def begin(self) -> None:
        self._sources: list[str] = []

    def process(self) -> None:
        for path in self.given_paths():
            self._sources += self.located(path)

    def end(self) -> None:
        target = core.unresolved(self.session, str(unwrap(self.get("DestinationPath"))), True).path
        if not io_paths.extension(target):
            target += ".zip"
        self.check_extension(target)
        self._check_duplicates()
        files = self.session.host.files
        exists = files.is_file(target)
        if exists and not (self.switch("Update") or self.force):
            message = (
                f"The archive file {target} already exists. Use the -Update parameter to update the existing archive "
                "file or use the -Force parameter to overwrite the existing archive file."
            )
            raise self.fail("ArchiveFileExists", message, "InvalidArgument", _IO, target)
        if not self.should_process(target, "Compress-Archive"):
            return
        if exists and self.force:
            io_files.delete_file(self.session, target)
            exists = False
        archive = io_compression.open_archive(self.session, target, UPDATE_MODE if exists else CREATE_MODE)
        try:
            for source in self._sources:
                self._add(archive, source, io_paths.directory_name(source) or source)
        finally:
            archive.close()

    def _check_duplicates(self) -> None:
        seen: set[str] = set()
        for source in self._sources:
            if source.lower() in seen:
                message = (
                    f"The input to Path parameter contains a duplicate path '{source}'. Provide a unique set of paths "
                    "as input to Path parameter."
                )
                raise self.fail("DuplicatePathFound", message, "InvalidArgument", _ARGUMENT, source)
            seen.add(source.lower())

    def _add(self, archive: ZipArchive, path: str, base: str) -> None:
        """Entry names have `\\`; hidden items inside a folder are left out."""
        files = self.session.host.files
        name = path[len(base) :].lstrip("\\")
        if not files.is_directory(path):
            self._put(archive, path, name)
            return
        children = [one for one in files.list(path) if not int(one.attributes) & HIDDEN]
        if not children:
            archive.entries = [entry for entry in archive.entries if entry.full_name != name + "\\"]
            archive.entries.append(io_compression.folder_entry(self.session, archive, name + "\\"))
        for child in children:
            self._add(archive, child.full_path, base)

    def _put(self, archive: ZipArchive, path: str, name: str) -> None:
        archive.entries = [entry for entry in archive.entries if entry.full_name.replace("/", "\\") != name]
        try:
            io_compression.add_file(self.session, archive, path, name)
        except NetError as failure:
            self.error("CompressArchiveUnauthorizedAccessError", failure.exception.message, "PermissionDenied",
                       failure.exception.type_name, path)  # fmt: skip


@cmdlet("Expand-Archive", "Expand-Archive")
class ExpandArchive(ArchiveCommand):
    def process(self) -> None:
        given = str(unwrap(self.get("LiteralPath") if self.is_literal else self.get("Path")))
        found = self.located(given)
        if len(found) > 1:
            message = (
                "The input to Path parameter resolved to multiple file system paths. Provide a path that resolves to a "
                "single archive."
            )
            raise self.fail("InvalidArchiveFilePath", message, "InvalidArgument", _ARGUMENT, given)
        archive_path = found[0]
        self.check_extension(archive_path)
        target = self._target(archive_path)
        if not self.should_process(archive_path, "Expand-Archive"):
            return
        files = self.session.host.files
        if not files.is_directory(target):
            files.make_directory(target)
        archive = io_compression.open_archive(self.session, archive_path, READ_MODE)
        try:
            for entry in archive.entries:
                self._extract(entry, target)
        finally:
            archive.close()

    def _target(self, archive: str) -> str:
        """-DestinationPath, or a folder of the archive's name at the current location."""
        if self.has("DestinationPath"):
            return core.unresolved(self.session, str(unwrap(self.get("DestinationPath"))), True).path
        stem = io_paths.file_name(archive)[: -len(".zip")]
        return io_paths.combine(core.current_directory(self.session), stem)

    def _extract(self, entry: io_compression.ZipArchiveEntry, folder: str) -> None:
        files = self.session.host.files
        path = io_paths.full_path(io_paths.combine(folder, entry.full_name.replace("/", "\\")), self.session)
        if entry.is_folder:
            files.make_directory(path)
            return
        parent = io_paths.directory_name(path)
        if parent is not None and not files.is_directory(parent):
            files.make_directory(parent)
        if files.is_file(path):
            if not self.force:
                message = (
                    f"Failed to create file '{path}' while expanding the archive file contents as the file '{path}' "
                    "already exists. Use the -Force parameter if you want to overwrite the existing directory contents "
                    "when expanding the archive file."
                )
                self.error("ExpandArchiveFileExists", message, "InvalidOperation", _IO, path)
                return
            self._remove(path)
        try:
            io_compression.extract_entry(self.session, entry, path, True)
        except NetError as failure:
            kind: Any = failure.exception.type_name
            self.error("ExpandArchiveError", failure.exception.message, "InvalidOperation", kind, path)

    def _remove(self, path: str) -> None:
        try:
            io_files.delete_file(self.session, path)
        except NetError as failure:
            kind = failure.exception.type_name
            self.error("RemoveFileSystemItemIOError", failure.exception.message, "WriteError", kind, path)
