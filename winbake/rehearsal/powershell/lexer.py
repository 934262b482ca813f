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
from typing import Any

from winbake.rehearsal.powershell.number_literals import MULTIPLIERS, number_value
from winbake.rehearsal.powershell.parsing.errors import ErrorList
from winbake.rehearsal.powershell.syntax import Source

COMMAND, EXPRESSION, TYPE_NAME, SIGNATURE = range(4)

SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"
DOUBLE_QUOTES = '"\u201c\u201d\u201e'
DASHES = "-\u2013\u2014\u2015"
WHITE = " \t\v\f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_ENDS_TOKEN = frozenset("\0{}();,|&\r\n \t\v\f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(c) for c in range(0x2000, 0x200B)
}
_ENDS_NUMBER = frozenset("!#%*+./<=>]" + DASHES)
_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

KEYWORDS = frozenset(
    [
        "elseif", "if", "else", "switch", "foreach", "from", "in", "for", "while", "until", "do", "try", "catch",
        "finally", "trap", "data", "return", "continue", "break", "exit", "throw", "begin", "process", "end",
        "dynamicparam", "function", "filter", "param", "class", "define", "var", "using", "workflow", "parallel",
        "sequence", "configuration", "public", "private", "static", "interface", "enum", "namespace", "module",
        "type", "assembly", "command", "hidden", "base",
    ]
)

_COMPARISONS = [
    "eq", "ne", "ge", "gt", "lt", "le", "like", "notlike", "match", "notmatch", "replace", "contains",
    "notcontains", "in", "notin", "split",
]
BINARY_PRECEDENCE: dict[str, int] = {
    **{f"-{name}": 1 for name in ("and", "or", "xor")},
    **{f"-{name}": 2 for name in ("band", "bor", "bxor")},
    **{f"-{prefix}{name}": 3 for name in _COMPARISONS for prefix in ("", "i", "c")},
    **{f"-{name}": 3 for name in ("join", "is", "isnot", "as", "shl", "shr")},
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "%": 5,
    "-f": 6,
    "..": 7,
}
UNARY_OPERATORS = frozenset(
    ("+", "-", "!", ",", "++", "--", "-not", "-bnot", "-join", "-split", "-isplit", "-csplit")
)
ASSIGNMENTS = frozenset(("=", "+=", "-=", "*=", "/=", "%="))
_DASH_OPERATORS = frozenset(k for k in BINARY_PRECEDENCE if len(k) > 1 and k[0] == "-") | {"-not", "-bnot"}

_SKIP = re.compile(rf"(?:[{WHITE}]+|`(?:\r\n?|\n|[{WHITE}]+)|<#[\s\S]*?#>|#[^\r\n]*)*")
_SKIP_LINES = re.compile(rf"(?:[{WHITE}\r\n]+|`(?:\r\n?|\n|[{WHITE}]+)|<#[\s\S]*?#>|#[^\r\n]*)*")
_SKIP_LINES_SEMICOLONS = re.compile(rf"(?:[{WHITE}\r\n;]+|`(?:\r\n?|\n|[{WHITE}]+)|<#[\s\S]*?#>|#[^\r\n]*)*")
_BLOCK_COMMENTS = re.compile(r"(?:<#[\s\S]*?#>)*")
_REQUIRES = re.compile(r"#requires\b[^\r\n]*", re.IGNORECASE)
_VARIABLE = re.compile(r"[$@](?:[$?^]|(?:\w|:(?!:))(?:[\w?]|:(?!:))*)")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_TYPE_NAME = re.compile(r"[^\W\d][\w.`+#\\]*")
_GENERIC_RUN = re.compile(rf"[^\0{{}}();,|&\r\n{WHITE}`{SINGLE_QUOTES}{DOUBLE_QUOTES}$]+")
_SINGLE_RUN = re.compile(f"[^{SINGLE_QUOTES}]*")
_DOUBLE_RUN = re.compile(f"[^{DOUBLE_QUOTES}$`]+")
_PARAMETER_COMMAND = re.compile(rf"[^\0{{}}();,|&.\[:\r\n{WHITE}{SINGLE_QUOTES}{DOUBLE_QUOTES}]*")
_PARAMETER_EXPRESSION = re.compile(r"[A-Za-z]*")
_REDIRECTION = re.compile(r"(?:([1-6*])?(>>?))(?:(?<!>>)&([12]))?")
_NUMBER = re.compile(
    rf"(?P<sign>[{DASHES}+])?(?:0[xX](?P<hex>[0-9a-fA-F]*)"
    rf"|(?P<whole>[0-9]+)?(?P<fraction>\.(?!\.)[0-9]*)?(?P<exponent>[eE][{DASHES}+]?[0-9]*)?)"
    r"(?P<suffix>[dDlL])?(?P<multiplier>[kKmMgGtTpP][bB]?)?"
)
_SUB_STOP = re.compile(f"[()`{DOUBLE_QUOTES}]")
_HERE_END = {
    "single": re.compile(rf"([{WHITE}]*)([{SINGLE_QUOTES}])@"),
    "double": re.compile(rf"([{WHITE}]*)([{DOUBLE_QUOTES}])@"),
}
_TO_DASH = str.maketrans(dict.fromkeys(DASHES, "-"))


