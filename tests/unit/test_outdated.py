"""`outdated`: who is asked, what they say, and what happens when they cannot be asked.

The answers have the shapes of docs.github.com/rest (list releases, get repository content) and of a NuGet v2 feed.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_web import Answer, Web, keep_to_itself

from winbake.cli import main
from winbake.config.manifest import Tool
from winbake.engine.releases.answers import age_in_words
from winbake.engine.releases.question import Question, questions_of

Said = pytest.CaptureFixture[str]
DCM = "/repos/rordenlab/dcm2niix/releases?per_page=100"
ESR = "/repos/microsoft/winget-pkgs/contents/manifests/m/Mozilla/Firefox/ESR"
CHOCO = "/api/v2/Packages()?$filter=tolower(Id)%20eq%20%27dcmtk%27%20and%20IsLatestVersion"
MANIFEST = """\
image: {name: test}
tools:
  dcm2niix:
    name: dcm2niix
    version: "1.0.1"
    source: {url: "https://github.com/rordenlab/dcm2niix/releases/download/v{{ version }}/dcm2niix_win.zip"}
    install: {type: zip}
    dir: C:\\dcm2niix
    detect: {file: 'C:\\dcm2niix\\x.exe', version: '*'}
"""
FIREFOX = """\
  firefox-esr:
    name: Firefox ESR
    version: "153.2.0"
    source: {url: "https://h/{{ version }}.exe"}
    releases: {winget: Mozilla.Firefox.ESR}
    install: {type: exe, arguments: /S}
    detect: {display_name: Firefox}
"""
DCMTK = """\
  dcmtk:
    name: DCMTK
    version: "3.7.0"
    source: {url: "https://h/dcmtk-3.7.0.zip"}
    releases: {choco: dcmtk, page: "https://dicom.offis.de/download/"}
    install: {type: zip}
    dir: C:\\dcmtk
    detect: {file: 'C:\\dcmtk\\x.exe', version: '*'}
"""
MANGO = """\
  mango:
    name: Mango
    version: "4.1"
    source: {media: mango.exe, page: "https://mango.example/get"}
    install: {type: exe, arguments: -q}
    detect: {display_name: Mango}
"""
FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"
 xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><entry><title>dcmtk</title>
 <m:properties><d:Version>3.7.1</d:Version></m:properties></entry></feed>"""


def release(tag: str, draft: bool = False, prerelease: bool = False) -> dict[str, object]:
    return {"tag_name": tag, "name": tag, "draft": draft, "prerelease": prerelease, "assets": []}


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with Web() as web:
        monkeypatch.setenv("GITHUB_API_URL", web.url)
        monkeypatch.setenv("WINBAKE_CHOCOLATEY_URL", web.url)
        yield web


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, web: Web) -> Path:
    keep_to_itself(monkeypatch, tmp_path)
    (tmp_path / "manifest.yaml").write_text(MANIFEST)
    return tmp_path


def put_releases(web: Web, *tags: str) -> None:
    web.put(DCM, json.dumps([release(tag) for tag in tags]).encode())


# ---- what is shown --------------------------------------------------------------------------------------


def test_something_newer_is_shown_with_what_to_do(project: Path, web: Web, capsys: Said) -> None:
    put_releases(web, "v1.0.2", "v1.0.10", "v0.9")
    assert main(["outdated"]) == 2
    said = capsys.readouterr().out
    assert "GitHub releases rordenlab/dcm2niix" in said
    assert "1.0.10" in said and "lock --upgrade dcm2niix" in said
    assert "1 with a newer version." in said


def test_nothing_newer(project: Path, web: Web, capsys: Said) -> None:
    put_releases(web, "v1.0.1")
    assert main(["outdated"]) == 0
    assert "1 up to date." in capsys.readouterr().out


def test_drafts_and_unfinished_releases_do_not_count(project: Path, web: Web) -> None:
    body = [release("v2.0", draft=True), release("v3.0", prerelease=True), release("v4.0-rc1"), release("v1.0.1")]
    web.put(DCM, json.dumps(body).encode())
    assert main(["outdated"]) == 0


def test_winget_and_chocolatey_are_asked_where_the_manifest_says_so(project: Path, web: Web, capsys: Said) -> None:
    (project / "manifest.yaml").write_text("image: {name: test}\ntools:\n" + FIREFOX + DCMTK)
    folders = [{"name": name, "type": "dir"} for name in ("153.2.0", "153.10.0", "de")]
    web.put(ESR, json.dumps([*folders, {"name": "999.0", "type": "file"}]).encode())
    web.put(CHOCO, FEED.encode())
    assert main(["outdated", "--json"]) == 2
    firefox, dcmtk = json.loads(capsys.readouterr().out)
    assert (firefox["newest"], firefox["todo"]) == ("153.10.0", "lock --upgrade firefox-esr")
    assert dcmtk["newest"] == "3.7.1"
    assert dcmtk["todo"] == "its address does not follow the version: edit it, see https://dicom.offis.de/download/"


