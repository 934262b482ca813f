"""A library that is not installed is named, with the verb that needs it and the extra that brings it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from winbake.cli import main

PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("verb", "library", "loaded"),
    [
        (["rehearse"], "werkzeug.serving", ["winbake.rehearsal.aws.cloud", "winbake.cli.classroom_story"]),
        (["pacs", "check"], "pynetdicom", ["winbake.pacs.dicom", "winbake.pacs.check", "winbake.cli.pacs_matrix"]),
    ],
)
def test_it_is_named_with_the_next_step(
    verb: list[str],
    library: str,
    loaded: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(PROJECT)
    for name in loaded:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    assert main(verb) == 1
    said = capsys.readouterr().err
    assert f"{library} is not installed, which {' '.join(verb)} needs" in said
    assert "pip install -e '.[rehearsal]'" in said
