"""The tokens of Windows PowerShell 5.1.

What a character means depends on where it stands, so the parser sets a mode before it asks for a token:
COMMAND (command names and arguments, statement start), EXPRESSION, TYPE_NAME and SIGNATURE (class members).
The parser may go back to an earlier position and read on in another mode.

A token's `kind` is its own text for punctuation, operators and keywords (lower case: "(", "+=", "-eq", "if"),
else one of: variable, splat, number, string, expandable, generic, identifier, parameter, redirection, label,
newline, eof, unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from winbake.rehearsal.powershell.parsing.literal_scanner import LiteralScanner
from winbake.rehearsal.powershell.parsing.tokens import (
    COMMAND,
    DASH_OPERATORS,
    DASHES,
    DOUBLE_QUOTES,
    EXPRESSION,
    KEYWORDS,
    SINGLE_QUOTES,
    TYPE_NAME,
    WHITE,
    Token,
)

_SKIP = re.compile(rf"(?:[{WHITE}]+|`(?:\r\n?|\n|[{WHITE}]+)|<#[\s\S]*?#>|#[^\r\n]*)*")
_SKIP_LINES = re.compile(rf"(?:[{WHITE}\r\n]+|`(?:\r\n?|\n|[{WHITE}]+)|<#[\s\S]*?#>|#[^\r\n]*)*")
_SKIP_LINES_SEMICOLONS = re.compile(rf"(?:[{WHITE}\r\n;]+|`(?:\r\n?|\n|[{WHITE}]+)|<#[\s\S]*?#>|#[^\r\n]*)*")
_BLOCK_COMMENTS = re.compile(r"(?:<#[\s\S]*?#>)*")
_VARIABLE = re.compile(r"[$@](?:[$?^]|(?:\w|:(?!:))(?:[\w?]|:(?!:))*)")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_TYPE_NAME = re.compile(r"[^\W\d][\w.`+#\\]*")
_PARAMETER_COMMAND = re.compile(rf"[^\0{{}}();,|&.\[:\r\n{WHITE}{SINGLE_QUOTES}{DOUBLE_QUOTES}]*")
_PARAMETER_EXPRESSION = re.compile(r"[A-Za-z]*")
_REDIRECTION = re.compile(r"(?:([1-6*])?(>>?))(?:(?<!>>)&([12]))?")


class Lexer(LiteralScanner):
    """The whole lexer. After a token `position` is right behind it."""

    # ---- what the parser asks for -------------------------------------------------------------------------

    def next_token(self) -> Token:
        start = self._skip(_SKIP)
        if start >= self.end:
            return Token("eof", self.end, self.end, "")
        character = self.text[start]
        scan = _SCANNERS.get(character)
        if scan is not None:
            return scan(self, start)
        if character.isalpha():
            return self._identifier(start)
        return self._generic(start, character, start + 1)

    def skip_newlines(self, semicolons: bool = False) -> None:
        self._skip(_SKIP_LINES_SEMICOLONS if semicolons else _SKIP_LINES)

    def member_access(self, allow_bracket: bool) -> Token | None:
        """`.`, `::` or `[` right behind what was read (a block comment may stand between)."""
        text, start = self.text, self.position
        if text.startswith("<#", start):
            match = _BLOCK_COMMENTS.match(text, start, self.end)
            if match is None or match.end() == start:
                return None
            start = self.position = match.end()
        if start >= self.end:
            return None
        character = text[start]
        if character == ".":
            following = self._peek(start + 1)
            if following == "." or (self.mode == COMMAND and self._is_blank(following)):
                return None
            return self._take(".", start, 1)
        if character == ":":
            if self._peek(start + 1) != ":":
                return None
            if self.mode == COMMAND and self._is_blank(self._peek(start + 2)):
                return None
            return self._take("::", start, 2)
        if character == "[" and allow_bracket:
            return self._take("[", start, 1)
        return None

    def invoke_parenthesis(self) -> Token | None:
        """`(` or `{` right behind a member name."""
        character = self._peek(self.position)
        return self._take(character, self.position, 1) if character and character in "({" else None

    def left_bracket(self) -> Token | None:
        """The `[` that starts an attribute or type literal, after white space and comments."""
        before = self.position
        start = self._skip(_SKIP)
        character = self._peek(start)
        if character == "[":
            return self._take("[", start, 1)
        if character in (".", ":"):
            self.position = before
        return None

    def verbatim_argument(self) -> Token | None:
        """What follows `--%`, to the end of the line or a pipe outside double quotes."""
        text = self.text
        match = re.compile(rf"[{WHITE}]*").match(text, self.position, self.end)
        start = at = match.end() if match else self.position
        quoted = False
        while at < self.end:
            character = text[at]
            if character in "\r\n":
                break
            if character in DOUBLE_QUOTES:
                quoted = not quoted
            elif not quoted and (character == "|" or (character == "&" and self._peek(at + 1) == "&")):
                break
            at += 1
        self.position = at
        return Token("generic", start, at, text[start:at], text[start:at])

    def assembly_name(self) -> str:
        """The rest of an assembly-qualified type name, up to `]`."""
        at = self.text.find("]", self.position, self.end)
        at = self.end if at < 0 else at
        name = self.text[self.position : at].strip()
        self.position = at
        return name

    # ---- words ----------------------------------------------------------------------------------------------

    def _identifier(self, start: int) -> Token:
        if self.mode == TYPE_NAME:
            match = _TYPE_NAME.match(self.text, start, self.end)
        else:
            match = _IDENTIFIER.match(self.text, start, self.end)
        if match is None:
            return self._generic(start, self.text[start], start + 1)
        end = match.end()
        word = match.group()
        if self.mode == TYPE_NAME or self.want_simple_name or self.mode == EXPRESSION:
            self.position = end
            return Token("identifier", start, end, word)
        if self.mode == COMMAND and not self._ends_token(end):
            return self._generic(start, word, end)
        self.position = end
        lower = word.lower()
        return Token(lower if lower in KEYWORDS else "identifier", start, end, word)

    # ---- punctuation and operators --------------------------------------------------------------------------

    def _newline(self, start: int) -> Token:
        return self._take("newline", start, 2 if self.text.startswith("\r\n", start) else 1)

    def _at(self, start: int) -> Token:
        following = self._peek(start + 1)
        if following in ("{", "("):
            return self._take("@" + following, start, 2)
        if following and following in SINGLE_QUOTES:
            return self._here_string(start, "single")
        if following and following in DOUBLE_QUOTES:
            return self._here_string(start, "double")
        if _VARIABLE.match(self.text, start, self.end):
            return self._plain_variable(start, "splat")
        self.errors.add("UnrecognizedToken", self.source, start, start + 1)
        return self._take("unknown", start, 1)

    def _backtick(self, start: int) -> Token:
        """A backtick that neither continues a line nor stands before white space."""
        if start + 1 >= self.end:
            self.errors.add("IncompleteString", self.source, self.end, self.end)
            self.position = self.end
            return Token("eof", self.end, self.end, "")
        return self._generic(start, "", start)

    def _plus(self, start: int) -> Token:
        following = self._peek(start + 1)
        if following in ("+", "="):
            return self._operator("+" + following, start, 2)
        if self.allow_signed_numbers and following and (following.isdigit() or following == "."):
            return self._number(start)
        return self._operator("+", start, 1)

    def _dash(self, start: int) -> Token:
        following = self._peek(start + 1)
        if following and following in DASHES:
            return self._operator("--", start, 2)
        if following == "=":
            return self._operator("-=", start, 2)
        if following and (following.isalpha() or following in "_?"):
            return self._parameter(start)
        if self.allow_signed_numbers and following and (following.isdigit() or following == "."):
            return self._number(start)
        return self._operator("-", start, 1)

    def _parameter(self, start: int) -> Token:
        in_command = self.mode == COMMAND
        pattern = _PARAMETER_COMMAND if in_command else _PARAMETER_EXPRESSION
        match = pattern.match(self.text, start + 1, self.end)
        assert match is not None
        end = match.end()
        name = match.group()
        following = self._peek(end)
        if in_command and following and following in SINGLE_QUOTES + DOUBLE_QUOTES:
            return self._generic(start, self.text[start:end], end)
        if self.mode == EXPRESSION:
            kind = "-" + name.lower()
            if kind in DASH_OPERATORS:
                return self._take(kind, start, end - start)
        if not name:
            return self._take("-", start, 1)
        colon = in_command and following == ":"
        self.position = end = end + 1 if colon else end
        return Token("parameter", start, end, self.text[start:end], name, "colon" if colon else "")

    def _star(self, start: int) -> Token:
        following = self._peek(start + 1)
        if following == ">":
            return self._redirection(start)
        return self._operator("*=" if following == "=" else "*", start, 2 if following == "=" else 1)

    def _arithmetic(self, start: int) -> Token:
        character = self.text[start]
        if self._peek(start + 1) == "=":
            return self._operator(character + "=", start, 2)
        return self._operator(character, start, 1)

    def _equals(self, start: int) -> Token:
        return self._operator("=", start, 1)

    def _digit(self, start: int) -> Token:
        if self._peek(start + 1) == ">" and self.text[start] in "123456":
            return self._redirection(start)
        return self._number(start)

    def _redirection(self, start: int) -> Token:
        match = _REDIRECTION.match(self.text, start, self.end)
        assert match is not None
        stream, arrows, to_stream = match.groups()
        if stream == "*" and to_stream == "2":
            to_stream = None
        end = match.start(3) + 1 if to_stream else match.end(2)
        if to_stream and not stream:
            to_stream = None
            end = match.end(2)
        self.position = end
        from_stream = 0 if stream == "*" else int(stream or 1)
        value = (from_stream, int(to_stream) if to_stream else None, arrows == ">>")
        return Token("redirection", start, end, self.text[start:end], value)

    def _less(self, start: int) -> Token:
        return self._take("<", start, 1)

    def _left_bracket(self, start: int) -> Token:
        if self.mode == COMMAND and not self._ends_token(start + 1):
            return self._generic(start, "[", start + 1)
        return self._take("[", start, 1)

    def _dot(self, start: int) -> Token:
        following = self._peek(start + 1)
        if following == ".":
            if self.mode == COMMAND and not self._ends_token(start + 2):
                return self._generic(start, ".", start + 1)
            return self._take("..", start, 2)
        if following and following in "0123456789":
            return self._number(start)
        if self.mode == COMMAND and not self._ends_token(start + 1) and following not in "$\"'":
            return self._generic(start, ".", start + 1)
        return self._take(".", start, 1)

    def _ampersand(self, start: int) -> Token:
        return self._take("&&", start, 2) if self._peek(start + 1) == "&" else self._take("&", start, 1)

    def _pipe(self, start: int) -> Token:
        return self._take("||", start, 2) if self._peek(start + 1) == "|" else self._take("|", start, 1)

    def _exclamation(self, start: int) -> Token:
        following = self._peek(start + 1)
        glued = not self._ends_token(start + 1)
        if (self.mode == COMMAND and glued) or (self.mode == EXPRESSION and _IDENTIFIER.match(following or "")):
            return self._generic(start, "!", start + 1)
        if self.mode == EXPRESSION and following and (following.isdigit() or following == "."):
            position = self.position
            if self._try_number(start + 1) is None:
                return self._generic(start, "!", start + 1)
            self.position = position
        return self._take("!", start, 1)

    def _colon(self, start: int) -> Token:
        if self._peek(start + 1) == ":":
            if self.mode == COMMAND and not self.want_simple_name and not self._ends_token(start + 2):
                return self._generic(start, "::", start + 2)
            return self._take("::", start, 2)
        if self.mode != COMMAND:
            return self._take(":", start, 1)
        match = _IDENTIFIER.match(self.text, start + 1, self.end)
        if match is None or not self._ends_token(match.end()):
            return self._generic(start, ":", start + 1)
        self.position = match.end()
        return Token("label", start, match.end(), self.text[start : match.end()], match.group())

    def _single(self, start: int) -> Token:
        return self._take(self.text[start], start, 1)


_SCANNERS: dict[str, Callable[[Lexer, int], Token]] = {
    **dict.fromkeys(SINGLE_QUOTES, Lexer._single_string),
    **dict.fromkeys(DOUBLE_QUOTES, Lexer._double_string),
    **dict.fromkeys(DASHES, Lexer._dash),
    **dict.fromkeys("\r\n", Lexer._newline),
    **dict.fromkeys("0123456789", Lexer._digit),
    **dict.fromkeys("()]{};,", Lexer._single),
    **dict.fromkeys("/%", Lexer._arithmetic),
    **dict.fromkeys("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", Lexer._identifier),
    "@": Lexer._at,
    "$": Lexer._dollar_token,
    "`": Lexer._backtick,
    "=": Lexer._equals,
    "+": Lexer._plus,
    "*": Lexer._star,
    "<": Lexer._less,
    ">": Lexer._redirection,
    "[": Lexer._left_bracket,
    ".": Lexer._dot,
    "&": Lexer._ampersand,
    "|": Lexer._pipe,
    "!": Lexer._exclamation,
    ":": Lexer._colon,
}
