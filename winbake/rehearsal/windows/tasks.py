"""Scheduled tasks: a folder tree of tasks, run on demand, at boot or at a time; results as Windows reports them.

Numbers: MicrosoftDocs/win32 TaskSchd (task-scheduler-error-and-success-constants) and _TASK_STATE.
"""

from __future__ import annotations

import threading
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.windows import command_line as command_lines
from winbake.rehearsal.windows import durations
from winbake.rehearsal.windows.accounts import LOCAL_SERVICE_TOKEN, NETWORK_SERVICE_TOKEN, SYSTEM_TOKEN
from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.process import Process, Token

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

DISABLED, QUEUED, READY, RUNNING = 1, 2, 3, 4
HAS_NOT_RUN, STILL_RUNNING, TERMINATED = 267_011, 267_009, 267_014
GROUP_LOGON = 4
CLOCK_TRIGGERS = ("once", "daily")
_STOP_LIMIT = 5.0


@dataclass
class Action:
    """One program a task runs."""

    execute: str
    arguments: str = ""
    directory: str = ""


@dataclass
class Trigger:
    """`kind`: once, boot, logon, daily, registration. `at`: aware UTC."""

    kind: str
    at: datetime | None = None
    delay: float = 0.0
    enabled: bool = True


@dataclass
class Task:
    """One task. `path` is its folder, `\\` or `\\A\\B\\`; `execution_time_limit`: ISO 8601, PT0S for none."""

    name: str
    path: str = "\\"
    actions: list[Action] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    user: str = "SYSTEM"
    password: str = field(default="", repr=False)
    logon_type: int = 5
    highest: bool = False
    enabled: bool = True
    execution_time_limit: str = "PT72H"
    description: str = ""
    author: str = ""
    hidden: bool = False
    last_run: datetime | None = None
    last_result: int = HAS_NOT_RUN
    start_when_available: bool = False
    not_on_batteries: bool = True
    stop_on_batteries: bool = True
    priority: int = 7

    @property
    def limit(self) -> float:
        """Seconds; 0 for none."""
        return durations.seconds(self.execution_time_limit)

    def copy(self) -> Task:
        return deepcopy(self)


