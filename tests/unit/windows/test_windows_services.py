"""The service control manager: states, refusals, dependencies, death."""

from __future__ import annotations

import pytest

from winbake.rehearsal.windows import images
from winbake.rehearsal.windows.failure_actions import FailureActions
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.images import Image, ServiceBehaviour
from winbake.rehearsal.windows.services import RUNNING, SERVICES_KEY, STOPPED


def code_of(action: object, *arguments: object, **named: object) -> int:
    with pytest.raises(Win32Failure) as refused:
        action(*arguments, **named)  # type: ignore[operator]
    return refused.value.code


@pytest.fixture
def program(host: WindowsHost) -> str:
    host.files.make_directory(r"C:\Svc")
    path = r"C:\Svc\server.exe"
    host.files.write(path, images.build_executable(Image(service=ServiceBehaviour(ports=[9000]))))
    return path


def test_a_fresh_server_runs_its_automatic_services(host: WindowsHost) -> None:
    down = [service.name for service in host.services if service.start_type == 2 and service.status != RUNNING]
    assert down == []
    assert host.services.must("wuauserv").status == STOPPED
    assert host.services.must("WinRM").process_id > 0


def test_life_of_a_service(host: WindowsHost, program: str) -> None:
    host.services.create("Listener", f'"{program}"', "My Server", start_type=2)
    made = host.services.must("listener")
    assert (made.status, made.exit_code, made.start_type) == (STOPPED, 1077, 2)
    assert host.registry.read(rf"{SERVICES_KEY}\Listener", "Start") == 2
    host.services.start("Listener")
    assert host.services.must("Listener").status in (2, 4)
    assert host.services.wait_for("Listener", RUNNING, 30)
    running = host.services.must("Listener")
    assert running.exit_code == 0
    assert host.network.listening()[9000] == running.process_id
    assert code_of(host.services.start, "Listener") == 1056
    host.services.stop("Listener")
    assert host.services.wait_for("Listener", STOPPED, 30)
    assert host.network.owner(9000) is None
    assert code_of(host.services.stop, "Listener") == 1062


def test_refusals(host: WindowsHost, program: str) -> None:
    services = host.services
    assert code_of(services.must, "none") == 1060
    assert code_of(services.start, "none") == 1060
    services.create("Listener", program)
    assert code_of(services.create, "LISTENER", program) == 1073
    assert code_of(services.create, "Other", program, "Print Spooler") == 1078
    assert code_of(services.create, "a/b", program) == 123
    assert code_of(services.create, "Other", program, account=r".\nobody") == 1057
    services.configure("Listener", start_type=4)
    assert code_of(services.start, "Listener") == 1058
    services.configure("Listener", start_type=3, image_path=r"C:\Svc\none.exe")
    assert code_of(services.start, "Listener") == 2
    services.configure("Listener", image_path=r"C:\NoFolder\none.exe")
    assert code_of(services.start, "Listener") == 3
    assert code_of(services.stop, "RpcSs") in (1051, 1052)


def test_a_program_that_is_no_service_times_out(host: WindowsHost) -> None:
    host.files.write(r"C:\plain.exe", images.build_executable(Image()))
    host.services.create("Plain", r"C:\plain.exe")
    before = host.clock.now()
    assert code_of(host.services.start, "Plain") == 1053
    assert (host.clock.now() - before).total_seconds() >= 30


def test_an_unquoted_path_with_blanks_is_found(host: WindowsHost) -> None:
    host.files.make_directory(r"C:\My Server")
    host.files.write(r"C:\My Server\s v.exe", images.build_executable(Image(service=ServiceBehaviour())))
    host.services.create("Blank", r"C:\My Server\s v.exe -x")
    assert host.services.start_and_wait("Blank", 30)


def test_dependencies(host: WindowsHost, program: str) -> None:
    host.services.create("Base", program)
    host.services.create("Top", r"C:\Windows\System32\spoolsv.exe", dependencies=["Base"])
    assert host.services.start_and_wait("Top", 60)
    assert host.services.must("Base").status == RUNNING
    assert code_of(host.services.stop, "Base") == 1051
    host.services.stop("Top")
    assert host.services.wait_for("Top", STOPPED, 30)
    host.services.stop("Base")
    assert host.services.wait_for("Base", STOPPED, 30)
    host.services.configure("Base", start_type=4)
    assert code_of(host.services.start, "Top") == 1068


def test_a_service_that_runs_is_only_marked_for_deletion(host: WindowsHost, program: str) -> None:
    host.services.create("Listener", program)
    assert host.services.start_and_wait("Listener", 30)
    host.services.delete("Listener")
    assert host.services.get("Listener") is not None
    assert code_of(host.services.create, "Listener", program) == 1072
    assert code_of(host.services.configure, "Listener", start_type=2) == 1072
    host.services.stop("Listener")
    for _ in range(200):
        if host.services.get("Listener") is None:
            break
        host.clock.sleep(0.5)
    assert host.services.get("Listener") is None
    assert host.registry.open(rf"{SERVICES_KEY}\Listener") is None


def test_a_killed_service_is_stopped_with_1067_and_restarts_if_told(host: WindowsHost, program: str) -> None:
    host.services.create("Listener", program)
    host.services.set_failure_actions("Listener", FailureActions(86_400, ((FailureActions.RESTART, 5_000),)))
    assert host.services.failure_actions("Listener").actions == ((1, 5_000),)
    assert host.services.start_and_wait("Listener", 30)
    process = host.processes.get(host.services.must("Listener").process_id)
    assert process is not None
    process.kill()
    assert host.services.must("Listener").status == STOPPED
    assert host.services.must("Listener").exit_code == 1067
    assert host.services.wait_for("Listener", RUNNING, 60)


def test_a_service_that_dies_while_starting(host: WindowsHost, program: str) -> None:
    host.services.create("Listener", program)
    host.faults.add("service_does_not_start", service="Listener", code=1067)
    assert not host.services.start_and_wait("Listener", 60)
    assert host.services.must("Listener").exit_code == 1067


def test_a_service_whose_port_is_taken_does_not_start(host: WindowsHost, program: str) -> None:
    host.network.listen(None, [9000], "other")
    host.services.create("Listener", program)
    assert not host.services.start_and_wait("Listener", 60)


def test_a_users_service_needs_the_password(host: WindowsHost, program: str) -> None:
    host.accounts.add_user("runner", "Aachen-2026")
    host.services.create("Listener", program, account=r".\runner", password="wrong")
    assert code_of(host.services.start, "Listener") == 1069
    host.services.configure("Listener", password="Aachen-2026")
    assert host.services.start_and_wait("Listener", 30)
