"""Holds a PowerShell script to the tables of Windows PowerShell 5.1 and .NET Framework 4.8, without running it."""

from __future__ import annotations

from collections.abc import Iterator

from winbake.rehearsal.powershell import syntax
from winbake.rehearsal.powershell.access.member_table import find_property
from winbake.rehearsal.powershell.access.overloads import constructors_of, methods_of
from winbake.rehearsal.powershell.binding.command_table import find_row
from winbake.rehearsal.powershell.commands.verbs import _VERBS
from winbake.rehearsal.powershell.parser import parse
from winbake.rehearsal.powershell.parsing.walk import descendants
from winbake.rehearsal.powershell.types import NetType, resolve_type

APPROVED = frozenset(verb for verbs in _VERBS.values() for verb in verbs.split())
COMMON = frozenset(
    "Verbose Debug ErrorAction WarningAction InformationAction ErrorVariable WarningVariable InformationVariable "
    "OutVariable OutBuffer PipelineVariable".split()
)
# Names that touch Windows. Only the folder windows/ may use them; everything else calls its wrappers.
WINDOWS_TYPES = ("Microsoft.Win32.", "System.Diagnostics.", "System.Net.", "System.Threading.", "System.Security.",
                 "System.Environment", "System.ServiceProcess.", "System.Management.ManagementObject", "System.IO.")  # fmt: skip
WINDOWS_MODULES = frozenset(
    "cimcmdlets netsecurity netadapter nettcpip dism servermanager scheduledtasks microsoft.powershell.management "
    "microsoft.powershell.localaccounts microsoft.powershell.security".split()
)
# Types that only name a kind of data, no part of the system: an enum.
NEUTRAL_TYPES = frozenset({"Microsoft.Win32.RegistryValueKind"})
WRAPPERS = "windows/"
# Marked as newer in the table only because the inventory it was compared with lacks them. ServerManager's came with
# Windows Server 2012 R2 and 5.1 (Ansible's win_feature.ps1 calls them there).
KNOWN_IN_5_1 = frozenset({"Get-Verb", "Get-WindowsFeature", "Install-WindowsFeature", "Uninstall-WindowsFeature"})
# The inventory has no dynamic parameters: -DeleteKey is the Certificate provider's (about_Certificate_Provider, 5.1).
DYNAMIC = frozenset({("Remove-Item", "DeleteKey")})


def problems(text: str) -> list[str]:
    """What is not Windows PowerShell 5.1 in a script: `line: what`."""
    tree, errors = parse(text)
    found = [f"{error.source.line(error.start)}: {error.id}" for error in errors]
    own = {f.name.lower(): f for f in descendants(tree) if isinstance(f, syntax.FunctionDefinition)}
    for node in descendants(tree):
        found += [f"{node.line}: {what}" for what in _of_node(node, own)]
    return found


def _of_node(node: syntax.Node, own: dict[str, syntax.FunctionDefinition]) -> Iterator[str]:
    if isinstance(node, syntax.Command):
        yield from _of_command(node, own)
    elif isinstance(node, syntax.TypeName):
        if resolve_type(node) is None:
            yield f"no type [{node.text}] in .NET Framework 4.8"
    elif isinstance(node, syntax.Member | syntax.InvokeMember):
        yield from _of_member(node)
    elif isinstance(node, syntax.FunctionDefinition):
        yield from _of_function(node)


def _of_command(node: syntax.Command, own: dict[str, syntax.FunctionDefinition]) -> Iterator[str]:
    head = node.elements[0]
    if not isinstance(head, syntax.StringConstant):
        return
    name = head.value
    if name.lower().endswith(".exe"):
        return
    given = [e for e in node.elements[1:] if isinstance(e, syntax.CommandParameter)]
    if name.lower() in own:
        function = own[name.lower()]
        block = function.body.param_block
        known = {p.name for p in (block.parameters if block else [])}
        if any(not isinstance(e, syntax.CommandParameter) for e in node.elements[1:2]):
            yield f"{name} is called with a positional argument"
        yield from (f"{name} has no -{p.name}" for p in given if p.name not in known | COMMON)
        return
    row = find_row(name.lower())
    if row is None or (row.data.get("newer") and name not in KNOWN_IN_5_1):
        yield f"no command {name} in Windows PowerShell 5.1"
        return
    if name != row.name:
        yield f"{name} is written {row.name}"
    parameters = row.data.get("parameters", {})
    for parameter in given:
        if parameter.name in COMMON:
            continue
        entry = parameters.get(parameter.name)
        if entry is None:
            yield f"{name} has no -{parameter.name}"
        elif entry.get("newer") and (name, parameter.name) not in DYNAMIC:
            yield f"{name} -{parameter.name} is newer than Windows PowerShell 5.1"
    if name == "New-Object":
        yield from _of_new_object(node)


