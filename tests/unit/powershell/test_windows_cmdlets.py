"""Services, firewall, CIM, processes and accounts: the values and error ids of windows_facts."""

from __future__ import annotations

import pytest
from windows_script import ids, out

COMMANDS = "Microsoft.PowerShell.Commands."
CIM = "Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"


@pytest.mark.parametrize(
    ("script", "error_ids"),
    [
        ("Get-Service nosuch", [f"NoServiceFoundForGivenName,{COMMANDS}GetServiceCommand"]),
        ("Get-Service nosuch*", []),
        ("Start-Service nosuch", [f"NoServiceFoundForGivenName,{COMMANDS}StartServiceCommand"]),
        ("Set-Service nosuch -StartupType Manual", [f"InvalidOperationException,{COMMANDS}SetServiceCommand"]),
        ("New-Service W32Time C:\\x.exe", [f"CouldNotNewService,{COMMANDS}NewServiceCommand"]),
        ("Get-CimInstance NoSuchClass", [f"HRESULT 0x80041010,{CIM}"]),
        ("Get-CimInstance Win32_Service -Namespace root/none", [f"HRESULT 0x8004100e,{CIM}"]),
        ("Get-NetFirewallRule -Name nosuch", ["CmdletizationQuery_NotFound_InstanceID,Get-NetFirewallRule"]),
        ("Get-NetFirewallRule -DisplayName nosuch", ["CmdletizationQuery_NotFound_DisplayName,Get-NetFirewallRule"]),
        ("Get-NetFirewallRule -DisplayName nosuch*", []),
        ("Get-LocalUser nosuch", [f"UserNotFound,{COMMANDS}GetLocalUserCommand"]),
        ("Get-LocalUser nosuch*", []),
        ("Get-LocalGroup nosuch", [f"GroupNotFound,{COMMANDS}GetLocalGroupCommand"]),
        ("Get-Process nosuch", [f"NoProcessFoundForGivenName,{COMMANDS}GetProcessCommand"]),
        ("Start-Process nosuch.exe", [f"InvalidOperationException,{COMMANDS}StartProcessCommand"]),
    ],
)
def test_what_is_missing_is_said_as_windows_says_it(script: str, error_ids: list[str]) -> None:
    assert ids(script) == error_ids


def test_a_disabled_service_cannot_be_started() -> None:
    script = """
        Stop-Service W32Time; Set-Service W32Time -StartupType Disabled
        try { Start-Service W32Time -ErrorAction Stop } catch { $_.FullyQualifiedErrorId; $_.Exception.InnerException.InnerException.NativeErrorCode }
        Set-Service W32Time -StartupType Automatic; Start-Service W32Time; (Get-Service W32Time).Status.ToString()
    """
    assert out(script) == [f"CouldNotStartService,{COMMANDS}StartServiceCommand", 1058, "Running"]


def test_starting_what_runs_and_stopping_what_is_stopped_is_silent() -> None:
    assert out("Start-Service W32Time; Stop-Service W32Time; Stop-Service W32Time; Start-Service W32Time") == []


def test_a_firewall_rule_and_its_filters() -> None:
    script = """
        $r = New-NetFirewallRule -Name wb -DisplayName 'W B' -Direction Inbound -Protocol TCP -LocalPort 8042, 104 -Action Allow -Profile Domain, Private
        [int]$r.Enabled; [int]$r.Action; [int]$r.Profile; ($r | Get-NetFirewallPortFilter).LocalPort -join ','
        (Get-NetFirewallRule -Name wb | Get-NetFirewallApplicationFilter).Program
        Disable-NetFirewallRule -Name wb; [string](Get-NetFirewallRule -Name wb).Enabled; [bool](Get-NetFirewallRule -Name wb).Enabled
        Remove-NetFirewallRule -Name wb
    """
    assert out(script) == [1, 2, 3, "8042,104", "Any", "False", True]


def test_the_same_display_name_makes_a_second_rule_but_the_same_name_does_not() -> None:
    script = """
        $null = New-NetFirewallRule -DisplayName twice; $null = New-NetFirewallRule -DisplayName twice
        @(Get-NetFirewallRule -DisplayName twice).Count; Remove-NetFirewallRule -DisplayName twice
    """
    assert out(script) == [2]
    again = "$null = New-NetFirewallRule -Name once -DisplayName o; New-NetFirewallRule -Name once -DisplayName o; Remove-NetFirewallRule -Name once"
    assert ids(again) == ["Windows System Error 183,New-NetFirewallRule"]


def test_wql_filters() -> None:
    script = """
        (Get-CimInstance Win32_Service -Filter "Name='winmgmt' OR Name='W32Time'").Name -join ','
        @(Get-CimInstance Win32_Service -Filter "Name LIKE 'w32%' AND State = 'Running'").Count
        (Get-CimInstance -Query "SELECT * FROM Win32_LogicalDisk WHERE DriveType = 3").DeviceID
        (Get-CimInstance Win32_OperatingSystem).BuildNumber; (Get-WmiObject Win32_OperatingSystem).LastBootUpTime -match '^\\d{14}\\.\\d{6}\\+000$'
    """
    assert out(script) == ["W32Time,Winmgmt", 1, "C:", "20348", True]


def test_win32_product_is_refused_with_the_reason() -> None:
    from windows_script import corpus, host

    refused = corpus.in_deep_thread(lambda: corpus.run_case("Get-CimInstance Win32_Product", host()))["refused"]
    assert "Uninstall" in refused


def test_exit_code_and_output_of_a_redirected_process() -> None:
    script = """
        $i = New-Object Diagnostics.ProcessStartInfo 'cmd.exe', '/c echo out& exit 7'
        $i.UseShellExecute = $false; $i.RedirectStandardOutput = $true
        $p = [Diagnostics.Process]::Start($i); $t = $p.StandardOutput.ReadToEndAsync(); $p.WaitForExit(); $p.ExitCode; $t.Result.Trim()
    """
    assert out(script) == [7, "out"]


def test_the_exit_code_of_a_process_started_without_handle_is_lost() -> None:
    script = """
        $p = Start-Process cmd.exe '/c exit 5' -NoNewWindow -PassThru; $p.WaitForExit(); $null -eq $p.ExitCode
        (Start-Process cmd.exe '/c exit 6' -NoNewWindow -Wait -PassThru).ExitCode
    """
    assert out(script) == [True, 6]


def test_a_refused_password_leaves_the_account_behind() -> None:
    script = """
        $weak = ConvertTo-SecureString 'a' -AsPlainText -Force
        New-LocalUser wbweak -Password $weak -ErrorAction SilentlyContinue; (Get-LocalUser wbweak).Name; Remove-LocalUser wbweak
    """
    assert out(script) == ["wbweak"]


def test_who_the_process_is() -> None:
    script = """
        $i = [Security.Principal.WindowsIdentity]::GetCurrent()
        (New-Object Security.Principal.WindowsPrincipal $i).IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
        (New-Object Security.Principal.SecurityIdentifier 'S-1-5-32-544').Translate([Security.Principal.NTAccount]).Value
    """
    assert out(script) == [True, "BUILTIN\\Administrators"]
