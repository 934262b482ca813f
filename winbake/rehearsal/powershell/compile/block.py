"""CompiledBlock: the body of a script, function or script block, compiled once and shared by all that run it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from winbake.rehearsal.powershell import syntax
from winbake.rehearsal.powershell.binding.parameters import CommandMetadata
from winbake.rehearsal.powershell.compile.core import Run
from winbake.rehearsal.powershell.running.frame import Frame


class CompiledBlock:
    """`parameters` are those of `function f(…)`; otherwise the param block's count."""

    def __init__(
        self,
        ast: syntax.ScriptBlock,
        parameters: list[syntax.Parameter] | None = None,
        function: syntax.FunctionDefinition | None = None,
        text: str | None = None,
    ) -> None:
        self.ast = ast
        self.function = function
        self._parameters = parameters
        self._text = text
        self._metadata: CommandMetadata | None = None

    @cached_property
    def text(self) -> str:
        if self._text is not None:
            return self._text
        text = self.ast.source.text[self.ast.start : self.ast.end]
        if text.startswith("{") and text.endswith("}"):
            text = text[1:-1]
        return text

    @cached_property
    def parameters(self) -> list[syntax.Parameter]:
        if self._parameters is not None:
            return self._parameters
        return self.ast.param_block.parameters if self.ast.param_block is not None else []

    @cached_property
    def attributes(self) -> list[syntax.Attribute]:
        return self.ast.param_block.attributes if self.ast.param_block is not None else []

    @cached_property
    def simple_parameters(self) -> list[str] | None:
        """The names if no parameter has a type, an attribute, or the block a binding attribute: binding is trivial."""
        if self.attributes or self.ast.dynamic_param is not None or any(p.attributes for p in self.parameters):
            return None
        return [p.name for p in self.parameters]

    @cached_property
    def defaults(self) -> list[Any]:
        """Compiled defaults of the parameters, in order; None where there is none."""
        from winbake.rehearsal.powershell.compile.core import compile_expression

        return [compile_expression(p.default) if p.default is not None else None for p in self.parameters]

    def metadata(self, f: Frame, name: str) -> CommandMetadata:
        """Parameter metadata; made with the frame of the first call. Raises ScriptError for unknown types."""
        if self._metadata is None:
            from winbake.rehearsal.powershell.binding.attributes import make_metadata

            made = make_metadata(f, name, self.parameters, self.attributes)
            if any(p.net_type is not None and p.net_type.script_class is not None for p in made.parameters.values()):
                return made
            self._metadata = made
        return self._metadata

    @cached_property
    def begin(self) -> Run | None:
        return self._compile(self.ast.begin_block)

    @cached_property
    def process(self) -> Run | None:
        return self._compile(self.ast.process_block)

    @cached_property
    def end(self) -> Run | None:
        return self._compile(self.ast.end_block)

    @cached_property
    def dynamic(self) -> Run | None:
        return self._compile(self.ast.dynamic_param)

    @staticmethod
    def _compile(block: syntax.StatementBlock | None) -> Run | None:
        from winbake.rehearsal.powershell.compile.blocks import compile_statement_block

        return None if block is None else compile_statement_block(block)

    @cached_property
    def uses_bound_parameters(self) -> bool:
        return "boundparameters" in self.ast.source.text.lower()

    @cached_property
    def is_filter_like(self) -> bool:
        """Whether pipeline objects are processed one by one."""
        return self.ast.process_block is not None
