"""The stand-in format: one YAML file a tool, checked when it is loaded.

In texts, `{version}`, `{dir}` (the install directory) and every name under a version's `values` are filled in;
`{compact}` is the version without dots.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from winbake.rehearsal.windows.images import Output, ServiceBehaviour

HERE = Path(__file__).parent
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_BUILT_IN = ("version", "compact", "dir", "name", "product_code", "upgrade_code", "data_dir", "date")


class StandInError(ValueError):
    """A stand-in file that cannot be used; the message names file, place and reason."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class DicomSample(_Strict):
    """A small DICOM image made by samples.py; its instance number is the file's `{name}` (`each: ["1", "2"]`)."""

    modality: Literal["CT", "MR"]
    patient: str = Field(pattern=r"^[A-Za-z^ ]{1,64}$")
    patient_id: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    study: int = Field(gt=0)


class File(_Strict):
    """One file. Its content is `text`, an `executable` (a program, a DLL), an image (`dicom`, `nifti`: its
    description), or more files (`holds`): a zip, or what the path's ending says (.tar.xz).

    `path` is below the install directory (or the archive's top) unless absolute. `each` repeats the file for
    every `{name}`. `if_absent`: an existing one is left; `permanent`: it stays at uninstall. `size`: bytes it
    takes on disk."""

    path: str
    each: list[str] = Field(default_factory=list)
    text: str | None = None
    executable: Executable | None = None
    dicom: DicomSample | None = None
    nifti: str = Field("", pattern=r"^[A-Za-z0-9 ]*$", max_length=79)
    holds: list[File] = Field(default_factory=list)
    if_absent: bool = False
    permanent: bool = False
    size: int = 0

    @model_validator(mode="after")
    def _one_content(self) -> File:
        given = [self.text is not None, self.executable is not None, self.dicom is not None]
        if sum([*given, bool(self.nifti), bool(self.holds)]) > 1:
            raise ValueError("a file has one of `text`, `executable`, `dicom`, `nifti` and `holds`")
        if self.dicom is not None and not all(name.isdigit() for name in self.each or ["no"]):
            raise ValueError("a `dicom` file needs `each` with the instance numbers")
        return self


class Executable(_Strict):
    """A program file: its version resource, its signer, and what running it does (rows as in images.Output).

    `service`: how it acts under the service control manager, for a service's program."""

    version: str = ""
    product: str = ""
    company: str = ""
    description: str = ""
    signer: str = ""
    machine: Literal["x64", "x86"] = "x64"
    gui: bool = False
    behaviour: list[Output] = Field(default_factory=list)
    service: ServiceBehaviour | None = None
    ports: list[int] = Field(default_factory=list)


class RegistryEntry(_Strict):
    """One registry value; `data` none: only the key. `permanent`: it stays at uninstall."""

    key: str
    name: str = ""
    kind: Literal["REG_SZ", "REG_EXPAND_SZ", "REG_DWORD", "REG_QWORD", "REG_MULTI_SZ"] = "REG_SZ"
    data: str | int | list[str] | None = None
    view: Literal[64, 32] = 64
    permanent: bool = False


class ServiceEntry(_Strict):
    """One service the installer makes. `start_now`: it is started at once."""

    name: str
    display_name: str = ""
    description: str = ""
    image: str
    start: Literal["auto", "delayed", "manual", "disabled"] = "auto"
    account: str = "LocalSystem"
    depends: list[str] = Field(default_factory=list)
    start_now: bool = True


class PathEntry(_Strict):
    """One directory for the Path; `first` puts it before what is there. `user`: the installing user's own Path."""

    directory: str
    first: bool = False
    user: bool = False


class Shortcut(_Strict):
    """A .lnk file (its path, and what it starts)."""

    path: str
    target: str
    arguments: str = ""


class Effects(_Strict):
    """What an installer (or one feature of a package) does to the machine."""

    folders: list[str] = Field(default_factory=list)
    files: list[File] = Field(default_factory=list)
    registry: list[RegistryEntry] = Field(default_factory=list)
    environment: dict[str, str] = Field(default_factory=dict)
    path: list[PathEntry] = Field(default_factory=list)
    services: list[ServiceEntry] = Field(default_factory=list)
    shortcuts: list[Shortcut] = Field(default_factory=list)


