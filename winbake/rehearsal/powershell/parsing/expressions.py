"""Expressions: operators by precedence, unary operators and casts, literals, members, indexes, arguments."""

from __future__ import annotations

from winbake.rehearsal.powershell.parsing.lexer import Lexer
from winbake.rehearsal.powershell.parsing.stream import BrokenExpression, BrokenStatement, NestedSource
from winbake.rehearsal.powershell.parsing.tokens import (
    BINARY_PRECEDENCE,
    COMMAND,
    EXPRESSION,
    UNARY_OPERATORS,
    SubText,
    Token,
)
from winbake.rehearsal.powershell.parsing.types import TypeRules
from winbake.rehearsal.powershell.syntax import (
    ArrayExpression,
    ArrayLiteral,
    Attribute,
    AttributedExpression,
    Binary,
    Constant,
    Convert,
    ExpandableString,
    Expression,
    Hashtable,
    Index,
    InvokeMember,
    Member,
    Paren,
    ScriptBlockExpression,
    Statement,
    StringConstant,
    SubExpression,
    TypeConstraint,
    TypeExpression,
    Unary,
    UsingExpression,
    Variable,
)


class ExpressionRules(TypeRules):
    # ---- operators ------------------------------------------------------------------------------------------

    def expression(self) -> Expression | None:
        old = self.set_mode(EXPRESSION)
        try:
            first = self.array_literal()
            if first is None:
                return None
            token = self.peek()
            if token.kind not in BINARY_PRECEDENCE:
                return self._parameter_in_expression(token, first)
            self.skip()
            operands, operators = [first], [token]
            while True:
                self.skip_newlines()
                operand = self.array_literal()
                if operand is None:
                    self.error_after("ExpectedValueExpression", token, token.text)
                    operand = self.broken_expression(token.end, token.end)
                operands.append(operand)
                token = self.peek()
                precedence = BINARY_PRECEDENCE.get(token.kind)
                if precedence is None:
                    break
                self.skip()
                while operators and precedence <= BINARY_PRECEDENCE[operators[-1].kind]:
                    self._reduce(operands, operators)
                operators.append(token)
            while operators:
                self._reduce(operands, operators)
            return self._parameter_in_expression(token, operands[0])
        finally:
            self.set_mode(old)

    def _reduce(self, operands: list[Expression], operators: list[Token]) -> None:
        right, left, token = operands.pop(), operands.pop(), operators.pop()
        operands.append(Binary(self.source, left.start, right.end, left, token.kind, right, token.start, token.end))

    def _parameter_in_expression(self, token: Token, expression: Expression) -> Expression:
        if token.kind == "parameter":
            self.error("UnexpectedToken", token, token.text)
            self.skip()
        return expression

    def array_literal(self) -> Expression | None:
        first = self.unary()
        comma = self.peek()
        if comma.kind != "," or self.comma_disabled:
            return first
        elements = [first if first is not None else self.broken_expression(comma.start, comma.start)]
        while comma.kind == ",":
            self.skip()
            self.skip_newlines()
            element = self.unary()
            if element is None:
                self.error_after("MissingExpressionAfterToken", comma, ",")
                elements.append(self.broken_expression(comma.start, comma.end))
                break
            elements.append(element)
            comma = self.peek()
        return ArrayLiteral(self.source, elements[0].start, elements[-1].end, elements)

    def unary(self) -> Expression | None:
        lexer = self.lexer
        ungot = self._ungot
        if ungot is None or ungot.kind in ("-", "+"):
            if ungot is not None:
                self.go_to(ungot.start)
            lexer.allow_signed_numbers = True
            try:
                token = self.peek()
            finally:
                lexer.allow_signed_numbers = False
        else:
            token = ungot
        expression: Expression | None
        kind = token.kind
        if kind in UNARY_OPERATORS:
            if kind == "," and self.comma_disabled:
                return None
            self.skip()
            self.skip_newlines()
            child = self.unary()
            if child is None:
                self.error_after("MissingExpressionAfterOperator", token, token.text)
                return self.broken_expression(token.start, token.end)
            if kind == ",":
                expression = ArrayLiteral(self.source, token.start, child.end, [child])
            else:
                expression = Unary(self.source, token.start, child.end, kind, child)
        elif kind == "[":
            expression = self._bracketed(token)
        else:
            expression = self.primary(True)
        if expression is not None:
            token = self.peek()
            if token.kind in ("++", "--"):
                self.skip()
                expression = Unary(self.source, expression.start, token.end, "post" + token.kind, expression)
        return expression

    def _bracketed(self, token: Token) -> Expression | None:
        """Attributes and types before an expression, or a type by itself."""
        attributes = self.attribute_list(True)
        if not attributes:
            return None
        last = attributes[-1]
        expression: Expression | None = None
        if isinstance(last, Attribute):
            self.skip_newlines()
            child = self.unary()
            if child is None:
                self.error("UnexpectedAttribute", last, last.type_name.name)
                return self.broken_expression(token.start, last.end)
            expression = AttributedExpression(self.source, last.start, child.end, last, child)
        else:
            literal = TypeExpression(self.source, last.start, last.end, last.type_name)
            access = self.member_access(False)
            if access is not None:
                expression = self._members(access, literal)
            else:
                following = self.peek()
                if following.kind not in ("newline", ","):
                    child = self.unary()
                    if child is not None:
                        expression = Convert(self.source, last.start, child.end, last, child)
            if expression is None:
                expression = literal
        for attribute in reversed(attributes[:-1]):
            if isinstance(attribute, TypeConstraint):
                expression = Convert(self.source, attribute.start, expression.end, attribute, expression)
            else:
                expression = AttributedExpression(self.source, attribute.start, expression.end, attribute, expression)
        return expression

    # ---- primary expressions --------------------------------------------------------------------------------

    def primary(self, with_members: bool) -> Expression | None:
        token = self.next()
        kind = token.kind
        expression: Expression
        if kind == "variable" or kind == "splat":
            expression = self.variable(token, with_members)
        elif kind == "number":
            expression = Constant(self.source, token.start, token.end, token.value)
        elif kind == "string":
            expression = StringConstant(self.source, token.start, token.end, token.value, token.flag)
        elif kind == "expandable":
            expression = self.expandable(token)
        elif kind == "(":
            expression = self.parenthesized(token)
        elif kind == "$(" or kind == "@(":
            expression = self.sub_expression(token)
        elif kind == "@{":
            expression = self.hashtable(token)
        elif kind == "{":
            expression = self.script_block_expression(token)
        else:
            self.unget(token)
            return None
        if not with_members:
            return expression
        access = self.member_access(True)
        return expression if access is None else self._members(access, expression)

    def variable(self, token: Token, with_members: bool) -> Expression:
        path: str = token.value
        splatted, braced = token.kind == "splat", token.flag == "braced"
        prefix, colon, rest = path.partition(":")
        if not (colon and rest and prefix.lower() == "using"):
            return Variable(self.source, token.start, token.end, path, splatted, braced)
        child: Expression = Variable(self.source, token.start, token.end, rest, splatted, braced)
        if with_members:
            access = self.member_access(True)
            if access is not None:
                child = self._members(access, child)
        return UsingExpression(self.source, child.start, child.end, child)

    def expandable(self, token: Token) -> ExpandableString:
        parts: list[str | Expression] = []
        for part in token.value:
            if isinstance(part, str):
                parts.append(part)
            elif isinstance(part, SubText):
                parts.append(self._sub_text(part))
            else:
                parts.append(self.variable(part, False))
        return ExpandableString(self.source, token.start, token.end, parts, token.flag)

    def _sub_text(self, sub: SubText) -> Expression:
        """Parses `$( … )` that stands in a string."""
        saved = self.lexer, self._ungot, self.source
        if sub.text is None:
            lexer = Lexer(self.source, self.errors, sub.start, sub.end)
        else:
            self.source = NestedSource(self.source, sub)
            lexer = Lexer(self.source, self.errors)
        self.lexer, self._ungot = lexer, None
        try:
            expression = self.primary(True)
        finally:
            self.lexer, self._ungot, self.source = saved
        return expression if expression is not None else self.broken_expression(sub.start, sub.end)

    def parenthesized(self, opening: Token) -> Paren:
        old_mode, old_comma = self.set_mode(COMMAND), self.comma_disabled
        self.comma_disabled = False
        try:
            self.skip_newlines()
            pipeline = self.pipeline()
            if pipeline is None:
                self.error_after("ExpectedExpression", opening)
                pipeline = self.broken_statement(opening.end, opening.end)
            self.skip_newlines()
            closing = self.next()
            end = closing.end
            if closing.kind != ")":
                self.unget(closing)
                self.error_after("MissingEndParenthesisInExpression", pipeline)
                end = pipeline.end
        finally:
            self.comma_disabled = old_comma
            self.set_mode(old_mode)
        return Paren(self.source, opening.start, end, pipeline)

    def sub_expression(self, opening: Token) -> Expression:
        old_mode, old_comma = self.set_mode(COMMAND), self.comma_disabled
        self.comma_disabled = False
        try:
            self.skip_newlines()
            body = self.statement_list(opening.end)
            self.skip_newlines()
            closing = self.next()
            end = closing.end
            if closing.kind != ")":
                self.unget(closing)
                self.error("MissingEndParenthesisInSubexpression", closing)
                end = body.end
        finally:
            self.comma_disabled = old_comma
            self.set_mode(old_mode)
        if opening.kind == "$(":
            return SubExpression(self.source, opening.start, end, body)
        return ArrayExpression(self.source, opening.start, end, body)

    def script_block_expression(self, opening: Token) -> ScriptBlockExpression:
        old_mode, old_comma = self.set_mode(COMMAND), self.comma_disabled
        self.comma_disabled = False
        try:
            self.skip_newlines()
            block = self.script_block(opening, False)
        finally:
            self.comma_disabled = old_comma
            self.set_mode(old_mode)
        return ScriptBlockExpression(self.source, block.start, block.end, block)

    # ---- hashtables -----------------------------------------------------------------------------------------

    def hashtable(self, opening: Token) -> Hashtable:
        self.skip_newlines()
        pairs: list[tuple[Expression, Statement]] = []
        while (pair := self._pair()) is not None:
            pairs.append(pair)
            if self.peek().kind not in ("newline", ";"):
                break
            self.skip_newlines_and_semicolons()
        closing = self.next()
        end = closing.end
        if closing.kind != "}":
            self.unget(closing)
            behind = pairs[-1][1].end if pairs else opening.end
            self.error_after("IncompleteHashLiteral", behind)
            end = closing.start
        return Hashtable(self.source, opening.start, end, pairs)

    def _pair(self) -> tuple[Expression, Statement] | None:
        old = self.set_mode(EXPRESSION)
        try:
            key = self.label_or_key()
            if key is None:
                return None
            equals = self.next()
        finally:
            self.set_mode(old)
        if equals.kind != "=":
            self.unget(equals)
            self.error_after("MissingEqualsInHashLiteral", key)
            self.synchronize(True, "}", ";", "newline")
            return key, self.broken_statement(key.end, key.end)
        old = self.set_mode(COMMAND)
        try:
            self.skip_newlines()
            value = self.statement()
            if value is None:
                self.error_after("MissingStatementInHashLiteral", equals)
                value = self.broken_statement(equals.end, equals.end)
        finally:
            self.set_mode(old)
        return key, value

    def label_or_key(self) -> Expression | None:
        name = self.simple_name()
        if name is not None:
            return self.name_constant(name)
        if self.peek().kind in ("newline", ";"):
            return None
        old, self.comma_disabled = self.comma_disabled, True
        try:
            return self.unary()
        finally:
            self.comma_disabled = old

    # ---- members, calls, indexes ----------------------------------------------------------------------------

    def _members(self, access: Token | None, target: Expression) -> Expression:
        while access is not None:
            self.skip_newlines()
            if access.kind == "[":
                target = self._index(target, access)
            else:
                target = self._member(target, access)
            access = self.member_access(True)
        return target

    def _member(self, target: Expression, access: Token) -> Expression:
        static = access.kind == "::"
        name = self.simple_name()
        member: Expression | None
        if name is not None:
            member = self.name_constant(name)
        elif (token := self.peek()).kind in UNARY_OPERATORS or token.kind == "[":
            member = self.unary()
        else:
            member = self.primary(False)
        if member is None:
            self.error_after("MissingPropertyName", access)
            member = self.single_argument("argument") or self.broken_expression(target.start, access.end)
        else:
            opening = self.lexer.invoke_parenthesis() if self._ungot is None else None
            if opening is not None:
                return self._invoke(target, member, opening, static)
        return Member(self.source, target.start, member.end, target, member, static)

    def _invoke(self, target: Expression, member: Expression, opening: Token, static: bool) -> Expression:
        if opening.kind == "(":
            arguments, end = self.arguments(opening)
        else:
            self.skip_newlines()
            block = self.script_block_expression(opening)
            arguments, end = [block], block.end
        return InvokeMember(self.source, target.start, end, target, member, arguments, static)

    def arguments(self, opening: Token) -> tuple[list[Expression], int]:
        """The arguments of a method call behind its `(`, and where they end."""
        arguments: list[Expression] = []
        old, self.comma_disabled = self.comma_disabled, True
        reported = False
        try:
            comma: Token | None = None
            while True:
                self.skip_newlines()
                argument = self.expression()
                if argument is None:
                    if comma is not None:
                        self.error_after("MissingExpressionAfterToken", comma, ",")
                        reported = True
                    break
                arguments.append(argument)
                self.skip_newlines()
                comma = self.next()
                if comma.kind != ",":
                    self.unget(comma)
                    break
            self.skip_newlines()
            closing = self.next()
            if closing.kind == ")":
                return arguments, closing.end
            self.unget(closing)
            end = arguments[-1].end if arguments else opening.end
            if not reported:
                self.error_after("MissingEndParenthesisInMethodCall", end)
            return arguments, end
        finally:
            self.comma_disabled = old

    def _index(self, target: Expression, opening: Token) -> Expression:
        self.skip_newlines()
        index = self.expression()
        if index is None:
            self.error_after("MissingArrayIndexExpression", opening)
            index = self.broken_expression(opening.start, opening.end)
        self.skip_newlines()
        closing = self.next()
        end = closing.end
        if closing.kind != "]":
            self.unget(closing)
            if not isinstance(index, BrokenExpression):
                self.error_after("MissingEndSquareBracket", index)
            end = index.end
        return Index(self.source, target.start, end, target, index)


def is_broken(node: object) -> bool:
    return isinstance(node, (BrokenExpression, BrokenStatement))
