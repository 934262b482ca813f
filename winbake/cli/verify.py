"""`verify`: a second look at baked hosts, by other scripts than the planner's. Exit 0 all passed, 1 some failed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from winbake.cli.after_lockdown import told_if_locked_down
from winbake.cli.failures import print_json, words_of
from winbake.cli.fleet import AT_ONCE, Fleet, Result
from winbake.cli.options import connection_options, project_options
from winbake.cli.plan import errors_as_json, show_errors
from winbake.cli.report import report_options, shown_path, write_reports
from winbake.cli.screen import clock, console, marked
from winbake.cli.station_board import StationBoard
from winbake.cli.targets import Targets
from winbake.cli.written_checks import FOLDER, are_there, with_written
from winbake.engine.errors import EngineError
from winbake.engine.record import RunRecord
from winbake.hosts.model import HostAddress
from winbake.verify.checks import Status
from winbake.verify.junit import write_junit
from winbake.verify.run import Verdict, Verified, Wanted, verify_host, wanted_of


@click.command("verify")
@click.argument("host", required=False)
@project_options
@connection_options
@click.option("--user", metavar="NAME", help="Look programs up as this account. [the one the playbook makes]")
@click.option("--skip-written", is_flag=True, help="Leave out the checks of tests/image.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write the results as JUnit XML.")
@report_options
@click.option("--json", "as_json", is_flag=True, help="The results as JSON on standard output.")
def command(
    host: str | None,
    manifest: Path | None,
    inventory: Path | None,
    playbook: Path | None,
    limit: str | None,
    accept_new_certificates: bool,
    known_certificates: Path | None,
    user: str | None,
    skip_written: bool,
    junit: Path | None,
    markdown: Path | None,
    html: Path | None,
    as_json: bool,
) -> int:
    """Check HOST (or every host) against manifest and playbook, and by the tests in tests/image; change nothing.

    Programs are looked up as a new process of the participant would find them. Exit code: 0 all passed, 1 some failed
    or a host could not be read.
    """
    targets = Targets.load(
        manifest,
        inventory,
        playbook,
        limit,
        among=host or "all",
        accept_new=accept_new_certificates,
        known_certificates=known_certificates,
    )
    began = time.monotonic()
    screen = console(stderr=True)
    wanted = wanted_of_all(targets, user)
    addresses = targets.addresses()
    with verify_record(targets, addresses) as record:
        results = verify_all(targets, wanted, addresses, record, screen)
        verified = [one.value for one in results if one.value is not None]
        if are_there(targets.project.root) and not skip_written:
            screen.print(f"  · {FOLDER}: written checks, by pytest")
            verified = with_written(targets, verified)
            for one in verified:
                record.write("verified", **verified_as_json(one))
        record.write("end")
    seconds = time.monotonic() - began
    errors = errors_as_json(results)
    if junit is not None:
        _write(junit, verified, {error["host"]: error["error"] for error in errors})
    write_reports(record.file, targets.project.runs, markdown, html)
    if as_json:
        hosts = [verified_as_json(one) for one in verified]
        print_json({"hosts": hosts, "errors": errors, "record": str(record.file)})
    else:
        show(console(), verified, seconds)
        show_errors(results)
        console(stderr=True).print(f"Run record {shown_path(record.file)}   python bake.py report")
    return 0 if all(one.ok for one in verified) and not errors else 1


def wanted_of_all(targets: Targets, user: str | None) -> dict[str, Wanted]:
    """Raises ConfigError."""
    return {host.name: wanted_of(targets.project, host, user) for host in targets.hosts}


def verify_record(targets: Targets, addresses: Mapping[str, HostAddress], others: Sequence[str] = ()) -> RunRecord:
    """One for all hosts. others: hosts of this verification that cannot be asked."""
    secrets = [one.password for one in addresses.values()]
    return RunRecord("verify", "verify", targets.project.runs, secrets, hosts=[*addresses, *others])


def verify_all(
    targets: Targets,
    wanted: Mapping[str, Wanted],
    addresses: Mapping[str, HostAddress],
    record: RunRecord,
    screen: Console,
) -> list[Result[Verified]]:
    """Every host at once; each is in the record as soon as it is known."""
    hosts = {host.name: host for host in targets.hosts}
    fleet = Fleet()

    def work(name: str) -> Verified:
        session = fleet.sessions[name] = targets.connect(hosts[name], addresses[name])
        board.tell(name, f"reading for {wanted[name].count} checks")
        try:
            with told_if_locked_down(targets.project.runs, addresses[name]):
                found = verify_host(session, name, wanted[name])
        except Exception as error:
            note_unread(record, name, error)
            board.tell(name, "✗ could not be read")
            raise
        record.write("verified", **verified_as_json(found))
        board.tell(name, f"✓ {found.counted} passed" if found.ok else f"✗ {_score(found)} passed")
        return found

    with StationBoard(screen, list(hosts)) as board:
        return fleet.run_and_close(hosts, work)


def note_unread(record: RunRecord, host: str, error: BaseException) -> None:
    what, _ = words_of(error) or (f"{type(error).__name__}: {error}", "")
    record.write("unreachable", host=host, error=what)


def show(screen: Console, verified: Sequence[Verified], seconds: float) -> None:
    """A mark and a number for each host, then what failed, then the sum."""
    if not verified:
        return
    if len(verified) > 1:
        most = max(one.counted for one in verified)
        screen.print(f"{len(verified)} hosts, {most} checks each, {AT_ONCE} at a time, {clock(seconds)}")
    marks = [f"{one.host} {f'✓ {one.counted}' if one.ok else f'✗ {_score(one)}'}" for one in verified]
    screen.print("   ".join(marks))
    for one in verified:
        _show_failures(screen, one)
    passed, counted = sum(len(one.of(Status.PASSED)) for one in verified), sum(one.counted for one in verified)
    skipped = sum(len(one.of(Status.SKIPPED)) for one in verified)
    screen.print(f"{passed} of {counted} passed{f', {skipped} skipped' if skipped else ''}, {clock(seconds)}.")


def failures_in_words(one: Verified) -> list[str]:
    """What did not pass, for a verb that refuses to go on: `7z resolves: nothing of that name on PATH, wanted …`."""
    wrong = [f"{v.title}: {v.outcome.found}, wanted {v.outcome.wanted}" for v in one.of(Status.FAILED)]
    if one.broken:
        wrong.append(f"{len(one.of(Status.UNREAD))} checks were not read: {one.broken}")
    return wrong


def _show_failures(screen: Console, one: Verified) -> None:
    bad = one.of(Status.FAILED)
    width = max((len(verdict.title) for verdict in bad), default=0)
    for verdict in bad:
        words = f"{verdict.outcome.found}, wanted {verdict.outcome.wanted}"
        screen.print(marked("✗", f"{one.host}  {verdict.title:<{min(width, 44)}}  {words}"))
    if one.broken:
        unread = len(one.of(Status.UNREAD))
        screen.print(marked("✗", f"{one.host}  gone in the middle, {unread} checks were not read: {one.broken}"))


def _score(one: Verified) -> str:
    return f"{len(one.of(Status.PASSED))}/{one.counted}"


def _write(path: Path, verified: Sequence[Verified], errors: dict[str, str]) -> None:
    try:
        write_junit(path, verified, errors)
    except OSError as error:
        raise EngineError(f"{path} cannot be written: {error.strerror}", "name another file with --junit") from None


def verified_as_json(one: Verified) -> dict[str, Any]:
    return {
        "host": one.host,
        "ok": one.ok,
        "account": one.account,
        "seconds": one.seconds,
        "broken": one.broken or None,
        "checks": [_as_json(verdict) for verdict in one.verdicts],
    }


def _as_json(verdict: Verdict) -> dict[str, Any]:
    outcome = verdict.outcome
    body = {"subject": verdict.subject, "check": verdict.title, "status": outcome.status.value}
    if outcome.status is Status.PASSED:
        return body
    if outcome.status is Status.FAILED:
        return body | {"found": outcome.found, "wanted": outcome.wanted, "output": outcome.output}
    return body | {"reason": outcome.found}
