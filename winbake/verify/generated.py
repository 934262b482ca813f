"""The checks that follow from the manifest and the playbook."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from winbake.config.manifest import Manifest, Tool
from winbake.resources.accounts import GroupMembers, LocalUser
from winbake.resources.archives import FetchedFile
from winbake.resources.files import FileContent
from winbake.resources.firewall import FirewallRuleResource
from winbake.resources.model import Resource
from winbake.resources.package import Package
from winbake.resources.path import EnvironmentVariable
from winbake.resources.settings import RegistryValue, WindowsService
from winbake.resources.shortcuts import Shortcut
from winbake.resources.wish import Wish
from winbake.verify.checks import Answers, Check, Installed, PortListens, PortOpen, Resolves, ServiceIs
from winbake.verify.settings import AccountIs, FileIs, InGroup, RegistryIs, ShortcutLeads, VariableIs

IMAGE = "image"
"""The subject of what belongs to no tool."""


@dataclass(frozen=True)
class Group:
    """The checks of one tool, or of the image. installed: the one on which the others rest if the tool is optional.
    left_out: titles that are not checked, each with the reason."""

    subject: str
    checks: tuple[Check, ...]
    installed: Installed | None = None
    optional: bool = False
    left_out: tuple[tuple[str, str], ...] = ()


def groups(manifest: Manifest, tools: dict[str, Tool], wish: Wish) -> list[Group]:
    """tools: the manifest's, with their templates filled in. What a `when` makes depend on the host is left out."""
    beside: dict[str, list[Check]] = {}
    for wanted in wish.wanted:
        if not wanted.when:
            subject = wanted.tool or IMAGE
            beside.setdefault(subject, []).extend(_of_resource(subject, wanted.resource))
    winners = {name.lower(): winner for name, winner in manifest.executables.items()}
    made = [_of_tool(tool_id, tool, winners, beside.pop(tool_id, [])) for tool_id, tool in tools.items()]
    rest = tuple(check for checks in beside.values() for check in checks)
    return [*made, Group(IMAGE, rest)] if rest else made


def participant(wish: Wish) -> str:
    """The account whose environment counts: the first that the playbook makes; "" if it makes none."""
    made = (one.resource for one in wish.wanted)
    return next((one.name for one in made if isinstance(one, LocalUser) and one.present), "")


def _of_tool(tool_id: str, tool: Tool, winners: dict[str, str], beside: list[Check]) -> Group:
    installed = Installed(tool_id, tool.detect, tool.version)
    folders = tuple(entry.dir for entry in tool.path)
    checks: list[Check] = [installed]
    left_out: list[tuple[str, str]] = []
    for name in tool.executables:
        winner = winners.get(name.lower(), tool_id)
        if winner != tool_id:
            left_out.append((f"{name} resolves", f"{winner} wins, as the manifest says"))
        elif folders:
            checks.append(Resolves(tool_id, name, folders))
    checks += [
        Answers(tool_id, tuple(one.command), one.matches, one.stream, tuple(one.exit_codes)) for one in tool.checks
    ]
    running = tuple(service.name for service in tool.services if service.state == "running")
    for port in tool.ports:
        if port.protocol == "udp":
            left_out.append((f"port {port.port} listens", "UDP is not looked at"))
        elif running:
            checks.append(PortListens(tool_id, port.port, running))
        else:
            left_out.append((f"port {port.port} listens", "no service listens: a person starts the program"))
        if port.open:
            checks.append(PortOpen(tool_id, port.port, port.protocol))
    checks += [VariableIs(tool_id, name, None) for name in tool.owns_environment]
    return Group(tool_id, (*checks, *beside), installed, tool.optional, tuple(left_out))


def _of_resource(subject: str, resource: Resource) -> Iterable[Check]:
    """What a resource wants, looked at in another way. Types that are not here have no check of their own."""
    if isinstance(resource, Package):
        jar = resource.source and resource.install.type == "jar" and resource.source.sha256
        if jar and resource.source:
            yield FileIs(resource.identity.name, rf"{resource.dir}\{resource.source.file_name}", jar)
    elif isinstance(resource, FileContent):
        yield FileIs(subject, resource.path, hashlib.sha256(resource.content).hexdigest())
    elif isinstance(resource, FetchedFile):
        yield FileIs(subject, resource.dest, resource.sha256)
    elif isinstance(resource, Shortcut) and resource.present:
        yield ShortcutLeads(subject, resource.path, resource.target)
    elif isinstance(resource, WindowsService):
        yield ServiceIs(subject, resource.name, resource.start, resource.state)
    elif isinstance(resource, RegistryValue) and resource.present and not resource.identity.no_log:
        yield RegistryIs(subject, resource.key, resource.name, resource.data, resource.view)
    elif isinstance(resource, EnvironmentVariable) and resource.value is not None:
        yield VariableIs(subject, resource.name, resource.value)
    elif isinstance(resource, FirewallRuleResource) and subject == IMAGE:
        yield from _of_rule(subject, resource)
    elif isinstance(resource, LocalUser) and resource.present and not resource.disabled:
        yield AccountIs(subject, resource.name)
    elif isinstance(resource, GroupMembers) and resource.present:
        yield from (InGroup(subject, member.removeprefix(".\\"), resource.group) for member in resource.members)


def _of_rule(subject: str, rule: FirewallRuleResource) -> Iterable[Check]:
    if rule.present and rule.enabled and rule.direction == "in" and rule.action == "allow":
        yield from (PortOpen(subject, int(port), rule.protocol) for port in rule.local_ports if port.isdigit())
