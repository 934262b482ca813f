"""Ansible tasks as resources: module names and parameters are Ansible's, a documented part of them.

A parameter that is not supported is an error with file and line. The table `MODULES` is the whole list.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from winbake.config.errors import ConfigError, Problem, nearest
from winbake.config.manifest import Detect, Install
from winbake.config.playbook import Task
from winbake.config.templates import TemplateProblem, evaluate, render_file, render_value
from winbake.config.validation import problems_of
from winbake.resources import (
    access,
    accounts,
    archives,
    features,
    lockdown,
    machine,
    optional_features,
    restart,
    scheduled_task,
    shortcuts,
    updates,
)
from winbake.resources import module_parameters as parameters
from winbake.resources.detection import Detection
from winbake.resources.files import LARGEST_TEXT, FileContent, FilePresence, text_bytes
from winbake.resources.firewall import FirewallRuleResource
from winbake.resources.model import Identity, Resource
from winbake.resources.package import Download, Package
from winbake.resources.path import EnvironmentVariable, PathEntryResource
from winbake.resources.sending import SentFile, look_at
from winbake.resources.settings import REGISTRY_KINDS, Command, RegistryValue, WindowsService, registry_key
from winbake.resources.task_building import BadParameter, Builder, ModuleTable, named
from winbake.resources.wish import Wanted

# ---- the builders ---------------------------------------------------------------------------------------


def _registry(task: Task, p: parameters.RegistryParameters, identity: Identity) -> list[Resource]:
    try:
        key = registry_key(p.path)
    except ValueError as error:
        raise BadParameter(f"path: {error}") from None
    if p.state == "absent" and not p.name and p.delete_key:
        raise BadParameter(
            "without a name Ansible deletes the whole key, which winbake does not: give the value's name, "
            "or delete_key: no for the key's default value"
        )
    data: Any = p.data
    if p.state == "present":
        data = _registry_data(p.type, p.data)
    return [
        RegistryValue(
            named(identity, "setting", identity.name),
            key,
            p.name,
            REGISTRY_KINDS[p.type],
            data,
            present=p.state == "present",
        )
    ]


def _registry_data(kind: str, data: Any) -> Any:
    if kind in ("dword", "qword"):
        try:
            number = int(str(data), 0)
        except ValueError:
            raise BadParameter(f"data: {data!r} is not a whole number, which type {kind} needs") from None
        bits = 32 if kind == "dword" else 64
        if not -(1 << (bits - 1)) <= number < (1 << bits):
            raise BadParameter(f"data: {number} does not fit into a {kind}")
        return number % (1 << bits)
    if kind == "multistring":
        return [str(item) for item in (data if isinstance(data, list) else [data])]
    if kind == "binary":
        text = str(data).lower().removeprefix("hex:").replace(",", "").replace(" ", "")
        if not re.fullmatch(r"([0-9a-f]{2})*", text):
            raise BadParameter("data: write binary data as hex:be,ef")
        return text
    return "" if data is None else str(data)


def _environment(task: Task, p: parameters.EnvironmentParameters, identity: Identity) -> list[Resource]:
    if p.variables and p.name:
        raise BadParameter("give either variables or name with value")
    wanted: dict[str, str | None] = dict(p.variables)
    if p.name:
        wanted[p.name] = None if p.state == "absent" else p.value
    if not wanted:
        raise BadParameter("name (or variables) is missing")
    if any(name.upper() == "PATH" for name in wanted):
        raise BadParameter("PATH is changed with win_path, which keeps the other entries")
    kind = "variable"
    return [EnvironmentVariable(named(identity, kind, name), name, value) for name, value in wanted.items()]


def _path(task: Task, p: parameters.PathParameters, identity: Identity) -> list[Resource]:
    present = p.state == "present"
    return [
        PathEntryResource(
            named(identity, "path", e), e, "last", None, tuple(p.elements[:i]), tuple(p.elements[i + 1 :]), present
        )
        for i, e in enumerate(p.elements)
    ]


def _file(task: Task, p: parameters.FileParameters, identity: Identity) -> list[Resource]:
    states = {"directory": "directory", "touch": "file", "file": "existing file", "absent": "absent", None: "existing"}
    return [FilePresence(named(identity, "file", p.path), p.path, states[p.state])]


def _copy(task: Task, p: parameters.CopyParameters, identity: Identity) -> list[Resource]:
    if (p.content is None) == (p.src is None):
        raise BadParameter("give either content or src")
    dest = p.dest
    if p.content is not None:
        content, origin = p.content.encode("utf-8"), "content of the task"
    else:
        path = _find(task, str(p.src), "files")
        if dest.endswith(("\\", "/")):
            dest += path.name
        if path.stat().st_size > LARGEST_TEXT:
            return [SentFile(named(identity, "file", dest), dest, look_at(path, str(path)), str(p.src))]
        content, origin = path.read_bytes(), str(p.src)
    return [FileContent(named(identity, "file", dest), dest, content, origin)]


def _template(
    task: Task, p: parameters.TemplateParameters, identity: Identity, variables: dict[str, Any]
) -> list[Resource]:
    path = _find(task, p.src, "templates")
    try:
        text = render_file(path, variables)
    except TemplateProblem as problem:
        raise BadParameter(f"{path.name}{f', line {problem.line}' if problem.line else ''}: {problem}") from None
    ending = p.newline_sequence.replace("\\r", "\r").replace("\\n", "\n")
    content = text_bytes(text, ending)
    return [FileContent(named(identity, "file", p.dest), p.dest, content, f"template {p.src}")]


def _service(task: Task, p: parameters.ServiceParameters, identity: Identity) -> list[Resource]:
    state = {"started": "running", "restarted": "running", "stopped": "stopped", None: None}[p.state]
    identity = named(identity, "service", p.name)
    return [WindowsService(identity, p.name, p.start_mode, state, restart=p.state == "restarted")]


def _firewall(task: Task, p: parameters.FirewallParameters, identity: Identity) -> list[Resource]:
    anything = {"any", ""}
    return [
        FirewallRuleResource(
            named(identity, "firewall", p.name),
            p.name,
            p.protocol,
            tuple(port for port in p.localport if port.lower() not in anything),
            p.direction,
            p.action,
            tuple(a for a in p.remoteip if a.lower() not in anything),
            tuple(x.lower() for x in p.profiles),
            p.program,
            p.enabled,
            p.state == "present",
        )
    ]


def _command(task: Task, p: parameters.CommandParameters, identity: Identity) -> list[Resource]:
    if (p.line is None) == (p.argv is None):
        raise BadParameter("give the command line, or argv")
    line = (
        p.line
        if p.line is not None
        else " ".join(f'"{a}"' if re.search(r"\s", a) or not a else a for a in p.argv or [])
    )
    return [Command(named(identity, "command", identity.name), line, "none", p.creates, p.removes, p.chdir, p.stdin)]


def _shell(task: Task, p: parameters.ShellParameters, identity: Identity) -> list[Resource]:
    return [
        Command(
            named(identity, "command", identity.name), p.line, p.executable, p.creates, p.removes, p.chdir, p.stdin
        )
    ]


def _package(task: Task, p: parameters.PackageParameters, identity: Identity) -> list[Resource]:
    if p.product_id:
        detect = (
            Detect(product_code=p.product_id, version="*")
            if p.product_id.startswith("{")
            else Detect(display_name=f"^{re.escape(p.product_id)}$", version="*")
        )
    elif p.creates_path:
        detect = Detect(file=p.creates_path, version=p.creates_version)
    else:
        raise BadParameter("product_id or creates_path is missing: without one nobody can tell whether it is installed")
    path = p.path or ""
    is_msi = path.lower().endswith(".msi") or (not path and (p.product_id or "").startswith("{"))
    codes = {"exit_codes": [c for c in p.expected_return_code if c not in (3010, 1641)] or [0]}
    if not is_msi and not p.arguments and p.state == "present":
        raise BadParameter("arguments is missing: an exe without silent arguments opens a dialog and waits")
    install = Install(type="msi" if is_msi else "exe", arguments=p.arguments or "/qn /norestart", **codes)
    source = local = None
    if p.checksum and not p.checksum_algorithm:
        raise BadParameter("checksum_algorithm is missing: write sha256 (Ansible takes a checksum without it for sha1)")
    if path.startswith(("http://", "https://")):
        source = Download(path, p.checksum.lower() if p.checksum else None)
    else:
        local = path or None
    identity = named(identity, "tool", identity.name)
    version = p.creates_version or "as packaged"
    return [
        Package(
            identity,
            version,
            install,
            Detection(detect, version),
            source,
            local_file=local,
            present=p.state == "present",
        )
    ]


def _find(task: Task, name: str, folder: str) -> Path:
    """A role's file: in files/ or templates/ of the role or playbook, or beside it."""
    for path in (task.base / folder / name, task.base / name):
        if path.is_file():
            return path
    raise BadParameter(f"src: no such file: {folder}/{name} in {task.base.name}")


