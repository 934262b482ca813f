"""A real sshd of this machine on loopback, in whose login a real Orthanc is put and run: a Linux PACS host.

sshd is a process of the test, on a free port, with keys made for the test; nothing of the machine's own SSH is used.
sudo and systemctl are small programs on the PATH of that login: a test machine has no systemd, and its login is root.
The systemctl here really starts and stops Orthanc.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from pacs_stage import PASSWORD, PacsStage

from winbake.rehearsal.classroom.orthanc import HOW_TO_INSTALL, free_port, program

HOW_TO_INSTALL_SSHD = "sshd is not installed: apt-get install openssh-server"
SUDO_PASSWORD = "Canary-Sudo-5!"
LIMIT = 20.0

_PYTHON = """#!/bin/sh
printf '%s\\n' "$*" >> '{log}'
exec '{real}' "$@"
"""

_SUDO = """#!{python}
import os, sys
sys.stderr = os.fdopen(2, "w")
open({log!r}, "a").write(" ".join(sys.argv) + "\\n")
words = sys.argv[1:]
command = words[words.index("--") + 1:]
wanted = {wanted!r}
if wanted:
    if "-n" in words:
        sys.exit("sudo: a password is required")
    given = b""
    while not given.endswith(b"\\n"):
        byte = os.read(0, 1)
        if not byte:
            sys.exit("sudo: no password was provided")
        given += byte
    if given != wanted.encode() + b"\\n":
        sys.exit("sudo: 1 incorrect password attempt")
os.execvp(command[0], command)
"""

_SYSTEMCTL = """#!{python}
import os, signal, subprocess, sys, time
folder, state = {folder!r}, {state!r}
def pid():
    try:
        number = int(open(state + "/pid").read())
        words = open("/proc/%d/cmdline" % number, "rb").read()
    except (OSError, ValueError):
        return None
    return number if folder.encode() in words else None
def stop():
    number = pid()
    if number:
        os.kill(number, signal.SIGTERM)
    while pid():
        time.sleep(0.02)
verb, rest = sys.argv[1], sys.argv[2:]
open(state + "/calls", "a").write(" ".join(sys.argv[1:]) + "\\n")
if verb == "show" and rest == ["--property=Version"]:
    print("Version=252")
elif verb == "show" and "--property=ExecStart" in rest:
    print("ExecStart={{ path=/usr/sbin/Orthanc ; argv[]=/usr/sbin/Orthanc --logdir=%s/logs %s ; pid=0 }}" % (state, folder))
elif verb == "show":
    there = os.path.exists(state + "/pid")
    print("LoadState=loaded")
    print("ActiveState=" + ("active" if pid() else "failed" if there else "inactive"))
    print("SubState=" + ("running" if pid() else "failed" if there else "dead"))
    print("UnitFileState=" + ("enabled" if os.path.exists(state + "/enabled") else "disabled"))
elif verb == "restart":
    stop()
    os.makedirs(state + "/logs", exist_ok=True)
    null = subprocess.DEVNULL
    child = subprocess.Popen(["/usr/sbin/Orthanc", "--logdir=" + state + "/logs", folder], stdin=null, stdout=null,
        stderr=null, start_new_session=True)
    open(state + "/pid", "w").write(str(child.pid))
elif verb == "stop":
    stop()
elif verb == "enable":
    open(state + "/enabled", "w").close()
else:
    sys.exit("unknown: " + verb)
