"""A DICOM station: answers C-ECHO, takes C-STORE, and misbehaves on demand.

    with DicomStation("WORKSTATION01", "127.31.15.1") as station:
        station.refuses = True            # nobody gets an association from now on
        station.takes = 5                 # after five images its disk is full
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from pynetdicom import AE, evt
from pynetdicom.events import Event
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    CTImageStorage,
    EnhancedCTImageStorage,
    EnhancedMRImageStorage,
    EnhancedPETImageStorage,
    MRImageStorage,
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
    SecondaryCaptureImageStorage,
    Verification,
)
from pynetdicom.transport import ThreadedAssociationServer

_TAKES = (
    CTImageStorage,
    EnhancedCTImageStorage,
    MRImageStorage,
    EnhancedMRImageStorage,
    PositronEmissionTomographyImageStorage,
    EnhancedPETImageStorage,
    NuclearMedicineImageStorage,
    SecondaryCaptureImageStorage,
)
"""Not all of DICOM's storage classes: pynetdicom copies the list for every caller, most of an echo's time."""
_NOBODY = ["NOBODY"]
_OUT_OF_RESOURCES = 0xA700
"""DICOM PS3.4 annex B.2.3: refused, out of resources."""


class DicomStation:
    """It answers to its own AE title only. knows: AE titles that may call it, everybody if it is empty."""

    def __init__(self, ae_title: str, address: str, port: int = 11112, knows: tuple[str, ...] = ()) -> None:
        self.ae_title, self.address, self.port = ae_title, address, port
        self.received: dict[str, list[str]] = {}
        """Series → the images that came."""
        self.callers: list[str] = []
        """AE titles of those who sent a C-ECHO, in order."""
        self.takes: int | None = None
        self.delay = 0.0
        """Seconds before each answer."""
        self._knows = list(knows)
        self._entity = AE(ae_title=ae_title)
        self._entity.require_called_aet = True
        self._entity.require_calling_aet = self._knows
        for service in (Verification, *_TAKES):
            self._entity.add_supported_context(service)
        self._server: ThreadedAssociationServer | None = None

    @property
    def refuses(self) -> bool:
        return self._entity.require_calling_aet == _NOBODY

    @refuses.setter
    def refuses(self, value: bool) -> None:
        self._entity.require_calling_aet = _NOBODY if value else self._knows

    def start(self) -> Self:
        self._server = self._entity.start_server(
            (self.address, self.port),
            block=False,
            evt_handlers=[(evt.EVT_C_ECHO, self._echo), (evt.EVT_C_STORE, self._store)],
        )
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _echo(self, event: Event) -> int:
        time.sleep(self.delay)
        self.callers.append(str(event.assoc.requestor.ae_title).strip())
        return 0x0000

    def _store(self, event: Event) -> int:
        time.sleep(self.delay)
        if self.takes is not None and sum(len(images) for images in self.received.values()) >= self.takes:
            return _OUT_OF_RESOURCES
        image = event.dataset
        self.received.setdefault(str(image.SeriesInstanceUID), []).append(str(image.SOPInstanceUID))
        return 0x0000


@contextmanager
def running(stations: Sequence[DicomStation]) -> Iterator[None]:
    """All of them, from start to end. One takes half a second to end, so they do it at the same time."""
    started: list[DicomStation] = []
    try:
        for station in stations:
            started.append(station.start())
        yield
    finally:
        if started:
            with ThreadPoolExecutor(len(started)) as pool:
                list(pool.map(DicomStation.stop, started))
