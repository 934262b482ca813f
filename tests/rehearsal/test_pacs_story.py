"""The story's PACS: Orthanc and stations come up, are checked, and are gone afterwards, also after Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
import yaml
from bake_stage import PROJECT

from winbake.cli import main, pacs_story
from winbake.config.classroom import Pacs
from winbake.rehearsal.classroom.orthanc import HOW_TO_INSTALL, program
from winbake.rehearsal.loopback import TakenNetwork

needs_orthanc = pytest.mark.skipif(program() is None, reason=HOW_TO_INSTALL)


class Ground:
    """A manifest of three stations, and a network of this machine for them."""

    def __init__(self, folder: Path, network: str) -> None:
        self.folder, self.network = folder, network
        self.manifest = folder / "manifest.yaml"
        body = yaml.safe_load((PROJECT / "tests" / "rehearsal" / "five_tools.yaml").read_text())
        body["classroom"] = {"count": 3, "pacs": {"ae_title": "ORTHANC", "host": "172.31.15.240"}}
        self.manifest.write_text(yaml.safe_dump(body))
        (folder / "pacs").mkdir()

    def address_of(self, private: str) -> str:
        return f"{self.network}.{private.split('.', 2)[2]}"

    def play(self, run_verb: object = main) -> pacs_story.PacsPlayed:
        assert callable(run_verb)
        return pacs_story.play(self.manifest, self.folder / "pacs", self.address_of, run_verb)

    def assert_all_gone(self, ports: list[tuple[str, int]]) -> None:
        for place in ports:
            with socket.socket() as probe:
                assert probe.connect_ex(place) != 0, f"{place} still answers"

    def listening(self) -> list[tuple[str, int]]:
        """The three stations, and the PACS's two ports."""
        pacs = yaml.safe_load((self.folder / "pacs" / "manifest.pacs.yaml").read_text())["classroom"]["pacs"]
        stations = [(f"{self.network}.15.{n}", 11112) for n in (1, 2, 3)]
        return [*stations, ("127.0.0.1", pacs["port"]), ("127.0.0.1", pacs["http_port"])]


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    monkeypatch.setenv("WINBAKE_PACS_PASSWORD", "Canary-Pacs-5!")
    with TakenNetwork() as network:
        yield Ground(tmp_path, network.prefix)


@needs_orthanc
def test_everybody_calls_everybody_and_the_summary_says_what_arrived(
    ground: Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    played = ground.play()
    printed = capsys.readouterr()
    assert played.failures == [], printed
    assert played.verdict == (
        "PACS: 6 of 6 pairs of stations answered; 30 of 30 images arrived by C-MOVE, at 3 stations"
    )
    assert printed.out.count("10 of 10") == 3 and "Canary" not in printed.out + printed.err
    ground.assert_all_gone(ground.listening())


@needs_orthanc
def test_ctrl_c_in_the_check_ends_orthanc_and_the_stations(ground: Ground) -> None:
    def interrupted(arguments: list[str]) -> int:
        for place in ground.listening():
            with socket.create_connection(place, 10):
                pass
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ground.play(interrupted)
    ground.assert_all_gone(ground.listening())


def test_a_check_that_passes_without_having_looked_is_found_out(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacs_story, "RealOrthanc", lambda configuration, folder: nullcontext())
    played = ground.play(lambda arguments: 0)
    assert "ws02 received 0 of 10 images" in played.failures
    assert "ws02 was not called by WORKSTATION01, WORKSTATION03" in played.failures


def test_a_dicom_port_that_somebody_has_is_named(ground: Ground) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((f"{ground.network}.15.2", 11112))
        other.listen(1)
        played = ground.play()
    assert len(played.failures) == 1 and "DICOM port 11112 is not to be had" in played.failures[0]
    ground.assert_all_gone([(f"{ground.network}.15.1", 11112)])


def test_without_orthanc_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pacs = Pacs(ae_title="ORTHANC", host="172.31.15.240")
    monkeypatch.setattr(pacs_story, "program", lambda: None)
    assert "apt-get install orthanc orthanc-dicomweb orthanc-webviewer dcmtk" in pacs_story.why_not(pacs)
    monkeypatch.setattr(pacs_story, "program", lambda: "/usr/sbin/Orthanc")
    assert pacs_story.why_not(pacs) == "" and "no PACS" in pacs_story.why_not(None)
