"""What is written to disk of a host holds no password."""

from __future__ import annotations

from pathlib import Path

from winbake.rehearsal.windows import state
from winbake.rehearsal.windows.host import WindowsHost

CANARY = "Canary-Pa55!x"


def test_a_saved_state_holds_no_password(tmp_path: Path) -> None:
    host = WindowsHost(administrator_password=CANARY)
    host.accounts.add_user("participant", CANARY)
    state.save(host, tmp_path / "host.json")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path
    again = state.load_file(tmp_path / "host.json")
    assert again.accounts.user("participant") is not None
