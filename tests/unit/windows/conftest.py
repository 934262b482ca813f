"""Hosts for the tests of the Windows model: a fresh one each, its clock 500 times as fast as real time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from windows_bench import Bench

from winbake.rehearsal.standins import Mirror, load_standins
from winbake.rehearsal.windows.host import WindowsHost

SPEED = 500.0


@pytest.fixture
def host() -> Iterator[WindowsHost]:
    made = WindowsHost("MASTER", "2022", SPEED)
    yield made
    made.power.stop_now()


@pytest.fixture(scope="session")
def mirror() -> Iterator[Mirror]:
    with Mirror(load_standins()) as serving:
        yield serving


@pytest.fixture
def bench(host: WindowsHost, mirror: Mirror) -> Iterator[Bench]:
    yield Bench(host, mirror)
    mirror.faults.clear()
