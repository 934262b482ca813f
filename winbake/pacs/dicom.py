"""DICOM as `pacs check` speaks it: C-ECHO, C-FIND, C-MOVE (DICOM PS3.4 and PS3.7), each with a limit of time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

_STATUS = {
    0xA701: "the PACS is out of resources to count matches",
    0xA702: "the PACS could not send the images",
    0xA801: "the PACS does not know this destination",
    0xA900: "the PACS says that the query does not fit its class",
    0xC000: "the other side could not carry it out (status 0xC000)",
    0xB000: "some images were not sent",
    0x0122: "the service is not supported",
    0x0124: "the caller is not allowed to do this",
}
"""Status codes of C-FIND and C-MOVE: DICOM PS3.4 C.4.1.1.4 and C.4.2.1.5, PS3.7 annex C."""


@dataclass(frozen=True)
class Node:
    """A DICOM node to call, and the AE title by which it is called."""

    ae_title: str
    host: str
    port: int


@dataclass(frozen=True)
class Outcome:
    """What came of one call. problem: "" if it went well. count: matches, or images that the other side took."""

    problem: str
    seconds: float
    count: int = 0
    failed: int = 0
    reached: bool = True
    """Whether anybody answered there at all, be it with a refusal."""

    @property
    def ok(self) -> bool:
        return not self.problem


class _CallFailed(Exception):
    """The reason in words."""

    def __init__(self, words: str, reached: bool = True) -> None:
        super().__init__(words)
        self.reached = reached


def echo(node: Node, caller: str, limit: float) -> Outcome:
    """C-ECHO, which asks only whether the other side is there and lets this caller in."""
    began = time.monotonic()
    try:
        with _association(node, caller, Verification, limit) as association:
            _well(association.send_c_echo().get("Status"), limit)
    except _CallFailed as failure:
        return Outcome(str(failure), time.monotonic() - began, reached=failure.reached)
    return Outcome("", time.monotonic() - began)


def find_series(node: Node, caller: str, series: str, limit: float) -> Outcome:
    """C-FIND for one series; count is how many the other side has of it."""
    began, found = time.monotonic(), 0
    query = _series(series)
    try:
        with _association(node, caller, StudyRootQueryRetrieveInformationModelFind, limit) as association:
            last: int | None = None
            for status, _ in association.send_c_find(query, StudyRootQueryRetrieveInformationModelFind):
                last = status.get("Status")
                found += last in (0xFF00, 0xFF01)
            _well(last, limit)
    except _CallFailed as failure:
        return Outcome(str(failure), time.monotonic() - began, found)
    return Outcome("", time.monotonic() - began, found)


def move_series(node: Node, caller: str, series: str, destination: str, limit: float) -> Outcome:
    """C-MOVE of one series to a destination that the PACS knows.

    count is how many images the destination took, failed how many it did not, as the PACS counts them
    (PS3.4 C.4.2.1.6).
    """
    began, done, failed = time.monotonic(), 0, 0
    try:
        with _association(node, caller, StudyRootQueryRetrieveInformationModelMove, limit) as association:
            last: int | None = None
            answers = association.send_c_move(
                _series(series), destination, StudyRootQueryRetrieveInformationModelMove
            )
            for status, _ in answers:
                last = status.get("Status")
                # Orthanc's last answer after a failure counts nothing; the answers before it did.
                done = max(done, int(status.get("NumberOfCompletedSuboperations", 0) or 0))
                failed = max(failed, int(status.get("NumberOfFailedSuboperations", 0) or 0))
            _well(last, limit)
    except _CallFailed as failure:
        return Outcome(str(failure), time.monotonic() - began, done, failed)
    return Outcome("", time.monotonic() - began, done, failed)


@contextmanager
def _association(node: Node, caller: str, context: str, limit: float) -> Iterator[Association]:
    """An association for one service. Raises _CallFailed."""
    entity = AE(ae_title=caller)
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = limit
    entity.add_requested_context(context)
    try:
        association = entity.associate(node.host, node.port, ae_title=node.ae_title)
    except (OSError, ValueError) as error:
        raise _CallFailed(str(error), reached=False) from None
    if not association.is_established:
        raise _why_not(association, node, limit)
    try:
        yield association
    finally:
        if association.is_established:
            association.release()


def _why_not(association: Association, node: Node, limit: float) -> _CallFailed:
    if association.is_rejected:
        answer = association.acceptor.primitive
        reason = answer.reason_str if answer is not None else "no reason given"
        return _CallFailed(f"refused: {reason[:1].lower()}{reason[1:]}")
    if association.acceptor.primitive is not None:
        return _CallFailed("refused: it does not offer this service")
    return _CallFailed(f"no answer at {node.host}:{node.port} within {limit:g} s", reached=False)


def _well(status: int | None, limit: float) -> None:
    """Raises _CallFailed unless the status is success."""
    if status is None:
        raise _CallFailed(f"the connection was lost, or no answer came within {limit:g} s")
    if status != 0x0000:
        raise _CallFailed(_STATUS.get(status, f"status 0x{status:04X}"))


def _series(series: str) -> Dataset:
    query = Dataset()
    query.QueryRetrieveLevel = "SERIES"
    query.StudyInstanceUID = ""
    query.SeriesInstanceUID = series
    return query
