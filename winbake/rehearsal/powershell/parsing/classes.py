"""Classes and enums."""

from __future__ import annotations

from winbake.rehearsal.powershell.parsing.definitions import DefinitionRules
from winbake.rehearsal.powershell.parsing.tokens import COMMAND, EXPRESSION, SIGNATURE, Token
from winbake.rehearsal.powershell.syntax import (
    Attribute,
    Expression,
    MethodMember,
    PropertyMember,
    Statement,
    TypeConstraint,
    TypeDefinition,
)


class ClassRules(DefinitionRules):
    def class_definition(self, attributes: list[Attribute], keyword: Token) -> Statement:
        self.skip_newlines()
        name = self.simple_name()
        if name is None:
            self.error_after("MissingNameAfterKeyword", keyword, keyword.text)
            return self.broken_statement(keyword.start, keyword.end)
        start = attributes[0].start if attributes else keyword.start
        definition = TypeDefinition(self.source, start, name.end, name.text, "class", [], attributes, [])
        self.skip_newlines()
        old = self.set_mode(SIGNATURE)
        try:
            self._bases(definition)
            opening = self.next()
            if opening.kind != "{":
                self.unget(opening)
                self.error_after("MissingTypeBody", definition, "class")
                return self.broken_statement(start, definition.end)
            definition.end = opening.end
            errors = len(self.errors)
            while True:
                member = self._member_definition(name.text)
                if member is not None:
                    definition.members.append(member)
                    definition.end = member.end
                elif len(self.errors) == errors:
                    break
                errors = len(self.errors)
            closing = self.next()
            if closing.kind != "}":
                self.unget(closing)
                self.error("MissingEndCurlyBrace", opening)
            else:
                definition.end = closing.end
        finally:
            self.set_mode(old)
        return definition

    def _bases(self, definition: TypeDefinition) -> None:
        separator = self.peek()
        if separator.kind != ":":
            return
        while separator.kind in (":", ","):
            self.skip()
            self.skip_newlines()
            base = self.type_name(assembly_allowed=False)
            if base is None:
                self.error_after("TypeNameExpected", separator)
                return
            definition.bases.append(TypeConstraint(self.source, base.start, base.end, base))
            definition.end = base.end
            self.skip_newlines()
            separator = self.peek()
            if separator.kind == ":":
                return

    # ---- members --------------------------------------------------------------------------------------------

    def _member_definition(self, class_name: str) -> PropertyMember | MethodMember | None:
        attributes: list[Attribute] = []
        constraint: TypeConstraint | None = None
        modifiers: dict[str, Token] = {}
        start = behind = -1
        while True:
            self.skip_newlines()
            attribute = self.attribute()
            if attribute is not None:
                start, behind = attribute.start if start < 0 else start, attribute.end
                if isinstance(attribute, Attribute):
                    attributes.append(attribute)
                elif constraint is None:
                    constraint = attribute
                else:
                    self.error("TooManyTypes", attribute)
                continue
            token = self.peek()
            start = token.start if start < 0 else start
            if token.kind not in ("hidden", "static"):
                break
            if token.kind in modifiers:
                self.error("DuplicateQualifier", token, token.text)
            modifiers[token.kind] = token
            behind = token.end
            self.skip()
        static, hidden = "static" in modifiers, "hidden" in modifiers
        if token.kind == "variable":
            self.skip()
            return self._property(token, start, constraint, attributes, static, hidden)
        if token.kind == "identifier":
            self.skip()
            method = MethodMember(
                self.source,
                start,
                token.end,
                token.text,
                constraint,
                attributes,
                static,
                hidden,
                [],
                None,  # type: ignore[arg-type]
            )
            if self._method(method, token, class_name):
                return method
            self.synchronize(False, "}")
            return None
        if behind >= 0:
            self.error_after("IncompleteMemberDefinition", behind)
        return None

    def _property(
        self,
        name: Token,
        start: int,
        constraint: TypeConstraint | None,
        attributes: list[Attribute],
        static: bool,
        hidden: bool,
    ) -> PropertyMember:
        initial: Expression | None = None
        if self.peek().kind == "=":
            self.skip()
            self.skip_newlines()
            initial = self.expression()
        end = name.end if initial is None else initial.end
        self._end_of_member(end)
        return PropertyMember(self.source, start, end, name.value, constraint, attributes, static, hidden, initial)

    def _end_of_member(self, end: int) -> None:
        if self.peek().kind not in ("newline", ";", "}"):
            self.error_after("MissingPropertyTerminator", end)
        self.skip_newlines_and_semicolons()

    def _method(self, method: MethodMember, name: Token, class_name: str) -> bool:
        """Parameters, base call and body of a method; False after an error."""
        end: int | None = name.end
        whole = True
        if self.peek().kind == "(":
            parameters, end, whole = self.optional_parameters()
            method.parameters = parameters or []
        else:
            self.error_after("MissingMethodParameterList", name)
        method.is_constructor = name.text.lower() == class_name.lower()
        if method.is_constructor and not method.static:
            whole = self._base_call(method) and whole
        opening = self.next()
        if opening.kind != "{":
            self.unget(opening)
            if whole:
                self.error_after("MissingFunctionBody", name.end if end is None else end)
            return False
        if not whole:
            self.unget(opening)
            return False
        old = self.set_mode(COMMAND)
        try:
            method.body = self.script_block(opening, False)
        finally:
            self.set_mode(old)
        method.end = method.body.end
        return True

    def _base_call(self, method: MethodMember) -> bool:
        self.skip_newlines()
        colon = self.peek()
        if colon.kind != ":":
            return True
        self.skip()
        self.skip_newlines()
        base = self.peek()
        if base.kind != "base":
            self.error_after("MissingBaseCtorCall", colon)
            return False
        self.skip()
        self.skip_newlines()
        opening = self.peek()
        if opening.kind != "(":
            self.error_after("MissingMethodParameterList", base)
            return False
        self.skip()
        method.base_arguments, _ = self.arguments(opening)
        self.skip_newlines()
        return True

    # ---- enums ----------------------------------------------------------------------------------------------

    def enum_definition(self, attributes: list[Attribute], keyword: Token) -> Statement:
        self.skip_newlines()
        name = self.simple_name()
        if name is None:
            self.error_after("MissingNameAfterKeyword", keyword, keyword.text)
            return self.broken_statement(keyword.start, keyword.end)
        self.skip_newlines()
        opening = self.next()
        if opening.kind != "{":
            self.unget(opening)
            self.error_after("MissingTypeBody", name, "enum")
            return self.broken_statement(keyword.start, name.end)
        start = attributes[0].start if attributes else keyword.start
        definition = TypeDefinition(self.source, start, opening.end, name.text, "enum", [], attributes, [])
        while (member := self._enumerator()) is not None:
            definition.members.append(member)
            definition.end = member.end
        closing = self.next()
        if closing.kind != "}":
            self.unget(closing)
            self.error_after("MissingEndCurlyBrace", definition)
        else:
            definition.end = closing.end
        return definition

    def _enumerator(self) -> PropertyMember | None:
        self.skip_newlines()
        name = self.simple_name()
        if name is None:
            return None
        initial: Expression | None = None
        end = name.end
        missing = False
        old = self.set_mode(EXPRESSION)
        try:
            equals = self.peek()
            if equals.kind == "=":
                self.skip()
                initial = self.expression()
                if initial is None:
                    self.error_after("ExpectedValueExpression", equals, "=")
                    missing = True
                else:
                    end = initial.end
        finally:
            self.set_mode(old)
        if missing:
            self.skip_newlines_and_semicolons()
        else:
            self._end_of_member(end)
        return PropertyMember(self.source, name.start, end, name.text, None, [], True, False, initial)