class Feature(Effects):
    """A feature of an MSI package. `level` 1 is installed by default, higher ones not; `parent`: comes along.

    `by_property` makes it depend on a property of the command line instead: there when `NAME=1` (or true); `by_default`
    says what holds when the property is not given."""

    level: int = 1
    parent: str = ""
    title: str = ""
    by_property: str = ""
    by_default: bool = False


class Option(Effects):
    """More effects of an inno, nsis or exe installer, for some command lines: those in which the expression
    `when_argument` is found, or `unless_argument` is not."""

    when_argument: str = ""
    unless_argument: str = ""

    def holds(self, arguments: str) -> bool:
        if self.when_argument and not re.search(self.when_argument, arguments):
            return False
        return not (self.unless_argument and re.search(self.unless_argument, arguments))


class Uninstall(_Strict):
    """The uninstall entry. `view` is the registry view; `extra` are further values as they stand there."""

    key: str = ""
    view: Literal[64, 32] = 64
    hive: Literal["HKLM", "HKCU"] = "HKLM"
    display_name: str
    display_version: str = "{version}"
    publisher: str = ""
    estimated_size: int = 0
    uninstaller: str = ""
    seconds: float = 3.0
    removes: list[str] = Field(default_factory=list)
    replaces_same_place: bool = False
    """For `nsis`: an install takes away other entries that name its InstallLocation, as Firefox's does."""
    extra: dict[str, str | int] = Field(default_factory=dict)


class Trigger(_Strict):
    """What makes the installer refuse or hang. All conditions given must hold.

    `arguments`: a regular expression found in the command line; `registry`: a value (or key) that exists; `file`: a
    file that exists; `missing_file`: one that does not; `release`: one of these Windows Servers. Then: `window` (a
    dialog that no switch suppresses: it waits for ever) or `exit_code`, and `message` for its log."""

    arguments: str = ""
    registry: RegistryEntry | None = None
    file: str = ""
    missing_file: str = ""
    release: list[str] = Field(default_factory=list)
    window: str = ""
    exit_code: int | None = None
    message: str = ""

    @model_validator(mode="after")
    def _does_something(self) -> Trigger:
        if not self.window and self.exit_code is None:
            raise ValueError("a trigger needs `window` (it hangs) or `exit_code`")
        if not (self.arguments or self.registry or self.file or self.missing_file or self.release):
            raise ValueError("a trigger needs a condition")
        return self


class Version(_Strict):
    """One version on offer. `rehearsal_only`: made up, for version bumps; it does not exist. `values`: more names for
    the texts; `urls` replace the stand-in's; `alone`: only its own urls, not the pattern."""

    version: str
    rehearsal_only: bool = False
    product_code: str = ""
    urls: list[str] = Field(default_factory=list)
    values: dict[str, str] = Field(default_factory=dict)
    size: int = 0


class CygwinPackage(_Strict):
    """One package of a Cygwin mirror; those whose category is Base are always installed."""

    name: str
    version: str
    category: str
    requires: list[str] = Field(default_factory=list)
    files: list[File] = Field(min_length=1)


class Seconds(_Strict):
    """How long it takes, seconds of host time."""

    install: float = 10.0
    uninstall: float = 5.0


