"""System.Management.Automation.Language.Parser: parsing a text to see what is wrong with it. The tree and the tokens
it gives can be held, not looked into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet.registry import getter, method, static
from winbake.rehearsal.powershell.errors import NetException
from winbake.rehearsal.powershell.parser import parse
from winbake.rehearsal.powershell.syntax import ParseError, ScriptBlock, Source
from winbake.rehearsal.powershell.values import NetObject, PSArray

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

_LANGUAGE = "System.Management.Automation.Language"
PARSER, ERROR, EXTENT = f"{_LANGUAGE}.Parser", f"{_LANGUAGE}.ParseError", f"{_LANGUAGE}.IScriptExtent"
AST, TOKEN = f"{_LANGUAGE}.ScriptBlockAst", f"{_LANGUAGE}.Token"


class ScriptAst(NetObject):
    net_type_name = AST

    def __init__(self, tree: ScriptBlock) -> None:
        self.tree = tree


class Tokens(NetObject):
    """Stands for the tokens, which are not kept: every member is refused."""

    net_type_name = TOKEN


class Extent(NetObject):
    net_type_name = EXTENT

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end


class ErrorOfParser(NetObject):
    net_type_name = ERROR

    def __init__(self, error: ParseError) -> None:
        self.error = error


def _parsed(text: str, file: str | None, tokens: Any, errors: Any) -> ScriptAst:
    tree, found = parse(text, file)
    tokens.value = Tokens()
    errors.value = PSArray([ErrorOfParser(error) for error in found], ERROR)
    return ScriptAst(tree)


@static(PARSER, "ParseInput", "String, Token[], ParseError[]")
def parse_input(text: str, tokens: Any, errors: Any) -> ScriptAst:
    return _parsed(text, None, tokens, errors)


@static(PARSER, "ParseFile")
def parse_file(path: str, tokens: Any, errors: Any, *, session: Session) -> ScriptAst:
    from winbake.rehearsal.powershell.dotnet import io_files
    from winbake.rehearsal.powershell.providers.encodings import ANSI, decode_marked

    return _parsed(decode_marked(io_files.read_bytes(session, path), ANSI), path, tokens, errors)


@getter("System.Management.Automation.ParseException", "Errors")
def errors_of_exception(value: NetException) -> PSArray:
    return PSArray([ErrorOfParser(error) for error in value.properties.get("Errors", ())], ERROR)


@getter(ERROR, "ErrorId")
def error_id(value: ErrorOfParser) -> str:
    return value.error.id


@getter(ERROR, "Message")
def error_message(value: ErrorOfParser) -> str:
    return value.error.message


@getter(ERROR, "Extent")
def error_extent(value: ErrorOfParser) -> Extent:
    return Extent(value.error.source, value.error.start, value.error.end)


@method(ERROR, "ToString")
def error_text(value: ErrorOfParser) -> str:
    from winbake.rehearsal.powershell.display.error_view import parse_errors_text

    return parse_errors_text([value.error])


@getter(EXTENT, "File")
def extent_file(value: Extent) -> str | None:
    return value.source.file


@getter(EXTENT, "Text")
def extent_text(value: Extent) -> str:
    return value.source.text[value.start : value.end]


@getter(EXTENT, "StartLineNumber")
def start_line(value: Extent) -> int:
    return value.source.line(value.start)


@getter(EXTENT, "EndLineNumber")
def end_line(value: Extent) -> int:
    return value.source.line(value.end)


@getter(EXTENT, "StartColumnNumber")
def start_column(value: Extent) -> int:
    return value.source.column(value.start)


@getter(EXTENT, "EndColumnNumber")
def end_column(value: Extent) -> int:
    return value.source.column(value.end)


@getter(EXTENT, "StartOffset")
def start_offset(value: Extent) -> int:
    return value.start


@getter(EXTENT, "EndOffset")
def end_offset(value: Extent) -> int:
    return value.end
