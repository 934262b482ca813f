"""Executable files of the model: `MZ`, then a JSON description of version, signer and behaviour.

The description travels in the bytes, so copying, unzipping or renaming a program keeps what it is. The same
frame, behind the magic of an OLE compound file, makes an MSI package.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

EXE_MAGIC = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"  # a DOS header's usual start
MSI_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")  # [MS-CFB] 2.2, Header Signature
_MARK = b"\r\nWINBAKE-STAND-IN\r\n"


class Output(BaseModel):
    """What a stand-in program does for some of its arguments.

    `when`: a regular expression searched in the arguments joined by a blank (case matters); the first row that
    matches answers. `listening`: the row counts only when the port that the expression's first group finds is
    (true) or is not (false) listened on. `waits`: the program then never ends (a window, a server). `program`: a
    function of the model does the work (programs.STAND_IN_PROGRAMS), such as 7z."""

    model_config = ConfigDict(extra="forbid")
    when: str = ""
    listening: bool | None = None
    stdout: str = ""
    stderr: str = ""
    exit_code: int = 0
    seconds: float = 0.0
    waits: bool = False
    window: str = ""
    program: str = ""


class ServiceBehaviour(BaseModel):
    """How a program acts under the service control manager.

    `fails_with`: it dies while starting, with this code; `needs`: files beside it without which it cannot start;
    `children`: programs beside it that it keeps running; `ports`: TCP ports it listens on; `settings_folder`: a
    folder beside it of JSON files (comments allowed), where `port_settings` (name → default) are looked up; a
    file that is no JSON, or a name in two of them, and it does not start. `site`: what the first port answers
    to HTTP."""

    model_config = ConfigDict(extra="forbid")
    start_seconds: float = 1.0
    stop_seconds: float = 1.0
    fails_with: int = 0
    needs: list[str] = Field(default_factory=list)
    children: list[str] = Field(default_factory=list)
    ports: list[int] = Field(default_factory=list)
    settings_folder: str = ""
    port_settings: dict[str, int] = Field(default_factory=dict)
    site: dict[str, str] = Field(default_factory=dict)


class Image(BaseModel):
    """What an executable (or DLL) file is: version resource, Authenticode signer, and what running it does.

    `program` names a built-in program of the model by its path; `package` holds an installer's stand-in."""

    model_config = ConfigDict(extra="forbid")
    file_version: str = ""
    product_version: str = ""
    product_name: str = ""
    description: str = ""
    company: str = ""
    original_name: str = ""
    copyright: str = ""
    signer: str = ""
    catalog_signed: bool = False
    machine: str = "x64"
    gui: bool = False
    program: str = ""
    behaviour: list[Output] = Field(default_factory=list)
    service: ServiceBehaviour | None = None
    ports: list[int] = Field(default_factory=list)
    package: dict[str, Any] | None = None

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        """FileMajorPart, FileMinorPart, FileBuildPart, FilePrivatePart."""
        found: list[int] = []
        for text in self.file_version.split(" ")[0].replace(",", ".").split("."):
            digits = "".join(character for character in text if character.isdigit())
            found.append(int(digits) & 0xFFFF if digits else 0)
        found = [*found, 0, 0, 0, 0]
        return found[0], found[1], found[2], found[3]


def _frame(magic: bytes, image: Image, pad_to: int) -> bytes:
    text = json.dumps(image.model_dump(exclude_defaults=True), ensure_ascii=False)
    body = magic + _MARK + text.encode("utf-8") + b"\r\n"
    return body + b"\0" * max(pad_to - len(body), 0)


def build_executable(image: Image, pad_to: int = 1024) -> bytes:
    """The bytes of an EXE or DLL, the same for the same description."""
    return _frame(EXE_MAGIC, image, pad_to)


def build_msi(image: Image, pad_to: int = 4096) -> bytes:
    """The bytes of a Windows Installer package."""
    return _frame(MSI_MAGIC, image, pad_to)


def read_image(data: bytes) -> Image | None:
    """The description in an executable's or a package's bytes; None for bytes that are neither, or are cut."""
    for magic in (EXE_MAGIC, MSI_MAGIC):
        start = len(magic) + len(_MARK)
        if data[:start] == magic + _MARK:
            end = data.find(b"\r\n", start)
            return Image.model_validate_json(data[start:end]) if end > 0 else None
    return None


def is_executable(data: bytes) -> bool:
    return data[:2] == b"MZ"


def is_msi(data: bytes) -> bool:
    return data[:8] == MSI_MAGIC
