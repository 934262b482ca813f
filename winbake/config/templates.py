"""Jinja2 for manifest, roles and template files: sandboxed, and an undefined name is an error."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.environment import TemplateExpression
from jinja2.sandbox import SandboxedEnvironment

from winbake.config.errors import nearest
from winbake.config.secret import Secret

_PURE = re.compile(r"^\s*\{\{(.*)\}\}\s*$", re.DOTALL)
_UNDEFINED = re.compile(r"'([^']+)' is undefined")


class TemplateProblem(ValueError):
    """What is wrong with a template, in words, with the nearest name that exists."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False, finalize=_no_secret
    )
    environment.filters["to_json"] = lambda value, **options: json.dumps(value, ensure_ascii=False, **options)
    environment.filters["to_nice_json"] = lambda value: json.dumps(value, ensure_ascii=False, indent=4)
    environment.filters["win_path"] = lambda value: str(value).replace("/", "\\")
    environment.filters["basename"] = lambda value: re.split(r"[\\/]", str(value))[-1]
    return environment


def _no_secret(value: Any) -> Any:
    """What is put into a text must not be a secret: the text would hold its mask."""
    if isinstance(value, Secret):
        raise TemplateProblem('a password cannot be a part of a text: write "{{ … }}" alone, as the whole value')
    return value


_JINJA = _environment()


@lru_cache(maxsize=2048)
def _template(text: str) -> Template:
    """Compiled once, for all hosts of a fleet."""
    return _JINJA.from_string(text)


@lru_cache(maxsize=2048)
def _expression(text: str) -> TemplateExpression:
    return _JINJA.compile_expression(text, undefined_to_none=False)


def render(text: str, variables: Mapping[str, Any]) -> str:
    """Raises TemplateProblem."""
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text
    try:
        return _template(text).render(variables)
    except UndefinedError as error:
        raise TemplateProblem(_undefined_words(str(error), variables)) from None
    except TemplateSyntaxError as error:
        raise TemplateProblem(f"template: {error.message}", error.lineno) from None
    except (TemplateError, TypeError, ValueError, ZeroDivisionError) as error:
        raise TemplateProblem(f"template: {error}") from None


def render_value(value: Any, variables: Mapping[str, Any]) -> Any:
    """Renders the strings inside lists and dicts; a string that is one `{{ expression }}` keeps its type."""
    if isinstance(value, str):
        pure = _PURE.match(value)
        if pure and "{{" not in pure[1] and "}}" not in pure[1]:
            return evaluate(pure[1], variables)
        return render(value, variables)
    if isinstance(value, list):
        return [render_value(item, variables) for item in value]
    if isinstance(value, dict):
        return {key: render_value(item, variables) for key, item in value.items()}
    return value


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """The value of an expression (`when`, `loop`). Raises TemplateProblem; an undefined result is a problem too."""
    try:
        result = _expression(expression)(**variables)
        if isinstance(result, StrictUndefined):
            str(result)
    except UndefinedError as error:
        raise TemplateProblem(_undefined_words(str(error), variables)) from None
    except TemplateSyntaxError as error:
        raise TemplateProblem(f"template: {error.message}", error.lineno) from None
    except (TemplateError, TypeError, ValueError, ZeroDivisionError) as error:
        raise TemplateProblem(f"template: {error}") from None
    return result


def render_file(path: Path, variables: Mapping[str, Any]) -> str:
    """Renders a template file. Raises TemplateProblem, with the line for syntax errors, and OSError."""
    return render(path.read_text(encoding="utf-8"), variables)


def _undefined_words(message: str, variables: Mapping[str, Any]) -> str:
    found = _UNDEFINED.search(message)
    hint = nearest(found[1], [str(k) for k in variables]) if found else ""
    return f"{message}{hint}"
