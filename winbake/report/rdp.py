"""A .rdp file: the settings of a Remote Desktop connection, without a password."""

from __future__ import annotations

from pathlib import Path


def rdp_file(address: str, user: str) -> str:
    """The settings of a connection, as Microsoft's "Supported RDP properties" lists them."""
    lines = (
        f"full address:s:{address}",
        f"username:s:{user}",
        "prompt for credentials:i:1",
        "screen mode id:i:2",
        "redirectclipboard:i:1",
        "authentication level:i:2",
    )
    return "\r\n".join(lines) + "\r\n"


def write_rdp(path: Path, address: str, user: str) -> None:
    path.write_bytes(rdp_file(address, user).encode("utf-8"))
