"""The agent of a Linux host: winbake sends this to python3 on standard input, and nothing of it stays there.

It answers queries and carries out operations as the PowerShell agent does: one request in, lines of JSON out, each with
the run's nonce, and one closing envelope. It imports only what python3 (3.9 or later) brings.
"""

from __future__ import annotations

import base64
import fcntl
import glob
import grp
import hashlib
import json
import os
import platform
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

Arguments = dict[str, Any]
COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
PROVED = ".winbake-old"
"""Beside a settings file: the one before it, until the service has been seen to run with the new one."""
BEFORE = ".before-winbake"
"""What was there before winbake came. Orthanc reads only names that end in .json."""
LOG_LINES = 15


class Failed(Exception):
    """An operation that did not come to its end; log_tail: the last lines of what tells why."""

    def __init__(self, message: str, log: str = "", log_tail: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.log = log
        self.log_tail = log_tail


# ---- the service: a unit of systemd, or a plain process -----------------------------------------------------------


class Unit:
    """A service that systemd runs."""

    manager = "systemd"

    def __init__(self, arguments: Arguments) -> None:
        self.name = str(arguments["name"])

    def properties(self) -> dict[str, str]:
        names = "LoadState,ActiveState,SubState,UnitFileState"
        text = _output(["systemctl", "show", self.name, "--property=" + names])
        pairs = (line.partition("=") for line in text.splitlines())
        return {name: value for name, _, value in pairs}

    @property
    def exists(self) -> bool:
        return self.properties().get("LoadState") == "loaded"

    @property
    def start_mode(self) -> str:
        return "auto" if self.properties().get("UnitFileState") == "enabled" else "manual"

    @property
    def running(self) -> bool:
        return self.properties().get("ActiveState") == "active"

    @property
    def ended(self) -> bool:
        """Whether it will not come up any more. auto-restart: it has failed at least once."""
        found = self.properties()
        return found.get("ActiveState") in ("failed", "inactive") or found.get("SubState") == "auto-restart"

    def start(self) -> None:
        _output(["systemctl", "restart", self.name], may_fail=True)  # whether it runs is looked at afterwards

    def stop(self) -> None:
        _output(["systemctl", "stop", self.name])

    def enable(self) -> None:
        _output(["systemctl", "enable", self.name])

    def log(self) -> tuple[str, str]:
        """The newest log where the unit's command line says that logs go, else the journal's."""
        command = _output(["systemctl", "show", self.name, "--property=ExecStart"], may_fail=True)
        folder = re.search(r"--logdir=([^\s;]+)", command)
        files = [path for path in glob.glob(os.path.join(folder[1], "*")) if os.path.isfile(path)] if folder else []
        if files:
            newest = max(files, key=os.path.getmtime)
            return newest, _text(newest)
        lines = ["--lines=" + str(LOG_LINES), "--no-pager", "--output=cat"]
        return "journalctl --unit " + self.name, _output(["journalctl", "--unit", self.name, *lines], may_fail=True)


class Process:
    """A plain process where there is no systemd. Its id and its log are beside the settings."""

    manager = "process"
    start_mode = "manual"

    def __init__(self, arguments: Arguments) -> None:
        self.program = _program(str(arguments["program"]))
        self.folder = str(arguments["folder"])
        self.user = str(arguments["user"])
        self._pid_file = os.path.join(self.folder, "winbake-service.pid")
        self._log_file = os.path.join(self.folder, "winbake-service.log")
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def exists(self) -> bool:
        return self.program is not None

    @property
    def pid(self) -> int | None:
        """Of the process that winbake started, while it lives; by its command line, as numbers are given anew."""
        try:
            number = int(_text(self._pid_file))
            with open(f"/proc/{number}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except (OSError, ValueError):
            return None
        return number if self.folder.encode() in words else None

    @property
    def running(self) -> bool:
        return self.pid is not None

    @property
    def ended(self) -> bool:
        return self._child is None or self._child.poll() is not None

    def start(self) -> None:
        self.stop()
        if self.program is None:
            raise Failed("there is no program to start")
        owner = _owner(self.user)
        settings: dict[str, Any] = {}
        if owner is not None:
            number, group = owner
            settings["preexec_fn"] = lambda: _become(number, group)
        with open(self._log_file, "wb") as log:
            self._child = subprocess.Popen(
                [self.program, self.folder], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                start_new_session=True, **settings
            )  # fmt: skip
        with open(self._pid_file, "w") as file:
            file.write(str(self._child.pid))

    def stop(self) -> None:
        for number, seconds in ((signal.SIGTERM, 30.0), (signal.SIGKILL, 5.0)):
            found = self.pid
            if found is None:
                break
            os.kill(found, number)
            end = time.monotonic() + seconds
            while self.pid is not None and time.monotonic() < end:
                if self._child is not None:
                    self._child.poll()
                time.sleep(0.05)

    def enable(self) -> None:
        raise Failed("without systemd nothing starts a service with the machine")

    def log(self) -> tuple[str, str]:
        return self._log_file, _text(self._log_file)


def service_of(arguments: Arguments) -> Any:
    """A unit if systemd runs here (or answers as if it did), else a process."""
    if _program("systemctl") and _answers(["systemctl", "show", "--property=Version"]):
        return Unit(arguments)
    return Process(arguments)


def start_and_prove(service: Any, ports: list[int], seconds: float) -> str:
    """Starts the service anew; gives "" once it listens on all its ports, else what happened."""
    service.start()
    end = time.monotonic() + seconds
    while not all(_listens(port) for port in ports):
        if service.ended:
            return "it ended while it started"
        if time.monotonic() > end:
            return f"it does not listen on {' and '.join(map(str, ports))} after {seconds:.0f} s"
        time.sleep(0.1)
    # A port may be another program's: then the service has just found it taken.
    time.sleep(0.5)
    return "it ended right after its start" if service.ended or not service.running else ""


# ---- queries -------------------------------------------------------------------------------------------------------


def system(arguments: Arguments) -> Any:
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', _text("/etc/os-release"), re.MULTILINE))
    return {
        "computer": platform.node(),
        "os": release.get("PRETTY_NAME", "Linux"),
        "build": 0,
        "boot_time": "",
        "now": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "free_bytes": shutil.disk_usage("/").free,
        "powershell": "",
        "administrator": os.geteuid() == 0,
        "pending_reboot": [],
    }


def settings_file(arguments: Arguments) -> Any:
    """The file's hash, what the other files of its folder set, and whether the service was seen to run with it."""
    path = str(arguments["path"])
    others = []
    for other in sorted(glob.glob(os.path.join(os.path.dirname(path), "*.json"))):
        if os.path.abspath(other) != os.path.abspath(path):
            others.append({"name": os.path.basename(other), "settings": sorted(_settings(_text(other)))})
    return {
        "exists": os.path.exists(path),
        "sha256": _sha256(_bytes(path)) if os.path.exists(path) else "",
        "text": _text(path),
        "proved": not os.path.exists(path + PROVED),
        "others": others,
    }


def service_state(arguments: Arguments) -> Any:
    service = service_of(arguments)
    return {
        "exists": service.exists,
        "manager": service.manager,
        "start": service.start_mode,
        "running": service.exists and service.running,
    }


QUERIES: dict[str, Callable[[Arguments], Any]] = {
    "system": system,
    "settings_file": settings_file,
    "linux_service": service_state,
}


# ---- operations ----------------------------------------------------------------------------------------------------


def put_settings(arguments: Arguments, limit: float) -> None:
    """The settings file, then the service with it. If it does not run with it, all is as before again."""
    path = str(arguments["path"])
    new = base64.b64decode(str(arguments["content"]))
    service = service_of(arguments["service"])
    was_running = service.running
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    aside = [os.path.join(folder, name) for name in arguments["aside"]]
    if not os.path.exists(path + PROVED):  # else a run was cut: that file is the last one the service ran with
        _copy(path, path + PROVED)
    _write(path, new, str(arguments["service"]["user"]))
    for other in aside:
        os.replace(other, other + BEFORE)
    ports = [int(port) for port in arguments["ports"]]
    why = start_and_prove(service, ports, limit / 2)
    if not why:
        _keep_first(path)
        return
    log, tail = _log_tail(service, [new, _bytes(path + PROVED)])
    service.stop()
    for other in aside:
        os.replace(other + BEFORE, other)
    had_one = os.path.getsize(path + PROVED) > 0
    if had_one:
        os.replace(path + PROVED, path)
    else:
        os.remove(path)
        os.remove(path + PROVED)
    back = "the old one is back" if had_one else "it is removed again"
    if was_running:
        old = _settings(_text(path))
        again = start_and_prove(service, [int(old[k]) for k in ("HttpPort", "DicomPort") if k in old], limit / 2)
        back += ", and does not start either: " + again if again else " and runs"
    raise Failed(f"the service does not run with the new configuration: {why}; {back}", log, tail)


def run_service(arguments: Arguments, limit: float) -> None:
    service = service_of(arguments["service"])
    if arguments["enable"]:
        service.enable()
    if not arguments["start"]:
        return
    why = start_and_prove(service, [int(port) for port in arguments["ports"]], limit)
    if why:
        log, tail = _log_tail(service, [_bytes(str(arguments["path"]))])
        raise Failed("the service does not run: " + why, log, tail)


OPERATIONS: dict[str, Callable[[Arguments, float], None]] = {
    "put_settings": put_settings,
    "linux_service": run_service,
}


# ---- files and programs --------------------------------------------------------------------------------------------


def _write(path: str, content: bytes, user: str) -> None:
    """Whole or not at all, for its service and administrators to read: there is a password in it."""
    new = path + ".winbake-new"
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    owner = _owner(user)
    if owner is not None:
        os.chown(new, 0, owner[1])
        os.chmod(new, 0o640)
    os.replace(new, path)


def _copy(path: str, copy: str) -> None:
    """A copy with the same rights; an empty file where there is none to copy."""
    if os.path.exists(path):
        shutil.copy2(path, copy)
        status = os.stat(path)
        if os.geteuid() == 0:
            os.chown(copy, status.st_uid, status.st_gid)
    else:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT, 0o600))


