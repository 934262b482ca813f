"""From the project's files to the wish for one host: manifest and lock, playbook and roles, in order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from winbake.config.errors import ConfigError, Problem
from winbake.config.inventory import InventoryHost
from winbake.config.lock import load_lock
from winbake.config.manifest import load_manifest
from winbake.config.playbook import TOOLS_VARIABLE, Play, Task, load_playbook
from winbake.config.project import Project
from winbake.engine.facts import FACT_NAMES
from winbake.resources.from_manifest import executables_in_words, resources_of_manifest
from winbake.resources.from_tasks import wanted_of_tasks
from winbake.resources.wish import Wanted, Wish

LOCK_VARIABLE = "winbake_lock"
"""An inventory variable: the lock to use for this host instead of the manifest's own."""


def load_wish(project: Project, host: InventoryHost) -> Wish:
    """Everything that is wanted of this host. Raises ConfigError with all problems of all files."""
    problems: list[Problem] = []
    before: list[Wanted] = []
    tools: list[Wanted] = []
    after: list[Wanted] = []
    handlers: list[Wanted] = []
    decided: list[str] = []
    lock_path = host.file_variable(LOCK_VARIABLE) or project.lock
    rehearsal = False
    plays: list[Play] = []
    try:
        plays = list(_plays(project, host))
        with_tools = _with_tools(project, plays)
    except ConfigError as error:
        problems += error.problems
        with_tools = True
    try:
        if with_tools:
            manifest, document = load_manifest(project.manifest)
            lock = load_lock(lock_path)
            rehearsal = lock.rehearsal
            own = manifest.for_host(host.variables)
            tools = resources_of_manifest(own, document, lock, project.media, project.templates)
            decided = executables_in_words(manifest)
    except ConfigError as error:
        problems += error.problems
    try:
        for play in plays:
            before += wanted_of_tasks(_with_variables(play.before, host), FACT_NAMES)
            after += wanted_of_tasks(_with_variables(play.after, host), FACT_NAMES)
            handlers += wanted_of_tasks(_with_variables(play.handlers, host), FACT_NAMES, handlers=True)
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError(problems)
    return Wish(
        wanted=(*before, *tools, *after),
        handlers=tuple(handlers),
        digest=_digest([*(_manifest_files(project, lock_path) if with_tools else []), *_playbook_files(project)]),
        rehearsal=rehearsal,
        decided=tuple(decided),
        root=project.manifest.parent,
    )


def _plays(project: Project, host: InventoryHost) -> Iterable[Play]:
    if not project.playbook.exists():
        return
    for play in load_playbook(project.playbook, project.roles):
        names = {part.strip() for part in play.hosts.replace(":", ",").split(",")}
        if names & {"all", host.name, *host.groups}:
            yield play


def _with_tools(project: Project, plays: list[Play]) -> bool:
    """Whether the manifest's tools are wanted; without a play for the host they are. Raises ConfigError if its plays do
    not agree."""
    answers = {play.tools for play in plays}
    if len(answers) > 1:
        said = f"some plays go with the manifest's tools, others not ({TOOLS_VARIABLE}: false)"
        raise ConfigError([Problem(str(project.playbook), 0, f"{said}: give them playbooks of their own")])
    return answers != {False}


def _manifest_files(project: Project, lock: Path) -> list[Path]:
    return [project.manifest, lock, *_files_in(project.templates)]


def _with_variables(tasks: tuple[Task, ...], host: InventoryHost) -> tuple[Task, ...]:
    """Tasks with the host's variables behind their own, and Ansible's names for the host."""
    names = {"inventory_hostname": host.name, "group_names": list(host.groups)}
    public = {k: v for k, v in host.variables.items() if k != "ansible_password"}
    return tuple(replace(task, variables={**public, **names, **task.variables}) for task in tasks)


def _playbook_files(project: Project) -> list[Path]:
    """The playbook and every file of the roles folder: a changed template is a changed wish."""
    files = [project.playbook] if project.playbook.exists() else []
    return files + _files_in(project.roles)


def _files_in(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file()) if folder.is_dir() else []


def _digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in files:
        total.update(path.name.encode() + b"\0")
        if path.exists():
            total.update(path.read_bytes())
        total.update(b"\0")
    return total.hexdigest()[:16]
