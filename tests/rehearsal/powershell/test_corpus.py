"""The interpreter against the real engine's recorded answers; what fails is listed, and the list may only shrink.

The group ours-5.1 is not recorded: our cases, from what is known of 5.1 where it parts from 7 (each says which)."""

from __future__ import annotations

from pathlib import Path

import pytest

from winbake.rehearsal.powershell.corpus import in_deep_thread, read_known, run_files

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
KNOWN = read_known(HERE / "known_failures.txt")
GROUPS = sorted([*CORPUS.glob("*.ps1"), CORPUS / "console.jsonl"])


@pytest.mark.parametrize("group", GROUPS, ids=lambda p: p.stem)
def test_group(group: Path) -> None:
    outcomes = in_deep_thread(lambda: run_files([group]))
    assert outcomes
    failing = {o.key: o.differences for o in outcomes if o.differences}
    fresh = {key: differences for key, differences in failing.items() if key not in KNOWN}
    assert not fresh, "\n".join(f"{key}: {'; '.join(differences)}" for key, differences in fresh.items())
    ran = {o.key for o in outcomes}
    mended = [key for key in KNOWN if key in ran and key not in failing]
    assert not mended, f"these pass by now, strike them from known_failures.txt: {mended}"


def test_every_known_failure_has_its_reason() -> None:
    assert [key for key, reason in KNOWN.items() if not reason] == []


def test_the_whole_corpus_is_here() -> None:
    names = {p.stem for p in GROUPS}
    assert {key.partition("/")[0] for key in KNOWN} <= names
    assert len(names) == 19
