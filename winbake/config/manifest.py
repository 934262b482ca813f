"""The manifest: what the image holds. Models, and loading with errors that name file, line and nearest name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from winbake.config.classroom import Aws, Classroom
from winbake.config.document import Document, load_document
from winbake.config.errors import ConfigError, Problem
from winbake.config.validation import Model, problems_of
from winbake.config.versions import VersionRange

_DURATION = re.compile(r"^\s*(\d+)\s*(s|m|h)?\s*$")
_UNITS = {"s": 1, "m": 60, "h": 3600, None: 1}
_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_GUID = re.compile(r"^\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}$")


def _seconds(value: Any) -> Any:
    if isinstance(value, str):
        found = _DURATION.match(value)
        if not found:
            raise ValueError("write a time as 90s, 10m or 2h")
        return int(found[1]) * _UNITS[found[2]]
    return value


def _text(value: Any) -> Any:
    """A version such as 26.02 that YAML read as a number has lost its form: ask for quotes."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f'put it in quotes: "{value}" (YAML reads it as a number and may change it)')
    return value


_SECONDS_SCHEMA = {
    "anyOf": [{"type": "integer", "exclusiveMinimum": 0}, {"type": "string", "pattern": r"^\s*\d+\s*(s|m|h)?\s*$"}]
}
Seconds = Annotated[int, BeforeValidator(_seconds), Field(gt=0), WithJsonSchema(_SECONDS_SCHEMA)]
Version = Annotated[str, BeforeValidator(_text), Field(min_length=1)]


def _sha256(value: str | None) -> str | None:
    if value is not None and not _SHA256.match(value.lower()):
        raise ValueError("a sha256 is 64 hex digits")
    return value.lower() if value else value


