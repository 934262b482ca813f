"""What can go wrong in a run, each with what to do next."""

from __future__ import annotations


class EngineError(Exception):
    """what: one sentence. next_step: what to do now."""

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step


class HostLocked(EngineError):
    """Another run of winbake is at work on the host."""


class AgentFailed(EngineError):
    """The agent gave no envelope, or said that it could not run."""


class FactsFailed(EngineError):
    """A query could not be answered."""


class HostMoved(EngineError):
    """A saved plan is refused: the host is no longer as it was."""


class PlanRefused(EngineError):
    """The plan has problems; nothing was touched."""


class RoundsUsedUp(EngineError):
    """Something still differs after the last round that its step may take."""


class RebootFailed(EngineError):
    """The host did not come back, or not as it should."""
