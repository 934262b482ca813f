"""What all setup programs share: faults, triggers, the time they take, the uninstall entry, the restart."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.standins.build import installer_image, standin_of
from winbake.rehearsal.standins.model import Effects, StandIn, Version
from winbake.rehearsal.windows import images, paths
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.installers import effects as work
from winbake.rehearsal.windows.installers.effects import Context
from winbake.rehearsal.windows.process import Process

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost


@dataclass(frozen=True)
class Package:
    """What an installer's file carries: the stand-in, which version, and whether it is the uninstaller."""

    standin: StandIn
    version: Version
    role: str
    directory: str


def read_package(content: dict[str, Any]) -> Package:
    standin = standin_of(json.dumps(content["standin"]))
    return Package(standin, standin.version(content["version"]), content["role"], content["directory"])


def context_of(process: Process, package: Package, directory: str) -> Context:
    return Context(
        process.host, package.standin, package.version, directory, process.token.sid, dict(process.environment)
    )


def hang_if_told(process: Process, tool: str) -> None:
    """The fault installer_hangs."""
    if process.host.faults.take("installer_hangs", tool=tool) is not None:
        process.wait_for_ever("Setup")


def told_exit(host: WindowsHost, tool: str) -> int | None:
    """The exit code that a fault asks for instead of any work; None: none does."""
    if host.faults.take("installer_lies", tool=tool) is not None:
        return 0
    fault = host.faults.take("installer_exit", tool=tool)
    return int(fault.get("code", 1603)) if fault is not None else None


def refused(process: Process, context: Context) -> tuple[int, str] | None:
    """A trigger of the stand-in that ends the install: (exit code, message). One with a window hangs here."""
    arguments = process.command_line
    for index, trigger in enumerate(context.standin.triggers):
        if not work.trigger_holds(context, arguments, index):
            continue
        if trigger.window:
            process.wait_for_ever(context.fill(trigger.window))
        return trigger.exit_code or 0, context.fill(trigger.message)
    return None


def ended_early(process: Process, context: Context) -> int | None:
    """The exit code of an installer that a trigger or a fault ends before its work; None: it goes on."""
    stopped = refused(process, context)
    if stopped is not None:
        return stopped[0]
    told = told_exit(process.host, context.standin.id)
    if told is not None:
        take_time(process, context.standin.seconds.install / 4)
    return told


def take_time(process: Process, seconds: float) -> None:
    """The work goes on for so long; ending the process ends it with nothing done."""
    process.sleep(seconds)


def install(context: Context, parts: list[Effects], uninstaller: str | None) -> None:
    """Do all parts and write the uninstall entry (and the uninstaller's file). Raises Win32Failure; what was done
    until then is taken back."""
    host = context.host
    if work.needed_bytes(context, parts) > host.files.free_bytes(context.directory[:2]):
        raise Win32Failure(112, context.directory)
    done: list[Effects] = []
    try:
        for part in parts:
            done.append(part)
            work.apply(context, part)
        if uninstaller is not None:
            image = installer_image(context.standin, context.version, "uninstall", context.directory)
            host.files.make_directory(paths.parent(uninstaller))
            host.files.write(uninstaller, images.build_executable(image))
    except Win32Failure as failed:
        context.log.append(f"{failed.message} ({failed.code}): {failed.path}")
        for part in reversed(done):
            work.remove(context, part)
        raise


def parts_of(package: Package, arguments: str) -> list[Effects]:
    """What an inno, nsis or exe installer does for these arguments."""
    return [package.standin.install, *(one for one in package.standin.options if one.holds(arguments))]


def remove(context: Context) -> None:
    """Undo all that such an installer can have done."""
    features = reversed(context.standin.features.values())
    for part in [*reversed(context.standin.options), *features, context.standin.install]:
        work.remove(context, part)


def named_directory(package: Package, arguments: str) -> str:
    """The directory that the arguments name (`directory_argument`), or ''."""
    if not package.standin.directory_argument:
        return ""
    found = re.search(package.standin.directory_argument, arguments)
    return found[1].strip('"') if found is not None else ""


def restart_wanted(context: Context) -> bool:
    """Whether the installed program works only after a restart (by its nature, by a file in use, by a fault)."""
    fault = context.host.faults.take("reboot_required", tool=context.standin.id)
    return context.standin.needs_restart or context.pending_reboot or fault is not None


def restart(host: WindowsHost) -> None:
    """What an installer that restarts the machine by itself does; one that is under way already is enough."""
    try:
        host.reboot(1.0)
    except Win32Failure as refused:
        if refused.code not in (1115, 1190):
            raise


def entry_key(context: Context) -> str:
    uninstall = context.standin.uninstall
    return context.fill(uninstall.key) if uninstall is not None and uninstall.key else context.standin.name


def write_log(process: Process, path: str, lines: list[str], encoding: str) -> None:
    """Write an installer's log. Raises Win32Failure when the folder is missing."""
    full = paths.absolute(path, process.directory)
    if not process.host.files.is_directory(paths.parent(full)):
        raise Win32Failure(3, full)
    process.host.files.write(full, ("\r\n".join(lines) + "\r\n").encode(encoding))
