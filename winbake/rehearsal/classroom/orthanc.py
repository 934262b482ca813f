"""A real Orthanc on this machine, from a configuration to its end.

    with RealOrthanc(configuration_text, folder) as orthanc: …

Orthanc has no setting for the address it listens on, so its ports must be free ones (`free_port`).
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

HOW_TO_INSTALL = "Orthanc is not installed: apt-get install orthanc orthanc-dicomweb orthanc-webviewer dcmtk"
AT_ONCE = {"TCP_NODELAY": "1"}
"""A variable of DCMTK, which Orthanc is built with. Without it every image waits twice for a delayed acknowledgement,
40 ms each."""
DEBIAN_PLUGINS = "/usr/share/orthanc/plugins"


class OrthancFailed(Exception):
    """It did not start; the message holds the end of its log."""


def program() -> str | None:
    """Debian's is in /usr/sbin, which is not on everybody's PATH."""
    return shutil.which("Orthanc", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


class RealOrthanc:
    """One Orthanc process. configuration: the JSON as a file would hold it. folder: for that file and the log."""

    def __init__(self, configuration: str, folder: Path, limit: float = 30.0) -> None:
        self.folder = folder
        self.limit = limit
        self._configuration = configuration
        self._ports = [int(json.loads(configuration)[key]) for key in ("HttpPort", "DicomPort")]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Returns when both ports answer. Raises OrthancFailed."""
        found = program()
        if found is None:
            raise OrthancFailed(HOW_TO_INSTALL)
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "orthanc.json"
        file.touch(mode=0o600)  # the password is in it
        file.write_text(self._configuration, encoding="utf-8")
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [found, str(file)], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **AT_ONCE}
            )
        end = time.monotonic() + self.limit
        while not all(_answers(port) for port in self._ports):
            if self._process.poll() is not None:
                raise OrthancFailed(f"Orthanc ended with exit {self._process.returncode}:\n{self.log_tail()}")
            if time.monotonic() > end:
                self.stop()
                raise OrthancFailed(f"Orthanc does not answer after {self.limit:.0f} s:\n{self.log_tail()}")
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        """Orthanc ends by itself on SIGTERM; after 10 s it is killed."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def log(self) -> Path:
        return self.folder / "orthanc.log"

    def log_tail(self, lines: int = 10) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
