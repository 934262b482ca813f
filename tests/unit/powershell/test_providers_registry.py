"""The registry as a script meets it: by RegistryKey and by the provider (windows_facts section 1)."""

from __future__ import annotations

import pytest
from windows_script import host, ids, out

KEY = r"HKLM:\SOFTWARE\winbake-test"
COMMANDS = "Microsoft.PowerShell.Commands."


@pytest.fixture(autouse=True)
def fresh_key() -> None:
    out(f"if (Test-Path {KEY}) {{ Remove-Item {KEY} -Recurse }}; $null = New-Item {KEY}")


def test_high_bit_numbers_are_negative_by_api_and_unsigned_by_provider() -> None:
    script = f"Set-ItemProperty {KEY} big 4294967295 -Type DWord; (Get-Item {KEY}).GetValue('big'); (Get-ItemProperty {KEY}).big"
    assert out(script) == [-1, {"type": "UInt32", "value": "4294967295"}]


def test_setvalue_without_kind_keeps_only_int_bytes_and_strings() -> None:
    script = """
        $k = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SOFTWARE\\winbake-test', $true)
        $k.SetValue('i', 1); $k.SetValue('l', [long]1); $k.SetValue('b', [byte[]](1, 2)); $k.SetValue('s', [string[]]('a', ''))
        'i', 'l', 'b', 's' | ForEach-Object { $k.GetValueKind($_).ToString() }
        $k.GetValue('s').Count
    """
    assert out(script) == ["DWord", "String", "Binary", "MultiString", 2]


def test_expand_string_is_expanded_unless_told_not_to() -> None:
    script = f"""
        $null = New-ItemProperty {KEY} p -Value '%SystemRoot%\\x' -PropertyType ExpandString
        (Get-ItemProperty {KEY}).p; (Get-Item {KEY}).GetValue('p', $null, 'DoNotExpandEnvironmentNames')
    """
    assert out(script) == ["C:\\Windows\\x", "%SystemRoot%\\x"]


def test_force_on_an_existing_key_empties_it_and_its_subkeys() -> None:
    script = f"""
        $null = New-Item {KEY}\\sub; Set-ItemProperty {KEY} a 1; $null = New-Item {KEY} -Force
        Test-Path {KEY}\\sub; $null -eq (Get-ItemProperty {KEY})
    """
    assert out(script) == [False, True]


def test_deleting_what_is_not_there_throws_unless_told_not_to() -> None:
    script = """
        $k = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SOFTWARE\\winbake-test', $true)
        $k.DeleteValue('no', $false); try { $k.DeleteValue('no') } catch { $_.Exception.InnerException.GetType().Name }
        $null -eq $k.OpenSubKey('no')
    """
    assert out(script) == ["ArgumentException", True]


def test_a_value_keeps_its_kind_when_set_again() -> None:
    script = f"""
        $null = New-ItemProperty {KEY} e -Value '%a%' -PropertyType ExpandString; Set-ItemProperty {KEY} e '%b%'
        (Get-Item {KEY}).GetValueKind('e').ToString()
    """
    assert out(script) == ["ExpandString"]


@pytest.mark.parametrize(
    ("script", "error_id"),
    [
        (r"Get-Item HKLM:\SOFTWARE\nope", f"PathNotFound,{COMMANDS}GetItemCommand"),
        (r"Get-Item NoSuch:\x", f"DriveNotFound,{COMMANDS}GetItemCommand"),
        (f"New-Item {KEY}", f"System.IO.IOException,{COMMANDS}NewItemCommand"),
        (rf"New-Item {KEY}\a\b", f"System.ArgumentException,{COMMANDS}NewItemCommand"),
        (
            f"Get-ItemProperty {KEY} nope",
            f"System.Management.Automation.PSArgumentException,{COMMANDS}GetItemPropertyCommand",
        ),
        (
            f"Get-ItemPropertyValue {KEY} -Name nope -ErrorAction SilentlyContinue",
            f"System.Management.Automation.PSArgumentException,{COMMANDS}GetItemPropertyValueCommand",
        ),
        (r"Get-Item HKLM:\SAM\SAM", f"System.Security.SecurityException,{COMMANDS}GetItemCommand"),
    ],
)
def test_failures_have_windows_ids(script: str, error_id: str) -> None:
    assert ids(script) == [error_id]


def test_a_machine_path_set_by_environment_class_loses_its_kind() -> None:
    key = r"HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
    before = host().registry.open(key.replace("HKLM:", "HKEY_LOCAL_MACHINE")).get("Path")  # type: ignore[union-attr]
    assert before is not None
    try:
        script = f"[Environment]::SetEnvironmentVariable('Path', 'C:\\a', 'Machine'); (Get-Item '{key}').GetValueKind('Path').ToString()"
        assert out(script) == ["String"]
    finally:
        host().registry.create(key.replace("HKLM:", "HKEY_LOCAL_MACHINE")).set("Path", before.kind, before.data)
