"""The parser of Windows PowerShell 5.1: `parse(text)` gives the tree of `syntax.py` and the parse errors.

Rules, error ids and the order of errors are those of the real engine's parser. After an error the tree has
holes: it may be looked at, never run.
"""

from __future__ import annotations

import re
from functools import lru_cache

from winbake.rehearsal.powershell.parsing.classes import ClassRules
from winbake.rehearsal.powershell.parsing.errors import ErrorList
from winbake.rehearsal.powershell.parsing.lexer import Lexer
from winbake.rehearsal.powershell.parsing.semantics import check
from winbake.rehearsal.powershell.parsing.tokens import EXPRESSION, TYPE_NAME, Token
from winbake.rehearsal.powershell.syntax import (
    Attribute,
    ExpandableString,
    Expression,
    ParseError,
    ScriptBlock,
    Source,
    Statement,
    StatementBlock,
    StringConstant,
    TypeConstraint,
    TypeName,
)

__all__ = ["parse", "parse_expandable", "parse_number", "parse_type_name"]


def parse(text: str, file: str | None = None) -> tuple[ScriptBlock, list[ParseError]]:
    """Parses a script. Nesting too deep for the stack is the error ScriptTooComplicated.

    Trees are never changed once they are made, so the same text gives the same tree: a script that every process
    of a rehearsal starts with is read once."""
    try:
        script, errors = _parsed(text, file)
    except RecursionError:
        source = Source(text, file)
        found = ErrorList()
        found.add("ScriptTooComplicated", source, 0, min(1, len(text)))
        return ScriptBlock(source, 0, len(text), end_block=StatementBlock(source, 0, len(text), [])), found.errors
    return script, list(errors)


@lru_cache(maxsize=128)
def _parsed(text: str, file: str | None) -> tuple[ScriptBlock, tuple[ParseError, ...]]:
    parser = _Parser(Source(text, file))
    script = parser.script_block(None, False)
    script.requires = [parser.lexer.requires[offset] for offset in sorted(parser.lexer.requires)]
    if not len(parser.errors):
        check(script, parser.errors)
    return script, tuple(parser.errors.errors)


def parse_expandable(text: str) -> tuple[Expression, list[ParseError]]:
    """The string that `"text"` would be, for $ExecutionContext.InvokeCommand.ExpandString."""
    quoted = '"' + re.sub('(["\u201c\u201d\u201e])', r"\1\1", text) + '"'
    parser = _Parser(Source(quoted))
    parser.set_mode(EXPRESSION)
    expression = parser.primary(False)
    assert isinstance(expression, (StringConstant, ExpandableString))
    return expression, parser.errors.errors


def parse_number(text: str) -> object:
    """The value of a string that is to become a number ("0x10", "1kb", " -5 "), or None if it is no number
    literal. An empty string is 0, as in the engine."""
    text = text.strip()
    if not text:
        return 0
    lexer = Lexer(Source(text), ErrorList())
    lexer.allow_signed_numbers = True
    token = lexer.next_token()
    return token.value if token.kind == "number" and token.end == len(text) else None


def parse_type_name(text: str) -> TypeName | None:
    """The type name in a string such as "System.Collections.Generic.List[int]"; None if it is not one."""
    parser = _Parser(Source(text.strip()))
    parser.set_mode(TYPE_NAME)
    name = parser.type_name()
    return None if len(parser.errors) or parser.peek().kind != "eof" else name


class _Parser(ClassRules):
    """All rooms together: what a statement starts with decides which rule reads it."""

    def statement(self) -> Statement | None:
        token = self.next()
        attributes: list[Attribute] = []
        if token.kind == "generic" and token.text[0] == "[":
            found = self._attributes_before_statement(token)
            if found is None:
                return self.pipeline()
            attributes, token = found
        kind = token.kind
        rule = _RULES.get(kind)
        if rule is not None:
            return rule(self, token)
        if kind in _LOOPS:
            return _LOOPS[kind](self, None, token)
        if kind == "class":
            return self.class_definition(attributes, token)
        if kind == "enum":
            return self.enum_definition(attributes, token)
        if kind == "configuration":
            return self.configuration_statement(token)
        if kind == "label":
            return self._labeled(token)
        if kind in ("from", "define", "var"):
            self.error("ReservedKeywordNotAllowed", token, token.kind)
            return self.broken_statement(token.start, token.end)
        if kind == "using":
            statement = self.using_statement(token)
            self.error("UsingMustBeAtStartOfScript", statement)
            return statement
        if kind in ("else", "elseif", "catch", "until") and len(self.errors):
            self.skip_newlines()
            return self.statement()
        self.unget(token)
        return None if kind == "eof" else self.pipeline()

    def _attributes_before_statement(self, token: Token) -> tuple[list[Attribute], Token] | None:
        """Attributes of a class or enum, and the keyword; None (and back at the start) if this is an
        expression such as `[int]$x` instead."""
        self.go_to(token.start)
        attributes = self.attribute_list(False)
        following = self.next()
        if not attributes:
            self.unget(following)
            return [], self.next()
        only_attributes = [a for a in attributes if isinstance(a, Attribute)]
        if following.kind in ("class", "enum"):
            for attribute in attributes:
                if isinstance(attribute, TypeConstraint):
                    self.error("TypeNotAllowedBeforeStatement", attribute, attribute.type_name.text)
                    break
            return only_attributes, following
        if (following.kind in _RULES or following.kind in _LOOPS) and len(only_attributes) == len(attributes):
            self.error("UnexpectedAttribute", attributes[0], attributes[0].type_name.text)
            return only_attributes, following
        self.go_to(token.start)
        return None

    def _labeled(self, label: Token) -> Statement | None:
        self.skip_newlines()
        token = self.next()
        loop = _LOOPS.get(token.kind)
        if loop is not None:
            return loop(self, label, token)
        self.go_to(label.start)
        return self.pipeline()


_LOOPS = {
    "switch": _Parser.switch_statement,
    "foreach": _Parser.foreach_statement,
    "for": _Parser.for_statement,
    "while": _Parser.while_statement,
    "do": _Parser.do_statement,
}
_RULES = {
    "if": _Parser.if_statement,
    "function": _Parser.function_definition,
    "filter": _Parser.function_definition,
    "workflow": _Parser.function_definition,
    "try": _Parser.try_statement,
    "trap": _Parser.trap_statement,
    "data": _Parser.data_statement,
    "parallel": _Parser.block_statement,
    "sequence": _Parser.block_statement,
    **dict.fromkeys(("break", "continue", "return", "throw", "exit"), _Parser.flow_statement),
}
