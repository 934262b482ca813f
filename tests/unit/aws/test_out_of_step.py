"""What `status` finds out of step, from what was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from winbake.aws import tags
from winbake.aws.dns import DnsChange
from winbake.aws.holdings import Holding, Holdings, Kind, Unread
from winbake.aws.instances import Instance
from winbake.aws.out_of_step import Files, differences
from winbake.config.classroom import Classroom

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROOM = Classroom(count=3)
DIGEST = "a" * 64
FILES = Files(DIGEST, "c" * 64)


def station(number: int, state: str = "running", image: str = "ami-2", **more: str) -> Instance:
    return Instance(
        f"i-{number}", state, "clone", f"ws{number:02}", f"ws{number:02}", f"172.31.15.{number}", "198.51.100.1",
        "m7i.large", image, "key", NOW, tags={f"winbake:{key.replace('_', '-')}": value for key, value in more.items()},
    )  # fmt: skip


ALL = [station(1), station(2), station(3)]


def image(number: int, state: str = "available", manifest: str = DIGEST, **more: str) -> Holding:
    return Holding(
        Kind.IMAGE, f"ami-{number}", f"image {number}", "eu-central-1", state, NOW + timedelta(hours=number),
        uses=(f"snap-{number}",), tags={"winbake:manifest": manifest, **more},
    )  # fmt: skip


def said(
    found: list[Holding], there: list[Instance], dns: list[DnsChange] | None = None, unread: tuple[Unread, ...] = ()
) -> list[str]:
    wrong = differences(Holdings(tuple(found), unread), there, ROOM, dns or [], FILES, NOW)
    assert all(one.next_step and one.subjects for one in wrong)
    return [one.what for one in wrong]


def test_a_whole_classroom_of_the_newest_image_is_in_step() -> None:
    assert said([image(1), image(2)], ALL) == []
    assert said([], []) == [], "a classroom that is not up is not out of step"


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (ALL[:1], "ws02, ws03: missing of 3"),
        ([*ALL, station(4)], "ws04: more than classroom.count says"),
        ([*ALL, replace(station(2), id="i-9")], "ws02: there twice"),
        ([*ALL[:2], station(3, "stopped")], "ws03: stopped"),
        ([*ALL[:2], station(3, image="ami-1")], "ws03: of another image than the newest, ami-2"),
        ([*ALL[:2], replace(station(3), private="172.31.15.9")], "ws03: at another address than the manifest's"),
        ([*ALL[:2], station(3, ae_title="OLD03")], "ws03: with another AE title than the manifest's"),
        ([*ALL[:2], station(3, until="2026-11-24T11:59:00+00:00")], "ws03: running past the time"),
    ],
)
def test_stations(there: list[Instance], words: str) -> None:
    (what,) = said([image(1), image(2)], there)
    assert what.startswith(words)


@pytest.mark.parametrize("until", ["2026-11-24T12:01:00+00:00", "2026-11-24T13:30:00+01:00", "soon", ""])
def test_a_station_within_its_time_or_without_one_is_in_step(until: str) -> None:
    assert said([image(2)], [*ALL[:2], station(3, until=until)]) == []


def test_a_stopped_station_is_not_past_its_time() -> None:
    assert said([image(2)], [*ALL[:2], station(3, "stopped", until="2026-11-24T11:00:00+00:00")]) == ["ws03: stopped"]


def test_the_newest_image_counts_and_copies_and_unfinished_ones_do_not() -> None:
    copy = image(3, **{tags.COPY_OF: "ami-2"})
    assert said([image(2), copy, image(4, "pending")], ALL) == []
    assert said([image(2), image(5, "failed")], ALL) == ["ami-5: an image that failed"]


def test_an_image_of_another_manifest() -> None:
    (what,) = said([image(1), image(2, manifest="b" * 64)], ALL)
    assert "ami-2, was made of another manifest" in what
    assert said([image(1, manifest="b" * 64), image(2)], ALL) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"winbake:lock": "d" * 64}, "made of another lock than"),
        ({"winbake:lock": "none"}, "made of another lock than"),
        ({"winbake:lock": "d" * 64, "manifest": "b" * 64}, "made of another manifest and lock than"),
    ],
)
def test_an_image_of_another_lock(more: dict[str, str], words: str) -> None:
    """A tool of which another file was taken under the same version is another image."""
    (what,) = said([image(2, **more)], ALL)
    assert words in what
    assert said([image(2, **{"winbake:lock": FILES.lock})], ALL) == []


def test_dns_names() -> None:
    what = said([image(2)], ALL, [DnsChange("ws01.example.org", "198.51.100.1"), DnsChange("ws09.example.org", "")])
    assert what == [
        "ws01.example.org: a DNS name without its station's present address",
        "ws09.example.org: a DNS name of a station that does not run",
    ]


def test_what_nothing_uses_and_costs() -> None:
    lying = [
        Holding(Kind.VOLUME, "vol-1", "", "eu-central-1", "available"),
        Holding(Kind.VOLUME, "vol-2", "", "eu-central-1", "in-use", uses=("i-1",)),
        Holding(Kind.ADDRESS, "eipalloc-1", "198.51.100.7", "eu-central-1"),
        Holding(Kind.SNAPSHOT, "snap-2", "", "eu-central-1"),
        Holding(Kind.SNAPSHOT, "snap-9", "", "eu-central-1"),
    ]
    subjects = [what.partition(":")[0] for what in said([image(2), *lying], ALL)]
    assert subjects == ["vol-1", "198.51.100.7", "snap-9"]


def test_a_snapshot_is_not_called_unused_while_images_are_not_known() -> None:
    lone = Holding(Kind.SNAPSHOT, "snap-9", "", "eu-central-1")
    assert said([lone], [], unread=(Unread(Kind.IMAGE, "eu-central-1", "denied", ""),)) == []
    assert said([lone, image(4, "pending")], []) == []
    assert said([lone], []) != []


def test_many_names_are_shortened() -> None:
    wrong = differences(Holdings((), ()), [station(1)], Classroom(count=20), [], FILES, NOW)
    assert wrong[0].what == "ws02, ws03, ws04, ws05, ws06, ws07 and 13 more: missing of 20"
    assert len(wrong[0].subjects) == 19
