"""Programs about the machine: whoami, hostname, systeminfo, tasklist, taskkill, shutdown, setx, chcp, timeout."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.native.console_text import err, out
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.programs import program
from winbake.rehearsal.windows.registry import RegistryValue

_SYSTEM = "C:\\Windows\\System32\\"
LONGEST_SETX = 1024


@program(_SYSTEM + "whoami.exe")
def whoami(process: Process) -> int:
    arguments = [a.lower() for a in process.arguments[1:]]
    name = (process.host.accounts.name_of(process.token.sid) or process.token.user).lower()
    if not arguments:
        out(process, name if "\\" in name else f"{process.host.computer_name.lower()}\\{name}")
        return 0
    if arguments == ["/user"]:
        out(
            process,
            f"\nUSER INFORMATION\n----------------\n\nUser Name {'':<20} SID\n{'=' * 30} {'=' * 46}\n"
            f"{name:<30} {process.token.sid}",
        )
        return 0
    raise NotModelled(f"whoami {' '.join(arguments)}")


@program(_SYSTEM + "HOSTNAME.EXE")
def hostname(process: Process) -> int:
    out(process, process.host.computer_name)
    return 0


@program(_SYSTEM + "systeminfo.exe")
def systeminfo(process: Process) -> int:
    if len(process.arguments) > 1:
        raise NotModelled(f"systeminfo {' '.join(process.arguments[1:])}")
    process.sleep(3)
    host, release = process.host, process.host.release
    boot = host.boot_time.strftime("%m/%d/%Y, %I:%M:%S %p").lstrip("0")
    rows = [
        ("Host Name", host.computer_name),
        ("OS Name", release.caption),
        ("OS Version", f"10.0.{release.build} N/A Build {release.build}"),
        ("OS Manufacturer", "Microsoft Corporation"),
        ("OS Configuration", "Standalone Server"),
        ("OS Build Type", "Multiprocessor Free"),
        ("Registered Owner", "EC2"),
        ("Registered Organization", "Amazon.com"),
        ("System Boot Time", boot),
        ("System Manufacturer", "Amazon EC2"),
        ("System Type", "x64-based PC"),
        ("Windows Directory", "C:\\Windows"),
        ("System Directory", "C:\\Windows\\system32"),
        ("Boot Device", "\\Device\\HarddiskVolume1"),
        ("System Locale", "en-us;English (United States)"),
        ("Time Zone", "(UTC) Coordinated Universal Time"),
        ("Domain", "WORKGROUP"),
    ]
    out(process)
    for label, value in rows:
        out(process, f"{label + ':':<27}{value}")
    return 0


@program(_SYSTEM + "tasklist.exe")
def tasklist(process: Process) -> int:
    arguments = [a.lower() for a in process.arguments[1:]]
    wanted = _filter(process.arguments[1:])
    as_csv, bare = "csv" in arguments, "/nh" in arguments
    unknown = [a for a in arguments if a.startswith("/") and a not in ("/fo", "/nh", "/fi", "/v")]
    if unknown or ("/fo" in arguments and not as_csv and "table" not in arguments) or "/v" in arguments:
        raise NotModelled(f"tasklist {' '.join(arguments)}")
    found = [p for p in process.host.processes if wanted(p)]
    if not found:
        out(process, "INFO: No tasks are running which match the specified criteria.")
        return 0
    rows = [
        (p.image_name, str(p.id), "Services" if p.token.session == 0 else "Console", str(p.token.session), "9,000 K")
        for p in found
    ]
    if as_csv:
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        if not bare:
            writer.writerow(["Image Name", "PID", "Session Name", "Session#", "Mem Usage"])
        writer.writerows(rows)
        out(process, text.getvalue(), end="")
        return 0
    if not bare:
        out(process, "\nImage Name                     PID Session Name        Session#    Mem Usage")
        out(process, "========================= ======== ================ =========== ============")
    for image, process_id, session, number, memory in rows:
        out(process, f"{image[:25]:<25} {process_id:>8} {session:<16} {number:>11} {memory:>12}")
    return 0


@program(_SYSTEM + "taskkill.exe")
def taskkill(process: Process) -> int:
    """Exit 128 if there is no such process."""
    arguments = process.arguments[1:]
    low = [a.lower() for a in arguments]
    tree = "/t" in low
    unknown = [a for a in low if a.startswith("/") and a not in ("/f", "/t", "/pid", "/im", "/fi")]
    if unknown:
        raise NotModelled(f"taskkill {' '.join(arguments)}")
    found: list[Process] = []
    for index, word in enumerate(low[:-1]):
        value = arguments[index + 1]
        if word == "/pid":
            one = process.host.processes.get(int(value)) if value.isdigit() else None
            if one is None:
                err(process, f'ERROR: The process "{value}" not found.')
                return 128
            found.append(one)
        elif word == "/im":
            named = process.host.processes.named(value)
            if not named:
                err(process, f'ERROR: The process "{value}" not found.')
                return 128
            found += named
    for one in found:
        if tree:
            for child in _tree(one):
                child.kill()
                out(
                    process,
                    f"SUCCESS: The process with PID {child.id} (child process of PID {child.parent_id}) "
                    "has been terminated.",
                )
        if one.exit_code is None:
            one.kill()
        out(process, f"SUCCESS: The process with PID {one.id} has been terminated.")
    return 0


def _tree(process: Process) -> list[Process]:
    found: list[Process] = []
    for child in process.children():
        found += [*_tree(child), child]
    return found


def _filter(arguments: list[str]) -> Callable[[Process], bool]:
    for index, word in enumerate(arguments[:-1]):
        if word.lower() == "/fi":
            parts = arguments[index + 1].split()
            if len(parts) == 3 and parts[1].lower() == "eq" and parts[0].upper() in ("IMAGENAME", "PID"):
                field, value = parts[0].upper(), parts[2].lower()
                return lambda p: (p.image_name.lower() if field == "IMAGENAME" else str(p.id)) == value
            raise NotModelled(f"the filter {arguments[index + 1]!r}")
    return lambda p: True


@program(_SYSTEM + "shutdown.exe")
def shutdown(process: Process) -> int:
    """The exit code is the Win32 error, its text is on standard error."""
    low = [a.lower().replace("-", "/", 1) for a in process.arguments[1:]]
    delay = 30.0 if "/t" not in low else float(low[low.index("/t") + 1])
    known = {"/r", "/s", "/a", "/t", "/f", "/d", "/c", "/g"}
    if any(a.startswith("/") and a not in known for a in low) or not {"/r", "/s", "/a", "/g"} & set(low):
        raise NotModelled(f"shutdown {' '.join(low)}")
    try:
        if "/a" in low:
            process.host.abort_shutdown()
        elif "/s" in low:
            process.host.shutdown(delay)
        else:
            process.host.reboot(delay)
    except Win32Failure as failure:
        texts = {
            1115: "A system shutdown is in progress.",
            1116: "Unable to abort the system shutdown because no shutdown was in progress.",
            1190: "A system shutdown has already been scheduled.",
        }
        err(process, f"{texts.get(failure.code, failure.message)}({failure.code})")
        return failure.code
    return 0


@program(_SYSTEM + "setx.exe")
def setx(process: Process) -> int:
    """Writes a variable for future processes. More than 1,024 characters are cut, with exit 0."""
    words = [a for a in process.arguments[1:] if not a.startswith("/")]
    machine = any(a.lower() == "/m" for a in process.arguments[1:])
    if len(words) != 2:
        err(process, 'ERROR: Invalid syntax.\nType "SETX /?" for usage.')
        return 1
    name, value = words
    if len(value) > LONGEST_SETX:
        out(process, "\nWARNING: The data being saved is truncated to 1024 characters.\n")
        value = value[:LONGEST_SETX]
    kind = 2 if "%" in value else 1
    registry = process.host.registry
    if machine:
        key = registry.create(r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment")
    else:
        key = registry.create(r"HKEY_CURRENT_USER\Environment", sid=process.token.sid)
    old: RegistryValue | None = key.get(name)
    key.set(name, old.kind if old is not None and old.kind == 2 else kind, value)
    out(process, "\nSUCCESS: Specified value was saved.")
    return 0


@program(_SYSTEM + "chcp.com")
def chcp(process: Process) -> int:
    """Shows the code page. A change would be the console's; without one it ends with this process."""
    if len(process.arguments) > 1:
        page = process.arguments[1]
        if page not in ("437", "65001", "1252", "850"):
            out(process, "Invalid code page")
            return 1
        process.code_page = int(page)
    out(process, f"Active code page: {process.code_page}")
    return 0


@program(_SYSTEM + "timeout.exe")
def timeout(process: Process) -> int:
    """Refuses redirected input, as it does over WinRM."""
    err(process, "ERROR: Input redirection is not supported, exiting the process immediately.")
    return 1
