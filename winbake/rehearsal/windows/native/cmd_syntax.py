"""The command line of cmd.exe as a tree: `&`, `&&`, `||`, `|`, parentheses, redirections, quotes and carets."""

from __future__ import annotations

import re
from dataclasses import dataclass

OPERATORS = ("&&", "||", "&", "|", "(", ")")
_REDIRECT = re.compile(r"(\d?)(>>|>|<)(?:\s*&\s*(\d))?")


class CmdSyntaxError(ValueError):
    """What cmd answers with `X was unexpected at this time.`"""


@dataclass(frozen=True)
class Redirect:
    """`handle` 0, 1 or 2; to another handle (`to`), or to a file."""

    handle: int
    kind: str
    target: str = ""
    to: int | None = None


@dataclass(frozen=True)
class Simple:
    """One command: its text as typed (quotes kept, carets resolved)."""

    text: str
    redirects: tuple[Redirect, ...] = ()
    quiet: bool = False


@dataclass(frozen=True)
class Group:
    body: Node
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class Joined:
    """left `operator` right."""

    left: Node
    operator: str
    right: Node


@dataclass(frozen=True)
class If:
    """`if [/i] [not] condition then [else otherwise]`.

    condition: ("exist", path), ("defined", name), ("errorlevel", n) or ("compare", left, operator, right)."""

    negated: bool
    ignore_case: bool
    condition: tuple[str, ...]
    then: Node
    otherwise: Node | None = None


@dataclass(frozen=True)
class For:
    """kind: "" (words and wildcards), "d", "l", "f"; `options` of /f."""

    kind: str
    options: str
    variable: str
    items: str
    body: Node


Node = Simple | Group | Joined | If | For


