"""Access rules of files and folders: .NET's FileSystemSecurity on the model's lists, inheritance by Win32's rules."""

from __future__ import annotations

import pytest
from windows_script import answer, host, out

from winbake.rehearsal.windows.access import (
    CONTAINER_INHERIT,
    CREATOR_OWNER,
    INHERIT_ONLY,
    INHERITED,
    NO_PROPAGATE,
    OBJECT_INHERIT,
    Ace,
    inherited_entries,
    own_entries,
    set_own_entries,
)
from winbake.rehearsal.windows.failures import NotModelled

SID = "S-1-5-21-1-2-3-1001"
FOLDER, CHILD, FILE = r"C:\acl", r"C:\acl\child", r"C:\acl\child\a.txt"
RULE = "New-Object Security.AccessControl.FileSystemAccessRule"
ACL = "$acl = (Get-Item C:\\acl).GetAccessControl('Access')"


@pytest.fixture(autouse=True)
def _folder() -> None:
    host().files.make_directory(CHILD)
    host().files.write(FILE, b"x")
    for path in (FOLDER, CHILD, FILE):
        host().files.set_security(path, None)


@pytest.mark.parametrize(
    ("parent", "folder", "file"),
    [
        (0, None, None),
        (OBJECT_INHERIT, OBJECT_INHERIT | INHERIT_ONLY, 0),
        (CONTAINER_INHERIT, CONTAINER_INHERIT, None),
        (CONTAINER_INHERIT | OBJECT_INHERIT, CONTAINER_INHERIT | OBJECT_INHERIT, 0),
        (CONTAINER_INHERIT | OBJECT_INHERIT | NO_PROPAGATE, 0, None),
        (OBJECT_INHERIT | NO_PROPAGATE, None, None),
        (CONTAINER_INHERIT | INHERIT_ONLY, CONTAINER_INHERIT, None),
    ],
)
def test_what_a_folder_and_a_file_in_it_inherit(parent: int, folder: int | None, file: int | None) -> None:
    """The file lies in the child folder, so it inherits from that."""
    files = host().files
    set_own_entries(files, FOLDER, (Ace(SID, 1, parent),))
    for path, flags in ((CHILD, folder), (FILE, file)):
        found = [ace.flags for ace in inherited_entries(files, path) if ace.sid == SID]
        assert found == ([] if flags is None else [flags | INHERITED])


def test_a_fresh_folder_has_what_icacls_shows() -> None:
    entries = inherited_entries(host().files, FOLDER)
    assert Ace("S-1-5-32-544", 0x1F01FF, INHERITED) in entries, "the creator's, from CREATOR OWNER"
    assert Ace(CREATOR_OWNER, 0x1F01FF, INHERITED | INHERIT_ONLY | 3) in entries
    assert Ace("S-1-5-32-545", 0x2, INHERITED | CONTAINER_INHERIT) in entries
    assert own_entries(host().files, FOLDER) == ()


def test_lists_that_windows_gives_its_own_folders_are_not_made_up() -> None:
    with pytest.raises(NotModelled):
        inherited_entries(host().files, r"C:\Windows\System32")


def test_rules_are_added_read_and_removed() -> None:
    script = f"""
        {ACL}
        $acl.GetAccessRules($true, $false, [Security.Principal.NTAccount]).Count
        $rule = {RULE} ('Users', 'Modify', 'ContainerInherit, ObjectInherit', 'None', 'Allow')
        $acl.AddAccessRule($rule); (Get-Item C:\\acl).SetAccessControl($acl)
        $again = (Get-Item C:\\acl).GetAccessControl('Access')
        foreach ($r in $again.GetAccessRules($true, $false, [Security.Principal.NTAccount])) {{
            [string]$r.IdentityReference; [string]$r.FileSystemRights; [string]$r.InheritanceFlags
            [string]$r.PropagationFlags; [string]$r.AccessControlType; $r.IsInherited
        }}
    """
    assert out(script) == [
        0, "BUILTIN\\Users", "Modify, Synchronize", "ContainerInherit, ObjectInherit", "None", "Allow", False,
    ]  # fmt: skip
    assert out(f"""
        {ACL}
        $acl.RemoveAccessRuleSpecific(({RULE} ('Users', 'Modify', 'Allow')))
        $acl.GetAccessRules($true, $false, [Security.Principal.SecurityIdentifier]).Count
        $acl.RemoveAccessRuleSpecific($({RULE} ('Users', 'Modify', 3, 0, 'Allow')))
        $acl.GetAccessRules($true, $false, [Security.Principal.SecurityIdentifier]).Count
    """) == [1, 0]


def test_rules_of_one_account_join() -> None:
    read = "$acl.GetAccessRules($true, $false, [Security.Principal.SecurityIdentifier]) | ForEach-Object"
    assert out(f"""
        {ACL}
        $acl.AddAccessRule(({RULE} ('Users', 'Read', 'ContainerInherit', 'None', 'Allow')))
        $acl.AddAccessRule(({RULE} ('Users', 'Write', 'ContainerInherit', 'None', 'Allow')))
        $acl.AddAccessRule(({RULE} ('Users', 'Read, Write', 'ObjectInherit', 'None', 'Allow')))
        $acl.AddAccessRule(({RULE} ('Users', 'Delete', 'None', 'None', 'Deny')))
        {read} {{ '' + [string]$_.AccessControlType + ' ' + $_.FileSystemRights + ' ' + $_.InheritanceFlags }}
    """) == ["Deny Delete None", "Allow Write, Read, Synchronize ContainerInherit, ObjectInherit"]


def test_an_account_that_is_not_there() -> None:
    found = answer(f"{ACL}; $acl.AddAccessRule(({RULE} ('nobody', 'Read', 'Allow')))")
    assert "IdentityNotMappedException" in str(found)
