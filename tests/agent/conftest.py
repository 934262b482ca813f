"""Hosts for the tests of the agent, and the coverage of its statements over all test processes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_coverage import Tracer, saved_name
from agent_stage import Stage
from record import Plugin, check, named, recorded, wanted

from winbake import agent
from winbake.rehearsal.standins import Mirror
from winbake.rehearsal.windows.host import WindowsHost

SPEED = 200.0  # how much faster than real time a host's clock runs here
HERE = Path(__file__).parent
LAST = "test_coverage.py"
RECORDED = frozenset(wanted())

_tracer = Tracer(agent.source())


@pytest.fixture(scope="package", autouse=True)
def _traced() -> Iterator[None]:
    _tracer.start()
    yield
    _tracer.stop()


def _share(config: pytest.Config) -> Path:
    """The folder that all test processes of this run share."""
    run = getattr(config, "workerinput", {}).get("testrunuid", f"alone-{id(config)}")
    folder = Path(tempfile.gettempdir()) / f"winbake-agent-coverage-{run}"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def coverage_share(request: pytest.FixtureRequest) -> Path:
    return _share(request.config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The test that judges the coverage runs after all others of this folder."""
    items.sort(key=lambda item: item.path.parent == HERE and item.path.name == LAST)


@pytest.fixture(autouse=True)
def _keep_coverage(request: pytest.FixtureRequest, coverage_share: Path) -> Iterator[None]:
    yield
    _tracer.save(coverage_share / saved_name(request.node.nodeid))


@pytest.fixture(autouse=True)
def _recordings_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """The runs of the tests that record.py names are what their recordings hold; or they are recorded, if it asks for that."""
    node = request.node.nodeid.rpartition("tests/agent/")[2]
    if node not in RECORDED:
        yield
        return
    with recorded() as made:
        yield
    recorder = next((p for p in request.config.pluginmanager.get_plugins() if isinstance(p, Plugin)), None)
    if recorder is not None:
        recorder.found |= named(node, made)
        return
    said = check(named(node, made), node)
    assert not said, "out of date, made anew by `python -m tests.agent.record`:\n" + "\n".join(said)


@pytest.fixture
def host() -> Iterator[WindowsHost]:
    made = WindowsHost("MASTER", "2022", SPEED)
    yield made
    made.power.stop_now()


@pytest.fixture
def stage(host: WindowsHost) -> Stage:
    return Stage(host)


@pytest.fixture(scope="session")
def _mirror() -> Iterator[Mirror]:
    with Mirror([]) as serving:
        yield serving


@pytest.fixture
def mirror(_mirror: Mirror, host: WindowsHost) -> Iterator[Mirror]:
    """An empty mirror that the host downloads from: tests put their files there with `add_file`."""
    host.network.mirror_port = _mirror.port
    yield _mirror
    _mirror.faults.clear()
