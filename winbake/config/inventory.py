"""`inventory.yaml`: Ansible's YAML inventory, so that `ansible-inventory --list` reads the same file.

Variables come, weakest first, from `all`, outer groups, inner groups, `group_vars/`, the host and `host_vars/`.
"""

from __future__ import annotations

import fnmatch
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from winbake.config.document import Document, load_document
from winbake.config.errors import ConfigError, Problem, nearest
from winbake.config.secret import Secret
from winbake.config.templates import TemplateProblem, render_value

_GROUP_KEYS = ("hosts", "children", "vars")
CONNECTIONS = ("winrm", "ssh", "local")
_TRANSPORTS = ("ntlm", "basic")
SECRET_ENDING = "_password"
"""A variable whose name ends so is a Secret: it goes whole into a task's parameter, and is never shown."""


class _Undefined:
    """Ansible's `undef(hint=…)`, as the default of a lookup."""

    def __init__(self, hint: str) -> None:
        self.hint = f": {hint}" if hint else ""


@dataclass(frozen=True)
class InventoryHost:
    """One host with all variables that hold for it."""

    name: str
    groups: tuple[str, ...]
    variables: dict[str, Any] = field(compare=False)
    file: str = ""
    line: int = 0

    @property
    def address(self) -> str:
        return str(self.variables.get("ansible_host", self.name))

    @property
    def connection(self) -> str:
        return str(self.variables.get("ansible_connection", "winrm"))

    @property
    def scheme(self) -> str:
        given = self.variables.get("ansible_winrm_scheme")
        return str(given) if given else ("http" if self.variables.get("ansible_port") == 5985 else "https")

    @property
    def port(self) -> int:
        return int(self.variables.get("ansible_port", 5985 if self.scheme == "http" else 5986))

    @property
    def transport(self) -> str:
        given = self.variables.get("ansible_winrm_transport", "ntlm")
        return str(given[0] if isinstance(given, list) else given)

    @property
    def user(self) -> str:
        return str(self.variables.get("ansible_user", "Administrator"))

    @property
    def password(self) -> Secret | None:
        """The password that the inventory gives (mostly by `lookup('env', …)`); None if it leaves it open."""
        given = self.variables.get("ansible_password")
        return given if isinstance(given, Secret) and given else None

    def file_variable(self, name: str) -> Path | None:
        """A variable that names a file, relative to the inventory."""
        value = self.variables.get(name)
        return None if value is None else (Path(self.file).parent / str(value))


@dataclass(frozen=True)
class Inventory:
    file: str
    hosts: tuple[InventoryHost, ...]
    groups: dict[str, tuple[str, ...]]

    def select(self, limit: str | None, among: str = "all") -> list[InventoryHost]:
        """Hosts of `among` (a play's `hosts:`) that `limit` leaves: names, groups, wildcards, `!name`, commas.

        Raises ConfigError if a pattern names nothing.
        """
        chosen = self._match(among)
        if limit:
            kept = self._match(limit)
            chosen = [host for host in chosen if host in kept]
        return chosen

    def _match(self, pattern: str) -> list[InventoryHost]:
        included: list[InventoryHost] = []
        excluded: set[str] = set()
        parts = [p.strip() for p in pattern.replace(":", ",").split(",") if p.strip()]
        if parts and all(p.startswith("!") for p in parts):
            included = list(self.hosts)
        for part in parts:
            names = self._names(part.lstrip("!"))
            if part.startswith("!"):
                excluded |= names
            else:
                included += [h for h in self.hosts if h.name in names and h not in included]
        return [h for h in self.hosts if h in included and h.name not in excluded]

    def _names(self, pattern: str) -> set[str]:
        if pattern in ("all", "*"):
            return {h.name for h in self.hosts}
        names = {h.name for h in self.hosts if fnmatch.fnmatchcase(h.name, pattern)}
        for group, members in self.groups.items():
            if fnmatch.fnmatchcase(group, pattern):
                names |= set(members)
        if not names and not any(c in pattern for c in "*?["):
            known = [*(h.name for h in self.hosts), *self.groups]
            raise ConfigError([Problem(self.file, 0, f"no host or group {pattern!r}{nearest(pattern, known)}")])
        return names


def load_inventory(path: Path, environment: dict[str, str] | None = None) -> Inventory:
    """Raises ConfigError. `environment` is what `lookup('env', …)` reads (default: this process's)."""
    document = load_document(path)
    loader = _Loader(document, path.parent, dict(os.environ) if environment is None else environment)
    return loader.load()


