"""Files as a script meets them: locks, versions, signatures, archives, streams, encodings."""

from __future__ import annotations

import pytest
from windows_script import ids, out

COMMANDS = "Microsoft.PowerShell.Commands."


def test_an_open_file_is_refused_to_who_does_not_share_with_it() -> None:
    script = """
        $p = "$TestDrive\\a.log"; [IO.File]::WriteAllText($p, 'x')
        $w = [IO.File]::Open($p, 'Open', 'Write', 'ReadWrite')
        try { $r = [IO.File]::Open($p, 'Open', 'Read', 'Read'); 'opened' } catch { $_.Exception.InnerException.GetType().Name }
        $r = [IO.File]::Open($p, 'Open', 'Read', 'ReadWrite'); 'shared'; $r.Close(); $w.Close(); [IO.File]::Delete($p)
    """
    assert out(script) == ["IOException", "shared"]


def test_missing_files_and_folders_are_told_apart() -> None:
    script = r"""
        foreach ($p in 'C:\no.txt', 'C:\no\no.txt') {
            try { [IO.File]::ReadAllText($p) } catch { $_.Exception.InnerException.GetType().Name }
        }
    """
    assert out(script) == ["FileNotFoundException", "DirectoryNotFoundException"]


def test_version_and_signer_of_a_system_file() -> None:
    script = r"""
        $i = [Diagnostics.FileVersionInfo]::GetVersionInfo('C:\Windows\System32\cmd.exe')
        $i.FileMajorPart; [string](Get-AuthenticodeSignature C:\Windows\System32\cmd.exe).Status
        Set-Content n.txt x; [string](Get-AuthenticodeSignature n.txt).Status
    """
    assert out(script) == [10, "Valid", "UnknownError"]


def test_extracting_over_an_existing_file_ends_extracttodirectory_but_not_expand_archive() -> None:
    script = """
        Add-Type -AssemblyName System.IO.Compression.FileSystem
        $null = New-Item s -ItemType Directory; Set-Content s/a.txt 1; Set-Content s/b.txt 2; Compress-Archive s/* z.zip
        $null = New-Item o -ItemType Directory; Set-Content o/a.txt old
        try { [IO.Compression.ZipFile]::ExtractToDirectory("$TestDrive\\z.zip", "$TestDrive\\o") }
        catch { $_.Exception.InnerException.GetType().Name }
        Test-Path o/b.txt; Expand-Archive z.zip o -ErrorAction SilentlyContinue; Get-Content o/a.txt, o/b.txt
    """
    assert out(script) == ["IOException", False, "old", "2"]


@pytest.mark.parametrize(
    ("script", "error_ids"),
    [
        ("Get-Content no.txt", [f"PathNotFound,{COMMANDS}GetContentCommand"]),
        ("$null = New-Item a -ItemType File; New-Item a -ItemType File", [f"NewItemIOError,{COMMANDS}NewItemCommand"]),
        (
            "$null = New-Item d -ItemType Directory; New-Item d -ItemType Directory",
            [f"DirectoryExist,{COMMANDS}NewItemCommand"],
        ),
        ("Set-Content a 1; Set-Content b 2; Move-Item a b", [f"MoveFileInfoItemIOError,{COMMANDS}MoveItemCommand"]),
        ("Set-Content a 1; Copy-Item a a", [f"CopyError,{COMMANDS}CopyItemCommand"]),
        (
            "Set-Content a 1; $s = [IO.File]::OpenRead(\"$TestDrive\\a\"); Remove-Item a; $s.Close()",
            [f"RemoveFileSystemItemIOError,{COMMANDS}RemoveItemCommand"],
        ),
        ("Compress-Archive . z.rar", ["NotSupportedArchiveFileExtension,Compress-Archive"]),
        ("Unblock-File no.txt", [f"FileNotFound,{COMMANDS}UnblockFileCommand"]),
    ],
)
def test_failures_have_windows_ids(script: str, error_ids: list[str]) -> None:
    assert ids(script) == error_ids


def test_content_is_ansi_unless_told_otherwise() -> None:
    script = """
        Set-Content a.txt ([string][char]0xE9) -NoNewline; Set-Content b.txt ([string][char]0xE9) -NoNewline -Encoding UTF8
        ([IO.File]::ReadAllBytes("$TestDrive\\a.txt") -join ','); ([IO.File]::ReadAllBytes("$TestDrive\\b.txt") -join ',')
    """
    assert out(script) == ["233", "239,187,191,195,169"]


def test_the_mark_of_the_web_is_a_stream_that_unblock_file_deletes() -> None:
    script = """
        Set-Content a.exe x; Set-Content a.exe '[ZoneTransfer]', 'ZoneId=3' -Stream Zone.Identifier
        (Get-Content a.exe -Stream Zone.Identifier)[1]; Unblock-File a.exe
        (Get-Item a.exe -Stream *).Stream; Get-Content a.exe
    """
    assert out(script) == ["ZoneId=3", ":$DATA", "x"]


def test_path_joins_and_splits_with_backslashes() -> None:
    script = r"Join-Path C:\a /b; Split-Path C:\a\b.txt; Split-Path C:\a -Qualifier; [IO.Path]::Combine('C:\a', '\b'); [IO.Path]::GetFullPath('C:\a\..\b\.\c')"
    assert out(script) == ["C:\\a\\b", "C:\\a", "C:", "\\b", "C:\\b\\c"]
