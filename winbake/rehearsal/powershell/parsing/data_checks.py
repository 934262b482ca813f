"""Data sections hold data: what the restricted language of `data { … }` forbids."""

from __future__ import annotations

from winbake.rehearsal.powershell.parsing.errors import ErrorList
from winbake.rehearsal.powershell.parsing.walk import descendants
from winbake.rehearsal.powershell.syntax import (
    Assignment,
    AttributedExpression,
    Binary,
    BlockStatement,
    Break,
    Command,
    CommandExpression,
    Continue,
    Convert,
    Data,
    DoLoop,
    Exit,
    For,
    ForEach,
    FunctionDefinition,
    Index,
    InvokeMember,
    Member,
    Node,
    Return,
    ScriptBlockExpression,
    StringConstant,
    Switch,
    Throw,
    Trap,
    Try,
    TypeExpression,
    TypeName,
    Unary,
    Variable,
    While,
)

_FORBIDDEN: dict[type, str] = {
    Assignment: "AssignmentStatementNotSupportedInDataSection",
    AttributedExpression: "AttributeNotSupportedInDataSection",
    BlockStatement: "ParallelAndSequenceBlockNotSupportedInDataSection",
    **dict.fromkeys((Break, Continue, Return, Exit, Throw), "FlowControlStatementNotSupportedInDataSection"),
    Data: "DataSectionStatementNotSupportedInDataSection",
    DoLoop: "DoWhileStatementNotSupportedInDataSection",
    **dict.fromkeys((For, While), "ForWhileStatementNotSupportedInDataSection"),
    ForEach: "ForeachStatementNotSupportedInDataSection",
    FunctionDefinition: "FunctionDeclarationNotSupportedInDataSection",
    Index: "ArrayReferenceNotSupportedInDataSection",
    InvokeMember: "MethodCallNotSupportedInDataSection",
    Member: "PropertyReferenceNotSupportedInDataSection",
    ScriptBlockExpression: "ScriptBlockNotSupportedInDataSection",
    Switch: "SwitchStatementNotSupportedInDataSection",
    Trap: "TrapStatementNotSupportedInDataSection",
    Try: "TryStatementNotSupportedInDataSection",
}
_ALLOWED_VARIABLES = ("psculture", "psuiculture", "true", "false", "null")
_ALLOWED_VARIABLES_TEXT = "$PSCulture, $PSUICulture, $true, $false, $null"
_PLAIN_TYPES = frozenset(
    [
        "bool", "boolean", "byte", "sbyte", "char", "int", "int16", "int32", "int64", "long", "short", "uint16",
        "uint32", "uint64", "uint", "ulong", "ushort", "single", "float", "double", "decimal", "string",
        "datetime", "dbnull",
    ]
)
_FORBIDDEN_OPERATORS = frozenset(
    ["-f", "-join", "-as", "..", "++", "--"]
    + [f"-{case}{name}" for name in ("match", "notmatch", "replace", "split") for case in ("", "i", "c")]
)


def check_data_section(data: Data, errors: ErrorList) -> None:
    def add(error_id: str, at: Node, *arguments: str) -> None:
        errors.add(error_id, at.source, at.start, at.end, *arguments)

    commands: set[str] | None = {"convertfrom-stringdata"}
    for command in data.commands:
        if not isinstance(command, StringConstant):
            commands = None
            break
        if commands is not None:
            commands.add(command.value.lower())
    for node in descendants(data.body, stop=(ScriptBlockExpression, FunctionDefinition, Data)):
        error_id = _FORBIDDEN.get(type(node))
        if error_id is not None:
            add(error_id, node)
        elif isinstance(node, Command):
            _check_command(node, commands, add)
        elif isinstance(node, CommandExpression) and node.redirections:
            add("RedirectionNotSupportedInDataSection", node.redirections[0])
        elif isinstance(node, Variable):
            if node.path.lower() not in _ALLOWED_VARIABLES:
                add("VariableReferenceNotSupportedInDataSection", node, _ALLOWED_VARIABLES_TEXT)
        elif isinstance(node, (Binary, Unary)):
            if node.operator in _FORBIDDEN_OPERATORS or node.operator.startswith("post"):
                add("OperatorNotSupportedInDataSection", node, node.operator.removeprefix("post"))
        elif isinstance(node, (Convert, TypeExpression)):
            name = node.type_constraint.type_name if isinstance(node, Convert) else node.type_name
            if not _is_plain(name):
                add("TypeNotAllowedInDataSection", node, name.text)


def _is_plain(name: TypeName) -> bool:
    return name.name.lower().removeprefix("system.") in _PLAIN_TYPES and not name.arguments


def _check_command(node: Command, allowed: set[str] | None, add: object) -> None:
    assert callable(add)
    if node.invocation == ".":
        add("DotSourcingNotSupportedInDataSection", node)
        return
    if node.redirections:
        add("RedirectionNotSupportedInDataSection", node.redirections[0])
    name = node.elements[0]
    if allowed is None:
        return
    if not isinstance(name, StringConstant):
        add("OperatorNotSupportedInDataSection", node, "&")
    elif name.value.lower() not in allowed:
        add("CmdletNotInAllowedListForDataSection", node, name.value)
