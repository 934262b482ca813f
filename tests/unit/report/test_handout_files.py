"""The handouts: what stands on every card, and where the password stands and where never."""

from __future__ import annotations

import csv
import html.parser
import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from winbake.config.classroom import Classroom, Pacs
from winbake.config.manifest import PacsNode
from winbake.config.secret import Secret
from winbake.report import handouts
from winbake.report.handouts import Card, Handout

PASSWORD = "Tomo<&>graph-1"
ROOM = Classroom(count=3, domain="kurs.example.org")
PLAIN = Handout(
    title="PET & MR <2026>",
    user="participant",
    cards=tuple(Card(one, one.dns_name) for one in ROOM.stations()),
    pacs=Pacs(ae_title="ORTHANC", host="172.31.15.100", port=4242, web="http://172.31.15.100:8042/"),
    nodes=(
        PacsNode(name="PixelMed", ae_title="PUB", host="198.51.100.26", port=11112, page="http://pixelmed.example/"),
        PacsNode(name="Open", host="pacs.example", port=104, page="https://open.example/"),
        PacsNode(name="I Do Imaging", page="https://idoimaging.com/"),
    ),
)  # fmt: skip
WITH = replace(PLAIN, password=Secret(PASSWORD))


class Cards(html.parser.HTMLParser):
    """The text of every card, and what the page loads from elsewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.cards: list[str] = []
        self.loaded: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag == "article":
            self._inside = True
            self.cards.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "article"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.cards[-1] += data


def test_every_station_has_a_card_with_all_that_a_participant_needs() -> None:
    cards = Cards(PLAIN.html()).cards
    assert len(cards) == 3
    for number, text in enumerate(cards, 1):
        for needed in (
            f"ws{number:02}", f"ws{number:02}.kurs.example.org", "participant", f"WORKSTATION{number:02}",
            f"172.31.15.{number}", "11112", "ORTHANC", "172.31.15.100", "4242", "http://172.31.15.100:8042/",
            "198.51.100.26:11112", "PUB", "pacs.example:104", "https://idoimaging.com/", "PET & MR <2026>",
            "Never send them images of patients",
        ):  # fmt: skip
            assert needed in text, needed
    assert "see https://idoimaging.com/" in " ".join(cards[0].split()), "its address is not known, its page is"


def test_the_page_needs_nothing_from_elsewhere_and_no_card_is_cut() -> None:
    page = PLAIN.html()
    assert Cards(page).loaded == []
    assert "break-inside: avoid" in page and "size: A4" in page


def test_the_password_stands_nowhere_unless_asked_for(tmp_path: Path) -> None:
    handouts.write(PLAIN, tmp_path, [])
    assert not [path for path in tmp_path.iterdir() if PASSWORD in path.read_text()]
    handouts.write(WITH, tmp_path, [])
    assert all(PASSWORD in text for text in Cards((tmp_path / "cards.html").read_text()).cards)
    assert [path.name for path in tmp_path.iterdir() if PASSWORD in path.read_text() or "Tomo" in path.read_text()] == [
        "cards.html"
    ]
    handouts.write(replace(WITH, password_in_tables=True), tmp_path, [])
    rows = list(csv.DictReader((tmp_path / "stations.csv").read_text().splitlines()))
    assert {row["password"] for row in rows} == {PASSWORD}
    assert {row["password"] for row in json.loads((tmp_path / "stations.json").read_text())["stations"]} == {PASSWORD}
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".rdp", ".txt") and "Tomo" in path.read_text()]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_file_with_the_password_is_this_users_alone(tmp_path: Path) -> None:
    handouts.write(PLAIN, tmp_path, [])
    handouts.write(WITH, tmp_path, [])
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes["cards.html"] == 0o600
    assert modes["stations.csv"] != 0o600


def test_tables_say_the_same_as_the_cards() -> None:
    rows = list(csv.DictReader(PLAIN.csv().splitlines()))
    assert [row["station"] for row in rows] == ["ws01", "ws02", "ws03"]
    body = json.loads(PLAIN.json())
    assert [{key: str(value) for key, value in row.items()} for row in body["stations"]] == rows
    assert rows[2]["ae_title"] == "WORKSTATION03" and rows[2]["private_address"] == "172.31.15.3"
    assert [one["name"] for one in body["public_pacs_nodes"]] == ["PixelMed", "Open", "I Do Imaging"]


def test_a_rdp_file_opens_the_station_for_the_user(tmp_path: Path) -> None:
    handouts.write(PLAIN, tmp_path, [])
    lines = (tmp_path / "ws02.rdp").read_bytes().split(b"\r\n")
    assert b"full address:s:ws02.kurs.example.org" in lines and b"username:s:participant" in lines


def test_a_text_for_the_desktop_has_windows_line_ends(tmp_path: Path) -> None:
    handouts.write(PLAIN, tmp_path, [])
    raw = (tmp_path / "ws03.txt").read_bytes()
    assert raw.count(b"\n") == raw.count(b"\r\n") > 10
    text = raw.decode()
    assert "WORKSTATION03" in text and "PET & MR <2026>" in text and "see its page" in text


def test_files_of_stations_that_are_no_more_go_and_others_stay(tmp_path: Path) -> None:
    handouts.write(PLAIN, tmp_path, [])
    (tmp_path / "notes.txt").write_text("mine")
    handouts.write(replace(PLAIN, cards=PLAIN.cards[:2]), tmp_path, ROOM.stations(200))
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "cards.html", "stations.csv", "stations.json", "ws01.rdp", "ws01.txt", "ws02.rdp", "ws02.txt", "notes.txt",
    }  # fmt: skip


def test_without_a_pacs_and_public_nodes_their_parts_are_left_out() -> None:
    bare = replace(PLAIN, pacs=None, nodes=())
    assert "PACS" not in Cards(bare.html()).cards[0]
    assert "PACS" not in bare.text(bare.cards[0])
    assert json.loads(bare.json())["pacs"] is None
