"""The participant's account and desktop, and that nothing is left of the bake."""

from __future__ import annotations

import pytest
from testinfra.host import Host

DESKTOP = r"C:\Users\Public\Desktop"
ADMINISTRATORS, REMOTE_DESKTOP_USERS = "S-1-5-32-544", "S-1-5-32-555"
RESTART_WAITS = (
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired",
)


def test_the_participant_may_log_on_by_remote_desktop(host: Host) -> None:
    user = host.user("participant")
    assert user.exists
    assert user.is_enabled
    assert REMOTE_DESKTOP_USERS in user.group_sids
    assert ADMINISTRATORS in user.group_sids


def test_every_shortcut_on_the_desktop_leads_somewhere(host: Host) -> None:
    shortcuts = [name for name in host.file(DESKTOP).listdir() if name.lower().endswith(".lnk")]
    assert shortcuts
    assert [name for name in shortcuts if not host.shortcut(rf"{DESKTOP}\{name}").leads_somewhere] == []


def test_the_welcome_text_and_the_data_are_there(host: Host) -> None:
    assert host.file(rf"{DESKTOP}\Welcome.txt").size > 100
    data = host.file(host.environment()["WORKSHOP_DATA"])
    assert data.is_directory
    assert data.listdir()


@pytest.mark.parametrize("key", RESTART_WAITS)
def test_no_restart_waits(host: Host, key: str) -> None:
    assert not host.registry(key).exists


def test_no_installer_is_still_running(host: Host) -> None:
    names = {str(process["name"]).lower() for process in host.process.filter()}
    assert names.isdisjoint({"setup.exe", "trustedinstaller.exe", "tiworker.exe"})
