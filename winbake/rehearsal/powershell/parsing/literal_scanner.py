"""The lexer's lower half: strings, here-strings, bare words, variables and numbers."""

from __future__ import annotations

import re
from typing import Any

from winbake.rehearsal.powershell.parsing.errors import ErrorList
from winbake.rehearsal.powershell.parsing.number_literals import MULTIPLIERS, number_value
from winbake.rehearsal.powershell.parsing.tokens import (
    COMMAND,
    DASHES,
    DOUBLE_QUOTES,
    ENDS_NUMBER,
    ENDS_TOKEN,
    ESCAPES,
    EXPRESSION,
    SINGLE_QUOTES,
    WHITE,
    SubText,
    Token,
    merge,
)
from winbake.rehearsal.powershell.syntax import Source

_REQUIRES = re.compile(r"#requires\b[^\r\n]*", re.IGNORECASE)
_VARIABLE = re.compile(r"[$@](?:[$?^]|(?:\w|:(?!:))(?:[\w?]|:(?!:))*)")
_GENERIC_RUN = re.compile(rf"[^\0{{}}();,|&\r\n{WHITE}`{SINGLE_QUOTES}{DOUBLE_QUOTES}$]+")
_SINGLE_RUN = re.compile(f"[^{SINGLE_QUOTES}]*")
_DOUBLE_RUN = re.compile(f"[^{DOUBLE_QUOTES}$`]+")
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
_HERE_RUN = {"single": re.compile(r"[^\r\n]+"), "double": re.compile(r"[^\r\n`$]+")}


class LiteralScanner:
    """Reads literals of `source` from `start` to `end`. Errors go to `errors`."""

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
        return not character or character in "\r\n\0" or (character in ENDS_TOKEN and character not in "{}();,|&")

    def _ends_token(self, at: int) -> bool:
        return at >= self.end or self.text[at] in ENDS_TOKEN

    def _take(self, kind: str, start: int, length: int) -> Token:
        self.position = start + length
        return Token(kind, start, start + length, self.text[start : start + length])

    def _operator(self, kind: str, start: int, length: int) -> Token:
        """An operator; in command mode only if nothing is glued to it."""
        if self.mode == COMMAND and not self._ends_token(start + length):
            return self._generic(start, self.text[start : start + length], start + length)
        return self._take(kind, start, length)

    # ---- bare words -----------------------------------------------------------------------------------------

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
            if character in ENDS_TOKEN:
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
            pieces.append(ESCAPES.get(character, character))
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
                character = ESCAPES.get(text[at], text[at])
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
        if not self._ends_token(end) and (self.mode != EXPRESSION or self.text[end] not in ENDS_NUMBER):
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


class _LineEnd(str):
    """A line end of a here-string; the last one before the terminator is left out."""


def _drop_line_end(pieces: list[Any]) -> None:
    if pieces and isinstance(pieces[-1], _LineEnd):
        pieces.pop()
