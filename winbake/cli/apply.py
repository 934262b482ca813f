"""`apply`: plan, ask, apply, prove. With a saved plan: exactly that, or nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from winbake.cli.after_lockdown import told_if_locked_down
from winbake.cli.failures import print_json
from winbake.cli.fleet import Fleet, Result
from winbake.cli.options import connection_options, names, project_options, selection_options, yes_option
from winbake.cli.plan import errors_as_json, note_on_screen, show_errors
from winbake.cli.progress import ApplyView
from winbake.cli.screen import can_ask, clock, console
from winbake.cli.show_plan import show_plan
from winbake.cli.targets import Targets
from winbake.engine.apply import Outcome, StepEvent
from winbake.engine.closing import Closed, wait_until_closed
from winbake.engine.errors import EngineError
from winbake.engine.plan import FETCHING, Plan, Selection, Step
from winbake.engine.reboot import RebootWait
from winbake.engine.record import RunRecord
from winbake.engine.run import Planned, Proof, apply_host, plan_host, prove_host, steps_to_run
from winbake.engine.saved import SavedPlan, item_as_json, read_plans, summary
from winbake.hosts.errors import HostError
from winbake.hosts.model import HostAddress


@dataclass
class Applied:
    """What happened on one host. `proof` is None if it was not read again (nothing done, or the run was cut)."""

    planned: Planned
    steps: tuple[Step, ...]
    outcome: Outcome
    proof: Proof | None
    record: Path | None
    seconds: float
    proof_error: str = ""
    closed: Closed | None = None
    """How the host's closing of its way in ended; None if it was not told to."""

    @property
    def ok(self) -> bool:
        proved = (self.proof is None or self.proof.ok) and not self.proof_error
        return self.outcome.ok and proved and (self.closed is None or self.closed.ok)


