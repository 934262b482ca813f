"""The way to the host is broken: login, port, certificate, the layers of doctor, one host of two."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from bake_stage import Stage

WRONG = "Wrong-Canary-11"


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def use_known_certificates(stage: Stage) -> None:
    """The certificate is not named in the inventory: it is looked up in the person's own file."""
    stage.change_inventory(lambda host: host.pop("winbake_certificate"))


def test_a_wrong_password_is_named_with_user_and_next_step(stage: Stage) -> None:
    stage.inventory.with_suffix(".password").write_text(WRONG, encoding="utf-8")
    ran = stage.plan()
    assert ran.code == 1
    assert "Administrator" in ran.line("✗ master: ")
    assert "check user and password" in ran.text
    assert WRONG not in ran.text


def test_a_refused_connection_is_named(stage: Stage) -> None:
    port = closed_port()
    stage.change_inventory(lambda host: host.update(ansible_port=port))
    ran = stage.apply()
    assert ran.code == 1
    assert str(port) in ran.line("✗ master: ")
    assert "Next: check that the machine runs" in ran.text


def test_an_unknown_certificate_is_refused_without_a_terminal(stage: Stage) -> None:
    use_known_certificates(stage)
    ran = stage.plan()
    assert ran.code == 1
    fingerprint = stage.one.certificate.upper()
    assert ":".join(fingerprint[i : i + 2] for i in range(0, 64, 2)) in ran.text
    assert "--accept-new-certificates" in ran.text
    pinned = stage.plan("--accept-new-certificates", "--tags", "dcmtk")
    assert pinned.code == 2, pinned.text
    assert stage.plan("--tags", "dcmtk").code == 2, "once pinned it needs no option"


def test_a_changed_certificate_is_refused_even_if_new_ones_are_accepted(stage: Stage) -> None:
    use_known_certificates(stage)
    assert stage.plan("--accept-new-certificates", "--tags", "dcmtk").code == 2
    stage.one.endpoint.change_certificate()
    ran = stage.plan("--accept-new-certificates")
    assert ran.code == 1
    assert "the certificate has changed: pinned" in ran.text
    assert "do not go on" in ran.text


def test_one_broken_host_does_not_hide_the_other(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(hosts=2)
    stage.change_inventory(lambda host: host.update(ansible_port=closed_port()), "master2")
    ran = stage.apply("--tags", "dcmtk")
    assert ran.code == 1
    assert "✗ master2: " in ran.text
    assert "Proof: master:" in ran.text
    assert stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")


def break_name(stage: Stage) -> None:
    stage.change_inventory(lambda host: host.update(ansible_host="no-such-host.invalid"))


def break_tcp(stage: Stage) -> None:
    stage.change_inventory(lambda host: host.update(ansible_port=closed_port()))


def break_tls(stage: Stage) -> None:
    stage.change_inventory(lambda host: host.update(ansible_port=stage.one.endpoint.http_port))


def break_http(stage: Stage) -> None:
    def answer(*_: Any) -> Any:
        from winbake.rehearsal.winrm.http import Response

        return Response(404)

    stage.one.endpoint._respond = answer  # type: ignore[method-assign]


def break_login(stage: Stage) -> None:
    stage.one.endpoint.faults.refuse_logins = True


def break_powershell(stage: Stage) -> None:
    stage.host.faults.add("process_start_fails", program="powershell.exe", code=5)


@pytest.mark.parametrize(
    ("layer", "breaks"),
    [
        ("name", break_name), ("TCP", break_tcp), ("TLS", break_tls), ("HTTP", break_http), ("login", break_login),
        ("PowerShell", break_powershell),
    ],
)  # fmt: skip
def test_doctor_names_the_first_layer_that_fails(stage: Stage, layer: str, breaks: Callable[[Stage], None]) -> None:
    breaks(stage)
    ran = stage.run("doctor", "--json")
    assert ran.code == 1
    steps = ran.json["hosts"][0]["steps"]
    failed = next(step for step in steps if step["status"] == "failed")
    assert failed["layer"] == layer, failed
    assert failed["causes"] and all(cause["test"] for cause in failed["causes"])
    after = steps[steps.index(failed) + 1 :]
    assert {step["status"] for step in after} == {"not reached"}
    shown = stage.run("doctor")
    assert shown.code == 1
    assert "Likely:" in shown.text and "Test:" in shown.text


@pytest.mark.parametrize("kind", ["ssh", "local"])
def test_what_only_the_pacs_can_be_reached_by_is_refused_for_a_bake(stage: Stage, kind: str) -> None:
    stage.change_inventory(lambda host: host.update(ansible_connection=kind))
    ran = stage.plan()
    assert ran.code == 1
    assert f"connections by {kind} are not there yet" in ran.text
