"""7z.exe: x, e and l over zip archives, packages (.nupkg, .jar) and programs with a zip behind them.

Commands, switches and exit codes: 7-Zip's manual (cmdline/commands, cmdline/switches, cmdline/exit_codes.htm). The
texts are as public logs of runs show them; their exact layout is assumed. Exit code 8 (memory) is never reached.
"""

from __future__ import annotations

import fnmatch
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from winbake.rehearsal.windows import archives, images, paths
from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.native.console_text import err, out
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.programs import stand_in_program

OK, WARNING, FATAL, COMMAND_LINE = 0, 1, 2, 7
_OTHER_COMMANDS = ("a", "b", "d", "h", "rn", "t", "u")
_OTHER_SWITCHES = ("ai", "an", "ax", "i", "m", "p", "s", "t", "u", "v", "w", "x")
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_END_RECORD = b"PK\x05\x06"  # APPNOTE.TXT 4.3.16; 22 bytes and the comment
_LINE = "------------------- ----- ------------ ------------  ------------------------"


@dataclass
class Request:
    """What a command line asks for. `overwrite`: a (all), s (skip), u (rename the new one) or '' (ask)."""

    command: str
    archive: str = ""
    wanted: list[str] = field(default_factory=list)
    folder: str = ""
    overwrite: str = ""
    recurse: bool = False
    quiet: bool = False


class CommandLineError(Exception):
    """Exit code 7; the text is what 7-Zip prints."""


@stand_in_program("7z")
def seven_zip(process: Process) -> int:
    try:
        request = read_command_line(process.arguments[1:])
    except CommandLineError as wrong:
        _banner(process)
        err(process, f"\n\nCommand Line Error:\n{wrong}")
        return COMMAND_LINE
    if not request.quiet:
        _banner(process)
    full = paths.absolute(request.archive, process.directory)
    if not process.host.files.is_file(full):
        err(process, f"\nERROR: The system cannot find the file specified.\n{request.archive}\n\n\nSystem ERROR:")
        err(process, "The system cannot find the file specified.")
        return FATAL
    return _Run(process, request, full).go()


def read_command_line(arguments: list[str]) -> Request:
    """Raises CommandLineError; NotModelled for what 7-Zip has and this model does not."""
    words: list[str] = []
    request = Request("")
    switches_end = False
    for argument in arguments:
        if argument == "--" and not switches_end:
            switches_end = True
        elif argument.startswith("-") and not switches_end:
            _switch(request, argument)
        else:
            words.append(argument)
    if not words:
        raise CommandLineError("Unsupported command:\n")
    request.command = words[0].lower()
    if request.command in _OTHER_COMMANDS:
        raise NotModelled(f"7z {request.command}")
    if request.command not in ("x", "e", "l"):
        raise CommandLineError(f"Unsupported command:\n{words[0]}")
    if len(words) < 2:
        raise CommandLineError("Cannot find archive name")
    request.archive, request.wanted = words[1], words[2:]
    return request


def _switch(request: Request, argument: str) -> None:
    name = argument[1:]
    low = name.lower()
    if low == "y":
        request.overwrite = request.overwrite or "a"
    elif low in ("aoa", "aos", "aou"):
        request.overwrite = low[2]
    elif low == "aot":
        raise NotModelled("7z -aot")
    elif low.startswith("o"):
        if len(name) == 1:
            raise CommandLineError(f"Too short switch:\n{argument}")
        request.folder = name[1:]
    elif low in ("r", "r0"):
        request.recurse = True
    elif low.startswith("bso"):
        request.quiet = low == "bso0"
    elif low.startswith("b"):  # -bd, -bb, -bsp, -bse: progress and where errors go
        return
    elif low.startswith(_OTHER_SWITCHES):
        raise NotModelled(f"7z {argument}")
    else:
        raise CommandLineError(f"Unknown switch:\n{argument}")


def _banner(process: Process) -> None:
    image = images.read_image(process.host.files.read(process.path))
    version = image.file_version if image is not None else ""
    out(process, f"\n7-Zip {version} (x64) : Copyright (c) 1999-2026 Igor Pavlov")


