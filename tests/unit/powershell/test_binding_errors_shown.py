"""What a person sees when a command line does not bind: the command's own name, and the place that is to blame."""

from __future__ import annotations

import pytest

from winbake.rehearsal.powershell.display.error_view import error_view
from winbake.rehearsal.powershell.errors import ErrorRecord, ScriptError
from winbake.rehearsal.powershell.session import Session
from winbake.rehearsal.windows.host import WindowsHost


@pytest.fixture(scope="module")
def host() -> WindowsHost:
    return WindowsHost(name="BINDING", release="2022", speed=1000.0)


def first_error(host: WindowsHost, script: str) -> tuple[ErrorRecord, str]:
    """The first error of a script and how the console shows it on a wide screen."""
    session = Session(host)
    met: list[ErrorRecord] = []
    session.sinks[2] = met.append
    try:
        session.run_script(script, lambda _: None)
    except ScriptError as failure:
        met.append(failure.record)
    return met[0], error_view(met[0], 400, session).replace("\r\n", "\n")


COMMAND = "function Do-It { param([Parameter(Mandatory)][ValidateRange(1, 3)][int]$Number, [string]$Other) }\n"

CASES = [
    # script, who it says, what is underlined, id
    ("Get-Process -foo", "Get-Process", "-foo", "NamedParameterNotFound"),
    ("gps -foo", "Get-Process", "-foo", "NamedParameterNotFound"),
    ("Get-WinEvent -Nonsense 1", "Get-WinEvent", "-Nonsense", "NamedParameterNotFound"),
    ("1 | Get-Date -Nope", "Get-Date", "-Nope", "NamedParameterNotFound"),
    ("$h = @{ Nope = 1 }; Get-Process @h", "Get-Process", "@h", "NamedParameterNotFound"),
    ("Get-WinEvent -L x", "Get-WinEvent", "-L", "AmbiguousParameter"),
    ("Get-Service -Name", "Get-Service", "-Name", "MissingArgument"),
    ("Get-Service -Name -DisplayName x", "Get-Service", "-Name", "MissingArgument"),
    ("Get-Process -Id abc", "Get-Process", "abc", "CannotConvertArgumentNoMessage"),
    ("Get-Date -Year 99999", "Get-Date", "99999", "ParameterArgumentValidationError"),
    ("Get-Content -Path $null", "Get-Content", "$null", "ParameterArgumentValidationErrorNullNotAllowed"),
    ("Get-Content ''", "Get-Content", "''", "ParameterArgumentValidationErrorEmptyStringNotAllowed"),
    ("Get-Item a -Path b -Path c", "Get-Item", "-Path", "ParameterAlreadyBound"),
    ("cd C:\\Program Files", "Set-Location", "cd C:\\Program Files", "PositionalParameterNotFound"),
    ("Set-NetAdapter", "Set-NetAdapter", "Set-NetAdapter", "MissingMandatoryParameter"),
    ("1; 'x' | Get-Date", "Get-Date", "Get-Date", "InputObjectNotBound"),
    (COMMAND + "Do-It -Number 7", "Do-It", "7", "ParameterArgumentValidationError"),
    (COMMAND + "Do-It zz", "Do-It", "zz", "ParameterArgumentTransformationError"),
    (COMMAND + "Do-It 1 a b", "Do-It", "Do-It 1 a b", "PositionalParameterNotFound"),
    (COMMAND + "Set-Alias di Do-It; di -Nope 1", "Do-It", "-Nope", "NamedParameterNotFound"),
    (COMMAND + "Do-It -Other 1 -Other 2", "Do-It", "-Other", "ParameterAlreadyBound"),
    (COMMAND + "  Do-It  ", "Do-It", "Do-It", "MissingMandatoryParameter"),
]


@pytest.mark.parametrize(("script", "command", "blamed", "error_id"), CASES, ids=[case[0][-40:] for case in CASES])
def test_who_is_to_blame_and_where(host: WindowsHost, script: str, command: str, blamed: str, error_id: str) -> None:
    record, shown = first_error(host, script)
    assert record.error_id.partition(",")[0] == error_id
    assert record.activity == command
    lines = shown.splitlines()
    assert lines[0].startswith(f"{command} : {record.exception.message[:20]}")
    at = next(index for index, line in enumerate(lines) if line.startswith("At line:"))
    source, tildes = lines[at + 1], lines[at + 2]
    start = tildes.index("~")
    assert source[start : start + tildes.count("~")] == blamed
    line = script.splitlines()[-1]
    assert lines[at] == f"At line:{len(script.splitlines())} char:{line.rindex(blamed) + 1}"
