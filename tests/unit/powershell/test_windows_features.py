"""The cmdlets of ServerManager: objects, results and errors as windows_facts (section 9) has them."""

from __future__ import annotations

from windows_script import answer, ids, out

COMMANDS = "Microsoft.Windows.ServerManager.Commands."


def test_a_name_that_is_unknown_gives_nothing() -> None:
    assert out("@(Get-WindowsFeature -Name Nonsense).Count") == [0]
    assert out("(Get-WindowsFeature telnet-*).Name") == ["Telnet-Client"]


def test_what_a_feature_shows() -> None:
    script = """
        $f = Get-WindowsFeature Web-Server
        $f.Installed; [string]$f.InstallState; $f.FeatureType; $f.SubFeatures -join ','; [int](Get-WindowsFeature PowerShell-V2).InstallState
    """
    assert out(script) == [False, "Available", "Role", "Web-WebServer,Web-Mgmt-Tools", 5]


def test_an_install_a_second_one_and_a_removal() -> None:
    script = """
        $r = Get-WindowsFeature Telnet-Client | Install-WindowsFeature
        $r.Success; [string]$r.RestartNeeded; [string]$r.ExitCode; $r.FeatureResult[0].Id
        $again = Install-WindowsFeature Telnet-Client; [string]$again.ExitCode; @($again.FeatureResult).Count
        $gone = Uninstall-WindowsFeature Telnet-Client; [string]$gone.ExitCode; (Get-WindowsFeature Telnet-Client).Installed
    """
    assert out(script) == [True, "No", "Success", "Telnet-Client", "NoChangeNeeded", 0, "Success", False]


def test_an_unknown_name_is_an_error_and_a_result() -> None:
    install = answer("$r = Install-WindowsFeature Nonsense; $r.Success; [string]$r.ExitCode")
    assert install["out"] == [False, "InvalidArgs"]
    assert ids("$null = Install-WindowsFeature Nonsense") == [f"NameDoesNotExist,{COMMANDS}AddWindowsFeatureCommand"]
    assert ids("$null = Uninstall-WindowsFeature Nonsense") == [f"NameDoesNotExist,{COMMANDS}RemoveWindowsFeatureCommand"]


def test_a_payload_that_is_not_on_the_host() -> None:
    script = "$r = Install-WindowsFeature NET-Framework-Core -ErrorAction SilentlyContinue; $r.Success; [string]$r.ExitCode"
    assert answer(script)["out"] == [False, "Failed"]
