"""WinRM's listeners, the certificate store and user profiles, as scripts see them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from windows_script import answer, host, ids, out

from winbake.rehearsal.windows.accounts import Accounts
from winbake.rehearsal.windows.certificates import make_certificate
from winbake.rehearsal.windows.listeners import Listener
from winbake.rehearsal.windows.services import STOPPED

LISTENERS = "Get-WSManInstance -ResourceURI winrm/config/Listener -Enumerate"
REMOVE = "Remove-WSManInstance -ResourceURI winrm/config/Listener -SelectorSet @{Address='*';Transport='HTTPS'}"


@pytest.fixture
def thumbprint() -> Iterator[str]:
    """A self-signed certificate in the store, shown by an HTTPS listener."""
    made = host().certificates.add(make_certificate("MASTER"))
    host().listeners.put(Listener("HTTPS", thumbprint=made))
    yield made
    host().listeners.remove(Listener("HTTPS"))
    host().certificates.remove(made, with_key=True)


def test_a_fresh_server_listens_over_http_only() -> None:
    assert out(f"{LISTENERS} | ForEach-Object {{ $_.Transport; $_.Address; $_.Port; $_.Enabled }}") == [
        "HTTP", "*", "5985", "true",
    ]  # fmt: skip
    assert out(f"({LISTENERS}).CertificateThumbprint") == [""]


def test_the_https_listener_names_its_certificate(thumbprint: str) -> None:
    script = f"$l = {LISTENERS} | Where-Object {{ $_.Transport -eq 'HTTPS' }}; $l.Port; $l.CertificateThumbprint"
    assert out(script) == ["5986", thumbprint]
    one = "Get-WSManInstance winrm/config/listener -SelectorSet @{Address='*';Transport='https'}"
    assert out(f"({one}).CertificateThumbprint") == [thumbprint]


def test_a_listener_is_removed_once(thumbprint: str) -> None:
    assert out(f"{REMOVE}; @({LISTENERS}).Count") == [1]
    assert ids(REMOVE) == ["WsManError,Microsoft.WSMan.Management.RemoveWSManInstanceCommand"]
    assert "2150858752" in str(answer(REMOVE)["errors"])


def test_a_stopped_service_tells_nothing() -> None:
    try:
        host().services.stop("WinRM")
        assert host().services.wait_for("WinRM", STOPPED, 60)
        assert ids(LISTENERS) == ["WsManError,Microsoft.WSMan.Management.GetWSManInstanceCommand"]
    finally:
        assert host().services.start_and_wait("WinRM")


def test_certificates_of_the_machine(thumbprint: str) -> None:
    script = r"""
        $c = Get-ChildItem Cert:\LocalMachine\My
        $c.Thumbprint; $c.Subject; $c.Issuer; $c.HasPrivateKey; ($c.NotAfter - $c.NotBefore).Days; $c.PSChildName
    """
    assert out(script) == [thumbprint, "CN=MASTER", "CN=MASTER", True, 365, thumbprint]
    assert out(rf"Test-Path Cert:\LocalMachine\My\{thumbprint.lower()}; Test-Path Cert:\CurrentUser\My\{thumbprint}") == [
        True, False,
    ]  # fmt: skip


def test_a_removed_certificate_leaves_its_key_behind(thumbprint: str) -> None:
    assert out(rf"Remove-Item -LiteralPath Cert:\LocalMachine\My\{thumbprint}; @(Get-ChildItem Cert:\LocalMachine\My).Count") == [0]
    assert host().certificates.has_key(thumbprint)


def test_delete_key_takes_the_key_along(thumbprint: str) -> None:
    assert out(rf"Remove-Item -LiteralPath Cert:\LocalMachine\My\{thumbprint} -DeleteKey") == []
    assert not host().certificates.has_key(thumbprint)
    assert ids(rf"Remove-Item -LiteralPath Cert:\LocalMachine\My\{thumbprint} -DeleteKey") == [
        "PathNotFound,Microsoft.PowerShell.Commands.RemoveItemCommand"
    ]


def test_delete_key_is_for_certificates_only() -> None:
    assert ids(r"Remove-Item C:\Windows\Temp -DeleteKey") == [
        "NamedParameterNotFound,Microsoft.PowerShell.Commands.RemoveItemCommand"
    ]


def test_a_profile_goes_with_its_folder() -> None:
    accounts: Accounts = host().accounts
    accounts.add_user("baker", "Canary-4711-Nest!")
    sid = accounts.must_user("baker").sid
    host().logon("baker", "Canary-4711-Nest!")
    find = f"Get-CimInstance -ClassName Win32_UserProfile -Filter \"SID='{sid}'\""
    assert out(f"$p = {find}; $p.LocalPath; $p.Loaded; $p.Special") == [r"C:\Users\baker", False, False]
    assert out(f"{find} | Remove-CimInstance; @({find}).Count") == [0]
    assert not host().files.exists(r"C:\Users\baker")
    assert host().registry.open(rf"HKEY_USERS\{sid}") is None
    accounts.remove_user("baker")


def test_a_profile_in_use_stays() -> None:
    find = "Get-CimInstance -ClassName Win32_UserProfile -Filter \"LocalPath LIKE '%Administrator'\""
    assert out(f"({find}).Loaded") == [True]
    assert ids(f"{find} | Remove-CimInstance") == [
        "HRESULT 0x80041001,Microsoft.Management.Infrastructure.CimCmdlets.RemoveCimInstanceCommand"
    ]
    assert host().files.exists(r"C:\Users\Administrator")
