"""The updates that a fresh server of the rehearsal is offered: stand-ins in the form of Microsoft's.

Titles and categories are written as Microsoft writes them; the KB numbers from 9900001 on are the rehearsal's own, so
that nobody takes them for real ones. KB890830 and KB2267602 are Microsoft's standing numbers for the Malicious Software
Removal Tool and Defender's definitions. Sizes and durations are made up, and short: a real cumulative update takes
many minutes.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from winbake.rehearsal.windows.updates import CAN_REQUEST_REBOOT, NEVER_REBOOTS, Update

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost

PRODUCTS = {
    "2019": "Windows Server 2019",
    "2022": "Microsoft Server operating system-21H2",
    "2025": "Microsoft Server Operating System-24H2",
}
IN_TITLES = {
    "2019": "Windows Server 2019 for x64-based Systems",
    "2022": "Microsoft server operating system version 21H2 for x64-based Systems",
    "2025": "Microsoft server operating system version 24H2 for x64-based Systems",
}


def update_id(kb: str) -> str:
    """A GUID that is always the same for a stand-in."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"winbake:rehearsal:{kb}"))


def install(host: WindowsHost) -> None:
    product, system = PRODUCTS[host.release.year], IN_TITLES[host.release.year]

    def offer(kb: str, title: str, category: str, megabytes: int, seconds: float, **more: object) -> None:
        name = f"{title} ({kb})"
        update = Update(update_id(kb), kb, name, (category, product), megabytes * 1_000_000, seconds, **more)  # type: ignore[arg-type]
        host.updates.offer(update)

    offer(
        "KB9900001", f"2026-11 Cumulative Update for {system}", "Security Updates", 360, 40.0,
        reboot=CAN_REQUEST_REBOOT, wants_restart=True,
    )  # fmt: skip
    offer(
        "KB9900002", f"2026-11 Cumulative Update for .NET Framework 3.5 and 4.8 for {system}", "Security Updates", 70,
        12.0, reboot=CAN_REQUEST_REBOOT,
    )  # fmt: skip
    offer("KB890830", "Windows Malicious Software Removal Tool x64 - v5.130", "Update Rollups", 75, 8.0)
    offer(
        "KB2267602", "Security Intelligence Update for Microsoft Defender Antivirus (Version 1.421.1.0)",
        "Definition Updates", 120, 10.0, reboot=NEVER_REBOOTS,
    )  # fmt: skip
    offer(
        "KB9900003", f"2026-11 Cumulative Update Preview for {system}", "Updates", 380, 60.0,
        reboot=CAN_REQUEST_REBOOT, wants_restart=True, browse_only=True,
    )  # fmt: skip
    # Seen only by a machine that has the cumulative update: the reason why one round is not enough.
    offer("KB9900004", f"2026-11 Security Update for {system}", "Security Updates", 15, 8.0, after=("KB9900001",))
