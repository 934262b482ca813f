"""What a plan says of an Orthanc's settings and its service, from what the host answers."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from winbake.config.orthanc import WantedModality
from winbake.config.secret import Secret
from winbake.pacs.configuration import OrthancConfiguration
from winbake.pacs.deployment import Place, wish_for
from winbake.resources.model import Decision, Query
from winbake.resources.state import state_from_facts

PASSWORD = "Canary-Unit-9!"
CONFIGURATION = OrthancConfiguration(
    name="Workshop",
    ae_title="ORTHANC",
    dicom_port=4242,
    http_port=8042,
    check_called=True,
    remote_access=True,
    storage="/var/lib/orthanc/db-v6",
    plugins=("/usr/share/orthanc/plugins",),
    modalities=(WantedModality("workstation01", "WORKSTATION01", "172.31.15.1", 11112, {}),),
    user="workshop",
    password=Secret(PASSWORD),
)
WISH = wish_for(CONFIGURATION, Place("linux", "/etc/orthanc"))
RIGHT = hashlib.sha256(CONFIGURATION.text(with_secrets=True).encode()).hexdigest()


def decided(settings: dict[str, Any], service: dict[str, Any]) -> list[Decision]:
    """The decisions on a host that answers so; each prediction must satisfy its own wish."""
    file = {"exists": True, "sha256": RIGHT, "text": "", "proved": True, "others": [], **settings}
    runs = {"exists": True, "manager": "systemd", "start": "auto", "running": True, **service}
    state = state_from_facts(
        (query, file if query.kind == "settings_file" else runs)
        for wanted in WISH.wanted
        for query in wanted.resource.queries()
    )
    decisions = []
    for wanted in WISH.wanted:
        decision = wanted.resource.decide(state)
        decisions.append(decision)
        if decision.changes:
            state = wanted.resource.predict(state)
            assert wanted.resource.decide(state).right
    return decisions


def changes(settings: dict[str, Any], service: dict[str, Any]) -> list[tuple[str, str, str | None, str | None]]:
    found = [change for one in decided(settings, service) for change in one.changes]
    assert PASSWORD not in repr(found)
    return [(one.action, one.property, one.old, one.new) for one in found]


def test_what_is_right_plans_to_nothing() -> None:
    assert changes({}, {}) == []


def test_new_settings_start_a_stopped_service_once() -> None:
    words = "ORTHANC, ports 4242 and 8042, 1 nodes known, user workshop, remote access"
    assert changes({"sha256": "0" * 64}, {"running": False, "start": "manual"}) == [
        ("change", "content", "another file", words),
        ("change", "start", "manual", "auto"),
    ]
    assert changes({"exists": False, "sha256": ""}, {}) == [("create", "content", None, words)]


def test_the_plan_says_which_settings_change_and_never_a_password() -> None:
    settings = CONFIGURATION.settings(with_secrets=True)
    before = {
        **settings,
        "DicomPort": 104,
        "RegisteredUsers": {"workshop": "Canary-Before-2!"},
        "DicomModalities": {"workstation01": ["WORKSTATION01", "172.31.15.9", 11112], "radiant": ["R", "127.0.0.1", 1]},
        "Mine": True,
    }
    other = {"sha256": "0" * 64, "text": f"// by hand\n{json.dumps(before)}"}
    (decision, _) = decided(other, {})
    assert [(one.action, one.property, one.old, one.new, one.reason) for one in decision.changes] == [
        ("change", "DicomPort", "104", "4242", ""),
        ("change", "DicomModalities", "2 nodes", "1 nodes", "changes workstation01; drops radiant"),
        ("remove", "Mine", "True", None, ""),
    ]
    only = {**other, "text": json.dumps({**settings, "RegisteredUsers": {"workshop": "Canary-Before-2!"}})}
    assert [old for _, _, old, _ in changes(only, {})] == ["another password or layout"]
    assert "Canary" not in repr(decided(other, {})[0].changes)


def test_the_content_is_in_no_saved_plan() -> None:
    (settings, _) = decided({"sha256": "0" * 64}, {})
    assert [operation.secret for operation in settings.operations] == [True]


def test_a_stopped_service_is_started() -> None:
    assert changes({}, {"running": False}) == [("start", "state", "stopped", "running")]


def test_without_orthanc_the_plan_says_how_to_install_it() -> None:
    problem = decided({}, {"exists": False})[1].problem
    assert problem is not None and "apt-get install orthanc" in problem


def test_a_plain_process_is_not_enabled_and_the_plan_says_what_that_means() -> None:
    service = decided({}, {"manager": "process", "start": "manual"})[1]
    assert service.right and "until the machine restarts" in service.notes[0]


def test_the_agent_is_asked_for_the_same_service_in_fact_and_operation() -> None:
    operation = decided({"sha256": "0" * 64}, {})[0].operations[0]
    assert Query("linux_service", operation.arguments["service"]) in WISH.wanted[1].resource.queries()
