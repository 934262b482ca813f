"""Get-Command."""

from __future__ import annotations

from collections.abc import Iterator

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.binding.command_table import row_names
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.engine_types.command_syntax import syntax_text
from winbake.rehearsal.powershell.running.functions import CmdletInfo, CommandInfo
from winbake.rehearsal.powershell.running.resolution import cmdlet_info, find_alias, resolve
from winbake.rehearsal.powershell.values import AUTOMATION_NULL
from winbake.rehearsal.powershell.wildcard import has_wildcards


@cmdlet("Get-Command")
class GetCommand(Cmdlet):
    def process(self) -> None:
        names = [convert.to_text(n) for n in self.session.enumerate(self.get("Name", AUTOMATION_NULL))]
        verbs = [convert.to_text(n) for n in self.session.enumerate(self.get("Verb", AUTOMATION_NULL))]
        nouns = [convert.to_text(n) for n in self.session.enumerate(self.get("Noun", AUTOMATION_NULL))]
        limit = self.get("TotalCount", -1)
        for name in names or ["*"]:
            if has_wildcards(name):
                found = self._pattern(name, verbs, nouns)
            else:
                found = self._named(name)
            for count, command in enumerate(found):
                if 0 <= limit <= count:
                    break
                self._write(command)

    def _write(self, command: CommandInfo) -> None:
        if self.switch("Syntax"):
            self.emit(syntax_text(self.session, command))
            return
        self.emit(command)

    def _kind_wanted(self, command: CommandInfo) -> bool:
        kinds = self.get("CommandType")
        if kinds is not None:
            names = {n.strip() for n in kinds.name.split(",")}
            if "All" not in names and command.kind not in names:
                return False
        modules = [convert.to_text(m) for m in self.session.enumerate(self.get("Module", AUTOMATION_NULL))]
        return not modules or any(self.session.wildcard(m).matches(command.module_name) for m in modules)

    def _named(self, name: str) -> Iterator[CommandInfo]:
        found: list[CommandInfo] = []
        alias = find_alias(self.session, name)
        if alias is not None:
            found.append(alias)
        direct = resolve(self.session, name, follow=False)
        if direct is not None:
            found.append(direct)
        plain = cmdlet_info(name)
        if plain is not None and all(not isinstance(f, CmdletInfo) for f in found):
            found.append(plain)
        wanted = [f for f in found if self._kind_wanted(f)]
        if not wanted:
            self.error(
                "CommandNotFoundException",
                f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, "
                "or operable program. Check the spelling of the name, or if a path was included, verify that the "
                "path is correct and try again.",
                "ObjectNotFound",
                "System.Management.Automation.CommandNotFoundException",
                name,
                CommandName=name,
            )
            return
        yield from wanted if self.switch("All") else wanted[:1]

    def _pattern(self, name: str, verbs: list[str], nouns: list[str]) -> Iterator[CommandInfo]:
        pattern = self.session.wildcard(name)
        found: dict[tuple[str, str], CommandInfo] = {}

        def add(command: CommandInfo) -> None:
            found.setdefault((command.kind, command.name.lower()), command)

        for scope in self.session.scope.chain():
            if not (verbs or nouns):
                for alias in scope.aliases.values():
                    if pattern.matches(alias.name):
                        add(alias)
            for function in scope.functions.values():
                if pattern.matches(function.name):
                    add(function)
        for key in row_names():
            if pattern.matches(key):
                info = cmdlet_info(key)
                if info is not None:
                    add(info)
        order = {"Alias": 0, "Function": 1, "Filter": 1, "Cmdlet": 2}
        for command in sorted(found.values(), key=lambda c: (order.get(c.kind, 3), c.name.lower())):
            verb, dash, noun = command.name.partition("-")
            if verbs and not (dash and any(self.session.wildcard(v).matches(verb) for v in verbs)):
                continue
            if nouns and not (dash and any(self.session.wildcard(n).matches(noun) for n in nouns)):
                continue
            if self._kind_wanted(command):
                yield command
