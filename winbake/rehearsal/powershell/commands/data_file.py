"""Import-PowerShellDataFile: the values in a data file, of which nothing is run."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert, syntax, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.dotnet.collections import Hashtable
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.operators.arithmetic import negate, plus
from winbake.rehearsal.powershell.parser import parse
from winbake.rehearsal.powershell.providers import core, encodings
from winbake.rehearsal.powershell.running.functions import create_script_block

_CONSTANTS = {"true": True, "false": False, "null": None}
_SAFE_TYPES = frozenset(
    [
        "array",
        "bigint",
        "bool",
        "byte",
        "char",
        "datetime",
        "decimal",
        "double",
        "float",
        "guid",
        "hashtable",
        "int",
        "int16",
        "int32",
        "int64",
        "ipaddress",
        "long",
        "pscustomobject",
        "regex",
        "sbyte",
        "single",
        "string",
        "timespan",
        "uint16",
        "uint32",
        "uint64",
        "uri",
        "version",
        "ordered",
    ]
)


class Dynamic(Exception):
    """An expression whose value only running it could tell."""


@cmdlet("Import-PowerShellDataFile", "Import-PowerShellDataFile")
class ImportPowerShellDataFile(Cmdlet):
    def process(self) -> None:
        literal = self.has("LiteralPath")
        paths = [str(path) for path in self.get("LiteralPath" if literal else "Path") or ()]
        for found in core.resolve_each(self, paths, literal):
            data = self.session.host.files.read(found.path)
            tree, errors = parse(encodings.decode_marked(data, encodings.ANSI), found.path)
            table = None if errors else first_table(tree)
            if errors:
                self._refuse(found.path, "")
            elif table is None:
                self._refuse(found.path, "NoHashtableRoot")
            else:
                self._emit_safely(table)

    def _refuse(self, path: str, suffix: str) -> None:
        message = f"The file '{path}' could not be parsed as a PowerShell Data File."
        kind = "System.InvalidOperationException"
        self.error(f"CouldNotParseAsPowerShellDataFile{suffix}", message, "InvalidData", kind)

    def _emit_safely(self, table: syntax.Hashtable) -> None:
        try:
            self.emit(safe_value(self.session, table))
        except Dynamic:
            message = "Cannot generate a PowerShell object for a ScriptBlock evaluating dynamic expressions."
            inner = NetException("System.InvalidOperationException", message)
            outer = f'Exception calling "SafeGetValue" with "0" argument(s): "{message}"'
            exception = NetException("System.Management.Automation.MethodInvocationException", outer, inner)
            self.write_error(ErrorRecord(exception, "InvalidOperationException", "NotSpecified"))


def first_table(tree: syntax.ScriptBlock) -> syntax.Hashtable | None:
    """The hashtable that a data file consists of."""
    for statement in tree.end_block.statements if tree.end_block is not None else ():
        if isinstance(statement, syntax.Pipeline) and isinstance(statement.elements[0], syntax.CommandExpression):
            expression = statement.elements[0].expression
            if isinstance(expression, syntax.Hashtable):
                return expression
    return None


def safe_value(session: Any, node: Any) -> Any:
    """The value of constants, strings, arrays, hashtables, casts and signs of them. Raises Dynamic for all else."""
    if isinstance(node, syntax.Constant | syntax.StringConstant):
        return node.value
    if isinstance(node, syntax.ExpandableString):
        texts = [part if isinstance(part, str) else convert.to_text(safe_value(session, part)) for part in node.parts]
        return "".join(texts)
    if isinstance(node, syntax.Variable):
        if node.path.lower() in _CONSTANTS:
            return _CONSTANTS[node.path.lower()]
        raise Dynamic
    if isinstance(node, syntax.Hashtable):
        pairs = [(safe_value(session, key), safe_value(session, value)) for key, value in node.pairs]
        return Hashtable(pairs, ignore_case=True)
    if isinstance(node, syntax.ArrayLiteral):
        return v.PSArray([safe_value(session, element) for element in node.elements])
    if isinstance(node, syntax.ArrayExpression):
        items: list[Any] = []
        for statement in node.body.statements:
            value = safe_value(session, statement)
            inner = convert.enumerate_items(value)
            items.extend([value] if inner is None else inner)
        return v.PSArray(items)
    if isinstance(node, syntax.Paren):
        return safe_value(session, node.pipeline)
    if isinstance(node, syntax.Pipeline):
        return _pipeline_value(session, node)
    if isinstance(node, syntax.Unary):
        return _unary_value(session, node)
    if isinstance(node, syntax.Convert):
        return _cast_value(session, node)
    if isinstance(node, syntax.ScriptBlockExpression):
        source = node.script_block.source.text[node.script_block.start : node.script_block.end]
        return create_script_block(session, source.removeprefix("{").removesuffix("}"))
    raise Dynamic


def _pipeline_value(session: Any, node: syntax.Pipeline) -> Any:
    only = node.elements[0]
    if len(node.elements) != 1 or not isinstance(only, syntax.CommandExpression) or only.redirections:
        raise Dynamic
    return safe_value(session, only.expression)


def _unary_value(session: Any, node: syntax.Unary) -> Any:
    value = safe_value(session, node.child)
    try:
        if node.operator == "-":
            return negate(session, value)
        if node.operator == "+":
            return plus(session, value)
        if node.operator == ",":
            return v.PSArray([value])
        if node.operator in ("!", "-not"):
            return not convert.to_bool(value)
    except ScriptError:
        raise Dynamic from None
    raise Dynamic


def _cast_value(session: Any, node: syntax.Convert) -> Any:
    name = node.type_constraint.type_name
    wanted = types.resolve_type(name, session)
    if name.name.lower().removeprefix("system.") not in _SAFE_TYPES or wanted is None:
        raise Dynamic
    return convert.convert(safe_value(session, node.child), wanted, session)
