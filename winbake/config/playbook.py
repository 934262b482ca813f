"""Playbooks and roles in Ansible's YAML: the declarative part of it.

What is not supported is an error that names file, line and keyword; nothing is passed over in silence. Which modules
exist is not known here: a task carries its module's name and arguments as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from winbake.config.document import Document, load_document
from winbake.config.errors import ConfigError, Problem, nearest

PLAY_KEYS = (
    "name", "hosts", "gather_facts", "vars", "vars_files", "roles", "pre_tasks", "tasks", "post_tasks", "handlers",
    "tags",
)  # fmt: skip
UNSUPPORTED_PLAY_KEYS = (
    "any_errors_fatal", "become", "become_method", "become_user", "collections", "connection", "environment",
    "force_handlers", "max_fail_percentage", "module_defaults", "port", "remote_user", "run_once", "serial", "strategy",
    "throttle", "vars_prompt", "ignore_errors", "import_playbook",
)  # fmt: skip
TASK_KEYS = ("name", "vars", "when", "loop", "loop_control", "tags", "notify", "no_log", "listen", "args")
UNSUPPORTED_TASK_KEYS = (
    "action", "always", "any_errors_fatal", "async", "become", "become_method", "become_user", "block", "changed_when",
    "check_mode", "connection", "delay", "delegate_facts", "delegate_to", "diff", "environment", "failed_when",
    "ignore_errors", "ignore_unreachable", "local_action", "module_defaults", "poll", "port", "register", "remote_user",
    "rescue", "retries", "run_once", "throttle", "timeout", "until", "with_items", "with_dict", "with_fileglob",
    "with_first_found", "with_together", "with_nested", "with_sequence",
)  # fmt: skip
TOOLS_VARIABLE = "winbake_tools"
"""A play's variable, which Ansible may read as well: false leaves the manifest's tools out."""
ROLE_FOLDERS = ("tasks", "handlers", "defaults", "vars", "files", "templates", "meta")
_IMPORTS = ("import_role", "ansible.builtin.import_role")
_INCLUDES = (
    "include_role", "include_tasks", "import_tasks", "include_vars", "set_fact", "include",
    "ansible.builtin.include_role", "ansible.builtin.include_tasks", "ansible.builtin.import_tasks",
    "ansible.builtin.include_vars", "ansible.builtin.set_fact",
)  # fmt: skip


@dataclass(frozen=True)
class Task:
    """One task as written, and where. `base` is the role's or playbook's folder, for files and templates."""

    name: str
    module: str
    arguments: dict[str, Any]
    file: str
    line: int
    base: Path
    variables: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    """The role's defaults: weaker than everything, the inventory's variables too."""
    when: tuple[str, ...] = ()
    loop: Any = None
    loop_variable: str = "item"
    tags: frozenset[str] = frozenset()
    notify: tuple[str, ...] = ()
    listen: tuple[str, ...] = ()
    no_log: bool = False
    role: str | None = None

    def problem(self, message: str) -> Problem:
        return Problem(self.file, self.line, message)


@dataclass(frozen=True)
class Play:
    """One play: what comes before the manifest's tools (`pre_tasks`), and what after.

    `tools`: whether it goes with them at all."""

    name: str
    hosts: str
    before: tuple[Task, ...]
    after: tuple[Task, ...]
    handlers: tuple[Task, ...]
    tools: bool = True


def load_playbook(path: Path, roles_folder: Path | None = None) -> list[Play]:
    """Raises ConfigError with every problem in the playbook and its roles."""
    document = load_document(path)
    if not isinstance(document.data, list):
        raise ConfigError([document.problem((), "a playbook is a list of plays")])
    loader = _Loader(path, roles_folder or path.parent.parent / "roles")
    plays = [loader.play(document, play, (index,)) for index, play in enumerate(document.data)]
    if loader.problems:
        raise ConfigError(sorted(loader.problems, key=lambda p: (p.file, p.line)))
    return [play for play in plays if play is not None]


class _Loader:
    def __init__(self, playbook: Path, roles_folder: Path) -> None:
        self.playbook = playbook
        self.roles_folder = roles_folder
        self.problems: list[Problem] = []
        self.handlers: list[Task] = []
        self.defaults: dict[str, Any] = {}
        """Those of the role that is being read; a role that it imports falls back to them."""

    # ---- plays --------------------------------------------------------------------------------------

    def play(self, document: Document, body: Any, at: tuple[Any, ...]) -> Play | None:
        if not isinstance(body, dict):
            self.problems.append(document.problem(at, "a play is a mapping with hosts: and tasks: or roles:"))
            return None
        self._check_keys(document, body, at, PLAY_KEYS, UNSUPPORTED_PLAY_KEYS, "play")
        if "hosts" not in body:
            self.problems.append(document.problem(at, "hosts: is missing in this play"))
        hosts = ",".join(str(part) for part in self._list(body.get("hosts", "all")))
        if re.search(r"[!&*?~\[{]", hosts):
            self.problems.append(
                document.problem(
                    (*at, "hosts"), f"hosts: {hosts!r}: name hosts and groups here; patterns are for --limit"
                )
            )
        variables = dict(self._mapping(document, body.get("vars"), (*at, "vars")))
        for index, name in enumerate(self._list(body.get("vars_files"))):
            variables.update(self._vars_file(document, (*at, "vars_files", index), self.playbook.parent / str(name)))
        tags = frozenset(self._names(body.get("tags")))
        self.handlers = []
        base = self.playbook.parent
        before = self._tasks(document, body.get("pre_tasks"), (*at, "pre_tasks"), base, variables, tags, None)
        after: list[Task] = []
        for index, role in enumerate(self._list(body.get("roles"))):
            after += self._role_entry(document, role, (*at, "roles", index), variables, tags)
        for key in ("tasks", "post_tasks"):
            after += self._tasks(document, body.get(key), (*at, key), base, variables, tags, None)
        self.handlers += self._tasks(document, body.get("handlers"), (*at, "handlers"), base, variables, tags, None)
        self._check_notifications([*before, *after])
        return Play(
            str(body.get("name", self.playbook.stem)),
            hosts,
            tuple(before),
            tuple(after),
            tuple(self.handlers),
            self._with_tools(document, body, at, variables),
        )

    def _with_tools(self, document: Document, body: Any, at: tuple[Any, ...], variables: dict[str, Any]) -> bool:
        wanted = variables.get(TOOLS_VARIABLE, True)
        if isinstance(wanted, bool):
            return wanted
        own = TOOLS_VARIABLE in self._mapping(document, body.get("vars"), (*at, "vars"))
        where = (*at, "vars", TOOLS_VARIABLE) if own else (*at, "vars_files")
        self.problems.append(document.problem(where, f"{TOOLS_VARIABLE}: {wanted!r}: write true or false"))
        return True

    def _check_notifications(self, tasks: list[Task]) -> None:
        known = {name for handler in self.handlers for name in (handler.name, *handler.listen)}
        for task in tasks:
            for name in task.notify:
                if name not in known:
                    self.problems.append(task.problem(f"notify: no handler {name!r}{nearest(name, known)}"))

    # ---- roles --------------------------------------------------------------------------------------

    def _role_entry(
        self,
        document: Document,
        entry: Any,
        at: tuple[Any, ...],
        variables: dict[str, Any],
        tags: frozenset[str],
    ) -> list[Task]:
        when: tuple[str, ...] = ()
        if isinstance(entry, str):
            name, own = entry, {}
        elif isinstance(entry, dict):
            name = str(entry.get("role", entry.get("name", "")))
            own = self._mapping(document, entry.get("vars"), (*at, "vars"))
            tags = tags | frozenset(self._names(entry.get("tags")))
            when = tuple(str(w) for w in self._list(entry.get("when")))
            self._check_keys(document, entry, at, ("role", "name", "vars", "tags", "when"), (), "role")
        else:
            self.problems.append(document.problem(at, "a role is a name, or a mapping with role:"))
            return []
        return self._role(document, at, name, {**variables, **own}, own, tags, when)

    def _role(
        self, document: Document, at: tuple[Any, ...], name: str,
        variables: dict[str, Any], own: dict[str, Any], tags: frozenset[str], when: tuple[str, ...],
    ) -> list[Task]:  # fmt: skip
        folder = self.roles_folder / name
        if not folder.is_dir():
            known = [p.name for p in self.roles_folder.iterdir() if p.is_dir()] if self.roles_folder.is_dir() else []
            self.problems.append(
                document.problem(at, f"no role {name!r} in {self.roles_folder.name}/{nearest(name, known)}")
            )
            return []
        # Ansible's order, weakest first: role defaults, inventory, play vars, role vars, vars given with the role.
        merged = {**variables, **self._role_vars(folder, "vars"), **own}
        outer = self.defaults
        self.defaults = {**outer, **self._role_vars(folder, "defaults")}
        tasks: list[Task] = []
        for part, collect in (("tasks", tasks), ("handlers", self.handlers)):
            path = self._main(folder / part)
            if path is None:
                continue
            part_document = load_document(path)
            found = self._tasks(part_document, part_document.data, (), folder, merged, tags, name, when)
            if part == "handlers":
                found = [h for h in found if all((h.file, h.line) != (k.file, k.line) for k in self.handlers)]
            collect += found
        self.defaults = outer
        return tasks

    def _role_vars(self, folder: Path, part: str) -> dict[str, Any]:
        path = self._main(folder / part)
        if path is None:
            return {}
        document = load_document(path)
        return self._mapping(document, document.data, ())

    @staticmethod
    def _main(folder: Path) -> Path | None:
        return next((p for p in (folder / "main.yml", folder / "main.yaml") if p.is_file()), None)

    # ---- tasks --------------------------------------------------------------------------------------

    def _tasks(
        self, document: Document, items: Any, at: tuple[Any, ...], base: Path,
        variables: dict[str, Any], tags: frozenset[str], role: str | None, when: tuple[str, ...] = (),
    ) -> list[Task]:  # fmt: skip
        if items is None:
            return []
        if not isinstance(items, list):
            self.problems.append(document.problem(at, "tasks are a list"))
            return []
        out: list[Task] = []
        bad: list[tuple[int, str]] = []
        for index, body in enumerate(items):
            here = (*at, index)
            out += self._task(document, body, here, base, variables, tags, role, when, bad)
        fine = len(items) - len(bad)
        for line, keyword in bad:
            rest = f"; the other {fine} tasks are fine" if len(bad) == 1 and fine > 1 else ""
            self.problems.append(
                Problem(document.file, line, f"{keyword!r} is not supported (see docs/ansible.md){rest}")
            )
        return out

    def _task(
        self, document: Document, body: Any, at: tuple[Any, ...], base: Path,
        variables: dict[str, Any], tags: frozenset[str], role: str | None, when: tuple[str, ...],
        bad: list[tuple[int, str]],
    ) -> list[Task]:  # fmt: skip
        if not isinstance(body, dict):
            self.problems.append(document.problem(at, "a task is a mapping"))
            return []
        refused = [k for k in body if k in UNSUPPORTED_TASK_KEYS or k in _INCLUDES]
        if refused:
            bad += [(document.line((*at, k)), k) for k in refused]
            return []
        modules = [k for k in body if k not in TASK_KEYS]
        name = str(body.get("name", modules[0] if modules else "task"))
        if len(modules) != 1:
            if not modules:
                self.problems.append(document.problem(at, f"{name}: this task names no module"))
            else:
                odd = next((m for m in modules if "." not in m and nearest(m, TASK_KEYS)), modules[1])
                hint = nearest(odd, TASK_KEYS)
                self.problems.append(
                    document.problem(
                        (*at, odd), f"{name}: {odd}: no such keyword, or a second module in one task{hint}"
                    )
                )
            return []
        module = modules[0]
        arguments = body[module]
        if arguments is None:
            arguments = {}
        if isinstance(arguments, str):
            arguments = {"_raw_params": arguments}
        if not isinstance(arguments, dict):
            self.problems.append(document.problem((*at, module), f"{module}: its parameters are a mapping"))
            return []
        arguments = {**arguments, **self._mapping(document, body.get("args"), (*at, "args"))}
        own = self._mapping(document, body.get("vars"), (*at, "vars"))
        all_tags = tags | frozenset(self._names(body.get("tags")))
        conditions = when + tuple(str(w) for w in self._list(body.get("when")))
        if module in _IMPORTS:
            return self._role(
                document, at, str(arguments.get("name", "")), {**variables, **own}, own, all_tags, conditions
            )
        control = self._mapping(document, body.get("loop_control"), (*at, "loop_control"))
        for key in control:
            if key not in ("loop_var", "label"):
                bad.append((document.line((*at, "loop_control", key)), f"loop_control.{key}"))
        return [
            Task(
                name=name,
                module=module,
                arguments=arguments,
                file=document.file,
                line=document.line(at),
                base=base,
                variables={**variables, **own},
                defaults=self.defaults,
                when=conditions,
                loop=body.get("loop"),
                loop_variable=str(control.get("loop_var", "item")),
                tags=all_tags,
                notify=tuple(self._names(body.get("notify"))),
                listen=tuple(self._names(body.get("listen"))),
                no_log=bool(body.get("no_log", False)),
                role=role,
            )
        ]

    # ---- small things -------------------------------------------------------------------------------

    def _check_keys(
        self, document: Document, body: dict[Any, Any], at: tuple[Any, ...],
        known: tuple[str, ...], unsupported: tuple[str, ...], what: str,
    ) -> None:  # fmt: skip
        for key in body:
            if key in unsupported:
                self.problems.append(document.problem((*at, key), f"{key!r} is not supported (see docs/ansible.md)"))
            elif key not in known:
                hint = nearest(str(key), known)
                self.problems.append(document.problem((*at, key), f"{key}: no such keyword in a {what}{hint}"))

    def _vars_file(self, document: Document, at: tuple[Any, ...], path: Path) -> dict[str, Any]:
        if not path.is_file():
            self.problems.append(document.problem(at, f"vars_files: no such file: {path}"))
            return {}
        loaded = load_document(path)
        return self._mapping(loaded, loaded.data, ())

    def _mapping(self, document: Document, value: Any, at: tuple[Any, ...]) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.problems.append(document.problem(at, f"{at[-1] if at else 'this'}: must be a mapping"))
            return {}
        return value

    @staticmethod
    def _list(value: Any) -> list[Any]:
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def _names(self, value: Any) -> list[str]:
        parts = [part.strip() for item in self._list(value) for part in str(item).split(",")]
        return [part for part in parts if part]
