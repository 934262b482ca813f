"""The command line of powershell.exe 5.1.

A switch may be shortened down to its shortest unambiguous form; what is no switch starts the command, and so does
the first argument without a dash.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from winbake.rehearsal.powershell.errors import NotModelled

BAD_PARAMETER = 0xFFFD0000 - 2**32
"""-196608: the host's exit code for a command line it does not understand (ExitCodeBadCommandLineParameter)."""

_DASHES = "-\u2013\u2014\u2015"
_SWITCHES = (
    # name, shortest form; the order decides, as in the host
    ("help", "h"),
    ("?", "?"),
    ("noexit", "noe"),
    ("importsystemmodules", "imp"),
    ("noprofile", "nop"),
    ("nologo", "nol"),
    ("noninteractive", "noni"),
    ("socketservermode", "so"),
    ("servermode", "s"),
    ("namedpipeservermode", "nam"),
    ("configurationname", "config"),
    ("psconsolefile", "p"),
    ("version", "v"),
    ("command", "c"),
    ("windowstyle", "w"),
    ("file", "f"),
    ("outputformat", "o"),
    ("of", "o"),
    ("inputformat", "i"),
    ("if", "i"),
    ("executionpolicy", "ex"),
    ("ep", "ep"),
    ("encodedcommand", "e"),
    ("ec", "e"),
    ("encodedarguments", "encodeda"),
    ("ea", "ea"),
    ("sta", "s"),
    ("mta", "mta"),
)
_ALIASES = {"?": "help", "of": "outputformat", "if": "inputformat", "ep": "executionpolicy", "ec": "encodedcommand"}
_TWICE = "Cannot process the command because a command is already specified with -Command or -EncodedCommand."
_FORMATS = ("text", "xml", "none")


@dataclass
class Options:
    """`error`: what is wrong with the command line. `command` None and `file` None: nothing to run."""

    command: str | None = None
    encoded: bool = False
    from_stdin: bool = False
    file: str | None = None
    file_arguments: list[str] = field(default_factory=list)
    no_exit: bool = False
    non_interactive: bool = False
    help: bool = False
    input_format: str = "text"
    output_format: str = "text"
    execution_policy: str | None = None
    error: str | None = None


def parse_arguments(arguments: list[str]) -> Options:
    options = Options()
    rest = list(arguments)
    while rest and options.error is None:
        given = rest[0].strip().lower()
        if not given:
            rest.pop(0)
            continue
        if given[0] not in _DASHES and given[0] != "/":
            _command(options, rest)
            break
        key = given[1:]
        if key and key[0] in _DASHES:
            key = key[1:]
        name = next((full for full, short in _SWITCHES if full.startswith(key) and len(key) >= len(short)), None)
        if name is None:
            _command(options, rest)
            break
        rest.pop(0)
        if _switch(options, _ALIASES.get(name, name), rest):
            break
    return options


def _switch(options: Options, name: str, rest: list[str]) -> bool:
    """Takes a switch and its values from `rest`; true if it was the last that is looked at."""
    if name in ("noprofile", "nologo", "sta", "mta", "importsystemmodules"):
        return False
    if name == "help":
        options.help = True
    elif name == "noexit":
        options.no_exit = True
    elif name == "noninteractive":
        options.non_interactive = True
    elif name == "command":
        _command(options, rest)
        return True
    elif name == "encodedcommand":
        _encoded(options, rest)
    elif name == "file":
        _file(options, rest)
        return True
    elif name in ("outputformat", "inputformat"):
        _format(options, name, rest)
    elif name == "executionpolicy":
        options.execution_policy = _value(options, rest, "execution policy")
    elif name == "windowstyle":
        _value(options, rest, "window style")
    elif name == "version":
        version = _value(options, rest, "version")
        if version is not None and version.split(".")[0] not in ("3", "4", "5"):
            raise NotModelled(f"powershell.exe -Version {version}")
    else:
        raise NotModelled(f"powershell.exe -{name}")
    return False


def _value(options: Options, rest: list[str], what: str) -> str | None:
    if not rest:
        options.error = f"Cannot process the command because of a missing parameter. A {what} must be given."
        return None
    return rest.pop(0)


def _format(options: Options, name: str, rest: list[str]) -> None:
    value = _value(options, rest, "format")
    if value is None:
        return
    if value.lower() not in _FORMATS:
        options.error = (
            f'Cannot process the command because the value specified with -{name} ("{value}") is not valid. '
            "Valid values are: Text, XML, None."
        )
    elif name == "inputformat":
        options.input_format = value.lower()
    else:
        options.output_format = value.lower()


def _encoded(options: Options, rest: list[str]) -> None:
    value = _value(options, rest, "command")
    if value is None:
        return
    if options.command is not None:
        options.error = _TWICE
        return
    try:
        options.command = base64.b64decode(value, validate=True).decode("utf-16-le")
    except (binascii.Error, ValueError):
        options.error = (
            "Cannot process the command because the value specified with -EncodedCommand is not properly encoded. "
            "The value must be Base64 encoded."
        )
    options.encoded = True


def _command(options: Options, rest: list[str]) -> None:
    """All that is left is the command, joined by blanks; a lone `-` reads commands from standard input."""
    if options.command is not None:
        options.error = _TWICE
    elif not rest:
        options.error = "Cannot process the command because of a missing parameter. A command must follow -Command."
    elif rest[0] == "-":
        options.from_stdin = True
        if len(rest) > 1:
            options.error = "'-' was specified with the -Command parameter; no other arguments are permitted."
    else:
        options.command = " ".join(rest)


def _file(options: Options, rest: list[str]) -> None:
    if not rest:
        options.error = "Cannot process the command because of a missing parameter. A file path must follow -File."
        return
    name = rest.pop(0)
    if name == "-":
        raise NotModelled("powershell.exe -File -")
    options.file = name.replace("/", "\\")
    options.file_arguments = list(rest)
