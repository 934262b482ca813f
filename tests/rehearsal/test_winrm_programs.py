"""The whole way: a client, the wire, the endpoint, the model's cmd.exe and the PowerShell interpreter."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypsrp.client import Client

from winbake.config.secret import Secret
from winbake.hosts.certificates import CertificatePolicy, KnownCertificates
from winbake.hosts.model import HostAddress
from winbake.hosts.probe import Status, probe
from winbake.hosts.session import AgentSession
from winbake.hosts.winrm import WinRMConnection
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.winrm import Endpoint

PASSWORD = "Whole-Way-1!"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    host = WindowsHost("whole")
    with Endpoint(host, users={"Administrator": PASSWORD}) as running:
        yield running
    host.power.stop_now()


@pytest.fixture
def session(endpoint: Endpoint, tmp_path: Path) -> Iterator[AgentSession]:
    with AgentSession(WinRMConnection(address(endpoint), known(tmp_path))) as opened:
        yield opened


def address(endpoint: Endpoint) -> HostAddress:
    return HostAddress("whole", "127.0.0.1", endpoint.https_port or 0, password=Secret(PASSWORD))


def known(folder: Path) -> KnownCertificates:
    return KnownCertificates(folder / "known", CertificatePolicy.ACCEPT_NEW)


def test_cmd_lines_run_through_cmd(endpoint: Endpoint) -> None:
    with Client(
        "127.0.0.1", username="Administrator", password=PASSWORD, ssl=False, port=endpoint.http_port, no_proxy=True
    ) as client:
        assert client.execute_cmd("echo one&& echo two") == ("one\r\ntwo\r\n", "", 0)
        assert client.execute_cmd("echo %COMPUTERNAME%")[0].strip() == endpoint.host.computer_name
        assert client.execute_cmd("exit 3010")[2] == 3010
        out, error, code = client.execute_cmd("no-such-program")
        assert (out, code) == ("", 1)
        assert "'no-such-program' is not recognized as an internal or external command" in error


def test_powershell_reads_its_standard_input_and_answers_by_lines(endpoint: Endpoint, session: AgentSession) -> None:
    lines: list[str] = []
    before = endpoint.counters_json()
    bootstrap = "$n = 0; foreach ($line in $input) { $n++; \"$n $line\" }; exit 7"
    ended = session.run(bootstrap, b"erste\r\nzweite\r\n", lines.append, 60)
    assert lines == ["1 erste", "2 zweite"]
    assert (ended.exit_code, ended.stderr_text) == (7, "")
    after = endpoint.counters_json()
    assert after["powershell_starts"] == before["powershell_starts"] + 1  # type: ignore[operator]
    assert after["commands"] == before["commands"] + 1  # type: ignore[operator]


def test_an_error_of_powershell_is_text_a_person_can_read(session: AgentSession) -> None:
    ended = session.run("throw 'the oven is cold'", b"", print, 60)
    assert ended.exit_code == 1
    assert ended.stderr_text.startswith("the oven is cold")
    assert "CLIXML" not in ended.stderr_text


def test_the_probe_of_the_doctor_runs_on_a_whole_host(endpoint: Endpoint, tmp_path: Path) -> None:
    steps = list(probe(address(endpoint), known(tmp_path)))
    assert [step for step in steps if step.status is not Status.OK] == []
    details = {step.layer: step.detail for step in steps}
    assert details["PowerShell"].startswith("5.1.")
    assert details["administrator"] == f"{endpoint.host.computer_name}\\Administrator"
    assert details["pending reboot"] == "none"


@pytest.mark.skipif(shutil.which("ansible", path=str(Path(sys.executable).parent)) is None, reason="no ansible here")
def test_ansible_raw_runs_powershell(endpoint: Endpoint, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yaml"
    variables = {
        "ansible_host": "127.0.0.1", "ansible_port": endpoint.http_port, "ansible_connection": "winrm",
        "ansible_winrm_transport": "ntlm", "ansible_winrm_scheme": "http", "ansible_user": "Administrator",
        "ansible_password": PASSWORD,
    }
    inventory.write_text(json.dumps({"all": {"hosts": {"whole": variables}}}))
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ansible"), "-i", str(inventory), "-m", "raw", "-a",
         "Write-Output ('hello ' + $env:COMPUTERNAME)", "whole"],
        capture_output=True, text=True, timeout=120, check=False,
        env={"HOME": str(tmp_path), "PATH": str(Path(sys.executable).parent), "LC_ALL": "C.UTF-8",
             "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp")},
    )
    assert "CHANGED | rc=0" in done.stdout, done.stdout + done.stderr
    assert f"hello {endpoint.host.computer_name}" in done.stdout
