"""Errors in a manifest: file, line, what was wrong, the nearest right name."""

from __future__ import annotations

from pathlib import Path

import pytest

from winbake.config.errors import ConfigError
from winbake.config.lock import load_lock
from winbake.config.manifest import load_manifest
from winbake.resources.from_manifest import resources_of_manifest

GOOD = """\
image: {name: test}
tools:
  orthanc:
    name: Orthanc
    version: "25.8.1"
    source: {url: https://h/o.exe, sha256: 7f70c2b49474652bf7a9cef33f5125b7518d5bf9fbb23b0c852d1d5c55620dd6}
    install: {type: exe, arguments: /VERYSILENT}
    detect: {display_name: ^Orthanc}
"""


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "manifest.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        manifest, document = load_manifest(path)
        resources_of_manifest(manifest, document, load_lock(tmp_path / "none"), tmp_path / "media", tmp_path)
    return [str(p).replace(str(tmp_path) + "/", "") for p in caught.value.problems]


def test_the_good_one_is_good(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_text(GOOD, encoding="utf-8")
    manifest, _ = load_manifest(path)
    assert manifest.tools["orthanc"].version == "25.8.1"


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("arguments: /VERYSILENT", "silnet_args: /S", "manifest.yaml:7: tools.orthanc.install.silnet_args: no such key; did you mean silent_args?"),
        ("type: exe", "type: ex", "manifest.yaml:7: tools.orthanc.install.type: 'ex' is not one of msi, exe, zip, jar, extract, by_hand; did you mean exe?"),
        ('version: "25.8.1"', "version: 25.8", 'manifest.yaml:5: tools.orthanc.version: put it in quotes: "25.8" (YAML reads it as a number and may change it)'),
        ("    detect: {display_name: ^Orthanc}\n", "", "manifest.yaml:3: tools.orthanc.detect: is missing"),
        ("display_name: ^Orthanc", "display_name: '(['", "manifest.yaml:8: tools.orthanc.detect.display_name: not a regular expression: "),
        ("{display_name: ^Orthanc}", "{exit_codes: [3]}", "manifest.yaml:8: tools.orthanc.detect: detect needs one of: "),
        ("{display_name: ^Orthanc}", "{command: [x.exe]}", "manifest.yaml:8: tools.orthanc.detect: detect by command needs matches"),
        ("sha256: 7f70", "sha256: 7g70", "manifest.yaml:6: tools.orthanc.source.sha256: a sha256 is 64 hex digits"),
        ("url: https://h/o.exe,", "", "manifest.yaml:6: tools.orthanc.source: give either url or media"),
        ("url: https://h/o.exe", "media: o.exe", "manifest.yaml:6: tools.orthanc.source: media needs the page"),
        ("url: https://h/o.exe", "url: ftp://h/o.exe", "manifest.yaml:6: tools.orthanc.source.url: not an http(s) address"),
        ("arguments: /VERYSILENT", "limit: 10m", "manifest.yaml:7: tools.orthanc.install: an exe needs silent arguments"),
        ("arguments: /VERYSILENT", "arguments: /S, limit: soon", "manifest.yaml:7: tools.orthanc.install.limit: write a time as 90s, 10m or 2h"),
        ("arguments: /VERYSILENT", "arguments: /S, properties: {A: b}", "manifest.yaml:7: tools.orthanc.install: properties belong to an msi"),
        ("image: {name: test}", "image: {nam: test}", "manifest.yaml:1: image.nam: no such key; did you mean name?"),
        ("image: {name: test}", "image: test", "manifest.yaml:1: image: must be a mapping, not 'test'"),
        ("tools:", "tool:", "manifest.yaml:2: tool: no such key; did you mean tools?"),
        ("arguments: /VERYSILENT", "arguments: '/DIR={{ dri }}'", "manifest.yaml:7: tools.orthanc.install.arguments: 'dri' is undefined"),
        ("arguments: /VERYSILENT", "arguments: '/DIR={{ dir'", "manifest.yaml:7: tools.orthanc.install.arguments: template: "),
        ("    name: Orthanc\n", "    name: Orthanc\n    name: Again\n", "manifest.yaml:5: name: given twice (first in line 4)"),
        ("    detect:", "    releases: {github: orthanc}\n    detect:", "manifest.yaml:8: tools.orthanc.releases.github: write a GitHub repository as owner/repo"),
        ("    detect:", "    releases: {winget: ../up}\n    detect:", "tools.orthanc.releases.winget: a package id has letters, digits, dots and hyphens only"),
        ("    detect:", "    releases: {tag: 'v.*'}\n    detect:", "tools.orthanc.releases.tag: tag needs exactly one group"),
        ("    detect:", "    releases: {tag: 'v('}\n    detect:", "tools.orthanc.releases.tag: not a regular expression"),
        ("type: exe", "type: jar", "a jar needs dir: the folder to unpack to"),
        ("type: exe", "type: extract", "archive and type: extract go together"),
        ("    detect:", "    files: [{path: x}]\n    detect:", "tools.orthanc.files"),
        ("tools:\n", "tools: [\n", "not valid YAML"),
    ],
)  # fmt: skip
def test_one_mistake(tmp_path: Path, old: str, new: str, wanted: str) -> None:
    assert old in GOOD
    found = problems(tmp_path, GOOD.replace(old, new))
    assert any(wanted in text for text in found), found


