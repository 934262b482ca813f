"""Shell links (.lnk): a small file that keeps target, arguments and what else WScript.Shell shows of one."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

# [MS-SHLLINK] 2.1: header size 0x4C, then the class id of a shell link.
MAGIC = bytes.fromhex("4C0000000114020000000000C000000000000046")


@dataclass
class Link:
    """What WScript.Shell's shortcut object shows. `window_style`: 1 normal, 3 maximized, 7 minimized."""

    target: str = ""
    arguments: str = ""
    directory: str = ""
    icon: str = ",0"
    description: str = ""
    hotkey: str = ""
    window_style: int = 1


def build(target: str, arguments: str = "") -> bytes:
    """The bytes of a link to a program."""
    return write(Link(target, arguments))


def write(link: Link) -> bytes:
    return MAGIC + json.dumps(asdict(link), sort_keys=True).encode("utf-8")


def read(data: bytes) -> Link | None:
    """The link in a file's bytes; None when it is none."""
    if not data.startswith(MAGIC):
        return None
    return Link(**json.loads(data[len(MAGIC) :]))
