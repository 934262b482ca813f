"""Optional features: read, enabled with and without their parents, disabled, and the restart that Windows wants."""

from __future__ import annotations

from agent_stage import Stage

from winbake.rehearsal.windows.host import WindowsHost


def state_of(stage: Stage, name: str) -> str:
    return str(stage.ask("optional_feature", name=name)["state"])


def test_a_feature_comes_and_goes_without_a_restart(stage: Stage) -> None:
    assert state_of(stage, "TelnetClient") == "Disabled"
    assert stage.do("optional_features", names=["TelnetClient"], present=True, parents=False)["reboot"] is False
    assert state_of(stage, "telnetclient") == "Enabled"
    assert stage.do("optional_features", names=["TelnetClient"], present=False, parents=False)["reboot"] is False
    assert state_of(stage, "TelnetClient") == "Disabled"


def test_a_feature_that_needs_a_restart_asks_for_it_and_is_there_afterwards(stage: Stage, host: WindowsHost) -> None:
    assert stage.do("optional_features", names=["SMB1Protocol"], present=True, parents=False)["reboot"] is True
    assert state_of(stage, "SMB1Protocol") == "EnablePending"
    assert host.features.finish() is True
    assert state_of(stage, "SMB1Protocol") == "Enabled"


def test_a_part_needs_its_parents(stage: Stage) -> None:
    failed = stage.refuse("optional_features", names=["IIS-StaticContent"], present=True, parents=False)
    assert "One or several parent features are disabled" in failed["message"]
    stage.do("optional_features", names=["IIS-StaticContent"], present=True, parents=True)
    assert state_of(stage, "IIS-WebServerRole") == "Enabled"


def test_what_is_unknown_or_has_no_files(stage: Stage) -> None:
    assert state_of(stage, "Nonsense") == ""
    failed = stage.refuse("optional_features", names=["Nonsense"], present=True, parents=False)
    assert failed["message"] == "Feature name Nonsense is unknown."
    assert state_of(stage, "NetFx3") == "DisabledWithPayloadRemoved"
    failed = stage.refuse("optional_features", names=["NetFx3"], present=True, parents=True)
    assert "source files could not be found" in failed["message"]
