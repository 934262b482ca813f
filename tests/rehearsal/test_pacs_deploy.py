"""`pacs plan` and `pacs deploy` to a Linux machine: real SSH, real Orthanc; what fails, and what is put back."""

from __future__ import annotations

import pytest
import requests
from pacs_stage import PASSWORD
from ssh_stage import SUDO_PASSWORD, SshStage


def pid(stage: SshStage) -> str:
    return (stage.folder / "winbake-service.pid").read_text()


def test_a_plan_then_the_deployment_then_only_what_changes(ssh_stage: SshStage) -> None:
    planned = ssh_stage.plan()
    assert planned.code == 2, planned.text
    assert "+ create   ORTHANC, ports" in planned.out and "3 nodes known, user workshop" in planned.out
    assert "no systemd: it runs as a process" in planned.out
    assert not list(ssh_stage.folder.iterdir()), "a plan changes nothing"

    deployed = ssh_stage.deploy()
    assert deployed.code == 0, deployed.text
    assert "Proof: pacs: facts read again, 2 of 2 as wanted." in deployed.out
    assert ssh_stage.rest("/system")["DicomAet"] == "ORTHANC"
    assert len(ssh_stage.rest("/modalities")) == 3
    assert (ssh_stage.folder / "orthanc.json").stat().st_mode & 0o007 == 0

    first = pid(ssh_stage)
    planned, deployed = ssh_stage.plan(), ssh_stage.deploy()
    assert planned.code == 0 and "Nothing to change" in planned.out, planned.text
    assert deployed.code == 0 and pid(ssh_stage) == first, "what is right is not restarted"

    ssh_stage.pacs.change_manifest(lambda classroom: classroom.update(count=4))
    planned = ssh_stage.plan()
    assert planned.code == 2 and "3 nodes → 4 nodes" in planned.out and "adds workstation04" in planned.out, planned.text
    deployed = ssh_stage.deploy()
    assert deployed.code == 0 and pid(ssh_stage) != first, deployed.text
    assert "workstation04" in ssh_stage.rest("/modalities")

    second = pid(ssh_stage)
    (ssh_stage.folder / "orthanc.json.winbake-old").write_bytes(b"{}")  # as a run leaves it that is cut now
    planned = ssh_stage.plan()
    assert planned.code == 2 and "an earlier run was cut" in planned.out, planned.text
    assert ssh_stage.deploy().code == 0 and pid(ssh_stage) != second
    ssh_stage.assert_nowhere(PASSWORD)


def test_where_orthanc_does_not_start_the_old_configuration_is_back(ssh_stage: SshStage) -> None:
    assert ssh_stage.deploy().code == 0
    before = (ssh_stage.folder / "orthanc.json").read_bytes()
    ssh_stage.pacs.change_manifest(lambda classroom: classroom["pacs"].update(storage="/dev/null/images"))
    ran = ssh_stage.deploy()
    assert ran.code == 1, ran.text
    assert "the service does not run with the new configuration: it ended while it started" in ran.out
    assert "the old one is back and runs" in ran.out
    assert "last lines of" in ran.out and "/dev/null/images" in ran.out
    assert (ssh_stage.folder / "orthanc.json").read_bytes() == before
    assert ssh_stage.rest("/system")["DicomAet"] == "ORTHANC"
    ssh_stage.pacs.change_manifest(lambda classroom: classroom["pacs"].update(storage=str(ssh_stage.root / "images")))
    (ssh_stage.root / "images").mkdir()
    assert ssh_stage.deploy().code == 0
    ssh_stage.assert_nowhere(PASSWORD)


def test_a_first_configuration_that_does_not_start_is_taken_away(ssh_stage: SshStage) -> None:
    ssh_stage.pacs.change_manifest(lambda classroom: classroom["pacs"].update(storage="/dev/null/images"))
    ran = ssh_stage.deploy()
    assert ran.code == 1 and "it is removed again" in ran.out, ran.text
    assert not list(ssh_stage.folder.glob("orthanc.json*"))


def test_an_unknown_host_key_is_shown_and_a_changed_one_refused(ssh_stage: SshStage) -> None:
    ran = ssh_stage.pacs.run("pacs", "plan")
    assert ran.code == 1 and "the host's key is not known, and was not accepted: ssh-ed25519 SHA256:" in ran.err
    assert "--accept-new-host-keys" in ran.err
    assert ssh_stage.plan().code == 2
    assert ssh_stage.pacs.run("pacs", "plan").code == 2, "it is pinned now"
    ssh_stage.new_host_key()
    for changed in (ssh_stage.pacs.run("pacs", "plan"), ssh_stage.plan()):
        assert changed.code == 1 and "the host's key has changed: known is SHA256:" in changed.err
        assert "ssh-keygen -R" in changed.err


def test_a_wrong_key_and_a_machine_that_is_not_there_are_said(ssh_stage: SshStage) -> None:
    other = ssh_stage.root / "host_key"
    ssh_stage.write_inventory(ansible_ssh_private_key_file=str(other))
    ran = ssh_stage.plan()
    assert ran.code == 1 and f"SSH does not let {ssh_stage.user} in with the key {other}" in ran.err, ran.text
    ssh_stage.stop()
    ran = ssh_stage.plan()
    assert ran.code == 1 and f"nothing answers at {ssh_stage.address}:{ssh_stage.port}" in ran.err, ran.text


