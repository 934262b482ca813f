"""MSFT_NetTCPConnection, the listening ones: the model has no connections (MicrosoftDocs/win32, MSFT_NetTCPConnection).

Assumed: every program listens on all IPv4 addresses, shown as 0.0.0.0; real ones often show a second row for `::`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from winbake.rehearsal.powershell.cim.instance import CimInstance, generated_enum, generated_value
from winbake.rehearsal.powershell.values import UInt16, UInt32

if TYPE_CHECKING:
    from winbake.rehearsal.powershell.session import Session

NAMESPACE = "root/standardcimv2"
STATE = {
    "Closed": 1, "Listen": 2, "SynSent": 3, "SynReceived": 4, "Established": 5, "FinWait1": 6, "FinWait2": 7,
    "CloseWait": 8, "Closing": 9, "LastAck": 10, "TimeWait": 11, "DeleteTCB": 12, "Bound": 100,
}  # fmt: skip


def listeners(session: Session) -> Iterable[CimInstance]:
    """One instance for each TCP port that somebody listens on."""
    kind = generated_enum("NetTCPConnection", "State", STATE)
    for port, process_id in session.host.network.listening().items():
        yield CimInstance(
            "MSFT_NetTCPConnection",
            [
                ("LocalAddress", "0.0.0.0"),
                ("LocalPort", UInt16(port)),
                ("RemoteAddress", "0.0.0.0"),
                ("RemotePort", UInt16(0)),
                ("State", generated_value(kind, STATE["Listen"])),
                ("AppliedSetting", None),
                ("OwningProcess", UInt32(process_id)),
            ],
            namespace=NAMESPACE,
            keys=("LocalAddress", "LocalPort", "RemoteAddress", "RemotePort"),
            computer=session.host.computer_name,
        )
