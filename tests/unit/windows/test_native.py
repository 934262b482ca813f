"""The native programs: what they print, where, and the code they end with (windows_facts: their sources)."""

from __future__ import annotations

import pytest

from winbake.rehearsal.windows.host import WindowsHost


@pytest.fixture
def host() -> WindowsHost:
    return WindowsHost(speed=200)


def run(host: WindowsHost, line: str, stdin: bytes = b"") -> tuple[int | None, str, str]:
    process = host.start(line, directory="C:\\", stdin=stdin)
    assert process.wait(600)
    out, err = (w.getvalue().decode("cp437").replace("\r\n", "\n") for w in (process.stdout, process.stderr))
    return process.exit_code, out, err


@pytest.mark.parametrize(
    ("line", "code", "out", "err"),
    [
        ("where cmd", 0, "C:\\Windows\\System32\\cmd.exe", ""),
        ("where nosuch", 1, "", "INFO: Could not find files for the given pattern(s)."),
        ("reg query HKLM\\NOPE", 1, "", "ERROR: The system was unable to find the specified registry key or value."),
        ("reg query HKCU\\ /reg:32 /reg:64", 1, "", "ERROR: Invalid"),
        (
            "sc query Nope",
            1060,
            "[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\n\nThe specified service does not exist",
            "",
        ),
        ("sc start WinRM", 1056, "[SC] StartService FAILED 1056:", ""),
        ("sc qc WinRM", 0, "[SC] QueryServiceConfig SUCCESS\n\nSERVICE_NAME: WinRM", ""),
        ("net user nobody", 2, "", "The user name could not be found."),
        ("net start WinRM", 2, "", "The requested service has already been started."),
        ("netsh advfirewall firewall show rule name=nope", 1, "\nNo rules match the specified criteria.", ""),
        ('tasklist /fi "imagename eq nosuch.exe"', 0, "INFO: No tasks are running which match", ""),
        ("taskkill /F /T /PID 99999", 128, "", 'ERROR: The process "99999" not found.'),
        ("shutdown /a", 1116, "", "Unable to abort the system shutdown because no shutdown was in progress.(1116)"),
        ("timeout /t 5", 1, "", "ERROR: Input redirection is not supported"),
    ],
)
def test_answers(host: WindowsHost, line: str, code: int, out: str, err: str) -> None:
    found = run(host, line)
    assert found[0] == code
    assert found[1].startswith(out) if out else found[1] == ""
    assert found[2].startswith(err) if err else found[2] == ""


def test_reg_add_without_v_writes_an_empty_default_value(host: WindowsHost) -> None:
    assert run(host, "reg add HKLM\\SOFTWARE\\X /f")[0] == 0
    key = host.registry.open(r"HKEY_LOCAL_MACHINE\SOFTWARE\X")
    assert key is not None
    assert (key.get("").kind, key.get("").data) == (1, "")


def test_reg_views(host: WindowsHost) -> None:
    run(host, "reg add HKLM\\SOFTWARE\\V /v A /t REG_DWORD /d 1 /f /reg:32")
    assert run(host, "reg query HKLM\\SOFTWARE\\V /reg:64")[0] == 1
    assert "    A    REG_DWORD    0x1\n" in run(host, "reg query HKLM\\SOFTWARE\\WOW6432Node\\V /reg:64")[1]


def test_a_service_from_create_to_delete(host: WindowsHost) -> None:
    created = run(host, 'sc create Mine binPath= "C:\\Windows\\System32\\svchost.exe" start= delayed-auto')
    assert created == (0, "[SC] CreateService SUCCESS\n", "")
    assert "2   AUTO_START  (DELAYED)" in run(host, "sc qc Mine")[1]
    assert run(host, "sc create Mine binPath= x")[0] == 1073
    assert run(host, "sc delete Mine") == (0, "[SC] DeleteService SUCCESS\n", "")
    assert run(host, "sc query Mine")[0] == 1060


def test_users_and_groups(host: WindowsHost) -> None:
    assert run(host, "net user bob Pa55word! /add")[0] == 0
    assert run(host, "net user bob Pa55word! /add")[2].startswith("The account already exists.")
    assert run(host, "net localgroup Administrators bob /add")[0] == 0
    assert run(host, "net localgroup Administrators bob /add")[2].startswith("System error 1378 has occurred.")


def test_netsh_adds_a_second_rule_of_the_same_name(host: WindowsHost) -> None:
    for _ in range(2):
        assert (
            run(host, "netsh advfirewall firewall add rule name=x dir=in action=allow protocol=TCP localport=99")[0]
            == 0
        )
    assert len(host.firewall.named("x")) == 2
    assert run(host, "netsh advfirewall firewall delete rule name=x")[1].strip().startswith("Deleted 2 rule(s).")


def test_setx_cuts_and_says_so(host: WindowsHost) -> None:
    code, out, _ = run(host, f"setx LONG {'a' * 1100} /m")
    assert code == 0
    assert "truncated to 1024 characters" in out
    key = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
    assert len(host.registry.read(key, "LONG")) == 1024


@pytest.mark.parametrize(
    ("arguments", "code", "out"),
    [
        ("/i WORLD", 0, "hello world\n"),
        ("/v hello", 0, "other\n"),
        ('/c:"lo wo"', 0, "hello world\n"),
        ("/r ^o", 0, "other\n"),
        ("/n other", 0, "2:other\n"),
        ("nothing", 1, ""),
    ],
)
def test_findstr(host: WindowsHost, arguments: str, code: int, out: str) -> None:
    assert run(host, f"findstr {arguments}", b"hello world\r\nother\r\n") == (code, out, "")