def test_sudo_gets_its_password_or_says_what_is_missing(ssh_stage: SshStage, monkeypatch: pytest.MonkeyPatch) -> None:
    become = {"ansible_become": True}
    ssh_stage.write_inventory(**become)
    ran = ssh_stage.plan()
    assert ran.code == 1 and "there is no sudo on the host" in ran.err, ran.text
    ssh_stage.with_sudo(SUDO_PASSWORD)
    ran = ssh_stage.plan()
    assert ran.code == 1 and f"sudo asks for a password of {ssh_stage.user}" in ran.err, ran.text
    assert "ansible_become_password" in ran.err

    given = {**become, "ansible_become_password": "{{ lookup('env', 'WINBAKE_SUDO_PASSWORD') }}"}
    ssh_stage.write_inventory(**given)
    monkeypatch.setenv("WINBAKE_SUDO_PASSWORD", "Canary-Wrong-6!")
    ran = ssh_stage.plan()
    assert ran.code == 1 and "sudo does not take the given password" in ran.err and "Canary" not in ran.text
    monkeypatch.setenv("WINBAKE_SUDO_PASSWORD", SUDO_PASSWORD)
    assert ssh_stage.deploy().code == 0
    ssh_stage.with_sudo("")  # it asks no more: the password is sent all the same, and nothing reads it
    ran = ssh_stage.plan()
    assert ran.code == 0, ran.text
    for secret in (SUDO_PASSWORD, PASSWORD):
        ssh_stage.assert_nowhere(secret)


def test_with_systemd_the_unit_is_enabled_and_debians_users_file_is_moved_aside(ssh_stage: SshStage) -> None:
    state = ssh_stage.with_systemd()
    (ssh_stage.folder / "orthanc.json").write_text('{"Name": "by hand" /* a comment */}')
    (ssh_stage.folder / "credentials.json").write_text('{ // users\n "RegisteredUsers" : { } }')
    (ssh_stage.folder / "worklists.json").write_text('{"Worklists": {"Enable": false}}')
    planned = ssh_stage.plan()
    assert planned.code == 2 and "remove   credentials.json RegisteredUsers → gone" in planned.out, planned.text
    assert "manual → auto" in planned.out and "no systemd" not in planned.out
    deployed = ssh_stage.deploy()
    assert deployed.code == 0, deployed.text
    assert ssh_stage.rest("/system")["Name"] == "Workshop"
    assert (ssh_stage.folder / "credentials.json.before-winbake").exists()
    assert "by hand" in (ssh_stage.folder / "orthanc.json.before-winbake").read_text()
    calls = (state / "calls").read_text()
    assert calls.count("restart orthanc") == 1 and "enable orthanc" in calls
    assert ssh_stage.plan().code == 0

    ssh_stage.pacs.change_manifest(lambda classroom: classroom["pacs"].update(storage="/dev/null/images"))
    ran = ssh_stage.deploy()
    assert ran.code == 1 and "the old one is back and runs" in ran.out and "/dev/null/images" in ran.out, ran.text
    assert ssh_stage.rest("/system")["Name"] == "Workshop"


def test_settings_that_stand_in_a_file_with_others_are_a_problem_before_anything_is_touched(
    ssh_stage: SshStage,
) -> None:
    (ssh_stage.folder / "mine.json").write_text('{"HttpPort": 80, "Worklists": {}}')
    ran = ssh_stage.deploy()
    assert ran.code == 1 and "mine.json beside it sets HttpPort too, which Orthanc refuses" in ran.text, ran.text
    assert [one.name for one in ssh_stage.folder.iterdir()] == ["mine.json"]


def test_a_stations_own_orthanc_knows_the_others_and_the_pacs(ssh_stage: SshStage) -> None:
    inventory = ssh_stage.pacs.root / "inventory.yaml"
    inventory.write_text(inventory.read_text().replace("        pacs:\n", "        ws02:\n"))
    ssh_stage.pacs.change_manifest(lambda classroom: classroom.update(dicom_port=ssh_stage.pacs.dicom_port))
    ran = ssh_stage.pacs.run("pacs", "deploy", "--stations", "--yes", "--accept-new-host-keys")
    assert ran.code == 0, ran.text
    assert ssh_stage.rest("/system")["DicomAet"] == "WORKSTATION02"
    assert ssh_stage.rest("/modalities") == ["pacs", "workstation01", "workstation03"]


def test_what_the_inventory_lacks_is_said(ssh_stage: SshStage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WINBAKE_PACS_PASSWORD")
    ran = ssh_stage.plan()
    assert ran.code == 1 and "the PACS has no password for its user workshop" in ran.err
    ssh_stage.pacs.change_manifest(lambda classroom: classroom["pacs"].pop("system"))
    assert "it is linux, but classroom.pacs.system says windows" in ssh_stage.plan().err
    (ssh_stage.pacs.root / "inventory.yaml").write_text("all: {children: {masters: {hosts: {master: {}}}}}\n")
    ran = ssh_stage.plan()
    assert ran.code == 1 and "has no group pacs" in ran.err and "docs/pacs.md" in ran.err, ran.text
    with pytest.raises(requests.ConnectionError):
        ssh_stage.rest("/system")
