"""What a check makes of the host's answer."""

from __future__ import annotations

from typing import Any

import pytest

from winbake.config.manifest import Detect
from winbake.verify.checks import Answers, Check, Installed, Outcome, PortOpen, Resolves, ServiceIs, Status, outcome_of
from winbake.verify.reading import Answer
from winbake.verify.settings import InGroup, RegistryIs, ShortcutLeads, VariableIs

SEVEN = {"key": "{X}", "name": "7-Zip 26.02 (x64)", "version": "26.02.00.0"}


def judged(check: Check, answer: dict[str, Any]) -> Outcome:
    return outcome_of(check, {question: Answer(answer) for question in check.questions()})


def test_a_name_that_leads_into_another_tools_folder_says_where_it_should_lead() -> None:
    check = Resolves("dcmtk", "storescu", (r"C:\Tools\dcmtk\bin",))
    assert judged(check, {"paths": [r"c:\tools\DCMTK\bin\storescu.exe"]}).status is Status.PASSED
    wrong = judged(check, {"paths": [r"C:\cygwin64\bin\storescu.exe", r"C:\Tools\dcmtk\bin\storescu.exe"]})
    assert (wrong.found, wrong.wanted) == (r"C:\cygwin64\bin\storescu.exe", r"C:\Tools\dcmtk\bin\storescu.exe")
    assert judged(check, {"paths": []}).found == "nothing of that name on PATH"


@pytest.mark.parametrize(
    ("version", "status", "found"),
    [("26.02", Status.PASSED, ""), ("26.03", Status.FAILED, "7-Zip 26.02 (x64) 26.02.00.0")],
)
def test_the_version_of_an_uninstall_entry(version: str, status: Status, found: str) -> None:
    outcome = judged(Installed("7zip", Detect(display_name="^7-Zip"), version), {"entries": [SEVEN]})
    assert (outcome.status, outcome.found, outcome.absent) == (status, found, False)


def test_a_tool_that_is_not_there_at_all_is_absent() -> None:
    assert judged(Installed("7zip", Detect(display_name="^7-Zip"), "1"), {"entries": []}).absent
    assert judged(Installed("x", Detect(file=r"C:\x.exe"), "1"), {"exists": False, "path": r"C:\x.exe"}).absent
    assert judged(Installed("x", Detect(command=["x"], matches="1"), "1"), {"found": False}).absent


def test_a_program_that_ends_with_the_code_that_is_right_for_it() -> None:
    check = Answers("dcm2niix", ("dcm2niix", "--version"), r"1\.0", exit_codes=(3,))
    said = {"found": True, "ended": True, "exit_code": 3, "stdout": "v1.0\n", "stderr": ""}
    assert judged(check, said).status is Status.PASSED
    assert judged(check, said | {"exit_code": 0}).found == "exit 0"
    assert judged(check, said | {"stdout": "\n", "stderr": "v1.0"}).found == "stdout: nothing"
    assert "60 s" in judged(check, said | {"ended": False}).found


def test_a_block_rule_that_is_on_wins_over_one_that_allows() -> None:
    allow = {"name": "a", "enabled": True, "action": "Allow"}
    assert judged(PortOpen("o", 80), {"rules": [allow]}).status is Status.PASSED
    assert judged(PortOpen("o", 80), {"rules": [allow, {**allow, "name": "b", "action": "Block"}]}).found == "blocked by rule b"
    assert judged(PortOpen("o", 80), {"rules": []}).found == "no rule names it"


@pytest.mark.parametrize(
    ("start", "mode", "delayed", "status"),
    [("auto", "Auto", False, Status.PASSED), ("auto", "Auto", True, Status.FAILED), ("delayed", "Auto", True, Status.PASSED),
     ("manual", "Manual", False, Status.PASSED), ("auto", "Manual", False, Status.FAILED), (None, "Disabled", False, Status.PASSED)],
)  # fmt: skip
def test_how_a_service_starts(start: str | None, mode: str, delayed: bool, status: Status) -> None:
    answer = {"exists": True, "state": "Running", "start": mode, "delayed": delayed, "exit_code": 0}
    assert judged(ServiceIs("o", "Orthanc", start), answer).status is status


@pytest.mark.parametrize(
    ("wanted", "found", "same"),
    [(0xFFFFFFFF, -1, True), (1, 1, True), ("1", 1, True), (2, 1, False), (["a"], ["a"], True), (["a"], ["b"], False), ("a", "a", True)],
)
def test_registry_data(wanted: Any, found: Any, same: bool) -> None:
    outcome = judged(RegistryIs("image", r"HKLM\X", "v", wanted), {"exists": True, "data": found})
    assert (outcome.status is Status.PASSED) == same


def test_a_variable_is_compared_as_a_new_process_sees_it() -> None:
    variables = {"variables": {"Root": r"C:\T", "TOOLS": r"C:\T\x"}}
    assert judged(VariableIs("image", "tools", r"%ROOT%\x"), variables).status is Status.PASSED
    assert judged(VariableIs("java", "JAVA_HOME", None), variables).found == "not set"


def test_a_local_account_is_found_among_members_with_the_computers_name() -> None:
    answer = {"exists": True, "name": "Users", "members": [{"sid": "S-1", "name": r"WS07\Anna"}]}
    assert judged(InGroup("image", r".\anna", "Users"), answer).status is Status.PASSED
    assert judged(InGroup("image", "bob", "Users"), answer).found == r"Users has WS07\Anna"


def test_what_could_not_be_read_fails_and_what_was_not_reached_is_unread() -> None:
    check = ServiceIs("o", "Orthanc")
    (question,) = check.questions()
    assert outcome_of(check, {question: Answer(error="Access denied")}).found == "could not be read: Access denied"
    assert outcome_of(check, {}).status is Status.UNREAD


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"exists": True, "target": r"C:\S.exe", "leads_somewhere": True}, ""),
        ({"exists": True, "target": r"c:\s.exe", "leads_somewhere": False}, r"c:\s.exe is not there"),
        ({"exists": True, "target": "", "leads_somewhere": False}, "points to nothing"),
        ({"exists": False}, r"no C:\D\Seven.lnk"),
    ],
)
def test_a_shortcut_must_lead_to_something_that_is_there(answer: dict[str, Any], found: str) -> None:
    assert judged(ShortcutLeads("7zip", r"C:\D\Seven.lnk", r"C:\S.exe"), answer).found == found
