"""DISM's optional features: objects and errors as documentation and reports show them."""

from __future__ import annotations

from windows_script import answer, ids, out

COMMANDS = "Microsoft.Dism.Commands."


def test_what_a_feature_shows() -> None:
    script = """
        $f = Get-WindowsOptionalFeature -Online -FeatureName netfx3
        $f.FeatureName; [string]$f.State; [int]$f.State; [string]$f.RestartRequired; $f.GetType().Name
        @(Get-WindowsOptionalFeature -Online -FeatureName Nonsense).Count
        @(Get-WindowsOptionalFeature -Online | Where-Object FeatureName -eq TFTP)[0].GetType().Name
    """
    shown = ["NetFx3", "DisabledWithPayloadRemoved", 6, "Possible", "AdvancedFeatureObject"]
    assert out(script) == [*shown, 0, "BasicFeatureObject"]


def test_the_result_says_whether_a_restart_is_needed() -> None:
    script = """
        $r = Enable-WindowsOptionalFeature -Online -FeatureName TFTP, TelnetClient -NoRestart
        $r.Online; $r.RestartNeeded; (Get-WindowsFeature Telnet-Client).Installed
        $r = Disable-WindowsOptionalFeature -Online -FeatureName TFTP, TelnetClient -NoRestart; $r.RestartNeeded
    """
    assert out(script) == [True, False, True, False]


def test_an_unknown_name_and_a_closed_parent_are_errors_of_com() -> None:
    assert ids("Enable-WindowsOptionalFeature -Online -FeatureName X -NoRestart") == [
        COMMANDS + "EnableWindowsOptionalFeatureCommand"
    ]
    assert ids("Disable-WindowsOptionalFeature -Online -FeatureName X -NoRestart") == [
        COMMANDS + "DisableWindowsOptionalFeatureCommand"
    ]
    found = answer("Enable-WindowsOptionalFeature -Online -FeatureName IIS-WebServer -NoRestart")["errors"][0]
    assert found["exception"] == "System.Runtime.InteropServices.COMException"
    assert found["message"].startswith("One or several parent features are disabled")
