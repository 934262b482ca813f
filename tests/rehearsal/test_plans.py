"""Saved plans: applied exactly, refused when host or wish have moved, and without secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bake_stage import PASSWORD, Stage


def saved(stage: Stage, *arguments: str) -> Path:
    path = stage.root / "plan.json"
    ran = stage.plan("-o", str(path), *arguments)
    assert ran.code == 2, ran.text
    assert "Saved. Apply exactly this with" in ran.text
    return path


def apply(stage: Stage, path: Path) -> tuple[int, str]:
    ran = stage.run("apply", str(path))
    return ran.code, ran.text


def test_a_saved_plan_is_applied_exactly_and_unasked(stage: Stage) -> None:
    path = saved(stage, "--tags", "dcmtk")
    code, text = apply(stage, path)
    assert code == 0, text
    assert stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")
    assert not stage.host.files.exists(r"C:\Tools\dcm2niix")
    stage.assert_nothing_to_change("--tags", "dcmtk")


def test_it_is_refused_when_the_host_moved(stage: Stage) -> None:
    path = saved(stage, "--tags", "dcmtk")
    stage.host.environment.set_machine("SOMEBODY", "was here")
    code, text = apply(stage, path)
    assert code == 1
    assert "the host is not as it was when the plan was made" in text
    assert "environment" in text
    assert "Next: python bake.py plan -o FILE" in text
    assert not stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")


def test_it_is_refused_when_the_manifest_changed(stage: Stage) -> None:
    path = saved(stage, "--tags", "dcmtk")
    stage.edit_manifest("name: OFFIS DCMTK", "name: DCMTK of OFFIS")
    code, text = apply(stage, path)
    assert code == 1
    assert "changed since the plan was made" in text
    assert not stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "is not a saved plan (no JSON)"),
        ("[]", "is not a saved plan of this version"),
        ('{"format": 99, "hosts": []}', "is not a saved plan of this version"),
        ('{"format": 1, "hosts": [{"host": "master"}]}', "is damaged"),
        ('{"format": 1, "hosts": 7}', "is damaged"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused(stage: Stage, content: str, words: str) -> None:
    path = stage.root / "plan.json"
    path.write_text(content, encoding="utf-8")
    code, text = apply(stage, path)
    assert code == 1
    assert f"{path}: {words}" in text
    assert "Next: make it anew" in text


def test_a_step_that_was_damaged_is_refused(stage: Stage) -> None:
    path = saved(stage, "--tags", "dcmtk")
    body = json.loads(path.read_text(encoding="utf-8"))
    del body["hosts"][0]["steps"][0]["title"]
    path.write_text(json.dumps(body), encoding="utf-8")
    code, text = apply(stage, path)
    assert code == 1
    assert "is damaged" in text
    assert not stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")


def test_a_plan_of_another_inventory_is_refused(stage: Stage) -> None:
    path = saved(stage, "--tags", "dcmtk")
    path.write_text(
        path.read_text(encoding="utf-8").replace('"host": "master"', '"host": "elsewhere"'), encoding="utf-8"
    )
    code, text = apply(stage, path)
    assert code == 1
    assert "plans elsewhere, which the inventory does not have" in text


def test_no_secret_is_written_or_shown(stage: Stage) -> None:
    secret = "Hush-Canary-93"
    stage.write_tasks(
        [
            {
                "name": "A key nobody may see",
                "ansible.windows.win_regedit": {"path": r"HKLM:\SOFTWARE\Stage", "name": "Key", "data": secret},
                "no_log": True,
            }
        ]
    )
    path = saved(stage)
    shown = stage.plan("--json")
    code, text = apply(stage, path)
    assert code == 0, text
    assert stage.host.registry.read(r"HKEY_LOCAL_MACHINE\SOFTWARE\Stage", "Key") == secret
    assert secret not in shown.text + text
    stage.assert_not_written(secret, but=("master.yml",))
    stage.assert_not_written(PASSWORD, but=("lab.password",))


def test_a_users_password_is_set_and_nowhere_written(stage: Stage) -> None:
    secret = "Hush-Canary-94x!"
    stage.only_tools("7zip")
    stage.write_tasks(
        [
            {
                "name": "The participant",
                "ansible.windows.win_user": {
                    "name": "participant", "password": secret, "update_password": "on_create",
                    "password_never_expires": True, "groups": ["Remote Desktop Users"], "groups_action": "add",
                },
            }
        ]
    )  # fmt: skip
    path = saved(stage)
    shown = stage.plan("--json")
    code, text = apply(stage, path)
    assert code == 0, text
    assert stage.host.accounts.check_logon("participant", secret).name == "participant"
    assert secret not in shown.text + text
    stage.assert_not_written(secret, but=("master.yml",))
    stage.assert_nothing_to_change()
