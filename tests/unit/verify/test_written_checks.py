"""What `verify` reads of the tests in tests/image."""

from __future__ import annotations

from pathlib import Path

import pytest

from winbake.cli.targets import PASSWORD_VARIABLE, Targets
from winbake.cli.written_checks import NEEDED, taken_apart, with_written
from winbake.config.inventory import InventoryHost
from winbake.config.project import Project
from winbake.verify.run import Verified


@pytest.mark.parametrize(
    ("name", "host", "title"),
    [
        ("test_it_is_so[winbake://ws1]", "ws1", "it is so"),
        ("test_it_is_so[winbake://ws10-8042]", "ws10", "it is so (8042)"),
        ("test_it_is_so[8042-a-winbake://ws1]", "ws1", "it is so (8042-a)"),
        ("test_it_is_so[winbake://ws1-b-x]", "ws1-b", "it is so (x)"),
        ("test_it_is_so[ws1]", None, "it is so"),
        ("tests.image.test_broken", None, "tests.image.test_broken"),
    ],
)
def test_the_name_of_a_test_holds_its_host(name: str, host: str | None, title: str) -> None:
    assert taken_apart(name, ["ws1", "ws10", "ws1-b"]) == (host, title)


def skipped_because(tmp_path: Path) -> str:
    targets = Targets(Project.at(tmp_path), [InventoryHost("master", (), {})])
    (one,) = with_written(targets, [Verified("master", (), "participant", 1.0)])
    (verdict,) = one.verdicts
    assert verdict.outcome.status.value == "skipped" and one.ok
    return verdict.outcome.found


def test_what_keeps_them_from_running_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    assert skipped_because(tmp_path) == "a typed password is not asked for twice: set WINBAKE_PASSWORD"
    monkeypatch.setattr("winbake.cli.written_checks.NEEDED", (*NEEDED, "nothing_of_that_name"))
    assert skipped_because(tmp_path).startswith("nothing_of_that_name not installed: python -m pip install")
