"""Session: one runspace. It holds scopes, commands, streams and preferences, and runs scripts.

session = Session(host)
session.sinks[2] = errors.append
session.run_script("Get-Item C:\\\\x; 1 + 1", print)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.binding.binder import Argument, Binder
from winbake.rehearsal.powershell.dotnet.collections import ArrayList, Dictionary, GenericList
from winbake.rehearsal.powershell.engine_values import SwitchParameter
from winbake.rehearsal.powershell.errors import (
    BreakFlow,
    ContinueFlow,
    ErrorRecord,
    ExitFlow,
    ReturnFlow,
    ScriptError,
    script_error,
)
from winbake.rehearsal.powershell.regex import compile_pattern
from winbake.rehearsal.powershell.running.error_flow import place
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.functions import (
    BlockInfo,
    CommandInfo,
    FunctionInfo,
    ScriptBlock,
    ScriptInfo,
    parse_failure,
)
from winbake.rehearsal.powershell.running.pipeline import Pipeline, Stage
from winbake.rehearsal.powershell.running.positions import invocation_at, script_stack_trace
from winbake.rehearsal.powershell.running.scope import CONSTANT, READ_ONLY, Scope, SessionState, Variable, unauthorized
from winbake.rehearsal.powershell.running.script_stage import NO, ScriptStage
from winbake.rehearsal.powershell.running.session_streams import StreamWriting
from winbake.rehearsal.powershell.running.streams import Streams
from winbake.rehearsal.powershell.syntax import Node
from winbake.rehearsal.powershell.types import get_type
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, PSArray, unwrap
from winbake.rehearsal.powershell.wildcard import Wildcard

MAX_ERRORS = 256
POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"


@lru_cache(maxsize=512)
def _wildcard(pattern: str, ignore_case: bool) -> Wildcard:
    return Wildcard(pattern, ignore_case)


class Session(StreamWriting):
    """One runspace on a host. Without a host nothing outside the language is there."""

    def __init__(self, host: Any = None, process: Any = None) -> None:
        from winbake.rehearsal.powershell.running import automatic
        from winbake.rehearsal.powershell.running.resolution import load_commands

        load_commands()
        self.host = host
        self.process = process if process is not None else _own_process(host)
        self.console: Any = None
        self.buffer_width: int | None = None
        """Columns of the screen buffer; None: there is no screen."""
        self.history: list[Any] = []
        """HistoryInfo of what a person typed."""
        self.sinks: Streams = Streams()
        self.streams: Streams = self.sinks
        self.errors: list[ErrorRecord] = []
        """`$Error`, newest first."""
        self.error_list = ArrayList()
        self.errors = self.error_list.items
        self.ok = True
        self.propagate = False
        """Inside a try block: errors that end a statement go up to it."""
        self.caught: ErrorRecord | None = None
        self.depth = 0
        self.strict_used = False
        self.location: Any = None
        self.culture = ""
        self.classes: dict[str, Any] = {}
        self.modules: dict[str, Any] = {}
        self.exit_code = 0
        self.exited = False
        self.interactive = False
        self.state = self.top = SessionState(self)
        self.global_scope = self.top.root
        self.frame: Frame = Frame(self, self.global_scope, None, None)
        automatic.install(self)
        self.stopped: Callable[[], bool] = self.process.killed.is_set if self.process is not None else lambda: False
        """Whether the process was ended from outside: loops and calls ask, for a script that runs away must end too."""
        self.preset = frozenset(self.global_scope.variables)
        """The variables that every session has."""

    # ---- scopes and variables

    @property
    def scope(self) -> Scope:
        """The scope that is running now."""
        return self.state.current

    @property
    def strict_version(self) -> float:
        return self.scope.strict_version()

    def get_variable(self, name: str, default: Any = None) -> Any:
        """The value of a variable seen from here; scope prefixes are understood."""
        prefix, colon, rest = name.partition(":")
        if colon and prefix.lower() in ("global", "script", "local", "private"):
            found = self.scope.named(prefix).variables.get(rest.lower())
        else:
            found = self.scope.find(name.lower())
        return default if found is None else found.value

    def set_variable(self, name: str, value: Any, scope: str | None = None) -> None:
        """Sets a variable here, or in a scope by name or number. Raises ScriptError VariableNotWritable."""
        target = self.scope if scope is None else self.scope.named(scope)
        target.set(name, value)

    def preference(self, name: str, default: str, cmdlet: Any = None) -> str:
        """A preference variable as the name of its value. `name` in lower case."""
        value = getattr(cmdlet, "preferences", {}).get(name, NO) if cmdlet is not None else NO
        if value is NO:
            variable = self.scope.find(name)
            if variable is None:
                return default
            value = variable.value
        return _action_name(unwrap(value), default)

    # ---- commands

    def find_command(self, name: str) -> CommandInfo | None:
        """What a name resolves to, aliases followed; None if nothing has that name."""
        from winbake.rehearsal.powershell.running.resolution import resolve

        return resolve(self, name)

    def define_function(self, scope: Scope, info: FunctionInfo) -> None:
        key = info.name.lower()
        existing = scope.functions.get(key)
        if existing is not None and existing.options & (READ_ONLY | CONSTANT):
            raise unauthorized(
                "FunctionNotWritable",
                f"Cannot write to function {info.name} because it is read-only or constant.",
                info.name,
            )
        if existing is not None:
            info.options = existing.options
        scope.functions[key] = info

    def make_stage(self, f: Frame, target: Any, arguments: list[Argument], dotted: bool, node: Node | None) -> Stage:
        """The command that a name, script block or command info is, ready for a pipeline. Raises ScriptError."""
        from winbake.rehearsal.powershell.running.resolution import make_stage

        return make_stage(self, f, target, arguments, dotted, node)

    def run_command(
        self, name: str, parameters: dict[str, Any] | None = None, input: Iterable[Any] | None = None
    ) -> list[Any]:
        """Runs one command with named parameters and gives what it wrote."""
        arguments = [Argument(key, value, True) for key, value in (parameters or {}).items()]
        out: list[Any] = []
        stage = self.make_stage(self.frame, name, arguments, False, None)
        pipeline = Pipeline(self, [stage], out.append)
        if input is not None:
            stage.expects_input = True
        pipeline.run(list(input) if input is not None else None)
        return out

    # ---- script blocks

    def invoke(
        self,
        script_block: ScriptBlock,
        *arguments: Any,
        input: Iterable[Any] = (),
        underscore: Any = NO,
        this: Any = NO,
        new_scope: bool = True,
        propagate: bool = False,
    ) -> list[Any]:
        """Runs a script block and gives what it wrote. `propagate`: errors that end a statement are raised, as in
        script properties, ValidateScript and `.Invoke()`."""
        out: list[Any] = []
        self.invoke_streaming(
            script_block,
            out.append,
            *arguments,
            input=input,
            underscore=underscore,
            this=this,
            new_scope=new_scope,
            propagate=propagate,
        )
        return out

    def invoke_streaming(
        self,
        script_block: ScriptBlock,
        emit: Callable[[Any], None],
        *arguments: Any,
        input: Iterable[Any] = (),
        underscore: Any = NO,
        this: Any = NO,
        new_scope: bool = True,
        propagate: bool = False,
        has_input: bool = False,
    ) -> None:
        """As `invoke`, but each object goes to `emit` when it is written."""
        items = list(input)
        given = [Argument(None, a, True) for a in arguments]
        stage = ScriptStage(self, self.frame, BlockInfo(script_block), script_block, given, dotted=not new_scope)
        scope = script_block.state.current
        saved: dict[str, Variable | None] = {}
        if not new_scope:
            for key, value in (("_", underscore), ("this", this)):
                if value is not NO:
                    saved[key] = scope.variables.pop(key, None)
                    scope.variables[key] = Variable(key, value)
        stage.underscore = underscore if new_scope else NO
        stage.this = this if new_scope else NO
        pipeline = Pipeline(self, [stage], emit)
        before = self.propagate
        self.propagate = self.propagate or propagate
        pipeline.propagate = self.propagate
        if items or has_input:
            stage.expects_input = True
        try:
            pipeline.run(items if items or has_input else None)
        finally:
            self.propagate = before
            for key, variable in saved.items():
                scope.variables.pop(key, None)
                if variable is not None:
                    scope.variables[key] = variable

    def block_runner(self, script_block: ScriptBlock) -> Callable[[Any, Callable[[Any], None]], None]:
        """For ForEach-Object and Where-Object: runs a block in the current scope for one item after another."""
        compiled = script_block.compiled
        ast = compiled.ast
        if ast.param_block is not None or ast.begin_block or ast.process_block or ast.dynamic_param:

            def run_whole(item: Any, emit: Callable[[Any], None]) -> None:
                self.invoke_streaming(script_block, emit, underscore=item, new_scope=False, input=(item,))

            return run_whole
        body = compiled.end
        state = script_block.state
        caller = self.frame

        def run(item: Any, emit: Callable[[Any], None]) -> None:
            if body is None:
                return
            scope = state.current
            frame = Frame(self, scope, compiled, caller)
            variables = scope.variables
            saved = variables.get("_")
            saved_args = variables.get("args")
            variables["_"] = Variable("_", item)
            variables["args"] = Variable("args", PSArray([]))
            saved_frame, saved_state = self.frame, self.state
            self.frame, self.state = frame, state
            try:
                body(frame, emit)
            except ReturnFlow:
                pass
            finally:
                self.frame, self.state = saved_frame, saved_state
                state.current = scope
                if saved is not None:
                    variables["_"] = saved
                else:
                    variables.pop("_", None)
                if saved_args is not None:
                    variables["args"] = saved_args
                else:
                    variables.pop("args", None)

        return run

    def run_script(
        self,
        text: str,
        emit: Callable[[Any], None],
        *,
        file: str | None = None,
        input: Iterable[Any] | None = None,
        arguments: Iterable[Argument] = (),
    ) -> None:
        """Runs a script text in the global scope. Raises ScriptError for what ends it (a parse error, throw, Stop) and
        NotModelled; `exit` ends it quietly, sets `exited` and leaves its code in `exit_code`. `input` is its
        `$input`."""
        from winbake.rehearsal.powershell.compile.block import CompiledBlock
        from winbake.rehearsal.powershell.parser import parse

        ast, errors = parse(text, file)
        if errors:
            failure = parse_failure(errors, text)
            self.add_error(failure.record)
            raise failure
        try:
            self._define_types(ast)
        except ScriptError as failure:
            self.add_error(failure.record)
            raise
        block = ScriptBlock(CompiledBlock(ast, text=text), self, self.top)
        info = BlockInfo(block) if file is None else ScriptInfo(file, block)
        stage = ScriptStage(self, self.frame, info, block, list(arguments), dotted=True, name=file or "")
        stage.expects_input = input is not None
        pipeline = Pipeline(self, [stage], emit)
        self.exited = False
        try:
            pipeline.run(input)
        except (BreakFlow, ContinueFlow, ReturnFlow):
            return
        except ExitFlow as flow:
            self.exit_code = flow.code
            self.exited = True
            self.global_scope.put("lastexitcode", flow.code)
        if stage.exited:  # a script file keeps its `exit` to itself
            self.exited = True
            self.exit_code = int(unwrap(self.get_variable("global:LASTEXITCODE")) or 0)

    def _define_types(self, ast: Any) -> None:
        from winbake.rehearsal.powershell.running.classes import define_types

        define_types(self, ast)

    # ---- values

    def enumerate(self, value: Any) -> Iterator[Any]:
        """The objects that a value puts into a pipeline."""
        if value is AUTOMATION_NULL:
            return iter(())
        items = convert.enumerate_items(value)
        return iter((value,)) if items is None else iter(items)

    def collected(self, items: list[Any]) -> Any:
        """What a list of output is as one value."""
        if len(items) == 1:
            return items[0]
        return PSArray(items) if items else AUTOMATION_NULL

    def switch(self, present: bool) -> SwitchParameter:
        return SwitchParameter(present)

    def generic_list(self, items: list[Any]) -> GenericList:
        return GenericList(get_type("System.Object"), items)

    def property_or(self, item: Any, name: str, missing: Any) -> Any:
        """A property of an object, or `missing`."""
        from winbake.rehearsal.powershell.members import NO_MEMBER, find_value

        found = find_value(self, item, name)
        return missing if found is NO_MEMBER else found

    def wildcard(self, pattern: str, ignore_case: bool = True) -> Wildcard:
        return _wildcard(pattern, ignore_case)

    def regex(self, pattern: str, ignore_case: bool = True) -> Any:
        """The compiled pattern of -match and its kin. Raises ScriptError InvalidRegularExpression… as the operator."""
        from winbake.rehearsal.powershell.errors import NetError

        try:
            return compile_pattern(pattern, 1 if ignore_case else 0)
        except NetError as failure:
            exception = failure.exception
            raise script_error(
                "InvalidRegularExpression",
                f"The regular expression pattern {pattern} is not valid.",
                "InvalidOperation",
                inner=exception,
                target=pattern,
            ) from failure

    # ---- errors

    def add_error(self, record: ErrorRecord) -> None:
        """Puts a record on `$Error`, unless it is there already (a rethrown one)."""
        errors = self.errors
        if errors and unwrap(errors[0]) is not None:
            first = unwrap(errors[0])
            if first is record or (isinstance(first, ErrorRecord) and first.exception is record.exception):
                return
        errors.insert(0, record)
        del errors[MAX_ERRORS:]

    def noted(self, f: Frame, error: ScriptError, node: Node | None) -> ScriptError:
        """An error that a catch or trap takes: it gets its position and goes on `$Error`."""
        place(f, error, node)
        self.add_error(error.record)
        self.ok = False
        return error

    def report(self, f: Frame, record: ErrorRecord) -> None:
        """Writes a statement's error to the error stream."""
        self.add_error(record)
        self.ok = False
        self.streams.collect(2, record)
        self.streams.send(2, record)

    def locate_record(self, record: ErrorRecord, node: Node | None) -> None:
        if record.invocation is None and node is not None:
            record.invocation = invocation_at(node.source, node.start, node.end)
        if not record.script_stack_trace:
            record.script_stack_trace = script_stack_trace(self.frame)

    # ---- files and location

    def set_location(self, path: str) -> None:
        """Set-Location for whoever prepares a session. Raises ScriptError if there is no such place."""
        from winbake.rehearsal.powershell.providers import core

        core.set_location(self, core.locate(self, path))

    def file_lines(self, path: str) -> list[str]:
        """The lines of a file, for `switch -File`."""
        return [convert.to_text(line, self) for line in self.run_command("Get-Content", {"LiteralPath": path})]

    # ---- $PSDefaultParameterValues

    def apply_defaults(self, binder: Binder, command_name: str, arguments: list[Argument]) -> None:
        """Hands the binder what $PSDefaultParameterValues says of a command."""
        variable = self.global_scope.variables.get("psdefaultparametervalues")
        found = self.scope.find("psdefaultparametervalues")
        if found is not None:
            variable = found
        table = unwrap(variable.value) if variable is not None else None
        if not isinstance(table, Dictionary) or not len(table) or not binder.metadata.advanced:
            return
        if table.contains("Disabled") and convert.to_bool(table.get("Disabled")):
            return
        for key, value in list(table.items()):
            pattern, colon, parameter = convert.to_text(key, self).strip().partition(":")
            if not colon or not self.wildcard(pattern.strip().strip("\"'")).matches(command_name):
                continue
            matches = binder.metadata.match(parameter.strip().strip("\"'"))
            if len(matches) == 1:
                bare = unwrap(value)
                if isinstance(bare, ScriptBlock):
                    value = self.collected(self.invoke(bare))
                    value = None if value is AUTOMATION_NULL else value
                binder.defaults[matches[0].name.lower()] = value

    # ---- views

    def state_view(self) -> Any:
        from winbake.rehearsal.powershell.running.execution_context import SessionStateView

        return SessionStateView(self)


def _own_process(host: Any) -> Any:
    """A process for a session that was made without one."""
    if host is None:
        return None
    return host.add_resident(POWERSHELL, 0, host.default_token)


_ACTIONS = ("SilentlyContinue", "Stop", "Continue", "Inquire", "Ignore", "Suspend")


def _action_name(value: Any, default: str) -> str:
    if value is None:
        return default
    if isinstance(value, bool):
        return str(value)
    if type(value) is int and 0 <= value < len(_ACTIONS):
        return _ACTIONS[value]
    name = getattr(value, "name", None)
    text = name if isinstance(name, str) else str(convert.to_text(value))
    for known in _ACTIONS:
        if known.lower() == text.lower():
            return known
    return text
