"""Everything of a project taken away again: found by its tag, in an order in which each thing is free of the next.

Every step looks anew at what there is, so a run after a killed one goes on where that ended. What cannot be deleted is
kept in the result with its reason, and the rest goes on; only a login that AWS does not take ends the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from winbake.aws import holdings
from winbake.aws.deletions import DELETERS, keep_foreign_volumes, unlink_group, users_of_group
from winbake.aws.errors import AwsError, in_words
from winbake.aws.holdings import Holding, Holdings, Kind, Unread
from winbake.aws.instances import Tell
from winbake.aws.session import AwsSession
from winbake.aws.untagged import Left, Shelf

INSTANCES_LIMIT = 15 * 60.0
"""Seconds until instances are terminated: usually one or two minutes."""
WAITS = 24
"""How often in all a teardown waits for what is still used by what is just going away, 5 seconds each."""
_IN_USE = (
    "DependencyViolation",
    "VolumeInUse",
    "IncorrectState",
    "InvalidSnapshot.InUse",
    "InvalidNetworkInterface.InUse",
    "InvalidIPAddress.InUse",
)
_GONE = ("InvalidAMIID.Unavailable", "InvalidSnapshotID.Malformed")


@dataclass
class Outcome:
    """What a teardown did. unread: kinds that could not be looked at, of which something may be left."""

    deleted: list[Holding] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.left and not self.unread


class Teardown:
    """shelves: what else goes, each by its own rule. deleted: is told each thing that is gone."""

    def __init__(
        self,
        session: AwsSession,
        image: str,
        shelves: Iterable[Shelf],
        *,
        keep_images: bool = False,
        tell: Tell = lambda text: None,
        deleted: Callable[[Holding], None] = lambda holding: None,
    ) -> None:
        self.session = session
        self.image = image
        self.shelves = {shelf.kind: shelf for shelf in shelves}
        self.keep_images = keep_images
        self.tell = tell
        self._told = deleted
        self._waits = WAITS
        self._outcome = Outcome()
        self._planned = Holdings((), ())
        self._stuck: set[str] = set()

    def plan(self) -> Holdings:
        """What would be deleted, in this order. Raises AwsError where AWS does not take the login."""
        read = holdings.read(self.session, self.image, other_regions=not self.keep_images)
        found, unread = list(read.found), list(read.unread)
        for shelf in self.shelves.values():
            try:
                found += shelf.holdings()
            except AwsError as error:
                unread.append(self._unread(shelf.kind, error))
        order = list(Kind)
        kept = (Kind.IMAGE, Kind.SNAPSHOT) if self.keep_images else ()
        found = [one for one in found if one.kind not in kept]
        return Holdings(tuple(sorted(found, key=lambda one: order.index(one.kind))), tuple(unread))

    def run(self) -> Outcome:
        """Deletes all of it. Raises AwsError where AWS does not take the login (any more)."""
        plan = self._planned = self.plan()
        self._outcome = Outcome(unread=[one for one in plan.unread if one.kind in (Kind.IMAGE, Kind.SNAPSHOT)])
        elsewhere = sorted({one.region for one in plan.of(Kind.IMAGE, Kind.SNAPSHOT)} - {self.session.region})
        for kind in Kind:
            if kind in self.shelves:
                self._clear_shelf(self.shelves[kind])
            elif kind is Kind.INSTANCE:
                self._terminate()
            elif kind in (Kind.IMAGE, Kind.SNAPSHOT):
                for region in [] if self.keep_images else [self.session.region or "", *elsewhere]:
                    self._clear(kind, region)
            elif kind in holdings.READERS:
                self._clear(kind, self.session.region or "")
        return self._outcome

    # Steps.

    def _terminate(self) -> None:
        """Asks for all at once, and one by one where AWS refuses the whole; then waits until they are gone."""
        found = self._read(Kind.INSTANCE, self.session.region or "") or []
        asked = [one for one in found if one.state != "shutting-down" and self._spare_volumes(one)]
        if asked and not self._try_terminate(asked):
            for one in asked:
                self._delete(one, told=False)
        self._stuck = {left.holding.id for left in self._outcome.left}
        waited = {one.id: one for one in found if one.id not in self._stuck}
        if not waited:
            return
        for _ in self.session.looks(INSTANCES_LIMIT, 5):
            there = self._still_there(waited)
            for gone in [one for one in waited.values() if one.id not in there]:
                del waited[gone.id]
                self._done(gone)
            if not waited:
                return
            self._tell_once(f"instances that are still shutting down: {len(waited)}")
        reason = f"it is still shutting down after {INSTANCES_LIMIT / 60:.0f} minutes"
        for one in waited.values():
            self._leave(one, reason, "look at it in the EC2 console, then run teardown again")
        self._stuck |= set(waited)

    def _spare_volumes(self, one: Holding) -> bool:
        """Has an instance not take volumes with it that do not carry the tag; leaves it if AWS refuses that."""
        try:
            spared = keep_foreign_volumes(self.session, self.image, one)
        except AwsError as error:
            if error.of_login:
                raise
            self._leave(one, f"a volume that is not the project's would go with it: {error.what}", error.next_step)
            return False
        for volume in spared:
            self.tell(f"{volume}, attached to {one.id}, does not carry the tag: it stays")
        return True

    def _still_there(self, waited: Iterable[str]) -> set[str]:
        try:
            return {one.id for one in holdings.read_kind(self.session, self.image, Kind.INSTANCE)}
        except AwsError as error:
            if error.of_login:
                raise
            return set(waited)  # not told, so not known to be gone

    def _try_terminate(self, asked: list[Holding]) -> bool:
        try:
            with in_words():
                self.session.client("ec2").terminate_instances(InstanceIds=[one.id for one in asked])
        except AwsError as error:
            if error.of_login:
                raise
            return False
        return True

    def _clear(self, kind: Kind, region: str) -> None:
        found = self._read(kind, region)
        if found is None:
            return
        there = {one.id for one in found}
        for one in self._planned.of(kind):
            if one.region == region and one.id not in there:
                self._done(one)  # it went with an instance
        if kind is Kind.GROUP:
            found = [one for one in found if self._unlink(one)]
        for one in found:
            still = self._needed_by(one)
            if still:
                self._leave(one, f"{', '.join(still)} needs it and is still there", "see there")
            else:
                self._delete(one)

    def _needed_by(self, one: Holding) -> list[str]:
        """The instances that could not be terminated and need it: a key pair opens their password."""
        if one.kind in (Kind.KEY_PAIR, Kind.KEY_FILE):
            return sorted(self._stuck)
        return sorted(self._stuck.intersection(one.uses))

    def _clear_shelf(self, shelf: Shelf) -> None:
        try:
            found = shelf.holdings()
            needed = [one for one in found if self._needed_by(one)]
            for one in needed:
                self._leave(one, f"{', '.join(self._needed_by(one))} needs it and is still there", "see there")
            found = [one for one in found if one not in needed]
            left = shelf.delete(found) if found else []
        except AwsError as error:
            if error.of_login:
                raise
            self._outcome.unread.append(self._unread(shelf.kind, error))
            return
        self._outcome.left += left
        for one in found:
            if one not in [each.holding for each in left]:
                self._done(one)

    def _unlink(self, group: Holding) -> bool:
        """Takes away the rules that name other groups: AWS deletes no group to which a rule refers."""
        try:
            unlink_group(self.session, group)
        except AwsError as error:
            if error.of_login:
                raise
            if not _is_gone(error):
                self._leave(group, f"its rules cannot be taken away: {error.what}", error.next_step)
            return False
        return True

    def _delete(self, one: Holding, told: bool = True) -> None:
        """Deletes one thing; waits for what is about to let it go, and leaves it with the reason if that lasts."""
        while True:
            try:
                with in_words():
                    DELETERS[one.kind](self.session.client("ec2", one.region), one.id)
                break
            except AwsError as error:
                if error.of_login:
                    raise
                if _is_gone(error):
                    break
                if error.code in _IN_USE and self._waits > 0 and not self._stuck:
                    self._waits -= 1
                    self._tell_once(f"{one.kind} {one.id} is still used, waiting")
                    time.sleep(self.session.pause(5))
                    continue
                self._leave(one, *self._reason(one, error))
                return
        if told:
            self._done(one)

    # The result.

    def _read(self, kind: Kind, region: str) -> list[Holding] | None:
        """None where it may not be looked at, which goes to the result."""
        try:
            return holdings.read_kind(self.session, self.image, kind, region)
        except AwsError as error:
            if error.of_login:
                raise
            unread = self._unread(kind, error, region)
            if unread not in self._outcome.unread:
                self._outcome.unread.append(unread)
            return None

    def _reason(self, one: Holding, error: AwsError) -> tuple[str, str]:
        if error.code == "OperationNotPermitted":
            return "it is protected from being terminated", "turn its termination protection off in EC2"
        if error.code in _IN_USE:
            users = users_of_group(self.session, one) if one.kind is Kind.GROUP else list(one.uses)
            by = f" by {', '.join(users)}" if users else ""
            return f"it is still used{by} ({error.code})", "take it away there, then run teardown again"
        return error.what, error.next_step

    def _unread(self, kind: Kind, error: AwsError, region: str = "") -> Unread:
        return Unread(kind, region or self.session.region or "", error.what, error.next_step)

    def _leave(self, one: Holding, reason: str, next_step: str) -> None:
        self._outcome.left.append(Left(one, reason, next_step))

    def _done(self, one: Holding) -> None:
        self._outcome.deleted.append(one)
        self._told(one)

    _said = ""

    def _tell_once(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self.tell(text)


def _is_gone(error: AwsError) -> bool:
    return error.code in _GONE or error.code.endswith(".NotFound")
