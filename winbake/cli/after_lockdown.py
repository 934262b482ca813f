"""A host that does not answer because it was locked down: said in these words, if a run record knows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from winbake.engine.closing import locked_down
from winbake.hosts.errors import HostUnreachable, LoginRefused
from winbake.hosts.model import HostAddress


def why_closed(runs: Path, address: HostAddress) -> str | None:
    """Which run closed it, in words; None if no record says so."""
    known = locked_down(runs, address)
    if known is None:
        return None
    return (
        f"{address.name} was locked down by the run of {known.at} ({known.record.name} in {runs.name}/), which closed "
        "its WinRM on purpose"
    )


@contextmanager
def told_if_locked_down(runs: Path, address: HostAddress) -> Iterator[None]:
    """Raises what was raised inside, with the lockdown as its cause where there was one."""
    try:
        yield
    except (HostUnreachable, LoginRefused) as error:
        why = why_closed(runs, address)
        if why is None:
            raise
        raise type(error)(
            f"{why} ({error.what})",
            error.host,
            "take the image, or start a new master from its base image: this one lets winbake in no more",
        ) from error
