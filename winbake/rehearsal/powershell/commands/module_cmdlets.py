"""New-Module, Import-Module, Get-Module, Remove-Module, Export-ModuleMember."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.binding.command_table import find_row, row_names
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.errors import NotModelled, ScriptError
from winbake.rehearsal.powershell.running.module_manifest import describe, read_manifest, root_module
from winbake.rehearsal.powershell.running.modules import ModuleInfo, import_into, remove_module, run_body
from winbake.rehearsal.powershell.running.scope import Scope
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, unwrap


def _texts(command: Cmdlet, name: str) -> list[str]:
    return [convert.to_text(t, command.session) for t in command.session.enumerate(command.get(name, AUTOMATION_NULL))]


@cmdlet("New-Module")
class NewModule(Cmdlet):
    def end(self) -> None:
        session = self.session
        block = unwrap(self.get("ScriptBlock"))
        module = ModuleInfo(session, self.get("Name") or f"__DynamicModule_{id(block):x}")
        arguments = list(session.enumerate(self.get("ArgumentList", AUTOMATION_NULL)))
        output = run_body(session, module, block, arguments)
        if self.has("Function"):
            wanted = [session.wildcard(p) for p in _texts(self, "Function")]
            module.functions = {k: f for k, f in module.functions.items() if any(w.matches(f.name) for w in wanted)}
        if not self.switch("AsCustomObject"):
            import_into(session.global_scope, module)
            session.modules[module.name.lower()] = module
        if self.switch("ReturnResult"):
            for item in output:
                self.emit(item)
        elif self.switch("AsCustomObject"):
            self.emit(_as_custom(module))
        else:
            self.emit(module)


def _as_custom(module: ModuleInfo) -> Any:
    from winbake.rehearsal.powershell.values import NoteProperty, PSObject, ScriptMethod, custom_object

    made: PSObject = custom_object()
    for variable in module.variables.values():
        made.members.add(NoteProperty(variable.name, variable.value))
    for function in module.functions.values():
        made.members.add(ScriptMethod(function.name, function.script_block))
    return made


@cmdlet("Export-ModuleMember")
class ExportModuleMember(Cmdlet):
    def end(self) -> None:
        module = self.session.state.module
        if not isinstance(module, ModuleInfo):
            raise self.fail(
                "Modules_CanOnlyExecuteExportModuleMemberInsideAModule",
                "The Export-ModuleMember cmdlet can only be called from inside a module.",
                "PermissionDenied",
                "System.InvalidOperationException",
            )
        exported = module.exported if module.exported is not None else {}
        for name, kind in (
            ("Function", "function"),
            ("Variable", "variable"),
            ("Alias", "alias"),
            ("Cmdlet", "cmdlet"),
        ):
            exported.setdefault(kind, []).extend(_texts(self, name))
        module.exported = exported


@cmdlet("Import-Module")
class ImportModule(Cmdlet):
    """Modules of files (.psm1, .ps1), and those of the table, which are there already."""

    def process(self) -> None:
        for given in self.session.enumerate(self.get("ModuleInfo", AUTOMATION_NULL)):
            self._bring(unwrap(given))
        for name in _texts(self, "Name"):
            self._import(name)

    def _import(self, name: str) -> None:
        session = self.session
        loaded = session.modules.get(name.lower())
        if loaded is not None and not self.switch("Force"):
            self._bring(loaded)
            return
        if "\\" in name or "/" in name or name.lower().endswith((".psm1", ".psd1", ".ps1")):
            self._import_file(name)
            return
        known = [
            row for key in row_names() if (row := find_row(key)) is not None and row.module.lower() == name.lower()
        ]
        if known:
            return
        self._not_found(name)

    def _not_found(self, name: str) -> None:
        self.error(
            "Modules_ModuleNotFound",
            f"The specified module '{name}' was not loaded because no valid module file was found in "
            "any module directory.",
            "ResourceUnavailable",
            "System.IO.FileNotFoundException",
            name,
        )

    def _import_file(self, name: str) -> None:
        from winbake.rehearsal.powershell.providers.core import file_path
        from winbake.rehearsal.powershell.running.resolution import load_script

        session = self.session
        path = file_path(session, name)
        files = session.host.files
        if not files.is_file(path):
            for extension in (".psd1", ".psm1", ".ps1"):
                if files.is_file(path + extension):
                    path += extension
                    break
            else:
                self._not_found(name)
                return
        manifest: dict[str, Any] | None = None
        manifest_path = path
        if path.lower().endswith(".psd1"):
            manifest = read_manifest(session, path)
            root = root_module(self.session, path, manifest)
            if root is None:
                raise NotModelled("Import-Module of a manifest without a root module")
            path = root
        stem = manifest_path.rpartition("\\")[2].rpartition(".")[0]
        loaded = session.modules.get(stem.lower())
        if (
            loaded is not None
            and loaded.path is not None
            and loaded.path.lower() == manifest_path.lower()
            and not self.switch("Force")
        ):
            self._bring(loaded)
            return
        module = ModuleInfo(session, stem, path)
        before = session.state
        session.state = module.state
        try:
            block = load_script(session, path)
        finally:
            session.state = before
        arguments = list(session.enumerate(self.get("ArgumentList", AUTOMATION_NULL)))
        try:
            run_body(session, module, block, arguments)
        except ScriptError:
            session.modules.pop(stem.lower(), None)
            raise
        if manifest is not None:
            describe(session, module, manifest, manifest_path)
        session.modules[stem.lower()] = module
        self._bring(module)

    def _bring(self, module: Any) -> None:
        if not isinstance(module, ModuleInfo):
            raise NotModelled("Import-Module of this module")
        only: dict[str, list[str]] | None = None
        if any(self.has(k) for k in ("Function", "Variable", "Alias", "Cmdlet")):
            only = {k.lower(): _texts(self, k) for k in ("Function", "Variable", "Alias") if self.has(k)}
        import_into(self._scope(), module, self.get("Prefix", "") or "", only)
        self.session.modules[module.name.lower()] = module
        if self.switch("PassThru"):
            self.emit(module)

    def _scope(self) -> Scope:
        """Imports go to the importing session state's top: of the session itself, or of the module that imports."""
        state = self.session.state
        local = str(self.get("Scope", "")).lower() == "local"
        if local:
            return self.session.scope
        if self.switch("Global") or state.module is None:
            return self.session.global_scope
        return state.root


@cmdlet("Get-Module")
class GetModule(Cmdlet):
    def end(self) -> None:
        if self.switch("ListAvailable"):
            raise NotModelled("Get-Module -ListAvailable")
        patterns = [self.session.wildcard(p) for p in _texts(self, "Name")] or [self.session.wildcard("*")]
        for module in list(self.session.modules.values()):
            if any(p.matches(module.name) for p in patterns):
                self.emit(module)


@cmdlet("Remove-Module")
class RemoveModule(Cmdlet):
    def process(self) -> None:
        for given in self.session.enumerate(self.get("ModuleInfo", AUTOMATION_NULL)):
            remove_module(self.session, unwrap(given))
        for name in _texts(self, "Name"):
            matching = [m for m in self.session.modules.values() if self.session.wildcard(name).matches(m.name)]
            if not matching:
                self.error(
                    "Modules_NoModulesRemoved",
                    "No modules were removed. Verify that the specification of modules to remove is correct and those "
                    "modules exist in the runspace.",
                    "ResourceUnavailable",
                    "System.InvalidOperationException",
                )
            for module in matching:
                remove_module(self.session, module)
