"""CreateProcess: which file a command line names, and what running that file means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from winbake.rehearsal.windows import command_line as command_lines
from winbake.rehearsal.windows import images, paths, programs
from winbake.rehearsal.windows.environment import EnvironmentBlock
from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.process import Job, Process, Token
from winbake.rehearsal.windows.streams import ByteReader, ByteWriter, Pipe

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

SYSTEM_FOLDERS = (r"C:\Windows\System32", r"C:\Windows\System", r"C:\Windows")
BATCH = (".bat", ".cmd")
COMMAND_PROCESSOR = r"C:\Windows\System32\cmd.exe"


def search(host: WindowsHost, name: str, directory: str, path: str = "", near: str = "") -> str | None:
    """The file that CreateProcess runs for a module name: beside the parent (`near`, a folder), in the current
    directory, the system's folders, then `path` (the PATH variable). `.exe` is added to a name without a dot."""
    if "." not in paths.name_of(name.replace("/", "\\")):
        name += ".exe"
    if "\\" in name or "/" in name or ":" in name:
        full = paths.absolute(name, directory)
        return full if host.files.is_file(full) else None
    folders = [near, directory, *SYSTEM_FOLDERS, *(part.strip().strip('"') for part in path.split(";"))]
    for folder in folders:
        if folder and paths.is_absolute(folder) and host.files.is_file(paths.join(folder, name)):
            entry = host.files.entry(paths.join(folder, name))
            return entry.full_path if entry else None
    return None


def launch(
    host: WindowsHost,
    command_line: str,
    *,
    application: str | None = None,
    environment: Mapping[str, str] | None = None,
    directory: str | None = None,
    stdin: ByteReader | Pipe | bytes | None = None,
    stdout: ByteWriter | Pipe | Callable[[bytes], None] | None = None,
    stderr: ByteWriter | Pipe | Callable[[bytes], None] | None = None,
    token: Token | None = None,
    parent: Process | None = None,
    job: Job | None = None,
    breakaway: bool = False,
    code_page: int | None = None,
) -> Process:
    """Start a process on its own thread. Raises Win32Failure: 2 (no such file), 87, 193 (not a program), 267 (no such
    directory), 1115 (shutting down), 206 (command line over 32,767 characters); NotModelled for a program that
    Windows has and the rehearsal does not."""
    if not host.accepts_processes:
        raise Win32Failure(1115, command_line)
    if len(command_line) > 32_767:
        raise Win32Failure(206, command_line[:60])
    token = token or (parent.token if parent else host.default_token)
    if environment is None:
        environment = parent.environment if parent else host.environment.block(token)
    block = EnvironmentBlock(environment)
    directory = paths.absolute(directory) if directory else (parent.directory if parent else "C:\\Windows\\System32")
    if not host.files.is_directory(directory):
        raise Win32Failure(267, directory)
    file = _file(host, command_line, application, directory, block, parent)
    if file.lower().endswith(BATCH):
        command_line = f'{COMMAND_PROCESSOR} /c "{command_line}"'
        file = COMMAND_PROCESSOR
    refused = host.faults.take("process_start_fails", program=paths.name_of(file))
    if refused is not None:
        raise Win32Failure(int(refused.get("code", 5)), file)
    body = _body(host, file)
    process = Process(
        host=host,
        id=host.processes.new_id(),
        parent_id=parent.id if parent else 0,
        path=file,
        command_line=command_line or command_lines.quote(file),
        environment=block,
        directory=directory,
        token=token,
        started=host.clock.now(),
        stdin=stdin if isinstance(stdin, ByteReader) else ByteReader(stdin),
        stdout=stdout if isinstance(stdout, ByteWriter) else ByteWriter(stdout),
        stderr=stderr if isinstance(stderr, ByteWriter) else ByteWriter(stderr),
        code_page=code_page or (parent.code_page if parent else 437),
    )
    if parent is not None:
        process.jobs.extend(one for one in parent.jobs if not (breakaway and one.breakaway_ok))
    if job is not None:
        process.jobs.append(job)
    for one in process.jobs:
        one.add(process)
    process.image_lock = host.files.lock(file, share_read=True, share_write=True, share_delete=True, image=True)
    host.processes.run(process, body)
    return process


def _file(
    host: WindowsHost,
    command_line: str,
    application: str | None,
    directory: str,
    block: EnvironmentBlock,
    parent: Process | None,
) -> str:
    if application is not None:
        full = paths.absolute(application, directory)
        if not host.files.is_file(full):
            raise Win32Failure(5 if host.files.is_directory(full) else 2, application)
        return full
    near = paths.parent(parent.path) if parent else ""
    for name in command_lines.candidates(command_line):
        found = search(host, name, directory, block.get("PATH", ""), near)
        if found is not None:
            return found
    names = command_lines.candidates(command_line)
    if names and "\\" in names[0] and host.files.is_directory(paths.absolute(names[0], directory)):
        raise Win32Failure(5, names[0])
    raise Win32Failure(2, names[0] if names else command_line)


def _body(host: WindowsHost, file: str) -> programs.Program:
    """What running a file does."""
    data = host.files.read(file)
    if not images.is_executable(data):
        raise Win32Failure(193, file)
    image = images.read_image(data)
    if image is None:
        raise NotModelled(f"the program {file}: its bytes are not a stand-in's")
    if image.program:
        built_in = programs.PROGRAMS.get(image.program.lower())
        if built_in is None:
            raise NotModelled(f"the program {image.program}")
        return built_in
    if image.package is not None:
        from winbake.rehearsal.windows.installers import run_installer

        return lambda process: run_installer(process, image)
    return lambda process: behave(process, image)


def behave(process: Process, image: images.Image) -> int:
    """Run a stand-in program: the first row of its behaviour that matches the arguments answers."""
    arguments = " ".join(process.arguments[1:])
    for row in image.behaviour:
        found = re.search(row.when, arguments)
        if found is None:
            continue
        if row.listening is not None and row.listening != (process.host.network.owner(int(found[1])) is not None):
            continue
        if row.program:
            built_in = programs.STAND_IN_PROGRAMS.get(row.program)
            if built_in is None:
                raise NotModelled(f"the program {row.program} of {process.path}")
            return built_in(process)
        process.sleep(row.seconds)
        process.stdout.write(_console_text(row.stdout, process))
        process.stderr.write(_console_text(row.stderr, process))
        if row.waits:
            process.host.network.listen(process, image.ports)
            process.wait_for_ever(row.window)
        return row.exit_code
    raise NotModelled(f"{process.path} {arguments}".rstrip())


def _console_text(text: str, process: Process) -> bytes:
    return process.environment.expand(text).replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8")
