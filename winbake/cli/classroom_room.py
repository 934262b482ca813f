"""What the verbs of `clones` share: one call's project, classroom and screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from winbake.aws import tags
from winbake.aws.clones import Clones, noted_until
from winbake.aws.dns import Dns, DnsChange
from winbake.aws.instances import Instance, reachable
from winbake.aws.keys import keys_folder
from winbake.aws.session import AwsSession
from winbake.aws.stations import Failed, Ready
from winbake.cli import classroom_inventory
from winbake.cli.failures import print_json, words_of
from winbake.cli.screen import clock, console, marked
from winbake.cli.station_board import ranges
from winbake.cli.station_choice import chosen, counted
from winbake.cli.targets import Targets
from winbake.cli.verify import failures_in_words
from winbake.config.classroom import Station
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.engine.errors import EngineError
from winbake.verify.run import verify_host, wanted_of


class Room:
    """One call's project, classroom and screen."""

    def __init__(self, manifest: Path | None, as_json: bool) -> None:
        self.project = Project.at(Path.cwd(), manifest)
        loaded, _ = load_manifest(self.project.manifest)
        self.session = AwsSession.of(loaded.aws)
        self.as_json = as_json
        self.screen = console(stderr=as_json)
        self.clones = Clones(
            self.session, loaded, keys_folder(), lambda text: self.screen.print(marked("·", text))
        )

    def wanted(self, limit: str | None, count: int | None) -> list[Station]:
        stations = counted(self.clones.classroom, count).stations()
        names = set(chosen(limit, [one.name for one in stations]))
        return [one for one in stations if one.name in names]

    def must_be_there(self, limit: str | None) -> list[Instance]:
        there = self.clones.find()
        if not there:
            raise EngineError(
                f"there are no stations of {self.clones.image} in {self.session.region}", "python bake.py clones up"
            )
        return [there[name] for name in chosen(limit, sorted(there))]

    def stations_of(self, there: Iterable[Instance]) -> list[Station]:
        """What the manifest says of stations that there are, also beyond its count. Raises EngineError."""
        known = {one.name: one for one in self.clones.classroom.stations(200)}
        names = [one.station for one in there]
        strange = [name for name in names if name not in known]
        if strange:
            raise EngineError(
                f"the manifest knows no {ranges(strange)} (classroom.name)", "terminate them: clones down --limit …"
            )
        return [known[name] for name in names]

    def finish(self, results: list[Ready | Failed], seconds: float) -> int:
        """Says what is ready and what is not, writes the inventory, and gives the exit code."""
        ready = [one for one in results if isinstance(one, Ready)]
        failed = [one for one in results if isinstance(one, Failed)]
        mark = "✗" if failed else "✓"
        self.screen.print(f"{mark} {len(ready)} of {len(results)} stations are ready, {clock(seconds)}")
        for words, names in _by_words(failed).items():
            self.screen.print(marked("✗", f"{ranges(names)}: {words[0]}"))
            if words[1]:
                self.screen.print(f"    Next: {words[1]}")
        self.after_change()
        if failed:
            self.screen.print("  What is ready stays. The same command again launches and starts only what is missing.")
        else:
            self.screen.print("  Next: python bake.py clones verify")
        if self.as_json:
            print_json(
                {
                    "stations": [self.as_json_of(one.instance) for one in ready],
                    "failed": [{"station": one.station.name, "error": _words(one)[0]} for one in failed],
                }
            )
        return 1 if failed else 0

    def after_change(self) -> None:
        """The inventory and the DNS names say what there is now. Raises EngineError."""
        there = self.clones.find()
        path = self.write_inventory(there)
        self.screen.print(f"  The running stations are in {path.name}.")
        self.names_made_true(there)

    def write_inventory(self, there: Mapping[str, Instance]) -> Path:
        """classroom.yaml, of the stations that run. Raises EngineError over a file that a person wrote."""
        stations = self.clones.classroom.stations(200)
        return classroom_inventory.write(self.project, self.session, self.clones.key.file, stations, there)

    def targets(self, names: Iterable[str], known: Path | None, playbook: Path | None = None) -> Targets:
        """Stations of classroom.yaml as hosts. Raises ConfigError."""
        inventory = self.project.inventory.parent / classroom_inventory.NAME
        limit = ",".join(names)
        return Targets.load(self.project.manifest, inventory, playbook, limit, known_certificates=known)

    def prove(self, first: Ready, known: Path | None) -> list[str]:
        """What a verification of this station finds wrong, in words. Raises EngineError and HostError."""
        name = first.station.name
        self.write_inventory(self.clones.find())
        targets = self.targets([name], known)
        wanted = wanted_of(self.project, targets.hosts[0])
        self.screen.print(marked("·", f"verifying {name}, {wanted.count} checks"))
        with targets.connect(targets.hosts[0], targets.address_of(name)) as session:
            return failures_in_words(verify_host(session, name, wanted))

    def names_made_true(self, there: Mapping[str, Instance]) -> list[DnsChange]:
        """Nothing without a domain. Raises EngineError."""
        domain = self.clones.classroom.domain
        if not domain:
            return []
        changes = Dns(self.session, self.clones.image, domain, self.clones.tell).make_true(there.values())
        for one in changes:
            self.screen.print(marked("✓", f"{one.name} is {one.address}" if one.address else f"{one.name} is removed"))
        return changes

    def ae_title(self, instance: Instance) -> str:
        return instance.tags.get(tags.AE_TITLE, "")

    def as_json_of(self, one: Instance) -> dict[str, Any]:
        ends = noted_until(one)
        return {
            "station": one.station,
            "id": one.id,
            "state": one.state,
            "private": one.private,
            "address": reachable(self.session, one) if one.state == "running" else "",
            "ae_title": self.ae_title(one),
            "type": one.type,
            "image": one.image,
            "until": ends.isoformat() if ends else None,
        }


def _words(failed: Failed) -> tuple[str, str]:
    words = words_of(failed.error)
    assert words is not None, "a station fails with errors that winbake knows"
    return words


def _by_words(failed: Iterable[Failed]) -> dict[tuple[str, str], list[str]]:
    """Stations that failed for the same reason are said once."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for one in failed:
        grouped.setdefault(_words(one), []).append(one.station.name)
    return grouped
