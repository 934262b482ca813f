"""What a run that changes nothing costs: HTTP requests, PowerShell starts, bytes and seconds.

    python benchmarks/noop.py            the counts for 10, 60 and 500 resources, and how they grow
    python benchmarks/noop.py --check    exit 1 if 60 resources cost more than they may
    python benchmarks/noop.py --ansible  also 20 raw tasks of Ansible against the same host, for comparison

The limits are the project's own: for 60 resources 12 requests after login, 1 PowerShell start, 0.2 MB sent. Measured
elsewhere with ansible-core 2.21: 540 requests, 60 starts and 15.3 MB for 60 such tasks.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from winbake.cli.lab_files import write_lab_files
from winbake.cli.targets import Targets
from winbake.engine.facts import read_facts
from winbake.engine.plan import Selection, make_plan
from winbake.engine.record import RunRecord
from winbake.engine.run import plan_host
from winbake.hosts.session import AgentSession
from winbake.rehearsal.lab import Lab
from winbake.resources.files import FilePresence
from winbake.resources.firewall import FirewallRuleResource
from winbake.resources.model import Identity, Resource
from winbake.resources.path import EnvironmentVariable, PathEntryResource
from winbake.resources.settings import RegistryValue, WindowsService
from winbake.resources.wish import Wanted, Wish

SIZES = (10, 60, 500)
LIMITS = {"requests": 12, "powershell_starts": 1, "wire_bytes_in": 200_000}


@dataclass
class Cost:
    resources: int
    requests: int
    starts: int
    sent: int
    received: int
    seconds: float
    plan_seconds: float


def resources(count: int) -> list[Resource]:
    """A mix as a manifest makes it. Nothing of it needs a change on a fresh host but what is absent and stays so."""
    out: list[Resource] = []
    for index in range(count):
        name = f"thing {index}"
        kind = index % 6
        if kind == 0:
            key = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
            out.append(RegistryValue(Identity("setting", name), key, f"Absent{index}", present=False))
        elif kind == 1:
            out.append(EnvironmentVariable(Identity("variable", name), f"ABSENT_{index}", None))
        elif kind == 2:
            out.append(PathEntryResource(Identity("path", name), rf"C:\absent\{index}", present=False))
        elif kind == 3:
            out.append(FilePresence(Identity("file", name), rf"C:\absent\{index}.txt", "absent"))
        elif kind == 4:
            out.append(FirewallRuleResource(Identity("firewall", name), f"absent-{index}", present=False))
        else:
            out.append(WindowsService(Identity("service", name), "WinRM", None, "running"))
    return out


def measure(session: AgentSession, lab: Lab, count: int) -> Cost:
    wish = Wish(tuple(Wanted(r) for r in resources(count)))
    before, started = lab.counters(), time.perf_counter()
    with RunRecord("master", "plan", None) as record:
        planned = plan_host(session, "master", wish, Selection(), record)
    seconds, after = time.perf_counter() - started, lab.counters()
    assert planned.plan.empty, [item.identity.id for item in planned.plan.changed]
    again = time.perf_counter()
    make_plan("master", wish, planned.facts)
    return Cost(
        count,
        after["requests"] - before["requests"],
        after["powershell_starts"] - before["powershell_starts"],
        after["wire_bytes_in"] - before["wire_bytes_in"],
        after["wire_bytes_out"] - before["wire_bytes_out"],
        seconds,
        time.perf_counter() - again,
    )


def ansible_requests(lab: Lab, inventory: Path, tasks: int) -> tuple[int, int, int]:
    """Requests, PowerShell starts and bytes that Ansible needs for so many `raw` tasks on the same host."""
    playbook = inventory.with_name("raw.yml")
    lines = ["- hosts: masters", "  gather_facts: false", "  tasks:"]
    lines += ["    - ansible.builtin.raw: powershell.exe -NoProfile -Command 1" for _ in range(tasks)]
    playbook.write_text("\n".join(lines), encoding="utf-8")
    before = lab.counters()
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory), str(playbook)]
    subprocess.run(command, check=True, capture_output=True, timeout=300, env={**os.environ})
    after = lab.counters()
    return tuple(after[k] - before[k] for k in ("requests", "powershell_starts", "wire_bytes_in"))  # type: ignore[return-value]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="exit 1 if 60 resources cost more than they may")
    parser.add_argument("--ansible", action="store_true", help="compare with Ansible raw tasks in the same run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Lab("bench-Pa55word", speed=60) as lab:
        inventory = Path(folder) / "lab.yaml"
        write_lab_files(lab, inventory, password_known=False)
        targets = Targets.load(None, inventory, None, None)
        session = targets.connect(targets.hosts[0], targets.addresses()["master"])
        read_facts(session, [])  # the login and the first start are not counted
        costs = [measure(session, lab, count) for count in SIZES]
        session.close()
        heads = ("resources", "requests", "starts", "sent", "received", "facts+plan", "plan alone")
        print(" ".join(f"{h:>{w}}" for h, w in zip(heads, (9, 8, 6, 10, 10, 11, 11), strict=True)))
        for cost in costs:
            print(
                f"{cost.resources:>9} {cost.requests:>8} {cost.starts:>6} {cost.sent:>8} B {cost.received:>8} B "
                f"{cost.seconds:>9.2f} s {cost.plan_seconds * 1000:>8.1f} ms"
            )
        growth = (costs[2].requests - costs[1].requests) / (SIZES[2] - SIZES[1])
        print(f"growth: {growth:.3f} requests a resource; starts stay at {costs[2].starts}")
        if options.ansible:
            requests, starts, sent = ansible_requests(lab, inventory, 20)
            print(f"ansible, 20 raw tasks: {requests} requests, {starts} starts, {sent} B sent")
    middle = costs[1]
    found = {"requests": middle.requests, "powershell_starts": middle.starts, "wire_bytes_in": middle.sent}
    over = [f"{name}: {found[name]}, at most {limit}" for name, limit in LIMITS.items() if found[name] > limit]
    for line in over:
        print(f"too much for 60 resources: {line}")
    return 1 if over and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
