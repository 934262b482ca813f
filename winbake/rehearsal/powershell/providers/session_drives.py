"""The Variable, Function and Alias providers: what a session holds, seen as drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, ScriptError
from winbake.rehearsal.powershell.providers.core import Drive, Provider
from winbake.rehearsal.powershell.providers.new_items import check_new_item
from winbake.rehearsal.powershell.running import scope as scopes
from winbake.rehearsal.powershell.running.functions import AliasInfo, FunctionInfo, ScriptBlock, create_script_block
from winbake.rehearsal.powershell.running.scope import Scope, Variable, unauthorized
from winbake.rehearsal.powershell.values import NoteProperty, PSArray, unwrap

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.command import Cmdlet


class SessionStateProvider(Provider):
    """Items live in the scopes; a name may begin with a scope: `Variable:global:x`."""

    has_content = True
    table = ""
    noun = ""

    def here(self) -> Scope:
        return self.session.state.current

    def split(self, path: str) -> tuple[Scope | None, str]:
        word, colon, rest = path.partition(":")
        if colon and word.lower() in scopes.SCOPE_WORDS:
            return self.here().named(word), rest
        return None, path

    def find(self, path: str) -> Any:
        scope, name = self.split(path)
        if scope is not None:
            return getattr(scope, self.table).get(name.lower())
        return self._find(self.here(), name.lower())

    def _find(self, scope: Scope, key: str) -> Any:
        raise NotImplementedError

    def home(self, path: str) -> tuple[Scope, str] | None:
        """The scope that holds the item, and its key."""
        scope, name = self.split(path)
        key = name.lower()
        if scope is not None:
            return (scope, key) if key in getattr(scope, self.table) else None
        found = self.find(path)
        for one in self.here().chain():
            if found is not None and getattr(one, self.table).get(key) is found:
                return one, key
        return None

    def exists(self, path: str) -> bool:
        return path == "" or self.find(path) is not None

    def is_container(self, path: str) -> bool:
        return path == ""

    def get_item(self, path: str) -> Any:
        return self.find(path)

    def child_names(self, path: str, force: bool = False) -> list[str]:
        if path:
            return []
        names: dict[str, str] = {}
        for one in self.here().chain():
            for key, item in getattr(one, self.table).items():
                if key not in names and self._find(self.here(), key) is not None:
                    names[key] = item.name
        return sorted(names.values(), key=str.lower)

    def wrap(self, item: Any, path: str, drive: Drive | None) -> Any:
        from winbake.rehearsal.powershell.providers.core import attach
        from winbake.rehearsal.powershell.values import PSObject

        notes = [*self.notes(path, drive), NoteProperty("PSIsContainer", False)]
        return attach(PSObject(item), notes)

    def notes(self, path: str, drive: Drive | None) -> list[NoteProperty]:
        notes = [NoteProperty("PSPath", self.qualify(path))]
        if drive is not None:
            notes.append(NoteProperty("PSDrive", drive))
        notes.append(NoteProperty("PSProvider", self.info))
        return notes

    def write(self, path: str, value: Any, force: bool = False) -> None:
        raise NotImplementedError

    def value_of(self, item: Any) -> Any:
        raise NotImplementedError

    def new_item(self, path: str, item_type: str, value: Any, force: bool, command: Cmdlet) -> None:
        check_new_item(self, path, value, force)
        if command.should_process(f"Name: {path} Value: {value}", "New Item"):
            self.write(path, value, force)
            item = self.find(path)
            if item is not None:
                command.emit(self.wrap(item, path, None))

    def set_item(self, path: str, value: Any, command: Cmdlet) -> Any:
        if command.should_process(f"Name: {path} Value: {value}", "Set Item"):
            self.write(path, value, command.switch("Force"))
        return self.find(path)

    def clear_item(self, path: str, command: Cmdlet) -> None:
        if command.should_process(f"Item: {path}", "Clear Item"):
            self.write(path, None)

    def remove_item(self, path: str, recurse: bool, force: bool, command: Cmdlet) -> None:
        if not command.should_process(f"Item: {path}", "Remove Item"):
            return
        found = self.home(path)
        if found is None:
            return
        scope, key = found
        item = getattr(scope, self.table)[key]
        locked = scopes.CONSTANT if force else scopes.CONSTANT | scopes.READ_ONLY
        if item.options & locked:
            raise self.not_removable(item.name)
        del getattr(scope, self.table)[key]

    def not_removable(self, name: str) -> ScriptError:
        return unauthorized(
            f"{self.noun.capitalize()}NotRemovable",
            f"Cannot remove {self.noun} {name} because it is constant or read-only. If the {self.noun} is read-only, "
            "try the operation again specifying the Force option.",
            name,
        )

    def rename_item(self, path: str, name: str, force: bool, command: Cmdlet) -> str | None:
        if not command.should_process(f"Item: {path} Destination: {name}", "Rename Item"):
            return None
        if self.find(name) is not None and not force:
            message = f"Cannot rename because item at '{name}' already exists."
            exception = NetException("System.Management.Automation.PSArgumentException", message)
            raise ScriptError(ErrorRecord(exception, "Argument", "InvalidArgument", name))
        item = self.find(path)
        self.write(name, self.value_of(item), force)
        home = self.home(path)
        if home is not None:
            if item.options & (scopes.CONSTANT if force else scopes.CONSTANT | scopes.READ_ONLY):
                raise self.not_removable(item.name)
            del getattr(home[0], self.table)[home[1]]
        return name

    def copy_item(self, path: str, target: str, recurse: bool, force: bool, command: Cmdlet) -> list[str]:
        if not command.should_process(f"Item: {path} Destination: {target}", "Copy Item"):
            return []
        self.write(target or path, self.value_of(self.find(path)), force)
        return [target]

    def read_variable(self, path: str) -> Any:
        item = self.find(path)
        return None if item is None else self.value_of(item)

    def write_variable(self, path: str, value: Any) -> None:
        self.write(path, value)


def _single(value: Any) -> Any:
    """Set-Item hands a one-element array on as its element."""
    plain = unwrap(value)
    return plain.items[0] if isinstance(plain, PSArray) and len(plain) == 1 else value


class VariableProvider(SessionStateProvider):
    name = "Variable"
    table = "variables"
    noun = "variable"

    def _find(self, scope: Scope, key: str) -> Variable | None:
        return scope.find(key)

    def value_of(self, item: Any) -> Any:
        return item.value

    def write(self, path: str, value: Any, force: bool = False) -> None:
        scope, name = self.split(path)
        if isinstance(unwrap(value), Variable):
            value = unwrap(value).value
        found = self.find(path)
        if found is not None:
            if force and found.options & scopes.READ_ONLY and not found.options & scopes.CONSTANT:
                found.value = value
            else:
                found.assign(value)
        else:
            (scope or self.here()).set(name, value)


class FunctionProvider(SessionStateProvider):
    name = "Function"
    table = "functions"
    noun = "function"

    def _find(self, scope: Scope, key: str) -> Any:
        return scope.find_function(key)

    def value_of(self, item: Any) -> Any:
        return item.script_block

    def write(self, path: str, value: Any, force: bool = False) -> None:
        plain = unwrap(_single(value))
        scope, name = self.split(path)
        if plain is None:
            home = self.home(path)
            if home is not None:
                del home[0].functions[home[1]]
            return
        if isinstance(plain, FunctionInfo):
            plain = plain.script_block
        if isinstance(plain, str):
            plain = create_script_block(self.session, plain)
        if not isinstance(plain, ScriptBlock):
            message = "The value argument must be a script block or a string."
            exception = NetException("System.Management.Automation.PSArgumentException", message)
            raise ScriptError(ErrorRecord(exception, "Argument", "InvalidArgument"))
        found = self.find(path)
        if found is not None and found.options & (scopes.CONSTANT if force else scopes.CONSTANT | scopes.READ_ONLY):
            raise unauthorized(
                "FunctionNotWritable",
                f"Cannot write to function {found.name} because it is read-only or constant.",
                found.name,
            )
        home = self.home(path)
        place = home[0] if home is not None else (scope or self.here())
        place.functions[name.lower()] = FunctionInfo(found.name if found is not None else name, plain)


class AliasProvider(SessionStateProvider):
    name = "Alias"
    table = "aliases"
    noun = "alias"

    def _find(self, scope: Scope, key: str) -> Any:
        return scope.find_alias(key)

    def value_of(self, item: Any) -> Any:
        return item.definition

    def write(self, path: str, value: Any, force: bool = False) -> None:
        from winbake.rehearsal.powershell.convert import to_text

        plain = unwrap(_single(value))
        scope, name = self.split(path)
        target = plain.definition if isinstance(plain, AliasInfo) else str(to_text(plain, self.session))
        found = self.find(path)
        if found is not None and found.options & (scopes.CONSTANT if force else scopes.CONSTANT | scopes.READ_ONLY):
            raise unauthorized(
                "AliasNotWritable",
                f"Alias is not writeable because alias {found.name} is read-only or constant and cannot be written to.",
                found.name,
            )
        home = self.home(path)
        place = home[0] if home is not None else (scope or self.here())
        place.aliases[name.lower()] = AliasInfo(found.name if found is not None else name, target)
