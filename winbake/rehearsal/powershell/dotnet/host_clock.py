"""The session's clock: the rehearsed host's where there is one (it may run faster), else this computer's."""

from __future__ import annotations

import datetime as python_datetime
import time
from typing import Any

from winbake.rehearsal.powershell.dotnet.datetime import DateTime


def _host(session: Any) -> Any:
    return getattr(session, "host", None)


def utc_now(session: Any) -> DateTime:
    """DateTime.UtcNow of the host."""
    host = _host(session)
    moment = host.clock.now() if host is not None else python_datetime.datetime.now(python_datetime.UTC)
    return DateTime.from_datetime(moment)


def sleep(session: Any, seconds: float) -> None:
    """Waits on the host's clock; ends with the process (ProcessKilled) if that is stopped meanwhile."""
    host = _host(session)
    if host is None:
        time.sleep(max(seconds, 0))
    else:
        host.clock.sleep(max(seconds, 0), getattr(session, "process", None))
