"""A small series for tests of the way from PACS to station: made here, of nobody, the same at every call."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

PATIENT = "WINBAKE-TEST"
_CLASSES = {"CT": "1.2.840.10008.5.1.4.1.1.2", "PT": "1.2.840.10008.5.1.4.1.1.128"}
"""Storage SOP classes: DICOM PS3.6 table A-1."""
_SPACE = uuid.UUID("5b1c43f6-0a55-4f0c-9a3e-3d5b8c1f7a10")
_SIDE = 32


@dataclass(frozen=True)
class SampleSeries:
    """A series and its images as DICOM files."""

    uid: str
    images: tuple[bytes, ...]


def sample_series(modality: str = "CT", count: int = 10) -> SampleSeries:
    """modality: CT or PT (PET). The UIDs follow from modality and count, so a second call makes no second series."""
    study, series = _uid("study"), _uid(f"{modality} of {count}")
    return SampleSeries(series, tuple(_image(modality, n, count, study, series) for n in range(1, count + 1)))


def _image(modality: str, number: int, count: int, study: str, series: str) -> bytes:
    image = Dataset()
    image.SOPClassUID = _CLASSES[modality]
    image.SOPInstanceUID = _uid(f"{modality} {number} of {count}")
    image.StudyInstanceUID, image.SeriesInstanceUID = study, series
    image.PatientName, image.PatientID = "Test^Winbake", PATIENT
    image.PatientBirthDate, image.PatientSex = "", "O"
    image.StudyDate, image.StudyTime, image.SeriesTime = "20260101", "120000", "120000"
    image.StudyID, image.AccessionNumber, image.ReferringPhysicianName = "1", "", ""
    image.Modality, image.SeriesNumber, image.InstanceNumber = modality, 1, number
    image.SeriesDescription = f"winbake test, {count} images"
    image.FrameOfReferenceUID = _uid("frame")
    image.ImagePositionPatient = [0, 0, number * 2]
    image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    image.PixelSpacing, image.SliceThickness = [2, 2], 2
    image.Rows = image.Columns = _SIDE
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 0
    image.RescaleIntercept, image.RescaleSlope = 0, 1
    image.PixelData = b"".join(
        ((x + y + number) % 256).to_bytes(2, "little") for y in range(_SIDE) for x in range(_SIDE)
    )
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta = meta
    file = io.BytesIO()
    image.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _uid(text: str) -> str:
    """A UID derived from a UUID (DICOM PS3.5 annex B.2)."""
    return f"2.25.{uuid.uuid5(_SPACE, text).int}"
