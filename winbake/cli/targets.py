"""From options to hosts that can be talked to: files, the chosen hosts, passwords, certificates, sessions."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from winbake.config.errors import ConfigError, Problem
from winbake.config.inventory import InventoryHost, load_inventory
from winbake.config.project import Project
from winbake.config.secret import Secret
from winbake.engine.errors import EngineError
from winbake.engine.sending import MediaStore
from winbake.engine.wish import load_wish
from winbake.hosts.certificates import CertificatePolicy, GivenCertificate, KnownCertificates, SeenCertificate
from winbake.hosts.errors import NotYetSupported
from winbake.hosts.model import HostAddress
from winbake.hosts.session import AgentSession
from winbake.hosts.winrm import WinRMConnection
from winbake.resources.wish import Wish

PASSWORD_VARIABLE = "WINBAKE_PASSWORD"
CERTIFICATE_VARIABLE = "winbake_certificate"
"""An inventory variable: the SHA-256 that the host's certificate must have; nothing is asked or pinned then."""

PACS_GROUP = "pacs"
"""The inventory's group of machines that run the classroom's PACS (docs/pacs.md)."""
MEDIA_BUCKET_VARIABLE = "winbake_media_bucket"
"""An inventory variable: the S3 bucket through which large files go to the host."""


@dataclass
class Targets:
    """The hosts of one call, with what is wanted of each."""

    project: Project
    hosts: list[InventoryHost]
    accept_new: bool = False
    known_certificates: Path | None = None

    @classmethod
    def load(
        cls,
        manifest: Path | None,
        inventory: Path | None,
        playbook: Path | None,
        limit: str | None,
        *,
        among: str = "all",
        accept_new: bool = False,
        known_certificates: Path | None = None,
    ) -> Targets:
        """Raises ConfigError."""
        project = Project.at(Path.cwd(), manifest, inventory, playbook)
        loaded = load_inventory(project.inventory)
        hosts = loaded.select(limit, among)
        if not limit and among == "all":
            # The PACS is no machine that the image is baked on; who names it means it.
            hosts = [host for host in hosts if PACS_GROUP not in host.groups]
        if not hosts:
            raise ConfigError([Problem(loaded.file, 0, f"no hosts are left{f' by --limit {limit}' if limit else ''}")])
        return cls(project, hosts, accept_new, known_certificates)

    def wishes(self) -> dict[str, Wish]:
        """Host → what is wanted of it. Raises ConfigError, each problem once."""
        wishes: dict[str, Wish] = {}
        problems: list[Problem] = []
        for host in self.hosts:
            try:
                wishes[host.name] = load_wish(self.project, host)
            except ConfigError as error:
                problems += error.problems
        if problems:
            raise ConfigError(list(dict.fromkeys(problems)))
        return wishes

    def addresses(self) -> dict[str, HostAddress]:
        """Asks for passwords that nobody gave, one after the other. Raises EngineError without a terminal to ask at."""
        return {host.name: _address(host) for host in self.hosts}

    def secrets(self, addresses: dict[str, HostAddress]) -> list[Secret]:
        """What must be in no record of a run."""
        return [address.password for address in addresses.values()]

    def address_of(self, name: str) -> HostAddress:
        """Of one host. Raises EngineError."""
        return _address(next(host for host in self.hosts if host.name == name))

    def connect(self, host: InventoryHost, address: HostAddress) -> AgentSession:
        """Raises InsecureTransport and NotYetSupported; the connection itself is made by the first command."""
        if host.connection != "winrm":
            raise NotYetSupported(f"connections by {host.connection} are not there yet", host.name)
        return AgentSession(WinRMConnection(address, self.certificates(host)))

    def media_store(self, name: str) -> MediaStore | None:
        """Where this host fetches media, if its inventory names a bucket. Raises AwsError."""
        host = next(host for host in self.hosts if host.name == name)
        bucket = host.variables.get(MEDIA_BUCKET_VARIABLE)
        if not bucket:
            return None
        from winbake.aws.media import S3MediaStore  # boto3 takes its time to load
        from winbake.aws.session import AwsSession

        return S3MediaStore(AwsSession(), str(bucket))

    def certificates(self, host: InventoryHost) -> KnownCertificates:
        given = host.variables.get(CERTIFICATE_VARIABLE)
        if given:
            return GivenCertificate(str(given), "the inventory")
        policy = CertificatePolicy.ACCEPT_NEW if self.accept_new else CertificatePolicy.ASK
        return KnownCertificates(self.known_certificates, policy, _ask if sys.stdin.isatty() else None)


def _ask(seen: SeenCertificate) -> bool:
    click.echo(
        f"\n{seen.host}: {seen.address}:{seen.port} shows a certificate that has not been seen before:", err=True
    )
    click.echo(f"  {seen.subject}, valid until {seen.not_after:%Y-%m-%d}", err=True)
    click.echo(f"  SHA-256 {seen.shown_fingerprint}", err=True)
    return click.confirm("Pin it, and refuse any other from now on?", default=False, err=True)


def _password_of_instance(host: InventoryHost) -> Secret | None:
    """Administrator's first password as EC2 has it, for an instance that winbake launched. Raises AwsError."""
    instance, key = host.variables.get("winbake_instance"), host.variables.get("winbake_key")
    if not instance or not key or os.environ.get(PASSWORD_VARIABLE):
        return None
    from winbake.aws.keys import KeyFile
    from winbake.aws.session import AwsSession

    session = AwsSession(str(host.variables.get("winbake_region") or "") or None)
    return KeyFile(Path(str(key))).password_of(session, str(instance))


def _address(host: InventoryHost) -> HostAddress:
    password = host.password or _password_of_instance(host)
    if password is None and os.environ.get(PASSWORD_VARIABLE):
        password = Secret(os.environ[PASSWORD_VARIABLE])
    if password is None:
        if not sys.stdin.isatty():
            raise EngineError(
                f"{host.name}: no password for {host.user}",
                f"set {PASSWORD_VARIABLE}, or ansible_password in the inventory (by lookup('env', …))",
            )
        password = Secret(click.prompt(f"Password of {host.user} on {host.name}", hide_input=True, err=True))
    return HostAddress(
        name=host.name,
        address=host.address,
        port=host.port,
        scheme="http" if host.scheme == "http" else "https",
        transport="basic" if host.transport == "basic" else "ntlm",
        user=host.user,
        password=password,
    )
