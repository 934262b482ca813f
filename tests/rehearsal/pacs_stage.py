"""A classroom of a few stations with a real Orthanc as its PACS, all on loopback."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml
from bake_stage import PROJECT, Ran

from winbake.cli import main
from winbake.rehearsal.classroom.orthanc import DEBIAN_PLUGINS, HOW_TO_INSTALL, RealOrthanc, free_port, program

PASSWORD = "Canary-Pacs-4!"


class PacsStage:
    """One project whose manifest names stations and a PACS on loopback."""

    def __init__(self, root: Path, network: str) -> None:
        self.root = root
        self.network = network
        self.http_port, self.dicom_port = free_port(), free_port()

    def run(self, *arguments: str, secret: bool = False) -> Ran:
        """`python bake.py ARGUMENTS`, in this process. secret: the password may be printed."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([*arguments])
        ran = Ran(code, out.getvalue(), err.getvalue())
        assert "Traceback" not in ran.text and "winbake itself failed" not in ran.text, ran.text
        assert secret or PASSWORD not in ran.text, "the password was printed"
        return ran

    def render(self, *arguments: str) -> dict[str, Any]:
        """What `pacs render` prints, without the password."""
        ran = self.run("pacs", "render", *arguments)
        assert ran.code == 0, ran.text
        body: dict[str, Any] = json.loads(ran.out)
        return body

    def change_manifest(self, change: Callable[[dict[str, Any]], None]) -> None:
        """change: gets the manifest's classroom."""
        path = self.root / "manifest.yaml"
        body = yaml.safe_load(path.read_text())
        change(body["classroom"])
        path.write_text(yaml.safe_dump(body, sort_keys=False))

    def orthanc(self, *arguments: str) -> RealOrthanc:
        """A real Orthanc with what `pacs render --with-secrets` prints."""
        ran = self.run("pacs", "render", "--with-secrets", *arguments, secret=True)
        assert ran.code == 0, ran.text
        return RealOrthanc(ran.out, self.root / "orthanc")


@pytest.fixture
def pacs_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PacsStage]:
    """Three stations, and a PACS on free ports with Debian's plugins."""
    from winbake.rehearsal.loopback import TakenNetwork

    with TakenNetwork() as network:
        stage = PacsStage(tmp_path / "project", network.prefix)
        stage.root.mkdir()
        body = yaml.safe_load((PROJECT / "tests" / "rehearsal" / "five_tools.yaml").read_text())
        body["classroom"] = {
            "count": 3,
            "base_address": f"{network.prefix}.15.1",
            "pacs": {
                "ae_title": "ORTHANC",
                "host": "127.0.0.1",
                "port": stage.dicom_port,
                "http_port": stage.http_port,
                "system": "linux",
                "storage": str(tmp_path / "images"),
                "plugin_paths": [DEBIAN_PLUGINS],
            },
        }
        (stage.root / "manifest.yaml").write_text(yaml.safe_dump(body, sort_keys=False))
        monkeypatch.chdir(stage.root)
        monkeypatch.setenv("WINBAKE_PACS_PASSWORD", PASSWORD)
        yield stage


@pytest.fixture
def orthanc(pacs_stage: PacsStage) -> Iterator[RealOrthanc]:
    """The PACS, running."""
    if program() is None:
        pytest.skip(HOW_TO_INSTALL)
    with pacs_stage.orthanc() as running:
        yield running