_OTHER_TABLES: tuple[ModuleTable, ...] = (
    access.MODULES,
    accounts.MODULES,
    archives.MODULES,
    features.MODULES,
    lockdown.MODULES,
    machine.MODULES,
    optional_features.MODULES,
    shortcuts.MODULES,
    scheduled_task.MODULES,
    updates.MODULES,
    restart.MODULES,
)
MODULES: dict[str, tuple[type[parameters.ModuleParameters], Builder]] = {
    "ansible.windows.win_regedit": (parameters.RegistryParameters, _registry),
    "ansible.windows.win_environment": (parameters.EnvironmentParameters, _environment),
    "ansible.windows.win_path": (parameters.PathParameters, _path),
    "ansible.windows.win_file": (parameters.FileParameters, _file),
    "ansible.windows.win_copy": (parameters.CopyParameters, _copy),
    "ansible.windows.win_template": (parameters.TemplateParameters, _template),
    "ansible.windows.win_service": (parameters.ServiceParameters, _service),
    "community.windows.win_firewall_rule": (parameters.FirewallParameters, _firewall),
    "ansible.windows.win_command": (parameters.CommandParameters, _command),
    "ansible.windows.win_shell": (parameters.ShellParameters, _shell),
    "ansible.windows.win_package": (parameters.PackageParameters, _package),
}
for _table in _OTHER_TABLES:
    MODULES |= _table
