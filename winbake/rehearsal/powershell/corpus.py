"""Holds the interpreter to recorded answers of the real engine.

    python -m winbake.rehearsal.powershell.corpus CASES.ps1 ANSWERS.json   one group
    python -m winbake.rehearsal.powershell.corpus CASES.ps1 …              answers beside the cases
    python -m winbake.rehearsal.powershell.corpus console.jsonl            runs of powershell.exe

Prints what differs, case by case, and ends with `N passed, N failed`; exit 1 if anything failed. With `--known
FILE` (a list of `group/case` lines, `# reason` after each) it fails only on failures that are not listed, and
on listed cases that pass by now: the list may only shrink.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.deep_stack import in_deep_thread

TEST_DRIVE = "{TestDrive}"


@dataclass
class Outcome:
    """One case: what was wanted, what came, and where they part (empty: passed)."""

    group: str
    name: str
    differences: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.group}/{self.name}"


# ---- reading cases --------------------------------------------------------------------------------------


def read_cases(path: Path) -> dict[str, str]:
    """`#= name` lines split a file into scripts."""
    cases: dict[str, str] = {}
    name: str | None = None
    lines: list[str] = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("#= "):
            if name is not None:
                cases[name] = "\n".join(lines)
            name, lines = line[3:].strip(), []
        else:
            lines.append(line)
    if name is not None:
        cases[name] = "\n".join(lines)
    return cases


# ---- values as the answers write them -------------------------------------------------------------------


def shortest_double(number: float) -> str:
    """The shortest text that reads back, in .NET's spelling (1E+20, 1E-05)."""
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    mantissa, _, exponent_text = f"{number!r}".partition("e")
    digits = mantissa.replace("-", "").replace(".", "").lstrip("0").rstrip("0") or "0"
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    exponent = int(exponent_text or 0)
    if whole.strip("0"):
        magnitude = len(whole.lstrip("0")) - 1 + exponent
    else:
        magnitude = -(len(fraction) - len(fraction.lstrip("0"))) - 1 + exponent
    sign = "-" if str(number).startswith("-") else ""
    if digits == "0":
        return sign + "0"
    if magnitude >= 15 or magnitude < -4:
        point = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{point}E{'+' if magnitude >= 0 else '-'}{abs(magnitude):02d}"
    if magnitude < 0:
        return f"{sign}0.{'0' * (-magnitude - 1)}{digits}"
    padded = digits.ljust(magnitude + 1, "0")
    return sign + padded[: magnitude + 1] + (f".{padded[magnitude + 1 :]}" if len(padded) > magnitude + 1 else "")


class Writer:
    """Turns values into the form of the answers."""

    def __init__(self, session: Any, test_drive: str) -> None:
        self.session = session
        self.test_drive = test_drive

    def text(self, text: str) -> str:
        if self.test_drive.lower() not in text.lower():
            return text
        out, low, drive = "", text.lower(), self.test_drive.lower()
        at = 0
        while (found := low.find(drive, at)) >= 0:
            out += text[at:found] + TEST_DRIVE
            at = found + len(drive)
        return (out + text[at:]).replace("\\", "/")

    def value(self, value: Any, depth: int = 0) -> Any:
        from winbake.rehearsal.powershell.convert import to_text
        from winbake.rehearsal.powershell.dotnet import collections as c
        from winbake.rehearsal.powershell.dotnet.datetime import DateTime
        from winbake.rehearsal.powershell.formatting import format_value
        from winbake.rehearsal.powershell.types import NetType, type_of

        if depth > 20:
            return {"type": "TooDeep"}
        if v.is_custom(value):
            names = value.type_names
            return {
                "type": names[0].replace("System.Management.Automation.PSCustomObject", "PSCustomObject")
                if names and not names[0].startswith("Selected.")
                else (names[0] if names else "PSCustomObject"),
                "properties": [
                    [m.name, self.value(self._member(value, m.name), depth + 1)]
                    for m in value.members
                    if m.is_property and not m.hidden
                ],
            }
        value = v.unwrap(value)
        if value is None or type(value) in (bool, int):
            return value
        if type(value) is str:
            return self.text(value)
        if isinstance(value, NetType):
            return {"type": "Type", "value": value.full_name}
        name = type_of(value).name
        if isinstance(value, float):
            return {"type": name, "value": shortest_double(float(value))}
        if isinstance(value, v.PSArray):
            return {"type": name, "items": [self.value(i, depth + 1) for i in value.items]}
        if isinstance(value, c.Hashtable | c.OrderedDictionary | c.GenericDictionary):
            pairs = [[self.value(k, depth + 1), self.value(x, depth + 1)] for k, x in value.items()]
            if isinstance(value, c.Hashtable):
                pairs.sort(key=lambda p: str(p[0]))
            return {"type": self._short(type_of(value)), "entries": pairs}
        if isinstance(value, c.ArrayList | c.GenericList):
            return {"type": self._short(type_of(value)), "items": [self.value(i, depth + 1) for i in value]}
        if isinstance(value, DateTime):
            return {"type": name, "value": format_value(value, "o")}
        return {"type": self._short(type_of(value)), "value": self.text(to_text(value, self.session))}

    def _short(self, net_type: Any) -> str:
        base = str(net_type.name).split("`")[0]
        if net_type.arguments:
            base += "[" + ",".join(self._short(a) for a in net_type.arguments) + "]"
        if base == "RuntimeType":
            return "Type"
        return base

    def _member(self, target: Any, name: str) -> Any:
        from winbake.rehearsal.powershell.members import get_member_value

        return get_member_value(self.session, target, name)

    def error(self, record: Any) -> dict[str, Any]:
        return {
            "id": record.error_id,
            "category": record.category,
            "exception": record.exception.type_name,
            "message": self.text(record.exception.message),
        }


