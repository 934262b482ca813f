"""What Windows runs at an instance's first start (user data), put together from the scripts in user_data/."""

from __future__ import annotations

import importlib.resources
from datetime import UTC, datetime

from winbake.config.classroom import Station

_STRICT = "$ErrorActionPreference = 'Stop'\nSet-StrictMode -Version 2.0\n"


def master() -> str:
    """The master's user data: WinRM over HTTPS."""
    return _user_data("winrm", call="Open-WinRM -Name $env:COMPUTERNAME")


def clone(station: Station, until: datetime | None = None) -> str:
    """A station's user data: its name, its AE title, WinRM over HTTPS, and when it stops by itself."""
    stop_at = f" -StopAt {_quoted(moment(until))}" if until else ""
    call = f"Set-Station -Name {_quoted(station.name)} -AeTitle {_quoted(station.ae_title)}{stop_at}"
    return _user_data("winrm", "idle_guard", "clone", call=call)


def idle_guard(until: datetime) -> str:
    """A script that sets the moment at which a running station stops by itself."""
    return _script("idle_guard", call=f"Set-IdleGuard -At {_quoted(moment(until))}")


def moment(at: datetime) -> str:
    """As Task Scheduler takes it: YYYY-MM-DDTHH:MM:SS+00:00 (its `StartBoundary`)."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _user_data(*names: str, call: str) -> str:
    return f"<powershell>\n{_script(*names, call=call)}</powershell>\n"


def _script(*names: str, call: str) -> str:
    folder = importlib.resources.files("winbake.aws").joinpath("user_data")
    parts = [folder.joinpath(f"{name}.ps1").read_text(encoding="utf-8") for name in names]
    return "\n".join([_STRICT, *parts, call, ""])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
