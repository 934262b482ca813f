"""Orthanc, Remote Desktop, and who may reach them."""

from __future__ import annotations

import json

import pytest
from testinfra.host import Host

CONFIGURATION = r"C:\Program Files\Orthanc Server\Configuration\orthanc.json"


def test_orthanc_runs_and_starts_with_windows(host: Host) -> None:
    service = host.service("Orthanc")
    assert service.is_running
    assert service.start_mode == "auto"


@pytest.mark.parametrize("port", [4242, 8042])
def test_orthanc_listens_and_the_firewall_lets_it(host: Host, port: int) -> None:
    assert host.socket(f"tcp://{port}").is_listening
    assert host.firewall.allows(port)


def test_orthancs_configuration_is_json_with_a_name_and_an_ae_title(host: Host) -> None:
    configuration = json.loads(host.file(CONFIGURATION).content_string)
    assert configuration["Name"]
    assert 1 <= len(configuration["DicomAet"]) <= 16


@pytest.mark.parametrize("port", [3389, 11112])
def test_remote_desktop_and_dicom_receivers_are_let_in(host: Host, port: int) -> None:
    assert host.firewall.allows(port)


def test_remote_desktop_is_on(host: Host) -> None:
    server = host.registry(r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server")
    assert server.value("fDenyTSConnections") == 0
    assert host.service("TermService").is_running
