"""sc.exe, and net.exe for services and accounts. sc ends with the Win32 code, all its text on standard output."""

from __future__ import annotations

from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.native.console_text import err, out
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.programs import program
from winbake.rehearsal.windows.services import RUNNING, STOPPED, Service

STATES = {
    1: "STOPPED",
    2: "START_PENDING",
    3: "STOP_PENDING",
    4: "RUNNING",
    5: "CONTINUE_PENDING",
    6: "PAUSE_PENDING",
    7: "PAUSED",
}
TYPES = {1: "KERNEL_DRIVER", 2: "FILE_SYSTEM_DRIVER", 16: "WIN32_OWN_PROCESS", 32: "WIN32_SHARE_PROCESS"}
STARTS = {0: "BOOT_START", 1: "SYSTEM_START", 2: "AUTO_START", 3: "DEMAND_START", 4: "DISABLED"}
ERROR_CONTROLS = ("IGNORE", "NORMAL", "SEVERE", "CRITICAL")
START_WORDS = {"boot": 0, "system": 1, "auto": 2, "delayed-auto": 2, "demand": 3, "disabled": 4}


@program(r"C:\Windows\System32\sc.exe")
def sc(process: Process) -> int:
    arguments = process.arguments[1:]
    if arguments and arguments[0].startswith("\\\\"):
        raise NotModelled("sc of another machine")
    verb = arguments[0].lower() if arguments else ""
    verbs = {
        "query": _query, "queryex": _query, "qc": _configuration, "create": _create, "config": _configure,
        "delete": _delete, "start": _start, "stop": _stop, "description": _describe,
    }  # fmt: skip
    if verb not in verbs:
        raise NotModelled(f"sc {' '.join(arguments)}")
    try:
        return verbs[verb](process, arguments[1:])
    except _Failed as failed:
        failure = failed.failure
        out(process, f"[SC] {failed.call} FAILED {failure.code}:\n\n{failure.message}\n")
        return failure.code


class _Failed(Exception):
    def __init__(self, call: str, failure: Win32Failure) -> None:
        super().__init__(call)
        self.call = call
        self.failure = failure


def _must(process: Process, name: str, call: str) -> Service:
    try:
        return process.host.services.must(name)
    except Win32Failure as failure:
        raise _Failed(call, failure) from None


def _query(process: Process, arguments: list[str]) -> int:
    if not arguments or any("=" in a for a in arguments):
        raise NotModelled("sc query of all services")
    service = _must(process, arguments[0], "EnumQueryServicesStatus:OpenService")
    out(process, _status(service))
    return 0


def _status(service: Service, pid: bool = False) -> str:
    flags = (
        "(STOPPABLE, NOT_PAUSABLE, ACCEPTS_SHUTDOWN)"
        if service.can_stop
        else "(NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)"
    )
    lines = [
        "",
        f"SERVICE_NAME: {service.name} ",
        f"        TYPE               : {service.service_type:x}  {TYPES.get(service.service_type, '')}  ",
        f"        STATE              : {service.status}  {STATES[service.status]} ",
        f"                                {flags}",
        f"        WIN32_EXIT_CODE    : {service.exit_code}  (0x{service.exit_code:x})",
        f"        SERVICE_EXIT_CODE  : {service.specific_exit_code}  (0x{service.specific_exit_code:x})",
        "        CHECKPOINT         : 0x0",
        "        WAIT_HINT          : 0x0",
    ]
    if pid:
        lines += [f"        PID                : {service.process_id}", "        FLAGS              : "]
    return "\n".join(lines)


def _configuration(process: Process, arguments: list[str]) -> int:
    service = _must(process, arguments[0], "OpenService")
    delayed = "  (DELAYED)" if service.delayed else ""
    dependencies = list(service.dependencies) or [""]
    lines = [
        "[SC] QueryServiceConfig SUCCESS",
        "",
        f"SERVICE_NAME: {service.name}",
        f"        TYPE               : {service.service_type:x}  {TYPES.get(service.service_type, '')} ",
        f"        START_TYPE         : {service.start_type}   {STARTS[service.start_type]}{delayed}",
        f"        ERROR_CONTROL      : {service.error_control}   {ERROR_CONTROLS[service.error_control]}",
        f"        BINARY_PATH_NAME   : {service.image_path}  ",
        f"        LOAD_ORDER_GROUP   : {service.load_order_group}",
        "        TAG                : 0  ",
        f"        DISPLAY_NAME       : {service.display_name}",
        f"        DEPENDENCIES       : {dependencies[0]}",
        *(f"                           : {d}" for d in dependencies[1:]),
        f"        SERVICE_START_NAME : {service.account}",
    ]
    out(process, "\n".join(lines))
    return 0


def _options(arguments: list[str]) -> dict[str, str]:
    """`start= auto`: the name ends with the equal sign, the value is the next word."""
    options: dict[str, str] = {}
    at = 0
    while at < len(arguments):
        name, equals, value = arguments[at].partition("=")
        if not equals:
            raise NotModelled(f"sc {arguments[at]}")
        if not value and at + 1 < len(arguments):
            at += 1
            value = arguments[at]
        options[name.lower()] = value
        at += 1
    return options


