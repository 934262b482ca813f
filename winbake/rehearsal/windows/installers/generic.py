"""Other setup programs: silent with the arguments their stand-in names, a dialog with any others."""

from __future__ import annotations

import re

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.installers import effects as work
from winbake.rehearsal.windows.installers import nsis, setup
from winbake.rehearsal.windows.installers.setup import Package
from winbake.rehearsal.windows.process import Process

FAILED = 1
BUSY = 1618


def install(process: Process, package: Package) -> int:
    """Run the installer; its exit code."""
    standin = package.standin
    arguments = process.command_line
    setup.hang_if_told(process, standin.id)
    if standin.silent_unknown or not all(re.search(pattern, arguments) for pattern in standin.silent):
        process.wait_for_ever(f"{standin.name} Setup")
    directory = setup.named_directory(package, arguments) or standin.default_directory(package.version)
    context = setup.context_of(process, package, "")
    context.directory = paths.absolute(context.fill(directory), process.directory)
    ended = setup.ended_early(process, context)
    if ended is not None:
        return ended
    if not standin.wraps_msi:
        return _work(process, package, context)
    # The package inside is run by Windows Installer, one at a time on the machine.
    executing = process.host.packages.executing
    if not executing.acquire(blocking=False):
        return BUSY
    try:
        return _work(process, package, context)
    finally:
        executing.release()


def _work(process: Process, package: Package, context: work.Context) -> int:
    setup.take_time(process, package.standin.seconds.install)
    try:
        setup.install(context, setup.parts_of(package, process.command_line), _uninstaller(package, context))
    except Win32Failure:
        return FAILED
    if package.standin.uninstall is not None:
        nsis.write_entry(context, _uninstaller(package, context) or "")
    return 3010 if setup.restart_wanted(context) else 0


def uninstall(process: Process, package: Package) -> int:
    """Run the uninstaller; its exit code."""
    standin, context = package.standin, setup.context_of(process, package, package.directory)
    if not all(re.search(pattern, process.command_line) for pattern in standin.silent):
        process.wait_for_ever(f"{standin.name} Uninstall")
    setup.take_time(process, standin.seconds.uninstall)
    setup.remove(context)
    if process.image_lock is not None:
        process.host.files.unlock(process.image_lock)
    uninstall_entry = standin.uninstall
    if uninstall_entry is not None:
        own = _uninstaller(package, context)
        if own is not None and process.host.files.is_file(own):
            process.host.files.delete(own)
        user = context.sid if uninstall_entry.hive == "HKCU" else ""
        process.host.packages.delete_entry(setup.entry_key(context), uninstall_entry.view, user)
    return 0


def _uninstaller(package: Package, context: work.Context) -> str | None:
    uninstall_entry = package.standin.uninstall
    if uninstall_entry is None or not uninstall_entry.uninstaller:
        return None
    return context.path(uninstall_entry.uninstaller)
