"""A simulated host with a mirror, for tests that install things."""

from __future__ import annotations

from winbake.rehearsal.standins import Mirror
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.process import Process


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

    def run(self, command_line: str, seconds: float = 300.0) -> Process:
        """Run to the end; one that goes on longer than `seconds` of host time fails the test."""
        process = self.host.start(command_line)
        assert process.wait(seconds), f"{command_line} did not end; it shows {process.window!r}"
        return process

    def hangs(self, command_line: str, seconds: float = 100.0) -> str:
        """Run what waits for a click; the title of its window. The process is ended."""
        process = self.host.start(command_line)
        assert not process.wait(seconds), f"{command_line} ended with {process.exit_code}"
        process.kill(tree=True)
        return process.window
