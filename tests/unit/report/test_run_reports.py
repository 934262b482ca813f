"""Reports of run records: what stands in them, whoever wrote what into a command's output, and however broken the file."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from records import bake_record, verify_record

from winbake.cli import main
from winbake.config.secret import Secret
from winbake.report.markdown import markdown_report
from winbake.report.page import html_report
from winbake.report.run_record import read_run

VOID = {"meta", "input", "br", "img", "link"}


class Page(HTMLParser):
    """The page as a browser would take it: tags, attributes, texts; tags must be closed in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def text(self, tag: str) -> list[str]:
        return [data for name, data in self.texts if name == tag]

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """runs/ of a project that is the working directory."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "runs"


def test_the_page_shows_every_check_of_every_station_and_needs_nothing_else(folder: Path) -> None:
    run, bake = read_run(verify_record(folder, hosts=20)), read_run(bake_record(folder))
    text = html_report([run, bake])
    page = Page(text)
    marks = [one["class"] for one in page.of("td") if "data-host" in one]
    assert len(marks) == 20 * 85 + 20, "85 checks and a sum for each of 20 stations"
    assert marks.count("unread") == 85, "a station that was not reached hides nothing: its column says so"
    assert page.text("td").count("✗") == 0, "a failure is a link to what failed"
    links = [one["href"] for one in page.of("a") if (one["href"] or "").startswith("#f-")]
    anchors = {f"#{one['id']}" for one in page.of("li") if "id" in one}
    assert len(links) == 2 and set(links) <= anchors
    assert "failed, ws02" in " ".join(page.text("i")), "the mark is said in words too"
    assert {"D", "I", "R", "L"} <= set(page.text("span")), "each bar has its letter, not only its colour"
    assert "3.6.8 → 3.7.0" in page.text("td")
    assert {"3.7.0", "✗ 3.6.8", "not installed (optional)"} <= set(page.text("td")), "versions as they were found"
    attributes = [pair for _, one in page.tags for pair in one.items()]
    assert not [name for name, _ in attributes if name in ("src", "srcset")]
    assert all(str(value).startswith("#") for name, value in attributes if name == "href")
    assert "@import" not in text and "url(" not in text
    assert len(text) < 400_000


def test_what_a_command_printed_is_text_and_nothing_else(folder: Path) -> None:
    run = read_run(verify_record(folder))
    page = Page(html_report([run]))
    assert len(page.of("script")) == 1 and page.of("img") == []
    (shown,) = page.text("pre")
    assert "<script>document.title='taken'</script>\n</pre><img src=x onerror=alert(1)>" in shown
    assert "\x1b" not in shown and "␛[31m" in shown, "control characters are shown as pictures"
    assert "\u202e" not in html_report([run]) + markdown_report([run]), "nor do they turn the direction of reading"
    policy = next(one["content"] for one in page.of("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None and "default-src 'none'" in policy and "script-src 'sha256-" in policy


def test_names_are_escaped_wherever_they_stand(folder: Path) -> None:
    path = verify_record(folder, hosts=1)
    evil = '\\"><b onclick=x>'
    path.write_text(path.read_text(encoding="utf-8").replace("ws01", evil).replace("storescu", evil), encoding="utf-8")
    page = Page(html_report([read_run(path)]))
    assert not [one for _, one in page.tags if "onclick" in one]
    assert "<b onclick" not in markdown_report([read_run(path)])


def test_markdown_quotes_what_was_printed_in_a_fence_that_it_cannot_close(folder: Path) -> None:
    text = markdown_report([read_run(verify_record(folder))])
    lines = text.splitlines()
    first, last = (number for number, line in enumerate(lines) if line == "  ````")
    inside = "\n".join(line[2:] for line in lines[first + 1 : last])
    assert "```" in inside and "<script>" in inside
    outside = "\n".join(lines[:first] + lines[last + 1 :])
    assert "<" not in outside.replace("&lt;", "")
    assert "| dcmtk 3.7.0 is installed | ✓ | ✗ | ? |" in lines
    assert "- ✗ **ws03** could not be verified: 172.31.15.3: nothing listens on 5986" in lines


def test_no_secret_reaches_a_report(folder: Path) -> None:
    canary = 'Canary-"7\\K!q2'
    path = verify_record(folder, secret=Secret(canary), output=f"login with {canary} failed")
    run = read_run(path)
    for made in (path.read_text(encoding="utf-8"), html_report([run]), markdown_report([run])):
        assert "Canary" not in made and "K!q2" not in made
        assert "login with" in made


def test_failures_that_are_the_same_are_told_once(folder: Path) -> None:
    path = verify_record(folder, hosts=2)
    body = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*body[:-1], body[2].replace('"ws02"', '"ws09"'), body[-1]]) + "\n", encoding="utf-8")
    page = Page(html_report([read_run(path)]))
    assert page.text("b").count("✗ ws02, ws09") == 2


def test_a_bake_that_failed_shows_the_step_and_the_end_of_its_log(folder: Path) -> None:
    run = read_run(bake_record(folder, fail=True))
    assert (run.state, run.result) == ("failed", "1 failed: tool dcmtk 3.7.0")
    page = Page(html_report([run]))
    assert page.text("pre") == ["last line"] and "installer exit 1603" in page.text("p")
    assert "installer exit 1603" in markdown_report([run])


@pytest.mark.parametrize("cut", [1, 40, 400])
def test_a_record_that_was_cut_is_reported_as_far_as_it_goes_and_says_so(folder: Path, cut: int) -> None:
    path = verify_record(folder)
    path.write_bytes(path.read_bytes()[:-cut] if cut > 1 else path.read_bytes().rsplit(b"\n", 2)[0] + b"\n")
    assert main(["report", path.stem]) == 0
    page = Page(path.with_suffix(".html").read_text(encoding="utf-8"))
    assert any("Partial report" in one for one in page.text("b"))
    assert read_run(path).checks[0].host == "ws01"


def test_a_line_of_another_form_is_left_out_and_named(folder: Path) -> None:
    path = verify_record(folder)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"line": "verified", "t": 1, "host": "ws09", "checks": 3}\n[1]\nno json\n{"line": "reboot"}\n')
    assert [words.split(" ")[1] for words in read_run(path).damage] == ["6", "7", "8", "9"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'{"line": "end", "t": 1}\n', b"hello\n"])
def test_a_file_that_is_no_record_is_refused(folder: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    folder.mkdir()
    (folder / "other.jsonl").write_bytes(content)
    assert main(["report", "other"]) == 1
    said = capsys.readouterr().err
    assert "is not a run record of winbake" in said and "Traceback" not in said
    assert main(["runs"]) == 0
    assert "? other" in capsys.readouterr().out, "the list goes on"


def test_an_unknown_run_is_answered_with_the_nearest_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report"]) == 1
    assert "there is no run record" in capsys.readouterr().err
    path = bake_record(folder)
    assert main(["report", path.stem.replace("master", "mastre")]) == 1
    assert f"did you mean {path.stem}?" in capsys.readouterr().err
    assert main(["report", path.stem[:12]]) == 0, "the beginning of a name is enough"
    bake_record(folder)
    assert main(["report", path.stem[:4]]) == 1
    assert "2 runs begin so" in capsys.readouterr().err
    assert main(["report", str(path), "--html", "file.txt/no/way.html"]) == 0
    assert main(["report", str(path), "--html", "file.txt/no/way.html/x"]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_runs_are_listed_newest_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bake, verified = bake_record(folder), verify_record(folder)
    cut = bake_record(folder, "late", end=False)
    for age, path in enumerate((cut, verified, bake)):
        os.utime(path, (time.time() - age, time.time() - age))
    assert main(["runs", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["runs"]
    assert [(one["name"], one["state"]) for one in rows] == [(cut.stem, "unfinished"), (verified.stem, "failed"), (bake.stem, "ok")]
    assert rows[1]["hosts"] == ["ws01", "ws02", "ws03"] and rows[1]["result"] == "1 of 3 hosts passed"
    assert main(["runs", "-n", "1"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].startswith(f"! {cut.stem}") and "2 older" in out


def test_the_report_of_a_verification_shows_the_bake_before_it(folder: Path) -> None:
    bake, verified = bake_record(folder), verify_record(folder)
    assert main(["report", str(verified), "--html", "with.html"]) == 0
    assert main(["report", str(verified), "--html", "alone.html", "--alone"]) == 0
    assert bake.name in Path("with.html").read_text(encoding="utf-8")
    assert "gantt" in Path("with.html").read_text(encoding="utf-8")
    assert bake.name not in Path("alone.html").read_text(encoding="utf-8")
