"""Options that several verbs share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

F = Callable[..., Any]
_FILE = click.Path(dir_okay=False, path_type=Path)


manifest_option = click.option("-m", "--manifest", type=_FILE, help="Manifest. [manifest.yaml]")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
result_option = click.option("--json", "as_json", is_flag=True, help="The result as JSON on standard output.")
known_certificates_option = click.option(
    "--known-certificates", type=_FILE, help="File of pinned certificates. [in your configuration folder]"
)


def project_options(function: F) -> F:
    """-m, -i, -p and --limit: which files, which hosts."""
    for option in (
        click.option("--limit", metavar="HOSTS", help="Only these hosts or groups; commas, wildcards, !not."),
        click.option("-p", "--playbook", type=_FILE, help="Playbook. [playbooks/master.yml]"),
        click.option("-i", "--inventory", type=_FILE, help="Inventory. [inventory.yaml]"),
        manifest_option,
    ):
        function = option(function)
    return function


def selection_options(function: F) -> F:
    """--tags and --skip: which resources."""
    for option in (
        click.option("--skip", metavar="NAMES", help="Leave out resources with these tags or names."),
        click.option("--tags", metavar="NAMES", help="Only resources with these tags or names (a tool's id is a tag)."),
    ):
        function = option(function)
    return function


def release_files(function: F) -> F:
    """--winget and --choco: files that say which versions there are."""
    path = click.Path(exists=True, path_type=Path)
    for option in (
        click.option(
            "--choco", type=path, multiple=True, help="Folder of Chocolatey packages, or one .nuspec. Repeatable."
        ),
        click.option(
            "--winget", type=path, multiple=True, help="Checkout of winget-pkgs, or one manifest. Repeatable."
        ),
    ):
        function = option(function)
    return function


def connection_options(function: F) -> F:
    for option in (
        known_certificates_option,
        click.option("--accept-new-certificates", is_flag=True, help="Pin a certificate never seen before, unasked."),
    ):
        function = option(function)
    return function


def cache_folder() -> Path:
    """Where fetched files and answers are kept: WINBAKE_CACHE, else the user's cache folder."""
    given = os.environ.get("WINBAKE_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "winbake"


def names(text: str | None) -> frozenset[str]:
    return frozenset(part.strip() for part in (text or "").split(",") if part.strip())
