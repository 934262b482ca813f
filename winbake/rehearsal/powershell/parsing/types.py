"""Type names, type literals and attributes: `[int]`, `[Dictionary[string,int[]]]`, `[Parameter(Mandatory)]`."""

from __future__ import annotations

from winbake.rehearsal.powershell.parsing.stream import TokenStream
from winbake.rehearsal.powershell.parsing.tokens import EXPRESSION, TYPE_NAME, Token
from winbake.rehearsal.powershell.syntax import Attribute, Expression, StringConstant, TypeConstraint, TypeName


class TypeRules(TokenStream):
    # ---- type names -----------------------------------------------------------------------------------------

    def type_name(self, assembly_allowed: bool = True) -> TypeName | None:
        old = self.set_mode(TYPE_NAME)
        try:
            token = self.next()
            if token.kind != "identifier":
                self.unget(token)
                return None
            return self._finish_type_name(token, assembly_allowed)
        finally:
            self.set_mode(old)

    def _plain(self, token: Token) -> TypeName:
        return TypeName(self.source, token.start, token.end, token.text.replace("`[", "["))

    def _finish_type_name(self, name: Token, assembly_allowed: bool) -> TypeName:
        result = self._plain(name)
        token = self.peek()
        if token.kind == "[":
            self.skip()
            self.skip_newlines()
            first = self.next()
            if first.kind in ("]", ","):
                return self._array_ranks(result, first, assembly_allowed)
            if first.kind in ("[", "identifier"):
                return self._generic_arguments(result, first, assembly_allowed)
            if first.kind == "eof":
                self.unget(first)
                self.error_after("MissingTypename", token)
            else:
                self.error("UnexpectedToken", first, first.text)
                self.synchronize(True, "]")
            return result
        if token.kind == "," and assembly_allowed:
            self._assembly(token, result)
        return result

    def _assembly(self, comma: Token, name: TypeName) -> None:
        """`, mscorlib, Version=…`: part of the name, kept in its text only."""
        self.skip()
        if not self.lexer.assembly_name():
            self.error_after("MissingAssemblyNameSpecification", comma)
        name.end = self.lexer.position

    def _array_ranks(self, name: TypeName, first: Token, assembly_allowed: bool) -> TypeName:
        token = first
        while True:
            if token.kind == "]":
                name.ranks.append(1)
                name.end = token.end
            elif token.kind == ",":
                dimensions = 1
                while token.kind == ",":
                    dimensions += 1
                    token = self.next()
                if token.kind != "]":
                    self.unget(token)
                    self.error("EndSquareBracketExpectedAtEndOfAttribute", token)
                name.ranks.append(dimensions)
                name.end = token.end
            elif token.kind == "eof":
                self.unget(token)
                self.error("EndSquareBracketExpectedAtEndOfAttribute", token)
            else:
                self.error("UnexpectedToken", token, token.text)
                self.synchronize(True, "]")
            following = self.peek()
            if following.kind == "," and assembly_allowed:
                self._assembly(following, name)
                return name
            if following.kind != "[":
                return name
            self.skip()
            token = self.next()

    def _generic_arguments(self, name: TypeName, first: Token, assembly_allowed: bool) -> TypeName:
        name.arguments.append(self._generic_argument(first))
        while True:
            self.skip_newlines()
            token = self.next()
            if token.kind != ",":
                break
            self.skip_newlines()
            following = self.peek()
            if following.kind in ("identifier", "["):
                self.skip()
                name.arguments.append(self._generic_argument(following))
            else:
                self.error_after("MissingTypename", token)
                break
        if token.kind == "]":
            name.end = token.end
        else:
            self.unget(token)
            self.error("EndSquareBracketExpectedAtEndOfAttribute", token)
        token = self.peek()
        if token.kind == "[":
            self.skip()
            return self._array_ranks(name, self.next(), assembly_allowed)
        if token.kind == "," and assembly_allowed:
            self._assembly(token, name)
        return name

    def _generic_argument(self, first: Token) -> TypeName:
        if first.kind == "identifier":
            return self._finish_type_name(first, False)
        token = self.next()
        if token.kind != "identifier":
            self.unget(token)
            self.error_after("MissingTypename", first)
            return TypeName(self.source, first.start, first.end, ":ErrorTypeName:")
        name = self._finish_type_name(token, True)
        closing = self.next()
        if closing.kind != "]":
            self.unget(closing)
            self.error("EndSquareBracketExpectedAtEndOfType", closing)
        return name

    # ---- attributes -----------------------------------------------------------------------------------------

    def attribute_list(self, in_expression: bool) -> list[Attribute | TypeConstraint]:
        attributes: list[Attribute | TypeConstraint] = []
        while (attribute := self.attribute()) is not None:
            attributes.append(attribute)
            if not in_expression or isinstance(attribute, Attribute):
                self.skip_newlines()
        return attributes

    def attribute(self) -> Attribute | TypeConstraint | None:
        """`[type]` or `[attribute(…)]`."""
        bracket = self.left_bracket()
        if bracket is None:
            return None
        self.skip_newlines()
        name = self.type_name()
        if name is None:
            self.go_to(bracket.start)
            self.unget(Token("[", bracket.start, bracket.end, "["))
            self.lexer.position = bracket.end
            self.error_after("MissingTypename", bracket)
            return None
        token = self.next()
        if token.kind == "(":
            return self._attribute_arguments(bracket, name, token)
        end = token.end
        if token.kind != "]":
            self.unget(token)
            self.error("EndSquareBracketExpectedAtEndOfAttribute", token)
            end = name.end
        return TypeConstraint(self.source, bracket.start, end, name)

    def _attribute_arguments(self, bracket: Token, name: TypeName, parenthesis: Token) -> Attribute:
        self.skip_newlines()
        attribute = Attribute(self.source, bracket.start, parenthesis.end, name)
        old_mode, old_comma = self.set_mode(EXPRESSION), self.comma_disabled
        self.comma_disabled = True
        try:
            self._arguments(attribute)
        finally:
            self.comma_disabled = old_comma
            self.set_mode(old_mode)
        self.skip_newlines()
        closing = self.next()
        if closing.kind != ")":
            self.unget(closing)
            self.error_after("MissingEndParenthesisInExpression", attribute.end)
        else:
            attribute.end = closing.end
        self.skip_newlines()
        end = self.next()
        if end.kind != "]":
            self.unget(end)
            if closing.kind == ")":
                self.error_after("EndSquareBracketExpectedAtEndOfAttribute", closing)
        else:
            attribute.end = end.end
        return attribute

    def _arguments(self, attribute: Attribute) -> None:
        comma: Token | None = None
        seen: set[str] = set()
        while True:
            self.skip_newlines()
            name = self.simple_name()
            if name is not None:
                value = self._named_value(attribute)
                attribute.end = max(attribute.end, self.here() if value is None else value.end)
                if name.text in seen:
                    self.error("DuplicateNamedArgument", name, name.text)
                else:
                    seen.add(name.text)
                    attribute.named.append((name.text, value))
            else:
                positional = self.expression()
                if positional is not None:
                    attribute.positional.append(positional)
                    attribute.end = positional.end
                elif comma is not None:
                    self.error_after("MissingExpressionAfterToken", comma, ",")
            self.skip_newlines()
            comma = self.peek()
            if comma.kind != ",":
                return
            attribute.end = comma.end
            self.skip()

    def _named_value(self, attribute: Attribute) -> Expression | None:
        token = self.peek()
        if token.kind != "=":
            return None
        self.skip()
        self.skip_newlines()
        value = self.expression()
        if value is None:
            self.error_after("MissingExpressionInNamedArgument", token)
            value = self.broken_expression(token.end, token.end)
            self.synchronize(True, ",", ")", "]", "newline")
        return value

    # ---- names ----------------------------------------------------------------------------------------------

    def simple_name(self) -> Token | None:
        """An identifier and nothing more: member names, hashtable keys, labels."""
        ungot = self._ungot
        if ungot is not None and ungot.kind not in ("variable", "string", "newline", "eof", "(", ")", "}", ";"):
            self.go_to(ungot.start)
        self.lexer.want_simple_name = True
        try:
            token = self.peek()
        finally:
            self.lexer.want_simple_name = False
        if token.kind != "identifier":
            return None
        self.skip()
        return token

    def name_constant(self, token: Token) -> StringConstant:
        return StringConstant(self.source, token.start, token.end, token.text, "bare")
