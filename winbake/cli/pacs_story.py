"""The story's PACS: a real Orthanc as `pacs render` configures it, a DICOM node a station, `pacs check`.

Addresses are this machine's, ports of the PACS are free ones; everything else is the manifest's.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from winbake.cli import main
from winbake.config.classroom import Pacs, Station
from winbake.config.manifest import load_manifest
from winbake.rehearsal.classroom.orthanc import (
    DEBIAN_PLUGINS,
    HOW_TO_INSTALL,
    OrthancFailed,
    RealOrthanc,
    free_port,
    program,
)
from winbake.rehearsal.classroom.station import DicomStation, running

IMAGES = 10
"""Of the test series."""


@dataclass(frozen=True)
class PacsPlayed:
    """What came of it: what went wrong, and a line for the summary."""

    failures: list[str]
    verdict: str


def why_not(pacs: Pacs | None) -> str:
    """Why this part is left out, "" if it can be played."""
    if pacs is None:
        return "the manifest has no PACS (docs/pacs.md)"
    return HOW_TO_INSTALL if program() is None else ""


def play(
    manifest: Path, folder: Path, address_of: Callable[[str], str], run_verb: Callable[[list[str]], int]
) -> PacsPlayed:
    """manifest: one with a PACS. folder: an empty one. address_of: where a private address is on this machine.

    run_verb: runs a verb as a person would, and gives its exit code.
    """
    ours = folder / "manifest.pacs.yaml"
    ours.write_text(_on_this_machine(manifest, folder, address_of), encoding="utf-8")
    loaded, _ = load_manifest(ours)
    stations = loaded.classroom.stations()
    nodes = [DicomStation(one.ae_title, one.address, one.port) for one in stations]
    with ExitStack() as life:
        try:
            life.enter_context(running(nodes))
        except OSError as error:
            return PacsPlayed([f"the stations' DICOM port {stations[0].port} is not to be had: {error}"], "")
        try:
            life.enter_context(RealOrthanc(_rendered(ours), folder / "orthanc"))
        except OrthancFailed as error:
            return PacsPlayed([str(error)], "")
        check = ["pacs", "check", "--no-public", "--images", str(IMAGES), "--manifest", str(ours)]
        code = run_verb(check)
    failures = [] if code == 0 else [f"pacs check ended with exit code {code}"]
    return PacsPlayed(failures + _seen_otherwise(stations, nodes), _verdict(nodes))


def _on_this_machine(manifest: Path, folder: Path, address_of: Callable[[str], str]) -> str:
    body: dict[str, Any] = yaml.safe_load(manifest.read_text(encoding="utf-8"))
    loaded, _ = load_manifest(manifest)
    classroom = body["classroom"]
    classroom["base_address"] = address_of(loaded.classroom.base_address)
    classroom["pacs"] |= {
        "host": "127.0.0.1",
        "port": free_port(),
        "http_port": free_port(),
        "web": None,
        "system": "linux",
        "storage": str(folder / "images"),
        "plugin_paths": [DEBIAN_PLUGINS],
        "remote_access": False,
    }
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True)


def _rendered(manifest: Path) -> str:
    """What `pacs render --with-secrets` prints. Raises OrthancFailed."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        code = main(["pacs", "render", "--with-secrets", "--manifest", str(manifest)])
    if code != 0:
        raise OrthancFailed(f"pacs render ended with exit code {code}")
    return printed.getvalue()


def _seen_otherwise(stations: list[Station], nodes: list[DicomStation]) -> list[str]:
    """What the stations themselves saw, where it is not what the check says."""
    titles = {one.ae_title for one in stations}
    failures = []
    for station, node in zip(stations, nodes, strict=True):
        if _arrived(node) != IMAGES:
            failures.append(f"{station.name} received {_arrived(node)} of {IMAGES} images")
        if missing := titles - {station.ae_title} - set(node.callers):
            failures.append(f"{station.name} was not called by {', '.join(sorted(missing))}")
    return failures


def _verdict(nodes: list[DicomStation]) -> str:
    pairs = sum(len(set(node.callers) & {one.ae_title for one in nodes}) for node in nodes)
    images, reached = sum(map(_arrived, nodes)), sum(_arrived(one) > 0 for one in nodes)
    return (
        f"PACS: {pairs} of {len(nodes) * (len(nodes) - 1)} pairs of stations answered; "
        f"{images} of {IMAGES * len(nodes)} images arrived by C-MOVE, at {reached} stations"
    )


def _arrived(node: DicomStation) -> int:
    """Different images."""
    return sum(len(set(images)) for images in node.received.values())
