"""What participants get: a card to print for each station, a .rdp file, a text for its desktop, and tables of them all.

The password is on the cards only if it is given; it is never in a .rdp file or in a desktop's text.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from winbake.config.classroom import Pacs, Station
from winbake.config.manifest import PacsNode
from winbake.config.secret import Secret
from winbake.report.rdp import write_rdp

CARDS, CSV, JSON = "cards.html", "stations.csv", "stations.json"


@dataclass(frozen=True)
class Card:
    """One station for one participant. connect: what is typed into Remote Desktop. state: "" where no clone is there.

    public: its present public address, "" without one."""

    station: Station
    connect: str
    state: str = ""
    public: str = ""


@dataclass(frozen=True)
class Handout:
    """All that the handouts say. password: None leaves a line to write on."""

    title: str
    user: str
    cards: tuple[Card, ...]
    pacs: Pacs | None
    nodes: tuple[PacsNode, ...]
    password: Secret | None = None
    password_in_tables: bool = False

    def html(self) -> str:
        """The cards, to be printed on A4, four a page."""
        return _render("cards.html.j2", self, password=self.password.reveal() if self.password else "")

    def text(self, card: Card) -> str:
        """A text for the desktop of a station, with Windows' line ends."""
        return _render("station.txt.j2", self, card=card).replace("\n", "\r\n")

    def rows(self) -> list[dict[str, Any]]:
        """One a station; the same for CSV and JSON."""
        return [self._row(one) for one in self.cards]

    def csv(self) -> str:
        rows = self.rows()
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def json(self) -> str:
        body = {
            "title": self.title,
            "stations": self.rows(),
            "pacs": self.pacs.model_dump() if self.pacs else None,
            "public_pacs_nodes": [one.model_dump() for one in self.nodes],
        }
        return json.dumps(body, ensure_ascii=False, indent=2) + "\n"

    def _row(self, card: Card) -> dict[str, Any]:
        station = card.station
        row: dict[str, Any] = {
            "station": station.name,
            "connect": card.connect,
            "dns_name": station.dns_name,
            "public_address": card.public,
            "private_address": station.address,
            "state": card.state,
            "user": self.user,
            "ae_title": station.ae_title,
            "dicom_port": station.port,
            "pacs_ae_title": self.pacs.ae_title if self.pacs else "",
            "pacs_host": self.pacs.host if self.pacs else "",
            "pacs_port": self.pacs.port if self.pacs else "",
            "pacs_web": (self.pacs.web or "") if self.pacs else "",
        }
        if self.password and self.password_in_tables:
            row["password"] = self.password.reveal()
        return row


def write(handout: Handout, folder: Path, possible: Iterable[Station]) -> list[Path]:
    """Writes all files and gives them; removes those of stations that there are no more.

    possible: every station that the manifest's patterns can make, so that nothing else is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    named = {card.station.name for card in handout.cards}
    for station in possible:
        if station.name not in named:
            for ending in (".rdp", ".txt"):
                (folder / f"{station.name}{ending}").unlink(missing_ok=True)
    written: list[Path] = []
    for card in handout.cards:
        rdp, text = (folder / f"{card.station.name}{ending}" for ending in (".rdp", ".txt"))
        write_rdp(rdp, card.connect, handout.user)
        text.write_bytes(handout.text(card).encode("utf-8"))
        written += [rdp, text]
    secret = handout.password is not None
    in_tables = secret and handout.password_in_tables
    for name, content, private in (
        (CARDS, handout.html(), secret), (CSV, handout.csv(), in_tables), (JSON, handout.json(), in_tables),
    ):  # fmt: skip
        _write(folder / name, content, private)
        written.append(folder / name)
    return written


def _write(path: Path, content: str, private: bool) -> None:
    """A file with a password is this user's alone from its first byte."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o600 if private else 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(content.encode("utf-8"))


def _render(template: str, handout: Handout, **more: Any) -> str:
    environment = Environment(
        loader=PackageLoader("winbake.report"),
        autoescape=lambda name: bool(name) and ".html" in str(name),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(
        handout=handout, rows=_rows(handout.cards), node_address=node_address, **more
    )


def node_address(node: PacsNode) -> str:
    """`www.dicomserver.co.uk, port 104`; "see its page" where no source tells the address."""
    if node.host is None:
        return "see its page"
    return f"{node.host}, port {node.port}" if node.port else node.host


def _rows(cards: Sequence[Card]) -> list[Sequence[Card]]:
    return [cards[at : at + 2] for at in range(0, len(cards), 2)]
