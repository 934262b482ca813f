"""YAML files with the line of every key and value, so that each error can point at its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from winbake.config.errors import ConfigError, Problem

Location = tuple[str | int, ...]


@dataclass
class Document:
    """One YAML file: `data` as plain Python, `lines` from the path of a key or item to its line."""

    file: str
    data: Any
    lines: dict[Location, int] = field(default_factory=dict)

    def line(self, location: Sequence[str | int]) -> int:
        """The line of `location`, or of the nearest thing round it that has one."""
        at = tuple(location)
        while at:
            if at in self.lines:
                return self.lines[at]
            at = at[:-1]
        return self.lines.get((), 1)

    def problem(self, location: Sequence[str | int], message: str) -> Problem:
        return Problem(self.file, self.line(location), message)


def shown_path(path: Path) -> str:
    """A file as errors name it: relative to the working folder if it lies inside."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


def load_document(path: Path) -> Document:
    """Reads one YAML document. Raises ConfigError for a missing file, bad YAML, or a key given twice."""
    name = shown_path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError([Problem(name, 0, "no such file")]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(name, 0, f"not UTF-8 text: {error.reason} at byte {error.start}")]) from None
    except OSError as error:
        raise ConfigError([Problem(name, 0, f"cannot be read: {error.strerror}")]) from None
    return parse_document(text, name)


@lru_cache(maxsize=64)
def _composed(text: str) -> yaml.Node | None:
    """Kept, since each host of a fleet asks for the same files; nobody changes a node."""
    node: yaml.Node | None = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return node


def parse_document(text: str, name: str) -> Document:
    try:
        node = _composed(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise ConfigError([Problem(name, line, f"not valid YAML: {_yaml_words(error)}")]) from None
    document = Document(name, None)
    if node is None:
        return document
    problems: list[Problem] = []
    document.data = _build(node, (), document, problems, yaml.SafeLoader(""))
    if problems:
        raise ConfigError(problems)
    return document


def _yaml_words(error: yaml.YAMLError) -> str:
    parts = [getattr(error, "context", None), getattr(error, "problem", None)]
    return " ".join(str(p) for p in parts if p) or str(error)


def _build(
    node: yaml.Node, at: Location, document: Document, problems: list[Problem], constructor: yaml.SafeLoader
) -> Any:
    document.lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*at, i), document, problems, constructor) for i, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        out: dict[Any, Any] = {}
        for key_node, value_node in _pairs(node, constructor):
            key = constructor.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if isinstance(key, bool) or key is None:
                words = f"YAML reads the key {key_node.value!r} as {str(key).lower()}: put it in quotes"
                problems.append(Problem(document.file, line, words))
                continue
            if not isinstance(key, str | int | float):
                problems.append(Problem(document.file, line, "a key must be plain text"))
                continue
            here: Location = (*at, key if isinstance(key, str | int) else str(key))
            if key in out:
                first = document.lines.get(here, 0)
                problems.append(Problem(document.file, line, f"{key}: given twice (first in line {first})"))
                continue
            document.lines[here] = line
            out[key] = _build(value_node, here, document, problems, constructor)
        return out
    return constructor.construct_object(node, deep=True)


def _pairs(node: yaml.MappingNode, constructor: yaml.SafeLoader) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    constructor.flatten_mapping(node)
    yield from node.value
