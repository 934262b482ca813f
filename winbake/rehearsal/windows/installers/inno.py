"""Inno Setup's installers and uninstallers: switches, exit codes, the uninstall entry.

Switches and codes: jrsoftware/issrc ISHelp/isetup.xml (windows_facts.md section 6). Unknown switches are ignored, so
a wrong silent switch opens the wizard and waits.
"""

from __future__ import annotations

from dataclasses import dataclass

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.installers import effects as work
from winbake.rehearsal.windows.installers import setup
from winbake.rehearsal.windows.installers.effects import Context
from winbake.rehearsal.windows.installers.setup import Package
from winbake.rehearsal.windows.process import Process

OK, INIT_FAILED, FATAL_BEFORE, FATAL_DURING, ABORTED, PREPARE_REFUSED = 0, 1, 3, 4, 5, 7
LOG_ENCODING = "utf-8-sig"


@dataclass(frozen=True)
class Switches:
    """The switches that were given (names upper case, without the slash)."""

    given: dict[str, str]

    @property
    def silent(self) -> bool:
        return "SILENT" in self.given or "VERYSILENT" in self.given

    @property
    def suppressed(self) -> bool:
        return self.silent and "SUPPRESSMSGBOXES" in self.given

    def has(self, name: str) -> bool:
        return name in self.given


def switches_of(process: Process) -> Switches:
    given: dict[str, str] = {}
    for argument in process.arguments[1:]:
        if argument.startswith("/"):
            name, _, value = argument[1:].partition("=")
            given[name.upper()] = value.strip('"')
    return Switches(given)


def install(process: Process, package: Package) -> int:
    """Run the installer; its exit code."""
    host, switches = process.host, switches_of(process)
    title = f"Setup - {package.standin.name}"
    directory = switches.given.get("DIR") or package.standin.default_directory(package.version)
    context = setup.context_of(process, package, paths.absolute(directory, process.directory))
    context.log.append(f"Setup version: Inno Setup, {package.standin.name} {package.version.version}")
    context.log.append(f"Setup command line: {process.command_line}")
    setup.hang_if_told(process, package.standin.id)
    stopped = setup.refused(process, context)
    if stopped is not None:
        context.log.append(stopped[1])
        return _end(process, context, switches, stopped[0])
    if not switches.silent:
        process.wait_for_ever(title)
    if switches.has("LOG") and switches.given["LOG"]:
        log_file = paths.absolute(switches.given["LOG"], process.directory)
        if not host.files.is_directory(paths.parent(log_file)):
            if not switches.suppressed:
                process.wait_for_ever("Setup")
            return INIT_FAILED
    told = setup.told_exit(host, package.standin.id)
    if told is not None:
        setup.take_time(process, package.standin.seconds.install / 4)
        context.log.append("Installation process failed." if told else "Installation process succeeded.")
        return _end(process, context, switches, told)
    setup.take_time(process, package.standin.seconds.install)
    uninstaller = paths.join(context.directory, "unins000.exe")
    try:
        setup.install(context, setup.parts_of(package, process.command_line), uninstaller)
    except Win32Failure as failed:
        if not switches.suppressed:
            process.wait_for_ever(f"{title} - error {failed.code}")
        context.log.append("Fatal exception during installation process.")
        return _end(process, context, switches, FATAL_DURING)
    _write_entry(context, uninstaller)
    context.log.append("Installation process succeeded.")
    if setup.restart_wanted(context):
        context.log.append("Need to restart Windows? Yes")
        if not switches.has("NORESTART") and (switches.has("VERYSILENT") or switches.suppressed):
            _end(process, context, switches, OK)
            setup.restart(host)
            return OK
        if not switches.has("NORESTART"):
            process.wait_for_ever(title)
        code = switches.given.get("RESTARTEXITCODE", "0")
        return _end(process, context, switches, int(code) if code.isdigit() else OK)
    context.log.append("Need to restart Windows? No")
    return _end(process, context, switches, OK)


def uninstall(process: Process, package: Package) -> int:
    """Run unins000.exe; its exit code. Any but 0 means that not all was done."""
    switches = switches_of(process)
    context = setup.context_of(process, package, package.directory)
    description = package.standin.uninstall
    assert description is not None
    setup.hang_if_told(process, package.standin.id)
    if not switches.silent:
        process.wait_for_ever(f"{package.standin.name} Uninstall")
    told = setup.told_exit(process.host, package.standin.id)
    if told is not None:
        return told
    setup.take_time(process, package.standin.seconds.uninstall)
    setup.remove(context)
    # The running uninstaller was copied to TEMP first, so its own file can go.
    _remove_own_file(process, paths.join(package.directory, "unins000.exe"))
    for extra in description.removes:
        if process.host.files.exists(context.path(extra)):
            process.host.files.delete(context.path(extra), recursive=True)
    work.delete_if_empty(context, package.directory)
    process.host.packages.delete_entry(_key(context), description.view)
    return OK


def _remove_own_file(process: Process, path: str) -> None:
    if process.image_lock is not None:
        process.host.files.unlock(process.image_lock)
    if process.host.files.is_file(path):
        process.host.files.delete(path)


def _key(context: Context) -> str:
    key = setup.entry_key(context)
    return key if key.endswith("_is1") else key + "_is1"


def _write_entry(context: Context, uninstaller: str) -> None:
    uninstall = context.standin.uninstall
    assert uninstall is not None
    parts = [int(part) if part.isdigit() else 0 for part in (context.version.version + ".0.0").split(".")]
    folder = context.directory + "\\"
    context.host.packages.write_entry(
        _key(context),
        uninstall.view,
        {
            "Inno Setup: Setup Version": "5.5.8 (u)",
            "Inno Setup: App Path": context.directory,
            "InstallLocation": folder,
            "Inno Setup: Icon Group": "(Default)",
            "Inno Setup: User": context.environment.get("USERNAME", "SYSTEM"),
            "Inno Setup: Language": "default",
            "DisplayName": context.fill(uninstall.display_name),
            "UninstallString": f'"{uninstaller}"',
            "QuietUninstallString": f'"{uninstaller}" /SILENT',
            "DisplayVersion": context.fill(uninstall.display_version),
            "Publisher": uninstall.publisher,
            "NoModify": 1,
            "NoRepair": 1,
            "InstallDate": context.values["date"],
            "MajorVersion": parts[0],
            "MinorVersion": parts[1],
            "VersionMajor": parts[0],
            "VersionMinor": parts[1],
            "EstimatedSize": uninstall.estimated_size,
            **{name: context.fill(data) if isinstance(data, str) else data for name, data in uninstall.extra.items()},
        },
    )


def _end(process: Process, context: Context, switches: Switches, code: int) -> int:
    if switches.has("LOG"):
        name = switches.given["LOG"] or paths.join(
            process.environment.get("TEMP", r"C:\Windows\Temp"),
            f"Setup Log {process.host.clock.now():%Y-%m-%d} #001.txt",
        )
        moment = f"{process.host.clock.now():%Y-%m-%d %H:%M:%S}.000"
        lines = [f"{moment}   {line}" for line in [*context.log, f"Setup exit code: {code}", "Log closed."]]
        setup.write_log(process, name, lines, LOG_ENCODING)
    return code
