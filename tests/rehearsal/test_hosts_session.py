"""The agent's session: one PowerShell, lines as they come, and stderr that a person can read."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from winbake.hosts.clixml import error_text
from winbake.hosts.connection import CommandResult
from winbake.hosts.session import AgentExit, AgentSession, LineSplitter, powershell_command_line


class Recorded:
    """A Connection that remembers what it is asked and gives pieces of output."""

    def __init__(self, pieces: list[bytes], result: CommandResult) -> None:
        self.pieces = pieces
        self.result = result
        self.asked: list[tuple[str, bytes, float | None]] = []
        self.calls: list[str] = []

    def run(
        self, command_line: str, stdin: bytes = b"", on_stdout: Callable[[bytes], None] = print,
        limit_seconds: float | None = None,
    ) -> CommandResult:
        self.asked.append((command_line, stdin, limit_seconds))
        for piece in self.pieces:
            on_stdout(piece)
        return self.result

    def reconnect(self, patience_seconds: float = 0.0) -> None:
        self.calls.append(f"reconnect {patience_seconds:g}")

    def interrupt(self) -> None:
        self.calls.append("interrupt")

    def close(self) -> None:
        self.calls.append("close")

    def describe(self) -> str:
        return "recorded"


def test_powershell_is_started_without_profile_prompt_or_policy() -> None:
    connection = Recorded([], CommandResult(0))
    with AgentSession(connection) as session:
        session.run("$input | ForEach-Object { 'ä' }", b"request", print, 30)
        session.reconnect(5)
        session.interrupt()
        assert session.describe() == "recorded"
    line, stdin, limit = connection.asked[0]
    options, encoded = line.rsplit(" ", 1)
    assert options == "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand"
    assert base64.b64decode(encoded).decode("utf-16-le") == "$input | ForEach-Object { 'ä' }"
    assert (stdin, limit) == (b"request", 30)
    assert connection.calls == ["reconnect 5", "interrupt", "close"]


def test_a_bootstrap_that_cmd_would_cut_is_refused() -> None:
    powershell_command_line("x" * 2900)
    with pytest.raises(ValueError, match=r"cmd\.exe takes"):
        powershell_command_line("x" * 3100)


def test_lines_come_whole_however_they_are_cut() -> None:
    text = "eins\r\nzwölf €\nlast".encode()
    for size in (1, 2, 3, 5, len(text)):
        lines: list[str] = []
        connection = Recorded([text[at : at + size] for at in range(0, len(text), size)], CommandResult(5))
        ended = AgentSession(connection).run("", b"", lines.append)
        assert lines == ["eins", "zwölf €", "last"]
        assert ended == AgentExit(5, "")


def test_a_line_is_handed_over_as_soon_as_it_is_complete() -> None:
    lines: list[str] = []
    splitter = LineSplitter(lines.append)
    splitter.feed(b"one\r\ntw")
    assert lines == ["one"]
    splitter.feed(b"o\r\n\r\n")
    assert lines == ["one", "two", ""]
    splitter.finish()
    assert lines == ["one", "two", ""]


PROGRESS = (
    '<Obj S="progress" RefId="0"><TN RefId="0"><T>System.Management.Automation.PSCustomObject</T><T>System.Object</T>'
    '</TN><MS><I64 N="SourceId">1</I64><PR N="Record"><AV>Preparing modules for first use.</AV><AI>0</AI><Nil />'
    "<PI>-1</PI><PC>-1</PC><T>Completed</T><SR>-1</SR><SD> </SD></PR></MS></Obj>"
)


def clixml(*elements: str) -> bytes:
    opening = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
    return f"#< CLIXML\r\n{opening}{''.join(elements)}</Objs>".encode()


def test_progress_alone_is_nothing() -> None:
    assert error_text(clixml(PROGRESS)) == ""


def test_errors_are_joined_and_unescaped() -> None:
    stderr = clixml(
        PROGRESS,
        '<S S="Error">Get-Item : Cannot find path \'C:\\a_x005F_x0041_\' because it _x000D__x000A_</S>',
        '<S S="Error">does not exist: _xD83D__xDE00_._x000D__x000A_</S>',
    )
    assert error_text(stderr) == "Get-Item : Cannot find path 'C:\\a_x0041_' because it \ndoes not exist: 😀."


def test_other_streams_are_named() -> None:
    stderr = clixml('<S S="warning">careful</S>', '<S S="verbose">talk</S>', '<S S="debug">detail</S>')
    assert error_text(stderr) == "WARNING: careful\nVERBOSE: talk\nDEBUG: detail"


def test_objects_show_their_text() -> None:
    stderr = clixml('<Obj S="Error" RefId="0"><ToString>boom &amp; bust</ToString><MS/></Obj>')
    assert error_text(stderr) == "boom & bust"


def test_text_of_native_programs_stands_beside_the_documents() -> None:
    stderr = b"before\r\n" + clixml('<S S="Error">first_x000D__x000A_</S>') + b"native: failed\r\n" + clixml(PROGRESS)
    assert error_text(stderr) == "before\nfirst\nnative: failed"


def test_plain_text_stays_and_damaged_clixml_is_not_lost() -> None:
    assert error_text(b"plain & simple <text>\r\n") == "plain & simple <text>"
    assert "lost" in error_text(b'#< CLIXML\r\n<Objs><S S="Error">not lost')
    assert error_text("Prüfung".encode()) == "Prüfung"
