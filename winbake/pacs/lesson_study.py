"""The study of the command-line lesson: one invented patient, a CT and two PET series, in one folder.

    python -m winbake.pacs.lesson_study FOLDER

Everything is made here, of nobody, the same at every call. Voxels are such that a flip or a swap of axes shows.
"""

from __future__ import annotations

import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

_SPACE = uuid.UUID("0d3c1a52-6a5e-4a55-8f1b-7e0f2c0a9d11")


@dataclass(frozen=True)
class _Series:
    """One series of the study. spacing: millimetres between columns and rows; step: between slices."""

    number: int
    modality: str
    sop_class: str
    description: str
    time: str
    columns: int
    rows: int
    slices: int
    spacing: float
    step: float
    slope: float
    intercept: float


# Storage SOP classes: DICOM PS3.6 table A-1.
_CT = "1.2.840.10008.5.1.4.1.1.2"
_PET = "1.2.840.10008.5.1.4.1.1.128"
SERIES = (
    _Series(1, "CT", _CT, "CT low dose", "101500", 24, 20, 12, 2.0, 3.0, 1.0, -1024.0),
    _Series(2, "PT", _PET, "PET AC", "102030", 12, 10, 8, 4.0, 4.0, 0.5, 0.0),
    _Series(3, "PT", _PET, "PET NAC", "102031", 12, 10, 8, 4.0, 4.0, 0.25, 0.0),
)


def stored_value(series: _Series, column: int, row: int, slice_number: int) -> int:
    """What the file holds at a place, all counted from 0: no two neighbours are alike, and no mirror image is."""
    return series.number * 10 + column + 30 * row + 800 * slice_number


def write_study(folder: Path) -> list[Path]:
    """Writes img001.dcm and so on; the series are mixed, as a scanner's export has them."""
    folder.mkdir(parents=True, exist_ok=True)
    order = [(number, series) for series in SERIES for number in range(series.slices)]
    order.sort(key=lambda one: (one[0], one[1].number))
    written = []
    for count, (number, series) in enumerate(order, 1):
        path = folder / f"img{count:03}.dcm"
        _image(series, number).save_as(path, enforce_file_format=True)
        written.append(path)
    return written


def _image(series: _Series, number: int) -> Dataset:
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 100"
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.SOPClassUID = series.sop_class
    image.SOPInstanceUID = _uid(f"image {series.number} {number}")
    image.StudyInstanceUID, image.SeriesInstanceUID = _uid("study"), _uid(f"series {series.number}")
    image.FrameOfReferenceUID = _uid("frame")
    _of_patient(image)
    image.StudyDate = image.SeriesDate = image.AcquisitionDate = image.ContentDate = "20260312"
    image.StudyTime = "101200"
    image.SeriesTime = image.AcquisitionTime = image.ContentTime = series.time
    image.StudyID, image.AccessionNumber, image.StudyDescription = "4711", "A-2026-0815", "PET/CT whole body"
    image.Modality, image.SeriesNumber, image.SeriesDescription = series.modality, series.number, series.description
    image.InstanceNumber = number + 1
    _of_pixels(image, series, number)
    if series.modality == "PT":
        _of_pet(image, series, number)
    else:
        image.KVP = 120
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta = meta
    return image


def _of_patient(image: Dataset) -> None:
    """What tells who it is and where: the lesson's part on anonymising takes it out."""
    image.PatientName, image.PatientID = "Example^Alex", "PAT-0042"
    image.PatientBirthDate, image.PatientSex, image.PatientAge = "19610704", "O", "064Y"
    image.PatientWeight = 70
    image.InstitutionName, image.StationName = "Example Hospital", "PETCT1"
    image.ReferringPhysicianName, image.OperatorsName = "Doctor^Dana", "Operator^Olli"
    image.Manufacturer, image.ManufacturerModelName, image.DeviceSerialNumber = "winbake", "Made up", "SN-1"
    private = image.private_block(0x0009, "WINBAKE LESSON", create=True)
    private.add_new(0x01, "LO", "PAT-0042, bed 7")


def _of_pixels(image: Dataset, series: _Series, number: int) -> None:
    image.PatientPosition = "HFS"
    image.ImagePositionPatient = [
        -series.columns * series.spacing / 2, -series.rows * series.spacing / 2, number * series.step
    ]  # fmt: skip
    image.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    image.SliceLocation = number * series.step
    image.PixelSpacing = [series.spacing, series.spacing]
    image.SliceThickness = series.step
    image.Rows, image.Columns = series.rows, series.columns
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 0
    image.RescaleIntercept, image.RescaleSlope = series.intercept, series.slope
    image.PixelData = b"".join(
        stored_value(series, column, row, number).to_bytes(2, "little")
        for row in range(series.rows)
        for column in range(series.columns)
    )


def _of_pet(image: Dataset, series: _Series, number: int) -> None:
    """What the PET module asks for (DICOM PS3.3 C.8.9)."""
    image.Units, image.CountsSource, image.SeriesType = "BQML", "EMISSION", ["WHOLE BODY", "IMAGE"]
    image.DecayCorrection, image.CollimatorType, image.CorrectedImage = "START", "NONE", ["DECY"]
    image.NumberOfSlices, image.ImageIndex = series.slices, number + 1
    image.FrameReferenceTime, image.ActualFrameDuration, image.DecayFactor = 0, 120000, 1
    tracer = Dataset()
    tracer.Radiopharmaceutical, tracer.RadiopharmaceuticalStartTime = "FDG", "091000"
    tracer.RadionuclideTotalDose, tracer.RadionuclideHalfLife = 300000000, 6586.2
    image.RadiopharmaceuticalInformationSequence = [tracer]


def _uid(text: str) -> str:
    """A UID derived from a UUID (DICOM PS3.5 annex B.2)."""
    return f"2.25.{uuid.uuid5(_SPACE, text).int}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m winbake.pacs.lesson_study FOLDER")
    print(f"{len(write_study(Path(sys.argv[1])))} images in {sys.argv[1]}")
