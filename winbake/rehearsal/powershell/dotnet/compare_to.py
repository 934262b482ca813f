"""CompareTo's answer from Python's operators."""

from __future__ import annotations

from typing import Any


def order(left: Any, right: Any) -> int:
    """-1, 0 or 1."""
    return int(left > right) - int(left < right)
