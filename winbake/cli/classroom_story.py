"""The whole story in the rehearsal's AWS: master, bake, image, classroom, teardown, each by the verb that does it."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import boto3

from winbake.cli import main, pacs_story
from winbake.cli.lab_files import lock_text
from winbake.cli.report import shown_path, write_report_files
from winbake.cli.story import Story
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.engine.wish import LOCK_VARIABLE
from winbake.pacs.configuration import PASSWORD_VARIABLE as PACS_PASSWORD_VARIABLE
from winbake.rehearsal.aws.cloud import Cloud
from winbake.report.run_record import read_run, record_files

DOMAIN = "workshop.example"
"""A domain that nobody has (RFC 2606)."""
_VERIFY = ["clones", "verify"]
_INTERRUPTED = 130
"""Exit code of a verb that Ctrl-C ended."""


class ClassroomStory(Story):
    """Played in a Cloud: what a person would type is typed, in a copy of the project."""

    def __init__(self, cloud: Cloud, project: Project, bump: Sequence[str], stations: int, quiet: bool) -> None:
        super().__init__(cloud, project, bump, quiet)
        self.cloud = cloud
        self.stations = stations

    def play(self, folder: Path) -> None:
        project = self._copied(folder)
        with contextlib.chdir(folder), _environment(self._variables(folder)):
            boto3.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference=secrets.token_hex(8))
            self._say_where()
            if not self.run_verb("Master: launch it", ["master", "up", "--yes"]):
                return
            if not self.bake_twice_and_raise(project):
                return
            if not self.run_verb("Verify the master: a second look, by other code", ["verify"]):
                return
            if not self.run_verb("Image: lock down, sysprep, snapshot", ["snapshot", "--yes"]):
                return
            up = ["clones", "up", "--count", str(self.stations), "--yes"]
            if self.run_verb(f"Classroom: {self.stations} stations from the image, with DNS names", up):
                self._check_stations()
                self._verify_stations()
                self._check_pacs(folder)
                self.run_verb("Handouts: a card for every participant", ["handouts"])
                self.run_verb("Status: what there is, and what it costs", ["status"])
            self._tear_down()
        self._write_report(project.runs)

    # Parts.

    def run_verb(self, title: str, arguments: list[str]) -> bool:
        """Runs a verb as a person would, and notes what it cost."""
        part = self.begin(title)
        code = self._typed(arguments)
        return self.end(part, [] if code == 0 else [f"{' '.join(arguments)} ended with exit code {code}"])

    def _check_stations(self) -> bool:
        """Every station answers at its own address, under its own name; its name resolves."""
        part = self.begin("Check the stations: WinRM, computer name, DNS")
        manifest, _ = load_manifest(Path("manifest.yaml"))
        hosts = [machine.host for machine in self.cloud.machines.running.values()]
        up = {host.computer_name.upper() for host in hosts if host.is_up}
        records = _addresses(boto3.client("route53").list_hosted_zones()["HostedZones"][0]["Id"])
        stations = manifest.classroom.stations(self.stations)
        failures = [f"{one.name} does not run under that name" for one in stations if one.name.upper() not in up]
        failures += [f"{one.dns_name} has no address" for one in stations if one.dns_name not in records]
        self.screen.print(f"  {len(stations)} stations looked at, {len(failures)} things wrong")
        return self.end(part, failures)

    def _verify_stations(self) -> None:
        """Each as the master was, but with its own name and AE title; and on one, a plan must find nothing to do."""
        verified = self.run_verb(f"Verify the stations: all {self.stations}, by other code than the plan's", _VERIFY)
        one = load_manifest(Path("manifest.yaml"))[0].classroom.stations(1)[0].name
        plan = ["plan", "-i", "classroom.yaml", "--limit", one]
        planned = self.run_verb("Plan on a station: nothing may be left to do", plan)
        if verified and planned:
            self.notes.append(f"{self.stations} stations passed every check; a plan on {one} finds nothing to change.")

    def _check_pacs(self, folder: Path) -> None:
        """Left out, with a word why, where there is no Orthanc."""
        manifest = folder / "manifest.yaml"
        loaded, _ = load_manifest(manifest)
        if reason := pacs_story.why_not(loaded.classroom.pacs):
            self.notes.append(f"The PACS was not rehearsed: {reason}")
            return
        part = self.begin("PACS: a real Orthanc, everybody calls everybody, images to each station")
        (folder / "pacs").mkdir()
        played = pacs_story.play(manifest, folder / "pacs", self.cloud.address_of, self._typed)
        self.notes += [played.verdict] if played.verdict else []
        self.end(part, played.failures)

    def _typed(self, arguments: list[str]) -> int:
        """Runs a verb as a person would, and gives its exit code."""
        self.screen.print(f"$ python bake.py {' '.join(arguments)}")
        with contextlib.redirect_stdout(sys.stderr if self.quiet else sys.stdout):
            code = main(arguments)
        if code == _INTERRUPTED:
            raise KeyboardInterrupt  # the verb has said so; the story ends too
        return code

    def _tear_down(self) -> bool:
        part = self.begin("Teardown: nothing may be left")
        code = self._typed(["teardown", "--yes"])
        failures = [] if code == 0 else [f"teardown ended with exit code {code}"]
        return self.end(part, failures + self.cloud.machines.leftovers())

    def _write_report(self, records: Path) -> None:
        """The stations' checks and the bake as a page, beside the project's own runs: this folder will be gone."""
        told = [read_run(path) for path in record_files(records)]
        verified = [run for run in told if run.verb == "verify"][:1]
        bakes = sorted((run for run in told if run.verb == "apply"), key=lambda run: len(run.steps))
        page = self.project.runs / "rehearsal.html"
        write_report_files([*verified, *bakes[-1:]], None, page)
        self.notes.append(f"Report {shown_path(page)}")

    # What it stands on.

    def _copied(self, folder: Path) -> Project:
        """A copy of the project: versions are raised in its manifest, and its media/ gets stand-ins."""
        source = self.project
        text = source.manifest.read_text(encoding="utf-8")
        (folder / "manifest.yaml").write_text(_with_classroom(text, self.stations), encoding="utf-8")
        shutil.copy(source.inventory, folder / "inventory.yaml")
        for path in (source.templates, source.roles, source.playbook.parent):
            if path.is_dir():
                shutil.copytree(path, folder / path.name)
        self.cloud.mirror.write_media(folder / source.media.name)
        (folder / "lab.lock.yaml").write_text(lock_text(self.cloud.mirror), encoding="utf-8")
        (folder / "group_vars").mkdir()
        (folder / "group_vars" / "all.yaml").write_text(f"{LOCK_VARIABLE}: lab.lock.yaml\n", encoding="utf-8")
        return replace(
            source,
            root=folder,
            manifest=folder / "manifest.yaml",
            inventory=folder / "inventory.yaml",
            playbook=folder / source.playbook.parent.name / source.playbook.name,
        )

    def _variables(self, folder: Path) -> dict[str, str]:
        return self.cloud.environment() | {
            "XDG_CONFIG_HOME": str(folder / "config"),
            "APPDATA": str(folder / "config"),
            "WINBAKE_PARTICIPANT_PASSWORD": secrets.token_urlsafe(12) + "aA1!",
            PACS_PASSWORD_VARIABLE: secrets.token_urlsafe(12),
        }

    def _say_where(self) -> None:
        seventh = self.cloud.address_of("172.31.15.7")
        self.screen.print(
            f"Rehearsal: an AWS on this machine (moto, and rules of EC2 that it lacks), port {self.cloud.port}, clocks "
            f"{self.cloud.speed:g} times as fast as real; who has 172.31.15.7 there answers at {seventh}."
        )
        self.screen.print("Hosts are simulated, installers are stand-ins; what this does not show: docs/rehearsal.md")


def _with_classroom(text: str, stations: int) -> str:
    """The manifest with the rehearsal's domain, so that names are rehearsed too, and with so many stations."""
    ours = f"classroom:\n  domain: {DOMAIN}\n  count: {stations}\n"
    head, found, section = text.partition("\nclassroom:\n")
    if not found:
        return f"{text.rstrip()}\n\n{ours}"
    rest = re.sub(r"^  (domain|count):.*\n", "", section, flags=re.MULTILINE)
    return f"{head}\n{ours}{rest}"


def _addresses(zone: str) -> dict[str, str]:
    pages = boto3.client("route53").get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    records = [record for page in pages for record in page["ResourceRecordSets"] if record["Type"] == "A"]
    return {record["Name"].rstrip("."): record["ResourceRecords"][0]["Value"] for record in records}


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """These variables for a while; AWS_PROFILE and a session's token would lead elsewhere."""
    gone = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "WINBAKE_PASSWORD")
    before = dict(os.environ)
    os.environ.update(values)
    for name in gone:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