class _Loader:
    def __init__(self, document: Document, folder: Path, environment: dict[str, str]) -> None:
        self.document = document
        self.folder = folder
        self.environment = environment
        self.problems: list[Problem] = []
        self.members: dict[str, list[str]] = {}
        self.group_variables: dict[str, dict[str, Any]] = {}
        self.host_variables: dict[str, dict[str, Any]] = {}
        self.depth: dict[str, int] = {}
        self.host_lines: dict[str, int] = {}
        self.parents: dict[str, set[str]] = {}
        self.asked: list[str] = []
        """The environment variables that the value being rendered has looked up."""
        self.unset: list[str] = []
        """What is said of those that must be set and are not. A password's are said by the plan of what needs it."""

    def load(self) -> Inventory:
        data = self.document.data
        if not isinstance(data, dict):
            raise ConfigError([self.document.problem((), "an inventory is a mapping of groups, such as all:")])
        for name, group in data.items():
            self._group(str(name), group, (name,), 0 if name == "all" else 1)
        hosts = [self._host(name) for name in self.host_lines]
        if self.problems:
            raise ConfigError(sorted(self.problems, key=lambda p: p.line))
        groups = {name: tuple(self._all_members(name)) for name in self.group_variables}
        return Inventory(self.document.file, tuple(hosts), groups)

    def _group(self, name: str, body: Any, at: tuple[Any, ...], depth: int) -> None:
        self.group_variables.setdefault(name, {})
        self.members.setdefault(name, [])
        self.depth[name] = max(depth, self.depth.get(name, 0))
        if body is None:
            return
        if not isinstance(body, dict):
            self.problems.append(
                self.document.problem(at, f"{name}: a group is a mapping with {', '.join(_GROUP_KEYS)}")
            )
            return
        for key in body:
            if key not in _GROUP_KEYS:
                hint = nearest(str(key), _GROUP_KEYS)
                self.problems.append(self.document.problem((*at, key), f"{name}.{key}: no such key in a group{hint}"))
        self.group_variables[name].update(self._mapping(body.get("vars"), (*at, "vars")))
        for host, variables in self._mapping(body.get("hosts"), (*at, "hosts")).items():
            here = (*at, "hosts", host)
            self.host_lines.setdefault(str(host), self.document.line(here))
            self.host_variables.setdefault(str(host), {}).update(self._mapping(variables, here))
            self.members[name].append(str(host))
        for child, child_body in self._mapping(body.get("children"), (*at, "children")).items():
            self.parents.setdefault(str(child), set()).add(name)
            self._group(str(child), child_body, (*at, "children", child), depth + 1)

    def _mapping(self, value: Any, at: tuple[Any, ...]) -> dict[Any, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.problems.append(self.document.problem(at, f"{at[-1]}: must be a mapping"))
            return {}
        return value

    def _all_members(self, group: str) -> list[str]:
        names = list(self.members.get(group, []))
        for child, parents in self.parents.items():
            if group in parents:
                names += self._all_members(child)
        if group == "all":
            names += list(self.host_lines)
        return list(dict.fromkeys(names))

    def _host(self, name: str) -> InventoryHost:
        groups = [g for g in self.group_variables if name in self._all_members(g)]
        groups.sort(key=lambda g: self.depth[g])
        variables: dict[str, Any] = {}
        for group in dict.fromkeys(["all", *groups]):
            variables.update(self.group_variables.get(group, {}))
            variables.update(self._file_variables("group_vars", group))
        variables.update(self.host_variables[name])
        variables.update(self._file_variables("host_vars", name))
        line = self.host_lines[name]
        known = {
            **variables,
            "inventory_hostname": name,
            "group_names": groups,
            "lookup": self._lookup,
            "undef": lambda hint="": _Undefined(str(hint)),
        }
        rendered: dict[str, Any] = {}
        for key, value in variables.items():
            self.asked, self.unset = [], []
            try:
                rendered[key] = render_value(value, known)
            except TemplateProblem as problem:
                self.problems.append(Problem(self.document.file, line, f"{name}.{key}: {problem}"))
                continue
            if key.endswith(SECRET_ENDING):
                rendered[key] = Secret(str(rendered[key]), ", ".join(self.asked))
            else:
                self.problems += [Problem(self.document.file, line, f"{name}.{key}: {words}") for words in self.unset]
        host = InventoryHost(name, tuple(groups), rendered, str(self.folder / Path(self.document.file).name), line)
        self._check(host)
        return host

    def _check(self, host: InventoryHost) -> None:
        def complain(message: str) -> None:
            self.problems.append(Problem(self.document.file, host.line, f"{host.name}: {message}"))

        if host.connection not in CONNECTIONS:
            hint = nearest(host.connection, CONNECTIONS)
            complain(f"ansible_connection {host.connection!r} is not one of {', '.join(CONNECTIONS)}{hint}")
        port = host.variables.get("ansible_port")
        if port is not None and not (isinstance(port, int) and 0 < port < 65536):
            complain(f"ansible_port {port!r} is not a port number")
        if host.scheme not in ("http", "https"):
            complain(f"ansible_winrm_scheme {host.scheme!r} is not http or https")
        if host.transport not in _TRANSPORTS:
            complain(f"ansible_winrm_transport {host.transport!r} is not one of {', '.join(_TRANSPORTS)}")
        if host.transport == "basic" and host.scheme == "http":
            complain("basic over http would send the password in the clear: use https, or ntlm")

    def _file_variables(self, folder: str, name: str) -> dict[str, Any]:
        for ending in (".yaml", ".yml"):
            path = self.folder / folder / (name + ending)
            if path.is_file():
                data = load_document(path).data or {}
                if not isinstance(data, dict):
                    raise ConfigError([Problem(str(path), 1, "must be a mapping of variables")])
                return data
        return {}

    def _lookup(self, plugin: str, *names: str, **options: Any) -> str:
        """Ansible's lookup, of which winbake needs two: the environment, and a file's text without its line end."""
        if plugin == "env":
            self.asked += names
            default = options.get("default", "")
            if isinstance(default, _Undefined):
                missing = [n for n in names if n not in self.environment]
                self.unset += [f"the environment variable {n} is not set{default.hint}" for n in missing]
                default = ""
            return ",".join(self.environment.get(n, str(default)) for n in names)
        if plugin == "file":
            try:
                return ",".join((self.folder / n).read_text(encoding="utf-8").rstrip("\r\n") for n in names)
            except OSError as error:
                raise ValueError(f"lookup('file', …): {error.filename}: {error.strerror}") from None
        raise ValueError(f"lookup({plugin!r}) is not supported here, only lookup('env', NAME) and lookup('file', PATH)")
