"""Instances and images as they live: states that take their time, and a Windows host behind every instance.

Times are guesses of a usual day in EC2, in seconds of the cloud's clock; what depends on them is only how long
somebody waits. An image is the state of the host from which it was made; its blobs are shared, not copied.
"""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from winbake.rehearsal.aws import imaging
from winbake.rehearsal.aws.query import Answer, Call
from winbake.rehearsal.windows import ec2launch
from winbake.rehearsal.windows.adapter import Adapter, leased
from winbake.rehearsal.windows.blobs import BlobStore
from winbake.rehearsal.windows.clock import Clock, HostTimer
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.winrm.endpoint import Endpoint

if TYPE_CHECKING:
    from winbake.rehearsal.aws.cloud import Cloud

AMAZON = "801119661308"
ACCOUNT = "123456789012"
PENDING = 12.0
WINDOWS_STARTS = 60.0
"""From `running` to the launch agent's work at an instance's first start."""
SHUTTING_DOWN = 20.0
PASSWORD_AFTER = 120.0
IMAGE = 180.0
"""Of an image of the usual 30 GB; a first one of a volume takes longer."""
IMAGE_STEPS = 10
RELEASES = {"2019": "2019.10.14", "2022": "2022.10.14", "2025": "2025.10.14"}


@dataclass
class Machine:
    """What stands behind one instance. `password`: of Administrator, once Windows has made one up."""

    host: WindowsHost
    endpoint: Endpoint
    password: str = ""
    password_at: float = 0.0


@dataclass
class Snapshotted:
    """What an image holds. generalized: sysprep ran before it was made."""

    state: dict[str, Any]
    generalized: bool


