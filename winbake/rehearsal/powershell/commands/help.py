"""Get-Help: what a fresh Windows knows of a command without downloaded help files, which is its syntax.

Assumed: the layout of the page, and that the page is held as text in `Details` (Windows has an object there).
"""

from __future__ import annotations

import re

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.binding.parameters import ParameterInfo
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.engine_types.command_infos import parameter_set_views
from winbake.rehearsal.powershell.engine_types.command_syntax import set_words, syntax_text, type_text
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.running.functions import AliasInfo, CmdletInfo, CommandInfo, FunctionInfo
from winbake.rehearsal.powershell.running.resolution import resolve
from winbake.rehearsal.powershell.values import PSObject, custom_object
from winbake.rehearsal.powershell.wildcard import has_wildcards

HELP_TYPE = "ExtendedCmdletHelpInfo"
SHORT_TYPE = "HelpInfoShort"
_COMMENT_HELP = re.compile(r"^\s*(#\s*)?\.SYNOPSIS\b", re.IGNORECASE | re.MULTILINE)
_NO_FILES = (
    "Get-Help cannot find the Help files for this cmdlet on this computer. It is displaying only partial help.",
    "    -- To download and install Help files for the module that includes this cmdlet, use Update-Help.",
)


@cmdlet("Get-Help")
class GetHelp(Cmdlet):
    """One command is shown whole, several as a list; a name that no command has is looked for inside names."""

    def process(self) -> None:
        for parameter in self.bound:
            if parameter != "Name":
                raise NotModelled(f"Get-Help -{parameter}")
        if not self.has("Name"):
            raise NotModelled("Get-Help without a name")
        name = convert.to_text(self.get("Name"))
        found = self._matching(name) if has_wildcards(name) else self._named(name)
        if not found and not has_wildcards(name):
            found = self._matching(f"*{name}*")
            if not found:
                self._missing(name)
        if len(found) == 1:
            self.emit(self._whole(found[0]))
            return
        for command in found:
            self.emit(self._short(command))

    def _named(self, name: str) -> list[CommandInfo]:
        found = resolve(self.session, name)
        return [found] if isinstance(found, CmdletInfo | FunctionInfo) else []

    def _matching(self, pattern: str) -> list[CommandInfo]:
        kinds = (AliasInfo, CmdletInfo, FunctionInfo)
        return [c for c in self.session.run_command("Get-Command", {"Name": pattern}) if isinstance(c, kinds)]

    def _missing(self, name: str) -> None:
        self.error(
            "HelpNotFound",
            f"Get-Help could not find {name} in a help file in this session. To download updated help topics type: "
            '"Update-Help". To get help online, search for the help topic in the TechNet library at '
            "https:/go.microsoft.com/fwlink/?LinkID=107116.",  # 5.1's own text has one slash
            "ResourceUnavailable",
            "Microsoft.PowerShell.Commands.HelpNotFoundException",
        )

    def _whole(self, command: CommandInfo) -> PSObject:
        if isinstance(command, AliasInfo):
            target = resolve(self.session, command.target)
            command = command if target is None else target
        if isinstance(command, FunctionInfo) and _COMMENT_HELP.search(command.definition):
            raise NotModelled(f"the comment-based help of {command.name}")
        return custom_object(self._properties(command), HELP_TYPE)

    def _short(self, command: CommandInfo) -> PSObject:
        return custom_object(self._properties(command), SHORT_TYPE)

    def _properties(self, command: CommandInfo) -> list[tuple[str, object]]:
        synopsis = command.definition if isinstance(command, AliasInfo) else syntax_text(self.session, command)
        return [
            ("Name", command.name),
            ("Category", command.kind),
            ("ModuleName", command.module_name),
            ("Synopsis", synopsis),
            ("Details", self._text(command)),
        ]

    def _text(self, command: CommandInfo) -> str:
        """The page: lines that begin with four blanks are wrapped and indented when they are shown."""
        session = self.session
        ways: list[str] = []
        for view in parameter_set_views(session, command):
            words, common = set_words(view, _value)
            end = " [<CommonParameters>]" if common else ""
            ways += ["    " + " ".join([command.name, *words]) + " " + end, "    "]
        aliases = sorted(
            {a.name for scope in session.scope.chain() for a in scope.aliases.values() if a.target == command.name}
        )
        remarks = _NO_FILES if isinstance(command, CmdletInfo) else ("None",)
        return "\n".join(
            [
                "", "NAME", f"    {command.name}", "    ", "SYNTAX", *ways, "",
                "ALIASES", *(f"    {alias}" for alias in aliases or ["None"]), "    ", "",
                "REMARKS", *(f"    {line}" for line in remarks), "", "",
            ]
        )  # fmt: skip


def _value(parameter: ParameterInfo) -> str:
    """Names of an enumeration are listed, other values have their type (about_Command_Syntax)."""
    names = list(parameter.values or [])
    if not names and parameter.net_type is not None and parameter.net_type.kind == "enum":
        names = list(parameter.net_type.enum_values)
    return "{" + " | ".join(names) + "}" if names else f"<{type_text(parameter)}>"


def page_lines(text: str, width: int) -> str:
    """The page on a screen: long lines go on under the same indentation."""
    from winbake.rehearsal.powershell.display.text import wrap

    lines: list[str] = []
    for line in text.split("\n"):
        body = line.lstrip(" ")
        indent = " " * (len(line) - len(body))
        lines += [indent + piece for piece in wrap(body, max(width - len(indent), 1))] if body else [line]
    return "\n".join(lines)
