"""`rehearse --shell`: from a pipe, and at a terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

import pytest

from winbake.cli import main


class Typed(io.TextIOWrapper):
    """A standard input that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_script_from_a_pipe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    script = b"Get-Service | Where-Object Status -eq Running | Select-Object -First 3\nGet-Item C:\\none\nexit 5\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(script)))
    assert main(["rehearse", "--shell"]) == 5
    shown = capsys.readouterr()
    lines = [line.split() for line in shown.out.splitlines()]
    assert lines[1:3] == [["Status", "Name", "DisplayName"], ["------", "----", "-----------"]]
    assert [line[0] for line in lines[3:6]] == ["Running"] * 3
    assert shown.err.startswith("Get-Item : Cannot find path 'C:\\none' because it does not exist.\n")


def test_a_person_types(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed: list[str | type[BaseException]] = ["$x = 1", "if ($x) {", "  'one'", "}", KeyboardInterrupt, "", "exit 4"]
    prompts: list[str] = []
    monkeypatch.setattr("builtins.input", _typist(typed, prompts))
    monkeypatch.setattr(sys, "stdin", Typed(io.BytesIO()))
    assert main(["rehearse", "--shell"]) == 4
    home = "PS C:\\Users\\Administrator> "
    assert prompts == [home, home, ">> ", ">> ", home, home, home]
    assert "exit ends it.\n\none\n^C\n" in capsys.readouterr().out


def test_the_end_of_the_input_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", _typist([EOFError], []))
    monkeypatch.setattr(sys, "stdin", Typed(io.BytesIO()))
    assert main(["rehearse", "--shell"]) == 0


def _typist(typed: list[Any], prompts: list[str]) -> Callable[[str], str]:
    def read(prompt: str) -> str:
        prompts.append(prompt)
        what = typed.pop(0)
        if isinstance(what, str):
            return what
        raise what

    return read
