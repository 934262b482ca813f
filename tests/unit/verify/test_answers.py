"""The tests of a session are gone through before the host is asked, so that all they ask is read in few calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from winbake.engine.errors import EngineError, FactsFailed
from winbake.hosts.errors import HostUnreachable, TimeLimit
from winbake.verify.answers import Answers
from winbake.verify.reading import Answer, Question, Reading
from winbake.verify.testinfra_backend import WindowsBackend


@dataclass
class Asked:
    """A host that knows everything, and notes what it was asked: a list a call."""

    calls: list[list[Question]] = field(default_factory=list)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    error: str = ""

    def read(self, questions: Sequence[Question]) -> Reading:
        self.calls.append(list(questions))
        return Reading({question: Answer(self.values.get(question.kind, {}), self.error) for question in questions})


SERVICE = {"exists": True, "state": "Running", "start": "Auto", "delayed": True, "account": "LocalSystem"}
VALUES: dict[str, dict[str, Any]] = {
    "service": SERVICE,
    "environment": {"variables": {"Tools": r"C:\T", "Path": r"C:\T;;C:\W"}},
    "file": {"exists": True, "folder": True, "names": ["a"], "size": 3, "content": "77u/w6Q="},
    "software": {"entries": [{"key": "k", "name": "7-Zip 26.02 (x64)", "version": "26.02"}]},
    "program": {"paths": [r"C:\T\x.exe"]},
    "command": {"ended": True, "exit_code": 3, "stdout": "out\r\n", "stderr": ""},
    "rules": {"rules": [{"enabled": True, "action": "Allow", "ports": ["80"]}]},
    "sockets": {"sockets": [{"address": "127.0.0.1", "port": 80, "process": "web"}]},
    "processes": {"processes": [{"pid": 4, "name": "System"}, {"pid": 5, "name": "web.exe"}]},
    "registry": {"key_exists": True, "exists": True, "data": 1, "kind": "DWord"},
    "user": {"exists": True, "enabled": True, "groups": [{"name": "Users", "sid": "S-1-5-32-545"}]},
}


@pytest.fixture
def asked() -> Asked:
    return Asked(values=VALUES)


@pytest.fixture
def host(asked: Asked) -> Any:
    made = SimpleNamespace()
    backend = WindowsBackend("master", Answers("master", asked.read))
    backend.set_host(made)
    made.backend, made.run = backend, backend.run
    return made


def expect(host: Any, *trials: Callable[[], object]) -> None:
    host.backend.answers.expect(trials)


def test_what_all_tests_ask_is_read_in_one_call(host: Any, asked: Asked) -> None:
    def one() -> None:
        assert host.service("A").is_running
        assert host.run("x --version").rc == 3
        assert "out" in host.run("x --version").stdout
        assert host.package("7-zip*").version == "26.02"
        assert "S-1-5-32-545" in host.user("p").group_sids
        assert host.registry(r"HKLM\X").value("v") == 1

    def two() -> None:
        assert host.find_command("x") == r"C:\T\x.exe"
        assert host.firewall.allows(80)
        assert host.socket("tcp://80").process == "web"
        assert [p["pid"] for p in host.process.filter(name="WEB.exe")] == [5]
        assert host.file(r"C:\T").content_string == "ä"

    expect(host, one, two)
    one()
    two()
    assert len(asked.calls) == 1
    kinds = [question.kind for question in asked.calls[0]]
    assert len(kinds) == 10 and kinds[-1] == "command", "what takes longest comes last"


def test_a_test_that_needs_an_answer_to_ask_on_is_gone_through_again(host: Any, asked: Asked) -> None:
    def folders() -> None:
        assert [folder for folder in host.environment.path if not host.file(folder).is_directory] == []
        assert host.file(host.environment()["TOOLS"]).listdir() == ["a"]

    def same_environment() -> None:
        assert host.environment()["tools"] == r"C:\T"

    expect(host, same_environment, folders)
    folders()
    same_environment()
    assert [len(call) for call in asked.calls] == [1, 3]


def test_what_must_not_be_is_foreseen_too(host: Any, asked: Asked) -> None:
    def negative() -> None:
        assert not host.socket("tcp://104").is_listening
        assert not host.package("Old*").exists
        assert not host.firewall.allows(104)
        assert not [name for name in host.file("C:\\").listdir() if "old" in name]
        assert not host.file(r"C:\T").contains("x")
        assert host.service("A").start_mode == "delayed"

    asked.values = VALUES | {"rules": {"rules": []}}
    expect(host, negative)
    negative()
    assert len(asked.calls) == 1


def test_what_a_test_says_or_raises_in_the_first_pass_is_not_heard(host: Any, asked: Asked, capsys: Any) -> None:
    def loud() -> None:
        print("loud", host.service("A").is_running)
        pytest.skip("enough")

    def endless() -> None:
        number = 0
        while host.service(f"S{number}").is_running:
            number += 1

    expect(host, loud, endless)
    assert host.service("B").exists
    assert capsys.readouterr().out == ""
    assert len(asked.calls[0]) == 1 + 200, "a loop without an end is left"


def test_what_is_forgotten_is_read_again(host: Any, asked: Asked) -> None:
    assert host.service("A").is_running
    host.backend.answers.forget()
    assert host.service("A").start_mode == "delayed"
    assert len(asked.calls) == 2


def test_a_host_that_does_not_answer_is_asked_once(asked: Asked) -> None:
    calls = []

    def read(questions: Sequence[Question]) -> Reading:
        calls.append(questions)
        raise HostUnreachable("no answer", "master")

    answers = Answers("master", read)
    for _ in range(2):
        with pytest.raises(HostUnreachable):
            answers.ask(Question.of("sockets"))
    assert len(calls) == 1


def test_a_host_that_goes_in_the_middle_still_gives_what_it_said(asked: Asked) -> None:
    first, second = Question.of("service", name="A"), Question.of("command", line="x", limit=60)
    gone = HostUnreachable("gone", "master")
    answers = Answers("master", lambda questions: Reading({first: Answer(SERVICE)}, gone))
    answers.expect([lambda: (answers.ask(first), answers.ask(second))])
    with pytest.raises(HostUnreachable):
        answers.ask(first)
    assert answers.ask(first)["state"] == "Running"
    with pytest.raises(HostUnreachable):
        answers.ask(second)
    with pytest.raises(EngineError, match="no answer about service B"):
        Answers("master", lambda questions: Reading({})).ask(Question.of("service", name="B"))


def test_what_could_not_be_read_names_the_question_and_the_reason(host: Any, asked: Asked) -> None:
    asked.error = "Access is denied."
    with pytest.raises(FactsFailed, match=r"master: file C:\\x could not be read: Access is denied\."):
        assert host.file(r"C:\x").exists


def test_more_is_asked_of_something_that_is_not_there(host: Any, asked: Asked) -> None:
    asked.values = {"file": {"exists": False}, "registry": {"key_exists": True, "exists": False}, "sockets": {"sockets": []}, "program": {"paths": []}}
    assert not host.file(r"C:\x").is_file
    for wrong, words in (
        (lambda: host.file(r"C:\x").size, r"<file C:\\x> is not there"),
        (lambda: host.registry(r"HKLM\X").value("v"), r"<registry HKLM\\X> has no value 'v'"),
        (lambda: host.socket("tcp://80").process, "<socket tcp://80>: nobody listens"),
    ):
        with pytest.raises(AssertionError, match=words):
            wrong()
    with pytest.raises(ValueError, match="no x on the participant's PATH on master"):
        host.find_command("x")
    with pytest.raises(ValueError, match="write tcp://PORT"):
        assert host.socket("udp://53").is_listening
    with pytest.raises(RuntimeError, match="2 processes fit"):
        asked.values = VALUES
        host.process.get()


def test_a_line_that_was_ended_at_its_limit_is_no_result(host: Any, asked: Asked) -> None:
    asked.values = {"command": {"ended": False, "exit_code": 1, "stdout": "", "stderr": ""}}
    with pytest.raises(TimeLimit, match="ping -t x: still running after 5 s"):
        host.run("ping -t %s", "x", limit=5)


@pytest.mark.parametrize(
    ("argument", "quoted"), [("plain", "plain"), ("two words", '"two words"'), ("a&b", '"a&b"'), ('say "x"', r'"say \"x\""')]
)
def test_arguments_are_quoted_as_windows_takes_them_apart(argument: str, quoted: str) -> None:
    assert WindowsBackend.quote("x %s", argument) == f"x {quoted}"
