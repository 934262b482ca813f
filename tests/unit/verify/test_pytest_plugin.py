"""A `winbake://` name that is wrong is said by pytest in one line, before anything runs; other tests see nothing of winbake."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
TEST = "testinfra_hosts = ['winbake://mastre']\n\n\ndef test_it(host):\n    assert host.file('x').exists\n"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "winbake.cli.pytest_plugin", "-p", "no:cacheprovider", "-q", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [*command, "-p", "testinfra.plugin"], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(PROJECT / "inventory.yaml", tmp_path)
    (tmp_path / "test_it.py").write_text(TEST, encoding="utf-8")
    return tmp_path


def test_a_name_that_is_not_in_the_inventory_is_said_before_anything_runs(folder: Path) -> None:
    ran = run(folder, "--hosts=winbake://mastre")
    assert ran.returncode == 4
    assert ran.stderr.strip() == "ERROR: inventory.yaml: no host or group 'mastre'; did you mean master?"


def test_a_name_in_a_file_of_tests_is_said_where_it_stands(folder: Path) -> None:
    ran = run(folder)
    assert ran.returncode == 2
    assert "ERROR collecting test_it.py" in ran.stdout
    assert "no host or group 'mastre'; did you mean master?" in ran.stdout
    assert "Targets.load" not in ran.stdout


def test_plain_pytest_finds_the_plugin() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"winbake": "winbake.cli.pytest_plugin"}
