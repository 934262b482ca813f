"""Alternate data streams: Get-Item -Stream and Unblock-File."""

from __future__ import annotations

from winbake.rehearsal.powershell.command import cmdlet
from winbake.rehearsal.powershell.commands.provider_command import ProviderCommand
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.providers.core import ProviderPath, attach
from winbake.rehearsal.powershell.providers.filesystem import FileSystemProvider
from winbake.rehearsal.powershell.values import Int64, NoteProperty, custom_object

ZONE = "Zone.Identifier"
_SPELLINGS = {ZONE.lower(): ZONE}


def write_streams(command: ProviderCommand, found: ProviderPath, patterns: list[str]) -> None:
    """`Get-Item -Stream`: one object for each stream, `:$DATA` the file's own contents."""
    from winbake.rehearsal.powershell.wildcard import Wildcard

    provider = found.provider
    assert isinstance(provider, FileSystemProvider)
    entry = provider.files.entry(found.path)
    sizes = {":$DATA": entry.size}
    for stream in provider.files.streams(found.path):
        sizes[_SPELLINGS.get(stream, stream)] = len(provider.files.read(f"{found.path}:{stream}"))
    for pattern in patterns:
        names = [name for name in sizes if Wildcard(pattern).matches(name)]
        if not names and "*" not in pattern:
            message = f"Could not open the alternate data stream '{pattern}' of the file '{found.path}'."
            exception = NetException("System.IO.FileNotFoundException", message)
            record = ErrorRecord(exception, "AlternateDataStreamNotFound", "ObjectNotFound", found.path)
            command.write_error(record)
        for name in names:
            stream_object = custom_object(
                [("FileName", found.path), ("Stream", name), ("Length", Int64(sizes[name]))],
                "Microsoft.PowerShell.Commands.AlternateStreamData",
            )
            notes = [
                NoteProperty("PSPath", f"{provider.qualify(found.path)}:{name}"),
                *provider.notes(found.path, found.drive)[1:],
            ]
            command.emit(attach(stream_object, notes))


@cmdlet("Unblock-File")
class UnblockFile(ProviderCommand):
    """Takes the mark of the web away; silent when there is none."""

    def process(self) -> None:
        for path in self.given_paths():
            try:
                resolved = core.resolve_path(self.session, path, self.is_literal, True)
            except ScriptError as failure:
                exception = NetException("System.IO.FileNotFoundException", failure.record.exception.message)
                self.write_error(ErrorRecord(exception, "FileNotFound", "ObjectNotFound", path))
                continue
            for found in resolved:
                files = self.session.host.files
                if ZONE.lower() in files.streams(found.path) and self.should_process(found.path, "Unblock-File"):
                    files.delete(f"{found.path}:{ZONE}")
