"""The settings files a stand-in server reads when it starts: JSON with comments, a folder of them.

Orthanc's rules: every *.json of the folder is read, C-style comments are allowed, the same top-level name in two
files is an error (jodogne/OrthancMirror OrthancServer/Sources/OrthancConfiguration.cpp).
"""

from __future__ import annotations

import json
import re
from typing import Any

from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.files import FileSystem
from winbake.rehearsal.windows.images import ServiceBehaviour

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


def without_comments(text: str) -> str:
    """JSON text with its // and /* */ comments taken out; strings are left alone."""
    return _TOKEN.sub(lambda found: found[0] if found[0].startswith('"') else " ", text)


def merged(files: FileSystem, folder: str) -> dict[str, Any] | None:
    """All top-level settings of a folder's *.json; None when one is no JSON object or a name stands in two."""
    settings: dict[str, Any] = {}
    if not files.is_directory(folder):
        return settings
    for entry in files.list(folder):
        if entry.is_directory or not entry.name.lower().endswith(".json"):
            continue
        try:
            content = json.loads(without_comments(files.read(entry.full_path).decode("utf-8-sig")))
        except ValueError:
            return None
        if not isinstance(content, dict) or settings.keys() & content.keys():
            return None
        settings.update(content)
    return settings


def ports_of(files: FileSystem, folder: str, behaviour: ServiceBehaviour) -> list[int] | None:
    """The ports a server in `folder` will listen on; None when its settings keep it from starting."""
    ports = list(behaviour.ports)
    if not behaviour.settings_folder:
        return ports
    settings = merged(files, paths.join(folder, behaviour.settings_folder))
    if settings is None:
        return None
    for name, default in behaviour.port_settings.items():
        port = settings.get(name, default)
        if not isinstance(port, int) or not 0 < port < 65_536:
            return None
        ports.append(port)
    return ports
