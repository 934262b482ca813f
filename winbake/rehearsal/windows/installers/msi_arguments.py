"""msiexec.exe's command line: options, UI level, log, properties. Source: MicrosoftDocs/win32 Msi/command-line-options.

msiexec splits its line itself: quotes toggle, two quotes inside quotes are one, and a backslash escapes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FULL, REDUCED, BASIC, NONE = 5, 4, 3, 2  # INSTALLUILEVEL
_PROPERTY = re.compile(r"^([A-Za-z_][A-Za-z0-9_.]*)=(.*)$", re.DOTALL)
_ACTIONS = {
    "i": "install",
    "package": "install",
    "x": "uninstall",
    "uninstall": "uninstall",
    "a": "administrative",
    "j": "advertise",
    "p": "patch",
    "update": "patch",
}


class BadCommandLine(Exception):
    """msiexec shows its usage and ends with 1639."""


@dataclass
class Arguments:
    """What was asked for. `target` is a package file or a product code; `ui` one of the levels above."""

    action: str = ""
    target: str = ""
    ui: int = FULL
    modal_at_end: bool = False
    log: str = ""
    log_flags: str = ""
    restart: str = ""  # "", never, ask, always
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def silent(self) -> bool:
        return self.ui == NONE and not self.modal_at_end


def tokens(command_line: str) -> list[str]:
    """The words of a command line, without the program's name."""
    words: list[str] = []
    word: list[str] = []
    quoted = started = False
    at = 0
    while at < len(command_line):
        character = command_line[at]
        if character == '"':
            if quoted and command_line[at + 1 : at + 2] == '"':
                word.append('"')
                at += 1
            else:
                quoted = not quoted
            started = True
        elif character in " \t" and not quoted:
            if started:
                words.append("".join(word))
            word, started = [], False
        else:
            word.append(character)
            started = True
        at += 1
    if started:
        words.append("".join(word))
    return words[1:]


def parse(command_line: str) -> Arguments:
    """Raises BadCommandLine."""
    found = Arguments()
    rest = tokens(command_line)
    while rest:
        word = rest.pop(0)
        if word[:1] in "/-" and len(word) > 1:
            _option(found, word[1:], rest)
            continue
        prop = _PROPERTY.match(word)
        if prop is None:
            raise BadCommandLine(word)
        found.properties[prop[1].upper()] = prop[2]
    if not found.action or not found.target:
        raise BadCommandLine("no package")
    return found


def _option(found: Arguments, option: str, rest: list[str]) -> None:
    low = option.lower()
    if low in ("quiet", "passive", "norestart", "promptrestart", "forcerestart", "qn", "qb", "qr", "qf", "q") or (
        low.startswith("q") and low.rstrip("+-!") in ("qn", "qb", "qr", "qf")
    ):
        _plain_option(found, low)
    elif low in _ACTIONS:
        _set_action(found, _ACTIONS[low], _argument(option, rest))
    elif low[0] in "ix" and (option[1:2] == "{" or option[2:3] == ":"):
        _set_action(found, _ACTIONS[low[0]], option[1:])
    elif low == "log" or (low[0] == "l" and all(flag in "iwearucmopvx+!*" for flag in low[1:])):
        found.log_flags = "iwearmo" if low in ("log", "l") else low[1:]
        found.log = _argument(option, rest)
    elif low[0] == "f" and all(flag in "pecmsoduvamw" for flag in low[1:]):
        _set_action(found, "repair", _argument(option, rest))
        found.properties.setdefault("REINSTALLMODE", low[1:] or "omus")
    elif low in ("t", "g", "n", "y", "z", "c", "d"):
        raise BadCommandLine(option) if low in ("c", "d") else _not_modelled(option)
    elif low in ("?", "h", "help"):
        raise BadCommandLine(option)
    else:
        raise BadCommandLine(option)


def _not_modelled(option: str) -> Exception:
    from winbake.rehearsal.windows.failures import NotModelled

    return NotModelled(f"msiexec /{option}")


def _plain_option(found: Arguments, low: str) -> None:
    if low == "norestart":
        found.restart = "never"
    elif low == "promptrestart":
        found.restart = "ask"
    elif low == "forcerestart":
        found.restart = "always"
    else:
        levels = {"quiet": NONE, "passive": BASIC, "q": NONE, "qn": NONE, "qb": BASIC, "qr": REDUCED, "qf": FULL}
        found.ui = levels[low.rstrip("+-!")]
        found.modal_at_end = "+" in low


def _argument(option: str, rest: list[str]) -> str:
    if not rest:
        raise BadCommandLine(option)
    return rest.pop(0)


def _set_action(found: Arguments, action: str, target: str) -> None:
    if found.action:
        raise BadCommandLine(action)
    found.action, found.target = action, target