@click.command("apply")
@click.argument("plan_file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@project_options
@selection_options
@connection_options
@yes_option
@click.option("--json", "as_json", is_flag=True, help="What was done, as JSON on standard output.")
def command(
    plan_file: Path | None,
    manifest: Path | None,
    inventory: Path | None,
    playbook: Path | None,
    limit: str | None,
    tags: str | None,
    skip: str | None,
    accept_new_certificates: bool,
    known_certificates: Path | None,
    yes: bool,
    as_json: bool,
) -> int:
    """Plan, ask, apply, and prove by reading the host again.

    With PLAN_FILE (made by plan -o) exactly that plan is applied, without asking, and refused if the host or the
    manifest have moved since. Exit code: 0 everything is as wanted, 1 not.
    """
    targets = Targets.load(
        manifest, inventory, playbook, limit, accept_new=accept_new_certificates, known_certificates=known_certificates
    )
    saved = read_plans(plan_file) if plan_file else None
    if saved is not None:
        _keep_planned_hosts(targets, saved, plan_file)
    run = ApplyRun(targets, Selection(names(tags), names(skip)), saved, quiet=as_json)
    results = run.execute(ask=not yes and saved is None)
    if as_json:
        print_json(results_as_json(results))
    return exit_code_of_apply(run, results)


def _keep_planned_hosts(targets: Targets, saved: dict[str, SavedPlan], plan_file: Path | None) -> None:
    targets.hosts = [host for host in targets.hosts if host.name in saved]
    if not targets.hosts:
        raise EngineError(
            f"{plan_file}: plans {', '.join(saved)}, which the inventory does not have", "name its inventory with -i"
        )


class ApplyRun:
    """One call of apply over its hosts: all are planned and shown before any is touched."""

    def __init__(
        self,
        targets: Targets,
        selection: Selection,
        saved: dict[str, SavedPlan] | None = None,
        quiet: bool = False,
        wait: RebootWait | None = None,
    ) -> None:
        """wait: how to wait for restarts, where the usual way is not right."""
        self.targets = targets
        self.selection = selection
        self.saved = saved
        self.screen: Console = console(stderr=quiet)
        self.wait = wait
        self.fleet = Fleet()
        self.interrupted = False
        self.addresses: dict[str, HostAddress] = {}

    def execute(self, ask: bool) -> list[Result[Applied]]:
        """Plans, shows, asks, applies, proves. Raises ConfigError and EngineError before anything is touched."""
        wishes = self.targets.wishes()
        addresses = self.addresses = self.targets.addresses()
        hosts = {host.name: host for host in self.targets.hosts}
        secrets = self.targets.secrets(addresses)
        records: dict[str, RunRecord] = {}

        def plan(name: str) -> tuple[Planned, tuple[Step, ...]]:
            session = self.fleet.sessions[name] = self.targets.connect(hosts[name], addresses[name])
            records[name] = RunRecord(name, "apply", self.targets.project.runs, secrets, addresses[name].endpoint)
            own = self.saved.get(name) if self.saved else None
            selection = own.selection if own else self.selection
            with told_if_locked_down(self.targets.project.runs, addresses[name]):
                note = note_on_screen(self.screen, name)
                planned = plan_host(session, name, wishes[name], selection, records[name], note)
            return planned, steps_to_run(planned, own)

        try:
            planned = self.fleet.run(hosts, plan)
            self._show_plans(planned)
            work = {r.host: r.value for r in planned if r.value is not None}
            failed: list[Result[Applied]] = [Result(r.host, error=r.error) for r in planned if r.error is not None]
            if self.fleet.interrupted:
                raise KeyboardInterrupt
            if ask and any(steps for _, steps in work.values()):
                self._ask()
            applied = self._apply(work, records)
            order = list(hosts)
            return sorted([*applied, *failed], key=lambda r: order.index(r.host))
        finally:
            self.fleet.close()
            for record in records.values():
                record.write("end")
                record.close()

    def _show_plans(self, planned: list[Result[tuple[Planned, tuple[Step, ...]]]]) -> None:
        for result in planned:
            if result.value is not None:
                address = next(h.address for h in self.targets.hosts if h.name == result.host)
                show_plan(self.screen, result.value[0].plan, address, hint=False)
        show_errors(planned)

    def _ask(self) -> None:
        if not can_ask():
            raise EngineError("nobody is there to say yes", "add --yes, or apply a saved plan: apply FILE")
        if not click.confirm("\nApply this?", default=False, err=True):
            raise EngineError("nothing was touched", "")

    def _apply(
        self, work: dict[str, tuple[Planned, tuple[Step, ...]]], records: dict[str, RunRecord]
    ) -> list[Result[Applied]]:
        busy = {name: pair for name, pair in work.items() if pair[1]}
        idle = [Result(n, Applied(p, s, Outcome(), None, None, 0.0)) for n, (p, s) in work.items() if not s]
        if not busy:
            return idle
        self.screen.print()
        with ApplyView(self.screen, several=len(work) > 1) as view:

            def apply(name: str) -> Applied:
                planned, steps = busy[name]
                return self._apply_one(name, planned, steps, records[name], view)

            results = self.fleet.run(busy, apply)
        self.interrupted = self.fleet.interrupted
        for result in results:
            if result.value is not None:
                _show_applied(self.screen, result.value)
        show_errors(results)
        return [*idle, *results]

    def _apply_one(
        self, name: str, planned: Planned, steps: tuple[Step, ...], record: RunRecord, view: ApplyView
    ) -> Applied:
        session = self.fleet.sessions[name]
        started = time.monotonic()
        view.begin(planned.plan, steps)
        try:
            outcome = apply_host(
                session,
                planned,
                steps,
                record,
                lambda event: view.event(name, event),
                self.wait,
                store=self.targets.media_store(name),
            )
            proof, proof_error, closed = None, "", None
            if outcome.ok:
                try:
                    proof = prove_host(session, planned, record)
                except (HostError, EngineError) as error:
                    proof_error = f"the proof could not be read: {error.what}"
            if proof is not None and proof.scheduled:

                def note(text: str) -> None:
                    view.event(name, StepEvent("note", None, data={"text": text}))

                closed = wait_until_closed(
                    session, self.addresses[name], planned, record, note, lambda: self.fleet.interrupted
                )
        finally:
            view.end(name)
        seconds = time.monotonic() - started
        return Applied(planned, steps, outcome, proof, record.path, seconds, proof_error, closed)


def results_as_json(results: list[Result[Applied]]) -> dict[str, Any]:
    return {"hosts": [_as_json(r.value) for r in results if r.value], "errors": errors_as_json(results)}


def exit_code_of_apply(run: ApplyRun, results: list[Result[Applied]]) -> int:
    if run.interrupted:
        return 130
    return 0 if results and all(r.value is not None and r.value.ok for r in results) else 1


# ---- what is shown at the end ---------------------------------------------------------------------------


def _show_applied(screen: Console, applied: Applied) -> None:
    plan, outcome = applied.planned.plan, applied.outcome
    for step_id, message in outcome.failed.items():
        _show_failed_step(screen, applied, step_id, message)
    if outcome.cut:
        screen.print(f"✗ {plan.host}: cut off: {outcome.cut}", style="red")
        half = [_step_words(applied.steps, i) for i in outcome.half_done]
        if half:
            screen.print(f"  half done: {', '.join(half)}")
    if not outcome.ok:
        _show_rest(screen, applied)
        screen.print("  Next: a re-run reads the host anew and goes on from there; --skip NAME leaves something out.")
    if applied.proof_error:
        screen.print(f"✗ {plan.host}: {applied.proof_error}", style="red")
    if applied.proof is not None:
        _show_proof(screen, applied)
    if applied.closed is not None:
        _show_closed(screen, applied)
    if applied.record is not None:
        screen.print(f"  Run record {_short(applied.record)}")


def _show_failed_step(screen: Console, applied: Applied, step_id: str, message: str) -> None:
    step = next(s for s in applied.steps if s.id == step_id)
    if message == "its download failed":
        return
    screen.print(f"✗ {applied.planned.plan.host}: {step.operation.title}: {message}", style="red")
    log, tail = applied.outcome.log_tails.get(step_id, ("", ()))
    if tail:
        screen.print(f"  last lines of {log}:" if log else "  it said:")
        for line in tail:
            screen.print(f"    {line}")


def _show_rest(screen: Console, applied: Applied) -> None:
    plan, outcome = applied.planned.plan, applied.outcome
    done_items = {s.item for s in applied.steps if s.id in outcome.done}
    open_items = {s.item for s in applied.steps if s.id not in outcome.done}
    done = [plan.items[i].identity.id for i in sorted(done_items - open_items)]
    # A download runs ahead of its tool: a tool that was only fetched has not been begun.
    touched = {s.item for s in applied.steps if s.id in outcome.started and s.operation.kind not in FETCHING}
    not_begun = [plan.items[i].identity.id for i in sorted(open_items - touched)]
    screen.print(f"  done before it: {_listed(done)}. Not begun: {_listed(not_begun)}.")


def _listed(names: list[str], most: int = 4) -> str:
    """`a, b and 7 more`; the run record has them all."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(names[:most]) + more) or "nothing"


def _show_proof(screen: Console, applied: Applied) -> None:
    assert applied.proof is not None
    proof, plan = applied.proof, applied.planned.plan
    total = len(proof.plan.items) - len(proof.scheduled)
    changed = len({s.item for s in applied.steps if s.id in applied.outcome.done})
    skipped = f", {len(plan.skipped)} skipped" if plan.skipped else ""
    counted = total - len(plan.skipped)
    restarts = f", {applied.outcome.reboots} restarted" if applied.outcome.reboots else ""
    if proof.ok:
        screen.print(
            f"Proof: {plan.host}: facts read again, {counted} of {counted} as wanted.   "
            f"{changed} changed, 0 failed{skipped}{restarts}, {clock(applied.seconds)}"
        )
        return
    screen.print(f"✗ {plan.host}: facts read again, {len(proof.differs)} of {total} are not as wanted:", style="red")
    for item in proof.differs:
        for change in item.decision.changes:
            found, wanted = change.old or "absent", change.new or "absent"
            screen.print(f"    {item.identity.id}: {change.property} is {found}, wanted {wanted}")
        if item.decision.problem:
            screen.print(f"    {item.identity.id}: {item.decision.problem}")
    screen.print("  Next: every step ended well and yet this differs: look at the host, or run plan again.")


def _show_closed(screen: Console, applied: Applied) -> None:
    """What was only scheduled when the run ended, and what can be said of it since."""
    closed, proof = applied.closed, applied.proof
    assert closed is not None and proof is not None
    host = applied.planned.plan.host
    told = ", ".join(item.decision.scheduled or "" for item in proof.scheduled)
    screen.print(f"Scheduled, not proved by facts: {host} removes by itself: {told}.")
    if closed.closed:
        screen.print(f"✓ {host}: locked down: its port no longer answers, {clock(closed.seconds)} after the proof.")
        screen.print("  What comes before the listener has gone before it; the firewall rule goes last, unseen.")
    elif closed.ok:
        screen.print(f"✓ {host}: locked down: facts read again, all of it is gone. This port still answers.")
    else:
        why = closed.error or "the facts say that it is still there"
        screen.print(f"✗ {host}: its port still answers after {clock(closed.seconds)}: {why}", style="red")
        screen.print("  Next: python bake.py doctor tells whether it has closed since; if not, run this again.")


def _step_words(steps: tuple[Step, ...], step_id: str) -> str:
    return next((s.operation.title for s in steps if s.id == step_id), step_id)


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _as_json(applied: Applied) -> dict[str, Any]:
    plan: Plan = applied.planned.plan
    titles = {step.id: step.operation.title for step in applied.steps}
    return {
        "host": plan.host,
        "ok": applied.ok,
        "seconds": round(applied.seconds, 1),
        "summary": summary(plan),
        "done": [titles[i] for i in applied.outcome.done],
        "failed": [{"step": titles[i], "message": m} for i, m in applied.outcome.failed.items()],
        "cut": applied.outcome.cut,
        "half_done": [titles[i] for i in applied.outcome.half_done],
        "reboots": applied.outcome.reboots,
        "proof": None
        if applied.proof is None
        else {
            "ok": applied.proof.ok,
            "differs": [item_as_json(i) for i in applied.proof.differs],
            "scheduled": [item_as_json(i) for i in applied.proof.scheduled],
        },
        "locked_down": None
        if applied.closed is None
        else {"ok": applied.closed.ok, "closed": applied.closed.closed, "waited": round(applied.closed.seconds, 1)},
        "record": str(applied.record) if applied.record else None,
    }
