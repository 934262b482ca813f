"""java.exe and javaw.exe with -jar: a program with a window, as the jar's manifest says, or the launcher's complaint.

Texts and exit code 1: OpenJDK's launcher (src/java.base/share/native/libjli/emessages.h, the launcher's resources);
javaw has no console, so it shows them in a dialog. Class versions and class paths are not modelled.
"""

from __future__ import annotations

import zipfile

from winbake.rehearsal.windows import archives, paths
from winbake.rehearsal.windows.failures import NotModelled
from winbake.rehearsal.windows.native.console_text import err
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.programs import stand_in_program

FAILED = 1
DIALOG = "Java Virtual Machine Launcher"


@stand_in_program("java")
def java(process: Process) -> int:
    arguments = process.arguments[1:]
    while arguments and arguments[0].startswith(("-X", "-D")):
        arguments = arguments[1:]
    if len(arguments) < 2 or arguments[0] != "-jar":
        raise NotModelled(f"java {' '.join(process.arguments[1:])}")
    name = arguments[1]
    full = paths.absolute(name, process.directory)
    if not process.host.files.is_file(full):
        return _complain(process, f"Error: Unable to access jarfile {name}")
    try:
        with archives.open_zip(process.host.files.read(full)) as archive:
            manifest = archive.read("META-INF/MANIFEST.MF").decode("utf-8")
    except zipfile.BadZipFile:
        return _complain(process, f"Error: Invalid or corrupt jarfile {name}")
    except KeyError:
        manifest = ""
    values = dict(line.split(": ", 1) for line in manifest.splitlines() if ": " in line)
    main = values.get("Main-Class", "").strip()
    if not main:
        return _complain(process, f"no main manifest attribute, in {name}")
    process.sleep(1.0)  # assumed: what a small Swing program takes to show its window
    process.wait_for_ever(main.rpartition(".")[2])
    return 0


def _complain(process: Process, text: str) -> int:
    if process.image_name.lower() == "javaw.exe":
        process.wait_for_ever(DIALOG)
    err(process, text)
    return FAILED
