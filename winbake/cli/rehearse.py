"""`rehearse`: the whole story on this machine, or hosts to try things on."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence, Set
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from winbake.cli.apply import Applied, ApplyRun
from winbake.cli.bump import bumped_text, find_bumps
from winbake.cli.failures import print_json
from winbake.cli.lab_files import write_lab_files
from winbake.cli.screen import clock, console
from winbake.cli.targets import PASSWORD_VARIABLE, Targets
from winbake.config.manifest import load_manifest
from winbake.config.project import Project
from winbake.engine.errors import EngineError
from winbake.engine.plan import Selection
from winbake.engine.reboot import RebootWait
from winbake.rehearsal.lab import USER, Lab
from winbake.rehearsal.standins.model import StandInError
from winbake.rehearsal.windows.faults import FAULTS, UnknownFault

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("rehearse")
@click.option("--serve", is_flag=True, help="Keep simulated hosts up until Ctrl-C, for any WinRM client.")
@click.option("--hosts", type=click.IntRange(1, 40), default=1, show_default=True, help="How many hosts.")
@click.option("--inventory-out", type=_FILE, help="With --serve: write an inventory that every verb takes with -i.")
@click.option("--state", type=_FILE, help="Keep the first host's state in this file between runs.")
@click.option(
    "--standins", type=_FOLDER, multiple=True, help="A folder with more stand-in installers (docs/standins.md)."
)
@click.option(
    "--fault", "faults", multiple=True, metavar="NAME[:KEY=VALUE,…]", help="Make something go wrong; list shows what."
)
@click.option(
    "--release", type=click.Choice(["2019", "2022", "2025"]), default="2022", show_default=True, help="Windows Server."
)
@click.option(
    "--speed",
    type=click.FloatRange(1, 1000),
    default=60.0,
    show_default=True,
    help="How much faster the hosts' clocks run.",
)
@click.option("--bump", multiple=True, metavar="TOOL", help="Raise only this tool in the story. [all that can]")
@click.option("-m", "--manifest", type=_FILE, help="Manifest. [manifest.yaml]")
@click.option("-p", "--playbook", type=_FILE, help="Playbook. [playbooks/master.yml]")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON on standard output.")
def command(
    serve: bool,
    hosts: int,
    inventory_out: Path | None,
    state: Path | None,
    standins: tuple[Path, ...],
    faults: tuple[str, ...],
    release: str,
    speed: float,
    bump: tuple[str, ...],
    manifest: Path | None,
    playbook: Path | None,
    as_json: bool,
) -> int:
    """Bake a simulated Windows Server master over a real WinRM connection, prove it, raise one tool's version.

    The hosts are simulated, the protocols are real: the code that runs is the code that ships. What a rehearsal does
    and does not show: docs/rehearsal.md. Exit code: 0 the story ended as it should, 1 not.
    """
    if faults == ("list",):
        for name, words in FAULTS.items():
            click.echo(f"{name:22} {words}")
        return 0
    given = os.environ.get(PASSWORD_VARIABLE)
    password = given or secrets.token_urlsafe(12) + "aA1!"
    try:
        lab = Lab(
            password, hosts, release=release, speed=speed, standins=standins, state_file=state, fault_texts=faults
        )
    except (StandInError, UnknownFault) as error:
        raise EngineError(str(error), "see docs/standins.md and: rehearse --fault list") from None
    except ValueError as error:
        raise EngineError(str(error)) from None
    with lab:
        if serve:
            return _serve(lab, inventory_out, password_known=given is not None)
        story = Story(lab, Project.at(Path.cwd(), manifest, None, playbook), bump, quiet=as_json)
        code = story.tell()
        lab.save()
        if as_json:
            print_json(story.as_json())
        return code


# ---- hosts to try things on -----------------------------------------------------------------------------


def _serve(lab: Lab, inventory: Path | None, *, password_known: bool) -> int:
    screen = console()
    written = write_lab_files(lab, inventory, password_known=password_known) if inventory else []
    for one in lab.hosts:
        screen.print(f"{one.name:9} {one.endpoint.https_url}  NTLM or Basic, certificate {one.certificate[:16]}…")
        screen.print(f"{'':9} {one.endpoint.http_url}  NTLM with message encryption")
    screen.print(f"User {USER}, password {'as in ' + PASSWORD_VARIABLE if password_known else lab.password}")
    if inventory:
        screen.print(f"Inventory {inventory}: python bake.py plan -i {inventory}")
    screen.print(f"Counters: GET {lab.hosts[0].endpoint.http_url.removesuffix('/wsman')}/rehearsal/counters")
    screen.print("Ctrl-C ends the hosts.")
    sys.stdout.flush()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    try:
        while not stop.wait(0.5):
            pass
    except KeyboardInterrupt:
        screen.print("\nEnding.")
    finally:
        lab.save()
        for path in written:
            path.unlink(missing_ok=True)
    return 0


# ---- the story ------------------------------------------------------------------------------------------


class Story:
    """Bake, prove, plan again (nothing), raise a version, plan (that tool only), apply, plan again (nothing), lock
    down."""

    def __init__(self, lab: Lab, project: Project, bump: Sequence[str], quiet: bool) -> None:
        self.lab = lab
        self.project = project
        self.screen: Console = console(stderr=quiet)
        self.quiet = quiet
        self.manifest, _ = load_manifest(project.manifest)
        self.bumps = find_bumps(self.manifest, lab.mirror, bump)
        self.rows: list[dict[str, object]] = []
        self.failures: list[str] = []
        missing = [tool for tool in bump if tool not in {b.tool for b in self.bumps}]
        if missing:
            raise EngineError(f"no newer stand-in is served for {missing[0]}", "see winbake/rehearsal/standins/")

    def tell(self) -> int:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="winbake-rehearsal-") as name:
            folder = Path(name)
            inventory, manifest = folder / "lab.yaml", folder / "manifest.yaml"
            write_lab_files(self.lab, inventory, password_known=False)
            self._copy_project(folder, manifest)
            self._say_host()
            if self._bake(inventory, manifest, "1. Bake", expect_changes=True):
                self._bake(inventory, manifest, "2. Plan again: nothing may be left to do", expect_changes=False)
                if self.bumps:
                    self._raise_versions(inventory, manifest)
                if not self.failures and self._lockdown.exists():
                    self._lock_down(inventory, manifest)
        self._summary(time.monotonic() - started)
        return 1 if self.failures else 0

    def _copy_project(self, folder: Path, manifest: Path) -> None:
        """The manifest is copied because versions are raised in it; media/ holds stand-ins, not real installers."""
        shutil.copy(self.project.manifest, manifest)
        if self.project.templates.is_dir():
            shutil.copytree(self.project.templates, folder / self.project.templates.name)
        self.lab.mirror.write_media(folder / self.project.media.name)

    def _raise_versions(self, inventory: Path, manifest: Path) -> None:
        text = manifest.read_text(encoding="utf-8")
        manifest.write_text(bumped_text(text, manifest.name, self.bumps), encoding="utf-8")
        raised = ", ".join(f"{b.tool} {b.old} → {b.new}{' (made up)' if b.made_up else ''}" for b in self.bumps)
        title = f"3. Raise versions: {raised}; the plan must touch nothing else"
        tools = {bump.tool for bump in self.bumps}
        if self._bake(inventory, manifest, title, expect_changes=True, only=tools):
            self._bake(inventory, manifest, "4. Plan again: nothing may be left to do", expect_changes=False)

    @property
    def _lockdown(self) -> Path:
        return self.project.playbook.with_name("lockdown.yml")

    def _lock_down(self, inventory: Path, manifest: Path) -> None:
        number = len(self.rows) + 1
        title = f"{number}. Lock down: the last step before the image is taken"
        self._bake(inventory, manifest, title, expect_changes=True, playbook=self._lockdown)
        left = [one.name for one in self.lab.hosts if one.host.listeners.get("HTTPS") is not None]
        if left:
            self.failures.append(f"{title}: {', '.join(left)} still listens over HTTPS")

    def _say_host(self) -> None:
        one = self.lab.hosts[0]
        self.screen.print(
            f"Rehearsal: {len(self.lab.hosts)} simulated {one.host.release.caption} behind WinRM at "
            f"{one.endpoint.https_url}, clock {one.host.clock.speed:g} times as fast as real."
        )
        self.screen.print("Installers are stand-ins; what this does and does not show: docs/rehearsal.md")

    def _bake(
        self,
        inventory: Path,
        manifest: Path,
        title: str,
        *,
        expect_changes: bool,
        only: Set[str] = frozenset(),
        playbook: Path | None = None,
    ) -> bool:
        """One plan and apply; checks what it did against what the story says. True if it is so."""
        self.screen.print()
        self.screen.print(title, style="bold")
        before, started = self.lab.counters(), time.monotonic()
        targets = Targets.load(manifest, inventory, playbook or self.project.playbook, None)
        run = ApplyRun(targets, Selection(), quiet=self.quiet, wait=self._restart_wait())
        results = run.execute(ask=False)
        if run.interrupted:
            raise KeyboardInterrupt
        after = self.lab.counters()
        row: dict[str, object] = {"part": title, "seconds": round(time.monotonic() - started, 1)}
        row |= {name: after[name] - before[name] for name in after}
        row["changed"] = sum(len(r.value.planned.plan.changed) for r in results if r.value)
        self.rows.append(row)
        found = len(self.failures)
        for result in results:
            if result.value is None or not result.value.ok:
                self.failures.append(f"{title}: {result.host} is not as wanted")
            elif not expect_changes and result.value.planned.plan.changed:
                self.failures.append(f"{title}: {result.host} had something to change")
            elif only:
                self._check_only(result.value, only, title)
        return len(self.failures) == found

    def _restart_wait(self) -> RebootWait:
        """The usual waits, in the hosts' time."""
        usual, speed = RebootWait(), self.lab.hosts[0].host.clock.speed
        return replace(usual, first_pause=usual.first_pause / speed, pause=usual.pause / speed)

    def _check_only(self, applied: Applied, tools: Set[str], title: str) -> None:
        plan = applied.planned.plan
        foreign = [item.identity.id for item in plan.changed if not tools & item.identity.tags]
        untouched = tools - {item.identity.name for item in plan.changed}
        if foreign or untouched:
            what = ", ".join([*foreign, *(f"nothing of {tool}" for tool in sorted(untouched))])
            self.failures.append(f"{title}: {plan.host} would change {what}")

    def _summary(self, seconds: float) -> None:
        self.screen.print()
        self.screen.print("Summary", style="bold")
        head = f"  {'':28} {'changed':>7} {'requests':>8} {'starts':>6} {'sent':>9} {'received':>9} {'time':>6}"
        self.screen.print(head)
        for row in self.rows:
            title = re.split("[:,]", str(row["part"]))[0]
            self.screen.print(
                f"  {title:28} {row['changed']:>7} {row['requests']:>8} {row['powershell_starts']:>6} "
                f"{_kilobytes(row['wire_bytes_in'])} {_kilobytes(row['wire_bytes_out'])} "
                f"{clock(float(str(row['seconds']))):>6}"
            )
        self.screen.print("  requests: HTTP; starts: PowerShell processes; sent, received: bytes on the wire")
        for failure in self.failures:
            self.screen.print(f"✗ {failure}", style="red")
        if not self.failures:
            self.screen.print(f"✓ The rehearsal went as it should, in {clock(seconds)}.", style="green")

    def as_json(self) -> dict[str, object]:
        return {"ok": not self.failures, "parts": self.rows, "failures": self.failures}


def _kilobytes(value: object) -> str:
    return f"{int(str(value)) / 1000:>6.0f} kB"
