"""A project before the rehearsal's AWS: its folder is the working directory, boto3 and winbake talk to the cloud."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from bake_stage import PROJECT, Ran

from winbake.cli import main
from winbake.rehearsal.aws.cloud import Cloud
from winbake.rehearsal.aws.query import Call

SPEED = 200.0
PARTICIPANT = "Canary-Participant-9!"


def wait(ready: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What `ready` gives once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := ready():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come")


@contextmanager
def login_ends_after(cloud: Cloud, calls: int) -> Iterator[None]:
    """A kill after so many calls to AWS, whatever they are: the login is good for no more of them."""
    seen = 0

    def count(call: Call) -> None:
        nonlocal seen
        seen += 1
        if seen == calls:
            cloud.faults.add("ExpiredToken")

    cloud.after_call = count
    try:
        yield
    finally:
        cloud.after_call = lambda call: None
        cloud.faults.clear()


class CloudStage:
    """One project and one AWS."""

    def __init__(self, root: Path, cloud: Cloud) -> None:
        self.root = root
        self.cloud = cloud
        self.secrets: set[str] = {PARTICIPANT}

    @cached_property
    def ec2(self) -> Any:
        return boto3.client("ec2")

    def run(self, *arguments: str) -> Ran:
        """`python bake.py ARGUMENTS`, in this process. What it prints holds no secret, but for `master password`."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([*arguments])
        ran = Ran(code, out.getvalue(), err.getvalue())
        assert "Traceback" not in ran.text and "winbake itself failed" not in ran.text, ran.text
        if "password" not in arguments:
            passwords = {machine.password for machine in self.cloud.machines.running.values()} | self.secrets
            assert not [one for one in passwords if one and one in ran.text], "a password was printed"
        return ran

    def must(self, *arguments: str) -> Ran:
        """A call that goes well."""
        ran = self.run(*arguments)
        assert ran.code == 0, ran.text
        return ran

    def manifest(self) -> dict[str, Any]:
        body: dict[str, Any] = yaml.safe_load((self.root / "manifest.yaml").read_text())
        return body

    def change_manifest(self, change: Callable[[dict[str, Any]], None]) -> None:
        body = self.manifest()
        change(body)
        (self.root / "manifest.yaml").write_text(yaml.safe_dump(body, sort_keys=False))

    def instances(self, *states: str) -> list[dict[str, Any]]:
        """Instances in these states, by default all that are not terminated."""
        wanted = states or ("pending", "running", "stopping", "stopped")
        found = self.ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": list(wanted)}])
        return [one for reservation in found["Reservations"] for one in reservation["Instances"]]

    def calls(self, action: str) -> int:
        """How often AWS was asked to do this."""
        return sum(1 for call in self.cloud.calls if call.action == action)

    def json(self, *arguments: str) -> Any:
        return json.loads(self.must(*arguments, "--json").out)


@pytest.fixture
def cloud_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudStage]:
    """A started AWS and a project of five tools; the master shall get 172.31.15.250."""
    root = tmp_path / "project"
    root.mkdir()
    for folder in ("playbooks", "roles", "media", "templates"):
        shutil.copytree(PROJECT / folder, root / folder)
    shutil.copy(PROJECT / "inventory.yaml", root)
    shutil.copy(PROJECT / "tests" / "rehearsal" / "five_tools.yaml", root / "manifest.yaml")
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("WINBAKE_PARTICIPANT_PASSWORD", PARTICIPANT)
    for name in ("WINBAKE_PASSWORD", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with Cloud(SPEED) as cloud:
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
        stage = CloudStage(root, cloud)
        stage.change_manifest(lambda body: body.update(aws={"master_address": "172.31.15.250"}))
        yield stage
