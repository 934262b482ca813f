"""Asks the public places: the GitHub REST API (for winget too, whose manifests live there) and Chocolatey's feed.

GITHUB_API_URL and WINBAKE_CHOCOLATEY_URL name others of the same kind; GITHUB_TOKEN raises GitHub's limit and is sent
to the GitHub API only. Shapes: docs.github.com/rest (releases, repository contents); Chocolatey answers as NuGet v2.
"""

from __future__ import annotations

import os
import re
import threading
import time
import xml.etree.ElementTree as ElementTree
from typing import Any
from urllib.parse import quote, urlencode

import requests

from winbake.engine.errors import EngineError
from winbake.engine.fetching import get, in_words
from winbake.engine.releases.question import Question

GITHUB_API = "https://api.github.com"
CHOCOLATEY = "https://community.chocolatey.org"
WINGET_REPOSITORY = "microsoft/winget-pkgs"
_PROPERTIES = "{http://schemas.microsoft.com/ado/2007/08/dataservices}"


class Online:
    """Asks one question at a time or several from threads. Once GitHub's limit is reached it is not asked again."""

    def __init__(self) -> None:
        self.github = os.environ.get("GITHUB_API_URL", GITHUB_API).rstrip("/")
        self.chocolatey = os.environ.get("WINBAKE_CHOCOLATEY_URL", CHOCOLATEY).rstrip("/")
        self._limited: EngineError | None = None
        self._lock = threading.Lock()

    def ask(self, question: Question) -> list[str]:
        """The tags or versions there are. Raises EngineError."""
        try:
            if question.source == "github":
                return self._releases(question)
            if question.source == "winget":
                return self._winget(question)
            return self._choco(question)
        except requests.RequestException as error:
            what, next_step = in_words(error)
            raise EngineError(f"{question.words} could not be asked: {what}", next_step) from None

    def _releases(self, question: Question) -> list[str]:
        body = self._api(f"/repos/{question.name}/releases?per_page=100", question)
        try:
            return [str(one["tag_name"]) for one in body if not one["draft"] and not one["prerelease"]]
        except (KeyError, TypeError):
            raise _not_understood(question) from None

    def _winget(self, question: Question) -> list[str]:
        body = self._api(f"/repos/{WINGET_REPOSITORY}/contents/{winget_folder(question.name)}", question)
        try:
            return [str(one["name"]) for one in body if one["type"] == "dir" and re.match(r"v?\d", one["name"])]
        except (KeyError, TypeError):
            raise _not_understood(question) from None

    def _choco(self, question: Question) -> list[str]:
        condition = f"tolower(Id) eq '{question.name.lower()}' and IsLatestVersion"
        query = urlencode({"$filter": condition}, quote_via=quote, safe="$()")
        answer = get(f"{self.chocolatey}/api/v2/Packages()?{query}", {"Accept": "application/atom+xml"})
        answer.raise_for_status()
        try:
            feed = ElementTree.fromstring(answer.content)
        except ElementTree.ParseError:
            raise _not_understood(question) from None
        versions = [str(one.text) for one in feed.iter(f"{_PROPERTIES}Version")]
        if not versions:
            raise EngineError(f"Chocolatey knows no package {question.name}", "see releases: in the manifest")
        return versions

    def _api(self, path: str, question: Question) -> Any:
        with self._lock:
            if self._limited is not None:
                raise self._limited
            return self._answer(path, question)

    def _answer(self, path: str, question: Question) -> Any:
        fields = {"Accept": "application/vnd.github+json"}
        token = os.environ.get("GITHUB_TOKEN")
        if token:
            fields["Authorization"] = f"Bearer {token}"
        answer = get(self.github + path, fields)
        if answer.status_code in (403, 429) and answer.headers.get("X-RateLimit-Remaining") == "0":
            self._limited = _limit_reached(answer, bool(token))
            raise self._limited
        if answer.status_code == 401:
            raise EngineError("GitHub refuses GITHUB_TOKEN (HTTP 401)", "set a valid one, or none")
        if answer.status_code == 404:
            raise EngineError(f"{question.words} does not exist (HTTP 404)", "see releases: in the manifest")
        answer.raise_for_status()
        try:
            return answer.json()
        except ValueError:
            raise _not_understood(question) from None


def winget_folder(package: str) -> str:
    """`manifests/m/Mozilla/Firefox/ESR`: where winget-pkgs keeps a package."""
    return f"manifests/{package[0].lower()}/{package.replace('.', '/')}"


def _limit_reached(answer: requests.Response, with_token: bool) -> EngineError:
    reset = answer.headers.get("X-RateLimit-Reset", "")
    when = f" at {time.strftime('%H:%M', time.localtime(int(reset)))}" if reset.isdigit() else " in an hour"
    step = f"ask again{when}" + ("" if with_token else ", or set GITHUB_TOKEN, which raises the limit")
    return EngineError("GitHub answers no more questions for now (rate limit)", step)


def _not_understood(question: Question) -> EngineError:
    what = f"{question.words} answered with something else than a list of versions"
    return EngineError(what, "a login page of the network may stand before it: look with a browser")