class _Run:
    """One run of a task: its programs, and whether somebody stopped it, also before the first of them began."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.stopped = False
        self._processes: list[Process] = []
        self._lock = threading.Lock()

    def add(self, process: Process) -> None:
        with self._lock:
            self._processes.append(process)
            stopped = self.stopped
        if stopped:
            process.kill(tree=True)

    def stop(self) -> None:
        with self._lock:
            self.stopped = True
            processes = list(self._processes)
        for process in processes:
            if process.exit_code is None:
                process.kill(tree=True)


class Tasks:
    """All scheduled tasks of a host."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self._tasks: dict[str, Task] = {}
        self._folders: dict[str, str] = {}
        self._runs: dict[str, _Run] = {}
        self._lock = threading.RLock()

    def all(self) -> list[Task]:
        """Sorted by folder and name."""
        return sorted(self._tasks.values(), key=lambda task: (task.path.lower(), task.name.lower()))

    def get(self, name: str, path: str = "\\") -> Task | None:
        return self._tasks.get(_key(name, path))

    def register(self, task: Task, replace: bool = False) -> None:
        """Raises Win32Failure 183 (exists), 1332 (unknown user), 1326 (wrong password)."""
        with self._lock:
            key = _key(task.name, task.path)
            if key in self._tasks and not replace:
                raise Win32Failure(183, task.name)
            if task.logon_type != GROUP_LOGON:
                self._token(task)
            self._tasks[key] = task
            self._make_folder(task.path)
        for trigger in task.triggers:
            if not trigger.enabled:
                continue
            if trigger.kind == "registration":
                self._host.after_boot(trigger.delay, lambda: self.run(task.name, task.path))
            elif trigger.kind in CLOCK_TRIGGERS:
                self._arm(task, trigger)

    def unregister(self, name: str, path: str = "\\") -> None:
        """Raises Win32Failure 2."""
        with self._lock:
            if self._tasks.pop(_key(name, path), None) is None:
                raise Win32Failure(2, name)

    # Folders: each is known by its path without a final backslash, the root as "\\".

    def folder(self, path: str) -> str | None:
        """The folder's path as it was written when made."""
        return "\\" if path == "\\" else self._folders.get(path.rstrip("\\").lower())

    def folders_in(self, path: str) -> list[str]:
        """The folders directly in a folder."""
        inside = path.rstrip("\\").lower()
        return [known for key, known in sorted(self._folders.items()) if key.rpartition("\\")[0] == inside]

    def create_folder(self, path: str) -> str:
        """Raises Win32Failure 183."""
        if self.folder(path) is not None:
            raise Win32Failure(183, path)
        self._make_folder(path)
        return path

    def delete_folder(self, path: str) -> None:
        """Raises Win32Failure 2, 145 (tasks or folders are in it)."""
        if self.folder(path) is None:
            raise Win32Failure(2, path)
        if self.folders_in(path) or any(_key("", task.path) == _key("", path) for task in self.all()):
            raise Win32Failure(145, path)
        del self._folders[path.rstrip("\\").lower()]

    def dump_folders(self) -> list[str]:
        return sorted(self._folders.values())

    def load_folders(self, folders: list[str]) -> None:
        self._folders = {path.lower(): path for path in folders}

    def _make_folder(self, path: str) -> None:
        parts = path.strip("\\").split("\\") if path.strip("\\") else []
        for count in range(1, len(parts) + 1):
            whole = "\\" + "\\".join(parts[:count])
            self._folders.setdefault(whole.lower(), whole)

    def state(self, task: Task) -> int:
        """_TASK_STATE: 1 disabled, 3 ready, 4 running."""
        if _key(task.name, task.path) in self._runs:
            return RUNNING
        return READY if task.enabled else DISABLED

    def run(self, name: str, path: str = "\\") -> None:
        """Start a task; returns before its program runs. Raises Win32Failure 2 (none), 5 (disabled). A task that
        runs already is left alone (MultipleInstances IgnoreNew)."""
        with self._lock:
            task = self.get(name, path)
            if task is None:
                raise Win32Failure(2, name)
            if not task.enabled:
                raise Win32Failure(5, name)
            if self.state(task) == RUNNING:
                return
            task.last_run = self._host.clock.now()
            task.last_result = STILL_RUNNING
            run = self._runs[_key(name, path)] = _Run()
        threading.Thread(target=self._run, args=(task, run), name=f"task {task.name}", daemon=True).start()

    def stop(self, name: str, path: str = "\\") -> None:
        """End its programs. Raises Win32Failure 2."""
        task = self.get(name, path)
        if task is None:
            raise Win32Failure(2, name)
        run = self._runs.get(_key(name, path))
        if run is not None:
            run.stop()
            run.over.wait(_STOP_LIMIT)

    def boot(self) -> None:
        """Run what is to run at boot."""
        for task in self.all():
            for trigger in task.triggers:
                if not trigger.enabled:
                    continue
                if trigger.kind == "boot" and task.enabled:
                    self._host.after_boot(trigger.delay, partial(self.run, task.name, task.path))
                elif trigger.kind in CLOCK_TRIGGERS:
                    self._arm(task, trigger)

    def next_run(self, task: Task) -> datetime | None:
        """The next time that a trigger of the clock starts it (aware UTC)."""
        if not task.enabled:
            return None
        times = [self._next(trigger) for trigger in task.triggers if trigger.enabled]
        return min((time for time in times if time is not None), default=None)

    def _next(self, trigger: Trigger) -> datetime | None:
        now = self._host.clock.now()
        if trigger.at is None or trigger.kind not in CLOCK_TRIGGERS:
            return None
        if trigger.at >= now or trigger.kind == "once":
            return trigger.at if trigger.at >= now else None
        return trigger.at + timedelta(days=(now - trigger.at).days + 1)

    def dump(self) -> list[dict[str, Any]]:
        dumped = []
        for task in self.all():
            item = asdict(task)
            item["last_run"] = task.last_run.isoformat() if task.last_run else None
            for trigger in item["triggers"]:
                trigger["at"] = trigger["at"].isoformat() if trigger["at"] else None
            dumped.append(item)
        return dumped

    def load(self, dumped: list[dict[str, Any]]) -> None:
        self._tasks = {}
        for item in dumped:
            item = dict(item)
            item["actions"] = [Action(**action) for action in item["actions"]]
            item["triggers"] = [
                Trigger(**{**one, "at": datetime.fromisoformat(one["at"]) if one["at"] else None})
                for one in item["triggers"]
            ]
            item["last_run"] = datetime.fromisoformat(item["last_run"]) if item["last_run"] else None
            task = Task(**item)
            self._tasks[_key(task.name, task.path)] = task

    def _arm(self, task: Task, trigger: Trigger) -> None:
        due = self._next(trigger)
        if due is not None:
            seconds = (due - self._host.clock.now()).total_seconds()
            self._host.after_boot(max(0.0, seconds), lambda: self._run_if_there(task, trigger))

    def _run_if_there(self, task: Task, trigger: Trigger) -> None:
        if self.get(task.name, task.path) is not task:
            return
        if task.enabled:
            self.run(task.name, task.path)
        if trigger.kind == "daily":
            self._arm(task, trigger)

    def _run(self, task: Task, run: _Run) -> None:
        try:
            self._run_actions(task, run)
        finally:
            del self._runs[_key(task.name, task.path)]
            run.over.set()

    def _run_actions(self, task: Task, run: _Run) -> None:
        token = self._token(task)
        result = 0
        for action in task.actions:
            block = self._host.environment.block(token)
            file = block.expand(action.execute).strip('"')
            line = command_lines.quote(file) + (" " + block.expand(action.arguments) if action.arguments else "")
            try:
                process = self._host.start(
                    line,
                    environment=block,
                    directory=block.expand(action.directory) or r"C:\Windows\System32",
                    token=token,
                )
            except Win32Failure as refused:
                result = 0x80070000 | refused.code
                break
            except NotModelled as refused:
                self._host.log_event("Task Scheduler", f"{task.name}: {refused}")
                raise
            run.add(process)
            if not process.wait(task.limit or None):
                process.kill(tree=True)
                result = TERMINATED
                break
            result = process.exit_code or 0
            if run.stopped:
                break
        task.last_result = TERMINATED if run.stopped else result

    def _token(self, task: Task) -> Token:
        if task.logon_type == GROUP_LOGON:
            raise NotModelled("a task of a group, which runs for whoever of it is logged on")
        plain = task.user.rpartition("\\")[2].upper()
        if plain in ("SYSTEM", "LOCALSYSTEM") or task.user == "S-1-5-18":
            return SYSTEM_TOKEN
        if plain == "LOCAL SERVICE":
            return LOCAL_SERVICE_TOKEN
        if plain == "NETWORK SERVICE":
            return NETWORK_SERVICE_TOKEN
        user = self._host.accounts.user(task.user)
        if user is None:
            raise Win32Failure(1332, task.user)
        if task.logon_type == 1 and user.password != task.password:
            raise Win32Failure(1326, task.user)
        return self._host.accounts.token(user.name, "batch")


def _key(name: str, path: str) -> str:
    folder = "\\" + path.strip("\\")
    return (folder.rstrip("\\") + "\\" + name).lower()
