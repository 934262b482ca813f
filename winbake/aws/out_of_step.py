"""What of a project's things is not as the manifest, and each other, would have it. Pure: what was read goes in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from winbake.aws import tags
from winbake.aws.dns import DnsChange
from winbake.aws.holdings import Holdings, Kind
from winbake.aws.instances import Instance
from winbake.config.classroom import Classroom

_RUNS = ("pending", "running")
_UP = "python bake.py clones up"


@dataclass(frozen=True)
class Difference:
    """subjects: names or ids, for JSON; what: the whole sentence."""

    what: str
    next_step: str
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Files:
    """SHA-256 of the project's manifest and lock as they are now; `none` for one that is not there."""

    manifest: str
    lock: str


def differences(
    found: Holdings,
    there: Sequence[Instance],
    classroom: Classroom,
    dns: Iterable[DnsChange],
    files: Files,
    now: datetime,
) -> list[Difference]:
    """there: the project's live instances. dns: what `clones dns` would change."""
    clones = [one for one in there if one.role == tags.CLONE]
    return [
        *_stations(clones, classroom),
        *_images(found, clones, files),
        *_past(there, now),
        *_records(list(dns)),
        *_unused(found),
    ]


def _stations(clones: Sequence[Instance], classroom: Classroom) -> list[Difference]:
    """Nothing while there is no station at all: then the classroom is not up."""
    if not clones:
        return []
    wanted = {one.name: one for one in classroom.stations()}
    names = [one.station for one in clones]
    twice = sorted({name for name in names if names.count(name) > 1})
    missing = [name for name in wanted if name not in names]
    beyond = sorted({name for name in names if name not in wanted})
    stopped = [one.station for one in clones if one.state in ("stopping", "stopped")]
    moved = [one.station for one in clones if one.station in wanted and one.private != wanted[one.station].address]
    renamed = [
        one.station
        for one in clones
        if one.station in wanted and one.tags.get(tags.AE_TITLE, "") not in ("", wanted[one.station].ae_title)
    ]
    return _made(
        (missing, f"missing of {classroom.count}", _UP),
        (twice, "there twice", "terminate one of each in EC2"),
        (beyond, "more than classroom.count says", "python bake.py clones down --limit …, or raise the count"),
        (stopped, "stopped", "python bake.py clones start"),
        (moved, "at another address than the manifest's", "clones down and up again, or put base_address back"),
        (renamed, "with another AE title than the manifest's", "clones down and up again, or put ae_title back"),
    )


def _images(found: Holdings, clones: Sequence[Instance], files: Files) -> list[Difference]:
    images = [one for one in found.of(Kind.IMAGE) if tags.COPY_OF not in one.tags]
    made = [one for one in images if one.state == "available" and one.since is not None]
    result = _made(
        ([one.id for one in images if one.state not in ("available", "pending")], "an image that failed",
         "python bake.py snapshot removes it and makes another"),
    )  # fmt: skip
    if not made:
        return result
    newest = max(made, key=lambda one: one.since or datetime.min.replace(tzinfo=UTC))
    older = [one.station for one in clones if one.image != newest.id]
    result += _made((older, f"of another image than the newest, {newest.id}", "clones down and up again renews them"))
    noted = ("manifest", tags.MANIFEST, files.manifest), ("lock", tags.LOCK, files.lock)
    other = [name for name, tag, digest in noted if newest.tags.get(tag, digest) != digest]
    if other:
        result.append(
            Difference(
                f"the newest image, {newest.id}, was made of another {' and '.join(other)} than the present one",
                "python bake.py plan shows what differs on the master; then apply and snapshot",
                (newest.id,),
            )
        )
    return result


def _past(there: Sequence[Instance], now: datetime) -> list[Difference]:
    late = [one for one in there if one.state in _RUNS and (at := _until(one)) is not None and at < now]
    return _made(([one.station or one.name for one in late], "running past the time at which it should stop",
                  "python bake.py clones stop, or clones up --until … for another time"))  # fmt: skip


def _until(one: Instance) -> datetime | None:
    try:
        at = datetime.fromisoformat(one.tags.get(tags.UNTIL, ""))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _records(changes: Sequence[DnsChange]) -> list[Difference]:
    wrong = [one.name for one in changes if one.address]
    stale = [one.name for one in changes if not one.address]
    return _made(
        (wrong, "a DNS name without its station's present address", "python bake.py clones dns"),
        (stale, "a DNS name of a station that does not run", "python bake.py clones dns"),
    )


def _unused(found: Holdings) -> list[Difference]:
    disks = [one.id for one in found.of(Kind.VOLUME) if one.state == "available"]
    addresses = [one.name for one in found.of(Kind.ADDRESS) if not one.uses]
    used = {disk for image in found.of(Kind.IMAGE) for disk in image.uses}
    # A pending image does not name its snapshot yet, and one that may not be looked at never does.
    sure = Kind.IMAGE not in [one.kind for one in found.unread]
    sure = sure and all(one.state != "pending" for one in found.of(Kind.IMAGE))
    snapshots = [one.id for one in found.of(Kind.SNAPSHOT) if sure and one.id not in used]
    unused = "delete it in EC2 if you do not need it"
    return _made(
        (disks, "a volume that no instance uses, and it costs", unused),
        (addresses, "an elastic address that nothing uses, and it costs", unused),
        (snapshots, "a snapshot of no image that there is, and it costs", unused),
    )


def _made(*cases: tuple[list[str], str, str]) -> list[Difference]:
    return [Difference(f"{_some(names)}: {what}", step, tuple(names)) for names, what, step in cases if names]


def _some(names: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown

