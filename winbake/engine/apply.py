"""Carries out the steps of a plan: one agent call a segment, restarts between, every event to the observer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from winbake.engine.errors import AgentFailed, EngineError
from winbake.engine.exit_codes import exit_code_words
from winbake.engine.facts import read_facts
from winbake.engine.parts import OF_THE_ENGINE, RESTART, first_part, is_restart_pending, next_round
from winbake.engine.plan import Plan, Step
from winbake.engine.protocol import converse
from winbake.engine.reboot import RebootWait, Restarted, reboot, restarted_by_itself
from winbake.engine.record import RunRecord
from winbake.engine.schedule import Scheduled, scheduled
from winbake.engine.sending import OFFER_FROM, MediaStore, Offer, fetching, offer_step, send_step
from winbake.engine.update_codes import with_words
from winbake.hosts.errors import ConnectionCut, HostError, HostUnreachable, Interrupted
from winbake.hosts.session import AgentSession
from winbake.resources.package import Package
from winbake.resources.wish import Wish

_INSTALLERS = ("msi", "installer", "msi_uninstall", "uninstaller")
CONTROL_C_EXIT = 0xC000013A
"""STATUS_CONTROL_C_EXIT: how a program ends that Ctrl-C ended."""
REBOOT_STARTED = 1641
"""The installer restarted the machine itself ([MSI] ERROR_SUCCESS_REBOOT_INITIATED)."""


@dataclass(frozen=True)
class StepEvent:
    """What happened to one step. kind: started, progress, done, failed, note. seconds are the host's."""

    kind: str
    step: Step | None
    seconds: float = 0.0
    data: Mapping[str, Any] = field(default_factory=dict)


Observer = Callable[[StepEvent], None]


@dataclass
class Outcome:
    """How an apply ended. `not_begun` and `half_done` are step ids."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    log_tails: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    started: set[str] = field(default_factory=set)
    reboots: int = 0
    cut: str | None = None
    """Why the run ended before its steps did: the connection was cut, or it was interrupted."""

    @property
    def half_done(self) -> list[str]:
        return [i for i in self.started if i not in self.done and i not in self.failed]

    @property
    def ok(self) -> bool:
        return not self.failed and self.cut is None


class Applier:
    """One apply on one host."""

    def __init__(
        self,
        session: AgentSession,
        plan: Plan,
        wish: Wish,
        steps: tuple[Step, ...],
        record: RunRecord,
        observer: Observer,
        wait: RebootWait | None = None,
        store: MediaStore | None = None,
    ) -> None:
        """store: where the host fetches large files of this machine; without one they go through WinRM."""
        self.session = session
        self.plan = plan
        self.steps = {step.id: step for step in steps}
        self.resources = {w.resource.identity.id: w.resource for w in wish.all}
        self.packages = {i: one for i, one in self.resources.items() if isinstance(one, Package)}
        self.root = wish.root
        self.record = record
        self.observer = observer
        self.wait = wait or RebootWait()
        self.store = store
        self.offers: dict[str, Offer] = {}
        """Step → what the host fetches in its place."""
        self.outcome = Outcome()
        self.boot_time = plan.system.boot_time
        self.reboot_wanted = False
        self.reboot_begun = False
        self.came_back = False
        self.rounds: dict[str, int] = {}

    def run(self) -> Outcome:
        """Runs every step. Raises HostLocked, AgentFailed, RebootFailed and a media store's errors; a cut connection is
        an outcome."""
        left = list(self.steps.values())
        while left:
            part = first_part(left)
            if not self._send_files(part):
                return self.outcome
            self._run_part(part)
            if not self.outcome.ok:
                return self.outcome
            last = part[-1]
            undone = [step for step in part if step.id not in self.outcome.done and step.operation.kind != RESTART]
            if last.operation.kind == RESTART and not undone:
                self._restart_step(last)
            elif self.reboot_begun or self.reboot_wanted:
                self._reboot(last)
            elif undone and not self.came_back:
                self.outcome.cut = f"the agent ended and left {len(undone)} steps undone"
            if self.outcome.ok and last.operation.rounds > 1 and last.id in self.outcome.done:
                self._look_after_round(last)
            if not self.outcome.ok:
                return self.outcome
            self.came_back = False
            left = self._left()
        return self.outcome

    def _run_part(self, steps: list[Step]) -> None:
        """One call of the agent, unless the engine does all of these itself."""
        requests = self._requests(steps)
        if not requests:
            return
        try:
            converse(self.session, operations=requests, on_event=self._on_event)
        except AgentFailed:
            # What failed says more than that the agent ended after it.
            if not self.outcome.failed:
                raise
        except HostError as error:
            if not self.reboot_begun and not self.outcome.failed and not self._restarted_by_installer(error):
                self._cut(error.what)

    def _restart_step(self, step: Step) -> None:
        """A restart at its place. The steps before it are done; some of them may have asked for it."""
        started = time.monotonic()
        self._on_event({"event": "started", "id": step.id})
        try:
            if self.reboot_begun or self.reboot_wanted or is_restart_pending(self.session):
                self._reboot(step)
            else:
                self.observer_note(f"{step.operation.title}: nothing waits for a restart, so none is made")
        except HostError as error:
            self._cut(error.what)
            return
        self._on_event({"event": "done", "id": step.id, "seconds": round(time.monotonic() - started, 1)})

    def _look_after_round(self, step: Step) -> None:
        """Reads anew what a step of several rounds was about; if that still differs, the step is to run once more."""
        done = self.rounds[step.id] = self.rounds.get(step.id, 0) + 1
        resource = self.resources[self.plan.items[step.item].identity.id]
        self.observer_note(f"{step.operation.title}: looking what is left after round {done}")
        try:
            again = next_round(self.session, resource, step, done)
        except HostError as error:
            self._cut(error.what)
        except EngineError as error:
            self.outcome.failed[step.id] = error.what
        else:
            if again is not None:
                self.steps[step.id] = again
                self.outcome.done.remove(step.id)

    def _send_files(self, steps: list[Step]) -> bool:
        """Sends what these steps need from this machine, before the agent begins. False if that ended the run."""
        for step in steps:
            if step.operation.kind != "send" or step.id in self.offers:
                continue
            if self.store is not None and int(step.operation.arguments["size"]) >= OFFER_FROM:
                try:
                    self.offers[step.id] = offer_step(self.session, self.root, step, self.store, self._on_event)
                except Interrupted as error:
                    self._cut(error.what)
            else:
                cut = send_step(self.session, self.root, step, self._on_event, again=step.id in self.outcome.done)
                if cut is not None:
                    self._cut(cut)
            if not self.outcome.ok:
                return False
        return True

    def _cut(self, why: str) -> None:
        self.outcome.cut = why
        self.record.write("cut", message=why)

    def _requests(self, steps: list[Step]) -> list[dict[str, Any]]:
        """What the agent carries out of these steps, in the schedule's order."""
        order = scheduled(self.plan, tuple(steps))
        sent = [one for one in order if one.step.operation.kind not in OF_THE_ENGINE or one.step.id in self.offers]
        return [self._request(one) for one in sent]

    def _request(self, one: Scheduled) -> dict[str, Any]:
        offer = self.offers.get(one.step.id)
        operation = one.step.operation if offer is None else fetching(one.step, offer)
        return {
            "id": one.step.id,
            "kind": operation.kind,
            "arguments": dict(operation.arguments),
            "limit_seconds": operation.limit_seconds,
            "needs": list(one.step.needs),
            "after": list(one.after),
            "holds": one.holds,
        }

    def _left(self) -> list[Step]:
        """What is not done yet, with its downloads: their files need not have outlived the agent that fetched them."""
        undone = [step for step in self.steps.values() if step.id not in self.outcome.done]
        wanted = {step.id for step in undone} | {step_id for step in undone for step_id in step.needs}
        return [step for step in self.steps.values() if step.id in wanted]

    def _reboot(self, last: Step) -> None:
        """One restart for all who want it, proved by the boot time. last: the part's last step; it may set a limit."""
        limit = last.operation.arguments.get("reboot_timeout")
        wait = replace(self.wait, limit=float(limit)) if limit is not None else self.wait
        self.observer_note("restarting the host, for all that asked for it")
        self._note_restart(reboot(self.session, self.boot_time, wait, self.observer_note, begun=self.reboot_begun))

    def _note_restart(self, restarted: Restarted) -> None:
        seconds = restarted.seconds
        self.boot_time = restarted.boot_time
        self.outcome.reboots += 1
        self.observer_note(f"restarted in {seconds:.0f} s: new boot time, logon screen reached, servicing idle")
        self.record.write("reboot", seconds=seconds)
        self.reboot_wanted = self.reboot_begun = False

    def _restarted_by_installer(self, error: HostError) -> bool:
        """Whether the connection is gone because an installer restarted the machine (1641 that nobody could report).

        Then its detection rule decides whether it had done its work; if not, it runs again.
        """
        running = [self.steps[i] for i in self.outcome.half_done if self.steps[i].operation.kind in _INSTALLERS]
        if not running or not isinstance(error, ConnectionCut | HostUnreachable):
            return False
        self.observer_note(f"the connection was lost while {running[0].operation.title} ran: waiting for the host")
        restarted = restarted_by_itself(self.session, self.boot_time, self.wait, self.observer_note)
        if restarted is None:
            return False
        self._note_restart(restarted)
        for step in running:
            package = self.packages.get(self.plan.items[step.item].identity.id)
            if package is not None and step.operation.kind in ("msi", "installer"):
                found = package.detection.find(read_facts(self.session, [package]).state)
                if found is not None and found.right:
                    self._on_event({"event": "done", "id": step.id, "version": found.version})
        self.came_back = True
        return True

    def observer_note(self, text: str) -> None:
        self.observer(StepEvent("note", None, data={"text": text}))

    def _on_event(self, event: Mapping[str, Any]) -> None:
        kind = str(event["event"])
        step = self.steps.get(str(event.get("id", "")))
        seconds = float(event.get("seconds", 0.0))
        data = {k: self._shown(v) for k, v in event.items() if k not in ("nonce", "event", "id", "seconds")}
        if step is not None and kind == "started":
            self.outcome.started.add(step.id)
        elif step is not None and kind == "done":
            self._done(step, data)
        elif step is not None and kind == "failed":
            self._failed(step, data)
        if step is not None and step.id in self.outcome.failed:
            data["message"] = self.outcome.failed[step.id]
        self.record.write(
            kind,
            step=step.id if step else None,
            title=step.operation.title if step else "",
            operation=step.operation.kind if step else "",
            seconds=seconds,
            **data,
        )
        self.observer(StepEvent(kind, step, seconds, data))

    def _shown(self, value: Any) -> Any:
        """A text of the agent without the signed addresses that it was given."""
        if isinstance(value, str):
            for offer in self.offers.values():
                value = value.replace(offer.url.reveal(), offer.shown)
        return value

    def _done(self, step: Step, data: Mapping[str, Any]) -> None:
        if step.id not in self.outcome.done:
            self.outcome.done.append(step.id)
        if data.get("reboot"):
            self.reboot_wanted = True
            self.reboot_begun = self.reboot_begun or data.get("exit_code") == REBOOT_STARTED

    def _failed(self, step: Step, data: Mapping[str, Any]) -> None:
        if int(data.get("exit_code", 0)) % (1 << 32) == CONTROL_C_EXIT:
            # Ctrl-C reaches the installer before the agent, which may still report it: half done, not failed.
            self.outcome.cut = "ended by Ctrl-C"
            return
        message = str(data.get("message", "failed"))
        if "exit_code" in data:
            code = int(data["exit_code"])
            words = exit_code_words(code, step.operation.kind)
            message = message.replace(f"exit {code}", f"exit {words}")
        self.outcome.failed[step.id] = with_words(message)
        tail = tuple(str(line) for line in data.get("log_tail") or ())
        if tail:
            self.outcome.log_tails[step.id] = (str(data.get("log", "")), tail)
