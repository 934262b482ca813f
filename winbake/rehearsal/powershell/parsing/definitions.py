"""What holds other statements: scripts and script blocks, param blocks, functions, using."""

from __future__ import annotations

from winbake.rehearsal.powershell.parsing.statements import StatementRules
from winbake.rehearsal.powershell.parsing.tokens import COMMAND, EXPRESSION, Token
from winbake.rehearsal.powershell.syntax import (
    Attribute,
    FunctionDefinition,
    Hashtable,
    ParamBlock,
    Parameter,
    ScriptBlock,
    Statement,
    StatementBlock,
    StringConstant,
    Using,
)

_NAMED_BLOCKS = ("dynamicparam", "begin", "process", "end")
_NO_FUNCTION_NAME = frozenset(
    [
        "|", "(", "{", "@(", "@{", "}", ")", "eof", ";", "redirection", "<", "&&", "||", "&", "variable",
        "splat", "expandable", "string",
    ]
)


class DefinitionRules(StatementRules):
    # ---- script blocks --------------------------------------------------------------------------------------

    def script_block(self, left_curly: Token | None, is_filter: bool) -> ScriptBlock:
        """A script (no brace), or what follows `{` up to and with its `}`."""
        self.skip_newlines()
        start = 0 if left_curly is None else left_curly.start
        block = ScriptBlock(self.source, start, start)
        if left_curly is None:
            block.usings = self._usings()
        position = self.here()
        block.param_block = self._param_block()
        if block.param_block is None:
            self.go_to(position)
        self.skip_newlines_and_semicolons()
        if self.peek().kind in _NAMED_BLOCKS:
            self._named_blocks(block, left_curly)
        else:
            self._unnamed_block(block, left_curly, is_filter)
        return block

    def _unnamed_block(self, block: ScriptBlock, left_curly: Token | None, is_filter: bool) -> None:
        body = self.statement_list(self.here())
        while not self._closed(block, left_curly):
            more = self.statement_list(self.here())
            body.statements += more.statements
            body.traps += more.traps
            body.end = more.end
        if is_filter:
            block.process_block = body
        else:
            block.end_block = body

    def _closed(self, block: ScriptBlock, left_curly: Token | None) -> bool:
        """Reads the closing brace, or the end of the script; False if the script goes on (after an error)."""
        token = self.next()
        if left_curly is None:
            if token.kind != "eof":
                self.error("UnexpectedToken", token, token.text)
                return False
            block.end = token.end
        elif token.kind == "}":
            block.end = token.end
        else:
            self.unget(token)
            self.error("MissingEndCurlyBrace", left_curly)
            block.end = token.start
        return True

    def _named_blocks(self, block: ScriptBlock, left_curly: Token | None) -> None:
        while (token := self.peek()).kind in _NAMED_BLOCKS:
            self.skip()
            body = self.statement_block()
            if body is None:
                self.error_after("MissingNamedStatementBlock", token, token.kind)
                body = StatementBlock(self.source, token.start, token.end, [])
            field = "dynamic_param" if token.kind == "dynamicparam" else f"{token.kind}_block"
            if getattr(block, field) is not None:
                self.errors.add("DuplicateScriptCommandClause", self.source, token.start, body.end, token.kind)
            else:
                setattr(block, field, body)
            self.skip_newlines_and_semicolons()
        while not self._closed(block, left_curly):
            self.statement_list(self.here())

    # ---- parameters -----------------------------------------------------------------------------------------

    def _param_block(self) -> ParamBlock | None:
        attributes = self.attribute_list(False)
        self.skip_newlines()
        token = self.peek()
        if token.kind != "param":
            return None
        self.skip()
        self.skip_newlines()
        opening = self.next()
        if opening.kind != "(":
            self.unget(opening)
            return None
        parameters = self.parameter_list()
        self.skip_newlines()
        closing = self.next()
        end = closing.end
        if closing.kind != ")":
            self.unget(closing)
            end = closing.start
            self.error_after("MissingEndParenthesisInFunctionParameterList", parameters[-1] if parameters else opening)
        kept: list[Attribute] = []
        for attribute in attributes:
            if isinstance(attribute, Attribute):
                kept.append(attribute)
            else:
                self.error("TypeNotAllowedBeforeParam", attribute, attribute.type_name.text)
        return ParamBlock(self.source, token.start, end, kept, parameters)

    def parameter_list(self) -> list[Parameter]:
        parameters: list[Parameter] = []
        comma: Token | None = None
        while True:
            parameter = self._parameter_definition()
            if parameter is None:
                if comma is not None:
                    self.error_after("MissingExpressionAfterToken", comma, ",")
                return parameters
            parameters.append(parameter)
            self.skip_newlines()
            comma = self.peek()
            if comma.kind != ",":
                return parameters
            self.skip()

    def _parameter_definition(self) -> Parameter | None:
        old_mode, old_comma = self.set_mode(EXPRESSION), self.comma_disabled
        self.comma_disabled = True
        try:
            self.skip_newlines()
            attributes = self.attribute_list(False)
            self.skip_newlines()
            token = self.next()
            if token.kind not in ("variable", "splat"):
                self.unget(token)
                if not attributes:
                    return None
                self.error_after("InvalidFunctionParameter", attributes[-1])
                self.synchronize(True, ")")
                return Parameter(self.source, attributes[0].start, attributes[-1].end, "__error__", attributes)
            start = attributes[0].start if attributes else token.start
            parameter = Parameter(self.source, start, token.end, token.value, attributes)
            self.skip_newlines()
            equals = self.peek()
            if equals.kind == "=":
                self.skip()
                self.skip_newlines()
                parameter.default = self.expression()
                if parameter.default is None:
                    self.error_after("MissingExpressionAfterToken", equals, "=")
                else:
                    parameter.end = parameter.default.end
            return parameter
        finally:
            self.comma_disabled = old_comma
            self.set_mode(old_mode)

    def optional_parameters(self) -> tuple[list[Parameter] | None, int | None, bool]:
        """`( … )` behind a function or method name: parameters, where the list ends, and whether it is whole."""
        self.skip_newlines()
        opening = self.peek()
        if opening.kind != "(":
            return None, None, True
        self.skip()
        parameters = self.parameter_list()
        self.skip_newlines()
        closing = self.next()
        if closing.kind != ")":
            self.unget(closing)
            end = parameters[-1].end if parameters else opening.end
            self.error_after("MissingEndParenthesisInFunctionParameterList", end)
            return parameters, end, False
        self.skip_newlines()
        return parameters, closing.end, True

    # ---- functions ------------------------------------------------------------------------------------------

    def function_definition(self, keyword: Token) -> Statement:
        self.skip_newlines()
        name = self.next()
        if name.kind in _NO_FUNCTION_NAME:
            self.unget(name)
            self.error_after("MissingNameAfterKeyword", keyword, keyword.text)
            return self.broken_statement(keyword.start, keyword.end)
        parameters, end, whole = self.optional_parameters()
        opening = self.next()
        if opening.kind != "{":
            self.unget(opening)
            if whole:
                self.error_after("MissingFunctionBody", name.end if end is None else end)
            return self.broken_statement(keyword.start, name.end)
        if not whole:
            self.unget(opening)
            return self.broken_statement(keyword.start, name.end)
        is_filter = keyword.kind == "filter"
        body = self.script_block(opening, is_filter)
        text = name.value if name.kind == "generic" and isinstance(name.value, str) else name.text
        return FunctionDefinition(
            self.source, keyword.start, body.end, text, is_filter, parameters, body, keyword.kind == "workflow"
        )

    # ---- using ----------------------------------------------------------------------------------------------

    def _usings(self) -> list[Using]:
        usings: list[Using] = []
        while (token := self.peek()).kind == "using":
            self.skip()
            statement = self.using_statement(token)
            self.skip_newlines_and_semicolons()
            if isinstance(statement, Using):
                usings.append(statement)
        self.go_to(self.here())
        return usings

    def using_statement(self, keyword: Token) -> Statement:
        directive = self.next()
        if directive.kind not in ("namespace", "module", "assembly", "type", "command"):
            self.unget(directive)
            self.error_after("MissingUsingStatementDirective", keyword)
            return self.broken_statement(keyword.start, keyword.end)
        token = self.next()
        if token.kind in ("eof", "newline", ","):
            self.unget(token)
            self.error_after("MissingUsingItemName", directive)
            return self.broken_statement(keyword.start, directive.end)
        old = self.set_mode(COMMAND)
        item = self._argument("argument", token)
        self.set_mode(old)
        if item is None or not isinstance(item, (StringConstant, Hashtable)):
            self.error("InvalidValueForUsingItemName", token, token.text)
            return self.broken_statement(keyword.start, token.end)
        if directive.kind in ("type", "command") or self.peek().kind == "=":
            self.errors.add("UsingStatementNotSupported", self.source, keyword.start, item.end)
        if self.peek().kind not in ("newline", ";", "eof"):
            self.error_after("MissingStatementTerminator", item)
        name = item.value if isinstance(item, StringConstant) else item.text
        return Using(self.source, keyword.start, item.end, directive.kind, name)
