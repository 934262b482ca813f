"""Network and web cmdlets over the model's listening ports and names (Microsoft's pages of the cmdlets)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from windows_script import answer, host, ids, out

PORT = 9987
COMMANDS = "Microsoft.PowerShell.Commands."
WEB = f"http://localhost:{PORT}"


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    page = "<html><body><a href='/b'>x</a><img src=\"i.png\"></body></html>"
    host().network.listen(None, [PORT], "site", {"/": page, "/json": '{"a": [1, 2]}', "/text": "plain words"})
    yield
    host().network.release(PORT)


@pytest.mark.parametrize(
    ("script", "error_ids"),
    [
        ("Get-NetTCPConnection -LocalPort 1", ["CmdletizationQuery_NotFound_LocalPort,Get-NetTCPConnection"]),
        ("Resolve-DnsName nosuch.invalid", ["DNS_ERROR_RCODE_NAME_ERROR,Microsoft.DnsClient.Commands.ResolveDnsName"]),
        ("Test-Connection nosuch.invalid", [f"TestConnectionException,{COMMANDS}TestConnectionCommand"]),
        ("Invoke-WebRequest http://localhost:1/", [f"WebCmdletWebResponseException,{COMMANDS}InvokeWebRequestCommand"]),
        (
            f"Invoke-RestMethod {WEB}/nosuch",
            [f"WebCmdletWebResponseException,{COMMANDS}InvokeRestMethodCommand"],
        ),
        (
            f"Invoke-WebRequest {WEB}/",
            [f"WebCmdletIEDomNotSupportedException,{COMMANDS}InvokeWebRequestCommand"],
        ),
    ],
)
def test_what_does_not_answer_has_windows_id(script: str, error_ids: list[str]) -> None:
    assert ids(script) == error_ids


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        (f"$c = Get-NetTCPConnection -LocalPort {PORT}; [string]$c.State; [int]$c.OwningProcess", ["Listen", 4]),
        (f"(Test-NetConnection localhost -Port {PORT}).TcpTestSucceeded", [True]),
        (f"Test-NetConnection localhost -Port {PORT} -InformationLevel Quiet", [True]),
        ("(Resolve-DnsName localhost).IPAddress -join ','", ["::1,127.0.0.1"]),
        ("(Resolve-DnsName localhost -Type A).IPAddress", ["127.0.0.1"]),
        ("Test-Connection localhost -Quiet; Test-Connection nosuch.invalid -Quiet", [True, False]),
        (f"$r = Invoke-WebRequest {WEB}/ -UseBasicParsing; $r.StatusCode; $r.StatusDescription; $r.Links[0].href",
         [200, "OK", "/b"]),
        (f"(Invoke-WebRequest {WEB}/ -UseBasicParsing).Images.Count", [1]),
        (f"(Invoke-WebRequest {WEB}/json -UseBasicParsing).Headers['Content-Type']", ["application/json"]),
        (f"(Invoke-RestMethod {WEB}/json).a -join ','", ["1,2"]),
        (f"Invoke-RestMethod {WEB}/text", ["plain words"]),
        (f"Invoke-WebRequest {WEB}/text -OutFile t.txt; [IO.File]::ReadAllText((Resolve-Path t.txt))", ["plain words"]),
        (f"try {{ Invoke-WebRequest {WEB}/nosuch }} catch {{ [int]$_.Exception.Response.StatusCode }}", [404]),
    ],
)  # fmt: skip
def test_what_answers(script: str, wanted: list[Any]) -> None:
    assert out(script) == wanted


def test_a_closed_port_is_a_warning_and_a_false() -> None:
    found = answer("(Test-NetConnection localhost -Port 1).TcpTestSucceeded")
    assert (found["out"], found["warnings"]) == ([False], ["TCP connect to (127.0.0.1 : 1) failed"])
