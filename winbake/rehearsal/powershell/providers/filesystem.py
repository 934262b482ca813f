"""The FileSystem provider: items of the host's drives, with the error ids of FileSystemProvider.cs (2016)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet import io_files, io_items
from winbake.rehearsal.powershell.dotnet.io_failures import from_failure
from winbake.rehearsal.powershell.dotnet.io_paths import is_legal_name
from winbake.rehearsal.powershell.errors import ErrorRecord, NetError, NetException, ScriptError
from winbake.rehearsal.powershell.providers import encodings
from winbake.rehearsal.powershell.providers.core import Drive, Provider, ProviderPath
from winbake.rehearsal.powershell.values import NoteProperty, PSArray
from winbake.rehearsal.windows.failures import Win32Failure

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.command import Cmdlet

_CATEGORY = {
    "System.UnauthorizedAccessException": "PermissionDenied",
    "System.IO.DirectoryNotFoundException": "ObjectNotFound",
    "System.IO.FileNotFoundException": "ObjectNotFound",
}


class FileSystemProvider(Provider):
    name = "FileSystem"
    capabilities = "Filter, ShouldProcess, Credentials"
    is_navigation = True
    has_content = True
    has_properties = True

    @property
    def files(self) -> Any:
        return self.session.host.files

    # ---- paths

    def normalize(self, path: str) -> str:
        text = path.replace("/", "\\")
        if text.startswith("\\\\"):
            return "\\\\" + super().normalize(text)
        match = re.match(r"^([A-Za-z]:)(.*)$", text, re.S)
        if not match:
            return super().normalize(text)
        rest = super().normalize(match.group(2))
        return match.group(1) + "\\" + rest

    def join(self, parent: str, child: str) -> str:
        if re.fullmatch(r"[A-Za-z]:", parent):
            parent += "\\"
        return super().join(parent, child)

    def parent(self, path: str) -> str:
        if re.fullmatch(r"[A-Za-z]:\\?", path):
            return ""
        above = path.rstrip("\\").rpartition("\\")[0]
        return above + "\\" if re.fullmatch(r"[A-Za-z]:", above) else above

    def leaf(self, path: str) -> str:
        trimmed = path.rstrip("\\")
        return trimmed.rpartition("\\")[2] if "\\" in trimmed else path

    def locate_stream(self, path: str) -> tuple[str, str]:
        """`C:\\a.txt:Zone.Identifier` → file and stream name."""
        drive, rest = path[:2], path[2:]
        plain, colon, stream = rest.partition(":")
        return (drive + plain, stream) if colon else (path, "")

    # ---- looking

    def exists(self, path: str) -> bool:
        return bool(self.files.exists(path or "\\"))

    def is_container(self, path: str) -> bool:
        return bool(self.files.is_directory(path))

    def get_item(self, path: str) -> io_items.FileSystemInfo | None:
        entry = self.files.entry(path)
        return None if entry is None else io_items.info_of(self.session.host, entry.full_path)

    def listed_item(self, path: str) -> io_items.FileSystemInfo | None:
        found = self.get_item(path)
        if found is not None:
            found.display = found.name
        return found

    def child_names(self, path: str, force: bool = False) -> list[str]:
        try:
            entries = self.files.list(path or "C:\\")
        except Win32Failure:
            return []
        hidden = io_items.HIDDEN
        shown = [e for e in entries if force or not int(e.attributes) & hidden]
        return [e.name for e in sorted(shown, key=lambda e: (not e.is_directory, e.name.upper()))]

    # ---- errors

    def report(self, command: Cmdlet, failure: NetError, error_id: str, category: str, target: Any) -> None:
        exception = failure.exception
        command.write_error(ErrorRecord(exception, error_id, category, target))

    def guarded(self, command: Cmdlet, path: str, io_id: str, denied_id: str, act: Any) -> bool:
        """Runs `act`; an IOException or UnauthorizedAccessException becomes that non-terminating error."""
        try:
            act()
        except Win32Failure as failure:
            return self._refused(command, from_failure(failure, failure.path or path), io_id, denied_id, path)
        except NetError as failure:
            return self._refused(command, failure, io_id, denied_id, path)
        return True

    def _refused(self, command: Cmdlet, failure: NetError, io_id: str, denied_id: str, path: str) -> bool:
        denied = failure.exception.type_name == "System.UnauthorizedAccessException"
        self.report(
            command, failure, denied_id if denied else io_id, "PermissionDenied" if denied else "WriteError", path
        )
        return False

    # ---- making

    def new_item(self, path: str, item_type: str, value: Any, force: bool, command: Cmdlet) -> None:
        kind = (item_type or "").lower()
        wanted = next((k for k in ("directory", "container", "file", "symboliclink", "junction", "hardlink")
                       if kind and k.startswith(kind)), None) if kind else "file"  # fmt: skip
        if wanted in ("directory", "container"):
            self._new_directory(path, force, command)
        elif wanted == "file":
            self._new_file(path, value, force, command)
        elif wanted is None:
            exception = NetException("System.ArgumentException", "The type is not a known type for the file system. "
                                     "Only \"file\",\"directory\" or \"symboliclink\" can be specified.")  # fmt: skip
            raise ScriptError(ErrorRecord(exception, "Argument", "InvalidArgument", item_type))
        else:
            from winbake.rehearsal.powershell.errors import NotModelled

            raise NotModelled(f"New-Item -ItemType {item_type}")

    def _new_directory(self, path: str, force: bool, command: Cmdlet) -> None:
        if not command.should_process(f"Destination: {path}", "Create Directory"):
            return
        if self.files.exists(path) and not (force and self.files.is_directory(path)):
            exception = NetException("System.IO.IOException", f"An item with the specified name {path} already exists.")
            command.write_error(ErrorRecord(exception, "DirectoryExist", "ResourceExists", path))
            return
        if self.guarded(command, path, "CreateDirectoryIOError", "CreateDirectoryUnauthorizedAccessError",
                        lambda: io_files.make_directory(self.session, path)):  # fmt: skip
            self.emit_item(path, command)

    def _new_file(self, path: str, value: Any, force: bool, command: Cmdlet) -> None:
        if not command.should_process(f"Destination: {path}", "Create File"):
            return
        if force and self.parent(path) and not self.files.exists(self.parent(path)):
            self.files.make_directory(self.parent(path))

        def make() -> None:
            if self.files.exists(path) and not force:
                if self.files.is_directory(path):
                    raise Win32Failure(5, path)
                raise NetError("System.IO.IOException", f"The file '{path}' already exists.", HResult=-2147024816)
            text = "" if value is None else self._text(value)
            io_files.write_bytes(self.session, path, encodings.UTF8.encode(text))

        if self.guarded(command, path, "NewItemIOError", "NewItemUnauthorizedAccessError", make):
            self.emit_item(path, command)

    def _text(self, value: Any) -> str:
        from winbake.rehearsal.powershell.convert import to_text

        return str(to_text(value, self.session))

    def emit_item(self, path: str, command: Cmdlet) -> None:
        item = self.get_item(path)
        if item is not None:
            from winbake.rehearsal.powershell.providers.core import drive_of, state

            command.emit(self.wrap(item, path, drive_of(state(self.session), self, path)))

    # ---- removing

    def remove_item(self, path: str, recurse: bool, force: bool, command: Cmdlet) -> None:
        is_directory = self.files.is_directory(path)
        if not command.should_process(path, "Remove Directory" if is_directory else "Remove File"):
            return
        self._remove(path, recurse, force, command)

    def _remove(self, path: str, recurse: bool, force: bool, command: Cmdlet) -> bool:
        """Returns whether it is gone; what could not be removed keeps its folders, each with its own error."""
        entry = self.files.entry(path)
        if entry is None:
            return True
        if entry.is_directory:
            children = list(self.files.list(path))
            if children and not recurse:
                message = f"Directory {path} cannot be removed because it is not empty."
                exception = NetException("System.IO.IOException", message)
                command.write_error(ErrorRecord(exception, "DirectoryNotEmpty", "WriteError", path))
                return False
            whole = True
            for child in children:
                whole = self._remove(child.full_path, recurse, force, command) and whole
            if not whole:
                message = f"Cannot remove item {path}: The directory is not empty.\r\n"
                self._unremovable(command, NetException("System.IO.IOException", message), path)
                return False
        bits = int(entry.attributes)
        if bits & (io_items.READ_ONLY | io_items.HIDDEN | io_items.SYSTEM) and not force:
            if bits & io_items.READ_ONLY or not entry.is_directory:
                message = "You do not have sufficient access rights to perform this operation."
                record = ErrorRecord(
                    NetException("System.IO.IOException", f"Cannot remove item {path}: {message}"),
                    "RemoveFileSystemItemUnAuthorizedAccess",
                    "PermissionDenied",
                    self.get_item(path),
                )
                command.write_error(record)
                return False
        if force and bits & io_items.READ_ONLY:
            self.files.set_attributes(path, bits & ~io_items.READ_ONLY)
        try:
            self.files.delete(path)
        except Win32Failure as failure:
            reason = from_failure(failure, path).exception
            message = f"Cannot remove item {path}: {reason.message}"
            self._unremovable(command, NetException(reason.type_name, message, reason), path)
            return False
        return True

    def _unremovable(self, command: Cmdlet, exception: NetException, path: str) -> None:
        denied = exception.type_name == "System.UnauthorizedAccessException"
        error_id = "RemoveFileSystemItemUnAuthorizedAccess" if denied else "RemoveFileSystemItemIOError"
        category = "PermissionDenied" if denied else "WriteError"
        command.write_error(ErrorRecord(exception, error_id, category, self.get_item(path)))

    # ---- renaming, moving, copying

    def rename_item(self, path: str, name: str, force: bool, command: Cmdlet) -> str | None:
        target = self.join(self.parent(path), name)
        is_directory = self.files.is_directory(path)
        action = "Rename Directory" if is_directory else "Rename File"
        if not command.should_process(f"Item: {path} Destination: {target}", action):
            return None
        if not is_legal_name(name):
            raise ScriptError(ErrorRecord(
                NetException("System.ArgumentException", "Cannot rename the specified target, because it represents a "
                             "path or device name."), "Argument", "InvalidArgument", name))  # fmt: skip

        def rename() -> None:
            if self.files.exists(target) and path.lower() != target.lower():
                raise NetError(
                    "System.IO.IOException", "Cannot create a file when that file already exists.\r\n",
                    HResult=-2147024713,
                )  # fmt: skip
            self.files.move(path, target)

        done = self.guarded(command, path, "RenameItemIOError", "RenameItemUnauthorizedAccessError", rename)
        return target if done else None

    def move_item(self, path: str, target: str, force: bool, command: Cmdlet) -> str | None:
        is_directory = self.files.is_directory(path)
        if self.files.is_directory(target):
            target = self.join(target, self.leaf(path))
        action = "Move Directory" if is_directory else "Move File"
        if not command.should_process(f"Item: {path} Destination: {target}", action):
            return None
        kind = "MoveDirectoryItem" if is_directory else "MoveFileInfoItem"

        def move() -> None:
            if is_directory:
                io_files.move_directory(self.session, path, target)
                return
            if force and self.files.is_file(target) and path.lower() != target.lower():
                io_files.delete_file(self.session, target)
            io_files.move_file(self.session, path, target)

        done = self.guarded(command, path, f"{kind}IOError", f"{kind}UnauthorizedAccessError", move)
        return target if done else None

    def copy_item(self, path: str, target: str, recurse: bool, force: bool, command: Cmdlet) -> Iterable[str]:
        if self.files.is_directory(path):
            return self._copy_directory(path, target, recurse, force, command)
        if self.files.is_directory(target):
            target = self.join(target, self.leaf(path))
        if not command.should_process(f"Item: {path} Destination: {target}", "Copy File"):
            return []
        return [target] if self._copy_file(path, target, force, command) else []

    def _copy_file(self, path: str, target: str, force: bool, command: Cmdlet) -> bool:
        if path.lower() == target.lower():
            message = f"Cannot overwrite the item {path} with itself."
            command.write_error(
                ErrorRecord(NetException("System.IO.IOException", message), "CopyError", "WriteError", target)
            )
            return False
        if force and self.files.is_file(target) and self.files.entry(target).read_only:
            self.files.set_attributes(target, int(self.files.entry(target).attributes) & ~io_items.READ_ONLY)
        try:
            io_files.copy_file(self.session, path, target, True)
        except NetError as failure:
            kind = failure.exception.type_name
            if kind == "System.UnauthorizedAccessException":
                self.report(command, failure, "CopyFileInfoItemUnauthorizedAccessError", "PermissionDenied", path)
                return False
            category = "ObjectNotFound" if kind in _CATEGORY else "NotSpecified"
            raise ScriptError(ErrorRecord(failure.exception, kind, category, None)) from failure
        return True

    def _copy_directory(self, path: str, target: str, recurse: bool, force: bool, command: Cmdlet) -> list[str]:
        if self.files.is_file(target):
            message = "Container cannot be copied onto existing leaf item."
            exception = NetException("System.Management.Automation.PSArgumentException", message)
            command.write_error(ErrorRecord(exception, "CopyContainerItemToLeafError", "InvalidArgument", path))
            return []
        if self.files.is_directory(target):
            target = self.join(target, self.leaf(path))
        if not command.should_process(f"Item: {path} Destination: {target}", "Copy Directory"):
            return []
        entries = list(self.files.list(path))
        if self.files.is_file(target):
            message = f"Item {target} already exists."
            exception = NetException("System.IO.IOException", message)
            command.write_error(ErrorRecord(exception, "CopyDirectoryInfoItemIOError", "WriteError", path))
            return []
        if self.files.is_directory(target) and not force and not recurse:
            exception = NetException(
                "System.IO.IOException", f"An item with the specified name {target} already exists."
            )
            command.write_error(ErrorRecord(exception, "DirectoryExist", "ResourceExists", target))
            return []
        self.files.make_directory(target)
        if recurse:
            for entry in entries:
                inner = self.join(target, entry.name)
                if entry.is_directory:
                    self._copy_tree(entry.full_path, inner, force, command)
                else:
                    self._copy_file(entry.full_path, inner, force, command)
        return [target]

    def _copy_tree(self, path: str, target: str, force: bool, command: Cmdlet) -> None:
        entries = list(self.files.list(path))
        denied = "CopyDirectoryInfoItemUnauthorizedAccessError"
        if not self.guarded(
            command,
            path,
            "CopyDirectoryInfoItemIOError",
            denied,
            lambda: io_files.make_directory(self.session, target),
        ):
            return
        for entry in entries:
            inner = self.join(target, entry.name)
            if entry.is_directory:
                self._copy_tree(entry.full_path, inner, force, command)
            else:
                self._copy_file(entry.full_path, inner, force, command)

    def invoke_item(self, path: str, command: Cmdlet) -> None:
        """Starts the file as ShellExecute would; the command is waited for by nobody."""
        process = self.session.process
        self.session.host.start(
            f'"{path}"',
            application=path,
            directory=str(process.directory),
            environment=dict(process.environment),
            parent=process,
        )

    # ---- variables ${C:\file}

    def read_variable(self, path: str) -> Any:
        try:
            data = self.files.read(path)
        except Win32Failure as failure:
            raise ScriptError(ErrorRecord(from_failure(failure, path).exception, "GetContentReaderIOError",
                                          "ReadError", path)) from failure  # fmt: skip
        lines = encodings.split_lines(encodings.decode_marked(data, encodings.ANSI))
        if not lines:
            return None
        return lines[0] if len(lines) == 1 else PSArray(lines)

    def write_variable(self, path: str, value: Any) -> None:
        text = "".join(self._text(item) + "\r\n" for item in self.session.enumerate(value))
        try:
            io_files.write_bytes(self.session, path, encodings.ANSI.encode(text))
        except NetError as failure:
            raise ScriptError(
                ErrorRecord(failure.exception, "GetContentWriterIOError", "WriteError", path)
            ) from failure

    def notes(self, path: str, drive: Drive | None) -> list[NoteProperty]:
        entry = self.files.entry(path)
        return super().notes(entry.full_path if entry is not None else path, drive)


def file_system_path(found: ProviderPath) -> str:
    return found.path
