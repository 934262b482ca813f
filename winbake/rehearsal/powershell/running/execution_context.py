"""`$ExecutionContext`, session state views, steppable pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.values import NetObject, PSArray

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.running.functions import ScriptBlock
    from winbake.rehearsal.powershell.session import Session


class EngineIntrinsics(NetObject):
    net_type_name = "System.Management.Automation.EngineIntrinsics"

    def __init__(self, session: Session) -> None:
        self.session = session


class SessionStateView(NetObject):
    net_type_name = "System.Management.Automation.SessionState"

    def __init__(self, session: Session, module: Any = None) -> None:
        self.session = session
        self.module = module


class VariableIntrinsics(NetObject):
    net_type_name = "System.Management.Automation.PSVariableIntrinsics"

    def __init__(self, session: Session) -> None:
        self.session = session


class PathIntrinsics(NetObject):
    net_type_name = "System.Management.Automation.PathIntrinsics"

    def __init__(self, session: Session) -> None:
        self.session = session


class InvocationIntrinsics(NetObject):
    net_type_name = "System.Management.Automation.CommandInvocationIntrinsics"

    def __init__(self, session: Session) -> None:
        self.session = session


class SteppablePipeline(NetObject):
    """A script block's one pipeline, driven from outside: Begin, Process for each object, End."""

    net_type_name = "System.Management.Automation.SteppablePipeline"

    def __init__(self, session: Session, block: ScriptBlock, cmdlet: Any = None) -> None:
        from winbake.rehearsal.powershell import syntax
        from winbake.rehearsal.powershell.compile.commands import compile_command
        from winbake.rehearsal.powershell.running.pipeline import Pipeline

        self.session = session
        self.items: list[Any] = []
        self.cmdlet = cmdlet
        body = block.ast.end_block
        statement = body.statements[0] if body is not None and len(body.statements) == 1 else None
        if not isinstance(statement, syntax.Pipeline):
            from winbake.rehearsal.powershell.errors import NetError

            raise NetError(
                "System.Management.Automation.PSInvalidOperationException",
                "Only a script block that contains exactly one pipeline or command can be converted.",
            )
        frame = session.frame
        stages = [compile_command(element)(frame) for element in statement.elements]  # type: ignore[arg-type]
        self.pipeline = Pipeline(session, stages, self._write)

    def _write(self, value: Any) -> None:
        if self.cmdlet is not None:
            self.cmdlet.emit(value)
        else:
            self.items.append(value)

    def begin(self, expects_input: bool) -> None:
        self.pipeline.stages[0].expects_input = expects_input
        for stage in self.pipeline.stages:
            stage.prepare()
        for stage in self.pipeline.stages:
            stage.do_begin()

    def process(self, *items: Any) -> PSArray:
        from winbake.rehearsal.powershell.running.pipeline import DownstreamFailure

        first = self.pipeline.stages[0]
        try:
            if items:
                first.receive(items[0])
            else:
                first._run(first.process_alone)
        except DownstreamFailure as failure:
            raise failure.error from None
        return self._taken()

    def end(self) -> PSArray:
        for stage in self.pipeline.stages:
            stage.do_end()
        for stage in self.pipeline.stages:
            stage.dispose()
        return self._taken()

    def _taken(self) -> PSArray:
        taken = PSArray(self.items)
        self.items = []
        return taken
