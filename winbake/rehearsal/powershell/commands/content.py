"""Get-Content, Set-Content, Add-Content, Clear-Content as Windows PowerShell has them: ANSI unless told otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from winbake.rehearsal.powershell.command import cmdlet
from winbake.rehearsal.powershell.commands.provider_command import ProviderCommand
from winbake.rehearsal.powershell.dotnet import io_files, io_items
from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array
from winbake.rehearsal.powershell.dotnet.io_failures import from_failure
from winbake.rehearsal.powershell.errors import ErrorRecord, NetError, NotModelled, ScriptError
from winbake.rehearsal.powershell.providers import core, encodings
from winbake.rehearsal.powershell.providers.core import ProviderPath, attach
from winbake.rehearsal.powershell.providers.encodings import TextEncoding
from winbake.rehearsal.powershell.providers.filesystem import FileSystemProvider
from winbake.rehearsal.powershell.values import Byte, Int64, NoteProperty, PSArray, PSObject, unwrap
from winbake.rehearsal.windows.failures import Win32Failure

_MISSING = {
    "System.IO.FileNotFoundException": "FileNotFound",
    "System.IO.DirectoryNotFoundException": "DirectoryNotFound",
}


class ContentCommand(ProviderCommand):
    @property
    def is_bytes(self) -> bool:
        return self._encoding_name() == "byte"

    def _encoding_name(self) -> str:
        given = unwrap(self.get("Encoding"))
        return "" if given is None else str(getattr(given, "name", given)).lower()

    def encoding(self) -> TextEncoding:
        return encodings.CMDLET_ENCODINGS.get(self._encoding_name(), encodings.ANSI)

    def stream_path(self, path: str) -> str:
        stream = self.get("Stream")
        return path if stream is None else f"{path}:{unwrap(stream)}"

    def refused(self, failure: NetError, which: str, path: str) -> ErrorRecord:
        """`GetContentReader…` or `GetContentWriter…` with what went wrong."""
        kind = failure.exception.type_name
        if kind == "System.UnauthorizedAccessException":
            return ErrorRecord(failure.exception, f"GetContent{which}UnauthorizedAccessError", "PermissionDenied", path)
        if kind in _MISSING:
            return ErrorRecord(failure.exception, f"GetContent{which}{_MISSING[kind]}Error", "ObjectNotFound", path)
        category = "ReadError" if which == "Reader" else "WriteError"
        return ErrorRecord(failure.exception, f"GetContent{which}IOError", category, path)


# ---- reading ---------------------------------------------------------------------------------------------


@cmdlet("Get-Content")
class GetContent(ContentCommand):
    def process(self) -> None:
        if self.switch("Wait"):
            raise NotModelled("Get-Content -Wait")
        if self.has("Tail") and self.has("TotalCount"):
            message = "The parameters TotalCount and Tail cannot be used together. Please specify only one parameter."
            raise self.fail("InvalidOperation", message, "InvalidOperation",
                            "System.Management.Automation.PSInvalidOperationException")  # fmt: skip
        if self.get("TotalCount") is not None and int(self.get("TotalCount")) == 0:
            return
        for found in self.resolved():
            self._read(found)

    def _read(self, found: ProviderPath) -> None:
        provider = found.provider
        if not isinstance(provider, FileSystemProvider):
            self._read_other(found)
            return
        path = self.stream_path(found.path)
        try:
            if provider.files.is_directory(found.path):
                raise Win32Failure(5, found.path)
            data = bytes(provider.files.read(path))
        except Win32Failure as failure:
            self.write_error(self.refused(from_failure(failure, path), "Reader", found.path))
            return
        self._write_blocks(list(self._blocks(data)), found)

    def _read_other(self, found: ProviderPath) -> None:
        reader: Callable[[str], Any] | None = getattr(found.provider, "read_variable", None)
        if reader is None:
            message = "Cannot use interface. The IContentCmdletProvider interface is not supported by this provider."
            kind = "System.Management.Automation.PSNotSupportedException"
            raise self.fail("NotSupported", message, "NotImplemented", kind)
        value = reader(found.path)
        items = list(unwrap(value)) if isinstance(unwrap(value), PSArray) else [value]
        self._write_blocks(items, found)

    def _blocks(self, data: bytes) -> Iterator[Any]:
        if self.is_bytes:
            if self.switch("Raw"):
                yield byte_array(data)
            else:
                yield from (Byte(b) for b in data)
            return
        text = encodings.decode_marked(data, self.encoding())
        if self.switch("Raw"):
            if text:
                yield text
        elif self.has("Delimiter"):
            yield from split_keeping(text, str(unwrap(self.get("Delimiter"))))
        else:
            yield from encodings.split_lines(text)

    def _write_blocks(self, blocks: list[Any], found: ProviderPath) -> None:
        if self.has("Tail"):
            count = int(self.get("Tail"))
            blocks = blocks[-count:] if count else []
        elif self.has("TotalCount") and int(self.get("TotalCount")) > 0:
            blocks = blocks[: int(self.get("TotalCount"))]
        shared = found.provider.notes(found.path, found.drive)
        step = int(self.get("ReadCount", 1))
        if step == 1:
            for number, block in enumerate(blocks, 1):
                self._write_block(block, number, shared)
            return
        step = step if step > 0 else max(len(blocks), 1)
        for at in range(0, len(blocks), step):
            part = blocks[at : at + step]
            element = "System.Byte" if self.is_bytes else "System.Object"
            self._write_block(PSArray(part, element), at + len(part), shared)

    def _write_block(self, block: Any, count: int, shared: list[NoteProperty]) -> None:
        plain = block if isinstance(block, PSObject) else PSObject(block)
        self.emit(attach(plain, [*shared, NoteProperty("ReadCount", Int64(count))]))


def split_keeping(text: str, delimiter: str) -> list[str]:
    """Parts with the delimiter left at their end, as Windows PowerShell gives them."""
    if not delimiter:
        return [text] if text else []
    parts = re.split(f"(?<={re.escape(delimiter)})", text)
    return [part for part in parts if part]


# ---- writing ---------------------------------------------------------------------------------------------


class ContentWriterCommand(ContentCommand):
    """Set-Content and Add-Content: files are opened at the first value and hold all of them."""

    append = False
    action = ""

    def begin(self) -> None:
        self._open: list[tuple[ProviderPath, bytearray]] | None = None
        self._values: list[Any] = []

    def process(self) -> None:
        if self._open is None or self._paths_change():
            self._flush()
            self._open = [(one, bytearray()) for one in self._targets()]
        value = self.get("Value")
        items = self._items(value)
        for one, buffer in self._open:
            if isinstance(one.provider, FileSystemProvider):
                self._put(one, buffer, items)
        self._values.extend(items)
        if self.switch("PassThru"):
            self.emit(value)

    def _paths_change(self) -> bool:
        """Paths that come by pipeline are opened and closed one by one."""
        bound = self.invocation.get("pipeline_parameters", ()) if isinstance(self.invocation, dict) else ()
        return "Path" in bound or "LiteralPath" in bound

    def end(self) -> None:
        self._flush()

    def _targets(self) -> Iterator[ProviderPath]:
        for path in self.given_paths():
            try:
                if not self.is_literal and core.has_wildcards(path):
                    found = core.expand(self.session, path, self.force)
                    if not found:
                        raise core.item_not_found(path)
                else:
                    found = [core.unresolved(self.session, path, self.is_literal)]
            except ScriptError as failure:
                self.write_error(failure.record)
                continue
            for one in found:
                if self.passes(one.provider.leaf(one.path)) and self.should_process(f"Path: {one.path}", self.action):
                    if self._start(one):
                        yield one

    def _start(self, one: ProviderPath) -> bool:
        """Makes or empties the file; false after an error."""
        if not isinstance(one.provider, FileSystemProvider):
            if not hasattr(one.provider, "write_variable"):
                message = (
                    "Cannot use interface. The IContentCmdletProvider interface is not supported by this provider."
                )
                kind = "System.Management.Automation.PSNotSupportedException"
                raise self.fail("NotSupported", message, "NotImplemented", kind)
            return True
        return self._write(one, b"", self.append)

    def _write(self, one: ProviderPath, data: bytes, append: bool) -> bool:
        files = self.session.host.files
        path = self.stream_path(one.path)
        entry = files.entry(one.path)
        unlock = entry is not None and self.force and int(entry.attributes) & io_items.READ_ONLY
        try:
            if unlock:
                files.set_attributes(one.path, int(entry.attributes) & ~io_items.READ_ONLY)
            if self.has("Stream"):
                files.write(path, data, append=append)
            else:
                io_files.write_bytes(self.session, path, data, append)
            if unlock:
                files.set_attributes(one.path, int(entry.attributes))
        except Win32Failure as failure:
            self.write_error(self.refused(from_failure(failure, path), "Writer", one.path))
            return False
        except NetError as failure:
            self.write_error(self.refused(failure, "Writer", one.path))
            return False
        return True

    def _items(self, value: Any) -> list[Any]:
        plain = unwrap(value)
        if plain is None:
            return []
        return list(plain) if isinstance(plain, PSArray) else [value]

    def _put(self, one: ProviderPath, buffer: bytearray, items: list[Any]) -> None:
        if self.is_bytes:
            buffer += bytes(self._bytes(items))
            return
        end = "" if self.switch("NoNewline") else "\r\n"
        chosen = self.encoding()
        if not buffer and items and self._is_fresh(one):
            buffer += chosen.preamble
        buffer += chosen.encode("".join(self._text(item) + end for item in self._flat(items)))

    def _is_fresh(self, one: ProviderPath) -> bool:
        entry = self.session.host.files.entry(one.path)
        return not self.append or entry is None or entry.size == 0

    @staticmethod
    def _flat(items: list[Any]) -> Iterator[Any]:
        for item in items:
            plain = unwrap(item)
            if isinstance(plain, PSArray) and plain.element_type == "System.Object":
                yield from (inner for inner in plain if unwrap(inner) is not None)
            elif plain is not None:
                yield item

    def _text(self, item: Any) -> str:
        from winbake.rehearsal.powershell.convert import to_text

        return str(to_text(item, self.session))

    def _bytes(self, items: list[Any]) -> Iterator[int]:
        for item in self._flat(items):
            plain = unwrap(item)
            for one in plain if isinstance(plain, PSArray) else [plain]:
                if not isinstance(unwrap(one), Byte):
                    from winbake.rehearsal.powershell.convert import convert
                    from winbake.rehearsal.powershell.types import get_type

                    yield int(convert(one, get_type("System.Byte"), self.session))
                else:
                    yield int(unwrap(one))

    def _flush(self) -> None:
        for one, buffer in self._open or []:
            if isinstance(one.provider, FileSystemProvider):
                if buffer:
                    self._write(one, bytes(buffer), append=self.append or self.has("Stream"))
            else:
                values = self._values
                if self.append:
                    before = one.provider.read_variable(one.path)  # type: ignore[attr-defined]
                    values = [*([] if before is None else self._items(before)), *values]
                value = values[0] if len(values) == 1 else PSArray(values)
                one.provider.write_variable(one.path, value)  # type: ignore[attr-defined]
        self._open, self._values = None, []


@cmdlet("Set-Content")
class SetContent(ContentWriterCommand):
    action = "Set Content"


@cmdlet("Add-Content")
class AddContent(ContentWriterCommand):
    append = True
    action = "Add Content"


@cmdlet("Clear-Content")
class ClearContent(ContentCommand):
    def process(self) -> None:
        for found in self.resolved():
            if not self.should_process(f"Item: {found.path}", "Clear Content"):
                continue
            if not isinstance(found.provider, FileSystemProvider):
                self.attempt(lambda found=found: found.provider.clear_item(found.path, self))  # type: ignore[misc]
                continue
            path = self.stream_path(found.path)
            try:
                if found.provider.files.is_directory(found.path):
                    raise Win32Failure(5, found.path)
                found.provider.files.write(path, b"")
            except Win32Failure as failure:
                cause = from_failure(failure, path)
                denied = cause.exception.type_name == "System.UnauthorizedAccessException"
                error_id = "ItemUnauthorizedAccessError" if denied else "ClearContentIOError"
                category = "PermissionDenied" if denied else "WriteError"
                self.write_error(ErrorRecord(cause.exception, error_id, category, found.path))
