"""The run record: one JSON object a line, from which console, report and statistics are made.

Lines: `run` (who, what), `facts`, `plan`, `started`, `progress`, `done`, `failed`, `reboot`, `proof`, `end`; of a
verification `verified` (the last one of a host counts) or `unreachable`. Times are seconds since the run's first line.
Secrets are masked before anything is written.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from winbake import __version__
from winbake.config.secret import Secret, masked


class RunRecord:
    """Writes the record of one run on one host, known by its name and its WinRM endpoint; without a folder it writes
    nothing."""

    def __init__(
        self,
        host: str,
        verb: str,
        folder: Path | None,
        secrets: list[Secret] | None = None,
        endpoint: str = "",
        hosts: Sequence[str] = (),
    ) -> None:
        """hosts: all of a run on several; `host` only names the file then."""
        self.host = host
        self.path: Path | None = None
        self._secrets = [form for secret in secrets or [] for form in (secret, _as_in_json(secret))]
        self._started = time.monotonic()
        self._file: TextIO | None = None
        self._lock = threading.Lock()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            stamp = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
            self.path = _free_name(folder, f"{stamp}-{host}")
            self._file = self.path.open("w", encoding="utf-8")
        at = datetime.now(UTC).isoformat(timespec="seconds")
        several = {"hosts": list(hosts)} if hosts else {}
        self.write("run", host=host, endpoint=endpoint, verb=verb, winbake=__version__, at=at, **several)

    @property
    def file(self) -> Path:
        """Where it is written. Only of a record that was given a folder."""
        assert self.path is not None
        return self.path

    def write(self, line: str, **data: Any) -> None:
        if self._file is None:
            return
        body: Mapping[str, Any] = {"line": line, "t": round(time.monotonic() - self._started, 3), **data}
        text = masked(json.dumps(body, ensure_ascii=False, default=str), self._secrets) + "\n"
        with self._lock:  # hosts that are looked at together share a record
            self._file.write(text)
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> RunRecord:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _as_in_json(secret: Secret) -> Secret:
    """As it stands inside a JSON text, where quotes and backslashes are escaped."""
    return Secret(json.dumps(secret.reveal(), ensure_ascii=False)[1:-1], secret.origin)


def _free_name(folder: Path, stem: str) -> Path:
    path, number = folder / f"{stem}.jsonl", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}.jsonl", number + 1
    return path