class StandIn(_Strict):
    """One tool's installer or archive."""

    standin: Literal[1]
    id: str
    name: str
    sources: list[str]
    kind: Literal["msi", "inno", "nsis", "exe", "zip", "jar", "file", "cygwin"]
    urls: list[str] = Field(default_factory=list)
    media: list[str] = Field(default_factory=list)
    """File names under which a tool without a url is put into the media folder by hand."""
    size: int = Field(gt=0)
    signer: str = ""
    company: str = ""
    versions: list[Version] = Field(min_length=1)
    evergreen: str = ""
    """The version that unversioned urls give; empty: the last in the list that is no rehearsal_only."""
    machine: Literal["x64", "x86"] = "x64"
    directory: str = ""
    data_directory: str = ""
    seconds: Seconds = Field(default_factory=Seconds)
    silent: list[str] = Field(default_factory=list)
    """For `exe`: regular expressions, all of which must be found in the arguments for an install without a dialog."""
    silent_unknown: bool = False
    """For `exe`: no source says how it installs unattended, so each start opens its dialog."""
    directory_argument: str = ""
    """For `exe` and `nsis`: a regular expression whose first group is the directory."""
    needs_restart: bool = False
    wraps_msi: bool = False
    """For `exe`: Windows Installer does its work: 1618 while another package runs, and others wait for it."""
    wraps_nsis: bool = False
    """For `msi`: it only runs an NSIS installer and registers no product; the uninstall entry is that installer's."""
    upgrade_code: str = ""
    features: dict[str, Feature] = Field(default_factory=dict)
    install: Effects = Field(default_factory=Effects)
    options: list[Option] = Field(default_factory=list)
    payload: list[File] = Field(default_factory=list)
    """For `exe`: what 7-Zip finds when it opens the installer as an archive."""
    archive: Effects = Field(default_factory=Effects)
    archive_directory: str = ""
    cygwin_tree: list[CygwinPackage] = Field(default_factory=list)
    """For `zip`: instead of `archive`, a tree of packages with its setup.ini."""
    mirror_base: str = ""
    """The address under which the tree is served file by file, as a Cygwin mirror does."""
    uninstall: Uninstall | None = None
    triggers: list[Trigger] = Field(default_factory=list)
    assumed: list[str] = Field(default_factory=list)
    origin: Path | None = Field(default=None, exclude=True)

    @model_validator(mode="after")
    def _fits_together(self) -> StandIn:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", self.id):
            raise ValueError(f"the id {self.id!r} must be lower-case letters, digits and dashes")
        if not self.sources:
            raise ValueError("`sources` is empty: a stand-in says where its statements are from")
        if self.kind == "msi":
            for version in self.versions:
                if not version.product_code:
                    raise ValueError(f"version {version.version} of an msi needs a `product_code`")
            if self.options:
                raise ValueError("`options` are for inno, nsis and exe; an msi has `features`")
        elif self.features:
            raise ValueError("`features` are for kind msi only")
        if self.kind in ("msi", "inno", "nsis") and self.uninstall is None:
            raise ValueError(f"kind {self.kind} needs `uninstall`")
        if self.kind in ("inno", "nsis", "exe", "msi") and self.archive.files:
            raise ValueError("`archive` is for kinds zip, jar and file only")
        if self.kind in ("zip", "jar", "file") and self.install != Effects():
            raise ValueError("`install` is for installers only; a zip has `archive`")
        if (self.wraps_msi and self.kind != "exe") or (self.wraps_nsis and self.kind != "msi"):
            raise ValueError("`wraps_msi` is for kind exe, `wraps_nsis` for kind msi")
        if self.payload and self.kind != "exe":
            raise ValueError("`payload` is for kind exe only")
        if (self.cygwin_tree and self.kind != "zip") or (self.mirror_base and not self.cygwin_tree):
            raise ValueError("`cygwin_tree` is for kind zip only, and `mirror_base` is the address of one")
        if self.kind == "file" and (len(self.archive.files) != 1 or self.archive.files[0].each):
            raise ValueError("kind file needs exactly one file under `archive`")
        if self.kind == "exe" and bool(self.silent) == self.silent_unknown:
            raise ValueError(
                "kind exe needs `silent` (the arguments without which it opens a dialog), or `silent_unknown: true`"
            )
        names = [version.version for version in self.versions]
        if len(set(names)) != len(names):
            raise ValueError("a version stands twice in `versions`")
        if self.evergreen and self.evergreen not in names:
            raise ValueError(f"`evergreen` names version {self.evergreen!r}, which is not in `versions`")
        for feature_name, feature in self.features.items():
            if feature.parent and feature.parent not in self.features:
                raise ValueError(
                    f"feature {feature_name} has the parent {feature.parent!r}, which is none of the features"
                )
        self._check_places()
        return self

    def _check_places(self) -> None:
        for version in self.versions:
            known = {*_BUILT_IN, *version.values}
            for text in _texts(self.model_dump(exclude={"versions", "sources", "assumed", "origin"})):
                for place in _PLACE.findall(text):
                    if place not in known:
                        raise ValueError(
                            f"version {version.version} has no value for {{{place}}}, which {text[:60]!r} asks for"
                        )

    def version(self, name: str) -> Version:
        """Raises KeyError with the versions there are."""
        for version in self.versions:
            if version.version == name:
                return version
        raise KeyError(
            f"{self.id} has no version {name!r}; there are {', '.join(one.version for one in self.versions)}"
        )

    @property
    def newest(self) -> Version:
        """What an evergreen url gives."""
        if self.evergreen:
            return self.version(self.evergreen)
        real = [version for version in self.versions if not version.rehearsal_only]
        return (real or self.versions)[-1]

    def urls_of(self, version: Version) -> list[str]:
        """The urls that serve this version; a pattern without {version} serves the newest only."""
        found: list[str] = []
        for pattern in [*version.urls, *([] if version.urls else self.urls)]:
            pinned = _PLACE.search(pattern) is not None or pattern in version.urls
            if pinned or version is self.newest:
                found.append(fill(pattern, self.values(version, "")))
        if version is self.newest:
            found += [url for url in self.urls if _PLACE.search(url) is None and url not in found]
        return found

    def media_names(self, version: Version) -> list[str]:
        """The names its file may have in a media folder."""
        return [fill(name, self.values(version, "")) for name in self.media]

    def values(self, version: Version, directory: str) -> dict[str, str]:
        """What the places in texts stand for."""
        return {
            "version": version.version,
            "compact": version.version.replace(".", ""),
            "dir": directory.rstrip("\\"),
            "product_code": version.product_code,
            "upgrade_code": self.upgrade_code,
            "data_dir": self.data_directory,
            **version.values,
        }

    def default_directory(self, version: Version) -> str:
        return fill(self.directory, self.values(version, ""))


