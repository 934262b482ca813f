"""Records the agent's runs in the rehearsal: what was asked, what every wrapper of winbake/agent/windows answered, what came out.

    with Recorder() as recorder:
        stage.run(...)
    recorder.recordings[0].as_json()

The objects that a wrapper gives (a process, a registry key, a task of the scheduler) stay with the host: a recording numbers
them, and holds each member that the rest of the agent read, set or called as one call more, `3.get HasExited`. Values that
JSON does not hold by itself are objects with one key (`encoded`). replay.ps1 reads all this on any PowerShell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest.mock import patch

from agent_coverage import part_text
from dialect import WRAPPERS

from winbake import agent
from winbake.rehearsal.powershell import convert, members
from winbake.rehearsal.powershell.dotnet.collections import Dictionary
from winbake.rehearsal.powershell.dotnet.datetime import DateTime
from winbake.rehearsal.powershell.errors import NetError, NetException, ScriptError
from winbake.rehearsal.powershell.running.script_stage import ScriptStage
from winbake.rehearsal.powershell.types import EnumValue, type_of
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, PSArray, PSObject, is_custom, unwrap
from winbake.rehearsal.windows.process import Process

ENVIRONMENT = ("ProgramData", "SystemRoot", "PATHEXT")
"""The variables that the agent reads outside its wrappers."""
SOURCE_MARK = "<the agent's source>"
AS_TEXT = frozenset({"System.Version", "System.Guid", "System.Uri"})
MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)(T.*)$", re.DOTALL)
"""PowerShell 7's ConvertFrom-Json makes a date of such a text, 5.1's does not: it is kept in two pieces."""


@cache
def wrappers() -> frozenset[str]:
    """The functions that touch Windows."""
    parts = [part_text(part) for part in agent.parts() if part.startswith(WRAPPERS)]
    return frozenset(re.findall(r"(?m)^function ([\w-]+) \{", "\n".join(parts)))


@dataclass
class Recording:
    """One run. `request`: the agent's second line of input; of a task that runs as SYSTEM its `folder` instead."""

    session: Any
    request: str
    folder: str
    environment: dict[str, str]
    events: list[dict[str, Any]] = field(default_factory=list)
    calls: dict[str, tuple[str, Any, list[dict[str, Any]]]] = field(default_factory=dict)
    inside: int = 0
    """How many wrappers are running within one another: only the outermost is a call."""
    objects: dict[int, tuple[int, Any]] = field(default_factory=dict)

    def encoded(self, value: Any) -> Any:
        """A value as JSON: {"o": number} is an object of the host, {"map": pairs} a
        hashtable, {"object": pairs} an object of properties, {"enum": [type, name]}, {"time": ticks}, {"bytes": hex},
        {"double": digits}, {"text": pieces} a text that looks like a date."""
        if not is_custom(value):
            value = unwrap(value)
        if value is None or value is AUTOMATION_NULL or isinstance(value, bool):
            return None if value is AUTOMATION_NULL else value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            return {"double": repr(float(value))}
        if isinstance(value, str):
            return self._text(str(value))
        if isinstance(value, EnumValue):
            return {"enum": [value.net_type.full_name, value.name]}
        if isinstance(value, DateTime):
            return {"time": value.ticks}
        if isinstance(value, PSArray):
            if value.element_type == "System.Byte":
                return {"bytes": bytes(value.items).hex()}
            return [self.encoded(item) for item in value.items]
        if isinstance(value, Dictionary):
            return {"map": [[str(key), self.encoded(item)] for key, item in value.items()]}
        if isinstance(value, PSObject):
            read = members.get_member_value
            return {"object": [[m.name, self.encoded(read(self.session, value, m.name))] for m in value.members]}
        if type_of(value).full_name == "System.Management.Automation.SwitchParameter":
            return bool(convert.to_bool(value))
        if type_of(value).full_name in AS_TEXT:
            return self._text(convert.to_text(value, self.session))
        return self._object(value)

    @staticmethod
    def _text(value: str) -> Any:
        if value == agent.source():
            return SOURCE_MARK
        moment = MOMENT.match(value)
        return {"text": list(moment.groups())} if moment else value

    def _object(self, value: Any) -> dict[str, Any]:
        number, _ = self.objects.setdefault(id(value), (len(self.objects) + 1, value))
        return {"o": number}

    def number_of(self, owner: Any) -> int | None:
        """The number of an object of the host; None for any other value, and while a wrapper is at work."""
        if self.inside:
            return None
        found = self.objects.get(id(unwrap(owner)))
        return found[0] if found is not None else None

    def add(self, name: str, arguments: Any, answer: dict[str, Any]) -> None:
        key = f"{name} {json.dumps(arguments, ensure_ascii=False)}"
        answers = self.calls.setdefault(key, (name, arguments, []))[2]
        if answers and {k: v for k, v in answers[-1].items() if k != "n"} == answer:
            answers[-1]["n"] = answers[-1].get("n", 1) + 1
        else:
            answers.append(answer)

    def failure(self, exception: NetException) -> dict[str, Any]:
        """The innermost exception: its type, its message, and its HResult if it has one of its own."""
        while exception.inner is not None:
            exception = exception.inner
        code = exception.properties.get("HResult")
        said = {"type": exception.type_name, "message": self._text(exception.message)}
        return {"e": said if code is None else {**said, "code": int(code)}}

    def as_json(self) -> str:
        """Compact: a line for the request, one for each event and one for each call."""
        lines = [json.dumps(self.request), json.dumps(self.folder), json.dumps(self.environment)]
        head = f'{{"request":{lines[0]},\n"folder":{lines[1]},\n"environment":{lines[2]},\n'
        return f'{head}"events":{_list(self.events)},\n"calls":{_list(self.calls.values())}}}\n'


