"""A simulated host with a mirror, for tests that install things."""

from __future__ import annotations

import time

from winbake.rehearsal.standins import Mirror
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.process import Process

REAL_SECONDS = 30.0
"""How long to wait for a process: real time, for the clock of the host runs on while a loaded machine does not."""


class Bench:
    """A host with a mirror: fetches installers and runs command lines."""

    def __init__(self, host: WindowsHost, mirror: Mirror) -> None:
        self.host = host
        self.mirror = mirror
        host.network.mirror_port = mirror.port
        host.files.make_directory(r"C:\dl")

    def fetch(self, tool: str, version: str) -> str:
        """Download a stand-in; its path on the host."""
        standin = next(one for one in self.mirror.standins if one.id == tool)
        url = standin.urls_of(standin.version(version))[0]
        response = self.host.network.fetch(url)
        assert response.status == 200
        suffix = {"msi": ".msi", "zip": ".zip", "jar": ".jar"}.get(standin.kind, ".exe")
        path = rf"C:\dl\{tool}-{version}{suffix}"
        self.host.files.write(path, response.body)
        return path

    def run(self, command_line: str) -> Process:
        """Run to the end; one that shows a window instead, or takes longer than REAL_SECONDS, fails the test."""
        process = self.host.start(command_line)
        assert process.ended.wait(REAL_SECONDS), f"{command_line} did not end; it shows {process.window!r}"
        return process

    def hangs(self, command_line: str) -> str:
        """Run what waits for a click; the title of its window. The process is ended."""
        process = self.host.start(command_line)
        limit = time.monotonic() + REAL_SECONDS
        while not process.window and time.monotonic() < limit:
            assert not process.ended.wait(0.01), f"{command_line} ended with {process.exit_code}"
        assert process.window, f"{command_line} shows no window"
        assert not process.ended.is_set()
        process.kill(tree=True)
        return process.window