@dataclass
class Parser:
    """Reads one line (or a block of lines joined by line feeds). Percent signs are expanded before."""

    text: str
    at: int = 0
    depth: int = 0

    def parse(self) -> Node | None:
        node = self._sequence()
        self._blanks()
        if self.at < len(self.text):
            raise CmdSyntaxError(self.text[self.at])
        return node

    # ---- operators ----------------------------------------------------------------------------------

    def _sequence(self) -> Node | None:
        left = self._and_or()
        while True:
            self._blanks(newlines=self.depth > 0)
            separator = self._peek_separator()
            if not separator:
                return left
            self.at += len(separator)
            right = self._and_or()
            if right is None:
                return left
            left = right if left is None else Joined(left, "&", right)

    def _peek_separator(self) -> str:
        if self.text.startswith("&", self.at) and not self.text.startswith("&&", self.at):
            return "&"
        return "\n" if self.depth and self.text.startswith("\n", self.at) else ""

    def _and_or(self) -> Node | None:
        left = self._pipe()
        while True:
            self._blanks()
            operator = next((o for o in ("&&", "||") if self.text.startswith(o, self.at)), None)
            if operator is None or left is None:
                return left
            self.at += 2
            self._blanks(newlines=True)
            right = self._pipe()
            if right is None:
                raise CmdSyntaxError(operator)
            left = Joined(left, operator, right)

    def _pipe(self) -> Node | None:
        left = self._command()
        while left is not None:
            self._blanks()
            if not self.text.startswith("|", self.at) or self.text.startswith("||", self.at):
                return left
            self.at += 1
            self._blanks(newlines=True)
            right = self._command()
            if right is None:
                raise CmdSyntaxError("|")
            left = Joined(left, "|", right)
        return left

    # ---- commands -----------------------------------------------------------------------------------

    def _command(self) -> Node | None:
        self._blanks(newlines=self.depth > 0)
        quiet = False
        while self.text.startswith("@", self.at):
            quiet = True
            self.at += 1
            self._blanks()
        if self.text.startswith("(", self.at):
            return self._group()
        word = self._peek_word().lower()
        if word == "if":
            self.at += 2
            return self._if()
        if word == "for":
            self.at += 3
            return self._for()
        if word == "rem":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
            return Simple("rem", quiet=quiet)
        text, redirects = self._words()
        if not text.strip() and not redirects:
            if (
                self.at < len(self.text)
                and self.text[self.at] in "&|)"
                and not (self.depth and self.text[self.at] == ")")
            ):
                raise CmdSyntaxError(self._peek_operator())
            return None
        return Simple(text, tuple(redirects), quiet)

    def _peek_operator(self) -> str:
        return next((o for o in OPERATORS if self.text.startswith(o, self.at)), self.text[self.at])

    def _group(self) -> Node:
        self.at += 1
        self.depth += 1
        body = self._sequence()
        self._blanks(newlines=True)
        if not self.text.startswith(")", self.at):
            raise CmdSyntaxError("(")
        self.at += 1
        self.depth -= 1
        _, redirects = self._words(only_redirects=True)
        return Group(body or Simple("rem"), tuple(redirects))

    def _if(self) -> Node:
        negated = ignore_case = False
        while True:
            word = self._peek_word()
            if word.lower() == "/i":
                ignore_case = True
            elif word.lower() == "not":
                negated = True
            else:
                break
            self._take_word()
        condition = self._condition()
        then = self._command()
        if then is None:
            raise CmdSyntaxError("if")
        otherwise = None
        mark = self.at
        self._blanks(newlines=self.depth > 0)
        if self._peek_word().lower() == "else":
            self._take_word()
            otherwise = self._command()
        else:
            self.at = mark
        return If(negated, ignore_case, condition, then, otherwise)

    def _condition(self) -> tuple[str, ...]:
        first = self._take_word()
        if first.lower() in ("exist", "defined", "errorlevel", "cmdextversion"):
            return (first.lower(), self._take_word())
        if "==" in first:
            left, _, right = first.partition("==")
            return ("compare", left, "==", right or self._take_word())
        operator = self._take_word()
        if operator.startswith("=="):
            return ("compare", first, "==", operator[2:] or self._take_word())
        if operator.lower() not in ("equ", "neq", "lss", "leq", "gtr", "geq"):
            raise CmdSyntaxError(operator or first)
        return ("compare", first, operator.lower(), self._take_word())

    def _for(self) -> Node:
        kind = options = ""
        word = self._take_word()
        while word.startswith("/"):
            kind = word[1:].lower()
            word = self._take_word()
            if kind == "f" and word.startswith('"'):
                options = word.strip('"')
                word = self._take_word()
        variable = word.lstrip("%")
        if len(variable) != 1 or self._take_word().lower() != "in":
            raise CmdSyntaxError(word)
        self._blanks()
        if not self.text.startswith("(", self.at):
            raise CmdSyntaxError(self.text[self.at : self.at + 1])
        end = self._closing(self.at)
        items = self.text[self.at + 1 : end]
        self.at = end + 1
        if self._take_word().lower() != "do":
            raise CmdSyntaxError("do")
        body = self._command()
        if body is None:
            raise CmdSyntaxError("do")
        return For(kind, options, variable, items, body)

    def _closing(self, start: int) -> int:
        depth, quoted = 0, False
        for index in range(start, len(self.text)):
            character = self.text[index]
            if character == '"':
                quoted = not quoted
            elif not quoted:
                depth += (character == "(") - (character == ")")
                if depth == 0:
                    return index
        raise CmdSyntaxError("(")

    # ---- words --------------------------------------------------------------------------------------

    def _blanks(self, newlines: bool = False) -> None:
        while self.at < len(self.text) and (self.text[self.at] in " \t" or (newlines and self.text[self.at] == "\n")):
            self.at += 1

    def _peek_word(self) -> str:
        mark = self.at
        word = self._take_word()
        self.at = mark
        return word

    def _take_word(self) -> str:
        self._blanks()
        start, quoted = self.at, False
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == '"':
                quoted = not quoted
            elif not quoted and (character in " \t\n&|<>" or (character in "()" and self.at > start)):
                break
            self.at += 1
        return self.text[start : self.at]

    def _words(self, only_redirects: bool = False) -> tuple[str, list[Redirect]]:
        """The text of a command up to the next operator, without its redirections."""
        redirects: list[Redirect] = []
        text: list[str] = []
        quoted = False
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "^" and not quoted:
                following = self.text[self.at + 1 : self.at + 2]
                self.at += 2
                if following == "\n":
                    following = self.text[self.at : self.at + 1]
                    self.at += 1
                text.append(following)
                continue
            if character == '"':
                quoted = not quoted
            elif not quoted:
                if character in "&|\n" or (character == ")" and self.depth):
                    break
                found = self._redirect(text)
                if found is not None:
                    redirects.append(found)
                    continue
                if only_redirects and character not in " \t":
                    break
            text.append(character)
            self.at += 1
        return "".join(text).lstrip(" \t"), redirects

    def _redirect(self, text: list[str]) -> Redirect | None:
        match = _REDIRECT.match(self.text, self.at)
        if not match:
            return None
        if match[1] and text and text[-1] not in (" ", "\t", ")"):
            return None  # the digit belongs to a word: echo a1>x
        self.at = match.end()
        kind = match[2]
        handle = int(match[1]) if match[1] else (0 if kind == "<" else 1)
        if match[3]:
            return Redirect(handle, kind, to=int(match[3]))
        target = self._take_word()
        if not target:
            raise CmdSyntaxError(self.text[self.at : self.at + 1] or "The syntax of the command is incorrect.")
        return Redirect(handle, kind, target.strip('"'))