def _list(items: Any) -> str:
    return "[\n" + ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in items) + "\n]"


class Recorder:
    """While it is entered, every run of the agent is recorded, in the order in which they began."""

    def __init__(self) -> None:
        self.recordings: list[Recording] = []
        self._patches = ExitStack()

    def __enter__(self) -> Recorder:
        self._end = ScriptStage.end
        self._get, self._set, self._invoke = members.get_member_value, members.set_member_value, members.invoke_method
        recorder = self

        def end(stage: ScriptStage) -> None:
            recorder._wrapper(stage)

        self._patches.enter_context(patch.object(ScriptStage, "end", end))
        self._patches.enter_context(patch.object(members, "get_member_value", self._read))
        self._patches.enter_context(patch.object(members, "set_member_value", self._written))
        self._patches.enter_context(patch.object(members, "invoke_method", self._called))
        return self

    def __exit__(self, *_: object) -> None:
        self._patches.close()

    def of(self, process: Process) -> Recording:
        """The recording of what a process ran, its events filled in."""
        recording = next(r for r in self.recordings if r.session.process is process)
        lines = process.stdout.getvalue().decode("utf-8").splitlines()
        recording.events = [json.loads(line) for line in lines if line.startswith("{")]
        return recording

    def tasks(self) -> Iterator[Recording]:
        return (r for r in self.recordings if r.folder)

    # ---- what the interpreter does, seen

    def _recording(self, session: Any) -> Recording | None:
        return next((r for r in self.recordings if r.session is session), None)

    def _wrapper(self, stage: ScriptStage) -> None:
        if stage.info.name not in wrappers() or stage.compiled.ast.source.text != agent.source():
            self._end(stage)
            return
        recording = self._recording(stage.session) or self._begun(stage.session)
        if recording.inside:
            self._end(stage)
            return
        arguments = {"map": [[name, recording.encoded(value)] for name, value in sorted(stage.bound.items())]}
        emit, outputs = stage.emit, []

        def emitted(value: Any) -> None:
            outputs.append(recording.encoded(value))
            recording.inside -= 1  # what comes after in the pipeline is the agent again
            try:
                emit(value)
            finally:
                recording.inside += 1

        stage.emit = emitted
        recording.inside += 1
        answer: dict[str, Any] = {"o": outputs}
        try:
            self._end(stage)
        except ScriptError as error:
            answer |= recording.failure(error.record.exception)
            raise
        finally:
            recording.inside -= 1
            recording.add(stage.info.name, arguments, answer)

    def _begun(self, session: Any) -> Recording:
        environment = {name: session.process.environment.get(name) or "" for name in ENVIRONMENT}
        recording = Recording(session, _parameter(session, "Request"), _parameter(session, "TaskFolder"), environment)
        self.recordings.append(recording)
        return recording

    def _member(self, session: Any, owner: Any, what: str, arguments: list[Any], act: Callable[[], Any]) -> Any:
        recording = self._recording(session)
        number = recording.number_of(owner) if recording is not None else None
        if recording is None or number is None:
            return act()
        given = [recording.encoded(argument) for argument in arguments]
        recording.inside += 1
        try:
            value = act()
            outputs = [] if value is AUTOMATION_NULL else [recording.encoded(value)]
            recording.add(f"{number}.{what}", given, {"o": outputs})
            return value
        except (ScriptError, NetError) as error:
            exception = error.record.exception if isinstance(error, ScriptError) else error.exception
            recording.add(f"{number}.{what}", given, recording.failure(exception))
            raise
        finally:
            recording.inside -= 1

    def _read(self, session: Any, owner: Any, name: str, strict: bool = False) -> Any:
        return self._member(session, owner, f"get {name}", [], lambda: self._get(session, owner, name, strict))

    def _written(self, session: Any, owner: Any, name: str, value: Any) -> None:
        self._member(session, owner, f"set {name}", [value], lambda: self._set(session, owner, name, value))

    def _called(self, session: Any, owner: Any, name: str, arguments: list[Any]) -> Any:
        return self._member(session, owner, f"call {name}", arguments, lambda: self._invoke(session, owner, name, arguments))


def _parameter(session: Any, name: str) -> str:
    """What the agent's script got for one of its own parameters."""
    frame = session.frame
    while frame is not None:
        variable = frame.scope.variables.get(name.lower())
        if variable is not None:
            return convert.to_text(variable.value)
        frame = frame.caller
    raise AssertionError(f"the agent's script has no ${name}")
