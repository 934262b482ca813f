"""The manifest's tools, variables and rules as resources, in the order in which they are applied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from winbake.config.clashes import install_order
from winbake.config.document import Document
from winbake.config.errors import ConfigError, Problem
from winbake.config.lock import MEDIA_PREFIX, Lock, WantedSource
from winbake.config.manifest import Manifest, PathEntry, Tool
from winbake.config.templates import TemplateProblem, render_value
from winbake.resources.detection import Detection
from winbake.resources.firewall import FirewallRuleResource
from winbake.resources.model import Identity, Resource
from winbake.resources.package import WORK_FOLDER, Download, Package
from winbake.resources.path import EnvironmentVariable, PathEntryResource, PathTidy
from winbake.resources.sending import LocalMedia, look_at
from winbake.resources.settings import WindowsService
from winbake.resources.wish import Wanted


def resources_of_manifest(manifest: Manifest, document: Document, lock: Lock, media: Path) -> list[Wanted]:
    """Raises ConfigError for templates that do not fill in."""
    builder = _Builder(manifest, document, lock, media)
    resources = builder.build()
    if builder.problems:
        raise ConfigError(builder.problems)
    return [Wanted(resource) for resource in resources]


class _Builder:
    def __init__(self, manifest: Manifest, document: Document, lock: Lock, media: Path) -> None:
        self.manifest = manifest
        self.document = document
        self.lock = lock
        self.media = media
        self.problems: list[Problem] = []

    def build(self) -> list[Resource]:
        tools = {tool_id: self._filled(tool_id) for tool_id in install_order(self.manifest)}
        resources: list[Resource] = []
        for tool_id, tool in tools.items():
            resources.append(self._package(tool_id, tool))
        resources += self._path(tools)
        for tool_id, tool in tools.items():
            tags = self._tags(tool_id)
            for name, value in tool.environment.items():
                resources.append(EnvironmentVariable(self._identity("variable", name, tags, tool_id), name, value))
            for service in tool.services:
                identity = self._identity("service", service.name, tags, tool_id)
                resources.append(WindowsService(identity, service.name, service.start, service.state))
            resources += self._rules(tool_id, tool)
        for name, value in self.manifest.environment.items():
            identity = Identity("variable", name, frozenset({"environment"}), self._where("environment", name))
            resources.append(EnvironmentVariable(identity, name, value))
        for index, rule in enumerate(self.manifest.firewall):
            identity = Identity("firewall", rule.name, frozenset({"firewall"}), self._where("firewall", index))
            resources.append(
                FirewallRuleResource(
                    identity,
                    rule.name,
                    rule.protocol,
                    (str(rule.port),) if rule.port else (),
                    rule.direction,
                    rule.action,
                    tuple(rule.remote),
                    program=rule.program or "",
                )
            )
        return resources

    # ---- templates ----------------------------------------------------------------------------------

    def _filled(self, tool_id: str) -> Tool:
        """The tool with its templates filled in: {{ version }}, {{ dir }}, {{ log }}, {{ tools_dir }}, variables."""
        tool = self.manifest.tools[tool_id]
        names: dict[str, Any] = {
            **self.manifest.variables,
            "id": tool_id,
            "name": tool.name,
            "version": tool.version,
            "tools_dir": self.manifest.image.tools_dir,
            "log": rf"{WORK_FOLDER}\logs\{tool_id}.log",
        }
        body = tool.model_dump()
        if tool.dir is not None:
            names["dir"] = body["dir"] = self._render(tool.dir, names, ("tools", tool_id, "dir"))
        for key, value in body.items():
            if key not in ("version", "name", "notes"):
                body[key] = self._render(value, names, ("tools", tool_id, key))
        return Tool.model_validate(body)

    def _render(self, value: Any, names: dict[str, Any], at: tuple[str | int, ...]) -> Any:
        if isinstance(value, dict):
            return {key: self._render(item, names, (*at, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._render(item, names, (*at, index)) for index, item in enumerate(value)]
        try:
            return render_value(value, names)
        except TemplateProblem as problem:
            path = ".".join(str(part) for part in at)
            self.problems.append(self.document.problem(at, f"{path}: {problem}"))
            return value

    # ---- tools --------------------------------------------------------------------------------------

    def _package(self, tool_id: str, tool: Tool) -> Package:
        media, missing = self._media(tool)
        return Package(
            identity=self._identity("tool", tool_id, self._tags(tool_id), tool_id),
            version=tool.version,
            install=tool.install,
            detection=Detection(tool.detect, tool.version, tool.replaces, tool.dir),
            source=self._source(tool_id, tool),
            dir=tool.dir,
            display=tool.name,
            missing_media=missing,
            media=media,
            optional=tool.optional,
            variables=tuple(tool.owns_environment),
            services=tuple(service.name for service in tool.services),
        )

    def _source(self, tool_id: str, tool: Tool) -> Download | None:
        if tool.source.url is None:
            return None
        seen = self.lock.source(tool.source.url)
        if self.lock.rehearsal:
            # The stand-ins have hashes of their own; a url that the rehearsal does not serve keeps the manifest's.
            sha256 = seen.sha256 if seen else tool.source.sha256
        else:
            sha256 = tool.source.sha256 or (seen.sha256 if seen else None)
            if seen and seen.sha256 != sha256:
                where = ("tools", tool_id, "source", "sha256")
                message = (
                    f"tools.{tool_id}: the lock saw sha256 {seen.sha256[:12]}…, "
                    f"the manifest wants {str(sha256)[:12]}…; "
                    "one of them is wrong, or the file was exchanged"
                )
                self.problems.append(self.document.problem(where, message))
        signer = tool.source.signer if sha256 is None else None
        return Download(tool.source.url, sha256, seen.size if seen else None, signer)

    def _media(self, tool: Tool) -> tuple[LocalMedia | None, str | None]:
        """The file that was fetched by hand, or why it cannot be sent. Neither for a tool with an address."""
        source = tool.source
        if source.media is None:
            return None, None
        name = f"{self.media.name}/{source.media}"
        path = self.media / source.media
        fetch = f"fetch it from {source.page}" + (f" ({source.licence})" if source.licence else "")
        if not path.is_file():
            return None, f"{name} is missing: {fetch}"
        seen = self.lock.source(f"{MEDIA_PREFIX}{source.media}")
        pinned = seen.sha256 if seen and (self.lock.rehearsal or not source.sha256) else source.sha256
        if pinned is None:
            return None, (
                f"{name}: nobody has looked at it yet: no sha256 in the manifest or the lock.\n"
                "  Next: python bake.py lock, look at the hash it shows, then plan again."
            )
        try:
            found = look_at(path, name)
        except OSError as error:
            return None, f"{name} cannot be read: {error.strerror}"
        if found.sha256 != pinned:
            return None, f"{name} has sha256 {found.sha256[:12]}…, wanted {pinned[:12]}…: another file. Next: {fetch}"
        return found, None

    # ---- PATH ---------------------------------------------------------------------------------------

    def _path(self, tools: dict[str, Tool]) -> list[Resource]:
        entries: list[tuple[str, PathEntry]] = []
        for tool_id in self.manifest.tools:  # the manifest's own order is the order on PATH
            entries += [(tool_id, entry) for entry in tools[tool_id].path]
        entries.sort(key=lambda pair: pair[1].place != "first")
        directories = [entry.dir for _, entry in entries]
        resources: list[Resource] = []
        for index, (tool_id, entry) in enumerate(entries):
            identity = self._identity("path", entry.dir, self._tags(tool_id) | {"path"}, tool_id)
            resources.append(
                PathEntryResource(
                    identity,
                    entry.dir,
                    entry.place,
                    entry.replaces,
                    tuple(directories[:index]),
                    tuple(directories[index + 1 :]),
                )
            )
        if entries:
            resources.append(PathTidy(Identity("path", "as a whole", frozenset({"path"}))))
        return resources

    # ---- firewall -----------------------------------------------------------------------------------

    def _rules(self, tool_id: str, tool: Tool) -> list[Resource]:
        rules: list[Resource] = []
        for index, port in enumerate(tool.ports):
            if not port.open:
                continue
            name = f"{tool_id}-{port.protocol}-{port.port}"
            identity = Identity(
                "firewall", name, self._tags(tool_id) | {"firewall"}, self._where("tools", tool_id, "ports", index)
            )
            rules.append(
                FirewallRuleResource(
                    identity, name, port.protocol, (str(port.port),), remote_addresses=tuple(port.remote)
                )
            )
        return rules

    # ---- names --------------------------------------------------------------------------------------

    def _tags(self, tool_id: str) -> frozenset[str]:
        return frozenset({tool_id, "tools", *self.manifest.tools[tool_id].tags})

    def _identity(self, kind: str, name: str, tags: frozenset[str], tool_id: str) -> Identity:
        return Identity(kind, name, tags, self._where("tools", tool_id))

    def _where(self, *at: str | int) -> str:
        return f"{self.document.file}:{self.document.line(at)}"


def sources_of_manifest(manifest: Manifest, document: Document) -> list[WantedSource]:
    """Every address and every media file of the manifest, in its order. Raises ConfigError."""
    builder = _Builder(manifest, document, Lock(schema=1), Path())
    found: list[WantedSource] = []
    for tool_id in manifest.tools:
        tool = builder._filled(tool_id)
        source = tool.source
        found.append(
            WantedSource(
                tool=tool_id,
                url=source.url or f"{MEDIA_PREFIX}{source.media}",
                kind=tool.install.type,
                sha256=source.sha256,
                signer=source.signer,
                page=source.page or "",
                licence=source.licence or "",
                optional=tool.optional,
            )
        )
    if builder.problems:
        raise ConfigError(builder.problems)
    return found


def executables_in_words(manifest: Manifest) -> list[str]:
    """`storescu.exe: dcmtk wins over cygwin, as the manifest says.`"""
    lines = []
    for name, winner in manifest.executables.items():
        others = [
            tool_id
            for tool_id, tool in manifest.tools.items()
            if tool_id != winner and name.lower() in (e.lower() for e in tool.executables)
        ]
        if others:
            lines.append(f"{name}.exe: {winner} wins over {', '.join(others)}, as the manifest says.")
    return lines
