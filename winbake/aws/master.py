"""The master: one instance, found by tag, launched once, with WinRM over HTTPS from its first start."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from winbake.aws import first_contact, first_start, images, instances, network, tags, windows_images
from winbake.aws.errors import AwsError, in_words
from winbake.aws.instances import Instance, Tell
from winbake.aws.keys import KeyFile, KeyPair
from winbake.aws.network import RDP, WINRM, Opening
from winbake.aws.prices import hourly_price
from winbake.aws.session import AwsSession
from winbake.aws.windows_images import SourceImage
from winbake.config.manifest import Manifest
from winbake.config.secret import Secret
from winbake.hosts.model import HostAddress

USUAL_MINUTES = "5 to 10 minutes"


@dataclass(frozen=True)
class Ready:
    """A master that can be baked. fingerprint: of its certificate, SHA-256."""

    instance: Instance
    address: str
    password: Secret
    fingerprint: str
    seconds: float


@dataclass(frozen=True)
class Intent:
    """What `up` would do, for the question before it. image and price: of a launch; None where nothing is launched."""

    existing: Instance | None
    image: SourceImage | None
    type: str
    price: float | None


class Master:
    """The master of one manifest. keys: the folder of private keys."""

    def __init__(self, session: AwsSession, manifest: Manifest, keys: Path, tell: Tell = lambda text: None) -> None:
        self.session = session
        self.manifest = manifest
        self.image = manifest.image.name
        self.key = KeyPair(session, self.image, manifest.aws.key_pair, keys, tell)
        self.tell = tell

    def find(self) -> Instance | None:
        """The master that there is. Raises AwsError, also if there are two."""
        found = instances.find(self.session, self.image, tags.MASTER)
        if len(found) > 1:
            listed = ", ".join(f"{one.id} ({one.state})" for one in found)
            raise AwsError(f"there are {len(found)} masters of {self.image}: {listed}", "terminate all but one in EC2")
        return found[0] if found else None

    def must_find(self) -> Instance:
        found = self.find()
        if found is None:
            raise AwsError(f"there is no master of {self.image} in {self.session.region}", "python bake.py master up")
        return found

    def intent(self, from_image: str | None = None) -> Intent:
        """What `up` would do now. from_image: an image of this project instead of Amazon's, by id, or `newest`.

        Raises AwsError."""
        existing = self.find()
        if existing is not None:
            _must_not_be_sealed(existing)
            if from_image is not None:
                raise AwsError(f"there is a master already: {existing.id}", "python bake.py master down, then this")
        kind = existing.type if existing else self.manifest.aws.instance_type
        image = None if existing else self._source(from_image)
        return Intent(existing, image, kind, hourly_price(self.session, kind))

    def up(self, intent: Intent, known: Path | None = None) -> Ready:
        """Launches or starts it, waits until WinRM answers, pins its certificate. Goes on where a killed run ended.

        known: file of pinned certificates. Raises AwsError."""
        began = time.monotonic()
        instance = intent.existing or self._launch(intent)
        if instance.state in ("stopping", "stopped"):
            instance = self._start(instance)
        instance = instances.wait_for(self.session, instance.id, "running", self.tell)
        password = first_contact.wait_for_password(self.session, instance, KeyFile(self.key.file), self.tell)
        address = instances.reachable(self.session, instance)
        host = HostAddress(name=instance.name, address=address, port=WINRM, password=password)
        fingerprint = first_contact.wait_for_winrm(self.session, instance, host, known, self.tell)
        return Ready(instance, address, password, fingerprint, time.monotonic() - began)

    def password(self) -> Secret:
        """Administrator's first password. Raises AwsError."""
        found = self.must_find()
        password = KeyFile(self.key.file).password_of(self.session, found.id)
        if password is None:
            raise AwsError(
                f"{found.name} has not told its password yet ({found.state} since {found.launched:%H:%M} UTC)",
                "it usually takes 5 minutes after the launch, at most 15",
            )
        return password

    def stop(self) -> Instance:
        """Raises AwsError."""
        found = self.must_find()
        with in_words():
            self.session.client("ec2").stop_instances(InstanceIds=[found.id])
        return instances.wait_for(self.session, found.id, "stopped", self.tell)

    def down(self) -> Instance:
        """Terminates it, with its volume. Raises AwsError."""
        found = self.must_find()
        with in_words():
            self.session.client("ec2").terminate_instances(InstanceIds=[found.id])
        return instances.wait_for(self.session, found.id, "terminated", self.tell)

    # Steps of `up`.

    def _source(self, from_image: str | None) -> SourceImage:
        if from_image is None:
            return windows_images.newest(self.session, self.manifest.aws.windows)
        found = images.launchable(self.session, self.image, None if from_image == "newest" else from_image)
        return SourceImage(found.id, found.name)

    def _launch(self, intent: Intent) -> Instance:
        assert intent.image is not None
        aws = self.manifest.aws
        subnet = network.find_subnet(self.session, aws, aws.master_address)
        own = network.own_network(self.session)
        let_in = tuple(sorted({own, *aws.allow_from}))
        openings = [Opening(RDP, let_in), Opening(WINRM, let_in)]
        group = network.ensure_group(
            self.session, self.image, f"winbake-{self.image}-master", subnet.vpc, openings, self.tell
        )
        wanted = instances.Launch(
            role=tags.MASTER,
            name=f"{self.image} master",
            image_id=intent.image.id,
            type=intent.type,
            subnet=subnet.id,
            groups=(group,),
            key=self.key.ensure(),
            user_data=first_start.master(),
            address=aws.master_address,
            disk_gb=aws.disk_gb,
        )
        made = instances.launch(self.session, self.image, wanted)
        self.tell(f"launched {made.id} from {intent.image.name}")
        return made

    def _start(self, instance: Instance) -> Instance:
        if instance.state == "stopping":
            instances.wait_for(self.session, instance.id, "stopped", self.tell)
        with in_words():
            self.session.client("ec2").start_instances(InstanceIds=[instance.id])
        self.tell(f"starting {instance.id}")
        return instances.by_id(self.session, instance.id)


def _must_not_be_sealed(existing: Instance) -> None:
    """A master that shut itself down for its image has no WinRM any more, and a start makes another machine of it."""
    if tags.SEAL in existing.tags and existing.state in ("stopping", "stopped"):
        raise AwsError(
            f"{existing.name} ({existing.id}) was sealed for its image: WinRM is closed for good",
            "python bake.py snapshot makes the image, if there is none yet; then master down, and master up "
            "(--from-image newest goes on from that image)",
        )