_SHORT = {name.rsplit(".", 1)[-1]: name for name in MODULES}


def wanted_of_tasks(tasks: tuple[Task, ...], facts_names: frozenset[str], handlers: bool = False) -> list[Wanted]:
    """The resources of a play's tasks. `facts_names`: names that a `when` may use although they are known only later.

    Raises ConfigError with every problem.
    """
    problems: list[Problem] = []
    wanted: list[Wanted] = []
    for task in tasks:
        try:
            wanted += _of_task(task, facts_names, handlers)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return wanted


def _of_task(task: Task, facts_names: frozenset[str], handler: bool) -> list[Wanted]:
    full = _SHORT.get(task.module, task.module)
    if full not in MODULES:
        hint = nearest(full, MODULES) or nearest(task.module, _SHORT)
        raise ConfigError([task.problem(f"module {task.module} is not supported (see docs/ansible.md){hint}")])
    try:
        variables = _rendered_variables(task)
        later = tuple(c for c in task.when if _needs_facts(c, facts_names))
        wanted = []
        for item_variables in _loop(task, variables):
            if all(_truth(c, item_variables) for c in task.when if c not in later):
                for resource in _build(task, full, item_variables):
                    answers_to = (task.name, *task.listen) if handler else ()
                    wanted.append(Wanted(resource, later, item_variables, task.notify, answers_to, task.name))
    except TemplateProblem as problem:
        raise ConfigError([task.problem(f"{task.name}: {problem}")]) from None
    return wanted


def _rendered_variables(task: Task) -> dict[str, Any]:
    """Variables may refer to each other; each is rendered with the raw ones as far as it needs them."""
    variables = {**task.defaults, **task.variables}
    for _ in range(5):
        rendered = {key: render_value(value, variables) for key, value in variables.items()}
        if rendered == variables:
            break
        variables = rendered
    return variables


def _needs_facts(condition: str, facts_names: frozenset[str]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", condition) for name in facts_names)


def _truth(condition: str, variables: dict[str, Any]) -> bool:
    return bool(evaluate(condition, variables))


def _loop(task: Task, variables: dict[str, Any]) -> list[dict[str, Any]]:
    if task.loop is None:
        return [variables]
    items = render_value(task.loop, variables)
    if not isinstance(items, list):
        raise TemplateProblem(f"loop: must be a list, not {type(items).__name__}")
    return [{**variables, task.loop_variable: item} for item in items]


def _build(task: Task, module: str, variables: dict[str, Any]) -> list[Resource]:
    model, builder = MODULES[module]
    arguments = {key: render_value(value, variables) for key, value in task.arguments.items()}
    try:
        given = model.model_validate(arguments)
    except ValidationError as error:
        document = _TaskDocument(task)
        short = module.rsplit(".", 1)[-1]
        found = problems_of(error, model, document)  # type: ignore[arg-type]
        raise ConfigError([Problem(p.file, p.line, f"{short}: {p.message}") for p in found]) from None
    identity = Identity("task", task.name, task.tags, f"{task.file}:{task.line}", task.no_log)
    if task.loop is not None:
        item = variables.get(task.loop_variable)
        identity = Identity("task", f"{task.name} ({item})", task.tags, identity.where, task.no_log)
    try:
        if builder is _template:
            return builder(task, given, identity, variables)
        return builder(task, given, identity)
    except BadParameter as error:
        raise ConfigError([task.problem(f"{module.rsplit('.', 1)[-1]}: {error}")]) from None
    except OSError as error:
        raise ConfigError([task.problem(f"{module.rsplit('.', 1)[-1]}: {error.strerror}: {error.filename}")]) from None


class _TaskDocument:
    """Lets a task stand for its document: every problem is in the task's line."""

    def __init__(self, task: Task) -> None:
        self.file = task.file
        self._line = task.line

    def line(self, location: Any) -> int:
        return self._line