def _of_new_object(node: syntax.Command) -> Iterator[str]:
    name = node.elements[1]
    if not isinstance(name, syntax.StringConstant):
        return
    net_type = resolve_type(name.value)
    if net_type is None:
        yield f"no type {name.value} in .NET Framework 4.8"
    elif len(node.elements) > 2 and not net_type.is_array and name.value != "PSObject":
        count = _argument_count(node.elements[2])
        if count is not None and not any(len(c.parameters) == count for c in constructors_of(net_type)):
            yield f"{name.value} has no constructor of {count} arguments"


def _argument_count(argument: syntax.Node) -> int | None:
    if isinstance(argument, syntax.Paren):
        elements = getattr(argument.pipeline, "elements", [])
        inner = elements[0].expression if elements and isinstance(elements[0], syntax.CommandExpression) else None
        return len(inner.elements) if isinstance(inner, syntax.ArrayLiteral) else 1
    return 1


def type_of_expression(node: syntax.Expression) -> NetType | None:
    """The type where the source says it: [type]…, 'text', a cast, a static call whose overloads agree."""
    if isinstance(node, syntax.Convert):
        return resolve_type(node.type_constraint.type_name)
    if isinstance(node, syntax.StringConstant | syntax.ExpandableString):
        return resolve_type("string")
    if isinstance(node, syntax.Paren):
        elements = getattr(node.pipeline, "elements", [])
        if len(elements) == 1 and isinstance(elements[0], syntax.CommandExpression):
            return type_of_expression(elements[0].expression)
        if len(elements) == 1 and isinstance(elements[0], syntax.Command):
            words = [e.value for e in elements[0].elements[:2] if isinstance(e, syntax.StringConstant)]
            return resolve_type(words[1]) if len(words) == 2 and words[0] == "New-Object" else None
    if isinstance(node, syntax.Member) and node.static:
        owner, name = _static_owner(node)
        found = find_property(owner, name, static=True) if owner is not None else None
        return found.type if found is not None else None
    return None


def _static_owner(node: syntax.Member | syntax.InvokeMember) -> tuple[NetType | None, str]:
    name = node.member.value if isinstance(node.member, syntax.StringConstant) else ""
    owner = resolve_type(node.target.type_name) if isinstance(node.target, syntax.TypeExpression) else None
    return owner, name


def _of_member(node: syntax.Member | syntax.InvokeMember) -> Iterator[str]:
    if node.static:
        owner, name = _static_owner(node)
    else:
        owner = type_of_expression(node.target)
        name = node.member.value if isinstance(node.member, syntax.StringConstant) else ""
    if owner is None or not name or owner.full_name in ("System.Management.Automation.PSObject", "System.Object"):
        return
    static = node.static
    if isinstance(node, syntax.InvokeMember):
        overloads = methods_of(owner, name, static)
        counts = {len(o.parameters) for o in overloads}
        open_ended = any(p.is_params for o in overloads for p in o.parameters[-1:])
        if not overloads and not (owner.full_name == "System.Management.Automation.ScriptBlock" and name == "Create"):
            yield f"[{owner.full_name}] has no method {name}"
        elif overloads and len(node.arguments) not in counts and not open_ended:
            yield f"[{owner.full_name}] {name} takes no {len(node.arguments)} arguments"
    elif find_property(owner, name, static) is None and not (owner.is_enum and name in owner.row.get("values", {})):
        yield f"[{owner.full_name}] has no property {name}"


def _of_function(node: syntax.FunctionDefinition) -> Iterator[str]:
    verb = node.name.partition("-")[0]
    if verb not in APPROVED:
        yield f"{node.name}: {verb} is no approved verb"
    if "<#" not in node.text or ".SYNOPSIS" not in node.text:
        yield f"{node.name} has no help"
    block = node.body.param_block
    if block is None or not any(a.type_name.name == "CmdletBinding" for a in block.attributes):
        yield f"{node.name} has no CmdletBinding"


def touches_windows(text: str) -> list[str]:
    """What in a script only the folder windows/ may do: `line: what`."""
    found = []
    for node in descendants(parse(text)[0]):
        if isinstance(node, syntax.TypeName):
            net_type = resolve_type(node)
            name = net_type.full_name if net_type is not None else node.text
            if name.startswith(WINDOWS_TYPES) and name not in NEUTRAL_TYPES:
                found.append(f"{node.line}: [{name}]")
        elif isinstance(node, syntax.Command) and isinstance(node.elements[0], syntax.StringConstant):
            name = node.elements[0].value
            row = find_row(name.lower())
            if name.lower().endswith(".exe") or (row is not None and row.module.lower() in WINDOWS_MODULES):
                found.append(f"{node.line}: {name}")
            elif any(isinstance(e, syntax.CommandParameter) and e.name == "ComObject" for e in node.elements):
                found.append(f"{node.line}: {node.text}")
    return found
