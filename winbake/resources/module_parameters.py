"""The parameters of the supported Ansible modules, by Ansible's names and aliases; anything else is an error."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo


def _as_list(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value if isinstance(value, list) or value is None else [value]


def _as_bool(value: Any) -> Any:
    """Ansible's yes and no, also where YAML left them as text."""
    if isinstance(value, str) and value.lower() in ("yes", "no", "on", "off", "true", "false"):
        return value.lower() in ("yes", "on", "true")
    return value


Texts = Annotated[list[str], BeforeValidator(lambda v: [str(i) for i in _as_list(v)] if _as_list(v) is not None else v)]
Flag = Annotated[bool, BeforeValidator(_as_bool)]
MaybeFlag = Annotated[bool | None, BeforeValidator(_as_bool)]
"""None: the task does not say."""


class ModuleParameters(BaseModel):
    """A class's own text says what is not as in Ansible; docs/modules.md prints it."""

    model_config = ConfigDict(extra="forbid")


def accepted_names(name: str, field: FieldInfo) -> tuple[str, ...]:
    """The names under which a task may give this parameter, the first of them being its own."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (str(alias),) if alias is not None else (name,)


class RegistryParameters(ModuleParameters):
    """A key is made with its value. `state: absent` deletes values, never keys: without a name it needs
    `delete_key: no` and deletes the key's default value.
    """

    path: str = Field(validation_alias=AliasChoices("path", "key"))
    name: str = Field("", validation_alias=AliasChoices("name", "value", "entry"))
    data: Any = None
    type: Literal["binary", "dword", "expandstring", "multistring", "string", "qword"] = "string"
    state: Literal["present", "absent"] = "present"
    delete_key: Flag = True


class EnvironmentParameters(ModuleParameters):
    """Machine variables only. `PATH` is refused: win_path changes it and keeps the other entries."""

    name: str | None = None
    value: str | None = None
    variables: dict[str, str] = Field(default_factory=dict)
    level: Literal["machine"]
    state: Literal["present", "absent"] = "present"


class PathParameters(ModuleParameters):
    """The machine's PATH only. New entries come last, in the order given."""

    elements: Texts
    name: Literal["PATH", "Path", "path"] = "PATH"
    scope: Literal["machine"] = "machine"
    state: Literal["present", "absent"] = "present"


class FileParameters(ModuleParameters):
    """`touch` leaves the times of a file that is there as they are, so that a second run changes nothing."""

    path: str = Field(validation_alias=AliasChoices("path", "dest", "name"))
    state: Literal["directory", "file", "touch", "absent"] | None = None


class CopyParameters(ModuleParameters):
    """Give `content` or `src`, one of them. One file; over 512 kB (`src` only) it is sent by itself; no folders."""

    dest: str
    content: str | None = None
    src: str | None = None


class TemplateParameters(ModuleParameters):
    """Written as UTF-8 without a byte order mark."""

    dest: str
    src: str
    newline_sequence: Literal["\\r\\n", "\\n", "\r\n", "\n"] = "\r\n"


class ServiceParameters(ModuleParameters):
    """Changes services that are there; it makes and deletes none."""

    name: str
    start_mode: Literal["auto", "delayed", "disabled", "manual"] | None = None
    state: Literal["started", "stopped", "restarted"] | None = None


class FirewallParameters(ModuleParameters):
    """A list of ports or addresses is taken as well, where Ansible wants text with commas: write text with commas."""

    name: str
    localport: Texts = Field(default_factory=list)
    remoteip: Texts = Field(default_factory=list)
    protocol: Annotated[str, BeforeValidator(lambda v: str(v).lower())] = "any"
    direction: Literal["in", "out"] = "in"
    action: Literal["allow", "block"] = "allow"
    profiles: Texts = Field(default_factory=list, validation_alias=AliasChoices("profiles", "profile"))
    program: str = ""
    enabled: Flag = True
    state: Literal["present", "absent"] = "present"


class CommandParameters(ModuleParameters):
    """Give the line, or `argv`. Without `creates` or `removes` it is planned as "always runs"."""

    line: str | None = Field(None, validation_alias=AliasChoices("_raw_params", "cmd"))
    argv: list[str] | None = None
    chdir: str | None = None
    creates: str | None = None
    removes: str | None = None
    stdin: str | None = None


class ShellParameters(ModuleParameters):
    """Windows PowerShell 5.1 or cmd. Without `creates` or `removes` it is planned as "always runs"."""

    line: str = Field(validation_alias="_raw_params")
    chdir: str | None = None
    creates: str | None = None
    removes: str | None = None
    stdin: str | None = None
    executable: Literal["cmd", "powershell"] = "powershell"


class PackageParameters(ModuleParameters):
    """`product_id` or `creates_path` must say how to tell whether it is installed. `checksum` needs
    `checksum_algorithm: sha256`. An exe needs `arguments`: without silent ones it opens a dialog and waits.
    """

    path: str | None = None
    product_id: str | None = None
    arguments: str = ""
    state: Literal["present", "absent"] = "present"
    creates_path: str | None = None
    creates_version: str | None = None
    checksum: str | None = None
    checksum_algorithm: Literal["sha256"] | None = None
    expected_return_code: list[int] = Field(default_factory=lambda: [0, 3010])
