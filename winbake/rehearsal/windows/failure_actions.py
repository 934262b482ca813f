"""What the service control manager does when a service dies: SERVICE_FAILURE_ACTIONS and its registry form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FailureActions:
    """SERVICE_FAILURE_ACTIONS: `actions` are (kind, delay in milliseconds); `reset_seconds` clears the count."""

    reset_seconds: int = 0
    actions: tuple[tuple[int, int], ...] = ()
    command: str = ""

    NONE, RESTART, REBOOT, RUN_COMMAND = 0, 1, 2, 3

    def to_bytes(self) -> bytes:
        """The REG_BINARY form: reset period, two unused, the count, 20 (where the actions start), the actions."""
        numbers = [self.reset_seconds, 0, 0, len(self.actions), 20]
        for kind, delay in self.actions:
            numbers += [kind, delay]
        return b"".join((number & 0xFFFFFFFF).to_bytes(4, "little") for number in numbers)

    @classmethod
    def from_bytes(cls, data: bytes, command: str = "") -> FailureActions:
        numbers = [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data) - 3, 4)]
        if len(numbers) < 5:
            return cls(command=command)
        pairs = numbers[5 : 5 + 2 * numbers[3]]
        return cls(numbers[0], tuple(zip(pairs[::2], pairs[1::2], strict=True)), command)
