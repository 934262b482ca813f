"""The activation of one script block: what its compiled closures get handed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.compile.block import CompiledBlock
    from winbake.rehearsal.powershell.running.scope import Scope
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.powershell.syntax import Node


class Frame:
    """`position` is the node being run; `typed_locals` says that the scope is this block's own, where the engine
    compiles variables and a failing assignment gives the conversion's own error."""

    __slots__ = (
        "block",
        "caller",
        "cmdlet",
        "command_name",
        "file",
        "function_name",
        "invocation",
        "position",
        "returns",
        "scope",
        "session",
        "typed_locals",
    )

    def __init__(
        self,
        session: Session,
        scope: Scope,
        block: CompiledBlock | None,
        caller: Frame | None,
        typed_locals: bool = False,
    ) -> None:
        self.session = session
        self.scope = scope
        self.block = block
        self.caller = caller
        self.position: Node | None = None
        self.cmdlet: Any = None
        """The `$PSCmdlet` of an advanced function."""
        self.invocation: Any = None
        self.command_name = ""
        self.function_name = "<ScriptBlock>"
        self.file = block.ast.source.file if block is not None else None
        self.typed_locals = typed_locals
        self.returns: Any = None
        """Where `return` writes in a method of a class; elsewhere None: to the block's output."""