def _keep_first(path: str) -> None:
    """The new settings are proved. What was there before winbake's first is kept."""
    if os.path.getsize(path + PROVED) > 0 and not os.path.exists(path + BEFORE):
        os.replace(path + PROVED, path + BEFORE)
    else:
        os.remove(path + PROVED)


def _settings(text: str) -> dict[str, Any]:
    """The top-level settings of a JSON with comments; none for what cannot be read as one."""
    try:
        found = json.loads(COMMENT.sub(lambda m: m.group() if m.group().startswith('"') else " ", text))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _log_tail(service: Any, settings: list[bytes]) -> tuple[str, tuple[str, ...]]:
    """Where the log is, and its end without the passwords that are in the settings."""
    where, text = service.log()
    for one in settings:
        users = _settings(one.decode("utf-8", "replace")).get("RegisteredUsers")
        for password in users.values() if isinstance(users, dict) else ():
            text = text.replace(str(password), "********")
    return where, tuple([line for line in text.splitlines() if line.strip()][-LOG_LINES:])


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _text(path: str) -> str:
    return _bytes(path).decode("utf-8", "replace")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _program(name: str) -> str | None:
    """Debian's Orthanc is in /usr/sbin, which is not on everybody's PATH."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin")


def _output(command: list[str], may_fail: bool = False) -> str:
    if may_fail and _program(command[0]) is None:
        return ""
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = ran.stdout.decode("utf-8", "replace")
    if ran.returncode and not may_fail:
        raise Failed(f"{' '.join(command)}: {text.strip() or f'exit {ran.returncode}'}")
    return text


def _answers(command: list[str]) -> bool:
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return ran.returncode == 0


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _owner(user: str) -> tuple[int, int] | None:
    """Number and group of the user that the service runs as, for root to give things to; None for any other login."""
    if os.geteuid() != 0:
        return None
    try:
        found = pwd.getpwnam(user)
    except KeyError:
        raise Failed(f"there is no user {user} on this host for the service") from None
    return found.pw_uid, found.pw_gid


def _become(user: int, group: int) -> None:
    groups = [one.gr_gid for one in grp.getgrall() if pwd.getpwuid(user).pw_name in one.gr_mem]
    os.setgroups([group, *groups])
    os.setgid(group)
    os.setuid(user)


# ---- the conversation ----------------------------------------------------------------------------------------------


def say(nonce: str, event: str, **data: Any) -> None:
    sys.stdout.write(json.dumps({"nonce": nonce, "event": event, **data}) + "\n")
    sys.stdout.flush()


def answer(nonce: str, query: dict[str, Any]) -> None:
    try:
        found = QUERIES[query["kind"]](query["arguments"])
    except KeyError as error:
        say(nonce, "fact_failed", id=query["id"], message=f"the agent for Linux does not know {error}")
    except (Failed, OSError) as error:
        say(nonce, "fact_failed", id=query["id"], message=_words(error))
    else:
        say(nonce, "fact", id=query["id"], answer=found)


def carry_out(nonce: str, operations: list[dict[str, Any]]) -> None:
    """In their order; what waits for one that failed is left."""
    failed: set[str] = set()
    waiting = list(operations)
    while waiting:
        ids = {one["id"] for one in waiting}
        one = next(o for o in waiting if not ids & set(o["after"]))
        waiting.remove(one)
        if failed & set(one["after"]):
            failed.add(one["id"])
            continue
        started = time.monotonic()
        say(nonce, "started", id=one["id"])
        try:
            OPERATIONS[one["kind"]](one["arguments"], float(one["limit_seconds"]))
        except (Failed, OSError) as error:
            failed.add(one["id"])
            data = {"log": error.log, "log_tail": error.log_tail} if isinstance(error, Failed) else {}
            seconds = round(time.monotonic() - started, 2)
            say(nonce, "failed", id=one["id"], message=_words(error), seconds=seconds, **data)
        else:
            say(nonce, "done", id=one["id"], seconds=round(time.monotonic() - started, 2))


def _words(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"{error.filename}: this login may not do that; ansible_become: true in the inventory uses sudo"
    return str(error)


def main(line: bytes) -> None:
    request = json.loads(base64.b64decode(line).decode("utf-8"))
    nonce = request["nonce"]
    for query in request["queries"]:
        answer(nonce, query)
    if request["operations"]:
        lock = os.open("/", os.O_RDONLY)  # leaves no file behind, and goes with this process
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say(nonce, "envelope", reason="locked")
            return
        carry_out(nonce, request["operations"])
        os.close(lock)
    say(nonce, "envelope", reason="done")


if __name__ == "__main__":
    main(sys.stdin.buffer.readline())
