"""Export-Clixml, Import-Clixml and [PSSerializer]."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import file_text, objects
from winbake.rehearsal.powershell.commands.clixml_reading import Reader
from winbake.rehearsal.powershell.commands.clixml_writing import Writer
from winbake.rehearsal.powershell.dotnet.registry import static
from winbake.rehearsal.powershell.providers import encodings

_SERIALIZER = "System.Management.Automation.PSSerializer"


@cmdlet("Export-Clixml")
class ExportClixml(Cmdlet):
    def begin(self) -> None:
        self._writer: Writer | None = None
        self._literal = self.has("LiteralPath")
        self._path: str = self.get("LiteralPath") if self._literal else self.get("Path")
        if not self.should_process(self._path, "Export-Clixml"):
            return
        encoding = encodings.CMDLET_ENCODINGS[(self.get("Encoding") or "Unicode").lower()]
        self._file = file_text.TextFile(
            self,
            self._path,
            self._literal,
            encoding,
            force=self.switch("Force"),
            no_clobber=self.switch("NoClobber"),
        )
        self._writer = Writer(self.session, self.get("Depth", 2))

    def process(self) -> None:
        if self._writer is not None:
            self._writer.write(self.get("InputObject"))

    def end(self) -> None:
        if self._writer is not None:
            self._file.write(self._writer.text())
            self._file.close()


@cmdlet("Import-Clixml")
class ImportClixml(Cmdlet):
    def process(self) -> None:
        literal = self.has("LiteralPath")
        for path in self.get("LiteralPath") if literal else self.get("Path"):
            values = Reader(self.session, file_text.read_text(self, str(path), literal)).read()
            skip = self.get("Skip", 0)
            first = self.get("First")
            for value in values[skip : None if first is None else skip + first]:
                self.emit(value)


@static(_SERIALIZER, "Serialize")
def _serialize(source: Any, depth: int = 1, *, session: Any) -> str:
    writer = Writer(session, depth)
    writer.write(source)
    return writer.text()


@static(_SERIALIZER, "Deserialize")
def _deserialize(source: str, *, session: Any) -> Any:
    found = Reader(session, source).read()
    return found[0] if len(found) == 1 else v.PSArray(found)


@static(_SERIALIZER, "DeserializeAsList")
def _deserialize_as_list(source: str, *, session: Any) -> Any:
    return v.PSArray([value for value in Reader(session, source).read() if not objects.is_null(value)])
