"""New-ModuleManifest and Test-ModuleManifest."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import file_text
from winbake.rehearsal.powershell.dotnet.guid_version_uri import Guid
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.providers import core, encodings
from winbake.rehearsal.powershell.running.module_manifest import describe, read_manifest, texts
from winbake.rehearsal.powershell.running.modules import ModuleInfo

_ENTRIES = (
    ("RootModule", "Script module or binary module file associated with this manifest."),
    ("ModuleVersion", "Version number of this module."),
    ("GUID", "ID used to uniquely identify this module"),
    ("Author", "Author of this module"),
    ("CompanyName", "Company or vendor of this module"),
    ("Copyright", "Copyright statement for this module"),
    ("Description", "Description of the functionality provided by this module"),
    ("PowerShellVersion", "Minimum version of the Windows PowerShell engine required by this module"),
    ("RequiredModules", "Modules that must be imported into the global environment prior to importing this module"),
    ("RequiredAssemblies", "Assemblies that must be loaded prior to importing this module"),
    (
        "ScriptsToProcess",
        "Script files (.ps1) that are run in the caller's environment prior to importing this module.",
    ),
    ("TypesToProcess", "Type files (.ps1xml) to be loaded when importing this module"),
    ("FormatsToProcess", "Format files (.ps1xml) to be loaded when importing this module"),
    ("NestedModules", "Modules to import as nested modules of the module specified in RootModule/ModuleToProcess"),
    ("FunctionsToExport", "Functions to export from this module"),
    ("CmdletsToExport", "Cmdlets to export from this module"),
    ("VariablesToExport", "Variables to export from this module"),
    ("AliasesToExport", "Aliases to export from this module"),
    ("FileList", "List of all files packaged with this module"),
)
_LISTS = frozenset(
    {
        "RequiredModules",
        "RequiredAssemblies",
        "ScriptsToProcess",
        "TypesToProcess",
        "FormatsToProcess",
        "NestedModules",
        "FunctionsToExport",
        "CmdletsToExport",
        "VariablesToExport",
        "AliasesToExport",
        "FileList",
    }
)
_WRITTEN = frozenset(name.lower() for name, _ in _ENTRIES) | {"path", "passthru", "whatif", "confirm"}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@cmdlet("New-ModuleManifest")
class NewModuleManifest(Cmdlet):
    """An entry that is not given stands in the file as a comment, the exports as `'*'` or `@()`."""

    def end(self) -> None:
        for name in self.bound:
            if name.lower() not in _WRITTEN and name.lower() not in ("erroraction", "verbose", "debug"):
                raise NotModelled(f"New-ModuleManifest -{name}")
        path: str = self.get("Path")
        if not path.lower().endswith(".psd1"):
            message = f"The module manifest path '{path}' is not valid. The path must be a file with a .psd1 extension."
            kind = "System.InvalidOperationException"
            raise self.fail("Modules_InvalidModuleManifestPath", message, "InvalidArgument", kind, path)
        text = self._text(path)
        if self.should_process(path, "Creating the PowerShell module manifest file"):
            target = file_text.TextFile(self, path, False, encodings.UNICODE)
            target.write(text)
            target.close()
        if self.switch("PassThru"):
            self.emit(text)

    def _text(self, path: str) -> str:
        stem = path.replace("/", "\\").rpartition("\\")[2].rpartition(".")[0]
        lines = ["#", f"# Module manifest for module '{stem}'", "#", "", "@{", ""]
        for name, comment in _ENTRIES:
            lines += [f"# {comment}", self._entry(name), ""]
        lines += ["}", ""]
        return "\r\n".join(lines)

    def _entry(self, name: str) -> str:
        if name in _LISTS:
            return self._list(name)
        parameter = "Guid" if name == "GUID" else name
        if self.has(parameter):
            return f"{name} = {_quoted(convert.to_text(self.get(parameter), self.session))}"
        if name == "GUID":
            return f"{name} = {_quoted(str(Guid.new()))}"
        if name == "ModuleVersion":
            return f"{name} = '1.0'"
        return f"# {name} = ''"

    def _list(self, name: str) -> str:
        if self.has(name):
            items = texts(self.get(name))
            return f"{name} = {', '.join(_quoted(item) for item in items) if items else '@()'}"
        if name in ("FunctionsToExport", "CmdletsToExport", "AliasesToExport", "VariablesToExport"):
            return f"{name} = '*'"
        return f"# {name} = @()"


@cmdlet("Test-ModuleManifest")
class TestModuleManifest(Cmdlet):
    def process(self) -> None:
        for found in core.resolve_each(self, [str(v.unwrap(self.get("Path")))], False):
            if not found.path.lower().endswith(".psd1"):
                message = f"The file '{found.path}' is not a module manifest: its extension is not .psd1."
                kind = "System.InvalidOperationException"
                raise self.fail("Modules_InvalidModuleManifestPath", message, "InvalidArgument", kind, found.path)
            entries: dict[str, Any] = read_manifest(self.session, found.path)
            module = ModuleInfo(self.session, found.path.rpartition("\\")[2].rpartition(".")[0])
            describe(self.session, module, entries, found.path)
            self.emit(module)
