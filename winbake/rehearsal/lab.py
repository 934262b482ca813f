"""A laboratory on this machine: simulated Windows hosts behind WinRM, and the mirror that serves their downloads.

    with Lab(hosts=2, password="…", speed=60) as lab:
        lab.hosts[0].endpoint.https_url

Point any WinRM client at it. Nothing here knows of winbake's own files.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from winbake.rehearsal.standins.mirror import Mirror
from winbake.rehearsal.standins.model import load_standins
from winbake.rehearsal.windows import faults, state
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.winrm.endpoint import Endpoint

USER = "Administrator"


@dataclass
class LabHost:
    """One simulated host and the endpoint before it."""

    name: str
    host: WindowsHost
    endpoint: Endpoint

    @property
    def port(self) -> int:
        """The HTTPS port; it stays the same when the host restarts."""
        port = self.endpoint.https_port
        assert port is not None
        return port

    @property
    def certificate(self) -> str:
        """SHA-256 fingerprint of the listener's certificate, lower-case hex."""
        return self.endpoint.certificate.fingerprint


class Lab:
    """Hosts, mirror and endpoints from `start` to `stop`.

    password: of Administrator. speed: how much faster than real time the hosts' clocks run. state_file: the first
    host's state is read from it if it exists, and written to it by `save`. fault_texts: as `--fault` takes them.
    """

    def __init__(
        self,
        password: str,
        hosts: int = 1,
        *,
        release: str = "2022",
        speed: float = 60.0,
        standins: Iterable[Path] = (),
        state_file: Path | None = None,
        fault_texts: Iterable[str] = (),
        address: str = "127.0.0.1",
    ) -> None:
        """Raises StandInError, UnknownFault, ValueError and OSError for what it is given."""
        if not ipaddress.ip_address(address).is_loopback:
            raise ValueError(f"{address} is not a loopback address: the rehearsal stays on this machine")
        self.password = password
        self.state_file = state_file
        self.mirror = Mirror(load_standins(standins))
        self.hosts = [self._make(number, release, speed, address) for number in range(1, hosts + 1)]
        for text in fault_texts:
            self.add_fault(text)

    def _make(self, number: int, release: str, speed: float, address: str) -> LabHost:
        name = "master" if number == 1 else f"master{number}"
        if number == 1 and self.state_file is not None and self.state_file.exists():
            host = state.load_file(self.state_file, name.upper(), speed)
        else:
            host = WindowsHost(name.upper(), release, speed)
        return LabHost(name, host, Endpoint(host, address, 0, 0, users={USER: self.password}))

    def add_fault(self, text: str) -> None:
        """`installer_exit:tool=orthanc,code=1603`, on every host or on the mirror. Raises UnknownFault, ValueError."""
        name, settings = faults.parse(text)
        times = settings.pop("times", None)
        if name in faults.MIRROR_FAULTS:
            self.mirror.faults.add(name, times=times, **settings)
            return
        for one in self.hosts:
            one.host.faults.add(name, times=times, **settings)

    def start(self) -> Self:
        self.mirror.start()
        for one in self.hosts:
            one.host.network.mirror_port = self.mirror.port
            one.endpoint.start()
        return self

    def stop(self) -> None:
        for one in self.hosts:
            one.endpoint.stop()
            one.host.power.stop_now()
        self.mirror.stop()

    def save(self) -> None:
        """Writes the first host's state to the state file, if there is one."""
        if self.state_file is not None:
            state.save(self.hosts[0].host, self.state_file)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def speed(self) -> float:
        """How much faster than real time the hosts' clocks run."""
        return self.hosts[0].host.clock.speed

    def counters(self) -> dict[str, int]:
        """Totals over all hosts: requests, powershell_starts, bytes in and out (as on the wire), connections."""
        return totals(one.endpoint for one in self.hosts)


def totals(endpoints: Iterable[Endpoint]) -> dict[str, int]:
    """What the endpoints counted, summed: requests, powershell_starts, wire_bytes_in, wire_bytes_out, connections."""
    summed = {"requests": 0, "powershell_starts": 0, "wire_bytes_in": 0, "wire_bytes_out": 0, "connections": 0}
    for endpoint in endpoints:
        counted = endpoint.counters_json()
        for name in summed:
            value = counted[name]
            assert isinstance(value, int)
            summed[name] += value
    return summed
