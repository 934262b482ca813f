"""What the rehearsal's PowerShell models, made from the tables its parts are registered in.

python -m winbake.rehearsal.powershell.reference          writes that part of docs/rehearsal.md
python -m winbake.rehearsal.powershell.reference --check  exit 1 if it is not what the tables say
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

from winbake.rehearsal.powershell import cim
from winbake.rehearsal.powershell.binding.command_table import find_row, row_names
from winbake.rehearsal.powershell.command import CMDLETS
from winbake.rehearsal.powershell.commands.new_object import COM_CLASSES
from winbake.rehearsal.powershell.dotnet import registry
from winbake.rehearsal.powershell.running.resolution import load_commands
from winbake.rehearsal.windows import programs

PAGE = Path(__file__).resolve().parents[3] / "docs" / "rehearsal.md"
BEGIN = "<!-- made by python -m winbake.rehearsal.powershell.reference: do not edit -->"
END = "<!-- end of what is made -->"
_WIDTH = 120


def made_text() -> str:
    """The part of the page between its two marks."""
    load_commands()
    programs.load_all()
    return "\n".join([BEGIN, "", *_commands(), *_types(), *_windows(), END])


def _commands() -> list[str]:
    modules: dict[str, tuple[list[str], int]] = {}
    for name in row_names():
        row = find_row(name)
        assert row is not None
        names, known = modules.setdefault(row.module, ([], 0))
        if name in CMDLETS:
            names.append(row.name)
        modules[row.module] = names, known + 1
    modelled = sum(len(names) for names, _ in modules.values())
    lines = _wrapped(
        f"**Commands.** {len(row_names())} commands are known with their parameters, {modelled} are modelled. The "
        "others bind their parameters as Windows does and then end the script: `the rehearsal does not model X`."
    )
    ordered = sorted(modules, key=str.lower)
    for module in ordered:
        names, known = modules[module]
        if names:
            lines += _item(f"{module} ({len(names)} of {known})", names)
    return lines + _item("Known, none modelled", [f"{m} ({modules[m][1]})" for m in ordered if not modules[m][0]])


def _types() -> list[str]:
    """Types of .NET with the number of members that are modelled."""
    members: dict[str, set[str]] = {}
    for table in (
        registry.METHODS, registry.STATICS, registry.GETTERS, registry.SETTERS, registry.STATIC_GETTERS,
        registry.STATIC_SETTERS,
    ):  # fmt: skip
        for type_name, member in table:
            members.setdefault(type_name, set()).add(member)
    spaces: dict[str, list[str]] = {}
    for type_name in members:
        space, _, name = type_name.rpartition(".")
        spaces.setdefault(space, []).append(f"{name.partition('`')[0]}")
    lines = _wrapped(
        f"**Types.** {len(members)} types with {sum(map(len, members.values()))} members; those that a script makes or "
        "meets are below. A member that .NET Framework 4.8 has and the model has not is refused by name."
    )
    for space in sorted(spaces):
        if space.startswith(("System", "Microsoft")):
            lines += _item(space, sorted(set(spaces[space])))
    return lines


def _windows() -> list[str]:
    classes: set[str] = set()
    for module in pkgutil.iter_modules(cim.__path__):
        table = getattr(importlib.import_module(f"{cim.__name__}.{module.name}"), "CLASSES", {})
        classes.update(name for name, _ in table.values())
    paths = [path for path in programs.paths_of_programs() if path.lower().startswith("c:\\windows\\system32\\")]
    return [
        *_item("CIM classes", sorted(classes)),
        *_item("COM classes", sorted(name for name in COM_CLASSES if not name.endswith(".1"))),
        *_item("Programs of Windows", sorted({path.rpartition("\\")[2].lower() for path in paths})),
    ]


def _item(title: str, names: Iterable[str]) -> list[str]:
    listed = ", ".join(names) or "none"
    return _wrapped(f"**{title}**: {listed}.")


def _wrapped(text: str) -> list[str]:
    return [*textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False), ""]


def main(arguments: list[str] | None = None) -> int:
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    text = head + made_text() + tail
    if "--check" in (sys.argv[1:] if arguments is None else arguments):
        if text == page:
            return 0
        print(f"{PAGE.name} is not what the tables say: run python -m winbake.rehearsal.powershell.reference")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
