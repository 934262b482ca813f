"""A version is right for the agent exactly when it is right for the plan."""

from __future__ import annotations

import pytest
from agent_stage import NOTHING, Stage
from test_installers import arguments, put_program

from winbake.config.manifest import Detect
from winbake.config.versions import VersionRange
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.images import Output
from winbake.resources.detection import Detection

CASES = [
    ("26.02", "26.02.00.0"), ("26.02", "26.3"), (">=17.0.20, <18", "17.0.20+8"), (">=17.0.20, <18", "18"),
    (">=17.0.20, <18", "17.0.19"), ("~=3.7", "3.8.1"), ("~=3.7", "4.0"), ("~=3.7", "3.6"), ("!=2", "2.0"),
    ("!=2", "2.1"), (">1.0.20220720", "1.0.20260724"), ("<=1.2", "1.2.0.1"), ("*", "anything 1"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "found"), CASES)
def test_the_agent_judges_a_version_as_the_plan_does(stage: Stage, host: WindowsHost, wanted: str, found: str) -> None:
    host.clock.speed = 500
    host.packages.write_entry("tool", 64, {"DisplayName": "Tool", "DisplayVersion": found})
    put_program(host, r"C:\dl\setup.exe", Output())
    detection = Detection(Detect(display_name="^Tool$", version=wanted), "9.9")
    detect = {**NOTHING, **detection.as_request()}
    asked = arguments(r"C:\dl\setup.exe", "/S", detect=detect)
    if VersionRange.parse(wanted).holds(found):
        assert stage.do("installer", 600, **asked)["version"] == found
    else:
        message = stage.refuse("installer", 600, **asked)["message"]
        assert message == f"ended well, but version {found} is there, not 9.9"


def test_both_answers_are_in_the_cases() -> None:
    assert {VersionRange.parse(wanted).holds(found) for wanted, found in CASES} == {True, False}
