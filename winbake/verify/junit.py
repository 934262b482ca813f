"""Verdicts as JUnit XML, for whatever reads test results: a suite a host, a case a check."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from winbake.verify.checks import Outcome, Status
from winbake.verify.run import Verified

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, as a program may print them (XML 1.0, 2.2)."""


def write_junit(path: Path, verified: Sequence[Verified], errors: Mapping[str, str]) -> None:
    """errors: host → why it could not be verified at all. Raises OSError."""
    root = ElementTree.Element("testsuites", name="winbake verify")
    for one in verified:
        failures = len(one.of(Status.FAILED))
        unread, skipped = len(one.of(Status.UNREAD)), len(one.of(Status.SKIPPED))
        numbers = {"tests": len(one.verdicts), "failures": failures, "errors": unread, "skipped": skipped}
        suite = _suite(root, one.host, numbers, one.seconds)
        for verdict in one.verdicts:
            name = f"{one.host}.{verdict.subject}"
            case = ElementTree.SubElement(suite, "testcase", classname=_clean(name), name=_clean(verdict.title))
            _result(case, verdict.outcome)
    for host, error in errors.items():
        suite = _suite(root, host, {"tests": 1, "failures": 0, "errors": 1, "skipped": 0}, 0.0)
        case = ElementTree.SubElement(suite, "testcase", classname=host, name="the host can be read")
        ElementTree.SubElement(case, "error", message=_clean(error))
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _suite(root: ElementTree.Element, host: str, numbers: Mapping[str, int], seconds: float) -> ElementTree.Element:
    counted = {name: str(number) for name, number in numbers.items()}
    return ElementTree.SubElement(root, "testsuite", {"name": host, **counted, "time": f"{seconds:.1f}"})


def _result(case: ElementTree.Element, outcome: Outcome) -> None:
    if outcome.status is Status.SKIPPED:
        ElementTree.SubElement(case, "skipped", message=_clean(outcome.found))
    elif outcome.status is Status.UNREAD:
        ElementTree.SubElement(case, "error", message=_clean(outcome.found))
    elif outcome.status is Status.FAILED:
        message = f"{outcome.found}, wanted {outcome.wanted}"
        ElementTree.SubElement(case, "failure", message=_clean(message)).text = _clean(outcome.output)


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
