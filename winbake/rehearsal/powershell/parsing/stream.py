"""The parser's hold on the lexer: one token of look-ahead, modes, going back, errors, positions."""

from __future__ import annotations

from dataclasses import dataclass

from winbake.rehearsal.powershell.parsing.errors import ErrorList
from winbake.rehearsal.powershell.parsing.lexer import Lexer
from winbake.rehearsal.powershell.parsing.tokens import COMMAND, SubText, Token
from winbake.rehearsal.powershell.syntax import (
    Expression,
    Node,
    ScriptBlock,
    Source,
    Statement,
    StatementBlock,
)

_SAME_IN_EVERY_MODE = frozenset(
    [
        "string", "expandable", "newline", "eof", "redirection", "(", ")", "{", "}", ";", ",", "|", "||", "&&",
        "$(", "@(", "@{", "<",
    ]
)


@dataclass(slots=True, eq=False)
class BrokenStatement(Statement):
    """Stands where a statement could not be read; an error was reported."""


@dataclass(slots=True, eq=False)
class BrokenExpression(Expression):
    """Stands where an expression could not be read; an error was reported."""


class NestedSource(Source):
    """The text of a `$( … )` in a string whose doubled quotes were made single; positions are the outer ones."""

    def __init__(self, outer: Source, sub: SubText) -> None:
        super().__init__(sub.text or "", outer.file)
        self.outer = outer
        self._start = sub.start
        self._removed = [offset - sub.start for offset in sub.removed]

    def outer_offset(self, offset: int) -> int:
        for removed in self._removed:
            if removed > offset:
                break
            offset += 1
        return self._start + offset

    def line(self, offset: int) -> int:
        return self.outer.line(self.outer_offset(offset))

    def column(self, offset: int) -> int:
        return self.outer.column(self.outer_offset(offset))

    def line_text(self, line: int) -> str:
        return self.outer.line_text(line)


class TokenStream:
    """Base of the parser's rooms. Each room is a class on top of the one below; what a lower room needs from a
    higher one is declared here."""

    def __init__(self, source: Source) -> None:
        self.errors = ErrorList()
        self.source = source
        self.lexer = Lexer(source, self.errors)
        self._ungot: Token | None = None
        self.comma_disabled = False

    # ---- rules of higher rooms ------------------------------------------------------------------------------

    def statement(self) -> Statement | None:
        raise NotImplementedError

    def pipeline(self) -> Statement | None:
        raise NotImplementedError

    def expression(self) -> Expression | None:
        raise NotImplementedError

    def statement_list(self, start: int) -> StatementBlock:
        raise NotImplementedError

    def script_block(self, left_curly: Token | None, is_filter: bool) -> ScriptBlock:
        raise NotImplementedError

    def single_argument(self, context: str) -> Expression | None:
        raise NotImplementedError

    # ---- tokens ---------------------------------------------------------------------------------------------

    def next(self) -> Token:
        token = self._ungot
        if token is not None:
            self._ungot = None
            return token
        return self.lexer.next_token()

    def peek(self) -> Token:
        token = self._ungot
        if token is None:
            token = self._ungot = self.lexer.next_token()
        return token

    def unget(self, token: Token) -> None:
        self._ungot = token

    def skip(self) -> None:
        self._ungot = None

    def go_to(self, position: int) -> None:
        """Reads on from `position`."""
        self._ungot = None
        self.lexer.position = position

    def here(self) -> int:
        """Where the next token (or the white space before it) starts."""
        return self.lexer.position if self._ungot is None else self._ungot.start

    def set_mode(self, mode: int) -> int:
        """Switches the lexer's mode, reads the looked-at token again if it may differ; returns the old mode."""
        lexer = self.lexer
        old = lexer.mode
        if mode != old:
            ungot = self._ungot
            if ungot is not None and ungot.kind not in _SAME_IN_EVERY_MODE:
                if ungot.kind != "variable" or old != COMMAND:
                    self.go_to(ungot.start)
            lexer.mode = mode
        return old

    def skip_newlines(self) -> None:
        ungot = self._ungot
        if ungot is None or ungot.kind == "newline":
            self._ungot = None
            self.lexer.skip_newlines()

    def skip_newlines_and_semicolons(self) -> None:
        ungot = self._ungot
        if ungot is None or ungot.kind == "newline" or ungot.kind == ";":
            self._ungot = None
            self.lexer.skip_newlines(semicolons=True)

    def member_access(self, allow_bracket: bool) -> Token | None:
        return self.lexer.member_access(allow_bracket) if self._ungot is None else None

    def left_bracket(self) -> Token | None:
        ungot = self._ungot
        if ungot is None:
            return self.lexer.left_bracket()
        if ungot.kind == "[":
            self._ungot = None
            return ungot
        return None

    def synchronize(self, consume: bool, *stops: str) -> None:
        """After an error: skips to one of the closing tokens, minding brackets inside."""
        depth = {closer: int(closer in stops) for closer in ")}]"}
        while True:
            token = self.next()
            kind = token.kind
            if kind == "eof":
                self.unget(token)
                return
            if kind in ("(", "{", "["):
                depth[{"(": ")", "{": "}", "[": "]"}[kind]] += 1
                continue
            if kind in depth:
                depth[kind] -= 1
                if depth[kind] == 0 and kind in stops:
                    break
            elif kind in stops:
                break
        if not consume:
            self.unget(token)

    # ---- errors ---------------------------------------------------------------------------------------------

    def error(self, error_id: str, at: Token | Node, *arguments: str) -> None:
        self.errors.add(error_id, self.source, at.start, at.end, *arguments)

    def error_after(self, error_id: str, at: Token | Node | int, *arguments: str) -> None:
        """Points at the character behind something."""
        end = at if isinstance(at, int) else at.end
        self.errors.add(error_id, self.source, end, end + 1, *arguments)

    def broken_statement(self, start: int, end: int) -> Statement:
        return BrokenStatement(self.source, start, end)

    def broken_expression(self, start: int, end: int) -> Expression:
        return BrokenExpression(self.source, start, end)