class Source(Model):
    """Where the installer comes from: a url with its sha256, a url with the signer, or a file fetched by hand."""

    url: str | None = Field(None, description="https address; the host downloads it itself")
    sha256: str | None = Field(None, description="64 hex digits; without it the lock must know the file")
    media: str | None = Field(None, description="file name in media/, fetched by hand")
    page: str | None = Field(None, description="the page to get a media file from")
    licence: str | None = Field(None, description="licence or terms")
    signer: str | None = Field(
        None, description="start of the Authenticode subject, for addresses whose content changes"
    )

    @field_validator("sha256")
    @classmethod
    def _hash(cls, value: str | None) -> str | None:
        return _sha256(value)

    @field_validator("url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        # A template is looked at again when it is filled in.
        if value is not None and "{{" not in value and not re.match(r"^https?://[^/\s]+/\S*$", value):
            raise ValueError("not an http(s) address")
        return value

    @model_validator(mode="after")
    def _one_origin(self) -> Source:
        if bool(self.url) == bool(self.media):
            raise ValueError("give either url or media (a file fetched by hand)")
        if self.media and not self.page:
            raise ValueError("media needs the page it is to be fetched from")
        return self


class Releases(Model):
    """Where to ask which version is the newest. Several may be given: the first that can be asked answers."""

    github: str | None = Field(None, description="owner/repo whose releases are asked")
    winget: str | None = Field(None, description="package identifier in winget, such as Mozilla.Firefox.ESR")
    choco: str | None = Field(None, description="package id in Chocolatey")
    page: str | None = Field(None, description="the page to look at where nothing can be asked")
    tag: str | None = Field(
        None, description="regular expression on the whole release tag; group 1 is the version, others do not count"
    )

    @field_validator("github")
    @classmethod
    def _repository(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[\w.-]+/[\w.-]+", value):
            raise ValueError("write a GitHub repository as owner/repo")
        return value

    @field_validator("winget", "choco")
    @classmethod
    def _package(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[\w.+-]+", value):
            raise ValueError("a package id has letters, digits, dots and hyphens only")
        return value

    @field_validator("tag")
    @classmethod
    def _one_group(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                groups = re.compile(value).groups
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from None
            if groups != 1:
                raise ValueError("tag needs exactly one group, round the version: 'v(.*)'")
        return value


class RegistryMark(Model):
    """A registry value whose presence says something."""

    key: str = Field(description=r"HKLM\SOFTWARE\…")
    value: str
    view: Literal[32, 64] = 64


class Extraction(Model):
    """An installer that is not run but opened with 7-Zip: the way to a machine-wide copy of a per-user program."""

    program: str = Field(description="7z.exe on the host; its tool belongs into requires")
    inside: str = Field(description="the archive inside the exe whose `root` holds the program")


class Install(Model):
    """How the tool is installed, silently."""

    type: Literal["msi", "exe", "zip", "jar", "extract", "by_hand"] = Field(
        description="jar: one file, put into dir; extract: an exe that is opened as an archive (see `archive`); "
        "by_hand: no silent way is known, a person installs it and winbake only looks whether it is there"
    )
    arguments: str = Field(
        "", description="silent arguments, as the installer takes them; {{ log }} and {{ dir }} are filled in"
    )
    silent_args: str | None = Field(None, description="the same as arguments")
    properties: dict[str, str] = Field(default_factory=dict, description="MSI properties, such as ADDLOCAL")
    root: str | None = Field(None, description="zip: the folder inside the archive whose contents are wanted")
    archive: Extraction | None = Field(None, description="extract: how the exe is opened")
    limit: Seconds = Field(600, description="time limit; then the whole process tree is ended")
    exit_codes: list[int] = Field(default_factory=lambda: [0], description="exit codes that mean success")
    reboot_codes: list[int] = Field(default_factory=lambda: [3010, 1641], description="success, with a reboot wanted")
    upgrade: Literal["in_place", "uninstall_first"] = Field(
        "in_place", description="whether a newer installer replaces the old version itself"
    )
    uninstall_arguments: str = Field("", description="silent arguments for the uninstaller that is registered")
    blocked_by: RegistryMark | None = Field(
        None, description="a registry value with which the installer would open a dialog and wait for ever"
    )

    wraps_msi: bool = Field(
        False, description="exe: it runs an MSI inside, so it waits until no other one runs (error 1618)"
    )

    @model_validator(mode="after")
    def _fits(self) -> Install:
        if self.silent_args and self.arguments:
            raise ValueError("arguments and silent_args are the same thing: give one")
        if self.type == "exe" and not (self.arguments or self.silent_args):
            raise ValueError("an exe needs silent arguments: without them it opens a dialog and waits")
        if self.wraps_msi and self.type != "exe":
            raise ValueError("wraps_msi belongs to an exe")
        if self.properties and self.type != "msi":
            raise ValueError("properties belong to an msi")
        if self.root and self.type not in ("zip", "extract"):
            raise ValueError("root belongs to a zip or to extract")
        if (self.archive is not None) != (self.type == "extract"):
            raise ValueError("archive and type: extract go together")
        return self

    @property
    def silent(self) -> str:
        return self.arguments or self.silent_args or ""


class Detect(Model):
    """The rule that says whether the tool is there, and which version. After an install it must hold."""

    product_code: str | None = Field(None, description="MSI product code {GUID} of exactly this version")
    display_name: str | None = Field(None, description="regular expression on the uninstall entry's name")
    file: str | None = Field(None, description="a file; its version is compared when `version` is given")
    command: list[str] | None = Field(None, description="program and arguments")
    registry: RegistryMark | None = Field(None, description="a registry value; its text is compared as the version")
    matches: str | None = Field(
        None, description="regular expression on the command's output or the registry's text; group 1 is the version"
    )
    exit_codes: list[int] = Field(default_factory=lambda: [0], description="exit codes that are right for the command")
    version: Version | None = Field(None, description="version range; without it exactly the tool's version")

    @field_validator("product_code")
    @classmethod
    def _guid(cls, value: str | None) -> str | None:
        if value is not None and not _GUID.match(value):
            raise ValueError("a product code is a GUID in braces")
        return value.upper() if value else value

    @field_validator("display_name", "matches")
    @classmethod
    def _pattern(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from None
        return value

    @field_validator("version")
    @classmethod
    def _range(cls, value: str | None) -> str | None:
        if value is not None and "{{" not in value:
            VersionRange.parse(value)
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Detect:
        ways = [n for n in ("file", "command", "registry") if getattr(self, n)]
        if self.product_code or self.display_name:
            ways.append("product_code/display_name")
        if len(ways) != 1:
            raise ValueError(
                "detect needs one of: product_code (with or without display_name), display_name, file, command, "
                "registry"
            )
        if self.command and not self.matches:
            raise ValueError("detect by command needs matches: a regular expression whose group 1 is the version")
        return self


class PathEntry(Model):
    """One entry of the machine PATH."""

    dir: str = Field(description="the folder; may hold %SystemRoot% and {{ dir }}")
    place: Literal["first", "last"] = Field("last", description="before or after everything else that is there")
    replaces: str | None = Field(None, description="wildcard of entries of older versions, replaced in their place")


class Port(Model):
    """A port that the tool listens on; it gets a firewall rule unless `open` is false."""

    port: Annotated[int, Field(ge=1, le=65535)]
    protocol: Literal["tcp", "udp"] = "tcp"
    use: str = ""
    open: bool = Field(True, description="whether the firewall lets it in")
    remote: list[str] = Field(default_factory=list, description="addresses that may come in; empty: any")
    exclusive: bool = Field(
        True, description="false: may share the port with another tool, if only one of them is started"
    )


class Service(Model):
    """A Windows service that the tool brings, and how it must be."""

    name: str
    start: Literal["auto", "delayed", "manual", "disabled"] = "auto"
    state: Literal["running", "stopped"] | None = "running"


class Shortcut(Model):
    """A shortcut on every user's desktop."""

    name: str = Field(description="as the desktop shows it, without .lnk")
    target: str
    arguments: str = ""
    directory: str = Field("", description="where it starts")
    icon: str = Field("", description="file, or file,index")


class ToolFile(Model):
    """A text file beside a tool: its configuration, a policy, a launcher."""

    path: str
    template: str | None = Field(None, description="file in templates/ beside the manifest, filled in with Jinja2")
    content: str | None = Field(None, description="the text itself; {{ … }} is filled in")
    newline: Literal["crlf", "lf"] = "crlf"
    restarts: str | None = Field(None, description="the service that is restarted when the file has changed")

    @model_validator(mode="after")
    def _one_text(self) -> ToolFile:
        if (self.template is None) == (self.content is None):
            raise ValueError("give either template or content")
        return self


class RegistrySetting(Model):
    """A registry value that belongs to a tool, such as a policy that stops its updater."""

    key: str = Field(description=r"HKLM\SOFTWARE\…")
    name: str = ""
    type: Literal["string", "expandstring", "dword", "qword", "multistring"] = "string"
    data: str | int | list[str]
    view: Literal[32, 64] = 64


class Check(Model):
    """What a verification runs."""

    command: list[str]
    matches: str | None = None
    stream: Literal["stdout", "stderr"] = "stdout"
    exit_codes: list[int] = Field(default_factory=lambda: [0])


class Tool(Model):
    """One tool of the image."""

    name: str
    version: Version
    optional: bool = Field(False, description="a missing media file skips it instead of stopping the bake")
    source: Source
    releases: Releases | None = Field(
        None, description="where outdated and lock --upgrade ask for newer versions; a GitHub url needs none"
    )
    install: Install
    dir: str | None = Field(None, description="where it is installed; {{ dir }} elsewhere")
    detect: Detect
    path: list[PathEntry] = Field(default_factory=list)
    executables: list[str] = Field(
        default_factory=list, description="program names that its PATH entries bring, without .exe"
    )
    environment: dict[str, str] = Field(default_factory=dict, description="machine variables that this tool owns")
    owns_environment: list[str] = Field(default_factory=list, description="machine variables that its installer sets")
    ports: list[Port] = Field(default_factory=list)
    services: list[Service] = Field(default_factory=list)
    files: list[ToolFile] = Field(default_factory=list)
    registry: list[RegistrySetting] = Field(default_factory=list)
    shortcuts: list[Shortcut] = Field(default_factory=list)
    replaces: str | None = Field(
        None, description="zip: wildcard of the folders of other versions, removed after the move"
    )
    requires: list[str] = Field(default_factory=list, description="ids of tools that must be there before")
    tags: list[str] = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    notes: str = ""

    @model_validator(mode="after")
    def _dir(self) -> Tool:
        if self.install.type in ("zip", "jar", "extract") and not self.dir:
            raise ValueError(f"a {self.install.type} needs dir: the folder to unpack to")
        return self


class PacsNode(Model):
    """A DICOM server that participants may use: data for the handout and for the viewers' settings."""

    name: str
    ae_title: str | None = Field(None, min_length=1, max_length=16, description="empty: any is taken, or unknown")
    host: str | None = Field(None, description="empty: not known, look at the page")
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    page: str = Field(description="where its terms and address stand")
    notes: str = ""


class DataSet(Model):
    """Sample data in a folder of its own: a zip that is unpacked there, or one file."""

    url: str = Field(description="https address of a zip or of a single file; the host downloads it itself")
    sha256: str | None = Field(None, description="64 hex digits; without it the lock must know the file")
    root: str | None = Field(None, description="the folder inside the zip whose contents are wanted")
    licence: str | None = Field(None, description="licence or terms, and whom to name")
    notes: str = ""

    @property
    def file_name(self) -> str:
        return unquote(urlsplit(self.url).path.rsplit("/", 1)[-1])

    @property
    def is_archive(self) -> bool:
        return self.file_name.lower().endswith(".zip")

    @field_validator("sha256")
    @classmethod
    def _hash(cls, value: str | None) -> str | None:
        return _sha256(value)

    @model_validator(mode="after")
    def _one_file(self) -> DataSet:
        if not self.file_name:
            raise ValueError("the address ends with no file name")
        if self.root and not self.is_archive:
            raise ValueError("root names a folder in a zip; this address is of one file")
        return self


class Image(Model):
    """The image as a whole."""

    name: str
    description: str = ""
    tools_dir: str = Field(r"C:\Tools", description="{{ tools_dir }} in the entries below")
    data_dir: str = Field(r"C:\Data", description="each entry of `data` gets a folder in it, by its name")


class Rule(Model):
    """A firewall rule of the image that belongs to no tool."""

    name: str
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    protocol: Literal["tcp", "udp"] = "tcp"
    program: str | None = None
    direction: Literal["in", "out"] = "in"
    action: Literal["allow", "block"] = "allow"
    remote: list[str] = Field(default_factory=list)


class Manifest(Model):
    """`manifest.yaml`."""

    schema_: Literal[1] = Field(1, alias="schema")
    image: Image
    variables: dict[str, Any] = Field(
        default_factory=dict, description="names for the templates below; a host's own in the inventory go before"
    )
    tools: dict[str, Tool]
    executables: dict[str, str] = Field(
        default_factory=dict, description="program name → tool that wins, where several bring the same name"
    )
    environment: dict[str, str] = Field(default_factory=dict, description="machine variables of the image")
    firewall: list[Rule] = Field(default_factory=list)
    data: dict[str, DataSet] = Field(default_factory=dict, description="sample data for the exercises")
    pacs_nodes: list[PacsNode] = Field(default_factory=list, description="public DICOM servers, for the handout")
    aws: Aws = Field(default_factory=Aws, description="where the master and the stations run")
    classroom: Classroom = Field(default_factory=Classroom, description="the stations")

    def for_host(self, host: Mapping[str, Any]) -> Manifest:
        """With the inventory's values of this host for names under `variables`, where it has some."""
        own = {name: host[name] for name in self.variables if name in host}
        return self.model_copy(update={"variables": {**self.variables, **own}}) if own else self


def load_manifest(path: Path) -> tuple[Manifest, Document]:
    """Raises ConfigError with every problem of the file, in the order of its lines."""
    from winbake.config.clashes import find_clashes

    document = load_document(path)
    if not isinstance(document.data, dict):
        raise ConfigError([Problem(document.file, 1, "a manifest is a mapping with image: and tools:")])
    try:
        manifest = Manifest.model_validate(document.data)
    except ValidationError as error:
        raise ConfigError(problems_of(error, Manifest, document)) from None
    problems = find_clashes(manifest, document)
    if problems:
        raise ConfigError(sorted(problems, key=lambda p: p.line))
    return manifest, document
