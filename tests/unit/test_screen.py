"""The screen shows text as it is, cut where it tells least."""

from __future__ import annotations

import pytest

from winbake.cli.screen import clock, console, shortened


def test_nothing_in_a_text_is_markup(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("SHA-256 47:AB:20 [redacted] [bold]x[/bold] :warning:")
    assert capsys.readouterr().out == "SHA-256 47:AB:20 [redacted] [bold]x[/bold] :warning:\n"


@pytest.mark.parametrize(("text", "width", "wanted"), [("short", 10, "short"), ("0123456789", 6, "01…789"), ("abc", 3, "abc")])
def test_shortened(text: str, width: int, wanted: str) -> None:
    assert shortened(text, width) == wanted
    assert len(shortened(text, width)) <= width


def test_clock() -> None:
    assert (clock(0.4), clock(59.9), clock(725)) == ("0:00", "0:59", "12:05")