# ---- running one case -----------------------------------------------------------------------------------


def make_host() -> Any:
    from winbake.rehearsal.windows.host import WindowsHost

    return WindowsHost(name="CORPUS", release="2022", speed=1000.0)


_counter = 0


def run_case(script: str, host: Any) -> dict[str, Any]:
    """Runs one script in a session of its own and gives the answer in the corpus' form."""
    from winbake.rehearsal.powershell.errors import NotModelled, ScriptError
    from winbake.rehearsal.powershell.session import Session
    from winbake.rehearsal.windows.failures import Win32Failure

    global _counter
    _counter += 1
    folder = f"C:\\corpus\\case{_counter:05d}"
    host.files.make_directory(folder)
    session = Session(host=host)
    session.set_variable("TestDrive", folder)
    session.set_location(folder)
    out: list[Any] = []
    lists: dict[int, list[Any]] = {2: [], 3: [], 4: [], 5: [], 6: []}
    for number, items in lists.items():
        session.sinks[number] = items.append
    writer = Writer(session, folder)
    answer: dict[str, Any] = {}
    try:
        session.run_script(script, out.append)
    except ScriptError as error:
        answer["threw"] = writer.error(error.record)
    except NotModelled as refusal:
        answer["refused"] = str(refusal)
    answer["out"] = [writer.value(item) for item in out]
    if lists[2]:
        answer["errors"] = [writer.error(r) for r in lists[2]]
    for name, number in (("warnings", 3), ("verbose", 4), ("information", 6)):
        if lists[number]:
            answer[name] = [writer.text(_record_text(session, r)) for r in lists[number]]
    with contextlib.suppress(Win32Failure):  # a file that the case left open keeps its folder
        host.files.delete(folder, recursive=True)
    return answer


def _record_text(session: Any, record: Any) -> str:
    from winbake.rehearsal.powershell.convert import to_text

    return to_text(getattr(record, "message", record), session)


def differences(wanted: dict[str, Any], got: dict[str, Any]) -> list[str]:
    """What the corpus' README counts: out, warnings, verbose, information; id and exception of errors and threw."""
    found = []
    if "refused" in got:
        found.append(got["refused"])
    for key in ("out", "warnings", "verbose", "information"):
        if wanted.get(key, []) != got.get(key, []):
            found.append(f"{key}\n      wanted {_json(wanted.get(key, []))}\n      got    {_json(got.get(key, []))}")

    def ids(records: Iterable[dict[str, Any]]) -> list[tuple[Any, Any]]:
        return [(r.get("id"), r.get("exception")) for r in records]

    if ids(wanted.get("errors", [])) != ids(got.get("errors", [])):
        found.append(
            f"errors\n      wanted {ids(wanted.get('errors', []))}\n      got    {_messages(got.get('errors', []))}"
        )
    one, two = wanted.get("threw"), got.get("threw")
    if ids([one] if one else []) != ids([two] if two else []):
        found.append(f"threw\n      wanted {ids([one] if one else [])}\n      got    {_messages([two] if two else [])}")
    return found


