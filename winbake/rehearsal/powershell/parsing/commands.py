"""Pipelines, assignments, commands with their arguments, and redirections."""

from __future__ import annotations

from winbake.rehearsal.powershell.parsing.expressions import ExpressionRules
from winbake.rehearsal.powershell.parsing.tokens import ASSIGNMENTS, COMMAND, EXPRESSION, Token
from winbake.rehearsal.powershell.syntax import (
    ArrayLiteral,
    Assignment,
    Command,
    CommandExpression,
    CommandParameter,
    Constant,
    Expression,
    Pipeline,
    Redirection,
    Statement,
    StringConstant,
)

_ENDS_COMMAND = frozenset(("|", "}", ")", "eof", "newline", ";", "&&", "||"))
_NO_ARGUMENT = _ENDS_COMMAND | {"redirection", "<", "&", "--", ","}
_PRIMARY = frozenset(("splat", "variable", "number", "expandable", "string", "(", "$(", "@(", "@{", "{"))
_STREAM_NAMES = {
    0: "* stream",
    1: "output stream",
    2: "error stream",
    3: "warning stream",
    4: "verbose stream",
    5: "debug stream",
    6: "information stream",
}
VERBATIM = "--%"


class CommandRules(ExpressionRules):
    # ---- pipelines ------------------------------------------------------------------------------------------

    def pipeline(self) -> Statement | None:
        elements: list[Command | CommandExpression] = []
        pipe: Token | None = None
        while True:
            element: Command | CommandExpression | None
            expression, assign = self._pipeline_expression()
            if expression is not None:
                if elements:
                    self.error("ExpressionsMustBeFirstInPipeline", expression)
                if assign is not None:
                    return self._assignment(expression, assign)
                element = self._expression_element(expression)
            else:
                element = self.command()
            if element is not None:
                elements.append(element)
            elif elements or self.peek().kind == "|":
                if pipe is not None:
                    self.error_after("EmptyPipeElement", pipe)
                else:
                    self.error("EmptyPipeElement", self.peek())
            pipe = self.peek()
            kind = pipe.kind
            if kind in ("|", "&&", "||"):
                self.skip()
                self.skip_newlines()
                if kind != "|":
                    self.error("InvalidEndOfLine", pipe, pipe.text)
                if self.peek().kind == "eof":
                    if kind == "|":
                        self.error_after("EmptyPipeElement", pipe)
                    break
                continue
            if kind not in _ENDS_COMMAND:
                self.error("UnexpectedToken", pipe, pipe.text)
            break
        if not elements:
            return None
        return Pipeline(self.source, elements[0].start, elements[-1].end, elements)

    def _pipeline_expression(self) -> tuple[Expression | None, Token | None]:
        ungot = self._ungot
        if ungot is not None and ungot.kind == "generic" and self.lexer.mode == COMMAND and ungot.text[0].isalpha():
            return None, None  # a word is never an expression: spare reading it again in the other mode
        old = self.set_mode(EXPRESSION)
        try:
            expression = self.expression()
            if expression is not None:
                token = self.peek()
                if token.kind in ASSIGNMENTS:
                    self.skip()
                    return expression, token
            return expression, None
        finally:
            self.set_mode(old)

    def _assignment(self, left: Expression, operator: Token) -> Assignment:
        self.skip_newlines()
        right = self.statement()
        if right is None:
            self.error_after("ExpectedValueExpression", operator, operator.text)
            right = self.broken_statement(operator.end, operator.end)
        return Assignment(self.source, left.start, right.end, left, operator.kind, right)

    def _expression_element(self, expression: Expression) -> CommandExpression:
        element = CommandExpression(self.source, expression.start, expression.end, expression)
        while (token := self.peek()).kind in ("redirection", "<"):
            self.skip()
            self._redirection(token, element)
        return element

    def _redirection(self, token: Token, owner: Command | CommandExpression) -> None:
        if token.kind == "redirection" and token.value[1] is not None:
            from_stream, to_stream, _ = token.value
            owner.end = token.end
            if to_stream != 1 or from_stream == to_stream:
                self.error("RedirectionNotSupported", token, token.text)
            redirection = Redirection(self.source, token.start, token.end, from_stream, 1)
        else:
            target = self.single_argument("file")
            if target is None:
                self.error_after("MissingFileSpecification", token)
                target = self.broken_expression(token.start, token.end)
            owner.end = target.end
            if token.kind == "<":
                self.error("RedirectionNotSupported", token, token.text)
                return
            from_stream, _, append = token.value
            redirection = Redirection(self.source, token.start, target.end, from_stream, None, target, append)
        if any(other.from_stream == redirection.from_stream for other in owner.redirections):
            self.error("StreamAlreadyRedirected", redirection, _STREAM_NAMES[redirection.from_stream])
        else:
            owner.redirections.append(redirection)

    # ---- commands -------------------------------------------------------------------------------------------

    def command(self) -> Command | None:
        old = self.set_mode(COMMAND)
        try:
            first = token = self.next()
            command = Command(self.source, first.start, first.end, [])
            context = "name"
            if token.kind in (".", "&"):
                command.invocation = token.kind
                context = "invoked name"
                token = self.next()
            self._command_elements(command, token, context)
        finally:
            self.set_mode(old)
        if not command.elements:
            if command.invocation is not None:
                self.error("MissingExpression", first, first.text)
            return None
        return command

    def _command_elements(self, command: Command, token: Token, context: str) -> None:
        elements = command.elements
        after_dashes = False
        while token.kind not in _ENDS_COMMAND:
            kind = token.kind
            command.end = max(command.end, token.end)
            if kind == "&":
                self.error("AmpersandNotAllowed", token)
            elif kind == "--":
                if after_dashes:
                    elements.append(self._bare(token))
                else:
                    elements.append(CommandParameter(self.source, token.start, token.end, "-"))
                after_dashes = True
            elif kind == ",":
                self.error("MissingArgument", token)
                self.skip_newlines()
            elif kind == "parameter":
                if context != "argument" or after_dashes:
                    elements.append(self._bare(token))
                else:
                    parameter = self._parameter(token)
                    command.end = parameter.end
                    elements.append(parameter)
            elif kind in ("redirection", "<"):
                if context == "argument":
                    self._redirection(token, command)
                else:
                    elements.append(self._bare(token))
            else:
                argument = self._argument(context, token)
                if argument is None:
                    break
                elements.append(argument)
                command.end = argument.end
                if isinstance(argument, StringConstant) and argument.value == VERBATIM:
                    verbatim = self.lexer.verbatim_argument()
                    if verbatim is not None:
                        elements.append(self._bare(verbatim))
                        command.end = verbatim.end
                    return
            context = "argument"
            token = self.next()
        else:
            self.unget(token)

    def _parameter(self, token: Token) -> CommandParameter:
        parameter = CommandParameter(self.source, token.start, token.end, token.value)
        if token.flag == "colon" and self.peek().kind != ",":
            argument = self._argument("argument", self.next())
            if argument is None:
                self.error_after("ParameterRequiresArgument", token, token.text)
            else:
                parameter.argument = argument
                parameter.end = argument.end
        return parameter

    def _bare(self, token: Token) -> StringConstant:
        return StringConstant(self.source, token.start, token.end, token.text, "bare")

    # ---- arguments ------------------------------------------------------------------------------------------

    def single_argument(self, context: str) -> Expression | None:
        """One argument outside a command; `context` is "file", "switch", "argument" or "name"."""
        if self.peek().kind in (",", "eof"):
            return None
        old = self.set_mode(COMMAND)
        try:
            return self._argument(context, self.next())
        finally:
            self.set_mode(old)

    def _argument(self, context: str, token: Token) -> Expression | None:
        values: list[Expression] = []
        comma: Token | None = None
        while True:
            if token.kind in _NO_ARGUMENT:
                self.unget(token)
                if comma is None:
                    return None
                self.error_after("MissingExpression", comma, ",")
                return self.broken_expression(values[0].start, comma.end)
            value = self._argument_value(context, token)
            if context != "argument" or (isinstance(value, StringConstant) and value.value == VERBATIM):
                break
            following = self.peek()
            if following.kind != ",":
                break
            comma = following
            values.append(value)
            self.skip()
            self.skip_newlines()
            token = self.next()
        if not values:
            return value
        values = [self._number_again(item) for item in [*values, value]]
        return ArrayLiteral(self.source, values[0].start, values[-1].end, values)

    def _argument_value(self, context: str, token: Token) -> Expression:
        kind = token.kind
        if kind == "number":
            access = self.lexer.member_access(True)
            if access is None:
                return StringConstant(self.source, token.start, token.end, token.text, "bare", token.value)
            return self._members(access, Constant(self.source, token.start, token.end, token.value))
        if kind in _PRIMARY:
            self.unget(token)
            primary = self.primary(True)
            assert primary is not None
            return primary
        if kind == "generic":
            if isinstance(token.value, str):
                return StringConstant(self.source, token.start, token.end, token.value, "bare")
            if context == "name":
                return self._bare(token)
            return self.expandable(token)
        return self._bare(token)

    def _number_again(self, value: Expression) -> Expression:
        """In a list of arguments a number is just a number: its text is not kept."""
        if isinstance(value, StringConstant) and value.number is not None:
            return Constant(self.source, value.start, value.end, value.number)
        return value