class _Run:
    """One command on one archive."""

    def __init__(self, process: Process, request: Request, full: str) -> None:
        self.process = process
        self.request = request
        self.full = full
        self.data = process.host.files.read(full)
        self.errors = 0

    def say(self, text: str = "") -> None:
        if not self.request.quiet:
            out(self.process, text)

    def go(self) -> int:
        size = len(self.data)
        self.say(f"\nScanning the drive for archives:\n1 file, {size} bytes ({-(-size // 1024)} KiB)\n")
        self.say(f"{'Listing' if self.request.command == 'l' else 'Extracting'} archive: {self.request.archive}")
        try:
            archive = archives.open_zip(self.data)
        except zipfile.BadZipFile:
            return self._not_opened()
        kind = "zip" if self.data.startswith(_ZIP_STARTS) else "PE"
        self.say(f"--\nPath = {self.request.archive}\nType = {kind}\nPhysical Size = {size}\n")
        chosen = [info for info in archive.infolist() if self._wanted(info.filename)]
        if self.request.command == "l":
            self._list(chosen)
        else:
            self._extract(archive, chosen)
            if not chosen:
                self.say("\nNo files to process")
        if self.errors:
            err(self.process, f"\nSub items Errors: {self.errors}\n\nArchives with Errors: 1")
            return FATAL
        tail = self._tail()
        if tail:
            self.say("WARNINGS:\nThere are some data after the end of the payload data\n\nArchives with Warnings: 1")
            return WARNING
        if self.request.command != "l":
            total = sum(info.file_size for info in chosen)
            self.say(f"Everything is Ok\n\nFiles: {len(chosen)}\nSize:       {total}\nCompressed: {size}")
        return OK

    def _not_opened(self) -> int:
        """What is no zip: an error, unless it is a kind that 7-Zip opens and the model cannot."""
        if images.is_msi(self.data) or self.data.startswith((b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"\xfd7zXZ\0")):
            raise NotModelled(f"what 7-Zip finds in {self.full}")
        if images.is_executable(self.data):
            raise NotModelled(f"what 7-Zip finds in {self.full}: its stand-in has no `payload`")
        if self.data.startswith(_ZIP_STARTS):
            err(self.process, f"ERROR: {self.request.archive}\nUnexpected end of archive\n")
        else:
            err(self.process, f"ERROR: {self.request.archive}\nCannot open the file as archive\n")
        self.say("\nCan't open as archive: 1\nFiles: 0\nSize:       0\nCompressed: 0")
        return FATAL

    def _tail(self) -> int:
        """Bytes behind the archive's end record and its comment."""
        start = self.data.rfind(_END_RECORD)
        comment = int.from_bytes(self.data[start + 20 : start + 22], "little")
        return len(self.data) - (start + 22 + comment)

    def _wanted(self, name: str) -> bool:
        """File names choose the items and what is below them; with -r at any depth. Case does not count."""
        if not self.request.wanted:
            return True
        parts = name.rstrip("/").lower().split("/")
        for text in self.request.wanted:
            pattern = text.replace("/", "\\").strip("\\").lower().split("\\")
            starts = range(len(parts) - len(pattern) + 1) if self.request.recurse else [0]
            for start in starts:
                window = parts[start : start + len(pattern)]
                if len(window) == len(pattern) and all(map(fnmatch.fnmatchcase, window, pattern)):
                    return True
        return False

    def _list(self, chosen: list[zipfile.ZipInfo]) -> None:
        self.say(f"   Date      Time    Attr         Size   Compressed  Name\n{_LINE}")
        for info in chosen:
            moment = datetime(*info.date_time, tzinfo=UTC)
            attributes = "D...." if info.is_dir() else "....."
            name = info.filename.rstrip("/").replace("/", "\\")
            self.say(f"{moment:%Y-%m-%d %H:%M:%S} {attributes} {info.file_size:>12} {info.compress_size:>12}  {name}")
        size, packed = sum(one.file_size for one in chosen), sum(one.compress_size for one in chosen)
        self.say(f"{_LINE}\n{'':<25} {size:>12} {packed:>12}  {len(chosen)} files")

    def _extract(self, archive: zipfile.ZipFile, chosen: list[zipfile.ZipInfo]) -> None:
        files = self.process.host.files
        folder = paths.absolute(self.request.folder or ".", self.process.directory)
        seconds = archives.unpack_seconds(archive, len(self.data))
        for info in chosen:
            inside = info.filename.replace("/", "\\")
            if ".." in inside.split("\\") or paths.is_absolute(inside):
                raise NotModelled(f"how 7-Zip changes the path {info.filename}")
            if self.request.command == "e":
                if info.is_dir():
                    continue
                inside = paths.name_of(inside)
            target = paths.join(folder, inside.rstrip("\\"))
            self.process.sleep(seconds[info.filename])
            try:
                if info.is_dir():
                    files.make_directory(target)
                else:
                    self._write(archive, info, target)
            except Win32Failure as refused:
                self.errors += 1
                err(self.process, f"ERROR: Cannot open output file : {refused.message} : {target}")

    def _write(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: str) -> None:
        files = self.process.host.files
        try:
            content = archive.read(info)
        except (zipfile.BadZipFile, zlib.error):
            self.errors += 1
            err(self.process, f"ERROR: CRC Failed : {info.filename}")
            return
        if files.exists(target):
            if not self.request.overwrite:
                raise NotModelled("7-Zip's question whether to replace a file (give -y, -aoa, -aos or -aou)")
            if self.request.overwrite == "s":
                return
            if self.request.overwrite == "u":
                target = _free_name(self.process, target)
        files.make_directory(paths.parent(target))
        files.write(target, content)
        files.set_times(target, modified=datetime(*info.date_time, tzinfo=UTC))


def _free_name(process: Process, target: str) -> str:
    """name_1.txt, name_2.txt … as -aou gives."""
    stem, dot, suffix = paths.name_of(target).rpartition(".")
    number = 1
    while True:
        name = f"{stem}_{number}.{suffix}" if dot else f"{suffix}_{number}"
        found = paths.join(paths.parent(target), name)
        if not process.host.files.exists(found):
            return found
        number += 1
