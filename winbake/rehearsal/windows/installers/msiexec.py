"""msiexec.exe: reads its command line, runs the installer service's work, writes the log."""

from __future__ import annotations

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.failures import message_for
from winbake.rehearsal.windows.installers import msi, msi_arguments
from winbake.rehearsal.windows.process import Process, program

BAD_COMMAND_LINE = 1639
USAGE = (
    "Windows ® Installer. V 5.0\r\n\r\nmsiexec /Option <Required Parameter> [Optional Parameter]\r\n\r\n"
    "Install: </package | /i> <Product.msi>   Uninstall: </uninstall | /x> <Product.msi | ProductCode>\r\n"
    "Display: /quiet /passive /q[n|b|r|f]   Restart: /norestart /promptrestart /forcerestart\r\n"
    "Logging: /l[i|w|e|a|r|u|c|m|o|p|v|x|+|!|*] <LogFile>   Repair: /f[p|e|c|m|s|o|d|a|u|v] <Product>\r\n"
    "Setting public properties: [PROPERTY=PropertyValue]\r\n"
)


@program(r"C:\Windows\System32\msiexec.exe", r"C:\Windows\SysWOW64\msiexec.exe")
def main(process: Process) -> int:
    """Exit code: a Windows Installer error code, 0 or 3010."""
    try:
        arguments = msi_arguments.parse(process.command_line)
    except msi_arguments.BadCommandLine:
        # A window on a desktop; with redirected output it writes the text as UTF-16 (windows_facts.md section 6).
        process.stdout.write(USAGE.encode("utf-16-le"))
        return BAD_COMMAND_LINE
    run = msi.Run(process, arguments)
    if arguments.log:
        log_file = paths.absolute(arguments.log, process.directory)
        if not process.host.files.is_directory(paths.parent(log_file)):
            if arguments.ui > msi_arguments.NONE:
                process.wait_for_ever("Windows Installer")
            return msi.LOG_FAILURE
    run.say(f"Command line: {process.command_line}")
    code = msi.run(run)
    if arguments.log:
        _write_log(process, log_file, run, code)
    if (
        code in (msi.NOT_OPENED, msi.NOT_A_PACKAGE, msi.UNKNOWN_PRODUCT, msi.FATAL)
        and arguments.ui > msi_arguments.NONE
    ):
        process.wait_for_ever("Windows Installer")
    if arguments.modal_at_end:
        process.wait_for_ever("Windows Installer")
    return code


def _write_log(process: Process, path: str, run: msi.Run, code: int) -> None:
    """UTF-16LE with a byte order mark, as Windows Installer writes it."""
    now = process.host.clock.now()
    stamp = f"{now.month}/{now.day}/{now.year}  {now:%H:%M:%S}"
    verbose = "v" in run.arguments.log_flags.lower() or "*" in run.arguments.log_flags
    kept = run.log if verbose else [line for line in run.log if "Product:" in line or "Error" in line]
    lines = [
        f"=== {'Verbose logging' if verbose else 'Logging'} started: {stamp}  Build type: SHIP UNICODE 5.00.10011.00  "
        f"Calling process: {process.path} ===",
        *kept,
    ]
    if code not in (msi.SUCCESS, msi.RESTART_NEEDED, msi.RESTARTING):
        lines.append(f"MSI (s) [{now:%H:%M:%S}:000]: {message_for(code)}")
    lines.append(f"MSI (s) [{now:%H:%M:%S}:000]: MainEngineThread is returning {code}")
    lines.append(f"=== {'Verbose logging' if verbose else 'Logging'} stopped: {stamp} ===")
    append = "+" in run.arguments.log_flags and process.host.files.is_file(path)
    text = "\r\n".join(lines) + "\r\n"
    process.host.files.write(path, (text if append else "\ufeff" + text).encode("utf-16-le"), append=append)
