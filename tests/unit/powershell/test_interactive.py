"""The shell on a rehearsal host: one session, many commands, Ctrl-C, `exit`."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from winbake.rehearsal.powershell.hosting.interactive import Shell
from winbake.rehearsal.windows.host import WindowsHost


class Screen:
    """What a person sees of a shell, both streams in their order."""

    def __init__(self, host: WindowsHost, columns: int = 80) -> None:
        self.text = ""
        self.shell = Shell(host, self._show, self._show, columns=columns, paint=lambda text, color: f"<{color}>{text}</>")

    def _show(self, text: str) -> None:
        self.text += text

    def run(self, command: str) -> str:
        """What a command shows."""
        self.text = ""
        self.shell.run(command)
        return self.text.replace("\r\n", "\n")

    def interrupted(self, command: str, shown: str) -> str:
        """The same with Ctrl-C pressed as soon as `shown` is on the screen."""
        running = threading.Thread(target=self.run, args=(command,))
        running.start()
        while shown not in self.text:
            running.join(0.02)
            assert running.is_alive(), self.text
        self.shell.stop()
        running.join(20)
        assert not running.is_alive()
        return self.text.replace("\r\n", "\n")


@pytest.fixture(scope="module")
def host() -> WindowsHost:
    return WindowsHost(name="SHELL", release="2022", speed=1000.0)


@pytest.fixture
def screen(host: WindowsHost) -> Iterator[Screen]:
    made = Screen(host)
    yield made
    made.shell.close()


def test_the_session_remembers_what_was_said_before(screen: Screen) -> None:
    assert screen.run("$x = 20; function Add-Two { $args[0] + 2 }") == ""
    assert screen.run("Add-Two $x") == "22\n"
    assert screen.run("if ($x) {\n  'more'\n}") == "more\n"


def test_the_prompt_is_the_place_and_the_sessions_own_function(screen: Screen) -> None:
    assert screen.shell.prompt() == "PS C:\\Users\\Administrator> "
    screen.run("Set-Location HKLM:\\SOFTWARE")
    assert screen.shell.prompt() == "PS HKLM:\\SOFTWARE> "
    screen.run("function prompt { 'here: ' }")
    assert screen.shell.prompt() == "here: "
    screen.run("function prompt { throw 'x' }")
    assert screen.shell.prompt() == "PS>"


def test_the_prompt_changes_neither_success_nor_exit_code(screen: Screen) -> None:
    screen.run("function prompt { cmd /c 'exit 4'; 'p' }; cmd /c 'exit 3'")
    screen.shell.prompt()
    assert screen.run("$?, $LASTEXITCODE") == "False\n3\n"


def test_errors_are_red_and_warnings_yellow_and_the_session_goes_on(screen: Screen) -> None:
    shown = screen.run("Get-Item C:\\none; Write-Warning hm; Write-Host hi -ForegroundColor Green; 'on'")
    assert shown.startswith("<Red>Get-Item : Cannot find path 'C:\\none' because it does not exist.\n")
    assert shown.endswith(" \n</><Yellow>WARNING: hm</>\n<Green>hi</>\non\n")
    assert screen.run("throw 'up'").startswith("<Red>up\nAt line:1 char:1\n+ throw 'up'\n")
    assert "MissingEndCurlyBrace" in screen.run("if (1) {")
    assert screen.run("$Error.Count") == "3\n"


def test_what_is_not_modelled_is_said_and_the_session_goes_on(screen: Screen) -> None:
    assert screen.run("Get-Volume -DriveLetter C") == "<Red>the rehearsal does not model Get-Volume (line 1)\n</>"
    assert screen.run("'on'") == "on\n"


def test_ctrl_c_ends_the_command_and_runs_its_finally(screen: Screen) -> None:
    shown = screen.interrupted("try { 'begun'; Start-Sleep 999999 } finally { 'cleaned' }; 'never'", "begun")
    assert shown == "begun\ncleaned\n"
    assert screen.run("'on'") == "on\n"


def test_ctrl_c_ends_a_loop_that_only_computes(screen: Screen) -> None:
    assert screen.interrupted("'begun'; while ($true) { $i++ }", "begun") == "begun\n"
    assert screen.run("'on'; 1..2 | ForEach-Object { $_ }") == "on\n1\n2\n"


def test_ctrl_c_inside_functions_leaves_the_session_at_its_top(screen: Screen) -> None:
    screen.run("$x = 'global'; function Wait-Long { $x = 'local'; 'begun'; try { Start-Sleep 999999 } catch { 'no' } }")
    assert screen.interrupted("Wait-Long", "begun") == "begun\n"
    assert screen.run("$x") == "global\n"


def test_exit_ends_the_session_with_its_code(screen: Screen, host: WindowsHost) -> None:
    screen.run("exit 7")
    assert screen.shell.ended == 7
    assert screen.shell.process.ended.wait(5)
    assert screen.shell.process not in list(host.processes)


def test_a_restart_of_the_host_ends_the_session() -> None:
    screen = Screen(WindowsHost(name="RESTARTS", release="2022", speed=1000.0))
    screen.run("Restart-Computer -Force; Start-Sleep 99999")
    assert screen.shell.ended is not None


def test_history_is_what_was_typed(screen: Screen) -> None:
    screen.run("'a'")
    screen.run("'b'")
    lines = [line.rstrip() for line in screen.run("Get-History").splitlines()]
    assert lines == ["", "  Id CommandLine", "  -- -----------", "   1 'a'", "   2 'b'", "", ""]
    assert screen.run("(Get-History -Count 1).CommandLine; (Get-History 2).CommandLine") == "Get-History\n'b'\n"
    screen.run("h 99")
    shown = screen.run("$Error[0].FullyQualifiedErrorId")
    assert shown == "GetHistoryNoHistoryForId,Microsoft.PowerShell.Commands.GetHistoryCommand\n"
    screen.run("Clear-History")
    assert screen.run("(Get-History).CommandLine") == "Clear-History\n"


def test_lines_are_as_wide_as_the_screen(host: WindowsHost) -> None:
    wide = Screen(host, columns=160)
    long = "x" * 90
    assert f"Cannot find path 'C:\\{long}' because it does not exist.\n" in wide.run(f"Get-Item C:\\{long}")
    wide.shell.close()


def test_a_script_from_a_pipe_ends_with_its_code(host: WindowsHost) -> None:
    screen = Screen(host)
    assert screen.shell.run_piped("'é'\r\nexit 3\r\n'never'".encode()) == 3
    assert screen.text == "é\r\n"
    screen.shell.close()
    screen = Screen(host)
    assert screen.shell.run_piped(b"Get-Volume -DriveLetter C\n") == 70
    screen.shell.close()
