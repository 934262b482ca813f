"""`pacs render`: Orthanc's configuration from the manifest, and a real Orthanc that takes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
from bake_stage import PROJECT
from pacs_stage import PASSWORD, PacsStage

from winbake.config.manifest import load_manifest
from winbake.config.orthanc import settings_of_image
from winbake.config.templates import render_file
from winbake.rehearsal.classroom.orthanc import HOW_TO_INSTALL, OrthancFailed, RealOrthanc, program


def test_orthanc_starts_with_it_and_knows_every_station(pacs_stage: PacsStage, orthanc: RealOrthanc) -> None:
    session = requests.Session()
    session.auth = ("workshop", PASSWORD)
    base = f"http://127.0.0.1:{pacs_stage.http_port}"
    system = session.get(f"{base}/system", timeout=5).json()
    assert (system["Name"], system["DicomAet"]) == ("Workshop", "ORTHANC")
    modalities = session.get(f"{base}/modalities?expand", timeout=5).json()
    assert {name: (one["AET"], one["Host"], one["Port"]) for name, one in modalities.items()} == {
        f"workstation0{n}": (f"WORKSTATION0{n}", f"{pacs_stage.network}.15.{n}", 11112) for n in (1, 2, 3)
    }
    assert {"dicom-web", "web-viewer"} <= set(session.get(f"{base}/plugins", timeout=5).json())
    assert session.get(f"{base}/dicom-web/studies", timeout=5).json() == []
    assert requests.get(f"{base}/system", timeout=5).status_code == 401
    assert requests.get(f"{base}/system", auth=("workshop", "********"), timeout=5).status_code == 401


def test_orthanc_takes_long_forms_and_a_stations_own_configuration(pacs_stage: PacsStage) -> None:
    if program() is None:
        pytest.skip(HOW_TO_INSTALL)
    pacs_stage.change_manifest(
        lambda classroom: classroom["pacs"].update(
            stations={"ws02": {"allow_move": False, "manufacturer": "GE", "timeout": 5}},
            modalities={"teacher": {"ae_title": "TEACHER", "host": "127.0.0.1"}},
        )
    )
    with pacs_stage.orthanc():
        found = requests.get(
            f"http://127.0.0.1:{pacs_stage.http_port}/modalities?expand", auth=("workshop", PASSWORD), timeout=5
        ).json()
    assert (found["workstation02"]["AllowMove"], found["workstation02"]["Manufacturer"]) == (False, "GE")
    assert (found["workstation01"]["AllowMove"], found["teacher"]["AET"]) == (True, "TEACHER")
    station = pacs_stage.render("--station", "ws02")
    assert (station["Name"], station["DicomAet"], station["DicomPort"]) == ("ws02", "WORKSTATION02", 11112)
    assert list(station["DicomModalities"]) == ["pacs", "workstation01", "workstation03"]
    pacs_stage.change_manifest(lambda classroom: classroom.update(dicom_port=pacs_stage.dicom_port))
    with pacs_stage.orthanc("--station", "ws02", "--for", "linux"):
        system = requests.get(
            f"http://127.0.0.1:{pacs_stage.http_port}/system", auth=("workshop", PASSWORD), timeout=5
        ).json()
    assert system["DicomAet"] == "WORKSTATION02"


def test_the_orthanc_in_the_image_knows_everybody_and_holds_no_password(pacs_stage: PacsStage, tmp_path: Path) -> None:
    manifest, _ = load_manifest(pacs_stage.root / "manifest.yaml")
    names = {"orthanc": settings_of_image(manifest.classroom), "orthanc_name": "Workshop", "ae_title": "MINE"}
    settings = json.loads(render_file(PROJECT / "templates" / "orthanc.json.j2", names))
    assert (settings["StorageDirectory"], settings["RemoteAccessAllowed"]) == (r"C:\Orthanc", False)
    if program() is None:
        pytest.skip(HOW_TO_INSTALL)
    here = {"StorageDirectory": str(tmp_path), "IndexDirectory": str(tmp_path), "Plugins": []}
    ports = {"HttpPort": pacs_stage.http_port, "DicomPort": pacs_stage.dicom_port}
    with RealOrthanc(json.dumps({**settings, **here, **ports}), tmp_path / "orthanc"):
        base = f"http://127.0.0.1:{pacs_stage.http_port}"
        assert requests.get(f"{base}/system", timeout=5).json()["DicomAet"] == "MINE"
        known = requests.get(f"{base}/modalities", timeout=5).json()
    assert known == ["pacs", "radiant", "workstation01", "workstation02", "workstation03"]


def test_an_orthanc_that_does_not_start_says_why(pacs_stage: PacsStage) -> None:
    if program() is None:
        pytest.skip(HOW_TO_INSTALL)
    pacs_stage.change_manifest(lambda classroom: classroom["pacs"].update(storage="/dev/null/images"))
    with pytest.raises(OrthancFailed, match="/dev/null/images"):
        pacs_stage.orthanc().start()


def test_the_password_is_masked_unless_asked_for(pacs_stage: PacsStage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pacs_stage.render()["RegisteredUsers"] == {"workshop": "********"}
    assert PASSWORD in pacs_stage.run("pacs", "render", "--with-secrets", secret=True).out
    monkeypatch.delenv("WINBAKE_PACS_PASSWORD")
    assert pacs_stage.render()["RegisteredUsers"] == {"workshop": "********"}
    ran = pacs_stage.run("pacs", "render", "--with-secrets")
    assert ran.code == 1 and ran.out == ""
    assert "the PACS has no password for its user workshop" in ran.err and "WINBAKE_PACS_PASSWORD" in ran.err


def test_folders_are_those_of_the_system(pacs_stage: PacsStage) -> None:
    windows = pacs_stage.render("--for", "windows")
    assert (windows["StorageDirectory"], windows["Plugins"]) == (
        r"C:\Orthanc",
        [r"C:\Program Files\Orthanc Server\Plugins"],
    )
    pacs_stage.change_manifest(lambda classroom: [classroom["pacs"].pop(key) for key in ("storage", "plugin_paths")])
    linux = pacs_stage.render()
    assert (linux["StorageDirectory"], linux["Plugins"]) == ("/var/lib/orthanc/db-v6", ["/usr/share/orthanc/plugins"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ae_title": "workstation02"}, "the PACS and station ws02 get the same AE title, WORKSTATION02"),
        ({"ae_title": "A" * 17}, "has 17 characters, an AE title has at most 16"),
        ({"ae_title": "OR\\THANC"}, "holds a character that an AE title may not have"),
        ({"stations": {"ws0": {}}}, "there is no station ws0; did you mean ws0"),
        ({"modalities": {"a b": {"ae_title": "X", "host": "h"}}}, "'a b': a node's name has letters"),
        (
            {"modalities": {"Workstation01": {"ae_title": "X", "host": "h"}}},
            "the PACS would know station ws01 and the node Workstation01 by the same name, workstation01",
        ),
        (
            {"modalities": {"x": {"ae_title": "WORKSTATION03", "host": "h"}}},
            "station ws03 and the node x get the same AE title, WORKSTATION03",
        ),
    ],
)
def test_mistakes_in_the_manifest_are_said(pacs_stage: PacsStage, change: dict[str, object], words: str) -> None:
    pacs_stage.change_manifest(lambda classroom: classroom["pacs"].update(change))
    ran = pacs_stage.run("pacs", "render")
    assert ran.code == 1 and words in ran.err, ran.err


def test_an_unknown_station_and_a_manifest_without_a_pacs_are_said(pacs_stage: PacsStage) -> None:
    assert "there is no station ws09" in pacs_stage.run("pacs", "render", "--station", "ws09").err
    pacs_stage.change_manifest(lambda classroom: classroom.pop("pacs"))
    ran = pacs_stage.run("pacs", "render")
    assert ran.code == 1 and "the manifest has no PACS" in ran.err
