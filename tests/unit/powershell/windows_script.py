"""Runs a script in a session of its own on a simulated host, for the tests of providers and Windows cmdlets."""

from __future__ import annotations

from functools import cache
from typing import Any

from winbake.rehearsal.powershell import corpus
from winbake.rehearsal.windows.host import WindowsHost


@cache
def host() -> WindowsHost:
    """One Server 2022 for all tests; a test takes back what it changes there."""
    made: WindowsHost = corpus.make_host()
    return made


def answer(script: str) -> dict[str, Any]:
    """What came out, in the corpus' form; a refusal of the rehearsal fails the test."""
    found: dict[str, Any] = corpus.in_deep_thread(lambda: corpus.run_case(script, host()))
    assert "refused" not in found, found["refused"]
    return found


def out(script: str) -> list[Any]:
    found = answer(script)
    assert "errors" not in found and "threw" not in found, found
    outputs: list[Any] = found["out"]
    return outputs


def ids(script: str) -> list[str]:
    """FullyQualifiedErrorId of each error, the terminating one last."""
    found = answer(script)
    records = [*found.get("errors", []), *([found["threw"]] if "threw" in found else [])]
    return [record["id"] for record in records]
