"""System.Diagnostics.FileVersionInfo, read from the description that a stand-in executable carries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet import io_paths
from winbake.rehearsal.powershell.dotnet.registry import getter, method, static
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.values import NetObject
from winbake.rehearsal.windows import images

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.windows.host import WindowsHost

INFO = "System.Diagnostics.FileVersionInfo"


class FileVersionInfo(NetObject):
    """Of a file without a version resource all texts are null and all numbers 0."""

    net_type_name = INFO

    def __init__(self, path: str, image: images.Image | None) -> None:
        self.path = path
        self.image = image if image is not None and (image.file_version or image.product_version) else None

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        return self.image.numbers if self.image is not None else (0, 0, 0, 0)

    @property
    def product_numbers(self) -> tuple[int, int, int, int]:
        if self.image is None or not self.image.product_version:
            return self.numbers
        return self.image.model_copy(update={"file_version": self.image.product_version}).numbers


def read(host: WindowsHost, path: str) -> FileVersionInfo:
    """Raises NetError FileNotFoundException (its message is the path, as the Framework's)."""
    if not host.files.is_file(path):
        raise NetError("System.IO.FileNotFoundException", path, FileName=None)
    data = host.files.read(path)
    return FileVersionInfo(path, images.read_image(data) if images.is_executable(data) else None)


@static(INFO, "GetVersionInfo")
def _get_version_info(path: str, *, session: Session) -> FileVersionInfo:
    return read(session.host, io_paths.full_path(path, session))


@getter(INFO, "FileName")
def _file_name(value: FileVersionInfo) -> str:
    return value.path


def _text(member: str, field: str) -> None:
    @getter(INFO, member)
    def text(value: FileVersionInfo) -> str | None:
        return (getattr(value.image, field) or None) if value.image is not None else None


def _number(member: str, read_numbers: Callable[[FileVersionInfo], Any], index: int) -> None:
    @getter(INFO, member)
    def number(value: FileVersionInfo) -> int:
        return int(read_numbers(value)[index])


for _member, _field in (
    ("FileVersion", "file_version"),
    ("ProductVersion", "product_version"),
    ("ProductName", "product_name"),
    ("FileDescription", "description"),
    ("CompanyName", "company"),
    ("OriginalFilename", "original_name"),
    ("InternalName", "original_name"),
    ("LegalCopyright", "copyright"),
):
    _text(_member, _field)
for _index, _part in enumerate(("Major", "Minor", "Build", "Private")):
    _number(f"File{_part}Part", lambda value: value.numbers, _index)
    _number(f"Product{_part}Part", lambda value: value.product_numbers, _index)


@getter(INFO, "Comments")
@getter(INFO, "LegalTrademarks")
@getter(INFO, "PrivateBuild")
@getter(INFO, "SpecialBuild")
def _absent(value: FileVersionInfo) -> None:
    return None


@getter(INFO, "Language")
def _language(value: FileVersionInfo) -> str | None:
    return "English (United States)" if value.image is not None else None


@getter(INFO, "IsDebug")
@getter(INFO, "IsPatched")
@getter(INFO, "IsPreRelease")
@getter(INFO, "IsPrivateBuild")
@getter(INFO, "IsSpecialBuild")
def _flag(value: FileVersionInfo) -> bool:
    return False


@method(INFO, "ToString")
def _to_string(value: FileVersionInfo) -> str:
    image = value.image
    rows = [
        ("File:             ", value.path),
        ("InternalName:     ", image.original_name if image else ""),
        ("OriginalFilename: ", image.original_name if image else ""),
        ("FileVersion:      ", image.file_version if image else ""),
        ("FileDescription:  ", image.description if image else ""),
        ("Product:          ", image.product_name if image else ""),
        ("ProductVersion:   ", image.product_version if image else ""),
        ("Debug:            ", "False"),
        ("Patched:          ", "False"),
        ("PreRelease:       ", "False"),
        ("PrivateBuild:     ", "False"),
        ("SpecialBuild:     ", "False"),
        ("Language:         ", _language(value) or ""),
    ]
    return "".join(f"{label}{text}\r\n" for label, text in rows)
