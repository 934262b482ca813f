"""Environment stores, blocks of new processes, accounts and logons."""

from __future__ import annotations

import pytest

from winbake.rehearsal.windows.environment import MACHINE_KEY
from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.host import WindowsHost


def test_path_is_the_machines_and_then_the_users_expanded(host: WindowsHost) -> None:
    host.registry.write(MACHINE_KEY, "Path", r"%SystemRoot%\system32;C:\Tools", 2)
    host.registry.write(r"HKCU\Environment", "Path", r"%USERPROFILE%\bin", 2)
    assert host.environment.block(host.default_token)["PATH"] == (
        r"C:\Windows\system32;C:\Tools;C:\Users\Administrator\bin"
    )


def test_a_plain_string_is_not_expanded(host: WindowsHost) -> None:
    """What [Environment]::SetEnvironmentVariable makes of a Path: REG_SZ, its %SystemRoot% dead."""
    host.registry.write(MACHINE_KEY, "Path", r"%SystemRoot%\system32", 1)
    assert host.environment.block(host.default_token)["Path"].startswith(r"%SystemRoot%\system32;")


def test_a_users_variable_wins_and_expands_with_the_machines(host: WindowsHost) -> None:
    host.registry.write(MACHINE_KEY, "ROOT", r"C:\Data", 1)
    host.registry.write(MACHINE_KEY, "MODE", "machine", 1)
    host.registry.write(r"HKCU\Environment", "Mode", "user", 1)
    host.registry.write(r"HKCU\Environment", "SUB", r"%ROOT%\sub;%NONE%", 2)
    block = host.environment.block(host.default_token)
    assert (block["MODE"], block["SUB"]) == ("user", r"C:\Data\sub;%NONE%")
    assert [name for name in block if name.lower() == "mode"] == ["MODE"]


def test_a_process_keeps_the_block_it_started_with(host: WindowsHost) -> None:
    before = host.environment.block(host.default_token)
    host.environment.set_machine("NEW", "1")
    assert "NEW" not in before
    assert host.environment.block(host.default_token)["new"] == "1"


def test_the_systems_own_block(host: WindowsHost) -> None:
    from winbake.rehearsal.windows.accounts import SYSTEM_TOKEN

    block = host.environment.block(SYSTEM_TOKEN)
    assert block["USERPROFILE"] == r"C:\Windows\system32\config\systemprofile"
    assert block["USERNAME"] == host.computer_name + "$"
    assert block["TEMP"].lower().startswith("c:\\windows\\")


def test_a_new_user_gets_a_profile_at_the_first_logon(host: WindowsHost) -> None:
    host.accounts.add_user("student", "Aachen-2026")
    assert not host.files.exists(r"C:\Users\student")
    token = host.logon("student", "Aachen-2026", "interactive")
    assert host.files.is_directory(r"C:\Users\student\Desktop")
    assert host.environment.block(token)["APPDATA"] == r"C:\Users\student\AppData\Roaming"
    assert host.registry.open(rf"HKEY_USERS\{token.sid}\Environment") is not None


def code_of(action: object, *arguments: object) -> int:
    with pytest.raises(Win32Failure) as refused:
        action(*arguments)  # type: ignore[operator]
    return refused.value.code


def test_accounts_of_a_fresh_server(host: WindowsHost) -> None:
    rids = {user.name: user.rid for user in host.accounts.users.values()}
    assert rids == {"Administrator": 500, "Guest": 501, "DefaultAccount": 503, "WDAGUtilityAccount": 504}
    assert [user.name for user in host.accounts.users.values() if user.enabled] == ["Administrator"]
    administrators = host.accounts.must_group("S-1-5-32-544")
    assert [host.accounts.name_of(sid) for sid in administrators.members] == [rf"{host.computer_name}\Administrator"]


def test_refusals_of_accounts(host: WindowsHost) -> None:
    accounts = host.accounts
    accounts.add_user("student", "Aachen-2026")
    assert accounts.must_user("student").rid >= 1000
    assert code_of(accounts.add_user, "STUDENT", "Aachen-2026") == 2224
    assert code_of(accounts.add_user, "Users", "Aachen-2026") == 1379
    assert code_of(accounts.add_user, "x" * 21, "Aachen-2026") == 2202
    assert code_of(accounts.add_user, "a/b", "Aachen-2026") == 2202
    assert code_of(accounts.add_user, "weak", "password") == 2245
    assert code_of(accounts.add_user, "petra", "Petra-2026!") == 2245
    assert accounts.user("weak") is None
    assert code_of(accounts.must_user, "none") == 2221
    assert code_of(accounts.remove_user, "Administrator") == 1371
    assert code_of(accounts.add_member, "none", "student") == 1376
    assert code_of(accounts.add_member, "Users", "nobody") == 1387
    accounts.add_member("Remote Desktop Users", rf"{host.computer_name}\student")
    assert code_of(accounts.add_member, "Remote Desktop Users", "student") == 1378
    accounts.remove_member("Remote Desktop Users", "student")
    assert code_of(accounts.remove_member, "Remote Desktop Users", "student") == 1377


def test_a_removed_user_is_in_no_group(host: WindowsHost) -> None:
    host.accounts.add_user("student", "Aachen-2026")
    host.accounts.add_member("Administrators", "student")
    host.accounts.remove_user("student")
    assert len(host.accounts.must_group("Administrators").members) == 1


def test_logons(host: WindowsHost) -> None:
    host.accounts.add_user("student", "Aachen-2026")
    assert code_of(host.logon, "student", "wrong") == 1326
    assert code_of(host.logon, "nobody", "x") == 1326
    host.accounts.must_user("student").enabled = False
    assert code_of(host.logon, "student", "Aachen-2026") == 1331


def test_a_second_administrators_network_token_is_filtered(host: WindowsHost) -> None:
    host.accounts.add_user("helper", "Aachen-2026")
    host.accounts.add_member("Administrators", "helper")
    assert not host.logon("helper", "Aachen-2026").elevated
    assert host.logon("helper", "Aachen-2026", "batch").elevated
    policies = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
    host.registry.write(policies, "LocalAccountTokenFilterPolicy", 1)
    assert host.logon("helper", "Aachen-2026").elevated
