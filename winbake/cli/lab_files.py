"""The files by which other verbs reach a laboratory: inventory, lock of the stand-ins, password files."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

import yaml

from winbake.cli.targets import CERTIFICATE_VARIABLE, PASSWORD_VARIABLE
from winbake.config.lock import MEDIA_PREFIX
from winbake.engine.wish import LOCK_VARIABLE
from winbake.rehearsal.lab import USER, Lab
from winbake.rehearsal.standins.build import media_file
from winbake.rehearsal.standins.mirror import Mirror

PARTICIPANT_PASSWORD = "participant_password"
"""The variable of roles/participant that the project's inventory reads from the environment."""


def write_lab_files(lab: Lab, inventory: Path, *, password_known: bool) -> list[Path]:
    """Writes FILE, its .lock.yaml and, for a password that was made up, its .password (readable by the owner only).

    `password_known`: the person set it in the environment, so the inventory reads it from there. The participant's
    password is always made up (.participant): a rehearsal needs no variable.
    """
    lock = inventory.with_suffix(".lock.yaml")
    participant = inventory.with_suffix(".participant")
    _write_private(participant, secrets.token_urlsafe(12) + "aA1!")
    written = [inventory, lock, participant]
    if password_known:
        lookup = f"{{{{ lookup('env', '{PASSWORD_VARIABLE}') }}}}"
    else:
        secret = inventory.with_suffix(".password")
        _write_private(secret, lab.password)
        written.append(secret)
        lookup = _file_lookup(secret)
    hosts = {
        one.name: {
            "ansible_host": one.endpoint.address,
            "ansible_port": one.port,
            CERTIFICATE_VARIABLE: f"sha256:{one.certificate}",
        }
        for one in lab.hosts
    }
    body: dict[str, Any] = {
        "all": {
            "children": {"masters": {"hosts": hosts}},
            "vars": {
                "ansible_connection": "winrm",
                "ansible_winrm_scheme": "https",
                "ansible_winrm_transport": "ntlm",
                "ansible_winrm_server_cert_validation": "ignore",
                "ansible_user": USER,
                "ansible_password": lookup,
                PARTICIPANT_PASSWORD: _file_lookup(participant),
                LOCK_VARIABLE: lock.name,
            },
        }
    }
    head = "# A rehearsal laboratory on this machine; gone when `rehearse --serve` ends.\n"
    inventory.write_text(head + yaml.safe_dump(body, sort_keys=False), encoding="utf-8")
    lock.write_text(lock_text(lab.mirror), encoding="utf-8")
    return written


def _file_lookup(path: Path) -> str:
    return f"{{{{ lookup('file', '{path.resolve().as_posix()}') }}}}"


def lock_text(mirror: Mirror) -> str:
    """The stand-ins as they are served: their own hashes and sizes, marked as a rehearsal's."""
    sources = {url: {"url": url, "sha256": sha, "size": size} for url, (sha, size) in sorted(mirror.urls().items())}
    for standin in mirror.standins:
        if standin.media:
            name, data = media_file(standin)
            url = f"{MEDIA_PREFIX}{name}"
            sources[url] = {"url": url, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    body = {"schema": 1, "rehearsal": True, "sources": sources}
    return "# Stand-ins of the rehearsal, not the real installers.\n" + yaml.safe_dump(body, sort_keys=False)


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