def _create(process: Process, arguments: list[str]) -> int:
    options = _options(arguments[1:])
    start = options.get("start", "demand").lower()
    unknown = set(options) - {"start", "binpath", "displayname", "depend", "obj", "password", "type", "error"}
    if unknown or start not in START_WORDS or options.get("type", "own") not in ("own", "share"):
        raise NotModelled(f"sc create {arguments[1:]}")
    try:
        process.host.services.create(
            arguments[0],
            options.get("binpath", ""),
            display_name=options.get("displayname"),
            start_type=START_WORDS[start],
            delayed=start == "delayed-auto",
            account=options.get("obj", "LocalSystem"),
            dependencies=[d for d in options.get("depend", "").split("/") if d],
        )
    except Win32Failure as failure:
        raise _Failed("CreateService", failure) from None
    out(process, "[SC] CreateService SUCCESS")
    return 0


def _configure(process: Process, arguments: list[str]) -> int:
    _must(process, arguments[0], "OpenService")
    options = _options(arguments[1:])
    changes: dict[str, object] = {}
    if "start" in options:
        word = options["start"].lower()
        if word not in START_WORDS:
            raise NotModelled(f"sc config start= {word}")
        changes |= {"start_type": START_WORDS[word], "delayed": word == "delayed-auto"}
    names = {"binpath": "image_path", "displayname": "display_name", "obj": "account"}
    for name, value in options.items():
        if name in names:
            changes[names[name]] = value
        elif name == "depend":
            changes["dependencies"] = [d for d in value.split("/") if d]
        elif name not in ("start", "password"):
            raise NotModelled(f"sc config {name}=")
    try:
        process.host.services.configure(arguments[0], **changes)  # type: ignore[arg-type]
    except Win32Failure as failure:
        raise _Failed("ChangeServiceConfig", failure) from None
    out(process, "[SC] ChangeServiceConfig SUCCESS")
    return 0


def _describe(process: Process, arguments: list[str]) -> int:
    _must(process, arguments[0], "OpenService")
    process.host.services.configure(arguments[0], description=arguments[1] if len(arguments) > 1 else "")
    out(process, "[SC] ChangeServiceConfig2 SUCCESS")
    return 0


def _delete(process: Process, arguments: list[str]) -> int:
    _must(process, arguments[0], "OpenService")
    try:
        process.host.services.delete(arguments[0])
    except Win32Failure as failure:
        raise _Failed("DeleteService", failure) from None
    out(process, "[SC] DeleteService SUCCESS")
    return 0


def _start(process: Process, arguments: list[str]) -> int:
    _must(process, arguments[0], "StartService: OpenService")
    try:
        process.host.services.start(arguments[0], arguments[1:])
    except Win32Failure as failure:
        raise _Failed("StartService", failure) from None
    out(process, _status(process.host.services.must(arguments[0]), pid=True))
    return 0


def _stop(process: Process, arguments: list[str]) -> int:
    _must(process, arguments[0], "OpenService")
    try:
        process.host.services.stop(arguments[0])
    except Win32Failure as failure:
        raise _Failed("ControlService", failure) from None
    out(process, _status(process.host.services.must(arguments[0])))
    return 0


# ---- net.exe --------------------------------------------------------------------------------------------

COMPLETED = "The command completed successfully.\n"
# Error → (text, number of the help message), as net shows them.
_NET_TEXTS = {
    2221: ("The user name could not be found.", 2221),
    2224: ("The account already exists.", 2224),
    2182: ("The requested service has already been started.", 2182),
    3521: ("The {0} service is not started.", 3521),
    2185: ("The service name is invalid.", 2185),
    1378: ("The specified account name is already a member of the group.", 0),
    2245: ("The password does not meet the password policy requirements. Check the minimum password length, password "
           "complexity and password history requirements.", 2245),
}  # fmt: skip


@program(r"C:\Windows\System32\net.exe", r"C:\Windows\System32\net1.exe")
def net(process: Process) -> int:
    """`net start|stop|user|localgroup`. Failure is exit 2."""
    arguments = process.arguments[1:]
    verbs = {"start": _net_start, "stop": _net_stop, "user": _net_user, "localgroup": _net_group}
    verb = arguments[0].lower() if arguments else ""
    if verb not in verbs:
        raise NotModelled(f"net {verb}")
    return verbs[verb](process, arguments[1:])


def _net_fails(process: Process, code: int, *values: str) -> int:
    text, help_number = _NET_TEXTS.get(code, ("", 0))
    if not text or not help_number:
        err(process, f"System error {code} has occurred.\n\n{text or Win32Failure(code).message}\n")
    else:
        err(process, f"{text.format(*values)}\n\nMore help is available by typing NET HELPMSG {help_number}.\n")
    return 2


def _service_named(process: Process, name: str) -> Service | None:
    return process.host.services.get(name) or process.host.services.by_display_name(name)


