"""Archives on a host: how large the real ones are, and how long unpacking them takes.

The mirror's zips are small stand-ins; each carries the size of the file it plays in its archive comment, so that
unpacking takes the time the real one would.
"""

from __future__ import annotations

import io
import zipfile

SIZE_MARK = b"rehearsal-size="
UNPACK_BYTES_PER_SECOND = 30_000_000
"""Packed bytes a second of host time, for .NET's ZipFile as for 7-Zip: assumed for an EC2 m7i.large with a gp3 volume
(125 MB/s written at most, and a Defender that looks at every file)."""


def size_comment(size: int) -> bytes:
    """The archive comment of a stand-in that plays a file of so many bytes."""
    return SIZE_MARK + str(size).encode("ascii")


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Raises zipfile.BadZipFile for what is no zip (a program with a zip behind it is one)."""
    return zipfile.ZipFile(io.BytesIO(data))


def real_size(archive: zipfile.ZipFile, data_size: int) -> int:
    """Bytes of the archive that this one plays; of itself (`data_size`) if it is no stand-in."""
    comment = archive.comment
    if comment.startswith(SIZE_MARK) and comment[len(SIZE_MARK) :].isdigit():
        return int(comment[len(SIZE_MARK) :])
    return data_size


def unpack_seconds(archive: zipfile.ZipFile, data_size: int) -> dict[str, float]:
    """Host seconds that each entry takes, by its name: its share of the whole."""
    whole = real_size(archive, data_size) / UNPACK_BYTES_PER_SECOND
    packed = sum(info.compress_size for info in archive.infolist())
    return {info.filename: whole * info.compress_size / packed if packed else 0.0 for info in archive.infolist()}
