"""`pacs check` before a real Orthanc and stations that answer, refuse and fill up."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests
import yaml
from pacs_stage import PASSWORD, PacsStage

from winbake.config.secret import Secret
from winbake.pacs.dicom import Node, Outcome, find_series, move_series
from winbake.pacs.rest import OrthancRest
from winbake.pacs.sample_series import sample_series
from winbake.rehearsal.classroom.orthanc import RealOrthanc
from winbake.rehearsal.classroom.station import DicomStation, running


@pytest.fixture
def stations(pacs_stage: PacsStage) -> Iterator[list[DicomStation]]:
    three = [DicomStation(f"WORKSTATION0{n}", f"{pacs_stage.network}.15.{n}") for n in (1, 2, 3)]
    with running(three):
        yield three


def test_everybody_answers_and_all_images_arrive(
    pacs_stage: PacsStage, orthanc: RealOrthanc, stations: list[DicomStation]
) -> None:
    ran = pacs_stage.run("pacs", "check", "--images", "24")
    assert ran.code == 0, ran.text
    assert all(len(line) <= 80 for line in ran.out.splitlines()), ran.out
    assert ran.out.count("24 of 24") == 3 and "3 as wanted" in ran.out and "✓ everything is as wanted" in ran.out
    for station in stations:
        (images,) = station.received.values()
        assert len(set(images)) == 24
        others = {one.ae_title for one in stations} - {station.ae_title}
        assert set(station.callers) == others | {"ORTHANC"}
    body = json.loads(pacs_stage.run("pacs", "check", "--json").out)
    assert body["ok"] and len(body["pairs"]) == 6 and {one["arrived"] for one in body["stations"]} == {10}
    rest = OrthancRest(f"http://127.0.0.1:{pacs_stage.http_port}", "workshop", Secret(PASSWORD), 5)
    assert rest._get("/series") == [], "the test series stays in the PACS"


def test_a_ct_and_a_pet_series_arrive_whole_and_apart(
    pacs_stage: PacsStage, orthanc: RealOrthanc, stations: list[DicomStation]
) -> None:
    rest = OrthancRest(f"http://127.0.0.1:{pacs_stage.http_port}", "workshop", Secret(PASSWORD), 5)
    pacs = Node("ORTHANC", "127.0.0.1", pacs_stage.dicom_port)
    both = {"CT": sample_series("CT", 160), "PT": sample_series("PT", 144)}
    for series in both.values():
        for image in series.images:
            rest.add(image)
    for series in both.values():
        assert find_series(pacs, "WORKSTATION03", series.uid, 5).count == 1
        assert move_series(pacs, "WORKSTATION03", series.uid, "WORKSTATION02", 30).count == len(series.images)
    assert {uid: len(set(images)) for uid, images in stations[1].received.items()} == {
        both["CT"].uid: 160,
        both["PT"].uid: 144,
    }
    unknown = move_series(pacs, "WORKSTATION03", both["CT"].uid, "WORKSTATION77", 5)
    assert not unknown.ok and unknown.count == 0
    stranger = find_series(pacs, "STRANGER", both["CT"].uid, 5)
    assert not stranger.ok and stranger.count == 0


def test_a_station_that_refuses_and_one_whose_disk_fills_are_named(
    pacs_stage: PacsStage, orthanc: RealOrthanc, stations: list[DicomStation]
) -> None:
    stations[1].refuses = True
    stations[2].takes = 4
    ran = pacs_stage.run("pacs", "check")
    assert ran.code == 1, ran.text
    assert "ws01             WORKSTATION01     ✓                 ✓ 10 of 10" in ran.out
    assert "ws02             WORKSTATION02     ✗                 ✗ 0 of 10" in ran.out
    assert "ws03             WORKSTATION03     ✓                 ✗ 4 of 10" in ran.out
    assert "ws02, called as ws01, ws03: refused: calling AE title not recognised" in ran.out
    assert len(next(iter(stations[2].received.values()))) == 4


def test_a_station_that_is_not_there_costs_no_more_than_its_limit(
    pacs_stage: PacsStage, orthanc: RealOrthanc, stations: list[DicomStation]
) -> None:
    stations[0].stop()
    ran = pacs_stage.run("pacs", "check", "--limit", "3")
    assert ran.code == 1 and "ws01: C-ECHO from the PACS: " in ran.out, ran.out
    assert ran.out.count("10 of 10") == 2
    # From here nobody reaches it, so nothing is said of its pairs; that it fails, the PACS says.
    assert "ws01             ·  ?  ?" in ran.out and "ws01, called as" not in ran.out
    assert "? not looked at, as this machine does not reach ws01: no answer within 3 s" in ran.out


def test_pairs_that_the_checking_machine_does_not_reach_are_no_failures(
    pacs_stage: PacsStage,
    orthanc: RealOrthanc,
    stations: list[DicomStation],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def echo_of_a_laptop_at_home(node: Node, caller: str, limit: float) -> Outcome:
        there = node.ae_title == "ORTHANC"
        return Outcome("" if there else f"no answer at {node.host}:{node.port} within 1 s", 1.0, reached=there)

    monkeypatch.setattr("winbake.pacs.check.echo", echo_of_a_laptop_at_home)
    ran = pacs_stage.run("pacs", "check", "--images", "1")
    assert ran.code == 0, ran.text
    assert "? not looked at, as this machine does not reach ws01-ws03: no answer within 1 s" in ran.out
    assert "✓ all that was looked at is as wanted, 6 pairs were not" in ran.out
    body = json.loads(pacs_stage.run("pacs", "check", "--images", "1", "--json").out)
    assert body["ok"] and {one["echo"].split(":")[0] for one in body["pairs"]} == {"not looked at"}


def test_a_node_that_somebody_added_to_the_pacs_is_a_warning(
    pacs_stage: PacsStage, orthanc: RealOrthanc, stations: list[DicomStation]
) -> None:
    node = f"http://127.0.0.1:{pacs_stage.http_port}/modalities/radiant"
    put = requests.put(node, json=["RADIANT", "127.0.0.1", 11112], auth=("workshop", PASSWORD), timeout=5)
    assert put.status_code == 200
    ran = pacs_stage.run("pacs", "check", "--images", "1")
    assert ran.code == 0, ran.text
    assert "! more modalities: not in the manifest: radiant" in ran.out and "3 as wanted" in ran.out


def test_modalities_that_differ_are_said(
    pacs_stage: PacsStage, orthanc: RealOrthanc, stations: list[DicomStation]
) -> None:
    pacs_stage.change_manifest(lambda classroom: classroom.update(count=4, dicom_port=11113))
    rest = OrthancRest(f"http://127.0.0.1:{pacs_stage.http_port}", "workshop", Secret(PASSWORD), 5)
    assert rest.echo("workstation04") == "the PACS does not know it"
    ran = pacs_stage.run("pacs", "check", "--images", "1", "--limit", "2")
    assert ran.code == 1
    assert "workstation04 is missing; workstation01: port is 11112, wanted 11113" in ran.out


def test_a_wrong_password_and_a_pacs_that_is_not_there_are_said(
    pacs_stage: PacsStage, orthanc: RealOrthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WINBAKE_PACS_PASSWORD", "Canary-Wrong-1!")
    ran = pacs_stage.run("pacs", "check")
    assert ran.code == 1 and "does not let user workshop in: the password is wrong" in ran.err
    assert "Canary-Wrong" not in ran.text and "WINBAKE_PACS_PASSWORD" in ran.err
    orthanc.stop()
    ran = pacs_stage.run("pacs", "check")
    assert ran.code == 1 and f"the PACS is not reached at http://127.0.0.1:{pacs_stage.http_port}" in ran.err


def test_a_public_node_that_fails_is_a_warning(
    pacs_stage: PacsStage, orthanc: RealOrthanc, stations: list[DicomStation]
) -> None:
    path = pacs_stage.root / "manifest.yaml"
    body = yaml.safe_load(path.read_text())
    where = {"host": f"{pacs_stage.network}.15.1", "page": "https://node.example"}
    body["pacs_nodes"] = [
        {"name": "Echo only", "ae_title": "WORKSTATION01", "port": 11112, **where},
        {"name": "Gone", "port": 11119, **where},
        {"name": "No address", "page": "https://node.example"},
    ]
    path.write_text(yaml.safe_dump(body))
    ran = pacs_stage.run("pacs", "check")
    assert ran.code == 0, ran.text
    assert "! Echo only: C-FIND: refused: it does not offer this service" in ran.out
    assert f"! Gone: C-ECHO: no answer at {pacs_stage.network}.15.1:11119" in ran.out
    assert "! No address: its address is not in the manifest" in ran.out
    assert "Gone" not in pacs_stage.run("pacs", "check", "--no-public").out