"""


class SshStage:
    """The PACS's project, and the Linux machine that its inventory names `pacs`."""

    def __init__(self, pacs: PacsStage, root: Path, address: str) -> None:
        self.pacs = pacs
        self.root = root
        self.address = address
        self.port = free_port()
        self.bin = root / "bin"
        self.folder = root / "etc-orthanc"
        self.key = root / "key"
        self.log = root / "sshd.log"
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self._sshd: subprocess.Popen[bytes] | None = None
        for folder in (self.bin, self.folder):
            folder.mkdir(parents=True)
        _make_key(self.key)
        real = shutil.which("python3", path="/usr/local/bin:/usr/bin") or sys.executable
        self._program("python3", _PYTHON, log=str(root / "python3.log"), real=real)
        for name in ("cat", "sleep"):
            (self.bin / name).symlink_to(str(shutil.which(name)))
        self.new_host_key()
        self.write_inventory()

    # ---- the machine --------------------------------------------------------------------------------

    def new_host_key(self) -> None:
        """The machine as if it was made anew."""
        self.stop()
        host_key = self.root / "host_key"
        for file in (host_key, host_key.with_suffix(".pub")):
            file.unlink(missing_ok=True)
        _make_key(host_key)
        settings = {
            "Port": self.port,
            "ListenAddress": self.address,
            "HostKey": host_key,
            "AuthorizedKeysFile": self.key.with_suffix(".pub"),
            "PidFile": "none",
            "UsePAM": "no",
            "StrictModes": "no",
            "PasswordAuthentication": "no",
            "LogLevel": "VERBOSE",
            # Not the tester's home, whose .bashrc may change PATH; and not this machine's sudo and systemctl.
            "SetEnv": f"HOME={self.root} PATH={self.bin}",
        }
        configuration = self.root / "sshd_config"
        configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # sshd as root wants it for its unprivileged half
        with self.log.open("ab") as log:
            sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:" + os.environ["PATH"])
            assert sshd
            self._sshd = subprocess.Popen(
                [sshd, "-D", "-e", "-f", str(configuration)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        end = time.monotonic() + LIMIT
        while True:
            with socket.socket() as probe:
                if probe.connect_ex((self.address, self.port)) == 0:
                    return
            assert self._sshd.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        if self._sshd is not None:
            self._sshd.terminate()
            self._sshd.wait(10)
            self._sshd = None

    def stop_orthanc(self) -> None:
        """Ends the Orthanc that was started in this login."""
        for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = cmdline.read_bytes().split(b"\0")
            except OSError:
                continue
            if words and words[0].endswith(b"Orthanc") and str(self.folder).encode() in words:
                os.kill(int(cmdline.parent.name), 9)

    def with_sudo(self, wanted: str) -> None:
        """The login has a sudo that wants this password; "": it asks for none."""
        self._program("sudo", _SUDO, log=str(self.root / "sudo.log"), wanted=wanted)

    def with_systemd(self) -> Path:
        """The login has a systemctl with one unit, orthanc. Gives the folder of its state."""
        state = self.root / "systemd"
        state.mkdir()
        self._program("systemctl", _SYSTEMCTL, folder=str(self.folder), state=str(state))
        return state

    def _program(self, name: str, text: str, **values: str) -> None:
        file = self.bin / name
        file.write_text(text.format(**{"python": sys.executable, **values}))
        file.chmod(0o755)

    # ---- the project --------------------------------------------------------------------------------

    def write_inventory(self, **variables: Any) -> None:
        host = {
            "ansible_connection": "ssh",
            "ansible_host": self.address,
            "ansible_port": self.port,
            "ansible_user": self.user,
            "ansible_ssh_private_key_file": str(self.key),
            "winbake_orthanc_folder": str(self.folder),
            "winbake_orthanc_user": self.user,
            **variables,
        }
        body = {"all": {"children": {"pacs": {"hosts": {"pacs": host}}}}}
        (self.pacs.root / "inventory.yaml").write_text(yaml.safe_dump(body))

    def plan(self) -> Any:
        return self.pacs.run("pacs", "plan", "--accept-new-host-keys")

    def deploy(self) -> Any:
        return self.pacs.run("pacs", "deploy", "--yes", "--accept-new-host-keys")

    def rest(self, path: str) -> Any:
        answer = requests.get(
            f"http://127.0.0.1:{self.pacs.http_port}{path}", auth=("workshop", PASSWORD), timeout=5
        )
        assert answer.status_code == 200
        return answer.json()

    def assert_nowhere(self, secret: str) -> None:
        """Not in a run record, not in a command line of that login, not in the logs of sshd, sudo and Orthanc."""
        records = list((self.pacs.root / "runs").glob("*.jsonl"))
        logs = [*self.root.glob("*.log"), *self.folder.glob("*.log"), *self.root.glob("systemd/**/*")]
        assert records and "winbake-agent" in (self.root / "python3.log").read_text()
        for file in [*records, *logs]:
            if file.is_file():
                assert secret.encode() not in file.read_bytes(), file


def _make_key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


@pytest.fixture
def ssh_stage(pacs_stage: PacsStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SshStage]:
    """A Linux machine without systemd, reached by SSH."""
    if shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:" + os.environ["PATH"]) is None:
        pytest.skip(HOW_TO_INSTALL_SSHD)
    if program() is None:
        pytest.skip(HOW_TO_INSTALL)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    stage = SshStage(pacs_stage, tmp_path / "linux", f"{pacs_stage.network}.15.240")
    (tmp_path / "images").mkdir()
    try:
        yield stage
    finally:
        stage.stop_orthanc()
        stage.stop()
