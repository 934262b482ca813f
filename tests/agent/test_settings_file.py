"""The settings file of a service: written, the service seen to run with it, or the old one back."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from agent_stage import Stage, operation, query

from winbake.rehearsal.windows.access import ADMINISTRATORS, SYSTEM, inherited_entries, own_entries
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.images import Image, ServiceBehaviour, build_executable

FOLDER = r"C:\Server\Configuration"
FILE = FOLDER + r"\orthanc.json"
OLD = FILE + ".winbake-old"
PASSWORD = "Canary-Agent-8!"


def settings(port: int) -> bytes:
    return json.dumps({"HttpPort": port, "RegisteredUsers": {"workshop": PASSWORD}}).encode()


def put(content: bytes, ports: list[int], limit: int = 400) -> dict[str, Any]:
    arguments = {
        "path": FILE,
        "content": base64.b64encode(content).decode(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "ports": ports,
        "aside": [],
        "service": {"name": "Orthanc", "logs": r"C:\Server\Logs"},
    }
    return operation("put_settings", limit=limit, **arguments)


def running(host: WindowsHost) -> bool:
    return host.services.must("Orthanc").status == 4


@pytest.fixture
def server(host: WindowsHost) -> WindowsHost:
    """A host with a service that reads its port from a folder of settings, and runs with port 8001."""
    behaviour = ServiceBehaviour(settings_folder="Configuration", port_settings={"HttpPort": 8042})
    host.files.make_directory(FOLDER)
    host.files.write(r"C:\Server\server.exe", build_executable(Image(service=behaviour)))
    host.files.write(FILE, settings(8001))
    host.services.create("Orthanc", r"C:\Server\server.exe", start_type=2)
    assert host.services.start_and_wait("Orthanc")
    return host


def test_the_service_runs_with_the_new_file_and_the_old_one_is_gone(stage: Stage, server: WindowsHost) -> None:
    run = stage.run(operations=[put(settings(8002), [8002])])
    run.done()
    assert server.files.read(FILE) == settings(8002) and running(server)
    assert not server.files.exists(OLD)
    readers = {ace.sid for ace in (*own_entries(server.files, FILE), *inherited_entries(server.files, FILE))}
    assert readers == {SYSTEM, ADMINISTRATORS}, "participants do not read the password"
    answer = stage.run(queries=[query("settings_file", path=FILE)]).answer()
    assert answer == {
        "exists": True,
        "sha256": hashlib.sha256(settings(8002)).hexdigest(),
        "text": settings(8002).decode(),
        "proved": True,
        "others": [],
    }


def test_a_file_with_which_it_does_not_start_is_taken_back_and_the_log_is_told(
    stage: Stage, server: WindowsHost
) -> None:
    server.files.make_directory(r"C:\Server\Logs")
    server.files.write(r"C:\Server\Logs\Orthanc.log", f"E bad port\nW user {PASSWORD}\n".encode())
    failed = stage.run(operations=[put(settings(0), [8002])]).failed()
    assert failed["message"] == (
        "the service does not run with the new configuration: it stopped again while it started; "
        "the old one is back and runs"
    )
    assert failed["log"] == r"C:\Server\Logs\Orthanc.log"
    assert failed["log_tail"] == ["E bad port", "W user ********"]
    assert server.files.read(FILE) == settings(8001) and running(server)
    assert not server.files.exists(OLD)


def test_a_service_that_does_not_listen_is_taken_back_too(stage: Stage, server: WindowsHost) -> None:
    failed = stage.run(operations=[put(settings(8002), [8002, 9999])]).failed()
    assert "it is Running and does not listen on 8002 and 9999 after 200 s; the old one is back and runs" in (
        failed["message"]
    )
    assert server.files.read(FILE) == settings(8001) and running(server)


def test_what_was_stopped_and_had_no_file_is_as_before(stage: Stage, server: WindowsHost) -> None:
    server.services.stop("Orthanc")
    assert server.services.wait_for("Orthanc", 1, 60)
    server.files.delete(FILE)
    failed = stage.run(operations=[put(settings(8002), [9999])]).failed()
    assert "; it is removed again" in failed["message"]
    assert not server.files.exists(FILE) and not server.files.exists(OLD)
    assert server.services.wait_for("Orthanc", 1, 60)
    stage.run(operations=[put(settings(8002), [8002])]).done()
    assert running(server)


def test_a_service_that_windows_does_not_start_is_said(stage: Stage, server: WindowsHost) -> None:
    server.services.configure("Orthanc", start_type=4)
    failed = stage.run(operations=[put(settings(8002), [8002])]).failed()
    assert "and does not start either" in failed["message"]
    assert server.files.read(FILE) == settings(8001)


def test_a_run_that_was_cut_leaves_the_last_right_file_for_the_next(stage: Stage, server: WindowsHost) -> None:
    server.files.write(OLD, settings(8001))
    server.files.write(FILE, settings(8002))
    assert stage.run(queries=[query("settings_file", path=FILE)]).answer()["proved"] is False
    stage.run(operations=[put(settings(0), [8002])]).failed()
    assert server.files.read(FILE) == settings(8001) and running(server)


def test_a_file_that_is_not_there_is_said(stage: Stage, host: WindowsHost) -> None:
    answer = stage.run(queries=[query("settings_file", path=FILE)]).answer()
    assert answer == {"exists": False, "sha256": "", "text": "", "proved": True, "others": []}
