"""The page of supported modules, made from the table `MODULES`.

python -m winbake.resources.reference          writes docs/modules.md
python -m winbake.resources.reference --check  exit 1 if it is not what the models say
"""

from __future__ import annotations

import inspect
import sys
import typing
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from winbake.resources.from_tasks import MODULES
from winbake.resources.module_parameters import ModuleParameters, accepted_names

PAGE = Path(__file__).resolve().parents[2] / "docs" / "modules.md"
_RAW = "_raw_params"


def page_text() -> str:
    parts = [
        "# Ansible's modules: every one that is supported",
        "",
        "Made from the models by `python -m winbake.resources.reference`; do not edit. Names, aliases and choices are "
        "Ansible's and mean what its documentation says; the lines under a module say what does not. A parameter that "
        "is not listed is an error. Short names (`win_regedit`) are taken too; Ansible wants the full ones. "
        "What holds for all modules: [ansible.md](ansible.md).",
        "",
    ]
    for module in sorted(MODULES, key=lambda name: name.rsplit(".", 1)[-1]):
        parts += _section(module, MODULES[module][0])
    return "\n".join(parts)


def _section(module: str, model: type[ModuleParameters]) -> list[str]:
    lines = [f"## {module}", ""]
    own = vars(model).get("__doc__")
    if own:
        lines += [" ".join(inspect.cleandoc(own).split()), ""]
    lines += ["| parameter | also | values | default |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        first, *others = accepted_names(name, field)
        shown = "the line itself" if first == _RAW else f"`{first}`"
        lines.append(
            f"| {shown} | {' '.join(f'`{other}`' for other in others)} | {_values(field.annotation)} "
            f"| {_default(field)} |"
        )
    return [*lines, ""]


def _values(annotation: Any) -> str:
    if typing.get_origin(annotation) is typing.Literal:
        shown = dict.fromkeys(str(v).replace("\r", "\\r").replace("\n", "\\n") for v in typing.get_args(annotation))
        return " ".join(f"`{value}`" for value in shown)
    inner = [part for part in typing.get_args(annotation) if part is not type(None)]
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _values(inner[0])
    if origin is list or origin is tuple:
        return f"list of {_values(inner[0])}"
    if origin is dict:
        return f"mapping of {_values(inner[1])}"
    if inner:
        return " or ".join(dict.fromkeys(_values(part) for part in inner))
    if isinstance(annotation, type) and issubclass(annotation, ModuleParameters):
        return "mapping of " + " ".join(
            f"`{accepted_names(name, field)[0]}`" for name, field in annotation.model_fields.items()
        )
    return {str: "text", int: "number", bool: "yes/no", float: "number"}.get(annotation, "anything")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value in (None, "") or value == [] or value == {} or value == ():
        return ""
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    if isinstance(value, list | tuple):
        return " ".join(f"`{item}`" for item in value)
    return f"`{value}`".replace("\r", "\\r").replace("\n", "\\n")


def main(arguments: list[str] | None = None) -> int:
    text = page_text()
    if "--check" in (sys.argv[1:] if arguments is None else arguments):
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
            return 0
        print(f"{PAGE.name} is not what the models say: run python -m winbake.resources.reference")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
