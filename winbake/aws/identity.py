"""Whether a machine is the station that it shall be: its computer name and its AE title, read as facts."""

from __future__ import annotations

from winbake.config.classroom import Station
from winbake.engine.errors import EngineError
from winbake.engine.facts import read_facts
from winbake.hosts.certificates import KnownCertificates
from winbake.hosts.errors import HostError
from winbake.hosts.model import HostAddress
from winbake.hosts.session import AgentSession
from winbake.hosts.winrm import WinRMConnection
from winbake.resources.machine import COMPUTER_NAME, ComputerName, ComputerNameFact
from winbake.resources.model import Identity
from winbake.resources.path import EnvironmentVariable

AE_TITLE_VARIABLE = "WORKSHOP_AE_TITLE"
"""The machine's environment variable that user_data/clone.ps1 sets."""


def lacks(station: Station, host: HostAddress, certificates: KnownCertificates) -> str:
    """What is not yet as it shall be, `layer: detail`, or "". Facts that cannot be read count: it may just restart."""
    asked = (
        ComputerName(Identity("computer name", station.name), station.name),
        EnvironmentVariable(Identity("environment", AE_TITLE_VARIABLE), AE_TITLE_VARIABLE, station.ae_title),
    )
    try:
        with AgentSession(WinRMConnection(host, certificates)) as session:
            state = read_facts(session, asked).state
    except (EngineError, HostError) as error:
        return f"facts: {error.what}"
    name: ComputerNameFact = state.fact(COMPUTER_NAME)
    if name.active.lower() != station.name.lower():
        return f"name: it is still {name.active}, not {station.name}"
    found = state.variable(AE_TITLE_VARIABLE)
    title = "" if found is None else str(found.data)
    return "" if title == station.ae_title else f"AE title: it is '{title}', not '{station.ae_title}'"
