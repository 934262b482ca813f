"""A tree of Cygwin packages as mirrors have it: setup.ini, and a .tar.xz a package.

Format: https://sourceware.org/cygwin-apps/setup.ini.html (sections `@ name`; `install:` path, size, SHA-512).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from winbake.rehearsal.standins.model import File, StandIn, Version

Packer = Callable[[list[File], dict[str, str]], bytes]

ARCHITECTURE = "x86_64"


def tree(standin: StandIn, version: Version, pack: Packer) -> dict[str, bytes]:
    """Path below the mirror's address → content, the same for the same stand-in. `pack` makes the .tar.xz files."""
    values = standin.values(version, "")
    found: dict[str, bytes] = {}
    sections = [f"release: cygwin\narch: {ARCHITECTURE}\nsetup-timestamp: {version.version.replace('-', '')}\n"]
    for package in standin.cygwin_tree:
        path = f"{ARCHITECTURE}/release/{package.name}/{package.name}-{package.version}.tar.xz"
        data = pack(package.files, values)
        found[path] = data
        lines = [f"@ {package.name}", f'sdesc: "{package.name}"', f"category: {package.category}"]
        if package.requires:
            lines.append(f"requires: {' '.join(package.requires)}")
        lines.append(f"version: {package.version}")
        lines.append(f"install: {path} {len(data)} {hashlib.sha512(data).hexdigest()}")
        sections.append("\n".join(lines) + "\n")
    found[f"{ARCHITECTURE}/setup.ini"] = "\n".join(sections).encode("ascii")
    return found
