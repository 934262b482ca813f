"""`teardown`: everything of the project in AWS, listed, asked for, and deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from winbake.aws import tags
from winbake.aws.costs import Costs
from winbake.aws.dns import Dns
from winbake.aws.holdings import Holding, Holdings, Kind
from winbake.aws.keys import KeyPair, keys_folder
from winbake.aws.media import MediaShelf
from winbake.aws.session import AwsSession
from winbake.aws.teardown import Outcome, Teardown
from winbake.aws.untagged import DnsShelf, KeyFileShelf, Shelf
from winbake.cli.failures import print_json
from winbake.cli.holdings_view import holding_as_json, show_holdings, show_point, show_unread, unread_as_json
from winbake.cli.options import manifest_option, result_option, yes_option
from winbake.cli.screen import ask, console, marked
from winbake.cli.targets import MEDIA_BUCKET_VARIABLE
from winbake.config.inventory import load_inventory
from winbake.config.manifest import Manifest, load_manifest
from winbake.config.project import Project
from winbake.engine.errors import EngineError


@click.command("teardown")
@manifest_option
@click.option("--keep-images", is_flag=True, help="Images and their snapshots stay.")
@click.option("--media", is_flag=True, help="Also the installers in the inventory's bucket.")
@click.option("--dry-run", is_flag=True, help="List what would be deleted; delete nothing.")
@yes_option
@result_option
def command(manifest: Path | None, keep_images: bool, media: bool, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Delete everything of this project in AWS: what carries its tag, and nothing else.

    It is listed first, with what each costs or holds: instances, disks, addresses, images with their snapshots,
    security groups, the key pair and DNS records. Run again, it goes on from where it ended. Exit code: 0 nothing is
    left, 1 something is left, and named with the reason.
    """
    project = Project.at(Path.cwd(), manifest)
    loaded, _ = load_manifest(project.manifest)
    session = AwsSession.of(loaded.aws)
    screen = console(stderr=as_json)
    teardown = Teardown(
        session,
        loaded.image.name,
        _shelves(session, loaded, _bucket(project) if media else None),
        keep_images=keep_images,
        tell=lambda text: screen.print(marked("·", text)),
        deleted=lambda one: screen.print(marked("✓", f"{one.kind} {one.id} is gone", _named(one))),
    )
    plan = teardown.plan()
    _show_plan(screen, session, loaded.image.name, plan)
    if dry_run or not (plan.found or plan.unread):
        if as_json:
            print_json(_plan_as_json(plan, Costs(session)))
        return 1 if plan.unread else 0
    if plan.found:
        ask(f"Delete {'this' if len(plan.found) == 1 else f'these {len(plan.found)}'} for good?", yes)
    outcome = teardown.run()
    _show_outcome(screen, outcome)
    if as_json:
        print_json(_outcome_as_json(outcome))
    return 0 if outcome.clean else 1


def _shelves(session: AwsSession, manifest: Manifest, bucket: str | None) -> list[Shelf]:
    key = KeyPair(session, manifest.image.name, manifest.aws.key_pair, keys_folder())
    shelves: list[Shelf] = [KeyFileShelf(session, manifest.image.name, key)]
    if manifest.classroom.domain:
        shelves.append(DnsShelf(Dns(session, manifest.image.name, manifest.classroom.domain)))
    if bucket is not None:
        shelves.append(MediaShelf(session, bucket))
    return shelves


def _bucket(project: Project) -> str:
    inventory = load_inventory(project.inventory)
    for host in inventory.hosts:
        if MEDIA_BUCKET_VARIABLE in host.variables:
            return str(host.variables[MEDIA_BUCKET_VARIABLE])
    raise EngineError(f"{project.inventory.name} names no bucket ({MEDIA_BUCKET_VARIABLE})", "leave --media out")


def _named(one: Holding) -> str:
    return f" ({one.name})" if one.name and one.name != one.id else ""


def _show_plan(screen: Console, session: AwsSession, image: str, plan: Holdings) -> None:
    where = session.shown()
    if plan.found:
        screen.print(f"To be deleted, in {where}:")
        screen.print(f"all that carries the tag {tags.IMAGE}={image}")
        costs = Costs(session)
        show_holdings(screen, plan.found, costs, mark="-")
        screen.print(f"It costs {costs.sum(list(plan.found))}.")
        if plan.of(Kind.IMAGE):
            screen.print("An image cannot be brought back, only baked again (--keep-images leaves it).")
        if plan.of(Kind.MEDIA):
            screen.print("Media are named by their contents: another project that uses the bucket uploads them again.")
    elif not plan.unread:
        screen.print(f"Nothing in {where} carries the tag {tags.IMAGE}={image}.")
    show_unread(screen, plan.unread)


def _show_outcome(screen: Console, outcome: Outcome) -> None:
    for left in outcome.left:
        what = f"{left.holding.kind} {left.holding.id} is left{_named(left.holding)}: {left.reason}"
        show_point(screen, "✗", what, left.next_step)
    show_unread(screen, outcome.unread)
    if outcome.clean:
        screen.print(f"✓ {len(outcome.deleted)} deleted, nothing is left.")
    else:
        told = [f"{len(outcome.deleted)} deleted", f"{len(outcome.left)} left"]
        screen.print(f"{', '.join(told)}. Run teardown again when that is mended.")


def _plan_as_json(plan: Holdings, costs: Costs) -> dict[str, Any]:
    return {
        "would_delete": [holding_as_json(one, costs) for one in plan.found],
        "unread": unread_as_json(plan.unread),
    }


def _outcome_as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "deleted": [holding_as_json(one) for one in outcome.deleted],
        "left": [
            holding_as_json(one.holding) | {"reason": one.reason, "next": one.next_step} for one in outcome.left
        ],
        "unread": unread_as_json(outcome.unread),
    }

