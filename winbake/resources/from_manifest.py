"""The manifest's tools, variables and rules as resources, in the order in which they are applied."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from winbake.config.clashes import install_order
from winbake.config.document import Document
from winbake.config.errors import ConfigError, Problem
from winbake.config.lock import MEDIA_PREFIX, Lock, WantedSource
from winbake.config.manifest import Manifest, PathEntry, Tool
from winbake.config.orthanc import settings_of_image
from winbake.config.templates import TemplateProblem, render_file, render_value
from winbake.resources.archives import DataArchive, FetchedFile
from winbake.resources.detection import Detection
from winbake.resources.files import FileContent, text_bytes
from winbake.resources.firewall import FirewallRuleResource
from winbake.resources.model import Identity, Resource
from winbake.resources.package import WORK_FOLDER, Download, Package
from winbake.resources.path import EnvironmentVariable, PathEntryResource, PathTidy
from winbake.resources.sending import LocalMedia, look_at
from winbake.resources.settings import REGISTRY_KINDS, RegistryValue, WindowsService, registry_key
from winbake.resources.shortcuts import PUBLIC_DESKTOP, Shortcut
from winbake.resources.wish import Wanted


def resources_of_manifest(
    manifest: Manifest, document: Document, lock: Lock, media: Path, templates: Path
) -> list[Wanted]:
    """media and templates: the folders of those names. Raises ConfigError for templates that do not fill in."""
    builder = _Builder(manifest, document, lock, media, templates)
    resources = builder.build()
    if builder.problems:
        raise ConfigError(builder.problems)
    return resources


class _Builder:
    def __init__(self, manifest: Manifest, document: Document, lock: Lock, media: Path, templates: Path) -> None:
        self.manifest = manifest
        self.document = document
        self.lock = lock
        self.media = media
        self.templates = templates
        self.problems: list[Problem] = []

    def build(self) -> list[Wanted]:
        tools = {tool_id: self._filled(tool_id) for tool_id in install_order(self.manifest)}
        packages: dict[str, Package] = {}
        for tool_id, tool in tools.items():
            packages[tool_id] = self._package(tool_id, tool, tuple(packages[needed] for needed in tool.requires))
        wanted = [Wanted(package, free=True) for package in packages.values()]
        entries = [_with_tool(entry, packages[tool_id]) for tool_id, entry in self._path(tools)]
        wanted += entries
        if entries:
            wanted.append(Wanted(PathTidy(Identity("path", "as a whole", frozenset({"path"})))))
        for tool_id, tool in tools.items():
            wanted += [_with_tool(resource, packages[tool_id]) for resource in self._beside(tool_id, tool)]
        wanted += [Wanted(archive, free=True) for archive in self._data()]
        return wanted + [Wanted(resource) for resource in self._of_image()]

    def _beside(self, tool_id: str, tool: Tool) -> Iterable[Resource]:
        """What a tool brings besides itself and its PATH entries."""
        tags = self._tags(tool_id)
        for name, value in tool.environment.items():
            yield EnvironmentVariable(self._identity("variable", name, tags, tool_id), name, value)
        yield from self._files(tool_id, tool)
        for shortcut in tool.shortcuts:
            identity = self._identity("shortcut", shortcut.name, tags | {"shortcuts"}, tool_id)
            path = rf"{PUBLIC_DESKTOP}\{shortcut.name}.lnk"
            optional = (shortcut.arguments or None, shortcut.directory or None, shortcut.icon or None)
            yield Shortcut(identity, path, shortcut.target, *optional)
        for service in tool.services:
            identity = self._identity("service", service.name, tags, tool_id)
            yield WindowsService(identity, service.name, service.start, service.state)
        yield from self._rules(tool_id, tool)

    def _data(self) -> Iterable[Resource]:
        """The sample data, each set in a folder of its own."""
        for name, entry in self.manifest.data.items():
            sha256, size = self._seen(entry.url, entry.sha256, ("data", name))
            if sha256 is None:
                message = f"data.{name}: nobody has seen {entry.url} yet; run: python bake.py lock"
                self.problems.append(self.document.problem(("data", name, "url"), message))
                continue
            identity = Identity("data", name, frozenset({"data"}), self._where("data", name))
            folder = rf"{self.manifest.image.data_dir}\{name}"
            if entry.is_archive:
                yield DataArchive(identity, entry.url, sha256, size, folder, entry.root)
            else:
                yield FetchedFile(identity, entry.url, sha256, rf"{folder}\{entry.file_name}")

    def _of_image(self) -> Iterable[Resource]:
        for name, value in self.manifest.environment.items():
            identity = Identity("variable", name, frozenset({"environment"}), self._where("environment", name))
            yield EnvironmentVariable(identity, name, value)
        for index, rule in enumerate(self.manifest.firewall):
            identity = Identity("firewall", rule.name, frozenset({"firewall"}), self._where("firewall", index))
            yield FirewallRuleResource(
                identity,
                rule.name,
                rule.protocol,
                (str(rule.port),) if rule.port else (),
                rule.direction,
                rule.action,
                tuple(rule.remote),
                program=rule.program or "",
            )

    # ---- templates ----------------------------------------------------------------------------------

    def _filled(self, tool_id: str) -> Tool:
        """The tool with its templates filled in: {{ version }}, {{ dir }}, {{ log }}, {{ tools_dir }}, variables."""
        tool = self.manifest.tools[tool_id]
        names = self._names(tool_id, tool)
        body = tool.model_dump()
        if tool.dir is not None:
            names["dir"] = body["dir"] = self._render(tool.dir, names, ("tools", tool_id, "dir"))
        for key, value in body.items():
            if key not in ("version", "name", "notes"):
                body[key] = self._render(value, names, ("tools", tool_id, key))
        return Tool.model_validate(body)

    def _names(self, tool_id: str, tool: Tool) -> dict[str, Any]:
        """What templates of a tool may name, but for `dir`, which is a template itself."""
        names: dict[str, Any] = {
            **self.manifest.variables,
            "id": tool_id,
            "name": tool.name,
            "version": tool.version,
            "tools_dir": self.manifest.image.tools_dir,
            "log": rf"{WORK_FOLDER}\logs\{tool_id}.log",
        }
        return names

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

    def _package(self, tool_id: str, tool: Tool, requires: tuple[Package, ...]) -> Package:
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
            page=tool.source.page or "",
            requires=requires,
        )

    def _source(self, tool_id: str, tool: Tool) -> Download | None:
        if tool.source.url is None:
            return None
        if tool.source.signer and tool.source.sha256 is None and not self.lock.rehearsal:
            # What stands at this address changes: the signature counts, not what the lock saw of it one day.
            return Download(tool.source.url, None, None, tool.source.signer)
        return Download(tool.source.url, *self._seen(tool.source.url, tool.source.sha256, ("tools", tool_id)))

    def _seen(self, url: str, pinned: str | None, at: tuple[str, str]) -> tuple[str | None, int | None]:
        """sha256 and size by manifest and lock; that they differ is a problem."""
        seen = self.lock.source(url)
        if seen is None:
            return pinned, None
        if self.lock.rehearsal:
            # The stand-ins have hashes of their own; a url that the rehearsal does not serve keeps the manifest's.
            return seen.sha256, seen.size
        if pinned is not None and seen.sha256 != pinned:
            where = (*at, "source", "sha256") if at[0] == "tools" else (*at, "sha256")
            message = (
                f"{'.'.join(at)}: the lock saw sha256 {seen.sha256[:12]}…, the manifest wants {pinned[:12]}…; "
                "one of them is wrong, or the file was exchanged"
            )
            self.problems.append(self.document.problem(where, message))
        return pinned or seen.sha256, seen.size

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

    def _path(self, tools: dict[str, Tool]) -> list[tuple[str, Resource]]:
        """(tool, entry) in the order on PATH."""
        entries: list[tuple[str, PathEntry]] = []
        for tool_id in self.manifest.tools:  # the manifest's own order is the order on PATH
            entries += [(tool_id, entry) for entry in tools[tool_id].path]
        entries.sort(key=lambda pair: pair[1].place != "first")
        directories = [entry.dir for _, entry in entries]
        resources: list[tuple[str, Resource]] = []
        for index, (tool_id, entry) in enumerate(entries):
            identity = self._identity("path", entry.dir, self._tags(tool_id) | {"path"}, tool_id)
            resource = PathEntryResource(
                identity,
                entry.dir,
                entry.place,
                entry.replaces,
                tuple(directories[:index]),
                tuple(directories[index + 1 :]),
            )
            resources.append((tool_id, resource))
        return resources

    # ---- what stands beside a tool ------------------------------------------------------------------

    def _files(self, tool_id: str, tool: Tool) -> list[Resource]:
        """Registry values and text files of a tool."""
        tags = self._tags(tool_id)
        resources: list[Resource] = []
        for entry in tool.registry:
            try:
                key = registry_key(entry.key)
            except ValueError as error:
                self.problems.append(self.document.problem(("tools", tool_id, "registry"), f"tools.{tool_id}: {error}"))
                continue
            identity = self._identity("setting", f"{tool_id} {entry.name}", tags, tool_id)
            kind = REGISTRY_KINDS[entry.type]
            resources.append(RegistryValue(identity, key, entry.name, kind, entry.data, entry.view))
        for index, file in enumerate(tool.files):
            text = file.content
            if file.template is not None:
                text = self._template(tool_id, tool, index, file.template)
            content = text_bytes(text or "", "\r\n" if file.newline == "crlf" else "\n")
            origin = f"template {file.template}" if file.template else "content in the manifest"
            identity = self._identity("file", file.path, tags, tool_id)
            resources.append(FileContent(identity, file.path, content, origin, file.restarts))
        return resources

    def _template(self, tool_id: str, tool: Tool, index: int, name: str) -> str:
        path = self.templates / name
        at = ("tools", tool_id, "files", index, "template")
        try:
            names = {**self._names(tool_id, tool), "orthanc": settings_of_image(self.manifest.classroom)}
            return render_file(path, {**names, **({"dir": tool.dir} if tool.dir else {})})
        except TemplateProblem as problem:
            line = f", line {problem.line}" if problem.line else ""
            self.problems.append(self.document.problem(at, f"tools.{tool_id}: {name}{line}: {problem}"))
        except OSError as error:
            self.problems.append(self.document.problem(at, f"tools.{tool_id}: {name}: {error.strerror}"))
        return ""

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


def _with_tool(resource: Resource, package: Package) -> Wanted:
    return Wanted(resource, only_with=package if package.optional else None, tool=package.identity.name)


def sources_of_manifest(manifest: Manifest, document: Document) -> list[WantedSource]:
    """Every address and every media file that winbake installs from, in their order. Raises ConfigError."""
    builder = _Builder(manifest, document, Lock(schema=1), Path(), Path())
    found: list[WantedSource] = []
    for tool_id in manifest.tools:
        tool = builder._filled(tool_id)
        source = tool.source
        if tool.install.type == "by_hand":
            continue
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
    for name, entry in manifest.data.items():
        found.append(
            WantedSource(
                tool=f"data {name}",
                url=entry.url,
                kind="zip" if entry.is_archive else "file",
                sha256=entry.sha256,
                licence=entry.licence or "",
            )
        )
    if builder.problems:
        raise ConfigError(builder.problems)
    return found


def filled_tools(manifest: Manifest, document: Document) -> dict[str, Tool]:
    """The manifest's tools with their templates filled in, in its order. Raises ConfigError."""
    builder = _Builder(manifest, document, Lock(schema=1), Path(), Path())
    tools = {tool_id: builder._filled(tool_id) for tool_id in manifest.tools}
    if builder.problems:
        raise ConfigError(builder.problems)
    return tools


def executables_in_words(manifest: Manifest) -> list[str]:
    """`storescu, findscu: dcmtk wins over dcm4che3, as the manifest says.`"""
    decided: dict[tuple[str, str], list[str]] = {}
    for name, winner in manifest.executables.items():
        others = [
            tool_id
            for tool_id, tool in manifest.tools.items()
            if tool_id != winner and name.lower() in (e.lower() for e in tool.executables)
        ]
        if others:
            decided.setdefault((winner, ", ".join(others)), []).append(name)
    return [
        f"{', '.join(names)}: {winner} wins over {others}, as the manifest says."
        for (winner, others), names in decided.items()
    ]
