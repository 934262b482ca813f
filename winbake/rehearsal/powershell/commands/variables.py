"""Get-, Set-, New-, Remove-, Clear-Variable and the alias cmdlets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.errors import ScriptError
from winbake.rehearsal.powershell.running.functions import AliasInfo
from winbake.rehearsal.powershell.running.scope import CONSTANT, PRIVATE, READ_ONLY, Scope, Variable
from winbake.rehearsal.powershell.values import AUTOMATION_NULL, PSArray
from winbake.rehearsal.powershell.wildcard import has_wildcards

_NOT_FOUND = "System.Management.Automation.ItemNotFoundException"
_UNAUTHORIZED = "System.Management.Automation.SessionStateUnauthorizedAccessException"


class VariableCmdlet(Cmdlet):
    """What the variable cmdlets share: finding variables by name or pattern in one scope or from here upwards."""

    def texts(self, name: str) -> list[str]:
        return [convert.to_text(t, self.session) for t in self.session.enumerate(self.get(name, AUTOMATION_NULL))]

    def target_scope(self) -> Scope:
        scope = self.get("Scope")
        return self.session.scope if scope is None else self.session.scope.named(scope)

    def visible(self) -> dict[str, tuple[Scope, Variable]]:
        """All variables: of the named scope, or those seen from here."""
        found: dict[str, tuple[Scope, Variable]] = {}
        scopes = [self.target_scope()] if self.has("Scope") else list(self.session.scope.chain())
        for scope in scopes:
            for key, variable in scope.variables.items():
                if scope is not scopes[0] and variable.options & PRIVATE:
                    continue
                found.setdefault(key, (scope, variable))
        return found

    def one(self, name: str) -> tuple[Scope, Variable] | None:
        prefix, colon, rest = name.partition(":")
        if colon and prefix.lower() in ("global", "local", "script", "private"):
            scope = self.session.scope.named(prefix)
            found = scope.variables.get(rest.lower())
            return None if found is None else (scope, found)
        return self.visible().get(name.lower())

    def matching(self, names: list[str]) -> Iterator[tuple[Scope, Variable]]:
        """The variables that names or patterns mean; a missing plain name is a VariableNotFound error."""
        include, exclude = self.texts("Include"), self.texts("Exclude")

        def wanted(variable: Variable) -> bool:
            if include and not any(self.session.wildcard(p).matches(variable.name) for p in include):
                return False
            return not any(self.session.wildcard(p).matches(variable.name) for p in exclude)

        for name in names:
            if has_wildcards(name):
                pattern = self.session.wildcard(name)
                for scope, variable in sorted(self.visible().values(), key=lambda p: p[1].name.lower()):
                    if pattern.matches(variable.name) and wanted(variable):
                        yield scope, variable
                continue
            found = self.one(name)
            if found is None:
                self.error(
                    "VariableNotFound",
                    f"Cannot find a variable with the name '{name}'.",
                    "ObjectNotFound",
                    _NOT_FOUND,
                    name,
                )
            elif wanted(found[1]):
                yield found

    def refuse(self, error_id: str, message: str, name: str) -> None:
        self.error(error_id, message, "WriteError", _UNAUTHORIZED, name)

    def options(self) -> int | None:
        value = self.get("Option")
        return None if value is None else int(value.value)


@cmdlet("Get-Variable")
class GetVariable(VariableCmdlet):
    def process(self) -> None:
        names = self.texts("Name") or ["*"]
        for _, variable in self.matching(names):
            if self.switch("ValueOnly"):
                value = variable.value
                self.emit(None if value is AUTOMATION_NULL else value)
            else:
                self.emit(variable)


@cmdlet("Set-Variable")
class SetVariable(VariableCmdlet):
    """Several values from the pipeline become one array."""

    def begin(self) -> None:
        self.collected: list[Any] = []

    def process(self) -> None:
        if self.has_pipeline_input and self.has("Value"):
            self.collected.append(self.get("Value"))

    def end(self) -> None:
        has_value = self.has("Value") or bool(self.collected)
        value = self.get("Value")
        if len(self.collected) > 1:
            value = PSArray(self.collected)
        elif self.collected:
            value = self.collected[0]
        for name in self.texts("Name"):
            self._set(name, value, has_value)

    def _set(self, name: str, value: Any, has_value: bool) -> None:
        scope = self.target_scope()
        prefix, colon, rest = name.partition(":")
        if colon and prefix.lower() in ("global", "local", "script", "private"):
            scope, name = self.session.scope.named(prefix), rest
        key = name.lower()
        if key == "null":
            return
        variable = scope.variables.get(key)
        if variable is None and not self.has("Scope"):
            variable = scope.all_scope(key)
        options = self.options()
        if not self.should_process(f"Name: {name} Value: {convert.to_text(value, self.session)}", "Set variable"):
            return
        if variable is None:
            variable = scope.variables[key] = Variable(name)
        else:
            if options is not None and options & CONSTANT and not variable.options & CONSTANT:
                self.refuse(
                    "VariableCannotBeMadeConstant",
                    f"Existing variable {name} cannot be made constant. Variables can be made "
                    "constant only at creation "
                    "time.",
                    name,
                )
                return
            if variable.options & CONSTANT or (variable.options & READ_ONLY and not self.switch("Force")):
                self.refuse(
                    "VariableNotWritable",
                    f"Cannot overwrite variable {name} because it is read-only or constant.",
                    name,
                )
                return
        if has_value or (not self.has("Option") and not self.has("Description")):
            if variable.guard is not None:
                value = variable.guard(value)
            variable.value = value
        if options is not None:
            variable.options = options
        if self.has("Description"):
            variable.description = self.get("Description")
        if self.has("Visibility"):
            variable.visibility = self.get("Visibility").name
        if self.switch("PassThru"):
            self.emit(variable)


@cmdlet("New-Variable")
class NewVariable(VariableCmdlet):
    def process(self) -> None:
        name = self.get("Name")
        scope = self.target_scope()
        key = name.lower()
        existing = scope.variables.get(key) or scope.all_scope(key)
        if not self.should_process(f"Name: {name} Value: {convert.to_text(self.get('Value'))}", "New variable"):
            return
        if existing is not None:
            if not self.switch("Force"):
                self.error(
                    "VariableAlreadyExists",
                    f"A variable with name '{name}' already exists.",
                    "ResourceExists",
                    "System.Management.Automation.SessionStateException",
                    name,
                )
                return
            if existing.options & CONSTANT:
                self.refuse(
                    "VariableNotWritable",
                    f"Cannot overwrite variable {name} because it is read-only or constant.",
                    name,
                )
                return
        variable = scope.variables[key] = Variable(name, self.get("Value"), self.options() or 0)
        variable.description = self.get("Description", "")
        if self.has("Visibility"):
            variable.visibility = self.get("Visibility").name
        if self.switch("PassThru"):
            self.emit(variable)


@cmdlet("Remove-Variable")
class RemoveVariable(VariableCmdlet):
    def process(self) -> None:
        for scope, variable in list(self.matching(self.texts("Name"))):
            if not self.should_process(f"Name: {variable.name}", "Remove variable"):
                continue
            if variable.options & CONSTANT or (variable.options & READ_ONLY and not self.switch("Force")):
                self.refuse(
                    "VariableNotRemovable",
                    f"Cannot remove variable {variable.name} because it is constant or read-only. If the variable is "
                    "read-only, try the operation again specifying the Force option.",
                    variable.name,
                )
                continue
            scope.variables.pop(variable.name.lower(), None)


@cmdlet("Clear-Variable")
class ClearVariable(VariableCmdlet):
    def process(self) -> None:
        for _, variable in list(self.matching(self.texts("Name"))):
            if not self.should_process(f"Name: {variable.name}", "Clear variable"):
                continue
            if variable.options & CONSTANT or (variable.options & READ_ONLY and not self.switch("Force")):
                self.refuse(
                    "VariableNotWritable",
                    f"Cannot overwrite variable {variable.name} because it is read-only or constant.",
                    variable.name,
                )
                continue
            try:
                variable.value = None if variable.guard is None else variable.guard(None)
            except ScriptError as failure:
                self.write_error(failure.record)
                continue
            if self.switch("PassThru"):
                self.emit(variable)


# ---- aliases ----------------------------------------------------------------------------------------------


@cmdlet("Get-Alias")
class GetAlias(VariableCmdlet):
    def process(self) -> None:
        found: dict[str, AliasInfo] = {}
        scopes = [self.target_scope()] if self.has("Scope") else list(self.session.scope.chain())
        for scope in scopes:
            for key, alias in scope.aliases.items():
                found.setdefault(key, alias)
        exclude = [self.session.wildcard(p) for p in self.texts("Exclude")]
        listed = [a for a in found.values() if not any(e.matches(a.name) for e in exclude)]
        listed.sort(key=lambda a: a.name.lower())
        if self.has("Definition"):
            for pattern in self.texts("Definition"):
                matching = [a for a in listed if self.session.wildcard(pattern).matches(a.target)]
                if not matching and not has_wildcards(pattern):
                    self._missing(pattern, "definition")
                for alias in matching:
                    self.emit(alias)
            return
        for name in self.texts("Name") or ["*"]:
            matching = [a for a in listed if self.session.wildcard(name).matches(a.name)]
            if not matching and not has_wildcards(name):
                self._missing(name, "name")
            for alias in matching:
                self.emit(alias)

    def _missing(self, text: str, what: str) -> None:
        self.error(
            "ItemNotFoundException",
            f"This command cannot find a matching alias because an alias with the {what} '{text}' does not exist.",
            "ObjectNotFound",
            _NOT_FOUND,
            text,
        )


class _WriteAlias(VariableCmdlet):
    def put(self, new: bool) -> None:
        name, target = self.get("Name"), self.get("Value")
        scope = self.target_scope()
        if not self.has("Scope"):
            for one in self.session.scope.chain():
                if name.lower() in one.aliases and one.aliases[name.lower()].options & 8:
                    scope = one
                    break
        existing = scope.aliases.get(name.lower())
        if not self.should_process(f"Name: {name} Value: {target}", "New Alias" if new else "Set Alias"):
            return
        if existing is not None and new and not self.switch("Force"):
            self.error(
                "AliasAlreadyExists",
                f"The alias is not allowed, because an alias with the name '{name}' already exists.",
                "ResourceExists",
                "System.Management.Automation.SessionStateException",
                name,
            )
            return
        if existing is not None and (
            existing.options & CONSTANT or (existing.options & READ_ONLY and not self.switch("Force"))
        ):
            self.refuse(
                "AliasNotWritable",
                f"Alias is not writeable because alias {name} is read-only or constant and cannot be written to.",
                name,
            )
            return
        options = self.options()
        kept = existing.options if existing is not None and options is None else options or 0
        alias = AliasInfo(name, target, kept, self.get("Description", ""))
        scope.aliases[name.lower()] = alias
        if self.switch("PassThru"):
            self.emit(alias)


@cmdlet("Set-Alias")
class SetAlias(_WriteAlias):
    def process(self) -> None:
        self.put(False)


@cmdlet("New-Alias")
class NewAlias(_WriteAlias):
    def process(self) -> None:
        self.put(True)
