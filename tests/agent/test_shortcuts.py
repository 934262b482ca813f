"""Shortcuts: made, read back, changed in part, and what cannot be saved."""

from __future__ import annotations

from agent_stage import Stage

from winbake.rehearsal.windows import shortcuts
from winbake.rehearsal.windows.host import WindowsHost

LINK = r"C:\Users\Public\Desktop\Weasis.lnk"


def test_a_shortcut_is_made_and_read_back(stage: Stage, host: WindowsHost) -> None:
    assert stage.ask("shortcut", path=LINK)["exists"] is False
    stage.do(
        "shortcut",
        path=r"%PUBLIC%\Desktop\Weasis.lnk",
        target=r"%SystemRoot%\notepad.exe",
        arguments="%1 -b",
        directory=r"C:\Data",
        icon=r"C:\w.ico,0",
        description="Weasis",
    )
    link = shortcuts.read(host.files.read(LINK))
    assert link is not None and link.target.lower() == r"c:\windows\notepad.exe"
    assert stage.ask("shortcut", path=LINK) == {
        "exists": True,
        "target": link.target,
        "arguments": "%1 -b",
        "directory": r"C:\Data",
        "icon": r"C:\w.ico,0",
        "description": "Weasis",
    }


def test_what_is_not_given_stays_as_it_was(stage: Stage, host: WindowsHost) -> None:
    host.files.write(LINK, shortcuts.build(r"C:\old.exe", "-kept"))
    stage.do("shortcut", path=LINK, target=r"C:\new.exe", arguments=None, directory=None, icon=None, description=None)
    answer = stage.ask("shortcut", path=LINK)
    assert (answer["target"], answer["arguments"]) == (r"C:\new.exe", "-kept")


def test_a_shortcut_in_a_folder_that_is_missing_brings_the_folder(stage: Stage, host: WindowsHost) -> None:
    path = r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Workshop\a.lnk"
    stage.do("shortcut", path=path, target=r"C:\a.exe", arguments=None, directory=None, icon=None, description=None)
    assert host.files.is_file(path)


def test_a_shortcut_that_cannot_be_written_says_so(stage: Stage, host: WindowsHost) -> None:
    host.files.write(LINK, shortcuts.build(r"C:\old.exe"))
    host.files.lock(LINK, share_read=True, share_write=False, share_delete=False)
    failed = stage.refuse(
        "shortcut", path=LINK, target=r"C:\new.exe", arguments=None, directory=None, icon=None, description=None
    )
    assert failed["message"] == f'Unable to save shortcut "{LINK}".'
