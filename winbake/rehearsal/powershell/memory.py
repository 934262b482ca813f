"""How much one object may hold: what asks for more gets the OutOfMemoryException that .NET gives.

.NET Framework ends at 2 GB an object. The rehearsal ends earlier (assumed: half a gigabyte), for many hosts share one
machine.
"""

from __future__ import annotations

from winbake.rehearsal.powershell.errors import NetError

MOST_BYTES = 1 << 29
CHARACTER = 2
REFERENCE = 8


def check_text(length: int) -> None:
    """Raises if a string may not be so long."""
    if length * CHARACTER > MOST_BYTES:
        raise NetError("System.OutOfMemoryException", "Exception of type 'System.OutOfMemoryException' was thrown.")


def check_items(count: int) -> None:
    """Raises if an array may not be so long."""
    if count * REFERENCE > MOST_BYTES:
        raise NetError("System.OutOfMemoryException", "Array dimensions exceeded supported range.")
