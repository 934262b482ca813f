"""Processes: command lines, the search for programs, jobs, ends, what stand-in programs answer."""

from __future__ import annotations

import pytest

from winbake.rehearsal.windows import command_line, images
from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.images import Image, Output
from winbake.rehearsal.windows.process import NOT_MODELLED_EXIT, Job


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ('"C:\\a b\\x.exe" one "two three" four', ["C:\\a b\\x.exe", "one", "two three", "four"]),
        ('x.exe a\\\\b d"e f"g h', ["x.exe", "a\\\\b", "de fg", "h"]),
        ('x.exe a\\\\\\"b c d', ["x.exe", 'a\\"b', "c", "d"]),
        ('x.exe a\\\\\\\\"b c" d e', ["x.exe", "a\\\\b c", "d", "e"]),
        ('x.exe "ab""c" d', ["x.exe", 'ab"c', "d"]),
        ('x.exe "" \t y', ["x.exe", "", "y"]),
        ('x.exe "C:\\dir\\" rest', ["x.exe", 'C:\\dir" rest']),
    ],
)
def test_command_lines_split_as_the_c_runtime_does(line: str, arguments: list[str]) -> None:
    assert command_line.split(line) == arguments


@pytest.mark.parametrize("argument", ["", "a", "a b", 'a"b', "a\\", "a b\\", 'a\\"b c', "\\\\", "a\tb"])
def test_quoting_is_undone_by_splitting(argument: str) -> None:
    assert command_line.split("x.exe " + command_line.quote(argument)) == ["x.exe", argument]


def put(host: WindowsHost, path: str, *rows: Output) -> str:
    host.files.make_directory(path.rpartition("\\")[0])
    host.files.write(path, images.build_executable(Image(behaviour=list(rows))))
    return path


def code_of(host: WindowsHost, line: str, **options: object) -> int:
    with pytest.raises(Win32Failure) as refused:
        host.start(line, **options)
    return refused.value.code


def test_a_program_is_found_beside_its_parent_then_in_the_directory_then_on_the_path(host: WindowsHost) -> None:
    for folder in ("one", "two"):
        put(host, rf"C:\{folder}\tool.exe", Output(stdout=f"{folder}\n"))
    started = host.start("tool", environment={"PATH": r"C:\none;C:\two;C:\one"})
    assert started.wait(60)
    assert (started.path, started.stdout.getvalue()) == (r"C:\two\tool.exe", b"two\r\n")
    started = host.start("tool.exe", environment={"PATH": r"C:\two"}, directory=r"C:\one")
    assert started.path == r"C:\one\tool.exe"
    assert code_of(host, "tool", environment={"PATH": r"C:\Windows"}) == 2


def test_an_unquoted_path_with_blanks_is_tried_at_each_blank(host: WindowsHost) -> None:
    put(host, r"C:\Program Files\My Tool\x.exe", Output(stdout="right"))
    process = host.start(r"C:\Program Files\My Tool\x.exe -a")
    assert process.path == r"C:\Program Files\My Tool\x.exe"
    put(host, r"C:\Program.exe", Output(stdout="wrong"))
    assert host.start(r"C:\Program Files\My Tool\x.exe -a").path == r"C:\Program.exe"


def test_what_cannot_be_started(host: WindowsHost) -> None:
    host.files.write(r"C:\text.exe", b"no program")
    assert code_of(host, r"C:\text.exe") == 193
    assert code_of(host, r"C:\none.exe") == 2
    assert code_of(host, r"C:\Windows") == 5
    assert code_of(host, "msiexec", directory=r"C:\none") == 267
    host.files.write(r"C:\real.exe", b"MZ" + b"\0" * 100)
    with pytest.raises(NotModelled):
        host.start(r"C:\real.exe")


def test_a_stand_in_program_answers_for_its_arguments(host: WindowsHost) -> None:
    path = put(
        host,
        r"C:\t\dcm2niix.exe",
        Output(when="^--version$", stdout="v1\n", exit_code=3),
        Output(when="^$", stderr="usage\n", exit_code=1),
    )
    process = host.start(f"{path} --version")
    assert process.wait(60) and (process.exit_code, process.stdout.getvalue()) == (3, b"v1\r\n")
    process = host.start(f"{path} -x")
    assert process.wait(60) and process.exit_code == NOT_MODELLED_EXIT
    assert isinstance(process.failure, NotModelled)


def test_a_copied_program_is_still_itself(host: WindowsHost) -> None:
    path = put(host, r"C:\t\a.exe", Output(stdout="a"))
    host.files.copy(path, r"C:\t\b.exe")
    process = host.start(r"C:\t\b.exe")
    assert process.wait(60) and process.stdout.getvalue() == b"a"


def test_killing(host: WindowsHost) -> None:
    path = put(host, r"C:\t\server.exe", Output(waits=True, window="Server"))
    process = host.start(path)
    assert not process.wait(5)
    assert host.processes.get(process.id) is process
    process.kill(exit_code=7)
    assert process.exit_code == 7 and process.wait(5)
    assert host.processes.get(process.id) is None
    host.files.delete(path)


def test_a_powershell_that_is_ended_from_outside_runs_no_finally(host: WindowsHost) -> None:
    script = "try { Set-Content C:\\begun 1; Start-Sleep 99999 } finally { Set-Content C:\\finally 1 }"
    process = host.start(f'powershell.exe -NoProfile -Command "{script}"')
    while not host.files.exists("C:\\begun"):
        host.clock.sleep(1)
    process.kill()
    assert process.wait(60)
    host.clock.sleep(5)
    assert not host.files.exists("C:\\finally")


def test_closing_a_job_ends_what_is_in_it_but_what_broke_away(host: WindowsHost) -> None:
    path = put(host, r"C:\t\server.exe", Output(waits=True))
    job = Job(kill_on_close=True, breakaway_ok=True)
    parent = host.start(path, job=job)
    child = host.start(path, parent=parent)
    free = host.start(path, parent=parent, breakaway=True)
    assert {one.id for one in parent.children()} == {child.id, free.id}
    job.close()
    assert parent.wait(5) and child.wait(5)
    assert free.exit_code is None
    free.kill()


def test_children_inherit_block_directory_and_token(host: WindowsHost) -> None:
    path = put(host, r"C:\t\server.exe", Output(waits=True))
    parent = host.start(path, environment={"A": "1"}, directory=r"C:\Users")
    child = host.start(path, parent=parent)
    assert (child.environment["a"], child.directory, child.token) == ("1", r"C:\Users", parent.token)
    child.environment["A"] = "2"
    assert parent.environment["A"] == "1"
    parent.kill(tree=True)
    assert child.exit_code is not None


def test_faults_of_starting_and_writing(host: WindowsHost) -> None:
    path = put(host, r"C:\t\a.exe", Output(stdout="a"))
    host.faults.add("process_start_fails", program="a.exe", code=5, times=1)
    assert code_of(host, path) == 5
    assert host.start(path).wait(60)
    host.faults.add("file_locked", path=r"C:\t\b.txt")
    with pytest.raises(Win32Failure) as refused:
        host.files.write(r"C:\t\b.txt", b"")
    assert refused.value.code == 32
    host.files.write(r"C:\t\c.txt", b"")
