"""From pydantic's errors to problems that a person can act on."""

from __future__ import annotations

import types
import typing
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from winbake.config.document import Document
from winbake.config.errors import Problem, nearest

_WORDS = {
    "missing": "is missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty",
}


class Model(BaseModel):
    """Base of what the manifest holds: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def problems_of(error: ValidationError, model: type[BaseModel], document: Document) -> list[Problem]:
    """One problem an error, in the order of the lines; the path of keys stands before the words."""
    problems = []
    for detail in error.errors():
        location = tuple(part for part in detail["loc"] if part != "[key]")
        path = ".".join(str(part) for part in location)
        if detail["type"] == "extra_forbidden":
            known = _fields_at(model, location[:-1])
            message = f"{path}: no such key{nearest(str(location[-1]), known)}"
            if not nearest(str(location[-1]), known) and known:
                message += f" (known: {', '.join(sorted(known))})"
        else:
            message = f"{path}: {_words(detail)}" if path else _words(detail)
        problems.append(Problem(document.file, document.line(location), message))
    return sorted(problems, key=lambda p: p.line)


def _words(detail: Any) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _WORDS:
        words = _WORDS[kind].format(**context)
        if kind not in ("missing",):
            words += f", not {_shown(detail['input'])}"
        return words
    if kind == "literal_error":
        given = detail["input"]
        allowed = [part.strip(" '") for part in str(context["expected"]).replace(" or ", ",").split(",")]
        return f"{_shown(given)} is not one of {', '.join(allowed)}{nearest(str(given), allowed)}"
    if kind == "value_error":
        return str(context.get("error", detail["msg"]))
    return str(detail["msg"])


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "…"


def _fields_at(model: type[BaseModel], location: tuple[Any, ...]) -> list[str]:
    """The keys that the model at `location` knows."""
    kind: Any = model
    for part in location:
        kind = _step(kind, part)
        if kind is None:
            return []
    kind = _model_in(kind)
    if kind is None:
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _step(kind: Any, part: Any) -> Any:
    model = _model_in(kind)
    if model is not None and isinstance(part, str):
        for name, field in model.model_fields.items():
            if part in (name, field.alias):
                return field.annotation
    for option in _options(kind):
        if get_origin(option) is dict:
            return get_args(option)[1]
        if get_origin(option) is list:
            return get_args(option)[0]
    return None


def _options(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) is typing.Annotated:
        return _options(get_args(kind)[0])
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def _model_in(kind: Any) -> type[BaseModel] | None:
    for option in _options(kind):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None
