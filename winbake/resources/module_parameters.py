"""The parameters of the supported Ansible modules, by Ansible's names and aliases; anything else is an error."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field


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


class ModuleParameters(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class RegistryParameters(ModuleParameters):
    path: str = Field(validation_alias=AliasChoices("path", "key"))
    name: str = Field("", validation_alias=AliasChoices("name", "value", "entry"))
    data: Any = None
    type: Literal["binary", "dword", "expandstring", "multistring", "string", "qword"] = "string"
    state: Literal["present", "absent"] = "present"


class EnvironmentParameters(ModuleParameters):
    name: str | None = None
    value: str | None = None
    variables: dict[str, str] = Field(default_factory=dict)
    level: Literal["machine"] = "machine"
    state: Literal["present", "absent"] = "present"


class PathParameters(ModuleParameters):
    elements: Texts
    name: Literal["PATH", "Path", "path"] = "PATH"
    scope: Literal["machine"] = "machine"
    state: Literal["present", "absent"] = "present"


class FileParameters(ModuleParameters):
    path: str = Field(validation_alias=AliasChoices("path", "dest", "name"))
    state: Literal["directory", "file", "touch", "absent"] = "file"


class CopyParameters(ModuleParameters):
    dest: str
    content: str | None = None
    src: str | None = None


class TemplateParameters(ModuleParameters):
    dest: str
    src: str
    newline_sequence: Literal["\\r\\n", "\\n", "\r\n", "\n"] = "\r\n"


class ServiceParameters(ModuleParameters):
    name: str
    start_mode: Literal["auto", "delayed", "disabled", "manual"] | None = None
    state: Literal["started", "stopped", "restarted"] | None = None


class FirewallParameters(ModuleParameters):
    name: str = Field(validation_alias=AliasChoices("name", "display_name"))
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
    line: str | None = Field(None, validation_alias=AliasChoices("_raw_params", "cmd"))
    argv: list[str] | None = None
    chdir: str | None = None
    creates: str | None = None
    removes: str | None = None
    stdin: str | None = None


class ShellParameters(ModuleParameters):
    line: str = Field(validation_alias=AliasChoices("_raw_params", "cmd"))
    chdir: str | None = None
    creates: str | None = None
    removes: str | None = None
    stdin: str | None = None
    executable: Literal["cmd", "powershell"] = "powershell"


class PackageParameters(ModuleParameters):
    path: str | None = None
    product_id: str | None = Field(None, validation_alias=AliasChoices("product_id", "productid"))
    arguments: str = ""
    state: Literal["present", "absent"] = "present"
    creates_path: str | None = None
    creates_version: str | None = None
    checksum: str | None = None
    checksum_algorithm: Literal["sha256"] = "sha256"
    expected_return_code: list[int] = Field(default_factory=lambda: [0, 3010])
