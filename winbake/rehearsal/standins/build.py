"""Makes a stand-in's file: a real zip or jar, or an installer that carries its own description."""

from __future__ import annotations

import io
import lzma
import tarfile
import zipfile
from collections.abc import Iterable
from functools import cache
from typing import Any

from winbake.rehearsal.standins import cygwin_tree, samples
from winbake.rehearsal.standins.model import Executable, File, StandIn, Version, fill
from winbake.rehearsal.windows import archives, images
from winbake.rehearsal.windows.images import Image

_MOMENT = (2026, 1, 1, 0, 0, 0)  # one fixed time in all archives, so that the same stand-in gives the same bytes


def build_artifact(standin: StandIn, version: str) -> bytes:
    """The file of a version, the same bytes each time. Raises KeyError for a version it does not offer."""
    one = standin.version(version)
    if standin.kind in ("zip", "jar"):
        return _archive(standin, one)
    if standin.kind == "file":
        return file_bytes(standin.archive.files[0], standin.values(one, ""))
    image = installer_image(standin, one)
    if standin.kind == "msi":
        return images.build_msi(image)
    behind = _zip(standin.payload, standin.values(one, ""), size=one.size or standin.size) if standin.payload else b""
    return images.build_executable(image) + behind


def media_file(standin: StandIn, version: Version | None = None) -> tuple[str, bytes]:
    """(file name, content) for a media folder. Raises ValueError for a tool that is no media."""
    one = version or standin.newest
    names = standin.media_names(one)
    if not names:
        raise ValueError(f"{standin.id} is downloaded: its stand-in has no `media`")
    return names[0], build_artifact(standin, one.version)


def installer_image(standin: StandIn, version: Version, role: str = "install", directory: str = "") -> Image:
    """The description of an installer (`role` install) or uninstaller. It holds the whole stand-in, so that the file
    needs nothing else to run."""
    return Image(
        file_version=version.version,
        product_version=version.version,
        product_name=standin.name,
        company=standin.company,
        signer=standin.signer,
        machine=standin.machine,
        gui=True,
        package=package(standin, version, role, directory),
    )


def package(standin: StandIn, version: Version, role: str, directory: str) -> dict[str, Any]:
    dumped = standin.model_dump(mode="json", exclude_defaults=True)
    dumped["versions"] = [version.model_dump(mode="json", exclude_defaults=True)]
    dumped.pop("evergreen", None)
    return {"standin": dumped, "version": version.version, "role": role, "directory": directory}


def file_bytes(file: File, values: dict[str, str]) -> bytes:
    """The content of one file of a stand-in."""
    if file.executable is not None:
        return images.build_executable(executable_image(file.executable, values, fill(file.path, values)))
    if file.dicom is not None:
        wanted = file.dicom
        number = int(values["name"])
        return samples.dicom(wanted.modality, wanted.patient, wanted.patient_id, wanted.study, number)
    if file.nifti:
        return samples.nifti(file.nifti, packed=file.path.endswith(".gz"))
    if file.holds:
        return _tar(file.holds, values) if file.path.endswith(".tar.xz") else _zip(file.holds, values, size=file.size)
    return fill(file.text or "", values).replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8")


def executable_image(executable: Executable, values: dict[str, str], path: str) -> Image:
    def filled(text: str) -> str:
        return fill(text, values)

    version = filled(executable.version)
    rows = [
        row.model_copy(
            update={"stdout": filled(row.stdout), "stderr": filled(row.stderr), "window": filled(row.window)}
        )
        for row in executable.behaviour
    ]
    service = executable.service
    if service is not None:
        service = service.model_copy(update={"site": {at: filled(body) for at, body in service.site.items()}})
    return Image(
        file_version=version,
        product_version=version,
        product_name=filled(executable.product),
        company=executable.company,
        description=filled(executable.description),
        original_name=path.replace("/", "\\").rpartition("\\")[2],
        signer=executable.signer,
        machine=executable.machine,
        gui=executable.gui,
        behaviour=rows,
        service=service,
        ports=executable.ports,
    )


def expanded(files: list[File], values: dict[str, str]) -> list[tuple[File, str, dict[str, str]]]:
    """(file, path with its places filled in, values) for every file, repeated for each `{name}`."""
    found: list[tuple[File, str, dict[str, str]]] = []
    for file in files:
        for name in file.each or [""]:
            named = {**values, "name": name} if name else values
            found.append((file, fill(file.path, named), named))
    return found


def package_tree(standin: StandIn, version: Version) -> dict[str, bytes]:
    """The files of a stand-in's `cygwin_tree`, by their path below the mirror's address."""
    return cygwin_tree.tree(standin, version, _tar)


def _archive(standin: StandIn, version: Version) -> bytes:
    if standin.cygwin_tree:
        return _zip_of(package_tree(standin, version), (), version.size or standin.size)
    top = fill(standin.archive_directory, standin.values(version, "")).replace("\\", "/").strip("/")
    values = standin.values(version, top)
    return _zip(standin.archive.files, values, top, standin.archive.folders, version.size or standin.size)


def _zip(
    files: list[File], values: dict[str, str], top: str = "", folders: Iterable[str] = (), size: int = 0
) -> bytes:
    """`size`: bytes of the real archive, which says how long unpacking it takes."""
    inside = {
        "/".join(part for part in [top, path.replace("\\", "/")] if part): file_bytes(file, named)
        for file, path, named in expanded(files, values)
    }
    return _zip_of(inside, ["/".join(part for part in [top, fill(one, values)] if part) for one in folders], size)


def _zip_of(files: dict[str, bytes], folders: Iterable[str], size: int) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
        for folder in folders:
            entry = zipfile.ZipInfo(folder + "/", _MOMENT)
            entry.external_attr = 0x10
            archive.writestr(entry, b"")
        if size:
            archive.comment = archives.size_comment(size)
    return written.getvalue()


def _tar(files: list[File], values: dict[str, str]) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for file, path, named in expanded(files, values):
            data = file_bytes(file, named)
            entry = tarfile.TarInfo(path.replace("\\", "/"))
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return lzma.compress(written.getvalue(), preset=0)


@cache
def standin_of(text: str) -> StandIn:
    """The stand-in inside an installer's description (JSON)."""
    return StandIn.model_validate_json(text)
