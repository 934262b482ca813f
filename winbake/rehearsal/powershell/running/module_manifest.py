"""Module manifests (.psd1): reading one, and what it says of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.commands.data_file import Dynamic, first_table, safe_value
from winbake.rehearsal.powershell.dotnet.guid_version_uri import Version
from winbake.rehearsal.powershell.errors import NotModelled, ScriptError, script_error
from winbake.rehearsal.powershell.parser import parse
from winbake.rehearsal.powershell.providers import encodings
from winbake.rehearsal.powershell.types import get_type

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.running.modules import ModuleInfo

_UNMODELLED = (
    "NestedModules",
    "RequiredModules",
    "RequiredAssemblies",
    "ScriptsToProcess",
    "TypesToProcess",
    "FormatsToProcess",
)
_EXPORTS = {"function": "FunctionsToExport", "variable": "VariablesToExport", "alias": "AliasesToExport"}


def read_manifest(session: Any, path: str) -> dict[str, Any]:
    """The entries of a manifest by lower-case name. Raises ScriptError Modules_InvalidManifest."""
    text = encodings.decode_marked(bytes(session.host.files.read(path)), encodings.ANSI)
    tree, errors = parse(text, path)
    table = None if errors else first_table(tree)
    if table is None:
        raise invalid(path, "The file is no hashtable.")
    try:
        entries = safe_value(session, table)
    except Dynamic:
        raise invalid(path, "It holds expressions that are not allowed in restricted language mode.") from None
    found = {convert.to_text(key).lower(): value for key, value in entries.items()}
    if v.unwrap(found.get("moduleversion")) is None:
        raise invalid(path, "The member 'ModuleVersion' is missing.")
    return found


def invalid(path: str, reason: str) -> ScriptError:
    return script_error(
        "Modules_InvalidManifest",
        f"The module manifest '{path}' could not be processed because it is not a valid Windows PowerShell restricted "
        f"language file. {reason}",
        "ResourceUnavailable",
        "System.Management.Automation.MissingMemberException",
        path,
    )


def version_of(session: Any, entries: dict[str, Any]) -> Version:
    return convert.convert(entries["moduleversion"], get_type("System.Version"), session)  # type: ignore[no-any-return]


def root_module(session: Any, path: str, entries: dict[str, Any]) -> str | None:
    """Full path of the script module that the manifest is for; None if it names none. Raises ScriptError
    Modules_ModuleFileNotFound."""
    for name in _UNMODELLED:
        if texts(entries.get(name.lower())):
            raise NotModelled(f"a module manifest with {name}")
    named = convert.to_text(entries.get("rootmodule") or entries.get("moduletoprocess"))
    if not named:
        return None
    if not named.lower().endswith((".psm1", ".ps1")):
        raise NotModelled(f"the root module {named}")
    full = f"{path.rpartition(chr(92))[0]}\\{named}"
    if not session.host.files.exists(full):
        raise script_error(
            "Modules_ModuleFileNotFound",
            f"The module to process '{named}', listed in field 'ModuleToProcess/RootModule' of module manifest "
            f"'{path}' was not processed because no valid module was found in any module directory.",
            "ResourceUnavailable",
            "System.IO.FileNotFoundException",
            path,
        )
    return full


def texts(value: Any) -> list[str]:
    if value is None:
        return []
    items = convert.enumerate_items(v.unwrap(value))
    return [convert.to_text(item) for item in ([value] if items is None else items)]


def describe(session: Any, module: ModuleInfo, entries: dict[str, Any], path: str) -> None:
    """Puts what the manifest says on the module, and takes the exports away that it does not name."""
    module.path = path
    module.version = version_of(session, entries)
    module.description = convert.to_text(entries.get("description"))
    module.private_data = entries.get("privatedata")
    for kind, exported in (("function", module.functions), ("variable", module.variables), ("alias", module.aliases)):
        key = _EXPORTS[kind].lower()
        if key not in entries:
            continue
        wanted = [session.wildcard(pattern) for pattern in texts(entries[key])]
        for name in [n for n, item in exported.items() if not any(w.matches(item.name) for w in wanted)]:
            del exported[name]
