"""Functions, filters, script files and script blocks as commands of a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.binding.binder import Argument, Binder, after_end_of_names, marked_name
from winbake.rehearsal.powershell.binding.binding_errors import BindingError
from winbake.rehearsal.powershell.binding.common_parameters import apply_variables, preferences
from winbake.rehearsal.powershell.binding.parameters import ParameterInfo
from winbake.rehearsal.powershell.compile.assignments import make_guard
from winbake.rehearsal.powershell.compile.core import Run
from winbake.rehearsal.powershell.dotnet.collections import Enumerator, GenericDictionary, ignoring_case
from winbake.rehearsal.powershell.errors import ExitFlow, ReturnFlow, ScriptError
from winbake.rehearsal.powershell.running.error_flow import call_depth_overflow
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.functions import CommandInfo, ScriptBlock, ScriptInfo
from winbake.rehearsal.powershell.running.pipeline import Stage
from winbake.rehearsal.powershell.running.positions import InvocationInfo
from winbake.rehearsal.powershell.running.scope import Scope, Variable
from winbake.rehearsal.powershell.types import get_type
from winbake.rehearsal.powershell.values import INTEGER_RANGES, PSArray
from winbake.rehearsal.windows.failures import ProcessKilled

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.powershell.syntax import Node

MAX_DEPTH = 1500
"""Calls within calls; where Windows' stack ends depends on the script, mostly between 1,000 and 5,000."""

NO = object()


def unbound_value(parameter: ParameterInfo) -> Any:
    """What a typed parameter holds that nobody gave a value: 0, '', $false; anything else $null."""
    net_type = parameter.net_type
    if net_type is None:
        return None
    if net_type.key == "System.String":
        return ""
    if net_type.key == "System.Boolean":
        return False
    if parameter.is_switch or net_type.key in _NUMERIC:
        return convert.convert(None if not parameter.is_switch else False, net_type)
    return None


_NUMERIC = frozenset(
    {"System.Int32", "System.Double", "System.Single", "System.Decimal", "System.Char"}
    | {f"System.{kind.__name__}" for kind in INTEGER_RANGES if kind is not int}
)


