"""Files of this machine in a bake: an installer that was fetched by hand, and a large file of a role."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from bake_stage import Stage, at_once, ctrl_c_when

WORK = r"C:\ProgramData\winbake"


def with_ginkgo(stage: Stage) -> Path:
    """Gives the manifest a tool whose installer lies in media/, and only that. Its file."""
    stage.lab.mirror.write_media(stage.root / "media")
    path = stage.root / "media" / "ginkgo-cadx-3.8.8.exe"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    def tool(body: dict[str, Any]) -> None:
        body.update(
            name="Ginkgo CADx",
            version="3.8.8",
            source={"media": path.name, "page": "https://example.org/ginkgo", "sha256": digest},
            install={"type": "exe", "arguments": "/S"},
            detect={"display_name": "Ginkgo CADx {{ version }}"},
        )

    stage.change_tool("ginkgo-cadx", tool)
    return path


def with_big_file(stage: Stage) -> bytes:
    """Gives the playbook one task that copies a file which is too large for a request. Its bytes."""
    content = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(250_000))
    folder = stage.root / "playbooks" / "files"
    folder.mkdir(exist_ok=True)
    (folder / "atlas.nii").write_bytes(content)
    task = {"name": "Atlas", "ansible.windows.win_copy": {"src": "atlas.nii", "dest": "C:\\Data\\"}, "tags": ["atlas"]}
    stage.write_tasks([task])
    return content


def parts(stage: Stage) -> list[str]:
    files = stage.host.files
    return [e.full_path for e in files.list(WORK + r"\media")] if files.exists(WORK + r"\media") else []


def test_a_tool_that_was_fetched_by_hand_is_sent_and_installed(stage: Stage) -> None:
    with_ginkgo(stage)
    ran = stage.apply("--tags", "ginkgo-cadx")
    assert ran.code == 0, ran.text
    assert "sha256 right" in ran.line("send ")
    assert any("Ginkgo CADx" in name for name in stage.uninstall_names())
    assert not stage.host.files.exists(WORK), "nothing is left behind"
    told = [e["line"] for e in stage.records() if e.get("title") == "send ginkgo-cadx"]
    assert told == ["started", "done"]
    stage.assert_nothing_to_change("--tags", "ginkgo-cadx")


def test_a_saved_plan_names_the_file_and_is_refused_if_it_is_another_one_now(stage: Stage) -> None:
    path = with_ginkgo(stage)
    assert stage.plan("--tags", "ginkgo-cadx", "-o", "saved.json").code == 2
    (sending,) = [s for s in json.loads(Path("saved.json").read_text())["hosts"][0]["steps"] if s["kind"] == "send"]
    assert sending["arguments"]["file"] == "media/ginkgo-cadx-3.8.8.exe"
    path.write_bytes(path.read_bytes() + b"!")
    ran = stage.run("apply", "saved.json")
    assert ran.code == 1
    assert "another file" in ran.text
    stage.assert_no_tool("Ginkgo")


def test_a_file_that_is_missing_names_its_page(stage: Stage) -> None:
    with_ginkgo(stage).unlink()
    ran = stage.apply("--tags", "ginkgo-cadx")
    assert ran.code == 1
    assert "media/ginkgo-cadx-3.8.8.exe is missing: fetch it from https://example.org/ginkgo" in ran.text


def test_a_large_file_of_a_role_is_sent(stage: Stage) -> None:
    content = with_big_file(stage)
    stage.bake("--tags", "atlas")
    assert stage.host.files.read(r"C:\Data\atlas.nii") == content
    assert not stage.host.files.exists(WORK)
    stage.assert_nothing_to_change("--tags", "atlas")


def test_ctrl_c_while_a_file_is_sent_says_how_far_it_is_and_the_next_run_goes_on(stage: Stage) -> None:
    content = with_big_file(stage)
    with ctrl_c_when(lambda: parts(stage)):
        ran = stage.apply("--tags", "atlas")
    assert ran.code == 130, ran.text
    assert "of 8.0 MB of atlas.nii are on the host, and the next run goes on from there" in ran.text
    assert parts(stage)
    assert not stage.host.files.exists(r"C:\Data\atlas.nii")
    again = stage.apply("--tags", "atlas")
    assert again.code == 0, again.text
    assert "of it there already, sha256 right" in again.line("send ")
    assert stage.host.files.read(r"C:\Data\atlas.nii") == content


def test_a_full_disk_is_named_and_nothing_is_begun(stage: Stage) -> None:
    with_big_file(stage)
    with at_once(lambda: parts(stage), lambda: stage.lab.add_fault("disk_full:drive=C:")):
        ran = stage.apply("--tags", "atlas")
    assert ran.code == 1, ran.text
    assert "not enough space on the disk" in ran.text
    assert not stage.host.files.exists(r"C:\Data")
