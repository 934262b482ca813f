"""Playbooks and roles: the declarative part of Ansible, everything else named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from winbake.config.errors import ConfigError
from winbake.config.inventory import load_inventory
from winbake.config.playbook import load_playbook
from winbake.config.project import Project
from winbake.engine.facts import FACT_NAMES
from winbake.engine.wish import load_wish
from winbake.resources.from_tasks import wanted_of_tasks
from winbake.resources.wish import Wanted

PLAY = """\
- name: Test
  hosts: all
  vars: {folder: 'C:\\Data', level: 1}
  roles: [base]
"""
TASKS = """\
- name: Folder
  ansible.windows.win_file: {path: '{{ folder }}', state: directory}
- name: Value
  win_regedit: {path: 'HKLM:\\SOFTWARE\\X', name: '{{ item }}', type: dword, data: '{{ level }}'}
  loop: [a, b]
  notify: again
"""
HANDLERS = """\
- name: again
  ansible.windows.win_service: {name: X, state: restarted}
"""


def project(tmp_path: Path, tasks: str = TASKS, play: str = PLAY) -> Path:
    (tmp_path / "playbooks").mkdir()
    for part, text in (("tasks", tasks), ("handlers", HANDLERS)):
        (tmp_path / "roles" / "base" / part).mkdir(parents=True)
        (tmp_path / "roles" / "base" / part / "main.yml").write_text(text, encoding="utf-8")
    path = tmp_path / "playbooks" / "master.yml"
    path.write_text(play, encoding="utf-8")
    return path


def load(path: Path) -> tuple[list[Wanted], list[Wanted]]:
    wanted, handlers = [], []
    for play in load_playbook(path):
        wanted += wanted_of_tasks((*play.before, *play.after), FACT_NAMES)
        handlers += wanted_of_tasks(play.handlers, FACT_NAMES, handlers=True)
    return wanted, handlers


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [str(p) for p in caught.value.problems]


def test_tasks_become_resources(tmp_path: Path) -> None:
    wanted, handlers = load(project(tmp_path))
    assert [w.resource.identity.id for w in wanted] == ["file C:\\Data", "setting Value (a)", "setting Value (b)"]
    assert wanted[1].notify == ("again",)
    assert handlers[0].handler == ("again",)
    assert wanted[1].resource.identity.where.endswith("roles/base/tasks/main.yml:3")


@pytest.mark.parametrize(
    ("tasks", "wanted"),
    [
        ("- name: A\n  block: []\n" + TASKS, "main.yml:2: 'block' is not supported (see docs/ansible.md); the other 2 tasks are fine"),
        (TASKS + "- name: B\n  win_file: {path: x}\n  register: r\n", "main.yml:9: 'register' is not supported"),
        (TASKS.replace("notify: again", "notify: agian"), "main.yml:3: notify: no handler 'agian'; did you mean again?"),
        (TASKS.replace("win_regedit", "win_regedt"), "main.yml:3: module win_regedt is not supported (see docs/ansible.md); did you mean win_regedit?"),
        (TASKS.replace("state: directory", "state: dir"), "main.yml:1: win_file: state: 'dir' is not one of directory, file, touch, absent"),
        (TASKS.replace("path: 'HKLM", "pth: 'HKLM"), "win_regedit: pth: no such key; did you mean path?"),
        (TASKS.replace("'HKLM:\\", "'HKXX:\\"), "does not begin with a hive"),
        (TASKS.replace("{{ level }}", "{{ no }}"), "main.yml:3: Value: 'no' is undefined"),
        (TASKS.replace("data: '{{ level }}'", "data: many"), "data: 'many' is not a whole number, which type dword needs"),
        (TASKS.replace("loop: [a, b]", "loop: '{{ folder }}'"), "loop: must be a list, not str"),
        ("- name: A\n  whne: x\n  win_file: {path: x}\n", "main.yml:2: A: whne: no such keyword, or a second module in one task; did you mean when?"),
        ("- name: A\n", "main.yml:1: A: this task names no module"),
        ("- win_path: {elements: C:\\x, scope: user}\n", "win_path: scope: 'user' is not one of machine"),
        ("- win_environment: {name: PATH, value: x, level: machine}\n", "PATH is changed with win_path"),
        ("- win_template: {src: no.j2, dest: C:\\x}\n", "src: no such file: templates/no.j2 in base"),
        ("- win_regedit: {path: 'HKLM:\\SOFTWARE\\X', state: absent}\n", "without a name Ansible deletes the whole key"),
        ("- win_environment: {name: A, value: x}\n", "win_environment: level: is missing"),
        ("- win_package: {path: 'https://h/x.msi', product_id: X, checksum: ab}\n", "checksum_algorithm is missing: write sha256"),
        ("- win_package: {path: 'https://h/x.exe', arguments: /S}\n", "product_id or creates_path is missing"),
    ],
)  # fmt: skip
def test_mistakes_in_tasks(tmp_path: Path, tasks: str, wanted: str) -> None:
    found = problems(project(tmp_path, tasks))
    assert any(wanted in text for text in found), found


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("hosts: all", "host: all", "master.yml:2: host: no such keyword in a play; did you mean hosts?"),
        ("  roles: [base]", "  roles: [bsae]", "no role 'bsae' in roles/; did you mean base?"),
        ("  roles: [base]", "  become: true\n  roles: [base]", "master.yml:4: 'become' is not supported (see docs/ansible.md)"),
        ("level: 1", "on: 1", "master.yml:3: YAML reads the key 'on' as true: put it in quotes"),
        ("  roles: [base]", "  vars_files: [no.yml]", "vars_files: no such file"),
    ],
)
def test_mistakes_in_plays(tmp_path: Path, old: str, new: str, wanted: str) -> None:
    found = problems(project(tmp_path, play=PLAY.replace(old, new)))
    assert any(wanted in text for text in found), found


def test_when_on_variables_is_decided_at_load_and_on_facts_later(tmp_path: Path) -> None:
    tasks = (
        "- name: never\n  win_file: {path: x, state: directory}\n  when: level == 2\n"
        "- name: later\n  win_file: {path: y, state: directory}\n  when: ansible_facts.os_name is search('2022')\n"
    )
    (later,) = load(project(tmp_path, tasks))[0]
    assert later.task == "later"
    assert later.when


def test_a_template_with_an_undefined_name(tmp_path: Path) -> None:
    path = project(tmp_path, "- win_template: {src: a.j2, dest: 'C:\\a'}\n")
    (tmp_path / "roles" / "base" / "templates").mkdir()
    (tmp_path / "roles" / "base" / "templates" / "a.j2").write_text("{{ foldr }}", encoding="utf-8")
    assert any("'foldr' is undefined; did you mean folder?" in text for text in problems(path))


def test_the_inventory_is_stronger_than_a_roles_defaults_and_weaker_than_the_play(tmp_path: Path) -> None:
    """Ansible's order, weakest first: role defaults, inventory, play vars, role vars."""
    tasks = "- name: Folder\n  win_file: {path: 'C:\\{{ a }}{{ b }}{{ c }}{{ d }}', state: directory}\n"
    play = "- name: Test\n  hosts: all\n  vars: {b: play, c: play}\n  roles: [base]\n"
    project(tmp_path, tasks, play)
    for part, text in (("defaults", "{a: -, b: -, c: -, d: default}"), ("vars", "{c: role}")):
        (tmp_path / "roles" / "base" / part).mkdir()
        (tmp_path / "roles" / "base" / part / "main.yml").write_text(text, encoding="utf-8")
    for name, text in (
        ("manifest.yaml", "schema: 1\nimage: {name: test}\ntools: {}\n"),
        ("inventory.yaml", "all: {hosts: {one: {a: host, b: host, c: host}}}\n"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")

    (host,) = load_inventory(tmp_path / "inventory.yaml").select(None)
    wish = load_wish(Project.at(tmp_path), host)
    assert [w.resource.identity.id for w in wish.wanted] == ["file C:\\hostplayroledefault"]


def test_hosts_are_one_name_or_several(tmp_path: Path) -> None:
    for number, hosts in enumerate(("one,masters", "[one, masters]")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (play,) = load_playbook(project(folder, play=PLAY.replace("hosts: all", f"hosts: {hosts}")))
        assert play.hosts == "one,masters"


def test_a_pattern_of_hosts_is_refused_not_passed_over(tmp_path: Path) -> None:
    found = problems(project(tmp_path, play=PLAY.replace("hosts: all", "hosts: 'all:!one'")))
    assert len(found) == 1
    assert "master.yml:2: hosts: 'all:!one': name hosts and groups here; patterns are for --limit" in found[0]
