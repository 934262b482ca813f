"""The machine PATH: raw text kept, REG_EXPAND_SZ, edits by entry."""

from __future__ import annotations

from typing import Any

import pytest
from agent_stage import Stage

from winbake.rehearsal.windows.host import WindowsHost

ENVIRONMENT = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
SZ, EXPAND = 1, 2


@pytest.mark.parametrize(
    ("before", "edits", "after"),
    [
        (r"%SystemRoot%;C:\b", [{"put": r"C:\new", "before": None}], r"%SystemRoot%;C:\b;C:\new"),
        (r"%SystemRoot%;C:\b", [{"put": r"C:\new", "before": r"c:\windows\\"}], r"C:\new;%SystemRoot%;C:\b"),
        (r"C:\a;C:\b", [{"put": r"C:\b", "before": r"C:\a"}], r"C:\b;C:\a"),
        (r"C:\a;C:\b", [{"put": r"C:\b", "before": None}], r"C:\a;C:\b"),
        (r"C:\a;C:\b", [{"put": r"C:\new", "before": r"C:\gone"}], r"C:\a;C:\b;C:\new"),
        (r"C:\a;c:/B/;C:\c", [{"remove": r"C:\b"}], r"C:\a;C:\c"),
        (r"C:\a;C:\c", [{"remove": r"C:\b"}], r"C:\a;C:\c"),
        (r"C:\a;C:\b;C:\A\;C:\a", [{"remove_again": r"C:\a"}], r"C:\a;C:\b"),
        (r'"C:\x;y";C:\b', [{"put": r"C:\new", "before": r"C:\b"}], r'"C:\x;y";C:\new;C:\b'),
        (r'"C:\x;y";C:\b', [{"remove": r"C:\x;y"}], r"C:\b"),
        (r"C:\a;;C:\b;", [{"put": r"C:\new", "before": None}], r"C:\a;C:\b;C:\new"),
        (r"%JAVA_HOME%\bin;C:\b", [], r"%JAVA_HOME%\bin;C:\b"),
        ("", [{"put": r"C:\ü", "before": None}], r"C:\ü"),
        (r"C:\1;C:\2", [{"remove": r"C:\1"}, {"put": r"C:\3", "before": r"C:\2"}], r"C:\3;C:\2"),
    ],
)
def test_edits(stage: Stage, host: WindowsHost, before: str, edits: list[dict[str, Any]], after: str) -> None:
    host.registry.create(ENVIRONMENT).set("Path", EXPAND, before)
    stage.do("path", edits=edits)
    assert host.environment.raw()["Path"] == (EXPAND, after)


def test_a_path_that_something_turned_into_plain_text_is_mended(stage: Stage, host: WindowsHost) -> None:
    host.registry.create(ENVIRONMENT).set("Path", SZ, r"%SystemRoot%;C:\b")
    stage.do("path", edits=[])
    assert host.environment.raw()["Path"] == (EXPAND, r"%SystemRoot%;C:\b")


@pytest.mark.parametrize("operation", [("service", {"name": "Spooler", "start": "manual", "state": None}), ("reboot", {"delay_seconds": 600})])
def test_a_broken_path_does_not_hinder_the_agent(stage: Stage, host: WindowsHost, operation: tuple[str, dict[str, Any]]) -> None:
    host.registry.create(ENVIRONMENT).set("Path", EXPAND, r"C:\nowhere")
    stage.do(operation[0], **operation[1])


def test_the_same_edit_twice_changes_nothing_more(stage: Stage, host: WindowsHost) -> None:
    edits = [{"put": r"C:\new", "before": r"%SystemRoot%"}]
    stage.do("path", edits=edits)
    once = host.environment.raw()
    stage.do("path", edits=edits)
    assert host.environment.raw() == once
    assert once["Path"][1].startswith(r"%SystemRoot%\system32;C:\new;%SystemRoot%;")