class ScriptStage(Stage):
    """One call. `dotted` runs in the caller's scope; `new_scope` False too (ForEach-Object's blocks)."""

    def __init__(
        self,
        session: Session,
        f: Frame,
        info: CommandInfo,
        block: ScriptBlock,
        arguments: list[Argument],
        *,
        dotted: bool = False,
        name: str = "",
        node: Node | None = None,
        module_state: Any = None,
    ) -> None:
        super().__init__(session, f)
        self.info = info
        self.block = block
        self.compiled = block.compiled
        self.arguments = after_end_of_names(arguments)
        self.dotted = dotted
        self.name = name
        self.node = node
        self.state = module_state if module_state is not None else block.state
        self.frame: Frame
        self.scope: Scope
        self.binder: Binder | None = None
        self.advanced = False
        self.input: list[Any] = []
        self.received = False
        self.bound_dictionary: GenericDictionary | None = None
        self.underscore: Any = NO
        self.this: Any = NO

    # ---- binding

    def prepare(self) -> None:
        session = self.session
        state = self.state
        if self.dotted:
            self.scope = state.current
        else:
            self.scope = Scope(state.current, state, is_script=isinstance(self.info, ScriptInfo))
        frame = self.frame = Frame(session, self.scope, self.compiled, self.caller, typed_locals=not self.dotted)
        frame.function_name = self.info.name or "<ScriptBlock>"
        frame.command_name = self.info.name
        if isinstance(self.info, ScriptInfo):
            frame.function_name = "<ScriptBlock>"
        node = self.node
        invocation = InvocationInfo(
            self.info,
            self.name,
            node.source if node is not None else None,
            node.start if node is not None else 0,
            node.end if node is not None else 0,
        )
        invocation.expecting_input = self.expects_input
        invocation.pipeline_length = len(self.pipeline.stages)
        invocation.pipeline_position = self.pipeline.stages.index(self) + 1
        frame.invocation = invocation
        simple = self.compiled.simple_parameters
        if simple is not None and not any(a.name is not None for a in self.arguments):
            self._bind_simply(simple)
        else:
            try:
                self._bind()
            except BindingError as failure:
                failure.point_from(invocation)
                raise
        variables = self.scope.variables
        variables["myinvocation"] = Variable("MyInvocation", invocation)
        file = self.compiled.ast.source.file
        if file is not None:
            variables["pscommandpath"] = Variable("PSCommandPath", file)
            variables["psscriptroot"] = Variable("PSScriptRoot", file.rpartition("\\")[0])
        if self.compiled.uses_bound_parameters or self.advanced:
            variables["psboundparameters"] = Variable("PSBoundParameters", self._bound_dictionary())
        invocation.bound = self.bound_dictionary

    def _bind_simply(self, names: list[str]) -> None:
        variables = self.scope.variables
        arguments = self.arguments
        bound: dict[str, Any] = {}
        for name, argument in zip(names, arguments, strict=False):
            value = argument.value
            variables[name.lower()] = Variable(name, value)
            bound[name] = value
        rest = arguments[len(names) :]
        variables["args"] = Variable("args", PSArray([a.value for a in rest]))
        self.frame.invocation.unbound = [a.value for a in rest]
        self.bound = bound
        if len(arguments) < len(names):
            self._enter()
            try:
                for name in names[len(arguments) :]:
                    variables.pop(name.lower(), None)
                for index in range(len(arguments), len(names)):
                    default = self.compiled.defaults[index]
                    value = default(self.frame) if default is not None else None
                    variables[names[index].lower()] = Variable(names[index], value)
            finally:
                self._leave()

    def _bind(self) -> None:
        metadata = self.compiled.metadata(self.frame, self.info.name)
        self.advanced = metadata.advanced
        binder = self.binder = Binder(self.session, metadata, self.info.name, self._suffix())
        self.session.apply_defaults(binder, self.info.name, self.arguments)
        binder.bind_command_line(self.arguments, self.expects_input)
        if self.compiled.dynamic is not None:
            self._bind_dynamic(binder)
        binder.finish_command_line()
        self.bound = binder.bound
        variables = self.scope.variables
        self._enter()
        try:
            if self.advanced:
                from winbake.rehearsal.powershell.running.pscmdlet import ScriptCmdlet

                self.frame.cmdlet = self.command = ScriptCmdlet(self)
                for name, value in preferences(binder.bound, True).items():
                    variables[name.lower()] = Variable(name, value)
                variables["pscmdlet"] = Variable("PSCmdlet", self.frame.cmdlet)
            else:
                variables["args"] = Variable("args", PSArray(_rest(binder.unbound)))
                self.frame.invocation.unbound = _rest(binder.unbound)
            declared = [metadata.parameters[p.name.lower()] for p in self.compiled.parameters]
            for parameter in declared:
                if parameter.name in binder.bound:
                    self._set_parameter(parameter, binder.bound[parameter.name])
                else:
                    variables.pop(parameter.name.lower(), None)
            for parameter, default in zip(declared, self.compiled.defaults, strict=True):
                if parameter.name in binder.bound:
                    continue
                if default is None or (parameter.mandatory_somewhere and self._mandatory_now(parameter)):
                    value = unbound_value(parameter)
                else:
                    value = default(self.frame)
                    if parameter.net_type is not None and parameter.net_type.key not in _NO_GUARD:
                        value = convert.convert(value, parameter.net_type, self.session)
                self._set_parameter(parameter, value)
        finally:
            self._leave()
        if self.advanced:
            apply_variables(self, binder.bound, self.caller.scope)

    def _mandatory_now(self, parameter: ParameterInfo) -> bool:
        assert self.binder is not None
        return any(s.mandatory for s in parameter.in_sets(self.binder.current))

    def _bind_dynamic(self, binder: Binder) -> None:
        from winbake.rehearsal.powershell.binding.dynamic_parameters import add_dynamic

        variables = self.scope.variables
        for parameter in binder.metadata.parameters.values():
            if parameter.name in binder.bound and not parameter.common:
                self._set_parameter(parameter, binder.bound[parameter.name])
        variables["psboundparameters"] = Variable("PSBoundParameters", self._bound_dictionary(binder.bound))
        self.bound_dictionary = None
        items: list[Any] = []
        assert self.compiled.dynamic is not None
        self._call(self.compiled.dynamic, items.append)
        binder.metadata = add_dynamic(self.frame, binder.metadata, items)
        binder.rebind_dynamic()

    def _suffix(self) -> str:
        return self.info.name

    def _set_parameter(self, parameter: ParameterInfo, value: Any) -> None:
        variable = Variable(parameter.name, value)
        types = (
            [parameter.net_type] if parameter.net_type is not None and parameter.net_type.key not in _NO_GUARD else []
        )
        variable.guard = make_guard(self.session, parameter.name, types, parameter.validations)
        self.scope.variables[parameter.name.lower()] = variable

    def _bound_dictionary(self, bound: dict[str, Any] | None = None) -> GenericDictionary:
        if self.bound_dictionary is None:
            made = bound_parameters(self.bound if bound is None else bound)
            self.bound_dictionary = made
        return self.bound_dictionary

    # ---- running

    def _enter(self) -> None:
        session = self.session
        self._saved = (session.frame, session.state, self.state.current)
        session.frame = self.frame
        session.state = self.state
        self.state.current = self.scope

    def _leave(self) -> None:
        session = self.session
        session.frame, session.state, self.state.current = self._saved

    def _call(self, run: Run, out: Callable[[Any], None]) -> None:
        session = self.session
        state = self.state
        saved_frame, saved_state, saved_scope = session.frame, session.state, state.current
        session.frame = self.frame
        session.state = state
        state.current = self.scope
        session.depth += 1
        try:
            if session.depth > MAX_DEPTH:
                raise call_depth_overflow()
            if session.stopped():
                raise ProcessKilled
            run(self.frame, out)
        except ReturnFlow:
            pass
        except ScriptError as error:
            if getattr(error, "leaves", None) is self.command and self.command is not None:
                error.leaves = None  # type: ignore[attr-defined]
            raise
        except ExitFlow as flow:
            if not isinstance(self.info, ScriptInfo):
                raise
            session.global_scope.put("lastexitcode", flow.code)
            self.exited = True
            if flow.code:
                self.pipeline.failed = True
        finally:
            session.depth -= 1
            session.frame, session.state, state.current = saved_frame, saved_state, saved_scope

    exited = False

    def begin(self) -> None:
        if self.underscore is not NO:
            self.scope.put("_", self.underscore)
        if self.this is not NO:
            self.scope.put("this", self.this)
        if self.compiled.begin is not None:
            if self.expects_input:
                self._set_input([])
            self._call(self.compiled.begin, self.emit)

    def process(self, item: Any) -> None:
        if self.exited:
            return
        self.received = True
        if self.advanced and not self._bind_item(item):
            return
        if self.compiled.process is not None:
            self.scope.put("_", item)
            self._set_input([item])
            self._call(self.compiled.process, self.emit)
        else:
            self.input.append(item)

    def process_alone(self) -> None:
        if self.compiled.process is not None and not self.exited:
            self._call(self.compiled.process, self.emit)

    def _bind_item(self, item: Any) -> bool:
        binder = self.binder
        assert binder is not None
        try:
            self._enter()
            try:
                binder.bind_pipeline(item)
            finally:
                self._leave()
        except BindingError as failure:
            self._write_binding_error(failure, item)
            return False
        dictionary = self.bound_dictionary
        for parameter in binder.pipeline_reset:
            key = parameter.name
            if key not in binder.bound:
                if dictionary is not None:
                    dictionary.remove(key)
                index = [p.name.lower() for p in self.compiled.parameters].index(key.lower())
                default = self.compiled.defaults[index]
                self._enter()
                try:
                    value = default(self.frame) if default is not None else unbound_value(parameter)
                finally:
                    self._leave()
                self._set_parameter(parameter, value)
        for key in [*binder.pipeline_names(), *binder.delayed_names()]:
            value = binder.bound[key]
            variable = self.scope.variables.get(key.lower())
            if variable is not None:
                variable.value = value
            if dictionary is not None:
                dictionary.set(key, value)
        return True

    def _write_binding_error(self, failure: BindingError, item: Any) -> None:
        failure.record.target = item
        failure.point_from(self.frame.invocation)
        failure.record.exception.error_record = failure.record
        self.session.write_error(failure.record, self.frame.cmdlet)

    def end(self) -> None:
        if self.exited or self.compiled.end is None:
            return
        self._set_input(self.input)
        self._call(self.compiled.end, self.emit)

    def _set_input(self, items: list[Any]) -> None:
        variable = self.scope.variables.get("input")
        enumerator = Enumerator(items)
        if variable is None:
            self.scope.variables["input"] = Variable("input", enumerator)
        else:
            variable.value = enumerator


_NO_GUARD = ("System.Management.Automation.PSReference",)


def _rest(arguments: list[Argument]) -> list[Any]:
    """What `$args` holds of arguments that no parameter took."""
    values: list[Any] = []
    for argument in arguments:
        if argument.name is not None:
            values.append(marked_name(argument.parameter_text))
            if argument.has_value:
                values.append(argument.value)
        else:
            values.append(argument.value)
    return values


def bound_parameters(bound: dict[str, Any]) -> GenericDictionary:
    """`$PSBoundParameters`."""
    made = GenericDictionary(get_type("System.String"), get_type("System.Object"), key=ignoring_case)
    made.net_type = get_type("System.Management.Automation.PSBoundParametersDictionary")
    for name, value in bound.items():
        made.set(name, value)
    return made
