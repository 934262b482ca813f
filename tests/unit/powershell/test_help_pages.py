"""Get-Help on a Windows without downloaded help files: the syntax of a command."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from test_command_discovery import host, shown

from winbake.rehearsal.powershell.errors import NotModelled

__all__ = ["host", "shown"]

Shown = Callable[[str], list[str]]


def test_one_command_is_shown_whole(shown: Shown) -> None:
    page = shown("Get-Help Get-Service")
    assert page[:5] == [
        "NAME",
        "    Get-Service",
        "SYNTAX",
        "    Get-Service [[-Name] <string[]>] [-ComputerName <string[]>]",
        "    [-DependentServices] [-Exclude <string[]>] [-Include <string[]>]",
    ]
    assert page[page.index("ALIASES") + 1] == "    gsv"
    assert any("use Update-Help" in line for line in page)


@pytest.mark.parametrize("name", ["gsv", "Get-Service"])
def test_an_alias_leads_to_its_command(shown: Shown, name: str) -> None:
    assert shown(f"(Get-Help {name}).Name; (help {name}).Name; (man {name}).Name") == ["Get-Service"] * 3


def test_a_function_of_ones_own_has_a_page_too(shown: Shown) -> None:
    page = shown("function Add-It {param([int]$a, [switch]$b)}; Get-Help Add-It")
    assert "    Add-It [[-a] <int>] [-b]" in page
    assert page[-1] == "    None"


def test_several_are_a_list(shown: Shown) -> None:
    lines = shown("Get-Help *-Acl")
    assert lines[0].split() == ["Name", "Category", "Module", "Synopsis"]
    assert [line.split()[:2] for line in lines[2:]] == [["Get-Acl", "Cmdlet"], ["Set-Acl", "Cmdlet"]]


def test_a_name_that_nothing_has_is_an_error(shown: Shown) -> None:
    assert shown("Get-Help nosuchthing") == ["error HelpNotFound,Microsoft.PowerShell.Commands.GetHelpCommand"]
    assert shown("Get-Help nosuch*") == []


def test_what_is_not_modelled_is_said(shown: Shown) -> None:
    with pytest.raises(NotModelled, match="Get-Help -Full"):
        shown("Get-Help Get-Service -Full")