def fill(text: str, values: dict[str, str]) -> str:
    """A text with its {places} filled in; what is no known place is left as it is."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            if name != "text":  # a file's content may hold braces of its own
                yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML was built with it: ten times as fast, and every rehearsal reads all stand-ins."""


def load_standin(path: Path) -> StandIn:
    """One stand-in from a YAML file. Raises StandInError."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as broken:
        raise StandInError(f"{path}: {broken}") from broken
    if not isinstance(content, dict):
        raise StandInError(f"{path}: a stand-in is a mapping; see docs/standins.md")
    try:
        standin = StandIn.model_validate(content)
    except ValidationError as wrong:
        problems = [
            f"{path}: {'.'.join(str(part) for part in error['loc']) or 'the file'}: {error['msg']}"
            for error in wrong.errors()
        ]
        raise StandInError("\n".join(problems)) from wrong
    standin.origin = path
    return standin


def load_standins(directories: Iterable[Path] = ()) -> list[StandIn]:
    """The stand-ins that come with winbake, and those of more directories; one with an id already seen takes its
    place. Raises StandInError: a bad file, no such directory, one url for two files."""
    found: dict[str, StandIn] = {}
    for directory in [HERE, *directories]:
        if not directory.is_dir():
            raise StandInError(f"{directory}: no such directory of stand-ins")
        for path in sorted([*directory.glob("*.yaml"), *directory.glob("*.yml")]):
            standin = load_standin(path)
            old = found.get(standin.id)
            if old is not None and old.origin is not None and old.origin.parent == path.parent:
                raise StandInError(f"{path}: the id {standin.id!r} is also that of {old.origin}")
            found[standin.id] = standin
    _check_urls(found.values())
    return list(found.values())


def _check_urls(standins: Iterable[StandIn]) -> None:
    seen: dict[str, str] = {}
    for standin in standins:
        for version in standin.versions:
            for url in standin.urls_of(version):
                name = f"{standin.id} {version.version}"
                if url in seen and seen[url] != name:
                    raise StandInError(f"{standin.origin}: {url} is served for {seen[url]} and for {name}")
                seen[url] = name


File.model_rebuild()