def test_a_file_fetched_by_hand_is_named_with_its_page(project: Path, capsys: Said) -> None:
    (project / "manifest.yaml").write_text("image: {name: test}\ntools:\n" + MANGO)
    assert main(["outdated"]) == 0
    said = capsys.readouterr().out
    assert "fetched by hand; see https://mango.example/get" in said
    assert "1 cannot be asked." in said


def test_only_the_tools_named_are_asked(project: Path, web: Web, capsys: Said) -> None:
    (project / "manifest.yaml").write_text(MANIFEST + FIREFOX + MANGO)
    put_releases(web, "v1.0.1")
    assert main(["outdated", "dcm2niix"]) == 0
    assert [request.path for request in web.requests] == [DCM]
    assert main(["outdated", "dcm2nix"]) == 1
    assert "no tool is called dcm2nix; did you mean dcm2niix?" in capsys.readouterr().err


# ---- answers that are kept ------------------------------------------------------------------------------


def test_an_answer_is_kept_with_its_age_and_used_offline(
    project: Path, web: Web, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_releases(web, "v1.0.2")
    assert main(["outdated"]) == 2
    kept = project / "cache" / "releases.json"
    body = json.loads(kept.read_text())
    body["answers"]["github:rordenlab/dcm2niix"]["asked"] -= 3 * 86_400
    kept.write_text(json.dumps(body))
    web.requests.clear()
    assert main(["outdated", "--offline"]) == 2
    assert "3 days ago" in capsys.readouterr().out
    assert web.requests == []


def test_within_the_hour_nobody_is_asked_twice_unless_told_to(project: Path, web: Web) -> None:
    put_releases(web, "v1.0.2")
    assert main(["outdated"]) == 2
    assert main(["outdated"]) == 2
    assert len(web.requests) == 1
    assert main(["outdated", "--again"]) == 2
    assert len(web.requests) == 2


def test_offline_with_nothing_kept_ends_cleanly(project: Path, web: Web, capsys: Said) -> None:
    (project / "manifest.yaml").write_text(MANIFEST + FIREFOX + MANGO)
    assert main(["outdated", "--offline"]) == 0
    said = capsys.readouterr().out
    assert said.count("not asked yet") == 3  # two rows and the sum
    assert web.requests == []


def test_answers_that_are_damaged_are_begun_anew(project: Path, web: Web, capsys: Said) -> None:
    (project / "cache").mkdir()
    (project / "cache" / "releases.json").write_text('{"answers": {"github:')
    put_releases(web, "v1.0.1")
    assert main(["outdated"]) == 0
    assert "releases.json was damaged; it is begun anew" in capsys.readouterr().out
    assert json.loads((project / "cache" / "releases.json").read_text())["answers"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "now"), (90, "1 min ago"), (7_300, "2 h ago"), (90_000, "1 day ago"), (200_000, "2 days ago")]
)
def test_ages_in_words(seconds: float, words: str) -> None:
    assert age_in_words(time.time() - seconds) == words


# ---- what goes wrong ------------------------------------------------------------------------------------


def test_the_limit_of_github_is_said_once_it_is_reached_and_no_more_is_asked(
    project: Path, web: Web, capsys: Said
) -> None:
    (project / "manifest.yaml").write_text(MANIFEST + FIREFOX)
    limit = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1790000000"}
    for path in (DCM, ESR):
        web.fail(path, Answer(403, b'{"message": "API rate limit exceeded"}', limit))
    assert main(["outdated"]) == 1
    said = capsys.readouterr().out
    assert "GitHub answers no more questions for now (rate limit); ask again at" in said
    assert "or set GITHUB_TOKEN" in said
    assert len(web.requests) == 1


