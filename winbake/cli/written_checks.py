"""The checks that an instructor writes in tests/image, as a part of `verify`: pytest runs them in a process of its own,
and what its JUnit XML says is added to the verdicts of each host."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree

import winbake
from winbake.cli.targets import PASSWORD_VARIABLE, Targets
from winbake.config.inventory import InventoryHost
from winbake.verify.checks import PASSED, Outcome, Status, failed
from winbake.verify.run import Verdict, Verified

FOLDER = Path("tests") / "image"
SUBJECT = "written"
"""Of the verdicts of these checks."""
NEEDED = ("pytest", "testinfra")


def are_there(root: Path) -> bool:
    return any((root / FOLDER).glob("test_*.py"))


def with_written(targets: Targets, verified: Sequence[Verified]) -> list[Verified]:
    """The hosts that could be read, with these checks' verdicts after the others."""
    made: dict[str, list[Verdict]] = {}
    asked = []
    for one in verified:
        why = _why_not(next(host for host in targets.hosts if host.name == one.host))
        if why:
            made[one.host] = [_verdict(str(FOLDER), Outcome(Status.SKIPPED, why))]
        elif not one.broken:
            asked.append(one)
    if asked:
        made |= _run(targets, asked)
    return [replace(one, verdicts=(*one.verdicts, *made.get(one.host, ()))) for one in verified]


def _why_not(host: InventoryHost) -> str:
    """Why pytest cannot ask this host; "" if it can."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        return f"{' and '.join(missing)} not installed: python -m pip install -e '.[test]'"
    if host.password or os.environ.get(PASSWORD_VARIABLE) or host.variables.get("winbake_instance"):
        return ""
    return f"a typed password is not asked for twice: set {PASSWORD_VARIABLE}"


def plugin_options() -> list[str]:
    """For an installation from before the entry point."""
    return [] if "winbake" in entry_points(group="pytest11").names else ["-p", "winbake.cli.pytest_plugin"]


def _run(targets: Targets, asked: Sequence[Verified]) -> dict[str, list[Verdict]]:
    hosts = ",".join(f"winbake://{one.host}?sudo_user={urllib.parse.quote(one.account)}" for one in asked)
    with tempfile.TemporaryDirectory(prefix="winbake-written-") as folder:
        results = Path(folder) / "results.xml"
        command = [sys.executable, "-m", "pytest", str(FOLDER), f"--hosts={hosts}", f"--junit-xml={results}"]
        command += [f"--ansible-inventory={targets.project.inventory}", "-p", "no:cacheprovider", *plugin_options()]
        done = subprocess.run(
            # The project's own options are for its other tests.
            [*command, "--continue-on-collection-errors", "-o", "addopts="],
            cwd=targets.project.root,
            env=os.environ | {"PYTHONPATH": _search_path()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
        cases = list(_cases(results))
    names = [one.host for one in asked]
    made: dict[str, list[Verdict]] = {name: [] for name in names}
    for name, outcome in cases:
        host, title = taken_apart(name, names)
        for each in [host] if host else names:  # a file that cannot be read is about every host
            made[each].append(_verdict(title, outcome))
    if done.returncode not in (0, 1, 5) and not any(outcome.status is Status.FAILED for _, outcome in cases):
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-10:])
        last = tail.rpartition("\n")[2]
        broken = failed(f"pytest ended with {done.returncode}: {last}", "an end of its own", output=tail)
        for verdicts in made.values():
            verdicts.append(_verdict(str(FOLDER), broken))
    return made


def _search_path() -> str:
    """So that the other process finds this winbake, installed or not."""
    here = str(Path(winbake.__file__).parents[1])
    return os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))


def _cases(results: Path) -> Iterator[tuple[str, Outcome]]:
    """Name and outcome of every test; none if pytest did not come so far as to write them."""
    if not results.exists():
        return
    for case in ElementTree.parse(results).iter("testcase"):
        name = case.get("name") or str(case.get("classname"))
        bad = case.find("failure") if case.find("failure") is not None else case.find("error")
        skipped = case.find("skipped")
        if bad is not None:
            lines = [line for line in (bad.get("message") or "").splitlines() if line.strip()]
            wanted = f"what {case.get('classname') or name} says"
            yield name, failed(lines[0].strip() if lines else "failed", wanted, output=bad.text or "")
        elif skipped is not None:
            yield name, Outcome(Status.SKIPPED, skipped.get("message") or "")
        else:
            yield name, PASSED


def taken_apart(name: str, hosts: Iterable[str]) -> tuple[str | None, str]:
    """`test_it_is_so[winbake://ws01-8042]` → ws01, "it is so (8042)"; no host where the name holds none."""
    if "[" not in name:
        return None, name
    function, _, parameters = name.removesuffix("]").partition("[")
    title = function.removeprefix("test_").replace("_", " ")
    for host in sorted(hosts, key=len, reverse=True):
        found = re.search(rf"(^|-)winbake://{re.escape(host)}(?=-|$)", parameters)
        if found:
            rest = (parameters[: found.start()] + parameters[found.end() :]).strip("-")
            return host, f"{title} ({rest})" if rest else title
    return None, title


def _verdict(title: str, outcome: Outcome) -> Verdict:
    return Verdict(SUBJECT, title, outcome)