def test_all_mistakes_are_shown_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    found = problems(tmp_path, GOOD.replace("type: exe", "type: ex").replace("name: test", "nam: test"))
    assert [int(text.split(":")[1]) for text in found] == sorted(int(text.split(":")[1]) for text in found)
    assert len(found) >= 2


SECOND = """\
  {id}:
    name: Second
    version: "1"
    source: {{url: https://h/2.zip, sha256: 7f70c2b49474652bf7a9cef33f5125b7518d5bf9fbb23b0c852d1d5c55620dd6}}
    install: {{type: zip}}
    dir: 'C:\\Tools\\second'
    detect: {{file: 'C:\\Tools\\second\\x.exe', version: '*'}}
    {extra}
"""


def second(extra: str, tool_id: str = "second") -> str:
    return SECOND.format(id=tool_id, extra=extra)


def test_two_tools_on_one_port(tmp_path: Path) -> None:
    text = GOOD + "    ports: [{port: 4242}]\n" + second("ports: [{port: 4242}]")
    (found,) = problems(tmp_path, text)
    assert found.startswith("manifest.yaml:17: tools.orthanc and tools.second both listen on port 4242.")
    assert "exclusive: false" in found


def test_two_tools_may_share_a_port_if_both_say_so(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yaml"
    shared = "ports: [{port: 4242, exclusive: false}]"
    path.write_text(GOOD + f"    {shared}\n" + second(shared), encoding="utf-8")
    load_manifest(path)


def test_one_program_on_two_path_entries_needs_a_decision(tmp_path: Path) -> None:
    text = GOOD + "    executables: [storescu]\n" + second("executables: [storescu]")
    (found,) = problems(tmp_path, text)
    assert "storescu comes with tools.orthanc and tools.second, both on PATH." in found
    assert "executables: {storescu: orthanc}" in found


@pytest.mark.parametrize(
    ("decision", "wanted"),
    [
        ("executables: {storescu: orthnac}", "no tool orthnac; did you mean orthanc?"),
        ("executables: {findscu: orthanc}", "tools.orthanc does not list findscu"),
        ("executables: {storescu: second}", "second is to win, but its PATH entry stands after that of orthanc"),
    ],
)
def test_decisions_that_cannot_be(tmp_path: Path, decision: str, wanted: str) -> None:
    entry = "path: [{dir: 'C:\\x'}]"
    text = GOOD + f"    executables: [storescu]\n    {entry}\n" + second(f"executables: [storescu]\n    {entry}") + decision
    assert any(wanted in found for found in problems(tmp_path, text))


def test_two_owners_of_java_home(tmp_path: Path) -> None:
    text = GOOD + "    owns_environment: [JAVA_HOME]\n" + second("environment: {Java_Home: 'C:\\j'}")
    (found,) = problems(tmp_path, text)
    assert "tools.orthanc and tools.second both own JAVA_HOME" in found


@pytest.mark.parametrize(
    ("needs", "wanted"),
    [("requires: [orthnac]", "no tool orthnac; did you mean orthanc?"), ("requires: [second]", "in a circle: second → second")],
)
def test_requirements(tmp_path: Path, needs: str, wanted: str) -> None:
    assert any(wanted in found for found in problems(tmp_path, GOOD + second(needs)))


def test_a_lock_that_saw_another_file(tmp_path: Path) -> None:
    manifest_path, lock_path = tmp_path / "manifest.yaml", tmp_path / "lock.yaml"
    manifest_path.write_text(GOOD, encoding="utf-8")
    lock_path.write_text(f"sources: {{'https://h/o.exe': {{url: https://h/o.exe, sha256: '{'0' * 64}', size: 5}}}}", encoding="utf-8")
    manifest, document = load_manifest(manifest_path)
    with pytest.raises(ConfigError, match="the lock saw sha256 000000000000…, the manifest wants 7f70c2b49474…"):
        resources_of_manifest(manifest, document, load_lock(lock_path), tmp_path, tmp_path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_manifest(tmp_path / "nothing.yaml")


def test_schema_and_reference_are_up_to_date() -> None:
    from winbake.config.schema import main

    assert main(["--check"]) == 0


def test_the_projects_manifest_holds_by_its_own_schema() -> None:
    import json

    import jsonschema
    import yaml

    root = Path(__file__).parents[3]
    schema = json.loads((root / "docs" / "manifest.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(yaml.safe_load((root / "manifest.yaml").read_text(encoding="utf-8")), schema)


def test_the_media_page_lists_what_must_be_fetched_by_hand() -> None:
    project = Path(__file__).parents[3]
    manifest, _ = load_manifest(project / "manifest.yaml")
    page = (project / "media" / "README.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|")]
    for tool in manifest.tools.values():
        if tool.source.media:
            (row,) = [row for row in rows if f" {tool.name} " in row]
            assert str(tool.source.page) in row and str(tool.source.licence) in row
            assert (f"`{tool.source.media}`" in row) == (tool.install.type != "by_hand")
