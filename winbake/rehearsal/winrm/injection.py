"""Faults on request, for tests of whoever talks to the endpoint. Nothing happens until a field is set."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class FaultInjection:
    """Counts go down as they are used; None and 0 mean off."""

    refuse_logins: bool = False
    """Every login is answered 401, whatever the password."""
    busy: int = 0
    """So many Command or Send requests fail with ERROR_BUSY (170)."""
    shell_quota: int = 0
    """So many Create requests fail with the quota fault for shells."""
    operation_quota: int = 0
    """So many Command requests fail with the quota fault for operations."""
    lost_shells: int = 0
    """So many requests that name a shell are told that it does not exist; the shell is ended."""
    profile_unloading: int = 0
    """So many Create requests fail with 0x800703FA (the user's registry is being unloaded)."""
    delay_seconds: float = 0.0
    """Real seconds that every request waits before it is looked at."""
    cut_receive_after_bytes: int | None = None
    """The next Receive that carries output is cut after so many bytes of its HTTP response."""
    cut_before_output: bytes | None = None
    """The next Receive whose output holds these bytes is cut before anything of it is sent."""
    cut_action: str | None = None
    """The next request of this action (Create, Command, Send, Receive, Signal, Delete) is cut unanswered."""
    drop_exit_code: int = 0
    """So many commands report Done without an exit code."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def take(self, name: str) -> bool:
        """Use up one of a counted fault; whether there was one."""
        with self._lock:
            left: int = getattr(self, name)
            if left > 0:
                setattr(self, name, left - 1)
            return left > 0

    def take_cut(self, action: str) -> bool:
        with self._lock:
            hit = self.cut_action == action
            if hit:
                self.cut_action = None
            return hit

    def take_receive_cut(self, output: bytes) -> int | None:
        """Where to cut a response that carries this output; None: not at all."""
        with self._lock:
            if self.cut_before_output is not None and self.cut_before_output in output:
                self.cut_before_output = None
                return 0
            if output and self.cut_receive_after_bytes is not None:
                after, self.cut_receive_after_bytes = self.cut_receive_after_bytes, None
                return after
            return None
