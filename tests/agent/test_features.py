"""Roles and features: read, installed, removed, and the restart that Windows wants."""

from __future__ import annotations

from agent_stage import Stage

from winbake.rehearsal.windows.host import WindowsHost


def state_of(stage: Stage, name: str) -> str:
    return next(str(one["state"]) for one in stage.ask("features") if one["name"] == name)


def test_every_feature_is_read_with_its_parent(stage: Stage) -> None:
    answer = stage.ask("features")
    assert {"name": "Web-WebServer", "state": "Available", "parent": "Web-Server"} in answer
    assert {"name": "FileAndStorage-Services", "state": "Installed", "parent": ""} in answer


def test_a_feature_comes_and_goes_without_a_restart(stage: Stage) -> None:
    done = stage.do("features", names=["Web-Server"], present=True, sub_features=True)
    assert (done["exit_code"], done["reboot"]) == ("Success", False)
    assert state_of(stage, "Web-Static-Content") == "Installed"
    assert stage.do("features", names=["Web-Server"], present=True, sub_features=False)["exit_code"] == "NoChangeNeeded"
    assert stage.do("features", names=["Web-Server"], present=False, sub_features=False)["exit_code"] == "Success"
    assert state_of(stage, "Web-Static-Content") == "Available"


def test_a_feature_that_needs_a_restart_asks_for_it_and_is_there_afterwards(stage: Stage, host: WindowsHost) -> None:
    done = stage.do("features", names=["FS-SMB1"], present=True, sub_features=False)
    assert (done["exit_code"], done["reboot"]) == ("SuccessRestartRequired", True)
    assert state_of(stage, "FS-SMB1") == "InstallPending"
    assert host.features.finish() is True
    assert state_of(stage, "FS-SMB1") == "Installed"


def test_an_unknown_name_and_a_missing_payload_are_failures(stage: Stage) -> None:
    assert "'Nonsense'" in stage.refuse("features", names=["Nonsense"], present=True, sub_features=False)["message"]
    failed = stage.refuse("features", names=["NET-Framework-Core"], present=True, sub_features=False)
    assert "The source files could not be found." in failed["message"]
