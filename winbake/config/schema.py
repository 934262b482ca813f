"""The manifest's JSON Schema and reference page, made from the models.

python -m winbake.config.schema          writes docs/manifest.schema.json and docs/manifest.md
python -m winbake.config.schema --check  exit 1 if they are not what the models say
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from winbake.config.manifest import Manifest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def schema_text() -> str:
    schema = Manifest.model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def reference_text() -> str:
    """One table a model, in the order in which a reader meets them."""
    schema = Manifest.model_json_schema(by_alias=True)
    parts = [
        "# manifest.yaml: every key",
        "",
        "Made from the models by `python -m winbake.config.schema`; do not edit. Texts may hold templates: "
        "`{{ version }}`, `{{ dir }}`, `{{ log }}`, `{{ id }}`, `{{ tools_dir }}` and the names under `variables`.",
        "",
        *_section("the file", schema),
    ]
    for name in (
        "Image",
        "Tool",
        "Source",
        "Install",
        "RegistryMark",
        "Detect",
        "PathEntry",
        "Port",
        "Service",
        "Check",
        "Rule",
    ):
        parts += _section(name, schema["$defs"][name])
    return "\n".join(parts) + "\n"


def _section(name: str, body: dict[str, Any]) -> list[str]:
    required = body.get("required", [])
    lines = [f"## {name}", "", str(body.get("description", "")), "", "| key | type | default | |", "|---|---|---|---|"]
    for key, field in body["properties"].items():
        default = "required" if key in required else f"`{json.dumps(field['default'])}`" if "default" in field else ""
        lines.append(
            f"| `{key}` | {_type_words(field)} | {default} | {str(field.get('description', '')).replace('|', '/')} |"
        )
    return [*lines, ""]


def _type_words(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rsplit("/", 1)[-1]
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if "anyOf" in field:
        return " or ".join(_type_words(option) for option in field["anyOf"] if option.get("type") != "null")
    if field.get("type") == "array":
        return f"list of {_type_words(field['items'])}" if field.get("items") else "list"
    if field.get("type") == "object":
        inner = field.get("additionalProperties")
        return f"mapping of {_type_words(inner)}" if isinstance(inner, dict) else "mapping"
    if "pattern" in field and "\\d" in field["pattern"]:
        return "time (`90s`, `10m`, `2h`)"
    return {"string": "text", "integer": "number", "boolean": "true/false"}.get(str(field.get("type")), "anything")


def main(arguments: list[str] | None = None) -> int:
    files = {DOCS / "manifest.schema.json": schema_text(), DOCS / "manifest.md": reference_text()}
    check = "--check" in (sys.argv[1:] if arguments is None else arguments)
    stale = [p for p, text in files.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    if check:
        for path in stale:
            print(f"{path.name} is not what the models say: run python -m winbake.config.schema")
        return 1 if stale else 0
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
