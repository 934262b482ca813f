"""Microsoft.Update.*: what Windows Update Agent's objects answer, whom they refuse, and how installations fail."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

import pytest

from winbake.rehearsal.windows import update_criteria
from winbake.rehearsal.windows.accounts import SYSTEM_TOKEN
from winbake.rehearsal.windows.failures import NotModelled
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.process import Process, Token

SESSION = "$s = New-Object -ComObject Microsoft.Update.Session; "
SEARCH = SESSION + "$found = $s.CreateUpdateSearcher().Search('IsInstalled=0 and IsHidden=0').Updates; "
INSTALL = (
    SEARCH + "$c = New-Object -ComObject Microsoft.Update.UpdateColl; "
    "foreach ($u in $found) { if ($want -contains $u.KBArticleIDs.Item(0)) { $null = $c.Add($u) } }; "
    "$d = $s.CreateUpdateDownloader(); $d.Updates = $c; $null = $d.Download(); "
    "$i = $s.CreateUpdateInstaller(); $i.Updates = $c; $r = $i.Install(); "
)
SHOWN = "$r.ResultCode; $r.RebootRequired; for ($n = 0; $n -lt $c.Count; $n++) { '{0:X8}' -f $r.GetUpdateResult($n).HResult }; "
REBOOT_REQUIRED = "(New-Object -ComObject Microsoft.Update.SystemInfo).RebootRequired; "


@pytest.fixture
def host() -> Iterator[WindowsHost]:
    made = WindowsHost("M", "2022", 500.0)
    yield made
    made.power.stop_now()


def start(host: WindowsHost, script: str, token: Token = SYSTEM_TOKEN) -> Process:
    caught = "try { " + script + " } catch { $e = $_.Exception.GetBaseException(); $e.GetType().Name; $e.Message }"
    return host.start("powershell.exe -NoProfile -EncodedCommand " + _encoded(caught), token=token)


def said(host: WindowsHost, script: str, token: Token = SYSTEM_TOKEN) -> list[str]:
    process = start(host, script, token)
    assert process.wait(5000), "it did not end"
    assert process.failure is None, process.failure
    return process.stdout.getvalue().decode().splitlines()


def _encoded(script: str) -> str:
    return base64.b64encode(script.encode("utf-16-le")).decode()


def kbs(*numbers: str) -> str:
    return f"$want = @({', '.join(repr(n) for n in numbers)}); "


def test_a_search_lists_what_applies_with_its_kb_and_categories(host: WindowsHost) -> None:
    lines = said(host, SEARCH + "$found.Count; $u = $found.Item(0); $u.Title; 'KB' + $u.KBArticleIDs.Item(0); $u.Type; "
                 "@($u.Categories | ForEach-Object { $_.Name }) -join '|'; $u.InstallationBehavior.RebootBehavior; $u.IsDownloaded")  # fmt: skip
    assert lines == [
        "5", host.updates.get("KB9900001").title, "KB9900001", "1",
        "Security Updates|Microsoft Server operating system-21H2", "2", "False",
    ]  # fmt: skip


def test_what_is_optional_or_hidden_can_be_asked_for(host: WindowsHost) -> None:
    host.updates.get("KB890830").hidden = True
    count = "$s.CreateUpdateSearcher().Search('{}').Updates.Count; "
    asked = ("IsInstalled=0 and BrowseOnly=1", "IsInstalled=0 AND IsHidden=1", "( IsInstalled = 0 and Type='Driver' ) or (IsInstalled=1)")
    lines = said(host, SESSION + "".join(count.format(text.replace("'", "''")) for text in asked))
    assert lines == ["1", "1", "0"]


@pytest.mark.parametrize("bad", ["IsInstalled", "IsInstalled=2", "IsInstalled!=0", "IsInstalled=0 and", "(IsInstalled=0", "IsInstalled=0 ;"])
def test_criteria_that_are_none(bad: str) -> None:
    with pytest.raises(update_criteria.InvalidCriteria):
        update_criteria.parse(bad)


@pytest.mark.parametrize("text", ["IsHidden=0", "IsInstalled=0 and CategoryIDs contains 'x'"])
def test_criteria_that_are_not_modelled(text: str) -> None:
    with pytest.raises(NotModelled):
        update_criteria.parse(text)


def test_bad_criteria_have_windows_code(host: WindowsHost) -> None:
    assert said(host, SESSION + "$s.CreateUpdateSearcher().Search('IsInstalled=5')") == [
        "COMException", "Exception from HRESULT: 0x80240032",
    ]  # fmt: skip


DENIED = ["UnauthorizedAccessException", "Access is denied. (Exception from HRESULT: 0x80070005 (E_ACCESSDENIED))"]


@pytest.mark.parametrize(
    "script",
    [SESSION + "$s.CreateUpdateDownloader()", SESSION + "$s.CreateUpdateInstaller()", REBOOT_REQUIRED,
     SEARCH + "$found.Item(0).AcceptEula()"],
)  # fmt: skip
def test_a_network_logon_may_not_install(host: WindowsHost, script: str) -> None:
    assert said(host, script, host.default_token) == DENIED
    assert said(host, script) != DENIED


def test_a_network_logon_may_search_before_server_2025(host: WindowsHost) -> None:
    assert said(host, SEARCH + "$found.Count", host.default_token) == ["5"]
    newer = WindowsHost("N", "2025", 500.0)
    assert said(newer, SEARCH + "$found.Count", newer.default_token) == DENIED
    newer.power.stop_now()


def test_more_updates_come_after_the_restart_that_one_asked_for(host: WindowsHost) -> None:
    assert said(host, REBOOT_REQUIRED + kbs("9900001", "9900002") + INSTALL + SHOWN + REBOOT_REQUIRED) == [
        "False", "2", "True", "00000000", "00000000", "True",
    ]  # fmt: skip
    waiting = "$found.Count; $u = $found.Item(0); $u.RebootRequired; $u.IsInstalled; "
    assert said(host, SEARCH + waiting) == ["4", "True", "False"]
    host.reboot()
    wait_for_boot(host, 2)
    assert said(host, REBOOT_REQUIRED + SEARCH + "foreach ($u in $found) { $u.KBArticleIDs.Item(0) }") == [
        "False", "890830", "2267602", "9900003", "9900004",
    ]  # fmt: skip


def wait_for_boot(host: WindowsHost, boots: int) -> None:
    for _ in range(2000):
        if host.power.boots == boots and host.wait_up(100):
            return
        time.sleep(0.01)
    raise AssertionError("it did not come up")


def test_an_update_that_always_restarts_keeps_others_out_until_then(host: WindowsHost) -> None:
    first = host.updates.get("KB9900001")
    first.reboot = 1
    assert said(host, kbs("9900001") + INSTALL + "$i.RebootRequiredBeforeInstallation; " + kbs("890830") + INSTALL) == [
        "True", "COMException", "Exception from HRESULT: 0x80240016",
    ]  # fmt: skip


def test_one_of_several_fails(host: WindowsHost) -> None:
    host.faults.add("update_fails", kb="KB890830", code="0x800F0922")
    assert said(host, kbs("9900002", "890830") + INSTALL + SHOWN) == ["3", "False", "00000000", "800F0922"]
    assert not host.updates.get("KB890830").installed and host.updates.get("KB9900002").installed


def test_nothing_to_install_has_windows_code(host: WindowsHost) -> None:
    assert said(host, SESSION + "$s.CreateUpdateInstaller().Install()") == ["COMException", "Exception from HRESULT: 0x80240024"]


def test_an_installation_goes_on_without_who_asked_and_keeps_others_out(host: WindowsHost) -> None:
    host.faults.add("update_hangs", kb="KB890830")
    asked = start(host, kbs("890830") + INSTALL)
    for _ in range(1000):
        if host.updates.is_busy:
            break
        time.sleep(0.01)
    asked.kill(tree=True)
    assert said(host, SESSION + "$s.CreateUpdateInstaller().IsBusy; " + kbs("9900002") + INSTALL) == [
        "True", "COMException", "Exception from HRESULT: 0x80240016",
    ]  # fmt: skip
    host.reboot()
    wait_for_boot(host, 2)
    assert not host.updates.is_busy and not host.updates.get("KB890830").installed


def test_a_disabled_service_and_a_policy_are_said(host: WindowsHost) -> None:
    host.registry.write(r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\wuauserv", "Start", 4)
    refused = said(host, SEARCH)
    host.registry.write(r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\wuauserv", "Start", 3)
    assert refused[1].startswith("The service cannot be started, either because it is disabled")
    assert "0x80070422" in refused[1]
    policy = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate"
    host.registry.write(policy, "DisableWindowsUpdateAccess", 1)
    assert said(host, SEARCH)[1] == "Exception from HRESULT: 0x8024002F"


def test_what_waits_for_a_restart_survives_a_shutdown(host: WindowsHost) -> None:
    said(host, kbs("9900001") + INSTALL)
    clone = WindowsHost.from_state(host.state(), "B", 500.0, host.files.blobs)
    assert [one.waits for one in clone.updates.all()] == [one.waits for one in host.updates.all()]
    assert clone.updates.get("KB9900004").after == ("KB9900001",)
    clone.power.stop_now()


@pytest.mark.parametrize(
    "script", ["$s.CreateUpdateSearcher().BeginSearch('IsInstalled=0', $null, $null)", "$s.CreateUpdateSearcher().ServerSelection = 1"]
)
def test_what_is_not_modelled_is_refused(host: WindowsHost, script: str) -> None:
    process = start(host, SESSION + script)
    assert process.wait(500)
    assert process.exit_code == 70 and "does not model" in process.stderr.getvalue().decode()


def test_what_windows_says_nothing_of_is_null(host: WindowsHost) -> None:
    host.updates.get("KB9900001").reboot = None
    assert said(host, SEARCH + "$null -eq $found.Item(0).InstallationBehavior") == ["True"]
