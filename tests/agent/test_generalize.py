"""What a sealed host does by itself: waits for its closing, generalizes by the launch agent that it has, shuts down."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterator

import pytest
from agent_coverage import Tracer, statements
from agent_stage import Stage

from winbake.rehearsal.windows import ec2launch, ec2launch_v1, images, sysprep
from winbake.rehearsal.windows.accounts import SYSTEM_TOKEN
from winbake.rehearsal.windows.certificates import make_certificate
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.images import Image, Output
from winbake.rehearsal.windows.listeners import Listener
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.tasks import Action, Task
from winbake.resources import lockdown
from winbake.resources.generalize import AGENTS, TASK, Generalize
from winbake.resources.model import Decision
from winbake.resources.state import state_from_facts

V1, EC2CONFIG = AGENTS[1], AGENTS[2]
SPEED = 200.0


@pytest.fixture
def server_2019() -> Iterator[WindowsHost]:
    made = WindowsHost("MASTER", "2019", SPEED)
    yield made
    made.power.stop_now()


def decide(host: WindowsHost, wanted: Generalize) -> Decision:
    queries = list(wanted.queries())
    run = Stage(host).run([{"kind": q.kind, "arguments": dict(q.arguments)} for q in queries])
    return wanted.decide(state_from_facts([(q, run.answer(f"q{i}")) for i, q in enumerate(queries)]))


def script_of(decision: Decision) -> str:
    (operation,) = decision.operations
    (action,) = operation.arguments["definition"]["actions"]
    assert len(action["arguments"]) < 30_000, "Windows takes 32,767 characters"
    encoded = re.search(r"-EncodedCommand (\S+)$", action["arguments"])
    assert encoded is not None
    return base64.b64decode(encoded[1]).decode("utf-16-le")


def begin(host: WindowsHost, decision: Decision) -> Process:
    """The task's program, as Task Scheduler starts it."""
    (operation,) = decision.operations
    (action,) = operation.arguments["definition"]["actions"]
    host.tasks.register(Task(TASK, actions=[Action(action["path"], action["arguments"])]), replace=True)
    return host.start(f"powershell.exe {action['arguments']}", token=host.accounts.token(operation.arguments["user"], "batch"))


def wait_for(what: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def only_ec2config(host: WindowsHost) -> None:
    host.files.delete(AGENTS[0].file)
    host.files.make_directory(EC2CONFIG.file.rpartition("\\")[0])
    behaviour = [Output(program="ec2config")]
    image = Image(file_version="4.9", product_version="4.9", product_name="Ec2Config", behaviour=behaviour)
    host.files.write(EC2CONFIG.file, images.build_executable(image))


def test_server_2022_is_generalized_by_version_2_and_goes_off(host: WindowsHost) -> None:
    decision = decide(host, Generalize())
    assert "by EC2Launch v2" in str(decision.changes[0].new)
    begin(host, decision)
    wait_for(lambda: not host.is_up)
    assert sysprep.is_generalized(host) and host.tasks.get(TASK) is None
    assert sysprep.AS_SYSTEM not in [text for _, text in host.events]


def test_sysprep_as_system_would_be_noticed(host: WindowsHost) -> None:
    host.start(r'"C:\Program Files\Amazon\EC2Launch\EC2Launch.exe" sysprep', token=SYSTEM_TOKEN).wait(600)
    assert sysprep.AS_SYSTEM in [text for _, text in host.events]


def test_server_2019_is_generalized_by_version_1_and_initialized_at_its_next_start(server_2019: WindowsHost) -> None:
    assert ec2launch.first_boot(server_2019, "") is not None
    assert ec2launch.first_boot(server_2019, "") is None, "once an instance"
    decision = decide(server_2019, Generalize())
    assert "by EC2Launch v1" in str(decision.changes[0].new)
    begin(server_2019, decision)
    wait_for(lambda: not server_2019.is_up)
    assert sysprep.is_generalized(server_2019)
    assert ec2launch_v1.takes_its_turn(server_2019), "-Schedule turned the task on again"


def test_without_sysprep_it_only_goes_off(host: WindowsHost) -> None:
    begin(host, decide(host, Generalize(sysprep=False)))
    wait_for(lambda: not host.is_up)
    assert not sysprep.is_generalized(host)


def test_a_host_without_a_launch_agent_is_refused_before_anything_is_touched(host: WindowsHost) -> None:
    host.files.delete(AGENTS[0].file)
    problem = decide(host, Generalize()).problem
    assert problem is not None and "--no-sysprep" in problem
    assert decide(host, Generalize(sysprep=False)).problem is None


def test_it_waits_until_the_closing_has_ended_and_no_listener_is_left(host: WindowsHost) -> None:
    host.tasks.register(Task(lockdown.TASK, actions=[Action("cmd.exe")]))
    host.listeners.put(Listener("HTTPS", thumbprint=host.certificates.add(make_certificate("MASTER"))))
    begin(host, decide(host, Generalize()))
    time.sleep(0.3)
    assert host.is_up and host.tasks.get(TASK) is not None
    host.tasks.unregister(lockdown.TASK)
    time.sleep(0.3)
    assert host.is_up and not sysprep.is_generalized(host), "the closing failed half way: a listener is left"
    host.listeners.remove(Listener("HTTPS"))
    wait_for(lambda: not host.is_up)


def test_a_way_in_that_stays_open_is_never_imaged(host: WindowsHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("winbake.resources.generalize.WAIT_LIMIT", 30)
    host.listeners.put(Listener("HTTPS", thumbprint=host.certificates.add(make_certificate("MASTER"))))
    run = begin(host, decide(host, Generalize()))
    assert run.wait(3600) and run.exit_code == 1
    assert b"the way in is still open" in run.stderr.getvalue()
    assert host.is_up and not sysprep.is_generalized(host) and host.tasks.get(TASK) is None


def test_after_a_sysprep_that_fails_remote_desktop_is_let_in_and_the_log_says_why(host: WindowsHost) -> None:
    host.faults.add("sysprep_fails")
    run = begin(host, decide(host, Generalize()))
    assert run.wait(3600)
    assert host.is_up and host.registry.read(ec2launch.TERMINAL_SERVER, "fDenyTSConnections") == 0
    assert b"not provisioned for all users" in host.files.read(sysprep.LOG)


def test_every_statement_of_it_is_run(host: WindowsHost, server_2019: WindowsHost) -> None:
    """The same script on hosts of each kind; the request at its end is what differs."""
    config = WindowsHost("OLD", "2022", SPEED)
    failing = WindowsHost("FAILING", "2022", SPEED)
    plain = WindowsHost("PLAIN", "2022", SPEED)
    only_ec2config(config)
    failing.faults.add("sysprep_fails")
    left: set[tuple[int, str]] | None = None
    hosts = ((host, True), (server_2019, True), (config, True), (failing, True), (plain, False))
    for one, generalized in hosts:
        decision = decide(one, Generalize(sysprep=generalized))
        script = script_of(decision)
        tracer = Tracer(script)
        tracer.start()
        try:
            open_first = one is host
            if open_first:
                one.listeners.put(Listener("HTTPS", thumbprint=one.certificates.add(make_certificate("MASTER"))))
            run = begin(one, decision)
            if open_first:
                time.sleep(0.2)
                one.listeners.remove(Listener("HTTPS"))
            run.wait(3600)
        finally:
            tracer.stop()
        missed = {(node.start, node.text) for node in statements(script) if node.start not in tracer.offsets}
        left = missed if left is None else left & missed
        one.power.stop_now()
    assert left is not None
    assert {text for _, text in left if "the way in is still open" not in text} == set(), "that one has its own test"
