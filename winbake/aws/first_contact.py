"""The first minutes with a new instance: its password, WinRM layer by layer, its certificate pinned at first sight."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from winbake.aws import tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.instances import Instance, Tell
from winbake.aws.keys import KeyFile
from winbake.aws.network import WINRM
from winbake.aws.session import AwsSession
from winbake.config.secret import Secret
from winbake.hosts.certificates import CertificatePolicy, KnownCertificates, Pin, SeenCertificate
from winbake.hosts.model import HostAddress
from winbake.hosts.probe import Status, probe

PASSWORD_LIMIT = 15 * 60.0
"""Seconds until Windows has told its password: usually 5 minutes, up to 15 (packer-plugin-amazon)."""
WINRM_LIMIT = 10 * 60.0
Settled = Callable[[HostAddress, KnownCertificates], str]
"""What a host that answers still lacks, "" when it is as it shall be."""


class FirstSight(KnownCertificates):
    """Takes the certificate that is shown, and keeps it to itself."""

    def __init__(self) -> None:
        super().__init__(policy=CertificatePolicy.ACCEPT_NEW)
        self.seen: SeenCertificate | None = None

    def pin_of(self, address: str, port: int) -> Pin | None:
        return Pin(self.seen.fingerprint, "now", self.seen.subject) if self.seen else None

    def pin(self, seen: SeenCertificate) -> None:
        self.seen = seen


def wait_for_password(session: AwsSession, instance: Instance, key: KeyFile, tell: Tell) -> Secret:
    """Administrator's first password. Raises AwsError."""
    told = False
    for _ in session.looks(PASSWORD_LIMIT, 10):
        password = key.password_of(session, instance.id)
        if password is not None:
            return password
        if not told:
            told = True
            tell("waiting for Windows to start and tell Administrator's password (usually 5 minutes)")
    raise AwsError(
        f"{instance.name} has not told a password after {PASSWORD_LIMIT / 60:.0f} minutes",
        "look at EC2 → Actions → Monitor → Get system log; was the image made without sysprep?",
    )


def wait_for_winrm(
    session: AwsSession,
    instance: Instance,
    host: HostAddress,
    known: Path | None,
    tell: Tell,
    settled: Settled = lambda host, certificates: "",
) -> str:
    """Probes layer by layer, says which one it waits for, and gives the certificate's SHA-256. Raises AwsError.

    The certificate that the host shows once all is well is pinned (`known`: the file of pins) and noted as a tag: what
    another machine of that address had does not count, and a later run, from any computer, accepts this one only.
    """
    waiting = ""
    for _ in session.looks(WINRM_LIMIT, 5):
        certificates = FirstSight()
        lacking = _lacking(host, certificates, settled)
        if not lacking:
            assert certificates.seen is not None, "the probe has logged in over TLS, so the certificate was seen"
            _note(session, instance, certificates.seen, known)
            return certificates.seen.fingerprint
        layer = lacking.partition(":")[0]
        if layer != waiting:
            waiting = layer
            tell(f"waiting for WinRM at {host.address}:{host.port}: {lacking}")
    raise AwsError(
        f"WinRM of {instance.name} does not answer as it should at {host.address}:{host.port}: {lacking}",
        "look at EC2 → Get system log; on the host: C:\\ProgramData\\Amazon\\EC2Launch\\log\\agent.log",
    )


def _lacking(host: HostAddress, certificates: KnownCertificates, settled: Settled) -> str:
    for step in probe(host, certificates):
        if step.status is Status.FAILED:
            return f"{step.layer}: {step.detail}"
    return settled(host, certificates)


def _note(session: AwsSession, instance: Instance, seen: SeenCertificate, known: Path | None) -> None:
    noted = instance.tags.get(tags.CERTIFICATE)
    if noted is not None and noted != seen.fingerprint:
        raise AwsError(
            f"{instance.name} shows another certificate (SHA-256 {seen.fingerprint[:16]}…) than at its first start",
            "if its listener was made anew on purpose, delete the tag winbake:certificate of the instance",
        )
    certificates = KnownCertificates(known)
    pinned = certificates.pin_of(seen.address, WINRM)
    if pinned is None or pinned.fingerprint != seen.fingerprint:
        certificates.replace(seen)
    if noted is None:
        with in_words():
            session.client("ec2").create_tags(
                Resources=[instance.id], Tags=[{"Key": tags.CERTIFICATE, "Value": seen.fingerprint}]
            )
