"""What a script means by a type name in brackets: accelerators, namespaces, generics, arrays.

The accelerators are Windows PowerShell 5.1's (about_Type_Accelerators; TypeAccelerators in the 2016 source).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.type_system.type_table import type_table
from winbake.rehearsal.powershell.types import NetType, array_of, constructed, get_type, split_arguments

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.syntax import TypeName

_SMA = "System.Management.Automation."

ACCELERATORS: dict[str, str] = {
    "alias": f"{_SMA}AliasAttribute",
    "allowemptycollection": f"{_SMA}AllowEmptyCollectionAttribute",
    "allowemptystring": f"{_SMA}AllowEmptyStringAttribute",
    "allownull": f"{_SMA}AllowNullAttribute",
    "argumentcompleter": f"{_SMA}ArgumentCompleterAttribute",
    "array": "System.Array",
    "bool": "System.Boolean",
    "byte": "System.Byte",
    "char": "System.Char",
    "cmdletbinding": f"{_SMA}CmdletBindingAttribute",
    "datetime": "System.DateTime",
    "decimal": "System.Decimal",
    "double": "System.Double",
    "dscresource": f"{_SMA}DscResourceAttribute",
    "float": "System.Single",
    "single": "System.Single",
    "guid": "System.Guid",
    "hashtable": "System.Collections.Hashtable",
    "int": "System.Int32",
    "int32": "System.Int32",
    "int16": "System.Int16",
    "long": "System.Int64",
    "int64": "System.Int64",
    "ciminstance": "Microsoft.Management.Infrastructure.CimInstance",
    "cimclass": "Microsoft.Management.Infrastructure.CimClass",
    "cimtype": "Microsoft.Management.Infrastructure.CimType",
    "cimconverter": "Microsoft.Management.Infrastructure.CimConverter",
    "ipendpoint": "System.Net.IPEndPoint",
    "nulstring": f"{_SMA}Language.NullString",
    "nullstring": f"{_SMA}Language.NullString",
    "outputtype": f"{_SMA}OutputTypeAttribute",
    "objectsecurity": "System.Security.AccessControl.ObjectSecurity",
    "parameter": f"{_SMA}ParameterAttribute",
    "physicaladdress": "System.Net.NetworkInformation.PhysicalAddress",
    "pscredential": f"{_SMA}PSCredential",
    "psdefaultvalue": f"{_SMA}PSDefaultValueAttribute",
    "pslistmodifier": f"{_SMA}PSListModifier",
    "psobject": f"{_SMA}PSObject",
    "pscustomobject": f"{_SMA}PSObject",
    "psprimitivedictionary": f"{_SMA}PSPrimitiveDictionary",
    "ref": f"{_SMA}PSReference",
    "psreference": f"{_SMA}PSReference",
    "pstypenameattribute": f"{_SMA}PSTypeNameAttribute",
    "regex": "System.Text.RegularExpressions.Regex",
    "dscproperty": f"{_SMA}DscPropertyAttribute",
    "sbyte": "System.SByte",
    "string": "System.String",
    "supportswildcards": f"{_SMA}SupportsWildcardsAttribute",
    "switch": f"{_SMA}SwitchParameter",
    "cultureinfo": "System.Globalization.CultureInfo",
    "bigint": "System.Numerics.BigInteger",
    "securestring": "System.Security.SecureString",
    "timespan": "System.TimeSpan",
    "uint16": "System.UInt16",
    "uint32": "System.UInt32",
    "uint64": "System.UInt64",
    "uri": "System.Uri",
    "validatecount": f"{_SMA}ValidateCountAttribute",
    "validatedrive": f"{_SMA}ValidateDriveAttribute",
    "validatelength": f"{_SMA}ValidateLengthAttribute",
    "validatenotnull": f"{_SMA}ValidateNotNullAttribute",
    "validatenotnullorempty": f"{_SMA}ValidateNotNullOrEmptyAttribute",
    "validatepattern": f"{_SMA}ValidatePatternAttribute",
    "validaterange": f"{_SMA}ValidateRangeAttribute",
    "validatescript": f"{_SMA}ValidateScriptAttribute",
    "validateset": f"{_SMA}ValidateSetAttribute",
    "validatetrusteddata": f"{_SMA}ValidateTrustedDataAttribute",
    "validateuserdrive": f"{_SMA}ValidateUserDriveAttribute",
    "version": "System.Version",
    "void": "System.Void",
    "ipaddress": "System.Net.IPAddress",
    "dsclocalconfigurationmanager": f"{_SMA}DscLocalConfigurationManagerAttribute",
    "wildcardpattern": f"{_SMA}WildcardPattern",
    "x509certificate": "System.Security.Cryptography.X509Certificates.X509Certificate",
    "x500distinguishedname": "System.Security.Cryptography.X509Certificates.X500DistinguishedName",
    "xml": "System.Xml.XmlDocument",
    "cimsession": "Microsoft.Management.Infrastructure.CimSession",
    "adsi": "System.DirectoryServices.DirectoryEntry",
    "adsisearcher": "System.DirectoryServices.DirectorySearcher",
    "wmiclass": "System.Management.ManagementClass",
    "wmi": "System.Management.ManagementObject",
    "wmisearcher": "System.Management.ManagementObjectSearcher",
    "mailaddress": "System.Net.Mail.MailAddress",
    "scriptblock": f"{_SMA}ScriptBlock",
    "psvariable": f"{_SMA}PSVariable",
    "type": "System.Type",
    "psmoduleinfo": f"{_SMA}PSModuleInfo",
    "powershell": f"{_SMA}PowerShell",
    "runspacefactory": f"{_SMA}Runspaces.RunspaceFactory",
    "runspace": f"{_SMA}Runspaces.Runspace",
    "initialsessionstate": f"{_SMA}Runspaces.InitialSessionState",
    "psscriptmethod": f"{_SMA}PSScriptMethod",
    "psscriptproperty": f"{_SMA}PSScriptProperty",
    "psnoteproperty": f"{_SMA}PSNoteProperty",
    "psaliasproperty": f"{_SMA}PSAliasProperty",
    "psvariableproperty": f"{_SMA}PSVariableProperty",
}

_NAMES_FIRST = ("int", "long", "single", "psobject", "ref", "nullstring")
"""Where several accelerators mean one type: the one that error texts and `"$type"` show."""


@cache
def _shown() -> dict[str, str]:
    shown: dict[str, str] = {}
    for name, full_name in ACCELERATORS.items():
        shown.setdefault(full_name, name)
    for name in _NAMES_FIRST:
        shown[ACCELERATORS[name]] = name
    shown["System.Management.Automation.PSReference"] = "ref"
    shown["System.Single"] = "float"
    return shown


def accelerator_of(net_type: NetType) -> str | None:
    """`int` for System.Int32; None if the type has none."""
    return _shown().get(net_type.key)


def display_name(net_type: NetType, drop_namespaces: bool = False) -> str:
    """A type as the engine writes it in text: `int`, `System.Collections.Generic.List[int]`, `string[]`."""
    if net_type.element_type is not None:
        inner = display_name(net_type.element_type, drop_namespaces)
        return inner + net_type.name[len(net_type.element_type.name) :]
    if net_type.arguments and net_type.definition is not None:
        outer = net_type.definition.key
        if drop_namespaces:
            outer = net_type.definition.name
        inner = ",".join(display_name(argument, drop_namespaces) for argument in net_type.arguments)
        return f"{outer.partition('`')[0]}[{inner}]"
    known = accelerator_of(net_type)
    if known is not None:
        return known
    if net_type.key == "System.Management.Automation.PSCustomObject" or drop_namespaces:
        return net_type.name
    return net_type.key


def resolve(name: str | TypeName, session: Any = None) -> NetType | None:
    """See types.resolve_type."""
    if isinstance(name, str):
        return _resolve_text(name, session)
    if name.arguments:
        arguments = [resolve(argument, session) for argument in name.arguments]
        if any(argument is None for argument in arguments):
            return None
        found = _construct(name.name, [a for a in arguments if a is not None], session)
    else:
        found = _resolve_text(name.name, session)
    if found is None:
        return None
    for rank in name.ranks:
        found = array_of(found, rank)
    return found


def _resolve_text(text: str, session: Any) -> NetType | None:
    text = text.strip()
    if not text.endswith("]"):
        # An assembly-qualified name: what follows the first comma outside brackets is the assembly.
        text = split_arguments(text)[0]
    if text.endswith("]"):
        start = _open_bracket(text)
        if start is None:
            return None
        inner = text[start + 1 : -1]
        if not inner.strip(", "):
            element = _resolve_text(text[:start], session)
            return None if element is None else array_of(element, inner.count(",") + 1)
        arguments = []
        for part in split_arguments(inner):
            argument = _resolve_text(part[1:-1] if part.startswith("[") else part, session)
            if argument is None:
                return None
            arguments.append(argument)
        return _construct(text[:start], arguments, session)
    return _plain(text, session)


def _open_bracket(text: str) -> int | None:
    depth = 0
    for i in range(len(text) - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return None


def _construct(outer: str, arguments: list[NetType], session: Any) -> NetType | None:
    arity = len(arguments)
    definition = _plain(outer if "`" in outer else f"{outer}`{arity}", session) or _plain(outer, session)
    if definition is None or not definition.is_generic_definition or len(definition.parameter_names()) != arity:
        return None
    return constructed(definition, tuple(arguments))


def _plain(text: str, session: Any) -> NetType | None:
    classes = getattr(session, "classes", None)
    if classes:
        found: NetType | None = classes.get(text.lower())
        if found is not None:
            return found
    lower = text.lower()
    known = ACCELERATORS.get(lower)
    if known is not None:
        return _by_full_name(known)
    found = _by_full_name(text)
    if found is not None:
        return found
    for namespace in getattr(session, "using_namespaces", None) or ():
        found = _by_full_name(f"{namespace}.{text}")
        if found is not None:
            return found
    return _by_full_name(f"System.{text}")


def _by_full_name(name: str) -> NetType | None:
    table = type_table()
    found = table.find(name.replace("+", "."))
    if found is None:
        return None
    made = get_type(found)
    # A nested type is written with `+`: [Environment.SpecialFolder] is not found, as in Windows.
    return made if made.key.count("+") == name.count("+") else None
