"""Finding native programs and writing their command lines as Windows PowerShell 5.1 does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.binding.binder import Argument

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

_DEFAULT_PATHEXT = ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC"


def _is_path(name: str) -> bool:
    return "\\" in name or "/" in name or name[1:2] == ":"


def find_program(session: Session, name: str) -> str | None:
    """The file that a name runs: a path as it is (with .ps1 or an extension of PATHEXT added), a bare name on
    $env:Path only, never in the current directory."""
    files = session.host.files
    environment = session.process.environment
    extensions = [".ps1", *[e for e in environment.get("PATHEXT", _DEFAULT_PATHEXT).lower().split(";") if e]]
    folders: list[str]
    if _is_path(name):
        from winbake.rehearsal.powershell.errors import ScriptError
        from winbake.rehearsal.powershell.providers.core import locate

        try:
            found = locate(session, name)
        except ScriptError:
            return None
        if found.provider.name != "FileSystem":
            return None
        folder, _, leaf = found.path.rpartition("\\")
        folders = [folder]
        name = leaf
    else:
        folders = [f.strip().strip('"') for f in environment.get("PATH", "").split(";") if f.strip()]
    if not name:
        return None
    candidates = [name + extension for extension in extensions]
    extension = "." + name.rpartition(".")[2].lower() if "." in name else ""
    if extension:
        candidates.insert(0, name)
    for folder in folders:
        for candidate in candidates:
            path = f"{folder.rstrip(chr(92))}\\{candidate}"
            if files.is_file(path):
                return str(files.entry(path).full_path)
    return None


def quote(text: str) -> str:
    """One argument: quotes round it only if white space stands outside its own quotes; nothing is escaped."""
    inside = False
    for character in text:
        if character == '"':
            inside = not inside
        elif character.isspace() and not inside:
            return f'"{text}"'
    return text


def argument_texts(session: Session, arguments: list[Argument]) -> list[str]:
    """The arguments as texts, quoted; empty ones vanish, as on Windows PowerShell 5.1."""
    out: list[str] = []
    for argument in arguments:
        if argument.name is not None:
            head = argument.parameter_text
            if not argument.has_value:
                out.append(head)
                continue
            value = _text(session, argument)
            out.append(quote(head + value) if argument.colon else head)
            if not argument.colon:
                out.append(quote(value))
            continue
        items = convert.enumerate_items(argument.value)
        if argument.literal is not None or items is None:
            out.append(quote(_text(session, argument)))
            continue
        texts = [convert.to_text(item, session) for item in items]
        bare = argument.node is not None and not argument.splatted and type(argument.node).__name__ == "ArrayLiteral"
        if bare and "," in argument.node.text:  # type: ignore[union-attr]
            out.append(quote(",".join(texts)) if ", " not in argument.node.text else quote(" ".join(texts)))  # type: ignore[union-attr]
        else:
            out.extend(quote(text) for text in texts)
    return [text for text in out if text]


def _text(session: Session, argument: Argument) -> str:
    if argument.literal is not None:
        return argument.literal
    return convert.to_text(argument.value, session)


def command_line(session: Session, path: str, arguments: list[Argument]) -> str:
    """`"C:\\path\\program.exe" arguments`, as CreateProcess gets it."""
    return " ".join([f'"{path}"', *argument_texts(session, arguments)])


def decode(session: Session, data: bytes) -> str:
    """Bytes of a program's output, in the console's code page."""
    return data.decode("cp437", "replace")


def encode_input(session: Session, lines: list[Any]) -> bytes:
    """What a program gets on its standard input: lines in $OutputEncoding (ASCII)."""
    texts = [convert.to_text(line, session) for line in lines]
    return "".join(text + "\r\n" for text in texts).encode("ascii", "replace")
