"""Ansible's YAML inventory: variables by strength, hosts by pattern, errors with a line, and no password in sight."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from winbake.config.errors import ConfigError
from winbake.config.inventory import Inventory, load_inventory
from winbake.config.secret import Secret

ROOT = Path(__file__).parents[3]
CANARY = "canary-Pa55"
TEXT = """\
all:
  children:
    masters:
      hosts:
        master: {ansible_host: 10.0.0.1}
    stations:
      hosts:
        ws01: {ansible_port: 5985}
        ws02: {color: red}
      vars: {color: blue, ansible_user: Trainer}
  vars:
    ansible_connection: winrm
    ansible_password: "{{ lookup('env', 'WINBAKE_PASSWORD') }}"
    color: none
"""


def load(tmp_path: Path, text: str = TEXT) -> Inventory:
    path = tmp_path / "inventory.yaml"
    path.write_text(text, encoding="utf-8")
    return load_inventory(path, {"WINBAKE_PASSWORD": CANARY})


def test_variables_by_strength(tmp_path: Path) -> None:
    hosts = {h.name: h for h in load(tmp_path).hosts}
    assert hosts["master"].variables["color"] == "none"
    assert hosts["ws01"].variables["color"] == "blue"
    assert hosts["ws02"].variables["color"] == "red"
    assert (hosts["master"].address, hosts["master"].port, hosts["master"].scheme) == ("10.0.0.1", 5986, "https")
    assert (hosts["ws01"].port, hosts["ws01"].scheme, hosts["ws01"].user) == (5985, "http", "Trainer")


def test_group_vars_files(tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "stations.yml").write_text("color: green", encoding="utf-8")
    hosts = {h.name: h for h in load(tmp_path).hosts}
    assert hosts["ws01"].variables["color"] == "green"
    assert hosts["ws02"].variables["color"] == "red"


@pytest.mark.parametrize(
    ("limit", "names"),
    [
        (None, ["master", "ws01", "ws02"]),
        ("stations", ["ws01", "ws02"]),
        ("ws0*,master", ["master", "ws01", "ws02"]),
        ("!ws01", ["master", "ws02"]),
        ("stations,!ws02", ["ws01"]),
    ],
)
def test_limit(tmp_path: Path, limit: str | None, names: list[str]) -> None:
    assert [h.name for h in load(tmp_path).select(limit)] == names


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no host or group 'staions'; did you mean stations\?"):
        load(tmp_path).select("staions")


def test_the_password_is_nowhere_in_text(tmp_path: Path) -> None:
    host = load(tmp_path).hosts[0]
    assert host.password is not None
    assert host.password.reveal() == CANARY
    assert CANARY not in repr(host)
    assert CANARY not in str(host.variables)
    assert CANARY not in json.dumps(host.variables, default=str)


def test_every_password_of_the_inventory_is_a_secret_that_knows_its_variable(tmp_path: Path) -> None:
    text = TEXT.replace("color: none", "guest_password: \"{{ lookup('env', 'GUEST', default=undef()) }}\"")
    host = load(tmp_path, text).hosts[0]
    guest = host.variables["guest_password"]
    assert isinstance(guest, Secret)
    assert (guest.reveal(), guest.origin, bool(guest)) == ("", "GUEST", False), "said where it is needed, not here"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("ansible_connection: winrm", "ansible_connection: winrn", "'winrn' is not one of winrm, ssh, local; did you mean winrm?"),
        ("ansible_port: 5985", "ansible_port: many", "inventory.yaml:8: ws01: ansible_port 'many' is not a port number"),
        ("hosts:\n        master", "host:\n        master", "inventory.yaml:4: masters.host: no such key in a group; did you mean hosts?"),
        ("color: none", "color: '{{ colour }}'", "color: 'colour' is undefined; did you mean color?"),
        ("color: none", "color: \"{{ lookup('env', 'HUE', default=undef(hint='any hue')) }}\"", "color: the environment variable HUE is not set: any hue"),
        ("color: none", "ansible_winrm_transport: kerberos", "'kerberos' is not one of ntlm, basic"),
        ("ansible_port: 5985", "ansible_port: 5985, ansible_winrm_transport: basic", "basic over http would send the password in the clear"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, old: str, new: str, wanted: str) -> None:
    assert old in TEXT
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, TEXT.replace(old, new))
    assert any(wanted in str(p) for p in caught.value.problems), caught.value.problems


def test_ansible_reads_the_projects_inventory() -> None:
    program = shutil.which("ansible-inventory", path=str(Path(sys.executable).parent)) or shutil.which("ansible-inventory")
    if program is None:
        pytest.skip("ansible-core is not installed")
    done = subprocess.run(
        [program, "-i", "inventory.yaml", "--list"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert "master" in json.loads(done.stdout)["masters"]["hosts"]
