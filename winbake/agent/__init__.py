"""The agent: the PowerShell that winbake sends on standard input. It lives in .ps1 files; here it is put together."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

HEADER = (files(__package__) / "header.ps1").read_text(encoding="utf-8")
FOOTER = (files(__package__) / "footer.ps1").read_text(encoding="utf-8")
FOLDERS = ("windows", "facts", "operations")


def parts() -> tuple[str, ...]:
    """The script's files in the order in which they are put together."""
    folder = files(__package__)
    inner = [f"{name}/{p.name}" for name in FOLDERS for p in sorted((folder / name).iterdir(), key=lambda p: p.name)]
    return ("core.ps1", *(part for part in inner if part.endswith(".ps1")), "schedule.ps1", "main.ps1")


@cache
def source() -> str:
    """The whole script, as the host runs it."""
    folder = files(__package__)
    texts = [(folder / part).read_text(encoding="utf-8") for part in parts()]
    return "\n".join([HEADER, *texts, FOOTER])


@cache
def bootstrap() -> str:
    """What stands on the command line: it reads the script and the request from standard input."""
    return (files(__package__) / "bootstrap.ps1").read_text(encoding="utf-8")


@cache
def _packed_source() -> bytes:
    return base64.b64encode(gzip.compress(source().encode("utf-8"), mtime=0))


def payload(request: Mapping[str, Any]) -> bytes:
    """Standard input of one run: the script (gzip, base64) and the request (JSON, base64), a line each."""
    text = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
    return _packed_source() + b"\n" + base64.b64encode(text.encode("utf-8")) + b"\n"
