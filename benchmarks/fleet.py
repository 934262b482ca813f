"""What a classroom costs as it grows: seconds of the hosts' clock, and CPU seconds and requests a station.

    python benchmarks/fleet.py             10, 50 and 200 stations, each launched from one image
    python benchmarks/fleet.py 20 40       these sizes
    python benchmarks/fleet.py --check     4 and 12 stations; exit 1 if a station costs more among more of them

The hosts are the rehearsal's, in this process: CPU seconds are theirs and winbake's together. Most requests are looks
at what AWS is at, as many seconds of the hosts' clock apart as before the real AWS. `after the canary` is the time
of all others beside that of the first alone, in the hosts' clock: at most 1.3 times as long is wanted.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from winbake.aws import tags
from winbake.aws.clones import Clones
from winbake.aws.session import AwsSession
from winbake.aws.stations import Ready
from winbake.aws.windows_images import newest
from winbake.config.classroom import Classroom
from winbake.config.manifest import load_manifest
from winbake.rehearsal.aws.cloud import Cloud

SIZES = (10, 50, 200)
CHECKED = (4, 12)
SPEED = 30.0
"""How fast the hosts' clock runs; slower for more than ten stations, or this computer would be what they wait for."""
GROWTH = 1.3
"""How much more a station may cost among the most than among the fewest, and the others take beside the canary."""
_MANIFEST = Path(__file__).parent.parent / "manifest.yaml"
_SYSPREP = r'"C:\Program Files\Amazon\EC2Launch\EC2Launch.exe" sysprep --shutdown=true'


@dataclass
class Cost:
    """canary and others: seconds of the hosts' clock."""

    stations: int
    wall: float
    cpu: float
    requests: int
    canary: float
    others: float

    @property
    def requests_each(self) -> float:
        return self.requests / self.stations

    @property
    def cpu_each(self) -> float:
        return self.cpu / self.stations

    @property
    def together(self) -> float:
        return self.others / self.canary


def measure(count: int) -> Cost:
    speed = SPEED / max(1.0, count / 10)
    with Cloud(speed) as cloud, tempfile.TemporaryDirectory() as folder:
        os.environ.update(cloud.environment())
        manifest, _ = load_manifest(_MANIFEST)
        session = AwsSession()
        make_image(cloud, session, manifest.image.name)
        session.clock_speed = speed
        room = Classroom(count=count)
        clones = Clones(session, manifest.model_copy(update={"classroom": room}), Path(folder))
        intent = clones.intent(room.stations(), None, None)
        asked, wall, cpu = len(cloud.calls), time.perf_counter(), time.process_time()
        marks: dict[str, float] = {}

        def tell(station: str, text: str) -> None:
            moment = cloud.machines.clock.passed
            marks.setdefault(f"{'canary' if station == 'ws01' else 'others'} began", moment)
            if text.startswith("✓"):
                marks[f"{'canary' if station == 'ws01' else 'others'} ended"] = moment

        results = clones.up(intent, Path(folder) / "known", tell)
        failed = [one for one in results if not isinstance(one, Ready)]
        if failed:
            raise SystemExit(f"{len(failed)} of {count} stations did not come up: {failed[0]}")
        return Cost(
            count,
            time.perf_counter() - wall,
            time.process_time() - cpu,
            len(cloud.calls) - asked,
            marks["canary ended"] - marks["canary began"],
            marks["others ended"] - marks["others began"],
        )


def make_image(cloud: Cloud, session: AwsSession, image: str) -> None:
    """A sysprepped image of a fresh Windows with the project's tags."""
    ec2: Any = boto3.client("ec2")
    made = ec2.run_instances(ImageId=newest(session, "2022").id, MinCount=1, MaxCount=1)
    instance = made["Instances"][0]["InstanceId"]
    _until(lambda: instance in cloud.machines.running and cloud.machines.running[instance].password)
    cloud.machines.running[instance].host.start(_SYSPREP).wait(600)
    _until(lambda: _state(ec2, instance) == "stopped")
    specifications = tags.specifications(["image"], image, tags.BAKED, "baked")
    ami = ec2.create_image(InstanceId=instance, Name="baked", TagSpecifications=specifications)["ImageId"]
    _until(lambda: ec2.describe_images(ImageIds=[ami])["Images"][0]["State"] == "available")
    ec2.terminate_instances(InstanceIds=[instance])


def _state(ec2: Any, instance: str) -> str:
    found = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    return str(found["State"]["Name"])


def _until(ready: Any) -> None:
    while not ready():
        time.sleep(0.05)


def check(costs: list[Cost]) -> list[str]:
    few, many = costs[0], costs[-1]
    found = []
    for name in ("requests_each", "cpu_each"):
        before, after = getattr(few, name), getattr(many, name)
        if after > before * GROWTH:
            found.append(f"{name}: {before:.2f} among {few.stations}, {after:.2f} among {many.stations}")
    found += [
        f"{one.stations} stations: the others took {one.together:.2f} times as long as the canary"
        for one in costs
        if one.together > GROWTH
    ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    costs = []
    print("stations   wall s   CPU s each   requests each   canary (host s)   after the canary")
    for count in CHECKED if given.check else given.sizes or SIZES:
        one = measure(count)
        costs.append(one)
        print(
            f"{one.stations:8}   {one.wall:6.1f}   {one.cpu_each:10.2f}   {one.requests_each:13.1f}   "
            f"{one.canary:15.0f}   {one.together:.2f} times"
        )
    problems = check(costs) if given.check else []
    for problem in problems:
        print(f"too much: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
