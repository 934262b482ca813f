"""Access rules of files and folders: read by account, added, removed, handed down."""

from __future__ import annotations

from typing import Any

import pytest
from agent_stage import Stage

from winbake.rehearsal.windows.access import inherited_entries, own_entries
from winbake.rehearsal.windows.host import WindowsHost

USERS = "S-1-5-32-545"
MODIFY = 0x301BF
SYNCHRONIZE = 0x100000


@pytest.fixture
def folder(host: WindowsHost) -> str:
    host.files.make_directory(r"C:\Data\set")
    host.files.write(r"C:\Data\set\a.dcm", b"x")
    return r"C:\Data"


def _set(stage: Stage, path: str, **given: Any) -> None:
    rule = {"account": USERS, "rights": MODIFY, "inherit": 3, "propagation": 0, "deny": False, "present": True}
    stage.do("access", path=path, **{**rule, **given})


def test_a_rule_is_added_once_and_removed(stage: Stage, folder: str) -> None:
    asked = {"path": folder, "account": "Users"}
    assert stage.ask("access", **asked) == {"sid": USERS, "rules": []}, "what is inherited is not the folder's own"
    _set(stage, folder)
    rule = {"rights": MODIFY | SYNCHRONIZE, "inherit": 3, "propagation": 0, "deny": False}
    assert stage.ask("access", **asked)["rules"] == [rule]
    _set(stage, folder)
    assert stage.ask("access", **asked)["rules"] == [rule]
    _set(stage, folder, present=False)
    assert stage.ask("access", **asked)["rules"] == []


def test_what_is_below_has_the_rule_too(stage: Stage, host: WindowsHost, folder: str) -> None:
    _set(stage, folder)
    for path in (r"C:\Data\set", r"C:\Data\set\a.dcm"):
        masks = [ace.mask for ace in inherited_entries(host.files, path) if ace.sid == USERS]
        assert MODIFY | SYNCHRONIZE in masks
        assert own_entries(host.files, path) == ()


def test_a_denial_on_a_file_comes_first(stage: Stage, folder: str) -> None:
    path = folder + r"\set\a.dcm"
    _set(stage, path, inherit=0)
    _set(stage, path, inherit=0, rights=0x10000, deny=True)
    rules = stage.ask("access", path=path, account="BUILTIN\\Users")["rules"]
    assert [(rule["deny"], rule["rights"]) for rule in rules] == [(True, 0x10000), (False, MODIFY | SYNCHRONIZE)]


def test_who_and_what_is_not_there(stage: Stage, folder: str) -> None:
    assert stage.ask("access", path=folder, account="nobody") == {"sid": "", "rules": []}
    assert stage.ask("access", path=r"C:\Missing", account=USERS) == {"sid": USERS, "rules": []}
    rule = {"rights": MODIFY, "inherit": 3, "propagation": 0, "deny": False, "present": True}
    assert stage.refuse("access", path=folder, account="nobody", **rule)["message"] == "There is no account nobody."
