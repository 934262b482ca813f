"""`snapshot`: the image of the baked master."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from winbake.aws import images, instances, tags
from winbake.aws.distribution import Distribution, Place, distribute, outlived
from winbake.aws.images import Image
from winbake.aws.instances import Instance
from winbake.aws.keys import keys_folder
from winbake.aws.master import Master
from winbake.aws.session import AwsSession
from winbake.aws.snapshot import Origin, Snapshot, SnapshotOptions
from winbake.cli.after_lockdown import told_if_locked_down
from winbake.cli.failures import print_json
from winbake.cli.master import HOST
from winbake.cli.options import connection_options, manifest_option
from winbake.cli.screen import ask, clock, console, marked
from winbake.cli.targets import Targets
from winbake.cli.verify import failures_in_words
from winbake.config.manifest import Manifest, load_manifest
from winbake.engine.apply import StepEvent
from winbake.engine.errors import EngineError
from winbake.engine.plan import Item, Selection
from winbake.engine.record import RunRecord
from winbake.engine.run import plan_host
from winbake.engine.sealing import seal_host
from winbake.engine.wish import load_wish
from winbake.hosts.session import AgentSession
from winbake.resources.wish import Wish
from winbake.verify.run import verify_host, wanted_of

LOCKDOWN = Path("playbooks") / "lockdown.yml"
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("snapshot")
@manifest_option
@click.option("-i", "--inventory", type=_FILE, help="Inventory. [inventory.yaml]")
@click.option("-p", "--playbook", type=_FILE, help="Playbook of the image. [playbooks/master.yml]")
@click.option("--lockdown", type=_FILE, help="Playbook of the lockdown. [playbooks/lockdown.yml]")
@connection_options
@click.option("--again", is_flag=True, help="Make an image even if there is one of the same files.")
@click.option("--anyway", is_flag=True, help="Make it although the plan is not empty; nothing is verified either.")
@click.option("--skip-verify", is_flag=True, help="Do not verify the master before; the plan must be empty.")
@click.option("--no-sysprep", is_flag=True, help="Do not generalize: clones share SID, name and password.")
@click.option("--max-wait", type=click.FloatRange(0.01), default=60, help="Minutes for each thing waited for. [60]")
@click.option("--kms-key", metavar="KEY", help="Also a copy encrypted under this KMS key; needed to share it.")
@click.option("--copy-to", "copies", multiple=True, metavar="REGION[=KEY]", help="Copy it to this region. Repeatable.")
@click.option("--share", "accounts", multiple=True, metavar="ACCOUNT", help="Let this account launch it. Repeatable.")
@click.option("--deprecate-after", type=click.IntRange(1), metavar="DAYS", help="Deprecated so long after it was made.")
@click.option("--keep", type=click.IntRange(1), metavar="N", help="Remove all but the N newest, with their snapshots.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before older images are removed.")
@click.option("--json", "as_json", is_flag=True, help="The image as JSON on standard output.")
def command(
    manifest: Path | None,
    inventory: Path | None,
    playbook: Path | None,
    lockdown: Path | None,
    accept_new_certificates: bool,
    known_certificates: Path | None,
    again: bool,
    anyway: bool,
    skip_verify: bool,
    no_sysprep: bool,
    max_wait: float,
    kms_key: str | None,
    copies: tuple[str, ...],
    accounts: tuple[str, ...],
    deprecate_after: int | None,
    keep: int | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Lock the master down, generalize it and make an image of it.

    Refused while the plan is not empty or verify fails. Ended anywhere, the same command goes on from there. The master
    is used up by it: python bake.py master down when the image is available.
    """
    began = time.monotonic()
    targets = Targets.load(
        manifest, inventory, playbook, HOST, accept_new=accept_new_certificates, known_certificates=known_certificates
    )
    loaded, _ = load_manifest(targets.project.manifest)
    screen = console(stderr=as_json)

    def tell(text: str) -> None:
        screen.print(marked("·", text))

    master = Master(AwsSession.of(loaded.aws), loaded, keys_folder(), tell)
    own_region = master.session.region or ""
    places = ([Place(own_region, kms_key)] if kms_key else []) + [_place(text) for text in copies]
    distribution = Distribution(tuple(places), accounts, deprecate_after)
    distribution.check(own_region)
    proofs = Proofs(plan=not anyway, verify=not (anyway or skip_verify))
    sealer = HostSealer(targets, master, lockdown or targets.project.root / LOCKDOWN, screen, proofs, not no_sysprep)
    options = SnapshotOptions(again=again, sysprep=not no_sysprep, max_wait=max_wait * 60)
    snapshot = Snapshot(master, sealer.origin(loaded), options, sealer, tell)
    image = snapshot.run()
    _show(screen, image, snapshot, time.monotonic() - began)
    made = distribute(master.session, image, distribution, options.max_wait, tell)
    for copy in made:
        screen.print(f"✓ copy {copy.id} is available in {copy.region}")
    removed = _keep(master, image, keep, [place.region for place in places], screen, yes) if keep else []
    if as_json:
        more = {"copies": [image_as_json(one) for one in made], "removed": [one.id for one in removed]}
        print_json({**image_as_json(image), "built": snapshot.built, **more})
    return 0