class Machines:
    """The instances and images of one cloud."""

    def __init__(self, cloud: Cloud, speed: float, release: str) -> None:
        self._cloud = cloud
        self._release = release
        self.speed = speed
        self.clock = Clock(speed)
        self.blobs = BlobStore()
        self.running: dict[str, Machine] = {}
        self.images: dict[str, Snapshotted] = {}
        self.endpoints: list[Endpoint] = []
        """Of every machine there ever was, for what they counted."""
        self.silent: set[str] = set()
        """Private addresses whose instance never gets as far as WinRM (a fault)."""
        self.fail_next_image = False
        self._timers: list[HostTimer] = []
        self._lock = threading.Lock()
        self._ended = False

    # moto's records.

    def backend(self, region: str = "") -> Any:
        from moto.ec2.models import ec2_backends

        return ec2_backends[ACCOUNT][region or self._cloud.region]

    def image(self, image_id: str, region: str = "") -> Any:
        return self.backend(region).amis.get(image_id)

    def own_images(self, region: str = "") -> list[Any]:
        return [ami for ami in self.backend(region).amis.values() if ami.owner_id == ACCOUNT]

    def subnet(self, subnet_id: str | None, region: str = "") -> Any:
        for subnets in self.backend(region).subnets.values():
            for subnet in subnets.values():
                if subnet.id == subnet_id or (subnet_id is None and subnet.default_for_az == "true"):
                    return subnet
        return None

    def instances(self, region: str = "") -> list[Any]:
        return [one for r in self.backend(region).reservations.values() for one in r.instances]

    def addresses_in_use(self, region: str = "") -> set[str]:
        return {str(one.private_ip) for one in self.instances(region) if one.state != "terminated"}

    # Life of the whole.

    def begin(self) -> None:
        """A fresh account with Amazon's own images in it."""
        from moto.core.models import DEFAULT_ACCOUNT_ID
        from moto.ec2.models.amis import Ami
        from moto.moto_api._internal.models import moto_api_backend

        assert DEFAULT_ACCOUNT_ID == ACCOUNT
        moto_api_backend.reset()
        backend = self.backend()
        for release, stamp in RELEASES.items():
            ami = Ami(
                backend, amazon_image(release), name=f"Windows_Server-{release}-English-Full-Base-{stamp}",
                owner_id=AMAZON, owner_alias="amazon", public=True, platform="windows", architecture="x86_64",
                root_device_type="ebs", virtualization_type="hvm", hypervisor="xen",
                description=f"Microsoft Windows Server {release}",
                creation_date=datetime(2026, 10, 14, tzinfo=UTC),
            )  # fmt: skip
            backend.amis[ami.id] = ami

    def end(self) -> None:
        with self._lock:
            self._ended = True
        for timer in self._timers:
            timer.cancel()
        for machine in list(self.running.values()):
            machine.endpoint.stop()
            machine.host.power.stop_now()
        self.running.clear()

    def _later(self, seconds: float, action: Any) -> None:
        self._timers = [one for one in self._timers if one.is_alive()]
        self._timers.append(self.clock.call_later(seconds, action))

    # Following what moto did.

    def follow(self, call: Call, answer: Answer) -> Answer:
        """Runs after a call that went well; gives the answer as AWS would have given it."""
        backend = self.backend(call.region)
        if call.action == "RunInstances":
            for instance in self.instances(call.region):
                if instance.state == "running" and instance.id not in self.running and not hasattr(instance, "met"):
                    instance.met = True
                    self._set(instance, "pending", 0)
                    self._later(PENDING, lambda one=instance: self._boot(one))
            return _with_state(answer, "running", "pending", 16, 0)
        if call.action in imaging.MAKING:
            self._make_image(call)
        for instance_id in call.values("InstanceId"):
            self._follow_instance(call.action, backend.get_instance(instance_id))
        if call.action == "TerminateInstances":
            return _with_state(answer, "terminated", "shutting-down", 48, 32)
        return answer

    def _follow_instance(self, action: str, instance: Any) -> None:
        machine = self.running.get(instance.id)
        if action == "StartInstances":
            instance.launch_time = datetime.now(UTC)  # of its latest start, not of its first
            self._set(instance, "pending", 0)
            self._later(PENDING, lambda: self._boot(instance))
        elif action == "StopInstances":
            self._set(instance, "stopping", 64)
            if machine is not None and machine.host.is_up:
                machine.host.shutdown()
            self._later(SHUTTING_DOWN, lambda: self._stopped(instance))
        elif action == "TerminateInstances":
            if not hasattr(instance, "going"):
                instance.going = True
                self._later(SHUTTING_DOWN, lambda: self._terminated(instance))
            self._set(instance, *(("shutting-down", 32) if instance._private_ips else ("terminated", 48)))
            if machine is not None:
                machine.endpoint.stop()
                machine.host.power.stop_now()
                del self.running[instance.id]
        elif action == "RebootInstances" and machine is not None:
            machine.host.reboot()

    def _terminated(self, instance: Any) -> None:
        """Frees its addresses, which moto keeps until its record of the instance is gone."""
        self._set(instance, "terminated", 48)
        subnet = self.subnet(instance.subnet_id, instance.region_name)
        for address in instance._private_ips:
            subnet.del_subnet_ip(address)
        instance._private_ips.clear()

    @staticmethod
    def _set(instance: Any, name: str, code: int) -> None:
        instance._state.name, instance._state.code = name, code

    # Instances.

    def _boot(self, instance: Any) -> None:
        if instance.state != "pending":
            return
        machine = self.running.get(instance.id)
        self._set(instance, "running", 16)
        if machine is not None:
            machine.host.power.power_on()
        elif instance.private_ip not in self.silent:
            self._later(WINDOWS_STARTS, lambda: self._first_start(instance))

    def _first_start(self, instance: Any) -> None:
        with self._lock:
            if instance.state != "running" or self._ended:
                return
            machine = self._new_machine(instance)
            self.running[instance.id] = machine
        user_data = base64.b64decode(str(instance.user_data or "")).decode("utf-8")
        made = ec2launch.first_boot(machine.host, user_data)
        if made:
            machine.password, machine.password_at = made, self.clock.passed + PASSWORD_AFTER

    def _new_machine(self, instance: Any) -> Machine:
        image = self.images.get(instance.image_id)
        name = instance.id
        if image is None:
            release = next((r for r in RELEASES if amazon_image(r) == instance.image_id), self._release)
            host = WindowsHost(name, release, self.speed, blobs=self.blobs, seed=name)
        else:
            state = ec2launch.specialized(image.state) if image.generalized else image.state
            host = WindowsHost.from_state(state, name, self.speed, self.blobs)
            if image.generalized:
                ec2launch.specialize(host)
        host.network.mirror_port = self._cloud.mirror.port
        host.network.adapter = self._lease(instance)
        host.network.outside_ports.add(self._cloud.port)
        host.power.off_listeners.append(lambda: self._went_off(instance))
        endpoint = Endpoint(host, self._cloud.address_of(str(instance.private_ip)), 5985, 5986, prepared=False)
        endpoint.start()
        self.endpoints.append(endpoint)
        return Machine(host, endpoint)

    def _lease(self, instance: Any) -> Adapter:
        """What the DHCP server of its subnet gives the instance."""
        subnet = self.subnet(instance.subnet_id, instance.region_name)
        vpc = self.backend(instance.region_name).vpcs[subnet.vpc_id]
        interface = next(iter(instance.nics.values()))
        return leased(
            str(instance.private_ip), seed=instance.id, subnet=subnet.cidr_block, vpc=vpc.cidr_block,
            region=instance.region_name, mac=str(interface.mac_address),
        )  # fmt: skip

    def _went_off(self, instance: Any) -> None:
        """Windows shut itself down: the instance is stopped (or terminated, where it was launched so)."""
        if instance.state == "running":
            self._set(instance, "stopping", 64)
            imaging.shut_down_by_itself(instance)
            self._later(SHUTTING_DOWN / 4, lambda: self._stopped(instance))

    def _stopped(self, instance: Any) -> None:
        if instance.state == "stopping":
            self._set(instance, "stopped", 80)

    def leftovers(self) -> list[str]:
        """What of this account still costs something or stands about."""
        backend = self.backend()
        groups = [group for by_vpc in backend.groups.values() for group in by_vpc.values()]
        amazon = {one.ebs_snapshot.id for one in backend.amis.values() if one.owner_id == AMAZON}
        return [
            *(f"instance {one.id} is {one.state}" for one in self.instances() if one.state != "terminated"),
            *(f"image {one.id}" for one in self.own_images()),
            *(f"snapshot {one}" for one in backend.snapshots if one not in amazon),
            *(f"volume {one}" for one in backend.volumes),
            *(f"security group {one.name}" for one in groups if one.name != "default"),
            *(f"key pair {one}" for one in backend.key_pairs),
        ]

    def password_of(self, instance_id: str) -> str:
        """"" until Windows has told EC2 of it."""
        machine = self.running.get(instance_id)
        return machine.password if machine and machine.password and self.clock.passed >= machine.password_at else ""

    # Images.

    def _make_image(self, call: Call) -> None:
        ami = imaging.made(self, call)
        source = self.images.get(call.form.get("SourceImageId", ""))
        machine = self.running.get(call.form.get("InstanceId", ""))
        if source is not None:
            self.images[ami.id] = Snapshotted(source.state, source.generalized)
        elif machine is not None:
            self.images[ami.id] = Snapshotted(machine.host.state(), ec2launch.is_generalized(machine.host))
        else:
            return
        ami.state = "pending"
        ami.ebs_snapshot.status = "pending"
        imaging.grow(ami, 0)
        failing, self.fail_next_image = self.fail_next_image, False
        for step in range(1, IMAGE_STEPS + 1):
            self._later(IMAGE * step / IMAGE_STEPS, lambda at=step: self._advance(ami, at, failing))

    def _advance(self, ami: Any, step: int, failing: bool) -> None:
        image = self.images.get(ami.id)
        if image is None or ami.state != "pending":
            return
        imaging.grow(ami, 100 * step // IMAGE_STEPS)
        if failing and step > IMAGE_STEPS // 2:
            imaging.fail(ami)
        elif step == IMAGE_STEPS:
            ami.state, ami.ebs_snapshot.status = "available", "completed"


def amazon_image(release: str) -> str:
    return f"ami-0{int(release):016x}"


def _with_state(answer: Answer, old: str, new: str, old_code: int, new_code: int) -> Answer:
    body = answer.body.replace(f"<name>{old}</name>".encode(), f"<name>{new}</name>".encode())
    body = body.replace(f"<code>{old_code}</code>".encode(), f"<code>{new_code}</code>".encode())
    return Answer(answer.status, body, answer.content_type)


