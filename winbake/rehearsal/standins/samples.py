"""Small sample images for the data archives: a valid DICOM file and a valid NIfTI-1 file of 8 by 8 pixels.

Layouts: DICOM PS3.10 chapter 7 (preamble, "DICM", file meta group), PS3.5 section 7.1.2 (explicit VR, little endian);
nifti1.h of the NIfTI-1.1 standard (348 bytes of header, 4 of extension flags, then the voxels).
"""

from __future__ import annotations

import gzip
import struct

SIDE = 8  # pixels
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
SOP_CLASSES = {  # PS3.4 section B.5
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
}
UID_ROOT = "2.25.311"  # PS3.5 B.2: 2.25 and a number of one's own need no registration
_LONG = ("OB", "OW", "SQ", "UN", "UT")  # value representations with a 32-bit length after two reserved bytes
INT16 = 4  # NIfTI datatype DT_SIGNED_SHORT


def dicom(modality: str, patient: str, patient_id: str, study: int, instance: int) -> bytes:
    """One DICOM file: instance 1, 2 … of the series of a study. Raises KeyError for a modality without a SOP class."""
    sop_class = SOP_CLASSES[modality]
    study_uid, series_uid = f"{UID_ROOT}.{study}", f"{UID_ROOT}.{study}.1"
    instance_uid = f"{series_uid}.{instance}"
    meta = [
        _element(0x0002, 0x0001, "OB", b"\0\1"),
        _text(0x0002, 0x0002, "UI", sop_class),
        _text(0x0002, 0x0003, "UI", instance_uid),
        _text(0x0002, 0x0010, "UI", EXPLICIT_LITTLE_ENDIAN),
        _text(0x0002, 0x0012, "UI", f"{UID_ROOT}.0"),
    ]
    group = b"".join(meta)
    pixels = b"".join(struct.pack("<H", (number + instance) * 16) for number in range(SIDE * SIDE))
    body = [
        _text(0x0008, 0x0016, "UI", sop_class),
        _text(0x0008, 0x0018, "UI", instance_uid),
        _text(0x0008, 0x0020, "DA", "20260101"),
        _text(0x0008, 0x0060, "CS", modality),
        _text(0x0010, 0x0010, "PN", patient),
        _text(0x0010, 0x0020, "LO", patient_id),
        _text(0x0020, 0x000D, "UI", study_uid),
        _text(0x0020, 0x000E, "UI", series_uid),
        _text(0x0020, 0x0013, "IS", str(instance)),
        _number(0x0028, 0x0002, 1),
        _text(0x0028, 0x0004, "CS", "MONOCHROME2"),
        _number(0x0028, 0x0010, SIDE),
        _number(0x0028, 0x0011, SIDE),
        _number(0x0028, 0x0100, 16),
        _number(0x0028, 0x0101, 12),
        _number(0x0028, 0x0102, 11),
        _number(0x0028, 0x0103, 0),
        _element(0x7FE0, 0x0010, "OW", pixels),
    ]
    length = _element(0x0002, 0x0000, "UL", struct.pack("<I", len(group)))
    return b"\0" * 128 + b"DICM" + length + group + b"".join(body)


def nifti(description: str, packed: bool) -> bytes:
    """One NIfTI-1 volume of 8 x 8 x 8 voxels; `packed`: as .nii.gz."""
    header = struct.pack("<i10s18sihcc", 348, b"", b"", 0, 0, b"r", b"\0")
    header += struct.pack("<8h", 3, SIDE, SIDE, SIDE, 1, 1, 1, 1)  # dim
    header += struct.pack("<3f4h", 0, 0, 0, 0, INT16, 16, 0)  # intent, datatype, bitpix, slice_start
    header += struct.pack("<8f", 1, 1, 1, 1, 1, 0, 0, 0)  # pixdim, millimetres
    header += struct.pack("<3fhcc", 352, 1, 0, 0, b"\0", b"\x02")  # vox_offset, scl_slope, scl_inter, xyzt_units: mm
    header += struct.pack("<4f2i", 0, 0, 0, 0, 0, 0)
    header += struct.pack("<80s24s2h6f", description.encode("ascii"), b"", 0, 1, 0, 0, 0, 0, 0, 0)  # sform_code 1
    header += struct.pack("<12f", 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)  # srow_x, srow_y, srow_z
    header += struct.pack("<16s4s", b"", b"n+1\0")
    voxels = b"".join(struct.pack("<h", number % 1000) for number in range(SIDE**3))
    data = header + b"\0\0\0\0" + voxels
    return gzip.compress(data, mtime=0) if packed else data


def _element(group: int, number: int, kind: str, value: bytes) -> bytes:
    start = struct.pack("<HH2s", group, number, kind.encode("ascii"))
    if kind in _LONG:
        return start + struct.pack("<HI", 0, len(value)) + value
    return start + struct.pack("<H", len(value)) + value


def _text(group: int, number: int, kind: str, value: str) -> bytes:
    """A text element; an odd length is filled up: UI with NUL, the others with a blank (PS3.5 section 6.2)."""
    data = value.encode("ascii")
    if len(data) % 2:
        data += b"\0" if kind == "UI" else b" "
    return _element(group, number, kind, data)


def _number(group: int, number: int, value: int) -> bytes:
    return _element(group, number, "US", struct.pack("<H", value))
