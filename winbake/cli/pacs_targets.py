"""The machines that an Orthanc of the classroom runs on: the inventory's group `pacs`, or its stations."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import click

from winbake.cli.targets import PACS_GROUP, Targets
from winbake.config.classroom import Classroom
from winbake.config.errors import ConfigError
from winbake.config.inventory import InventoryHost
from winbake.config.manifest import load_manifest
from winbake.config.orthanc import System
from winbake.config.secret import Secret
from winbake.hosts.certificates import CertificatePolicy
from winbake.hosts.errors import NotYetSupported
from winbake.hosts.linux import LinuxSession
from winbake.hosts.model import HostAddress, SshAddress
from winbake.hosts.session import AgentSession
from winbake.hosts.ssh import KnownHosts, SshConnection
from winbake.pacs.configuration import OrthancConfiguration, of_pacs, of_station, the_pacs
from winbake.pacs.deployment import FOLDERS, Place, wish_for
from winbake.pacs.errors import PacsError
from winbake.resources.wish import Wish

KEY_VARIABLE = "ansible_ssh_private_key_file"
FOLDER_VARIABLE = "winbake_orthanc_folder"
"""An inventory variable: the folder of Orthanc's configuration, where it is not the installer's."""
USER_VARIABLE = "winbake_orthanc_user"
"""An inventory variable: whom Orthanc runs as on Linux, where it is not Debian's orthanc."""


@dataclass
class PacsTargets(Targets):
    """The hosts of one call, each with the Orthanc that it shall run."""

    stations: bool = False
    accept_new_host_keys: bool = False
    password: Secret | None = None
    classroom: Classroom = field(default_factory=Classroom)

    @classmethod
    def of(
        cls,
        manifest: Path | None,
        inventory: Path | None,
        limit: str | None,
        *,
        stations: bool,
        accept_new: bool,
        known_certificates: Path | None,
        accept_new_host_keys: bool,
        password: Secret | None,
    ) -> PacsTargets:
        """Raises ConfigError and PacsError."""
        try:
            targets = cls.load(
                manifest,
                inventory,
                None,
                limit,
                among="*" if stations else PACS_GROUP,
                accept_new=accept_new,
                known_certificates=known_certificates,
            )
        except ConfigError as error:
            if any(f"no host or group '{PACS_GROUP}'" in problem.message for problem in error.problems):
                raise PacsError(
                    f"the inventory {error.problems[0].file} has no group {PACS_GROUP}",
                    "write the PACS's machine into it (docs/pacs.md shows how); --stations is for the stations' own",
                ) from None
            raise
        assert isinstance(targets, PacsTargets)
        loaded, _ = load_manifest(targets.project.manifest)
        targets.classroom, targets.stations = loaded.classroom, stations
        targets.accept_new_host_keys, targets.password = accept_new_host_keys, password
        if stations:
            targets._keep_stations()
        return targets

    def wishes(self) -> dict[str, Wish]:
        return {host.name: wish_for(self._configuration(host), self._place(host)) for host in self.hosts}

    def addresses(self) -> dict[str, HostAddress]:
        over_winrm = [host for host in self.hosts if host.connection == "winrm"]
        addresses = Targets(self.project, over_winrm).addresses()
        return {host.name: addresses.get(host.name) or _ssh_address(host) for host in self.hosts}

    def secrets(self, addresses: dict[str, HostAddress]) -> list[Secret]:
        known = [one.sudo_password for one in addresses.values() if isinstance(one, SshAddress)]
        own = [self.password] if self.password else []
        return [*super().secrets(addresses), *known, *own]

    def connect(self, host: InventoryHost, address: HostAddress) -> AgentSession:
        if host.connection == "local":
            raise NotYetSupported("local connections are not there yet", host.name, "use ansible_connection: ssh")
        if not isinstance(address, SshAddress):
            return super().connect(host, address)
        policy = CertificatePolicy.ACCEPT_NEW if self.accept_new_host_keys else CertificatePolicy.ASK
        known = KnownHosts(address, policy=policy, accept=_ask if sys.stdin.isatty() else None)
        return LinuxSession(SshConnection(address, known))

    def _configuration(self, host: InventoryHost) -> OrthancConfiguration:
        system = _system(host)
        if self.stations:
            return of_station(self.classroom, host.name, system, self.password)
        pacs = the_pacs(self.classroom)
        if pacs.system != system:
            raise PacsError(
                f"{host.name} is reached by {host.connection}, so it is {system}, but classroom.pacs.system says "
                f"{pacs.system}",
                "make the two agree: system in the manifest, ansible_connection in the inventory",
            )
        return of_pacs(self.classroom, system, self.password)

    def _place(self, host: InventoryHost) -> Place:
        system = _system(host)
        folder = str(host.variables.get(FOLDER_VARIABLE) or FOLDERS[system]).rstrip("/\\")
        return Place(system, folder, str(host.variables.get(USER_VARIABLE) or "orthanc"))

    def _keep_stations(self) -> None:
        names = {one.name for one in self.classroom.stations()}
        self.hosts = [host for host in self.hosts if host.name in names]
        if not self.hosts:
            raise PacsError(
                f"none of the manifest's stations is in {self.project.inventory.name}",
                "name the inventory that `clones up` wrote: -i classroom.yaml",
            )


def _system(host: InventoryHost) -> System:
    return "windows" if host.connection == "winrm" else "linux"


def _ssh_address(host: InventoryHost) -> SshAddress:
    sudo_password, key = host.variables.get("ansible_become_password"), host.variables.get(KEY_VARIABLE)
    return SshAddress(
        name=host.name,
        address=host.address,
        port=int(host.variables.get("ansible_port", 22)),
        user=str(host.variables.get("ansible_user", "root")),
        password=host.password or Secret(""),
        key_file=Path(host.file).parent / Path(str(key)).expanduser() if key else None,
        sudo=bool(host.variables.get("ansible_become", False)),
        sudo_password=sudo_password if isinstance(sudo_password, Secret) else Secret(""),
    )


def _ask(address: SshAddress, kind: str, fingerprint: str) -> bool:
    click.echo(f"\n{address.name}: {address.address}:{address.port} shows a key that is not known:", err=True)
    click.echo(f"  {kind} {fingerprint}", err=True)
    return click.confirm("Pin it, and refuse any other from now on?", default=False, err=True)
