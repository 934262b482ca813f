"""From a baked master to an available image, in small steps that each look first at what is so.

    look → plan empty? → seal (tag, lockdown, sysprep) → stopped by itself → create image → available

There is no state file. Which step is next is read from the master's state and tags and from the images' tags, so a run
that was killed anywhere goes on with the next one. Two rules hold it together: the tag `winbake:seal` is written before
the lockdown begins, and a sealed host shuts itself down only once its way in is closed (generalize.ps1). So a master
that has the tag of its present start, and that stopped by itself, holds no private key; no other stopped one is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from winbake import __version__
from winbake.aws import images, instances, tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.images import Image
from winbake.aws.instances import Instance, Tell
from winbake.aws.master import Master

SELF_SHUTDOWN = "Client.InstanceInitiatedShutdown"
"""StateReason of an instance whose own system has shut it down (EC2 API reference, StateReason)."""
_NAME_LENGTH = 128


@dataclass(frozen=True)
class Origin:
    """What the image is made of. digest: of every file; the others for people. git: commit, "" outside of one."""

    digest: str
    manifest: str
    lock: str
    git: str
    tools: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SnapshotOptions:
    """again: make an image even if there is one of the same files. max_wait: seconds, for each thing waited for."""

    again: bool = False
    sysprep: bool = True
    max_wait: float = 3600.0


class Sealer(Protocol):
    """What happens on the host; the command line gives it, since it knows inventory, passwords and playbooks."""

    def refusals(self, master: Instance) -> list[str]:
        """Why no image shall be made of it now; empty lets it through."""
        ...

    def reachable(self, master: Instance) -> bool:
        """Whether its WinRM port answers."""
        ...

    def seal(self, master: Instance) -> str:
        """Locks it down; it generalizes and shuts itself down. Gives the launch agent's name. Raises EngineError."""
        ...


class Step(Enum):
    """What comes next for a master."""

    SEAL = "seal"
    WAIT = "wait until it has stopped"
    CREATE = "create the image"


@dataclass(frozen=True)
class Seal:
    """The master's tag. started: launch time of the run of the instance in which it was sealed."""

    digest: str
    started: str
    sysprep: bool

    @classmethod
    def of(cls, master: Instance) -> Seal | None:
        """Its seal, if it is of the present run: a start afterwards breaks it."""
        parts = master.tags.get(tags.SEAL, "").split()
        if len(parts) != 3 or parts[1] != _started(master):
            return None
        return cls(parts[0], parts[1], parts[2] == "sysprep")

    def __str__(self) -> str:
        return f"{self.digest} {self.started} {'sysprep' if self.sysprep else 'as-it-is'}"


def next_step(master: Instance, seal: Seal | None, reachable: bool) -> Step:
    """What comes next. Raises AwsError for a master of which no image can be made."""
    if master.state in ("pending", "running"):
        return Step.SEAL if seal is None or reachable else Step.WAIT
    if seal is not None and master.state == "stopping":
        return Step.WAIT
    if seal is not None and SELF_SHUTDOWN in master.reason:
        return Step.CREATE
    if seal is not None:
        raise AwsError(
            f"{master.name} was sealed, and then stopped from outside ({master.reason or 'no reason given'}) before it "
            "had shut itself down: it may hold the private key of its WinRM",
            "python bake.py master down, then master up and apply again",
        )
    if tags.SEAL in master.tags:
        raise AwsError(
            f"{master.name} is {master.state}; it was started again after it had been sealed: it is no master any more",
            "python bake.py master down, then master up and apply again",
        )
    raise AwsError(f"{master.name} is {master.state}, not sealed", "python bake.py master start, then this again")


