"""Local users and groups: made with a password, changed in part, found whatever Windows calls them."""

from __future__ import annotations

from typing import Any

from agent_stage import Stage

from winbake.rehearsal.windows.host import WindowsHost

CANARY = "Canary-4711-Nest!"
LEFT = {"fullname": None, "description": None, "disabled": None, "never_expires": None, "cannot_change": None}


def _make(stage: Stage, **given: Any) -> None:
    stage.do("user", name="participant", present=True, **{"password": CANARY, **LEFT, **given})


def test_a_user_is_made_and_read_back_without_its_password(stage: Stage) -> None:
    assert stage.ask("user", name="participant")["exists"] is False
    _make(stage, fullname="Workshop", description="For the course", never_expires=True, cannot_change=True)
    answer = stage.ask("user", name="participant")
    assert answer == {
        "exists": True,
        "fullname": "Workshop",
        "description": "For the course",
        "disabled": False,
        "never_expires": True,
        "cannot_change": True,
    }


def test_what_is_not_given_stays(stage: Stage) -> None:
    _make(stage, fullname="Workshop", description="kept")
    _make(stage, password=None, fullname="Other", disabled=True)
    answer = stage.ask("user", name="participant")
    assert (answer["fullname"], answer["description"], answer["disabled"]) == ("Other", "kept", True)
    _make(stage, disabled=False)
    assert stage.ask("user", name="participant")["disabled"] is False


def test_a_user_is_removed(stage: Stage) -> None:
    _make(stage)
    stage.do("user", name="participant", present=False, password=None, **LEFT)
    assert stage.ask("user", name="participant")["exists"] is False


def test_a_refused_password_leaves_no_account_and_is_not_repeated(stage: Stage) -> None:
    failed = stage.refuse("user", name="participant", present=True, password="canary", **LEFT)
    assert "canary" not in str(failed)
    assert stage.ask("user", name="participant")["exists"] is False


def test_a_translated_group_is_found_by_its_sid(stage: Stage, host: WindowsHost) -> None:
    host.accounts.rename_group("Administrators", "Administratoren")
    _make(stage)
    for _ in range(2):
        stage.do("group_members", group="S-1-5-32-544", members=["participant"], present=True)
    answer = stage.ask("group", group="Administratoren")
    assert answer["name"] == "Administratoren" and "participant" in answer["members"]
    stage.do("group_members", group="S-1-5-32-544", members=["participant"], present=False)
    assert "participant" not in stage.ask("group", group="S-1-5-32-544")["members"]


def test_a_group_that_is_missing_says_so(stage: Stage) -> None:
    assert stage.ask("group", group="Nobody")["exists"] is False
    failed = stage.refuse("group_members", group="Nobody", members=["x"], present=True)
    assert failed["message"] == "There is no local group Nobody."
