"""NSIS installers: /S (capital), /D= last and unquoted, uninstallers that return before they have worked.

Sources: kichik/nsis Docs/src usage.but, usefulinfos.but (windows_facts.md section 6).
"""

from __future__ import annotations

import threading

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.installers import effects as work
from winbake.rehearsal.windows.installers import setup
from winbake.rehearsal.windows.installers.effects import Context
from winbake.rehearsal.windows.installers.setup import Package
from winbake.rehearsal.windows.process import Process

OK, USER_ABORT, SCRIPT_ABORT = 0, 1, 2


def install(process: Process, package: Package) -> int:
    """Run the installer; its exit code."""
    standin = package.standin
    directory = _directory_argument(process.command_line) or setup.named_directory(package, process.command_line)
    context = setup.context_of(process, package, "")
    context.directory = context.fill(directory or standin.default_directory(package.version))
    setup.hang_if_told(process, standin.id)
    if "/S" not in process.arguments[1:]:
        process.wait_for_ever(f"{standin.name} Setup")
    ended = setup.ended_early(process, context)
    if ended is not None:
        return ended
    setup.take_time(process, standin.seconds.install)
    uninstaller = context.path(standin.uninstall.uninstaller or "uninst.exe") if standin.uninstall else None
    try:
        context.directory = paths.absolute(context.directory)
        setup.install(context, setup.parts_of(package, process.command_line), uninstaller)
    except Win32Failure:
        return SCRIPT_ABORT
    if uninstaller is not None:
        write_entry(context, uninstaller)
    setup.restart_wanted(context)  # silent NSIS scripts set the reboot flag and say nothing
    return OK


def uninstall(process: Process, package: Package) -> int:
    """Run the uninstaller: without `_?=` it starts a copy in TEMP and returns at once."""
    if "/S" not in process.arguments[1:]:
        process.wait_for_ever(f"{package.standin.name} Uninstall")
    stays = any(argument.startswith("_?=") for argument in process.arguments)
    context = setup.context_of(process, package, package.directory)
    if stays:
        setup.take_time(process, package.standin.seconds.uninstall)
        _remove(context, keep_own_file=True)
        return OK

    def work_on() -> None:
        process.host.clock.sleep(package.standin.seconds.uninstall)
        _remove(context, keep_own_file=False)

    threading.Thread(target=work_on, name="Au_.exe", daemon=True).start()
    return OK


def _remove(context: Context, keep_own_file: bool) -> None:
    uninstall = context.standin.uninstall
    assert uninstall is not None
    setup.remove(context)
    own = context.path(uninstall.uninstaller or "uninst.exe")
    if not keep_own_file and context.host.files.is_file(own):
        context.host.files.delete(own)
    for extra in uninstall.removes:
        if context.host.files.exists(context.path(extra)):
            context.host.files.delete(context.path(extra), recursive=True)
    work.delete_if_empty(context, paths.parent(own))
    work.delete_if_empty(context, context.directory)
    user = context.sid if uninstall.hive == "HKCU" else ""
    context.host.packages.delete_entry(setup.entry_key(context), uninstall.view, user)


def _directory_argument(command_line: str) -> str:
    """What follows ` /D=`: all of the rest of the command line, quotes and blanks as they are."""
    _, found, rest = command_line.partition(" /D=")
    return rest.strip() if found else ""


def write_entry(context: Context, uninstaller: str) -> None:
    uninstall = context.standin.uninstall
    assert uninstall is not None
    values: dict[str, str | int] = {
        "DisplayName": context.fill(uninstall.display_name),
        "DisplayVersion": context.fill(uninstall.display_version),
        "UninstallString": f'"{uninstaller}"',
    }
    if uninstall.publisher:
        values["Publisher"] = uninstall.publisher
    if uninstall.estimated_size:
        values["EstimatedSize"] = uninstall.estimated_size
    values |= {name: context.fill(data) if isinstance(data, str) else data for name, data in uninstall.extra.items()}
    user = context.sid if uninstall.hive == "HKCU" else ""
    if uninstall.replaces_same_place:
        for entry in list(context.host.packages):
            place = str(entry.values.get("InstallLocation", ""))
            if entry.user == user and place and place.rstrip("\\").lower() == context.directory.rstrip("\\").lower():
                context.host.packages.delete_entry(entry.key, entry.view, user)
    context.host.packages.write_entry(setup.entry_key(context), uninstall.view, values, user)