def test_an_old_answer_is_better_than_none_but_it_is_an_error(project: Path, web: Web, capsys: Said) -> None:
    put_releases(web, "v1.0.2")
    assert main(["outdated"]) == 2
    web.fail(DCM, Answer(403, b"", {"X-RateLimit-Remaining": "0"}))
    capsys.readouterr()
    assert main(["outdated", "--again"]) == 1
    said = capsys.readouterr().out
    assert "1.0.2" in said and "rate limit" in said


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(404, b'{"message": "Not Found"}'), "GitHub releases rordenlab/dcm2niix does not exist (HTTP 404)"),
        (Answer(200, b"<html>Please log in</html>"), "a login page of the network may stand before it"),
        (Answer(200, b'{"message": "hello"}'), "answered with something else than a list of versions"),
        (Answer(200, b'[{"tag_name": "nightly", "draft": false, "prerelease": false}]'), "none of 1 releases fits the tag"),
        (Answer(500), "could not be asked: HTTP 500"),
        (Answer(401), "GitHub refuses GITHUB_TOKEN"),
        (Answer(407), "the proxy wants a login (HTTP 407)"),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_asked(project: Path, web: Web, capsys: Said, answer: Answer, words: str) -> None:
    web.fail(DCM, answer)
    assert main(["outdated"]) == 1
    assert words in capsys.readouterr().out


def test_no_network(project: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{port}")
    assert main(["outdated"]) == 1
    assert "could not be asked: no connection (name, network or proxy)" in capsys.readouterr().out


def test_the_token_goes_to_github_and_is_never_shown(
    project: Path, web: Web, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")
    (project / "manifest.yaml").write_text(MANIFEST + DCMTK)
    put_releases(web, "v1.0.2")
    web.put(CHOCO, FEED.encode())
    assert main(["outdated"]) == 2
    sent = {request.path: request.fields.get("Authorization") for request in web.requests}
    assert sent == {DCM: "Bearer ghp_secret", CHOCO: None}
    said = capsys.readouterr()
    assert "ghp_secret" not in said.out + said.err
    assert "ghp_secret" not in (project / "cache" / "releases.json").read_text()


# ---- answers from files ---------------------------------------------------------------------------------


def test_winget_and_chocolatey_from_files_when_offline(project: Path, capsys: Said) -> None:
    (project / "manifest.yaml").write_text("image: {name: test}\ntools:\n" + FIREFOX + DCMTK)
    (project / "pkgs/manifests/m/Mozilla/Firefox/ESR/153.3.0").mkdir(parents=True)
    (project / "choco/dcmtk").mkdir(parents=True)
    (project / "choco/dcmtk/dcmtk.nuspec").write_text(
        '<package xmlns="http://schemas.microsoft.com/packaging/2015/06/nuspec.xsd"><metadata><id>DCMTK</id>'
        "<version>3.7.2</version></metadata></package>"
    )
    assert main(["outdated", "--offline", "--winget", "pkgs", "--choco", "choco", "--json"]) == 2
    firefox, dcmtk = json.loads(capsys.readouterr().out)
    assert (firefox["newest"], firefox["source"]) == ("153.3.0", "winget Mozilla.Firefox.ESR (files)")
    assert dcmtk["newest"] == "3.7.2"


def test_single_manifests_as_files(project: Path, capsys: Said) -> None:
    (project / "manifest.yaml").write_text("image: {name: test}\ntools:\n" + FIREFOX)
    one = project / "Mozilla.Firefox.ESR.installer.yaml"
    one.write_text("PackageIdentifier: Mozilla.Firefox.ESR\nPackageVersion: 153.4.0\n")
    assert main(["outdated", "--offline", "--winget", str(one), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)[0]["newest"] == "153.4.0"
    one.write_text("a: [\n")
    assert main(["outdated", "--offline", "--winget", str(one)]) == 1
    assert "not valid YAML" in capsys.readouterr().out


# ---- whom to ask ----------------------------------------------------------------------------------------


def tool(url: str, **more: object) -> Tool:
    return Tool.model_validate(
        {"name": "x", "version": "1", "source": {"url": url}, "install": {"type": "msi"}, "detect": {"display_name": "x"}} | more
    )  # fmt: skip


def test_a_github_url_says_whom_to_ask_and_how_tags_are_written() -> None:
    (question,) = questions_of(tool("https://github.com/o/r/releases/download/release_{{ version }}/x.msi"))
    assert (question.source, question.name) == ("github", "o/r")
    assert question.newest(["release_1.2", "other_9"]) == "1.2"


def test_what_the_manifest_names_comes_before_the_url() -> None:
    named = {"winget": "O.R", "choco": "r"}
    asked = questions_of(tool("https://github.com/o/r/releases/download/v1/x.msi", releases=named))
    assert [question.key for question in asked] == ["winget:O.R", "choco:r"]


def test_a_tag_expression_picks_its_own_line_of_releases() -> None:
    question = Question("github", "o/r", r"jdk-(17\..*)")
    assert question.newest(["jdk-21.0.1", "jdk-17.0.2", "jdk-17.0.10"]) == "17.0.10"
