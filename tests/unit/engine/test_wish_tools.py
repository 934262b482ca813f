"""A play says itself whether it goes with the manifest's tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from winbake.config.errors import ConfigError
from winbake.config.inventory import InventoryHost, load_inventory
from winbake.config.project import Project
from winbake.engine.wish import load_wish

MANIFEST = """\
image: {name: workshop}
tools:
  dcmtk:
    name: DCMTK
    dir: 'C:\\Tools\\dcmtk'
    version: "3.7.0"
    source: {url: "https://example.org/dcmtk.zip"}
    install: {type: zip}
    detect: {file: 'C:\\Tools\\dcmtk\\bin\\dcmdump.exe', version: "*"}
"""
TASKS = """
  tasks:
    - name: One setting
      ansible.windows.win_file: {path: 'C:\\Data', state: directory}
"""
WITH = "- hosts: all" + TASKS
WITHOUT = "- hosts: all\n  vars: {winbake_tools: false}" + TASKS


def project(folder: Path, playbook: str, manifest: str = MANIFEST) -> tuple[Project, InventoryHost]:
    (folder / "manifest.yaml").write_text(manifest, encoding="utf-8")
    (folder / "inventory.yaml").write_text("all: {hosts: {master: {ansible_host: 127.0.0.1}}}\n", encoding="utf-8")
    (folder / "playbooks").mkdir()
    (folder / "playbooks" / "master.yml").write_text(playbook, encoding="utf-8")
    (host,) = load_inventory(folder / "inventory.yaml").select(None, "all")
    return Project.at(folder), host


def names(folder: Path, playbook: str) -> list[str]:
    return [wanted.resource.identity.id for wanted in load_wish(*project(folder, playbook)).wanted]


def test_a_play_goes_with_the_tools_unless_it_says_otherwise(tmp_path: Path) -> None:
    assert "tool dcmtk" in names(tmp_path, WITH)


def test_a_play_without_tools_has_only_its_own_tasks(tmp_path: Path) -> None:
    assert names(tmp_path, WITHOUT) == [r"file C:\Data"]


def test_a_broken_manifest_does_not_stop_a_play_that_goes_without_it(tmp_path: Path) -> None:
    wish = load_wish(*project(tmp_path, WITHOUT, manifest="tools: [broken"))
    assert len(wish.wanted) == 1


def test_plays_of_one_playbook_must_agree(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give them playbooks of their own"):
        names(tmp_path, WITH + WITHOUT)


@pytest.mark.parametrize("value", ["never", "0", "'false'"])
def test_anything_but_true_and_false_is_an_error_with_its_line(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match=r"master\.yml:2.*write true or false"):
        names(tmp_path, WITHOUT.replace("false", value))
