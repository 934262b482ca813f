"""Modules that no role of the project uses, baked over WinRM: done, proved, and nothing to do afterwards."""

from __future__ import annotations

from collections.abc import Callable

import yaml
from bake_stage import Stage

BASE = "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/"
TELNET = {"name": "Telnet-Client", "state": "present"}


def fetched(stage: Stage, name: str, dest: str) -> dict[str, object]:
    """A task that fetches a stand-in's file by its hash."""
    sha256, _ = stage.lab.mirror.urls()[BASE + name]
    return {
        "name": f"Fetch {name}",
        "ansible.windows.win_get_url": {
            "url": BASE + name, "dest": dest, "checksum": sha256, "checksum_algorithm": "sha256",
        },
    }  # fmt: skip


def test_a_file_is_fetched_and_an_archive_unpacked(stage: Stage) -> None:
    unpack = {"src": r"C:\Fetched\ct.zip", "dest": r"C:\Fetched\ct", "creates": r"C:\Fetched\ct\CT_DICOM_SINGLE\1.dcm"}
    stage.write_tasks(
        [
            fetched(stage, "CT_DICOM_SINGLE.zip", r"C:\Fetched\ct.zip"),
            {"name": "Unpack the series", "community.windows.win_unzip": unpack},
            fetched(stage, "MNI152_T1_2mm.nii.gz", r"C:\Fetched\brain.nii.gz"),
        ]
    )
    stage.bake("--skip", "tools")
    assert stage.host.files.read(r"C:\Fetched\ct\CT_DICOM_SINGLE\1.dcm")[128:132] == b"DICM"
    assert stage.host.files.read(r"C:\Fetched\brain.nii.gz").startswith(b"\x1f\x8b")
    stage.assert_nothing_to_change("--skip", "tools")
    stage.host.files.write(r"C:\Fetched\brain.nii.gz", b"spoiled")
    ran = stage.plan("--skip", "tools")
    assert ran.code == 2 and "brain.nii.gz" in ran.text and "ct.zip" not in ran.text
    stage.assert_converges("--skip", "tools")


def test_a_file_that_is_another_one_than_named_never_gets_there(stage: Stage) -> None:
    task = fetched(stage, "MNI152_T1_2mm.nii.gz", r"C:\Fetched\brain.nii.gz")
    task["ansible.windows.win_get_url"]["checksum"] = "0" * 64  # type: ignore[index]
    stage.write_tasks([task])
    ran = stage.apply("--skip", "tools")
    assert ran.code == 1
    assert "it is not the file that was reviewed" in ran.text
    assert not stage.host.files.exists(r"C:\Fetched\brain.nii.gz")


def test_cygwin_comes_from_a_package_tree_without_a_mirror(make_stage: Callable[..., Stage]) -> None:
    """As docs/cygwin.md says it."""
    stage = make_stage(whole=True)
    stage.only_tools("cygwin")
    manifest = stage.root / "manifest.yaml"
    body = yaml.safe_load(manifest.read_text())
    body["variables"]["cygwin_source"] = "--local-install"
    body["executables"], body["data"] = {}, {}
    manifest.write_text(yaml.safe_dump(body, sort_keys=False))
    tree = body["variables"]["cygwin_tree"]
    url = "https://data.example/winbake/cygwin-packages-2026-09-01.zip"
    fetch = {"url": url, "dest": tree + ".zip", "checksum": stage.lab.mirror.urls()[url][0], "checksum_algorithm": "sha256"}
    unpack = {"src": tree + ".zip", "dest": tree, "creates": tree}
    play = {
        "name": "Packages first",
        "hosts": "masters",
        "pre_tasks": [
            {"name": "Fetch", "ansible.windows.win_get_url": fetch},
            {"name": "Unpack", "community.windows.win_unzip": unpack},
        ],
    }
    (stage.root / "playbooks" / "master.yml").write_text(yaml.safe_dump([play], sort_keys=False))
    stage.bake()
    assert stage.host.files.is_file(r"C:\cygwin64\bin\bash.exe")
    assert not [url for url in stage.host.network.fetched if "mirrors.kernel.org" in url]
    stage.assert_nothing_to_change()


def test_features_are_installed_and_taken_away(stage: Stage) -> None:
    def tasks(state: str) -> None:
        optional = {"name": ["TelnetClient"], "state": state}
        stage.write_tasks(
            [
                {"name": "Web server", "ansible.windows.win_feature": {"name": "Web-Static-Content", "state": state}},
                {"name": "Telnet", "ansible.windows.win_optional_feature": optional},
            ]
        )

    tasks("present")
    stage.bake("--skip", "tools")
    assert stage.host.features.get("Web-Static-Content").installed
    assert stage.host.features.get("Telnet-Client").installed
    stage.assert_nothing_to_change("--skip", "tools")
    tasks("absent")
    stage.assert_converges("--skip", "tools")
    assert not stage.host.features.get("Web-Static-Content").installed


def test_a_users_rights_on_a_folder_are_given_by_sid(stage: Stage) -> None:
    folder = {"path": r"C:\Shared", "state": "directory"}
    rights = {"path": r"C:\Shared", "user": "S-1-5-32-545", "rights": "Modify", "type": "allow", "state": "present"}
    stage.write_tasks(
        [
            {"name": "Folder", "ansible.windows.win_file": folder},
            {"name": "Everybody writes", "ansible.windows.win_acl": rights},
        ]
    )
    stage.bake("--skip", "tools")
    stage.assert_nothing_to_change("--skip", "tools")
