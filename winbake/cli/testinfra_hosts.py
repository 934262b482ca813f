"""`winbake://NAME` for testinfra: hosts and groups of the project's inventory, in the folder where pytest is called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from winbake.cli.after_lockdown import told_if_locked_down
from winbake.cli.targets import Targets
from winbake.config.errors import ConfigError
from winbake.engine.wish import load_wish
from winbake.hosts.session import AgentSession
from winbake.verify.answers import Answers
from winbake.verify.generated import participant
from winbake.verify.reading import Question, Reading, read
from winbake.verify.testinfra_backend import WindowsBackend


class InventoryBackend(WindowsBackend):
    """A host of the inventory. The first question connects; `close` ends the session."""

    def __init__(
        self, name: str, ansible_inventory: str | None = None, sudo_user: str | None = None, **_: Any
    ) -> None:
        """sudo_user: the account whose eyes the checks see with, instead of the one that the playbook makes.

        testinfra gives all its options; those for other systems (sudo, ssh_config) mean nothing here.
        """
        super().__init__(name, Answers(name, self._read))
        self._inventory = _path(ansible_inventory)
        self._account = sudo_user
        self._session: AgentSession | None = None

    @classmethod
    def get_hosts(cls, host: str | None, ansible_inventory: str | None = None, **_: Any) -> list[str]:
        """Names that `winbake://HOST` means: a host, a group, a wildcard; nothing is everything.

        Raises pytest's CollectError, which is said without a traceback.
        """
        try:
            targets = Targets.load(None, _path(ansible_inventory), None, None, among=host or "all")
        except ConfigError as error:
            raise pytest.Collector.CollectError(str(error)) from None
        return [one.name for one in targets.hosts]

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None

    def _read(self, questions: Sequence[Question]) -> Reading:
        """One call to the host."""
        targets = Targets.load(None, self._inventory, None, None, among=self.hostname)
        (host,) = (one for one in targets.hosts if one.name == self.hostname)
        account = self._account or participant(load_wish(targets.project, host))
        address = targets.addresses()[host.name]
        if self._session is None:
            self._session = targets.connect(host, address)
        with told_if_locked_down(targets.project.runs, address):
            return read(self._session, questions, account)


def _path(given: str | None) -> Path | None:
    return Path(given) if given else None