def _place(text: str) -> Place:
    region, _, key = text.partition("=")
    return Place(region, key)


def _keep(
    master: Master, image: Image, keep: int, copied_to: list[str], screen: Console, yes: bool
) -> list[Image]:
    """Removes the images beyond the `keep` newest, listed first. Raises EngineError and AwsError."""
    session = master.session
    away = [region for region in copied_to if region != session.region]
    going = outlived(session, image, master.image, keep, away)
    if not going:
        return []
    screen.print(f"To be removed for --keep {keep}, with their snapshots:")
    for one in going:
        screen.print(f"  {one.id}  {one.created[:16].replace('T', ' ')}  {one.name}  {one.region}")
    ask("Remove them?", yes)
    for one in going:
        images.remove(session, one)
        screen.print(f"✓ {one.id} and {len(one.snapshots)} snapshots are gone")
    return going


@dataclass(frozen=True)
class Proofs:
    """What must hold before the image: the plan is empty, every check of `verify` passes."""

    plan: bool = True
    verify: bool = True


class HostSealer:
    """The master as a host: its plan, its checks, its port, its lockdown."""

    def __init__(
        self, targets: Targets, master: Master, lockdown: Path, screen: Console, proofs: Proofs, sysprep: bool
    ) -> None:
        self._targets = targets
        self._master = master
        self._screen = screen
        self._proofs = proofs
        self._sysprep = sysprep
        (self._host,) = targets.hosts
        if not lockdown.exists():
            raise EngineError(f"there is no {lockdown}", "copy playbooks/lockdown.yml and roles/lockdown of winbake")
        project = targets.project
        self._wish = load_wish(project, self._host)
        self._lockdown: Wish = load_wish(replace(project, playbook=lockdown), self._host)

    def origin(self, manifest: Manifest) -> Origin:
        """What the image is made of, as its tags will say it."""
        project = self._targets.project
        digest = hashlib.sha256(f"{self._wish.digest} {self._lockdown.digest}".encode()).hexdigest()[:16]
        tools = tuple((name, tool.version) for name, tool in manifest.tools.items())
        return Origin(digest, sha256_of(project.manifest), sha256_of(project.lock), git_commit(project.root), tools)

    def refusals(self, master: Instance) -> list[str]:
        """The empty plan is one proof, `verify` the second, by other code. Both are asked, so all is said at once."""
        self._must_be_host(master)
        if not self._proofs.plan:
            self._tell("--anyway: neither planned nor verified before the image")
            return []
        address = self._targets.addresses()[self._host.name]
        with (
            self._targets.connect(self._host, address) as session,
            told_if_locked_down(self._targets.project.runs, address),
        ):
            return [*self._left_in_plan(session), *self._failed_checks(session)]

    def _left_in_plan(self, session: AgentSession) -> list[str]:
        self._tell("planning: an image is made only if nothing is left to do")
        with RunRecord(self._host.name, "plan", None) as record:
            planned = plan_host(session, self._host.name, self._wish, Selection(), record, self._tell)
        wrong = [item.decision.problem or item.identity.id for item in planned.plan.items if _left_to_do(item)]
        return [f"the plan is not empty: {_some(wrong)}"] if wrong else []

    def _failed_checks(self, session: AgentSession) -> list[str]:
        if not self._proofs.verify:
            self._tell("--skip-verify: the master is not verified before the image")
            return []
        wanted = wanted_of(self._targets.project, self._host)
        self._tell(f"verifying: an image is made only if all {wanted.count} checks pass")
        verified = verify_host(session, self._host.name, wanted)
        wrong = failures_in_words(verified)
        if wrong:
            return [f"verify fails: {_some(wrong)}"]
        self._tell(f"{verified.counted} checks passed")
        return []

    def reachable(self, master: Instance) -> bool:
        address = instances.reachable(self._master.session, master)
        try:
            socket.create_connection((address, self._host.port), timeout=5).close()
        except OSError:
            return False
        return True

    def seal(self, master: Instance) -> str:
        self._must_be_host(master)
        project = self._targets.project
        address = self._targets.addresses()[self._host.name]
        with (
            self._targets.connect(self._host, address) as session,
            RunRecord(self._host.name, "snapshot", project.runs, [address.password], address.endpoint) as record,
        ):
            sealed = seal_host(
                session, address, self._lockdown, record, self._tell, self._follow, sysprep=self._sysprep
            )
            record.write("end")
        return sealed.agent

    def _must_be_host(self, master: Instance) -> None:
        """The inventory's master is this instance, and no other machine. Raises EngineError."""
        known = self._host.variables.get("winbake_instance")
        if known != master.id:
            raise EngineError(
                f"the inventory's {HOST} is {known or 'not from master up'}, but the master in EC2 is {master.id}",
                "python bake.py master up writes its address anew",
            )

    def _follow(self, event: StepEvent) -> None:
        if event.kind == "done" and event.step is not None:
            self._tell(f"lockdown: {event.step.operation.title}")

    def _tell(self, text: str) -> None:
        self._screen.print(marked("·", text))