class Snapshot:
    """One image of one master."""

    def __init__(
        self, master: Master, origin: Origin, options: SnapshotOptions, sealer: Sealer, tell: Tell = lambda text: None
    ) -> None:
        self.master = master
        self.session = master.session
        self.origin = origin
        self.options = options
        self.sealer = sealer
        self.tell = tell
        self.built = False
        """Whether this run made the image."""

    def run(self) -> Image:
        """The available image. Raises AwsError and EngineError."""
        image = self._present()
        if image is None:
            image = self._create(self._sealed_master())
        return images.wait_for(self.session, image, self.options.max_wait, self.tell)

    def _present(self) -> Image | None:
        """An image of the same files that is there, or on its way; the failed ones are removed."""
        mine = self._of_these_files()
        for failed in (one for one in mine if one.state not in ("available", "pending")):
            self.tell(f"removing {failed.id}, which {failed.state}: {failed.reason}")
            images.remove(self.session, failed)
        pending = next((one for one in mine if one.state == "pending"), None)
        available = next((one for one in mine if one.state == "available"), None)
        if pending is not None:
            self.tell(f"{pending.id} is on its way already")
        return pending or (None if self.options.again else available)

    def _of_these_files(self) -> list[Image]:
        found = images.find(self.session, self.master.image)
        return [one for one in found if one.tags.get(tags.WISH) == self.origin.digest and not one.copy]

    # The master, until it has stopped.

    def _sealed_master(self) -> Instance:
        master = self.master.must_find()
        seal = self._seal_of(master)
        step = next_step(master, seal, master.state == "running" and self.sealer.reachable(master))
        if step is Step.SEAL:
            self._seal(master)
            step = Step.WAIT
        return self._stopped(master) if step is Step.WAIT else master

    def _seal_of(self, master: Instance) -> Seal | None:
        seal = Seal.of(master)
        if seal is None or seal.digest == self.origin.digest:
            return seal
        if master.state == "running" and self.sealer.reachable(master):
            return None  # it was never closed: it is planned for and sealed anew
        raise AwsError(
            f"{master.name} was sealed for other files than those that are here now (manifest, lock, playbook, roles)",
            "take these files back to make its image; or python bake.py master down, then master up and apply",
        )

    def _seal(self, master: Instance) -> None:
        refusals = self.sealer.refusals(master)
        if refusals:
            raise AwsError(
                f"no image of {master.name} now: {'; '.join(refusals)}",
                "python bake.py apply, and verify, then this again; --skip-verify or --anyway makes it all the same",
            )
        seal = Seal(self.origin.digest, _started(master), self.options.sysprep)
        with in_words():
            self.session.client("ec2").create_tags(
                Resources=[master.id], Tags=[{"Key": tags.SEAL, "Value": str(seal)}]
            )
        agent = self.sealer.seal(master)
        words = f"it generalizes by {agent} and shuts itself down" if agent else "it shuts itself down, not generalized"
        self.tell(f"{master.name} is closed; {words}")

    def _stopped(self, master: Instance) -> Instance:
        """Waits until it has shut itself down. Raises AwsError with the place of sysprep's log."""
        seen = ""
        for _ in self.session.looks(self.options.max_wait, 10):
            now = instances.by_id(self.session, master.id)
            if now.state == "stopped":
                next_step(now, Seal.of(now), False)
                return now
            if now.state != seen:
                seen = now.state
                self.tell(f"{now.name} is {now.state}, waiting until it has shut itself down (usually 5 to 15 minutes)")
            if now.state == "terminated":
                raise AwsError(f"{now.name} ({now.id}) was terminated: {now.reason or 'no reason given'}")
        raise AwsError(
            f"{now.name} is still {now.state} after {self.options.max_wait / 60:.0f} minutes: sysprep failed "
            "or hangs; WinRM is closed already",
            r"log on (python bake.py master rdp) and read C:\Windows\System32\Sysprep\Panther\setupact.log and "
            "setuperr.log; an app that was installed for one user only is the usual cause",
        )

    # The image.

    def _create(self, master: Instance) -> Image:
        seal = Seal.of(master)
        assert seal is not None, "only a sealed master comes here"
        same = len(self._of_these_files())
        stamp = seal.started.replace(":", "").replace("-", "")
        tail = f"-{stamp}-{self.origin.digest[:8]}" + (f"-{same + 1}" if same else "")
        name = self.master.image[: _NAME_LENGTH - len(tail)] + tail
        try:
            with in_words():
                answer = self.session.client("ec2").create_image(
                    InstanceId=master.id,
                    Name=name,
                    Description=f"{self.master.manifest.image.description or self.master.image}"[:255],
                    NoReboot=True,
                    TagSpecifications=tags.specifications(
                        ("image", "snapshot"), self.master.image, tags.BAKED, name, self._tags(master, seal)
                    ),
                )
        except AwsError as error:
            if error.code != "InvalidAMIName.Duplicate":
                raise
            return self._of_that_name(name, error)
        self.built = True
        self.tell(f"{answer['ImageId']} is being made of {master.id}: {name}")
        return Image(answer["ImageId"], name, "pending", "", (), self.session.region or "")

    def _of_that_name(self, name: str, error: AwsError) -> Image:
        """The call was carried out and its answer lost; a name that is not ours stays an error."""
        mine = next((one for one in self._of_these_files() if one.name == name), None)
        if mine is None:
            raise AwsError(
                f"an image named {name} is there already, and it is not of this project", "deregister or rename it"
            ) from error
        return mine

    def _tags(self, master: Instance, seal: Seal) -> dict[str, str]:
        origin = self.origin
        return {
            tags.WISH: origin.digest,
            tags.MANIFEST: origin.manifest,
            tags.LOCK: origin.lock,
            tags.GIT: origin.git or "none",
            tags.SYSPREP: "yes" if seal.sysprep else "no",
            "winbake:master": master.id,
            "winbake:version": __version__,
            **images.tool_tags(origin.tools),
        }


def _started(master: Instance) -> str:
    return f"{master.launched:%Y-%m-%dT%H:%M:%SZ}"
