"""Translates .NET regular expressions to the syntax of the `regex` package (its version 1 behaviour).

The pattern is read once to number its groups (.NET numbers unnamed groups first, then named ones) and once to
write it. Group N of .NET becomes the named group `gN`. What the other engine cannot do as .NET does (balancing
groups, right-to-left) is refused with NotModelled; what .NET itself refuses raises its ArgumentException.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from winbake.rehearsal.powershell.errors import NetError, NotModelled

NONE, IGNORE_CASE, MULTILINE, EXPLICIT_CAPTURE, COMPILED, SINGLELINE = 0, 1, 2, 4, 8, 16
IGNORE_WHITESPACE, RIGHT_TO_LEFT, ECMA_SCRIPT, CULTURE_INVARIANT = 32, 64, 256, 512
"""System.Text.RegularExpressions.RegexOptions."""

_FLAG_LETTERS = {
    "i": IGNORE_CASE,
    "m": MULTILINE,
    "n": EXPLICIT_CAPTURE,
    "s": SINGLELINE,
    "x": IGNORE_WHITESPACE,
}
_NATIVE = {"i": IGNORE_CASE, "m": MULTILINE, "s": SINGLELINE}
_SIMPLE_ESCAPES = {"a": 7, "e": 27, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_WORD = r"\p{L}\p{Mn}\p{Nd}\p{Pc}"
_ECMA = {"d": "0-9", "w": "a-zA-Z0-9_", "s": r" \f\n\r\t\v"}
_BLANK = " \t\n\r\f\v"
_QUANTIFIER = re.compile(r"\{([0-9]+)(,([0-9]*))?\}")
_NAME = re.compile(r"[\w]+")


@dataclass
class Groups:
    """The capturing groups of a pattern: numbers in order, and the names of the named ones."""

    unnamed: int = 0
    explicit: set[int] = field(default_factory=set)
    named: list[str] = field(default_factory=list)
    number_of: dict[str, int] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=lambda: [0])

    def settle(self) -> None:
        """Gives the named groups the numbers that are left, in order of appearance."""
        used = {0, *range(1, self.unnamed + 1), *self.explicit}
        next_number = self.unnamed + 1
        for name in self.named:
            while next_number in used:
                next_number += 1
            self.number_of[name] = next_number
            used.add(next_number)
        self.numbers = sorted(used)

    def name_of(self, number: int) -> str:
        """What GroupNameFromNumber answers; "" if there is no such group."""
        for name, known in self.number_of.items():
            if known == number:
                return name
        return str(number) if number in self.numbers else ""


def translate(pattern: str, options: int) -> tuple[str, Groups]:
    """The pattern for `regex` (flags inside it) and its groups. Raises NetError or NotModelled."""
    if options & RIGHT_TO_LEFT:
        raise NotModelled("RegexOptions.RightToLeft")
    groups = Groups()
    _Reader(pattern, options, groups, numbering=True).read()
    groups.settle()
    body = _Reader(pattern, options, groups, numbering=False).read()
    letters = "".join(letter for letter, flag in _NATIVE.items() if options & flag)
    return f"(?{letters}-f){body}", groups


class _Reader:
    """One pass over the pattern. With `numbering` it only collects groups; references are not checked then."""

    def __init__(self, pattern: str, options: int, groups: Groups, numbering: bool) -> None:
        self.pattern = pattern
        self.options = options
        self.groups = groups
        self.numbering = numbering
        self.position = 0
        self.next_unnamed = 1

    def read(self) -> str:
        text = self._alternatives()
        if self.position < len(self.pattern):
            raise self.error("Too many )'s.")
        return text

    # ---- structure

    def _alternatives(self) -> str:
        """Up to the `)` of the group or the end. Options set inside end there."""
        outer = self.options
        out: list[str] = []
        quantifiable = False
        while self.position < len(self.pattern):
            self._skip_blank()
            if self.position >= len(self.pattern) or self.pattern[self.position] == ")":
                break
            character = self.pattern[self.position]
            if character == "|":
                self.position += 1
                out.append("|")
                quantifiable = False
            elif self._quantifier_here():
                if not quantifiable:
                    raise self._quantifier_error()
                out[-1] += self._quantifier()
                quantifiable = False
                self._refuse_nested()
            else:
                atom, quantifiable = self._atom(character)
                out.append(atom)
        self.options = outer
        return "".join(out)

    def _skip_blank(self) -> None:
        """Blanks and `# comments` where the pattern may be spread out, and `(?# comments )` anywhere."""
        while self.position < len(self.pattern):
            character = self.pattern[self.position]
            if self.options & IGNORE_WHITESPACE and character in _BLANK:
                self.position += 1
            elif self.options & IGNORE_WHITESPACE and character == "#":
                end = self.pattern.find("\n", self.position)
                self.position = len(self.pattern) if end < 0 else end + 1
            elif self.pattern.startswith("(?#", self.position):
                end = self.pattern.find(")", self.position)
                if end < 0:
                    raise self.error("Unterminated (?#...) comment.")
                self.position = end + 1
            else:
                return

    def _quantifier_here(self) -> bool:
        character = self.pattern[self.position]
        return character in "*+?" or (character == "{" and _QUANTIFIER.match(self.pattern, self.position) is not None)

    def _quantifier(self) -> str:
        found = _QUANTIFIER.match(self.pattern, self.position)
        if found:
            if found[3] and int(found[3]) < int(found[1]):
                raise self.error("Illegal {x,y} with x > y.")
            text = found[0]
        else:
            text = self.pattern[self.position]
        self.position += len(text)
        self._skip_blank()
        if self.pattern[self.position : self.position + 1] == "?":
            self.position += 1
            text += "?"
        return text

    def _refuse_nested(self) -> None:
        self._skip_blank()
        if self.position < len(self.pattern) and self._quantifier_here():
            raise self._quantifier_error(nested=True)

    def _quantifier_error(self, nested: bool = False) -> NetError:
        character = self.pattern[self.position]
        if nested:
            found = _QUANTIFIER.match(self.pattern, self.position)
            return self.error(f"Nested quantifier {'{' if found else character}.")
        return self.error("Quantifier {x,y} following nothing.")

    def _atom(self, character: str) -> tuple[str, bool]:
        """One element that is no quantifier, and whether a quantifier may follow it."""
        if character == "(":
            return self._group()
        self.position += 1
        if character == "[":
            return self._set(), True
        if character == "\\":
            return self._escape(), True
        if character == ".":
            return ".", True
        if character in "^$":
            return character, True
        return literal(character), True

    # ---- groups

    def _group(self) -> tuple[str, bool]:
        start = self.position
        self.position += 1
        if self.pattern[self.position : self.position + 1] != "?":
            if self.options & EXPLICIT_CAPTURE:
                return self._rest_of_group("(?:"), True
            number = self.next_unnamed
            self.next_unnamed += 1
            if self.numbering:
                self.groups.unnamed = number
            return self._rest_of_group(f"(?P<g{number}>"), True
        for opening in ("?:", "?=", "?!", "?>", "?<=", "?<!"):
            if self.pattern.startswith(opening, self.position):
                self.position += len(opening)
                return self._rest_of_group(f"({opening}"), True
        marker = self.pattern[self.position + 1 : self.position + 2]
        if marker in ("<", "'") and marker:
            return self._named_group(">" if marker == "<" else "'"), True
        if marker == "(":
            return self._conditional(), True
        found = re.compile(r"\?([imnsx]*)(?:-([imnsx]*))?([:)])", re.IGNORECASE).match(self.pattern, self.position)
        if not found:
            self.position = start
            raise self.error("Unrecognized grouping construct.")
        self.position = found.end()
        return self._options_group(found[1].lower(), (found[2] or "").lower(), found[3] == ":")

    def _options_group(self, on: str, off: str, is_group: bool) -> tuple[str, bool]:
        outer = self.options
        for letter in on:
            self.options |= _FLAG_LETTERS[letter]
        for letter in off:
            self.options &= ~_FLAG_LETTERS[letter]
        native_on = "".join(letter for letter in "ims" if letter in on and letter not in off)
        native_off = "".join(letter for letter in "ims" if letter in off)
        flags = native_on + (f"-{native_off}" if native_off else "")
        if not is_group:
            return (f"(?{flags})" if flags else ""), False
        text = self._rest_of_group(f"(?{flags}:")
        self.options = outer
        return text, True

    def _named_group(self, closing: str) -> str:
        end = self.pattern.find(closing, self.position + 2)
        name = self.pattern[self.position + 2 : end] if end >= 0 else ""
        if re.fullmatch(r"\w*-\w+", name):
            raise NotModelled(f"balancing groups of regular expressions: (?<{name}>")
        if not _NAME.fullmatch(name):
            raise self.error("Invalid group name: Group names must begin with a word character.")
        self.position = end + 1
        if name.isdigit():
            if int(name) == 0:
                raise self.error("Capture number cannot be zero.")
            if self.numbering:
                self.groups.explicit.add(int(name))
            return self._rest_of_group(f"(?P<g{int(name)}>")
        if self.numbering and name not in self.groups.named:
            self.groups.named.append(name)
        return self._rest_of_group(f"(?P<g{self.groups.number_of.get(name, 0)}>")

    def _conditional(self) -> str:
        """`(?(1)yes|no)`, `(?(name)yes|no)` or `(?(expression)yes|no)`."""
        found = re.compile(r"\?\((\w+)\)").match(self.pattern, self.position)
        if found and (self.numbering or self._group_number(found[1]) is not None or found[1].isdigit()):
            number = self._group_number(found[1])
            if number is None and not self.numbering:
                raise self.error(f"(?({found[1]})..) reference to undefined group.")
            self.position = found.end()
            return self._rest_of_group(f"(?(g{number or 0})")
        self.position += 1
        inner_start = self.position
        self.position = inner_start + 1
        look = "(?="
        for opening in ("?=", "?!", "?<=", "?<!"):
            if self.pattern.startswith(opening, self.position):
                self.position += len(opening)
                look = f"({opening}"
        condition = self._rest_of_group(look)
        return self._rest_of_group(f"(?{condition}")

    def _group_number(self, name: str) -> int | None:
        if name.isdigit():
            return int(name) if int(name) in self.groups.numbers else None
        return self.groups.number_of.get(name)

    def _rest_of_group(self, opening: str) -> str:
        body = self._alternatives()
        if self.pattern[self.position : self.position + 1] != ")":
            raise self.error("Not enough )'s.")
        self.position += 1
        return f"{opening}{body})"

    # ---- escapes

    def _escape(self) -> str:
        """From behind a backslash outside a set."""
        character = self._next("Illegal \\ at end of pattern.")
        if character in "bBAG":
            return "\\" + character
        if character == "Z":
            return r"(?=\n?\Z)"
        if character == "z":
            return r"\Z"
        if character in "dDwWsS":
            return self._class_escape(character)
        if character in "pP":
            return self._property(character)
        if character == "k":
            return self._named_reference()
        if character in "123456789":
            return self._numbered_reference(character)
        return literal(self.character_escape(character))

    def _next(self, at_end: str) -> str:
        if self.position >= len(self.pattern):
            raise self.error(at_end)
        self.position += 1
        return self.pattern[self.position - 1]

    def _class_escape(self, character: str) -> str:
        kind = character.lower()
        negated = character.isupper()
        if self.options & ECMA_SCRIPT:
            return f"[{'^' if negated else ''}{_ECMA[kind]}]"
        if kind != "w":
            return "\\" + character
        return f"[{'^' if negated else ''}{_WORD}]"

    def _property(self, character: str) -> str:
        found = re.compile(r"\{([\w-]+)\}").match(self.pattern, self.position)
        if not found:
            raise self.error(
                "Incomplete \\p{X} character escape."
                if "{" not in self.pattern[self.position :]
                else "Malformed \\p{X} character escape."
            )
        self.position = found.end()
        name = found[1]
        if name.startswith("Is"):
            name = "In" + name[2:].replace("-", "")
        elif name not in _CATEGORIES:
            raise self.error(f"Unknown property '{name}'.")
        return f"\\{character}{{{name}}}"

    def _named_reference(self) -> str:
        found = re.compile(r"<(\w+)>|'(\w+)'").match(self.pattern, self.position)
        if not found:
            raise self.error("Malformed \\k<...> named back reference.")
        self.position = found.end()
        name = found[1] or found[2]
        number = self._group_number(name)
        if number is None and not self.numbering:
            what = "number" if name.isdigit() else "name"
            raise self.error(f"Reference to undefined group {what} {name}.")
        return f"(?P=g{number})" if not self.numbering else ""

    def _numbered_reference(self, first: str) -> str:
        """`\\1` to `\\9` always mean groups; more digits do if there is such a group, else they are octal."""
        start = self.position - 1
        digits = re.compile(r"[0-9]+").match(self.pattern, start)
        assert digits is not None
        if int(digits[0]) in self.groups.numbers or len(digits[0]) == 1:
            self.position = digits.end()
            if self.numbering:
                return ""
            if int(digits[0]) not in self.groups.numbers:
                raise self.error(f"Reference to undefined group number {digits[0]}.")
            return f"(?P=g{int(digits[0])})"
        if first in "89":
            raise self.error(f"Reference to undefined group number {digits[0]}.")
        return literal(self._octal())

    def _octal(self) -> str:
        """Up to three octal digits; the position is behind the first."""
        start = self.position - 1
        found = re.compile(r"[0-7]{1,3}").match(self.pattern, start)
        assert found is not None
        self.position = found.end()
        return chr(int(found[0], 8) & 0xFF)

    def character_escape(self, character: str) -> str:
        """The character that an escape which means one stands for."""
        if character in _SIMPLE_ESCAPES:
            return chr(_SIMPLE_ESCAPES[character])
        if character in "xu":
            length = 2 if character == "x" else 4
            digits = self.pattern[self.position : self.position + length]
            if not re.fullmatch(f"[0-9A-Fa-f]{{{length}}}", digits):
                raise self.error("Insufficient hexadecimal digits.")
            self.position += length
            return chr(int(digits, 16))
        if character == "c":
            control = self._next("Missing control character.").upper()
            if not "@" <= control <= "_":
                raise self.error("Unrecognized control character.")
            return chr(ord(control) - 64)
        if character in "01234567":
            return self._octal()
        if character == "_" or (character.isalnum() and character.isascii()) or character.isalpha():
            raise self.error(f"Unrecognized escape sequence \\{character}.")
        return character

    # ---- character sets

    def _set(self) -> str:
        """From behind the `[`: the set in the other syntax; `[a-z-[aeiou]]` becomes `[[a-z]--[aeiou]]`."""
        negated = self.pattern[self.position : self.position + 1] == "^"
        self.position += negated
        parts: list[str] = []
        subtracted = ""
        first = True
        while True:
            if self.position >= len(self.pattern):
                raise self.error("Unterminated [] set.")
            character = self.pattern[self.position]
            if character == "]" and not first:
                self.position += 1
                break
            if character == "-" and self.pattern[self.position + 1 : self.position + 2] == "[" and not first:
                self.position += 2
                subtracted = self._set()
                if self.pattern[self.position : self.position + 1] != "]":
                    raise self.error("A subtraction must be the last element in a character class.")
                continue
            first = False
            parts.append(self._set_item())
        body = f"[{'^' if negated else ''}{''.join(parts)}]"
        return f"[{body}--{subtracted}]" if subtracted else body

    def _set_item(self) -> str:
        """One member or range."""
        low = self._set_member()
        if len(low) != 1:
            return low
        following = self.pattern[self.position + 1 : self.position + 2]
        if self.pattern[self.position : self.position + 1] != "-" or following in ("]", "[", ""):
            return literal(low)
        self.position += 1
        high = self._set_member()
        if len(high) != 1:
            raise self.error(f"Cannot include class \\{high[1:2]} in character range.")
        if ord(high) < ord(low):
            raise self.error("[x-y] range in reverse order.")
        return f"{literal(low)}-{literal(high)}"

    def _set_member(self) -> str:
        """A single character, or the text of an escape for several."""
        character = self._next("Unterminated [] set.")
        if character != "\\":
            return character
        escaped = self._next("Illegal \\ at end of pattern.")
        if escaped in "dDwWsS":
            return self._class_escape(escaped)
        if escaped in "pP":
            return self._property(escaped)
        return "\b" if escaped == "b" else self.character_escape(escaped)

    def error(self, detail: str) -> NetError:
        message = f'parsing "{self.pattern}" - {detail}'
        return NetError("System.ArgumentException", message, ParamName=None)


def literal(character: str) -> str:
    """The character as one that means itself, in a set as well as outside."""
    if character.isalnum() or character == "_":
        return character
    if character.isprintable():
        return "\\" + character
    return f"\\U{ord(character):08x}"


_CATEGORIES = frozenset(
    {"L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No"}
    | {"P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So"}
    | {"Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co", "Cn"}
)


def read_escapes(text: str) -> str:
    """Regex.Unescape: every escaped character of `text` as the character it stands for."""
    reader = _Reader(text, NONE, Groups(), numbering=False)
    out = ""
    while reader.position < len(text):
        character = text[reader.position]
        reader.position += 1
        if character == "\\":
            if reader.position >= len(text):
                raise reader.error("Illegal \\ at end of pattern.")
            reader.position += 1
            character = reader.character_escape(text[reader.position - 1])
        out += character
    return out
