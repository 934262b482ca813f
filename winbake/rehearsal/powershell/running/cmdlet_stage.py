"""Cmdlets written in Python as commands of a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.binding.binder import Argument, Binder, after_end_of_names
from winbake.rehearsal.powershell.binding.binding_errors import BindingError
from winbake.rehearsal.powershell.binding.common_parameters import apply_variables, preferences
from winbake.rehearsal.powershell.command import Cmdlet
from winbake.rehearsal.powershell.errors import ErrorRecord, NetError, NotModelled, ScriptError
from winbake.rehearsal.powershell.running.error_flow import place
from winbake.rehearsal.powershell.running.frame import Frame
from winbake.rehearsal.powershell.running.functions import CmdletInfo
from winbake.rehearsal.powershell.running.pipeline import Stage
from winbake.rehearsal.powershell.running.positions import InvocationInfo

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.powershell.syntax import Node


class CmdletStage(Stage):
    """One call of a cmdlet. Its code runs in the context of the frame that called it."""

    def __init__(
        self, session: Session, f: Frame, info: CmdletInfo, arguments: list[Argument], name: str, node: Node | None
    ) -> None:
        super().__init__(session, f)
        self.info = info
        self.arguments = after_end_of_names(arguments)
        self.name = name
        self.node = node
        self.scope = f.scope
        self.state = f.scope.state
        self.takes_input = False
        self.binder: Binder
        self.cmdlet: Cmdlet
        invocation = self.invocation = InvocationInfo(
            info,
            name,
            node.source if node is not None else None,
            node.start if node is not None else 0,
            node.end if node is not None else 0,
        )
        invocation.bound = None

    def prepare(self) -> None:
        self._guarded(self._prepare)

    def _prepare(self) -> None:
        info, session = self.info, self.session
        invocation = self.invocation
        invocation.expecting_input = self.expects_input
        invocation.pipeline_length = len(self.pipeline.stages)
        invocation.pipeline_position = self.pipeline.stages.index(self) + 1
        binder = self.binder = Binder(session, info.row.metadata, info.name, info.error_suffix)
        binder.transforms = getattr(info.cmdlet_class, "transforms", {})
        session.apply_defaults(binder, info.name, self.arguments)
        binder.bind_command_line(self.arguments, self.expects_input)
        if info.cmdlet_class is not None:
            adder = getattr(info.cmdlet_class, "dynamic_parameters", None)
            if adder is not None:
                binder.metadata = adder(session, binder)
                binder.rebind_dynamic()
        binder.finish_command_line()
        if info.cmdlet_class is None:
            raise NotModelled(info.name)
        self.takes_input = any(p.takes_pipeline for p in binder.metadata.parameters.values())
        cmdlet = self.cmdlet = self.command = info.cmdlet_class(session)
        cmdlet.bound = binder.bound
        cmdlet.parameter_set = binder.chosen_set
        cmdlet.invocation = invocation
        cmdlet.has_pipeline_input = self.expects_input
        cmdlet.preferences = {k.lower(): v for k, v in preferences(binder.bound, False).items()}
        cmdlet.stage = self
        apply_variables(self, binder.bound, self.scope)
        cmdlet._emit = self.emit

    def begin(self) -> None:
        self._guarded(self.cmdlet.begin)

    def process(self, item: Any) -> None:
        self._guarded(self._process, item)

    def _process(self, item: Any) -> None:
        binder = self.binder
        if self.takes_input:
            try:
                binder.bind_pipeline(item)
            except BindingError as failure:
                failure.record.target = item
                failure.point_from(self.invocation)
                failure.record.exception.error_record = failure.record
                self.session.write_error(failure.record, self.cmdlet)
                return
            self.cmdlet.parameter_set = binder.chosen_set
        else:
            refused = binder.errors.not_bound()
            refused.record.target = item
            refused.point_from(self.invocation)
            self.session.write_error(refused.record, self.cmdlet)
            return
        self.cmdlet.process()

    def process_alone(self) -> None:
        self._guarded(self.cmdlet.process)

    def end(self) -> None:
        self._guarded(self.cmdlet.end)

    def dispose(self) -> None:
        cmdlet = getattr(self, "cmdlet", None)
        if cmdlet is not None:
            cmdlet.dispose()

    def _guarded(self, step: Callable[..., None], *arguments: Any) -> None:
        """Runs a step of the cmdlet in the caller's context; its errors get id, position and activity."""
        session = self.session
        state = self.state
        saved_frame, saved_state, saved_scope = session.frame, session.state, state.current
        session.frame = self.caller
        session.state = state
        state.current = self.scope
        try:
            step(*arguments)
        except ScriptError as failure:
            self._sign(failure)
            raise
        except NetError as failure:
            exception = failure.exception
            made = ScriptError(ErrorRecord(exception, exception.type_name, "NotSpecified"))
            self._sign(made)
            raise made from failure
        finally:
            session.frame, session.state, state.current = saved_frame, saved_state, saved_scope

    def _sign(self, failure: ScriptError) -> None:
        record = failure.record
        if record.invocation is not None:
            if record.category == "ParserError" and not record.script_stack_trace:
                # The text of this cmdlet's own argument did not parse: the position is in that text.
                record.error_id = f"{record.error_id},{self.info.error_suffix}"
                record.activity = record.activity or self.info.name
            return
        if isinstance(failure, BindingError):
            failure.point_from(self.invocation)
        else:
            record.error_id = (
                f"{record.error_id},{self.info.error_suffix}" if record.error_id else self.info.error_suffix
            )
        sign_record(record, self.info.name, self.invocation)
        place(self.caller, failure, None)


def sign_record(record: ErrorRecord, activity: str, invocation: InvocationInfo) -> None:
    if not record.activity:
        record.activity = activity
    if record.invocation is None:
        record.invocation = invocation