def _some(wrong: Sequence[str], most: int = 4) -> str:
    return ", ".join(wrong[:most]) + (f" and {len(wrong) - most} more" if len(wrong) > most else "")


def _left_to_do(item: Item) -> bool:
    """What always runs can never be proved: it does not count."""
    return bool(item.decision.problem or (item.decision.changes and not item.decision.always_runs))


def sha256_of(path: Path) -> str:
    """As an image's tags have it; `none` for a file that is not there."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "none"


def git_commit(root: Path) -> str:
    """The commit of the project's folder, with `-dirty` if files differ; "" outside of git or without it."""
    try:
        head = _git(root, "rev-parse", "HEAD")
        return head + ("-dirty" if head and _git(root, "status", "--porcelain") else "")
    except OSError:
        return ""


def _git(root: Path, *arguments: str) -> str:
    ran = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    return ran.stdout.strip() if ran.returncode == 0 else ""


def _show(screen: Console, image: Image, snapshot: Snapshot, seconds: float) -> None:
    if snapshot.built:
        screen.print(f"✓ image {image.id} ({image.name}) is available in {image.region}, {clock(seconds)}")
    else:
        screen.print(f"✓ image {image.id} ({image.name}) of these files is there: nothing was built")
        screen.print("  --again makes another one")
    if image.tags.get(tags.SYSPREP) == "no":
        screen.print("  It is not generalized: its clones share SID, name and password, and run no user data.")


def image_as_json(image: Image) -> dict[str, Any]:
    return {
        "id": image.id,
        "name": image.name,
        "state": image.state,
        "region": image.region,
        "created": image.created,
        "snapshots": list(image.snapshots),
        "copy_of": image.tags.get(tags.COPY_OF),
        "tags": image.tags,
    }
