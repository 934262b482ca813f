"""The PowerShell that reads a host for its checks, put together of the .ps1 files here. None of it is the agent's."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

HEADER = """param([string]$Request, [string]$Source)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
"""
FOOTER = "Invoke-Reading -Text $Request\n"
PARTS = ("core.ps1", "accounts.ps1", "programs.ps1", "machine.ps1", "network.ps1")


@cache
def source() -> str:
    """The whole script, as the host runs it."""
    texts = [(files(__package__) / part).read_text(encoding="utf-8") for part in PARTS]
    return "\n".join([HEADER, *texts, FOOTER])


def payload(request: Mapping[str, Any]) -> bytes:
    """Standard input of one run, as the bootstrap on the command line reads it: script and request, a line each."""
    packed = gzip.compress(source().encode("utf-8"), mtime=0)
    text = json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return base64.b64encode(packed) + b"\n" + base64.b64encode(text) + b"\n"
