"""The playbooks and roles run under Ansible itself, and what winbake takes of a module is what the module documents.

`ansible-playbook` reads every playbook; `ansible-doc` gives the documentation of every module in one call. Both come
with the Python package `ansible`, which carries the collections.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_core import PydanticUndefined

from winbake.config.playbook import Task, load_playbook
from winbake.resources.from_tasks import MODULES
from winbake.resources.module_parameters import ModuleParameters, accepted_names
from winbake.resources.reference import main as module_page

PROJECT = Path(__file__).parents[2]
PLAYBOOKS = sorted((PROJECT / "playbooks").glob("*.yml"))
Options = dict[str, Any]
"""A module's documented options: name → type, required, choices, aliases, default, suboptions."""


def ansible(program: str, *arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """One of Ansible's programs beside this Python, with the project's ansible.cfg."""
    return subprocess.run(
        [sys.executable, str(Path(sys.executable).with_name(program)), *arguments],
        cwd=PROJECT,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(PROJECT / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
            **({"ANSIBLE_HOME": str(home)} if home else {}),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# ---- the playbooks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda p: p.stem)
def test_ansible_reads_the_playbook_and_finds_winbakes_tasks_in_it(playbook: Path, tmp_path: Path) -> None:
    checked = ansible("ansible-playbook", "--syntax-check", str(playbook), home=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr

    listed = ansible("ansible-playbook", "--list-tasks", str(playbook), home=tmp_path)
    assert listed.returncode == 0, listed.stdout + listed.stderr
    found = re.findall(r"^      (?:[\w-]+ : )?(\S.*?)\tTAGS: ", listed.stdout, re.MULTILINE)
    tasks = [task for play in load_playbook(playbook, PROJECT / "roles") for task in (*play.before, *play.after)]
    assert found == [task.name for task in tasks]


def test_every_role_is_in_a_playbook() -> None:
    used = {task.role for playbook in PLAYBOOKS for task in _tasks(playbook)}
    assert {folder.name for folder in (PROJECT / "roles").iterdir() if folder.is_dir()} <= used


def test_the_inventory_is_ansibles_too(tmp_path: Path) -> None:
    listed = ansible("ansible-inventory", "--list", home=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert json.loads(listed.stdout)["masters"]["hosts"] == ["master"]


def test_requirements_name_the_collections_of_every_supported_module() -> None:
    named = {one["name"] for one in yaml.safe_load((PROJECT / "requirements.yml").read_text())["collections"]}
    elsewhere = [module for module in MODULES if not module.startswith(("ansible.builtin.", "winbake.windows."))]
    assert named == {module.rpartition(".")[0] for module in elsewhere}


@pytest.mark.parametrize("module", sorted(module for module in MODULES if module.startswith("winbake.")))
def test_winbakes_own_modules_say_so_under_ansible_and_touch_nothing(module: str, tmp_path: Path) -> None:
    given = {"path": "C:\\Windows\\Temp"} if module.endswith("win_empty_folder") else {}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{module: given}]}
    book = tmp_path / "own.yml"
    book.write_text(yaml.safe_dump([play]), encoding="utf-8")
    ran = ansible("ansible-playbook", "-i", "localhost,", "-c", "local", str(book), home=tmp_path)
    assert ran.returncode == 2
    assert f"{module} is winbake's own" in ran.stdout + ran.stderr
    assert "python bake.py apply -p playbooks/lockdown.yml" in ran.stdout + ran.stderr


# ---- the modules' parameters in roles and playbooks ---------------------------------------------------------


def _tasks(playbook: Path) -> list[Task]:
    plays = load_playbook(playbook, PROJECT / "roles")
    return [task for play in plays for task in (*play.before, *play.after, *play.handlers)]


@cache
def documentation(*modules: str) -> dict[str, Options]:
    """Module → its options. A module that does not exist is not among them."""
    asked = ansible("ansible-doc", "-t", "module", "-j", *modules)
    assert asked.returncode == 0, asked.stderr
    return {name: page["doc"].get("options", {}) for name, page in json.loads(asked.stdout).items()}


def _names_in_use() -> tuple[str, ...]:
    return tuple(sorted({*MODULES, *(task.module for playbook in PLAYBOOKS for task in _tasks(playbook))}))


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda p: p.stem)
def test_every_task_is_right_by_its_modules_documentation(playbook: Path) -> None:
    documented = documentation(*_names_in_use())
    wrong = []
    for task in _tasks(playbook):
        assert task.module in documented, f"{task.file}:{task.line}: no module {task.module} (write its full name)"
        wrong += [f"{task.file}:{task.line}: {text}" for text in mistakes(task.arguments, documented[task.module])]
    assert wrong == []


def mistakes(arguments: dict[str, Any], options: Options, where: str = "") -> list[str]:
    """What a module's documentation says against these arguments."""
    owner = {alias: name for name, option in options.items() for alias in (name, *option.get("aliases", []))}
    owner |= {"_raw_params": "free_form"} if "free_form" in options else {}
    given = {owner[key]: value for key, value in arguments.items() if key in owner}
    found = [f"{where}{key}: no such parameter" for key in arguments if key not in owner]
    found += [
        f"{where}{name}: missing" for name, option in options.items() if option.get("required") and name not in given
    ]
    for name, value in given.items():
        found += _value_mistakes(value, options[name], f"{where}{name}")
    return found


def _value_mistakes(value: Any, option: dict[str, Any], where: str) -> list[str]:
    kind = option.get("type", "str")
    if value is None or (isinstance(value, str) and "{{" in value):
        return []
    if not _fits(value, kind):
        return [f"{where}: {value!r} is not of type {kind}"]
    if kind == "list":
        items = value if isinstance(value, list) else str(value).split(",")
        inner = {**option, "type": option.get("elements", "raw")}
        return [text for i, item in enumerate(items) for text in _value_mistakes(item, inner, f"{where}[{i}]")]
    if kind == "dict" and isinstance(value, dict) and "suboptions" in option:
        return mistakes(value, option["suboptions"], f"{where}.")
    choices = [str(choice) for choice in option.get("choices", [])]
    if choices and str(value) not in choices and kind != "bool":
        return [f"{where}: {value!r} is none of {', '.join(choices)}"]
    return []


def _fits(value: Any, kind: str) -> bool:
    """Whether Ansible would take the value for this type without loss."""
    if kind == "bool":
        return str(value).lower() in ("true", "false", "yes", "no", "on", "off", "1", "0")
    if kind == "int":
        return not isinstance(value, bool) and re.fullmatch(r"-?\d+", str(value)) is not None
    if kind == "float":
        return not isinstance(value, bool) and re.fullmatch(r"-?\d+(\.\d+)?", str(value)) is not None
    if kind == "list":
        return not isinstance(value, dict)
    if kind == "dict":
        return isinstance(value, dict)
    return kind == "raw" or not isinstance(value, dict | list)


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({"path": "HKLM:\\SOFTWARE\\A", "name": "x", "data": 1, "type": "dword"}, []),
        ({"key": "HKLM:\\SOFTWARE\\A", "value": "x"}, []),
        ({"path": "HKLM:\\SOFTWARE\\A", "type": "{{ kind }}"}, []),
        ({"name": "x"}, ["path: missing"]),
        ({"path": "HKLM:\\A", "nmae": "x"}, ["nmae: no such parameter"]),
        ({"path": "HKLM:\\A", "type": "word"}, ["type: 'word' is none of"]),
        ({"path": ["HKLM:\\A"]}, ["path: ['HKLM:\\\\A'] is not of type str"]),
        ({"path": "HKLM:\\A", "delete_key": "perhaps"}, ["delete_key: 'perhaps' is not of type bool"]),
    ],
)
def test_mistakes_are_found(arguments: dict[str, Any], wanted: list[str]) -> None:
    found = mistakes(arguments, documentation(*_names_in_use())["ansible.windows.win_regedit"])
    assert len(found) == len(wanted) and all(text.startswith(part) for text, part in zip(found, wanted, strict=True))