class Token:
    """`value`: text of a string, parts of an expandable, the number, the name of a variable or parameter;
    of a redirection (from stream, to stream or None, append). `flag`: kind of string, "braced" or, for a
    parameter that ends in a colon, "colon"."""

    __slots__ = ("end", "flag", "kind", "start", "text", "value")

    def __init__(self, kind: str, start: int, end: int, text: str, value: Any = None, flag: str = "") -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.text = text
        self.value = value
        self.flag = flag

    def __repr__(self) -> str:
        return f"Token({self.kind!r}, {self.text!r})"


class SubText:
    """`$( … )` inside a string: where it stands and, if quotes in it were doubled, its text with single ones
    (`removed`: offsets in the source of the characters left out)."""

    __slots__ = ("end", "removed", "start", "text")

    def __init__(self, start: int, end: int, text: str | None, removed: list[int]) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.removed = removed


class Lexer:
    """Reads tokens of `source` from `start` to `end`. Errors go to `errors`."""

    def __init__(self, source: Source, errors: ErrorList, start: int = 0, end: int | None = None) -> None:
        self.source = source
        self.text = source.text
        self.position = start
        self.end = len(source.text) if end is None else end
        self.errors = errors
        self.mode = COMMAND
        self.allow_signed_numbers = False
        self.want_simple_name = False
        self.requires: dict[int, str] = {}

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

    # ---- small things ---------------------------------------------------------------------------------------

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.position, self.end)
        assert match is not None
        end = match.end()
        if end - self.position > 8 and "#" in match.group():
            for found in _REQUIRES.finditer(self.text, self.position, end):
                self.requires[found.start()] = found.group()
        if self.text.startswith("<#", end) and end < self.end:
            self.errors.add("MissingTerminatorMultiLineComment", self.source, end, end + 2)
            end = self.end
        self.position = end
        return end

    def _peek(self, at: int) -> str:
        return self.text[at] if at < self.end else ""

    def _is_blank(self, character: str) -> bool:
        return not character or character in "\r\n\0" or (character in _ENDS_TOKEN and character not in "{}();,|&")

    def _ends_token(self, at: int) -> bool:
        return at >= self.end or self.text[at] in _ENDS_TOKEN

    def _take(self, kind: str, start: int, length: int) -> Token:
        self.position = start + length
        return Token(kind, start, start + length, self.text[start : start + length])

    def _operator(self, kind: str, start: int, length: int) -> Token:
        """An operator; in command mode only if nothing is glued to it."""
        if self.mode == COMMAND and not self._ends_token(start + length):
            return self._generic(start, self.text[start : start + length], start + length)
        return self._take(kind, start, length)

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

    def _generic(self, start: int, so_far: str, position: int) -> Token:
        """A bare word that goes on behind `so_far`; it may hold quotes, variables and sub-expressions."""
        text, end = self.text, self.end
        self.position = position
        pieces: list[Any] = [so_far] if so_far else []
        while self.position < end:
            at = self.position
            match = _GENERIC_RUN.match(text, at, end)
            if match is not None:
                pieces.append(match.group())
                self.position = match.end()
                continue
            character = text[at]
            if character in _ENDS_TOKEN:
                break
            if character == "`":
                self._escape(at, pieces)
            elif character in SINGLE_QUOTES:
                pieces.append(self._single_quoted(at))
            elif character in DOUBLE_QUOTES:
                self._double_quoted(at, pieces)
            elif not self._dollar(at, pieces, False):
                pieces.append(character)
                self.position = at + 1
        if self.position == start:
            self.position = start + 1
            pieces.append(text[start])
        return self._pieces_token("generic", start, pieces, "bare")

    def _pieces_token(self, kind: str, start: int, pieces: list[Any], flag: str) -> Token:
        end = self.position
        parts = merge(pieces)
        if all(isinstance(part, str) for part in parts):
            kind = "string" if kind == "expandable" else kind
            return Token(kind, start, end, self.text[start:end], "".join(parts), flag)
        return Token(kind, start, end, self.text[start:end], parts, flag)

    def _escape(self, at: int, pieces: list[Any]) -> None:
        """A backtick at `at` and the character it escapes; at the end of the input the backtick stays."""
        if at + 1 >= self.end:
            pieces.append("`")
            self.position = at + 1
        else:
            character = self.text[at + 1]
            pieces.append(_ESCAPES.get(character, character))
            self.position = at + 2

    # ---- strings --------------------------------------------------------------------------------------------

    def _single_string(self, start: int) -> Token:
        value = self._single_quoted(start)
        return Token("string", start, self.position, self.text[start : self.position], value, "single")

    def _single_quoted(self, start: int) -> str:
        text, end = self.text, self.end
        pieces: list[str] = []
        at = start + 1
        while True:
            match = _SINGLE_RUN.match(text, at, end)
            assert match is not None
            pieces.append(match.group())
            at = match.end()
            if at >= end:
                self.errors.add("TerminatorExpectedAtEndOfString", self.source, start, start + 1, "'")
                break
            if at + 1 < end and text[at + 1] in SINGLE_QUOTES:
                pieces.append(text[at + 1])
                at += 2
                continue
            at += 1
            break
        self.position = at
        return "".join(pieces)

    def _double_string(self, start: int) -> Token:
        pieces: list[Any] = []
        self._double_quoted(start, pieces)
        return self._pieces_token("expandable", start, pieces, "double")

    def _double_quoted(self, start: int, pieces: list[Any]) -> None:
        text, end = self.text, self.end
        self.position = start + 1
        while True:
            at = self.position
            match = _DOUBLE_RUN.match(text, at, end)
            if match is not None:
                pieces.append(match.group())
                at = self.position = match.end()
            if at >= end:
                self.errors.add("TerminatorExpectedAtEndOfString", self.source, start, start + 1, '"')
                return
            character = text[at]
            if character == "`":
                self._escape(at, pieces)
            elif character == "$":
                if not self._dollar(at, pieces, False):
                    pieces.append("$")
                    self.position = at + 1
            elif at + 1 < end and text[at + 1] in DOUBLE_QUOTES:
                pieces.append(text[at + 1])
                self.position = at + 2
            else:
                self.position = at + 1
                return

    def _dollar(self, at: int, pieces: list[Any], here: bool) -> bool:
        """A variable or sub-expression inside a string; False if the `$` is only a dollar sign."""
        following = self._peek(at + 1)
        if following == "(":
            pieces.append(self._sub_expression(at, here))
            return True
        if following == "{":
            pieces.append(self._braced_variable(at, in_string=True))
            return True
        match = _VARIABLE.match(self.text, at, self.end)
        if match is None:
            return False
        pieces.append(self._variable_token(at, match.end(), "variable"))
        return True

    def _sub_expression(self, start: int, here: bool) -> SubText:
        """`$(` to its `)`: brackets are counted as characters, doubled quotes count as one."""
        text, end = self.text, self.end
        depth = 1
        removed: list[int] = []
        at = start + 2
        while depth:
            match = _SUB_STOP.search(text, at, end)
            if match is None:
                self.errors.add("IncompleteDollarSubexpressionReference", self.source, start, end)
                at = end
                break
            character = match.group()
            at = match.end()
            if character == "(":
                depth += 1
            elif character == ")":
                depth -= 1
            elif not here and at < end and text[at] in DOUBLE_QUOTES:
                removed.append(at - 1)
                at += 1
        self.position = at
        if not removed:
            return SubText(start, at, None, removed)
        pieces = []
        last = start
        for offset in removed:
            pieces.append(text[last:offset])
            last = offset + 1
        pieces.append(text[last:at])
        return SubText(start, at, "".join(pieces), removed)

    def _here_string(self, start: int, quote: str) -> Token:
        """`@'` or `@"` is at `start`."""
        text, end = self.text, self.end
        terminator = "'@" if quote == "single" else '"@'
        match = re.compile(rf"[{WHITE}]*").match(text, start + 2, end)
        at = match.end() if match else start + 2
        if at >= end:
            self.errors.add("TerminatorExpectedAtEndOfString", self.source, start, start + 2, terminator)
            self.position = end
            return Token("string", start, end, text[start:end], "", f"here-{quote}")
        if text[at] not in "\r\n":
            self.errors.add("UnexpectedCharactersAfterHereStringHeader", self.source, at, at + 1)
            line_end = re.compile(r"[^\r\n]*").match(text, at, end)
            self.position = line_end.end() if line_end else end
            closing = text.find(terminator, at, self.position)
            if closing >= 0:
                self.position = closing + 2
            return Token("string", start, self.position, text[start : self.position], "", f"here-{quote}")
        at += 2 if text.startswith("\r\n", at) else 1
        pieces: list[Any] = []
        false_footer = -1
        self.position = at
        line_start = True
        while True:
            at = self.position
            if line_start:
                match = _HERE_END[quote].match(text, at, end)
                if match is not None and not match.group(1):
                    self.position = match.end()
                    _drop_line_end(pieces)
                    break
                if match is not None and false_footer < 0:
                    false_footer = match.start(2)
                line_start = False
            if at >= end:
                if false_footer >= 0:
                    self.errors.add("WhitespaceBeforeHereStringFooter", self.source, false_footer, false_footer + 1)
                else:
                    self.errors.add("TerminatorExpectedAtEndOfString", self.source, start, start + 2, terminator)
                break
            run = _HERE_RUN[quote].match(text, at, end)
            if run is not None:
                pieces.append(run.group())
                self.position = run.end()
                continue
            character = text[at]
            if character in "\r\n":
                length = 2 if text.startswith("\r\n", at) else 1
                pieces.append(_LineEnd(text[at : at + length]))
                self.position = at + length
                line_start = True
            elif character == "`":
                self._escape(at, pieces)
            elif not self._dollar(at, pieces, True):
                pieces.append(character)
                self.position = at + 1
        return self._pieces_token("expandable", start, pieces, f"here-{quote}")

    # ---- variables ------------------------------------------------------------------------------------------

    def _dollar_token(self, start: int) -> Token:
        following = self._peek(start + 1)
        if following == "(":
            return self._take("$(", start, 2)
        if following == "{":
            return self._braced_variable(start, in_string=False)
        return self._plain_variable(start, "variable")

    def _plain_variable(self, start: int, kind: str) -> Token:
        match = _VARIABLE.match(self.text, start, self.end)
        if match is None:
            return self._generic(start, self.text[start], start + 1)
        end = match.end()
        if self.mode == COMMAND and not self._ends_token(end):
            single = self.text[start + 1] in "$?^"
            following = self.text[end]
            if single or not (following in ".[" or self.text.startswith("::", end)):
                return self._generic(start, "", start) if kind == "variable" else self._generic(start, "@", start + 1)
        return self._variable_token(start, end, kind)

    def _variable_token(self, start: int, end: int, kind: str) -> Token:
        name = self.text[start + 1 : end]
        self.position = end
        prefix, colon, rest = name.partition(":")
        if colon and not rest:
            scoped = prefix.lower() in ("", "global", "local", "script", "private", "variable", "workflow")
            error_id = "InvalidVariableReference" if scoped else "InvalidVariableReferenceWithDrive"
            self.errors.add(error_id, self.source, start, end)
        return Token(kind, start, end, self.text[start:end], name)

    def _braced_variable(self, start: int, in_string: bool) -> Token:
        text, end = self.text, self.end
        pieces: list[str] = []
        at = start + 2
        closed = False
        while at < end:
            character = text[at]
            at += 1
            if character == "}":
                closed = True
                break
            if character == "`" and at < end:
                character = _ESCAPES.get(text[at], text[at])
                at += 1
            elif character == "{":
                self.errors.add("OpenBraceNeedsToBeBackTickedInVariableName", self.source, at, at + 1)
            elif in_string and character in DOUBLE_QUOTES and at < end and text[at] in DOUBLE_QUOTES:
                character = text[at]
                at += 1
            pieces.append(character)
        name = "".join(pieces)
        if not closed:
            self.errors.add("IncompleteDollarVariableReference", self.source, start + 1, start + 2)
        elif not name:
            self.errors.add("EmptyVariableReference", self.source, at - 1, at)
        elif name.endswith(":") and name.find(":") == len(name) - 1:
            self.errors.add("InvalidBracedVariableReference", self.source, start, at)
        if self.mode == COMMAND and not in_string and not self._ends_token(at) and text[at] not in ".[":
            return self._generic(start, "", start)
        self.position = at
        return Token("variable", start, at, text[start:at], name or ":Error:", "braced")

    # ---- numbers --------------------------------------------------------------------------------------------

    def _number(self, start: int) -> Token:
        token = self._try_number(start)
        if token is None:
            return self._generic(start, "", start)
        if token.value is None:
            if self.mode != EXPRESSION:
                return self._generic(start, "", start)
            self.errors.add("BadNumericConstant", self.source, token.end, token.end + 1, token.text)
        return token

    def _try_number(self, start: int) -> Token | None:
        """The number at `start`; None if the text there is something else (77z.exe)."""
        match = _NUMBER.match(self.text, start, self.end)
        if match is None or match.end() == start:
            return None
        end = match.end()
        whole, fraction, exponent, digits = match.group("whole", "fraction", "exponent", "hex")
        multiplier = match.group("multiplier") or ""
        if digits == "" or (digits is None and not whole and (not fraction or fraction == ".")):
            return None
        if (exponent and not exponent[-1].isdigit()) or len(multiplier) == 1:
            return None
        if not self._ends_token(end) and (self.mode != EXPRESSION or self.text[end] not in _ENDS_NUMBER):
            return None
        sign = (match.group("sign") or "").translate(_TO_DASH)
        if digits is not None:
            body = digits
        else:
            body = (whole or "0") + (fraction or "") + (exponent or "").translate(_TO_DASH)
        value = number_value(
            sign + body,
            is_hex=digits is not None,
            is_real=fraction is not None or exponent is not None,
            suffix=(match.group("suffix") or "").lower(),
            multiplier=MULTIPLIERS[multiplier[:1].lower()],
        )
        self.position = end
        return Token("number", start, end, self.text[start:end], value)

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
            if kind in _DASH_OPERATORS:
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


class _LineEnd(str):
    """A line end of a here-string; the last one before the terminator is left out."""


def _drop_line_end(pieces: list[Any]) -> None:
    if pieces and isinstance(pieces[-1], _LineEnd):
        pieces.pop()


def merge(pieces: list[Any]) -> list[Any]:
    """Joins neighbouring texts."""
    parts: list[Any] = []
    texts: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts.append(piece)
            continue
        if texts:
            parts.append("".join(texts))
            texts = []
        parts.append(piece)
    if texts:
        parts.append("".join(texts))
    return parts


_HERE_RUN = {"single": re.compile(r"[^\r\n]+"), "double": re.compile(r"[^\r\n`$]+")}

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
