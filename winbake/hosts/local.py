"""The machine that winbake itself runs on: the place is kept, the connection does not exist yet."""

from __future__ import annotations

from winbake.hosts.connection import Connection
from winbake.hosts.errors import NotYetSupported


def connect(host: str) -> Connection:
    """Raises NotYetSupported."""
    raise NotYetSupported("local connections are not there yet", host)
