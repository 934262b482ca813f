"""ConvertTo-Csv, ConvertFrom-Csv, Export-Csv and Import-Csv."""

from __future__ import annotations

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import csv_text, file_text, objects
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.providers import encodings


def _delimiter(command: Cmdlet) -> str:
    if command.switch("UseCulture"):
        return ","
    return str(command.get("Delimiter") or ",")


@cmdlet("ConvertTo-Csv")
class ConvertToCsv(Cmdlet):
    def begin(self) -> None:
        self._names: list[str] | None = None

    def process(self) -> None:
        value = self.get("InputObject")
        if objects.is_null(value):
            return
        delimiter = _delimiter(self)
        if self._names is None:
            self._names = csv_text.column_names(self.session, value)
            if not self.switch("NoTypeInformation"):
                self.emit(csv_text.type_line(self.session, value))
            self._emit_unless_empty(csv_text.header(self._names, delimiter))
        self._emit_unless_empty(csv_text.line(self.session, value, self._names, delimiter))

    def _emit_unless_empty(self, text: str) -> None:
        if text:
            self.emit(text)


@cmdlet("Export-Csv")
class ExportCsv(Cmdlet):
    def begin(self) -> None:
        self._file: file_text.TextFile | None = None
        self._names: list[str] | None = None
        self._columns_there: list[str] | None = None
        self._appending = False
        if self.has("Path") == self.has("LiteralPath"):
            raise _both_paths()
        self._path: str = self.get("LiteralPath") if self.has("LiteralPath") else self.get("Path")
        if self.should_process(self._path, "Export-Csv"):
            self._open()

    def _open(self) -> None:
        literal = self.has("LiteralPath")
        encoding = encodings.CMDLET_ENCODINGS[(self.get("Encoding") or "ASCII").lower()]
        full = file_text.resolve(self, self._path, literal)
        if self.switch("Append") and self.session.host.files.is_file(full):
            data = file_text.read_bytes(self, self._path, literal)
            if data:
                self._appending = True
                given = (
                    encodings.CMDLET_ENCODINGS[self.get("Encoding").lower()] if self.has("Encoding") else encodings.UTF8
                )
                encoding = encodings.detect(data) or given
                reader = csv_text.CsvReader(encodings.decode_marked(data, given), _delimiter(self))
                reader.type_name()
                self._columns_there = reader.record(is_header=True) or None
        self._file = file_text.TextFile(
            self,
            self._path,
            literal,
            encoding,
            append=self.switch("Append"),
            force=self.switch("Force"),
            no_clobber=self.switch("NoClobber"),
        )

    def process(self) -> None:
        value = self.get("InputObject")
        if objects.is_null(value) or self._file is None:
            return
        delimiter = _delimiter(self)
        if self._names is None:
            self._names = csv_text.column_names(self.session, value)
            if self._appending and self._columns_there is not None:
                self._reconcile(self._columns_there)
            if not self._appending:
                if not self.switch("NoTypeInformation"):
                    self._file.write_line(csv_text.type_line(self.session, value))
                self._file.write_line(csv_text.header(self._names, delimiter))
        self._file.write_line(csv_text.line(self.session, value, self._names, delimiter))

    def _reconcile(self, columns: list[str]) -> None:
        """What is appended must have every column that the file has (or -Force)."""
        have = {name.lower() for name in self._names or ()}
        for column in columns:
            if column.lower() not in have and not self.switch("Force"):
                message = (
                    f"Cannot append CSV content to the following file: {self._path}. The appended object does not have "
                    f"a property that corresponds to the following column: {column}. To continue with mismatched "
                    "properties, add the -Force parameter, and then retry the command."
                )
                kind = "System.InvalidOperationException"
                error_id = "CannotAppendCsvWithMismatchedPropertyNames"
                raise self.fail(error_id, message, "InvalidData", kind, column)
        self._names = columns

    def dispose(self) -> None:
        if getattr(self, "_file", None) is not None:
            self._file.close()  # type: ignore[union-attr]


class _CsvInput(Cmdlet):
    def begin(self) -> None:
        self._warned = False

    def _import(self, text: str, names: list[str] | None, type_name: str | None) -> tuple[list[str] | None, str | None]:
        """Emits the objects of a text; gives the header and the type name that were found in it."""
        reader = csv_text.CsvReader(text, _delimiter(self))
        if type_name is None:
            type_name = reader.type_name()
        if names is None and not reader.ended:
            names = reader.record(is_header=True) or None
        self._check_names(names or [])
        while fields := reader.record():
            if fields == [""]:
                continue
            made, unnamed = csv_text.build(type_name, names or [], fields)
            if unnamed and not self._warned:
                self._warned = True
                self.write_warning(
                    'One or more headers were not specified. Default names starting with "H" have been used in place '
                    "of any missing headers."
                )
            self.emit(made)
        return names, type_name

    def _check_names(self, names: list[str]) -> None:
        seen: set[str] = set()
        for name in names:
            if name and name.lower() in seen:
                message = f'The member "{name}" is already present.'
                kind = "System.Management.Automation.ExtendedTypeSystemException"
                raise self.fail("AlreadyPresentPSMemberInfoInternalCollectionAdd", message, "NotSpecified", kind)
            seen.add(name.lower())


@cmdlet("ConvertFrom-Csv")
class ConvertFromCsv(_CsvInput):
    """The first line is the header of all that come after it."""

    def begin(self) -> None:
        super().begin()
        self._names: list[str] | None = [str(n) for n in self.get("Header")] if self.has("Header") else None
        self._type_name: str | None = None

    def process(self) -> None:
        for item in self.get("InputObject") or ():
            text = objects.text(self.session, item)
            self._names, self._type_name = self._import(text, self._names, self._type_name)


@cmdlet("Import-Csv")
class ImportCsv(_CsvInput):
    def process(self) -> None:
        if self.has("Path") == self.has("LiteralPath"):
            raise _both_paths()
        literal = self.has("LiteralPath")
        header = [str(n) for n in self.get("Header")] if self.has("Header") else None
        for path in self.get("LiteralPath") if literal else self.get("Path"):
            self._import(file_text.read_text(self, path, literal, self.get("Encoding")), header, None)


def _both_paths() -> ScriptError:
    message = "You must specify either the -Path or -LiteralPath parameters, but not both."
    exception = NetException("System.InvalidOperationException", message)
    record = ErrorRecord(exception, "CannotSpecifyPathAndLiteralPath", "InvalidData")
    return ScriptError(record)