# ---- winbake's own tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("module", sorted(MODULES))
def test_what_winbake_takes_of_a_module_is_what_the_module_documents(module: str) -> None:
    documented = documentation(*_names_in_use())
    assert module in documented, f"{module} is in no collection"
    assert differences(MODULES[module][0], documented[module]) == []


def differences(model: type[ModuleParameters], options: Options) -> list[str]:
    """Where a model takes what Ansible would refuse or understand otherwise."""
    owner = {alias: name for name, option in options.items() for alias in (name, *option.get("aliases", []))}
    owner |= {"_raw_params": "free_form"} if "free_form" in options else {}
    found, seen = [], set()
    for name, field in model.model_fields.items():
        accepted = accepted_names(name, field)
        found += [f"{key} is no parameter of the module" for key in accepted if key not in owner]
        known = {owner[key] for key in accepted if key in owner}
        seen |= known
        for option in (options[key] for key in known):
            choices = {str(choice) for choice in option.get("choices", [])}
            literals = {_escaped(text) for text in _literals(field.annotation)}
            if choices and literals - choices:
                found.append(f"{name}: {sorted(literals - choices)} are none of the module's choices")
            if option.get("type") == "bool" and field.annotation not in (bool, bool | None) and not literals:
                found.append(f"{name}: true or false in Ansible")
            if option.get("required") and not field.is_required():
                found.append(f"{name}: Ansible refuses a task without it")
            ours, theirs = field.get_default(call_default_factory=True), option.get("default")
            if theirs is not None and ours not in (None, PydanticUndefined) and _plain(ours) != _plain(theirs):
                found.append(f"{name}: the default is {theirs!r} in Ansible, {ours!r} here")
    missing = [key for key, option in options.items() if option.get("required") and key not in seen]
    return found + [f"{key}: required by Ansible, unknown here" for key in missing]


def _literals(annotation: Any) -> set[str]:
    """The values of every Literal in an annotation that is one, perhaps optional or in a list."""
    if typing.get_origin(annotation) is typing.Literal:
        return {str(value) for value in typing.get_args(annotation)}
    return {text for part in typing.get_args(annotation) for text in _literals(part)}


def _escaped(text: str) -> str:
    """A line ending as the documentation spells it."""
    return text.replace("\r", "\\r").replace("\n", "\\n")


def _plain(value: Any) -> str:
    return _escaped(str(list(value) if isinstance(value, tuple) else value)).lower()


def test_the_page_of_modules_is_what_the_models_say() -> None:
    assert module_page(["--check"]) == 0, "run python -m winbake.resources.reference"
