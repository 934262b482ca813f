"""Every block of docs/lesson is run, with the real programs, and prints what the page shows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lesson_stage import PAGES, LessonGround, PageError, blocks_of, matches
from pacs_stage import PASSWORD, PacsStage

from winbake.config.secret import Secret
from winbake.pacs.lesson_study import write_study
from winbake.pacs.rest import OrthancRest
from winbake.rehearsal.classroom.orthanc import HOW_TO_INSTALL, RealOrthanc, free_port, program

LOCAL = ("1-headers.md", "2-nifti.md")
WITH_PACS = ("README.md", "3-anonymise.md", "4-pacs.md", "5-automate.md")


def _needs(*programs: str) -> None:
    missing = [one for one in programs if shutil.which(one) is None]
    if missing:
        pytest.skip(f"apt-get install dcmtk dcm2niix curl, for {', '.join(missing)}")


def _run(tmp_path: Path, pages: tuple[str, ...], places: dict[str, str]) -> list[str]:
    problems: list[str] = []
    for name in pages:
        ground = LessonGround(tmp_path / name, places)
        if name != "README.md":
            write_study(ground.folder / "study")
        (ground.folder / "pacs.netrc").write_text(f"machine 127.0.0.1 login workshop password {PASSWORD}\n")
        problems += ground.problems(PAGES / name)
    return problems


def test_the_pages_without_a_pacs(tmp_path: Path) -> None:
    _needs("dcmdump", "dcm2niix")
    problems = _run(tmp_path, LOCAL, {})
    assert not problems, "\n\n".join(problems)


@pytest.fixture
def places(pacs_stage: PacsStage) -> Iterator[dict[str, str]]:
    """The course's PACS, which knows twenty stations, and a public one, which knows nobody and lets everybody ask."""
    _needs("dcmdump", "dcm2niix", "storescu", "curl")
    if program() is None:
        pytest.skip(HOW_TO_INSTALL)
    port, web, dicom = free_port(), free_port(), free_port()
    pacs_stage.change_manifest(lambda classroom: classroom.update(count=20, dicom_port=port))
    course = pacs_stage.orthanc()
    public = json.loads(pacs_stage.run("pacs", "render", "--with-secrets", secret=True).out) | {
        "HttpPort": web,
        "DicomPort": dicom,
        "DicomModalities": {},
        "Plugins": [],
        "DicomCheckCalledAet": False,
        "DicomAlwaysAllowFind": True,
        "StorageDirectory": str(pacs_stage.root / "public-images"),
        "IndexDirectory": str(pacs_stage.root / "public-images"),
    }
    with course, RealOrthanc(json.dumps(public), pacs_stage.root / "public"):
        rest = OrthancRest(f"http://127.0.0.1:{web}", "workshop", Secret(PASSWORD), 10)
        for image in write_study(pacs_stage.root / "study"):
            rest.add(image.read_bytes())
        yield {
            "http://172.31.15.240:8042": f"http://127.0.0.1:{pacs_stage.http_port}",
            "172.31.15.240 4242": f"127.0.0.1 {pacs_stage.dicom_port}",
            "www.dicomserver.co.uk 104": f"127.0.0.1 {dicom}",
            "11112": str(port),
        }


def test_the_pages_with_a_pacs(tmp_path: Path, places: dict[str, str]) -> None:
    problems = _run(tmp_path, WITH_PACS, places)
    assert not problems, "\n\n".join(problems)


def test_no_page_is_left_out() -> None:
    assert {page.name for page in PAGES.glob("*.md")} == {*LOCAL, *WITH_PACS}
    assert all(blocks_of(PAGES / name) for name in (*LOCAL, *WITH_PACS))


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("```cmd\ndir\n```\n", "a block of 'cmd' is never run"),
        ("```\ndir\n```\n", "a block of '' is never run"),
        ("```bash\ntrue\n```\nwords\n```text\n1\n```\n", "follows no block that runs"),
    ],
)
def test_a_block_that_nobody_runs_is_no_part_of_a_page(tmp_path: Path, page: str, problem: str) -> None:
    (tmp_path / "page.md").write_text(page)
    with pytest.raises(PageError, match=problem):
        blocks_of(tmp_path / "page.md")


def test_what_differs_from_the_page_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```bash\necho 1\n```\n\n```text\n2\n```\n\n```bash\nfalse\n```\n")
    assert list(LessonGround(tmp_path / "ground", {}).problems(page)) == [
        "page.md:1: the page shows\n2\nbut it printed\n1\n",
        "page.md:9: exit code 1\n",
    ]
    assert matches("a\n…\nd …!\n", "a\nb\nc\nd e f!\n") and not matches("a\nb\n", "a\n")
    assert not matches("a\n…\n", "a b\n")
