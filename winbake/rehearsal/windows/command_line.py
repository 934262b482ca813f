"""Command lines: CommandLineToArgvW's splitting, its inverse, and the name that CreateProcess runs.

Rules: MicrosoftDocs/win32 shellapi CommandLineToArgvW and the C runtime's "Parsing C command-line arguments".
"""

from __future__ import annotations


def split(command_line: str) -> list[str]:
    """The arguments a C program sees. The first is split by quotes alone; backslashes count only before quotes."""
    text = command_line.lstrip(" \t")
    if not text:
        return []
    arguments: list[str] = []
    if text[0] == '"':
        first, _, rest = text[1:].partition('"')
    else:
        end = next((at for at, character in enumerate(text) if character in " \t"), len(text))
        first, rest = text[:end], text[end:]
    arguments.append(first)
    at = 0
    while True:
        while at < len(rest) and rest[at] in " \t":
            at += 1
        if at >= len(rest):
            return arguments
        argument, at = _one(rest, at)
        arguments.append(argument)


def _one(text: str, at: int) -> tuple[str, int]:
    taken: list[str] = []
    quoted = False
    while at < len(text):
        character = text[at]
        if character == "\\":
            end = at
            while end < len(text) and text[end] == "\\":
                end += 1
            count = end - at
            if end < len(text) and text[end] == '"':
                taken.append("\\" * (count // 2))
                if count % 2:
                    taken.append('"')
                    end += 1
            else:
                taken.append("\\" * count)
            at = end
        elif character == '"':
            if quoted and at + 1 < len(text) and text[at + 1] == '"':
                taken.append('"')
                at += 2
                continue
            quoted = not quoted
            at += 1
        elif character in " \t" and not quoted:
            break
        else:
            taken.append(character)
            at += 1
    return "".join(taken), at


def quote(argument: str) -> str:
    """One argument quoted so that `split` gives it back."""
    if argument and not any(character in ' \t"' for character in argument):
        return argument
    quoted, slashes = ['"'], 0
    for character in argument:
        if character == "\\":
            slashes += 1
            continue
        quoted.append("\\" * (slashes * 2 + 1 if character == '"' else slashes))
        quoted.append(character)
        slashes = 0
    return "".join(quoted) + "\\" * (slashes * 2) + '"'


def join(arguments: list[str]) -> str:
    return " ".join(quote(argument) for argument in arguments)


def candidates(command_line: str) -> list[str]:
    """The module names that CreateProcess tries for a command line without an application name: an unquoted
    path with blanks is tried at each blank (`C:\\Program`, `C:\\Program Files\\x`)."""
    text = command_line.lstrip(" \t")
    if text.startswith('"'):
        return [text[1:].partition('"')[0]]
    ends = [at for at, character in enumerate(text) if character in " \t"] + [len(text)]
    names: list[str] = []
    for end in ends:
        name = text[:end].rstrip(" \t")
        if name and name not in names:
            names.append(name)
    return names