def _net_start(process: Process, arguments: list[str]) -> int:
    if not arguments:
        out(process, "These Windows services are started:\n")
        for service in sorted(
            (s for s in process.host.services if s.status == RUNNING), key=lambda s: s.display_name.lower()
        ):
            out(process, f"   {service.display_name}")
        out(process, f"\n{COMPLETED}")
        return 0
    service = _service_named(process, arguments[0])
    if service is None:
        return _net_fails(process, 2185)
    if service.status == RUNNING:
        return _net_fails(process, 2182)
    out(process, f"The {service.display_name} service is starting.")
    try:
        started = process.host.services.start_and_wait(service.name)
    except Win32Failure as failure:
        return _net_fails(process, failure.code)
    if not started:
        out(process, f"The {service.display_name} service could not be started.\n")
        return 2
    out(process, f"The {service.display_name} service was started successfully.\n")
    return 0


def _net_stop(process: Process, arguments: list[str]) -> int:
    if not arguments:
        raise NotModelled("net stop without a service")
    service = _service_named(process, arguments[0])
    if service is None:
        return _net_fails(process, 2185)
    if service.status == STOPPED:
        return _net_fails(process, 3521, service.display_name)
    out(process, f"The {service.display_name} service is stopping.")
    try:
        process.host.services.stop(service.name)
    except Win32Failure as failure:
        return _net_fails(process, failure.code)
    process.host.services.wait_for(service.name, STOPPED, 60)
    out(process, f"The {service.display_name} service was stopped successfully.\n")
    return 0


def _net_user(process: Process, arguments: list[str]) -> int:
    accounts = process.host.accounts
    names = [a for a in arguments if not a.startswith("/")]
    switches = {a.lower().partition(":")[0]: a.partition(":")[2] for a in arguments if a.startswith("/")}
    if not names and not switches:
        out(process, f"\nUser accounts for \\\\{process.host.computer_name}\n\n{'-' * 79}")
        spelled = sorted((u.name for u in accounts.users.values()), key=str.lower)
        for start in range(0, len(spelled), 3):
            out(process, "".join(f"{name:<25}" for name in spelled[start : start + 3]))
        out(process, COMPLETED)
        return 0
    if set(switches) - {"/add", "/delete", "/active", "/y", "/fullname", "/comment", "/expires"}:
        raise NotModelled(f"net user {' '.join(switches)}")
    name, password = names[0], names[1] if len(names) > 1 else None
    if password is not None and len(password) > 14 and "/y" not in switches:
        raise NotModelled("net user with a password over 14 characters, which asks a question (give /y)")
    try:
        if "/add" in switches:
            accounts.add_user(name, password)
            accounts.add_member("Users", name)
        elif "/delete" in switches:
            accounts.remove_user(name)
        else:
            user = accounts.must_user(name)
            if password is not None:
                accounts.set_password(name, password)
            if "/active" in switches:
                user.enabled = switches["/active"].lower() != "no"
            if password is None and not switches:
                _show_user(process, user.name)
    except Win32Failure as failure:
        return _net_fails(process, failure.code)
    out(process, COMPLETED)
    return 0


def _show_user(process: Process, name: str) -> None:
    accounts = process.host.accounts
    user = accounts.must_user(name)
    groups = [g.name for g in accounts.groups.values() if user.sid in g.members]
    rows = [
        ("User name", user.name),
        ("Full Name", user.full_name),
        ("Comment", user.description),
        ("Account active", "Yes" if user.enabled else "No"),
        ("Local Group Memberships", "".join(f"*{g:<21}" for g in groups).rstrip()),
    ]
    for label, value in rows:
        out(process, f"{label:<29}{value}".rstrip())


def _net_group(process: Process, arguments: list[str]) -> int:
    accounts = process.host.accounts
    names = [a for a in arguments if not a.startswith("/")]
    switches = {a.lower() for a in arguments if a.startswith("/")}
    if switches - {"/add", "/delete"}:
        raise NotModelled(f"net localgroup {' '.join(switches)}")
    try:
        if not names:
            out(process, f"\nAliases for \\\\{process.host.computer_name}\n\n{'-' * 79}")
            for group in sorted(accounts.groups.values(), key=lambda g: g.name.lower()):
                out(process, f"*{group.name}")
        elif len(names) == 1:
            if switches == {"/add"}:
                accounts.add_group(names[0])
            elif switches == {"/delete"}:
                accounts.remove_group(names[0])
            else:
                group = accounts.must_group(names[0])
                out(
                    process, f"Alias name     {group.name}\nComment        {group.description}\n\nMembers\n\n{'-' * 79}"
                )
                for sid in group.members:
                    out(process, (accounts.name_of(sid) or sid).rpartition("\\")[2])
        else:
            for member in names[1:]:
                if "/delete" in switches:
                    accounts.remove_member(names[0], member)
                else:
                    accounts.add_member(names[0], member)
    except Win32Failure as failure:
        return _net_fails(process, failure.code)
    out(process, COMPLETED)
    return 0
