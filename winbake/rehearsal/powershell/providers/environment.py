"""The Environment provider: the variables of the session's process, as DictionaryEntry items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.providers.core import Drive, Provider
from winbake.rehearsal.powershell.providers.new_items import check_new_item
from winbake.rehearsal.powershell.values import NoteProperty

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.command import Cmdlet


class EnvironmentProvider(Provider):
    name = "Environment"
    has_content = True

    @property
    def variables(self) -> Any:
        return self.session.process.environment

    def spelled(self, name: str) -> str | None:
        low = name.lower()
        return next((known for known in self.variables if known.lower() == low), None)

    def exists(self, path: str) -> bool:
        return path == "" or self.spelled(path) is not None

    def is_container(self, path: str) -> bool:
        return path == ""

    def get_item(self, path: str) -> Any:
        from winbake.rehearsal.powershell.dotnet.collections import DictionaryEntry

        name = self.spelled(path)
        if name is None:
            return None
        return DictionaryEntry(name, self.variables[name])

    def child_names(self, path: str, force: bool = False) -> list[str]:
        return sorted(self.variables, key=str.upper) if path == "" else []

    def write(self, name: str, value: Any) -> None:
        """Null or an empty text deletes the variable, as on Windows."""
        from winbake.rehearsal.powershell.convert import to_text

        known = self.spelled(name)
        text = "" if value is None else str(to_text(value, self.session))
        if text == "":
            if known is not None:
                del self.variables[known]
            return
        self.variables[known or name] = text

    def new_item(self, path: str, item_type: str, value: Any, force: bool, command: Cmdlet) -> None:
        check_new_item(self, path, value, force)
        if command.should_process(f"Name: {path} Value: {value}", "New Item"):
            self.write(path, value)
            item = self.get_item(path)
            if item is not None:
                command.emit(self.wrap(item, path, None))

    def set_item(self, path: str, value: Any, command: Cmdlet) -> Any:
        if command.should_process(f"Item: {path} Value: {value}", "Set Item"):
            self.write(path, value)
        return self.get_item(path)

    def clear_item(self, path: str, command: Cmdlet) -> None:
        if command.should_process(f"Item: {path}", "Clear Item"):
            self.write(path, None)

    def remove_item(self, path: str, recurse: bool, force: bool, command: Cmdlet) -> None:
        if command.should_process(f"Item: {path}", "Remove Item"):
            self.write(path, None)

    def rename_item(self, path: str, name: str, force: bool, command: Cmdlet) -> str | None:
        if not command.should_process(f"Item: {path} Destination: {name}", "Rename Item"):
            return None
        value = self.read_variable(path)
        self.write(path, None)
        self.write(name, value)
        return name

    def copy_item(self, path: str, target: str, recurse: bool, force: bool, command: Cmdlet) -> list[str]:
        if not command.should_process(f"Item: {path} Destination: {target}", "Copy Item"):
            return []
        self.write(target, self.read_variable(path))
        return [target]

    def read_variable(self, path: str) -> Any:
        name = self.spelled(path)
        return None if name is None else self.variables[name]

    def write_variable(self, path: str, value: Any) -> None:
        self.write(path, value)

    def notes(self, path: str, drive: Drive | None) -> list[NoteProperty]:
        notes = [NoteProperty("PSPath", self.qualify(self.spelled(path) or path))]
        if drive is not None:
            notes.append(NoteProperty("PSDrive", drive))
        notes.append(NoteProperty("PSProvider", self.info))
        return notes