def _messages(records: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(r.get("id"), r.get("exception"), r.get("message")) for r in records]


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 1500 else text[:1500] + "…"


# ---- groups ---------------------------------------------------------------------------------------------


def run_group(cases: Path, answers: Path, only: str | None = None) -> list[Outcome]:
    wanted = json.loads(answers.read_text(encoding="utf-8"))
    host = make_host()
    outcomes = []
    for name, script in read_cases(cases).items():
        if name not in wanted or (only and only not in name):
            continue
        outcome = Outcome(cases.stem, name)
        try:
            outcome.differences = differences(wanted[name], run_case(script, host))
        except Exception as fault:
            outcome.differences = [f"the interpreter itself failed: {type(fault).__name__}: {fault}{_where(fault)}"]
        outcomes.append(outcome)
    return outcomes


def _where(fault: BaseException) -> str:
    trace = fault.__traceback__
    last = ""
    while trace is not None:
        last = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})"
        trace = trace.tb_next
    return last


def run_console(path: Path, only: str | None = None) -> list[Outcome]:
    from winbake.rehearsal.powershell.console import run_console_case

    outcomes = []
    for line in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if only and only not in case["name"]:
            continue
        outcome = Outcome(path.stem, case["name"])
        stdin = case.get("stdin")
        if isinstance(stdin, dict):
            stdin = stdin["repeat"] * stdin["times"] + stdin.get("then", "")
        script = case["script"].replace("sh -c", "cmd /c")
        try:
            exit_code, stdout, stderr = run_console_case(case["how"], script, stdin)
        except Exception as fault:
            outcome.differences = [f"the console itself failed: {type(fault).__name__}: {fault}{_where(fault)}"]
        else:
            for what, wanted, got in (
                ("exit", case["exit"], exit_code),
                ("stdout", case["stdout"], stdout),
                ("stderr", case["stderr"], stderr),
            ):
                if wanted != got:
                    outcome.differences.append(f"{what}: wanted {_json(wanted)}, got {_json(got)}")
        outcomes.append(outcome)
    return outcomes


def run_files(paths: list[Path], only: str | None = None) -> list[Outcome]:
    """Runs any mix of case files; an answers file may follow its cases."""
    outcomes: list[Outcome] = []
    for index, path in enumerate(paths):
        if path.suffix == ".jsonl":
            outcomes += run_console(path, only)
        elif path.suffix == ".ps1":
            follows = paths[index + 1] if index + 1 < len(paths) and paths[index + 1].suffix == ".json" else None
            outcomes += run_group(path, follows or path.with_suffix(".json"), only)
    return outcomes


def read_known(path: Path) -> dict[str, str]:
    """`group/case  # reason` lines."""
    known = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, reason = line.partition("#")
        if key.strip():
            known[key.strip()] = reason.strip()
    return known


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m winbake.rehearsal.powershell.corpus", description=__doc__.split("\n")[0]
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CASES.ps1, ANSWERS.json, console.jsonl")
    parser.add_argument("--only", metavar="TEXT", help="only cases whose name holds this text")
    parser.add_argument("--known", type=Path, metavar="FILE", help="cases known to fail")
    parser.add_argument("-q", "--quiet", action="store_true", help="one line a failed case")
    options = parser.parse_args(arguments)
    for path in options.files:
        if not path.is_file():
            parser.error(f"{path}: no such file")
    outcomes = in_deep_thread(lambda: run_files(options.files, options.only))
    known = read_known(options.known) if options.known else {}
    failed = [o for o in outcomes if o.differences]
    for outcome in failed:
        if outcome.key in known and options.known:
            continue
        print(f"FAILED {outcome.key}")
        if not options.quiet:
            for difference in outcome.differences:
                print(f"    {difference}")
    if options.known:
        failing = {o.key for o in failed}
        ran = {o.key for o in outcomes}
        fresh = sorted(failing - known.keys())
        mended = sorted(k for k in known if k in ran and k not in failing)
        for key in mended:
            print(f"PASSES NOW, strike it from {options.known}: {key}")
        print(
            f"{len(outcomes)} run, {len(failing & known.keys())} known failures, {len(fresh)} new, {len(mended)} mended"
        )
        print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
        return 1 if fresh or mended else 0
    print(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
