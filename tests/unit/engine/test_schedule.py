"""The order of an apply: what each step waits for, what it holds, and what comes first."""

from __future__ import annotations

from typing import Any

import pytest

from winbake.engine.plan import Item, Plan, Step
from winbake.engine.schedule import Scheduled, scheduled
from winbake.resources.model import Change, Decision, Identity, Operation
from winbake.resources.state import System

CHANGE = Decision((Change("install", "version", None, "1"),))


def item(kind: str, name: str, **more: Any) -> Item:
    return Item(Identity(kind, name), CHANGE, **more)


def tool(name: str, *requires: str) -> Item:
    return item("tool", name, free=True, requires=requires)


def made(*rows: tuple[Item, tuple[str, ...]]) -> dict[str, Scheduled]:
    """Step ids are `name.operation`; the answer is in the order in which they begin."""
    steps: list[Step] = []
    for index, (one, kinds) in enumerate(rows):
        fetched: tuple[str, ...] = ()
        for kind in kinds:
            name = f"{one.identity.name}.{kind}"
            operation = Operation(kind, {"size": 30_000_000} if kind == "download" else {}, name, 600)
            steps.append(Step(name, index, operation, fetched if kind != "download" else ()))
            if kind == "download":
                fetched = (name,)
    plan = Plan("master", System(), tuple(one for one, _ in rows), tuple(steps))
    return {one.step.id: one for one in scheduled(plan, plan.steps)}


def test_tools_wait_for_nothing_but_what_they_require() -> None:
    found = made(
        (tool("java"), ("download", "msi")),
        (tool("zip"), ("download", "msi")),
        (tool("viewer", "java"), ("download", "unzip")),
    )
    assert [found[i].after for i in ("java.msi", "zip.msi", "viewer.download", "viewer.unzip")] == [
        (), (), (), ("java.msi",)
    ]  # fmt: skip


def test_the_steps_of_one_tool_keep_their_order() -> None:
    found = made((tool("pacs"), ("download", "uninstaller", "installer", "delete")))
    assert found["pacs.uninstaller"].after == ()
    assert found["pacs.installer"].after == ("pacs.uninstaller",)
    assert found["pacs.delete"].after == ("pacs.installer",)


def test_what_stands_beside_a_tool_waits_for_that_tool_only_and_keeps_its_order() -> None:
    found = made(
        (tool("slow"), ("installer",)),
        (tool("pacs"), ("installer",)),
        (item("file", "configuration", tool="pacs"), ("file", "service")),
        (item("service", "Pacs", tool="pacs"), ("service",)),
    )
    assert found["configuration.file"].after == ("pacs.installer",)
    assert found["configuration.service"].after == ("configuration.file",)
    assert found["Pacs.service"].after == ("configuration.service",)


def test_path_is_put_in_order_when_no_installer_runs() -> None:
    found = made(
        (tool("a"), ("installer",)),
        (tool("b"), ("msi",)),
        (item("path", "a's", tool="a"), ("path",)),
        (item("path", "b's", tool="b"), ("path",)),
        (item("shortcut", "A", tool="a"), ("shortcut",)),
    )
    assert found["a's.path"].after == ("a.installer", "b.msi")
    assert found["b's.path"].after == ("a's.path",)
    assert found["A.shortcut"].after == ("a.installer",)


def test_tasks_keep_their_place_before_and_after_the_tools() -> None:
    found = made(
        (item("setting", "first"), ("registry",)),
        (item("setting", "second"), ("registry",)),
        (tool("a"), ("download", "installer")),
        (tool("b"), ("msi",)),
        (item("command", "last"), ("command",)),
        (item("setting", "after"), ("registry",)),
    )
    assert found["first.registry"].after == ()
    assert found["second.registry"].after == ("first.registry",)
    assert found["a.download"].after == ()
    assert found["a.installer"].after == found["b.msi"].after == ("second.registry",)
    assert set(found["last.command"].after) == {"second.registry", "a.installer", "b.msi"}
    assert found["after.registry"].after == ("last.command",)


def test_a_tool_whose_required_one_is_there_already_waits_for_nothing() -> None:
    assert made((tool("viewer", "java"), ("unzip",)))["viewer.unzip"].after == ()


@pytest.mark.parametrize(
    ("kind", "arguments", "held"),
    [
        ("msi", {}, "msi"), ("msi_uninstall", {}, "msi"), ("installer", {}, "program"), ("unzip", {}, "program"),
        ("installer", {"wraps_msi": True}, "msi"), ("uninstaller", {"wraps_msi": True}, "msi"), ("registry", {}, ""),
    ],
)  # fmt: skip
def test_who_holds_windows_installer(kind: str, arguments: dict[str, Any], held: str) -> None:
    step = Step("o1", 0, Operation(kind, arguments))
    plan = Plan("master", System(), (tool("a"),), (step,))
    assert [one.holds for one in scheduled(plan, (step,))] == [held]


def test_the_longest_chain_begins_first_and_msis_count_as_one_chain() -> None:
    found = made(
        (tool("zip"), ("download", "unzip")),
        (tool("exe"), ("download", "installer")),
        (tool("first"), ("download", "msi")),
        (tool("second"), ("download", "msi")),
        (tool("after", "second"), ("download", "installer")),
    )
    order = list(found)
    assert order.index("second.download") < order.index("first.download") < order.index("exe.download")
    assert order.index("exe.download") < order.index("zip.download"), "an archive is brief"
    assert order.index("second.msi") < order.index("exe.installer") < order.index("zip.unzip")
