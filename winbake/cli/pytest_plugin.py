"""winbake in pytest: `--hosts=winbake://master` gives testinfra's `host` fixture a Windows host of the inventory.

Loaded by every pytest beside which winbake is installed, so it imports nothing of winbake until such a host is meant.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from winbake.verify.answers import Trial

BACKEND = "winbake.cli.testinfra_hosts.InventoryBackend"
ONE_BY_ONE = "one_by_one"
_HOST = "_testinfra_host"
"""The parameter by which testinfra's plugin gives a test its host."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"{ONE_BY_ONE}: run this test once only; its questions to a winbake:// host are not read ahead."
    )
    if importlib.util.find_spec("testinfra") is None:
        return
    from testinfra.backend import BACKENDS

    BACKENDS["winbake"] = BACKEND
    specs = [spec for spec in (getattr(config.option, "hosts", None) or "").split(",") if spec.startswith("winbake://")]
    if specs:
        from testinfra import get_hosts

        try:
            get_hosts(specs, ansible_inventory=config.option.ansible_inventory)
        except pytest.Collector.CollectError as error:
            raise pytest.UsageError(str(error)) from None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tells each host which tests will ask it."""
    for item in session.items:
        backend = _backend(item)
        trial = _trial(item)
        if backend is not None and trial is not None:
            backend.answers.expect([trial])


def pytest_sessionfinish(session: pytest.Session) -> None:
    backends = {id(backend): backend for item in getattr(session, "items", []) if (backend := _backend(item))}
    for backend in backends.values():
        backend.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """What winbake knows how to say is said without a traceback."""
    outcome = yield
    if call.excinfo is None or _backend(item) is None:
        return
    from winbake.cli.failures import words_of

    words = words_of(call.excinfo.value)
    if words is not None:
        what, next_step = words
        outcome.get_result().longrepr = f"{what}\n  Next: {next_step}" if next_step else what


def _backend(item: pytest.Item) -> Any:
    """The winbake:// host that a test is for; None for any other test."""
    host = getattr(getattr(item, "callspec", None), "params", {}).get(_HOST)
    backend = getattr(host, "backend", None)
    return backend if getattr(backend, "NAME", None) == "winbake" else None


def _trial(item: pytest.Item) -> Trial | None:
    """The test as something to call. None if it has other fixtures than `host`, or must not run twice."""
    if not isinstance(item, pytest.Function) or any(map(item.get_closest_marker, (ONE_BY_ONE, "skip"))):
        return None
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    arguments = {}
    for name in item._fixtureinfo.argnames:
        if name == "host":
            arguments[name] = parameters.get(_HOST)
        elif name in parameters and not item.session._fixturemanager.getfixturedefs(name, item):
            arguments[name] = parameters[name]
        else:
            return None
    return lambda: item.obj(**arguments)
