"""powershell.exe as a program: its command line, what it writes where, CLIXML, exit codes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from winbake.rehearsal.powershell.console import file_arguments, is_unfinished, run_console_case, uses_input
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.hosting.clixml import ClixmlWriter, decode_text, encode_text, streams_in
from winbake.rehearsal.powershell.hosting.console_arguments import BAD_PARAMETER, parse_arguments
from winbake.rehearsal.windows.host import WindowsHost

CORPUS = Path(__file__).parents[2] / "rehearsal" / "powershell" / "corpus" / "console.jsonl"
CASES = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_recorded_runs(case: dict[str, Any]) -> None:
    stdin = case.get("stdin")
    if isinstance(stdin, dict):
        stdin = stdin["repeat"] * stdin["times"] + stdin.get("then", "")
    got = run_console_case(case["how"], case["script"].replace("sh -c", "cmd /c"), stdin)
    assert got == (case["exit"], case["stdout"], case["stderr"])


# ---- the command line ---------------------------------------------------------------------------------------


def encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-le")).decode("ascii")


@pytest.mark.parametrize("switch", ["-EncodedCommand", "-enc", "-e", "-ec", "/e", "--encodedcommand", "–e", "-ENCODED"])
def test_encoded_command_and_its_short_forms(switch: str) -> None:
    options = parse_arguments([switch, encoded("é 1"), "-NoProfile"])
    assert (options.command, options.encoded, options.error) == ("é 1", True, None)


def test_the_command_is_all_that_is_left() -> None:
    assert parse_arguments(["-NoP", "-NonI", "-c", "a", "b  c", "-x"]).command == "a b  c -x"
    assert parse_arguments(["-ExecutionPolicy", "Bypass", "Get-Date", "-Year", "2020"]).command == "Get-Date -Year 2020"
    assert parse_arguments(["-ep", "Bypass", "-File", "a/b.ps1", "-x", "1"]).file_arguments == ["-x", "1"]


def test_what_is_no_switch_is_the_command() -> None:
    assert parse_arguments(["-foo", "bar"]).command == "-foo bar"


@pytest.mark.parametrize(
    "arguments",
    [["-Command"], ["-EncodedCommand"], ["-EncodedCommand", "%%%"], ["-File"], ["-OutputFormat", "Json"],
     ["-e", encoded("1"), "-e", encoded("2")], ["-Command", "-", "x"], ["-InputFormat"]],
)  # fmt: skip
def test_bad_command_lines(arguments: list[str]) -> None:
    assert parse_arguments(arguments).error is not None


def test_switches_that_are_not_modelled_are_refused() -> None:
    for arguments in (["-Version", "2"], ["-ServerMode"], ["-PSConsoleFile", "x"]):
        with pytest.raises(NotModelled):
            parse_arguments(arguments)


def test_arguments_of_a_script_file() -> None:
    found = file_arguments(["a", "-Name", "b", "-Path:c", "-Flag:", "d", "-5", "-"])
    assert [(one.name, one.value, one.has_value) for one in found] == [
        (None, "a", True),
        ("Name", None, False),
        (None, "b", True),
        ("Path", "c", True),
        ("Flag", "d", True),
        (None, "-5", True),
        (None, "-", True),
    ]


def test_input_is_read_only_if_the_command_names_it() -> None:
    assert uses_input("@($input).Count")
    assert uses_input('"$input"')
    assert not uses_input("'$input'; $inputs")


def test_unfinished_lines() -> None:
    assert [is_unfinished(t) for t in ("if (1) {", "'a", "1 +", "f |", "1 )", "1", "@{ a = 1")] == [
        True, True, True, True, False, False, True,
    ]  # fmt: skip


# ---- runs ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def host() -> WindowsHost:
    return WindowsHost(name="CONSOLE", release="2022", speed=1000.0)


@pytest.fixture(scope="module")
def powershell(host: WindowsHost) -> Callable[..., tuple[int, str, str]]:
    def run(arguments: str, stdin: bytes = b"", directory: str | None = None) -> tuple[int, str, str]:
        out, err = bytearray(), bytearray()
        process = host.start(
            f"powershell.exe -NoProfile {arguments}",
            stdin=stdin,
            stdout=out.extend,
            stderr=err.extend,
            directory=directory,
        )
        assert process.wait(60_000)
        code = process.exit_code or 0
        return code - 2**32 if code >= 2**31 else code, out.decode("cp437"), err.decode("cp437")

    return run


def test_errors_are_text_without_encoded_command(powershell: Any) -> None:
    code, out, err = powershell("-Command Get-Item C:\\none; 'go on'")
    assert (code, out) == (0, "go on\r\n")
    assert err.startswith("Get-Item : Cannot find path 'C:\\none' because it does not exist.\r\n")
    assert err.endswith("\r\n \r\n")


def test_warnings_and_host_text_go_to_standard_output(powershell: Any) -> None:
    code, out, err = powershell("-Command \"Write-Warning w; Write-Host h; Write-Verbose v -Verbose\"")
    assert (code, out, err) == (0, "WARNING: w\r\nh\r\nVERBOSE: v\r\n", "")


def test_clixml_of_errors(powershell: Any) -> None:
    code, out, err = powershell(f"-EncodedCommand {encoded('throw 1')}")
    assert (code, out) == (1, "")
    assert err.startswith('#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">')
    assert '<S S="Error">1_x000D__x000A_</S><S S="Error">At line:1 char:1_x000D__x000A_</S>' in err
    assert err.endswith("</Objs>")


def test_clixml_of_progress(powershell: Any) -> None:
    script = "Write-Progress act -Status st -PercentComplete 50 -Id 3; Write-Progress act -Completed -Status st"
    err = powershell(f"-EncodedCommand {encoded(script)}")[2]
    assert err.count('<PR N="Record"><AV>act</AV>') == 2
    assert "<AI>3</AI><Nil /><PI>-1</PI><PC>50</PC><T>Processing</T><SR>-1</SR><SD>st</SD></PR>" in err
    assert "<T>Completed</T>" in err
    assert err.count("<TN RefId=") == 1 and err.count('<TNRef RefId="0" />') == 1


def test_script_files(host: WindowsHost, powershell: Any) -> None:
    host.files.make_directory("C:\\scripts")
    host.files.write("C:\\scripts\\a.ps1", b"param($Name, [switch]$S) \"[$Name] $S $args\"; exit 4")
    assert powershell("-File C:\\scripts\\a.ps1 -Name x -S")[:2] == (4, "[x] True \r\n")
    assert powershell("-File a.ps1 y z", directory="C:\\scripts")[:2] == (4, "[y] False z\r\n")
    host.files.write("C:\\scripts\\b.ps1", b"throw 'x'")
    assert powershell("-File C:\\scripts\\b.ps1")[0] == 1
    host.files.write("C:\\scripts\\c.ps1", b"if (")
    assert powershell("-File C:\\scripts\\c.ps1")[0] == 1
    host.files.write("C:\\scripts\\d.ps1", b"Get-Item C:\\none")
    assert powershell("-File C:\\scripts\\d.ps1")[0] == 0
    assert powershell("-File C:\\scripts\\none.ps1")[0] == BAD_PARAMETER
    assert powershell("-File C:\\scripts")[0] == BAD_PARAMETER


def test_a_position_in_a_script_file_names_the_file(host: WindowsHost, powershell: Any) -> None:
    host.files.make_directory("C:\\scripts")
    host.files.write("C:\\scripts\\e.ps1", b"\r\n  Get-Item C:\\none")
    err = powershell("-File C:\\scripts\\e.ps1")[2]
    assert "At C:\\scripts\\e.ps1:2 char:3\r\n+   Get-Item C:\\none\r\n+   ~~~~" in err


def test_a_script_file_is_named_by_its_path(host: WindowsHost, powershell: Any) -> None:
    host.files.make_directory("C:\\scripts")
    host.files.write("C:\\scripts\\f.ps1", b"Write-Error x; $MyInvocation.MyCommand.Path; $PSScriptRoot")
    code, out, err = powershell("-File C:\\scripts\\f.ps1")
    assert (code, out) == (0, "C:\\scripts\\f.ps1\r\nC:\\scripts\r\n")
    assert err.startswith("C:\\scripts\\f.ps1 : x\r\n")


def test_bad_command_line_exits_with_its_code(powershell: Any) -> None:
    code, _, err = powershell("-OutputFormat Nonsense -Command 1")
    assert code == BAD_PARAMETER
    assert err


def test_commands_from_standard_input(powershell: Any) -> None:
    script = b"$x = 1\r\nif ($true) {\r\n  $x + 1\r\n}\r\n\r\n$x\r\n"
    assert powershell("-Command -", script)[:2] == (0, "2\r\n1\r\n")
    assert powershell("-Command -", b"Get-Item C:\\none\n")[0] == 1


def test_what_is_not_modelled_ends_the_process_loudly(powershell: Any) -> None:
    code, out, err = powershell("-Command \"'before'\n Get-Volume -DriveLetter C; 'after'\"")
    assert (code, out) == (70, "before\r\n")
    assert err == "the rehearsal does not model Get-Volume (line 2)\r\n"


def test_console_encoding(powershell: Any) -> None:
    assert powershell("-Command [char]233 + [char]0x65E5")[1] == "é?\r\n"


def test_console_class(powershell: Any) -> None:
    script = "[Console]::Write('{0}-{1}', 1, 'x'); [Console]::WriteLine(); [Console]::In.ReadLine()"
    script += "; [Console]::ReadLine()"
    assert powershell(f'-Command "{script}"', b"one\r\ntwo\r\n")[1] == "1-x\r\none\r\ntwo\r\n"


# ---- CLIXML -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [("a\r\n", "a_x000D__x000A_"), ("<&>", "&lt;&amp;&gt;"), ("_x0041_", "_x005F_x0041_"), ("é\x7f", "é_x007F_")],
)
def test_text_in_clixml(text: str, written: str) -> None:
    assert encode_text(text) == written
    assert decode_text(written.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) == text


def test_nothing_written_is_nothing() -> None:
    pieces: list[str] = []
    writer = ClixmlWriter(pieces.append)
    writer.close()
    assert pieces == []
    writer.text("Error", "x")
    writer.text("warning", "y")
    writer.close()
    assert streams_in("".join(pieces)) == ["error", "warning"]
