"""`status`: what the project has in AWS, since when, what it costs, and what is out of step."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from winbake.aws import holdings, instances, tags
from winbake.aws.costs import Costs
from winbake.aws.dns import Dns, DnsChange
from winbake.aws.errors import AwsError
from winbake.aws.holdings import Holding, Holdings, Kind, Unread
from winbake.aws.instances import Instance
from winbake.aws.out_of_step import Difference, Files, differences
from winbake.aws.session import AwsSession
from winbake.aws.untagged import DnsShelf
from winbake.cli.failures import print_json
from winbake.cli.holdings_view import holding_as_json, show_holdings, show_point, show_unread, unread_as_json
from winbake.cli.options import manifest_option
from winbake.cli.screen import console
from winbake.cli.snapshot import sha256_of
from winbake.config.manifest import Manifest, load_manifest
from winbake.config.project import Project


@click.command("status")
@manifest_option
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON on standard output.")
def command(manifest: Path | None, as_json: bool) -> int:
    """Show what the project has in AWS, since when, what it costs an hour, and what is out of step.

    Exit code: 0 all is in step, 2 something is not, 1 something could not be looked at.
    """
    project = Project.at(Path.cwd(), manifest)
    loaded, _ = load_manifest(project.manifest)
    session = AwsSession.of(loaded.aws)
    screen = console(stderr=as_json)
    read = holdings.read(session, loaded.image.name)
    there = _instances(session, loaded, read)
    records, changes, unread = _names(session, loaded, there, _told(read))
    found = Holdings((*records, *read.found), (*read.unread, *unread))
    files = Files(sha256_of(project.manifest), sha256_of(project.lock))
    wrong = differences(found, there, loaded.classroom, changes, files, datetime.now(UTC))
    costs = Costs(session)
    if as_json:
        whole = costs.sum(list(found.found))
        print_json(
            {
                "image": loaded.image.name,
                "region": session.region,
                "found": [holding_as_json(one, costs) for one in found.found],
                "usd_an_hour": round(whole.hourly, 4),
                "price_unknown_of": list(whole.unknown),
                "out_of_step": [asdict(one) for one in wrong],
                "unread": unread_as_json(found.unread),
            }
        )
    else:
        _show(screen, session, loaded, found, wrong, costs)
    if found.unread:
        return 1
    return 2 if wrong else 0


def _instances(session: AwsSession, manifest: Manifest, read: Holdings) -> list[Instance]:
    """Empty where they could not be looked at, which `read` says already."""
    return instances.find(session, manifest.image.name) if _told(read) else []


def _told(read: Holdings) -> bool:
    return all(one.kind is not Kind.INSTANCE for one in read.unread)


def _names(
    session: AwsSession, manifest: Manifest, there: list[Instance], told: bool
) -> tuple[list[Holding], list[DnsChange], list[Unread]]:
    """The records, and what `clones dns` would change of them. told: whether the instances are known."""
    if not manifest.classroom.domain:
        return [], [], []
    dns = Dns(session, manifest.image.name, manifest.classroom.domain)
    clones = [one for one in there if one.role == tags.CLONE]
    try:
        records = DnsShelf(dns).holdings()
        return records, dns.would_change(clones) if told and (clones or records) else [], []
    except AwsError as error:
        if error.of_login:
            raise
        return [], [], [Unread(Kind.RECORD, session.region or "", error.what, error.next_step)]


def _show(
    screen: Console,
    session: AwsSession,
    manifest: Manifest,
    found: Holdings,
    wrong: list[Difference],
    costs: Costs,
) -> None:
    where = session.shown()
    if found.found:
        screen.print(f"{manifest.image.name} in {where}")
        show_holdings(screen, found.found, costs)
        screen.print(f"It costs {costs.sum(list(found.found))}.")
    elif not found.unread:
        screen.print(f"There is nothing of {manifest.image.name} in {where}.")
        screen.print("  Next: python bake.py master up")
        return
    for one in wrong:
        show_point(screen, "!", one.what, one.next_step)
    show_unread(screen, found.unread)
    if not wrong and not found.unread:
        screen.print("✓ Nothing is out of step.")
