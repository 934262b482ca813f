"""The project's own manifest and roles: the whole teaching image is baked, proved, and raised by two versions."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Callable

import yaml
from bake_stage import PROJECT, Stage, numbers_of

from winbake.rehearsal.windows.access import own_entries

DESKTOP = r"C:\Users\Public\Desktop"
JAVA = r"C:\Windows\Sun\Java\Deployment\deployment."
TIME_ZONE = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\TimeZoneInformation"


def test_the_whole_image_is_baked_and_then_raised_by_two_tools(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(whole=True)
    files = stage.host.files
    applied = stage.apply()
    assert applied.code == 0, applied.text
    right, total = numbers_of(applied.text, r"facts read again, (\d+) of (\d+) as wanted")
    assert right == total > 40
    assert files.exists(r"C:\Program Files\Mozilla Firefox\distribution\policies.json")
    assert b'"Name": "Workshop"' in files.read(r"C:\Program Files\Orthanc Server\Configuration\orthanc.json")
    assert files.exists(r"C:\Tools\Postman-12.24.6\Postman.exe"), "machine-wide, not in a profile"
    assert stage.host.environment.raw()["JAVA_HOME"][1].startswith(r"C:\Program Files\Eclipse Adoptium\jre-17")
    entries = [e.lower() for e in stage.machine_path()]
    assert entries[0] == r"c:\tools\curl-8.22.0_2\bin", "before System32's own curl"
    assert entries[-1] == r"c:\cygwin64\bin", "Cygwin shadows nothing"
    assert entries.index(r"c:\tools\dcmtk-3.7.0\bin") < entries.index(r"c:\tools\dcm4che-5.34.2\bin")
    assert not [e for e in entries if "mriconvert" in e], "a tool that is skipped has no PATH entry"
    assert_settings(stage)

    before = stage.lab.counters()
    assert_nothing_left(stage)
    spent = {name: stage.lab.counters()[name] - before[name] for name in ("requests", "powershell_starts")}
    assert spent["powershell_starts"] == 1
    assert spent["requests"] <= 12
    assert_verified(stage)

    stage.edit_manifest('version: "3.7.0"', 'version: "3.7.1"')
    stage.edit_manifest('version: "153.3.0"', 'version: "153.4.0"')
    ran = stage.plan("--json")
    changed = {r["id"] for r in ran.json["hosts"][0]["resources"] if r["changes"]}
    assert changed == {"tool firefox-esr", "tool dcmtk", r"path C:\Tools\dcmtk-3.7.1\bin"}
    stage.bake()
    assert_nothing_left(stage)
    assert not files.exists(r"C:\Tools\dcmtk-3.7.0")
    assert [n for n in stage.uninstall_names() if "Firefox" in n] == ["Mozilla Firefox ESR (x64 en-US)"]


def assert_verified(stage: Stage) -> None:
    """By the checks that follow from the manifest, and by those written in tests/image."""
    shutil.copytree(PROJECT / "tests" / "image", stage.root / "tests" / "image")
    before = stage.lab.counters()["requests"]
    ran = stage.run("verify", "--json")
    assert ran.code == 0, ran.text
    assert stage.lab.counters()["requests"] - before <= 30, "two logins, and two or three calls"
    checks = ran.json["hosts"][0]["checks"]
    passed = [check["check"] for check in checks if check["subject"] == "written" and check["status"] == "passed"]
    assert len(passed) > 30
    assert "orthanc listens and the firewall lets it (8042)" in passed


def assert_settings(stage: Stage) -> None:
    """What the roles have left on the host."""
    read = stage.host.registry.read
    assert read(TIME_ZONE, "TimeZoneKeyName") == "W. Europe Standard Time"
    assert stage.host.computer_name == "WORKSHOP"
    password = stage.inventory.with_suffix(".participant").read_text(encoding="utf-8")
    participant = stage.host.accounts.check_logon("participant", password)
    for group in ("S-1-5-32-544", "S-1-5-32-555"):
        assert participant.sid in stage.host.accounts.must_group(group).members
    stage.assert_not_written(password, but=("lab.participant",))
    data = own_entries(stage.host.files, r"C:\Data")
    assert [(ace.sid, ace.flags & 3, ace.mask & 0x301BF) for ace in data] == [("S-1-5-32-545", 3, 0x301BF)]
    policies = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft"
    assert read(policies + r"\Windows\System", "EnableSmartScreen") == 0
    assert read(policies + r"\Windows\OOBE", "DisablePrivacyExperience") == 1
    assert read(policies + r"\Edge", "HideFirstRunExperience") == 1
    chrome = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Google\Chrome"
    assert read(chrome, "PromotionalTabsEnabled") == read(chrome, "DefaultBrowserSettingEnabled") == 0
    network = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Network\NewNetworkWindowOff"
    assert stage.host.registry.open(network) is not None
    java = {name: stage.host.files.read(JAVA + name).decode() for name in ("config", "properties")}
    assert "=file:///C:/Windows/Sun/Java/Deployment/deployment.properties\r\n" in java["config"]
    assert java["properties"].endswith("sites=C:/Windows/Sun/Java/Deployment/exception.sites\r\n")
    sites = stage.host.files.read(r"C:\Windows\Sun\Java\Deployment\exception.sites")
    assert sites == b"http://www.dclunie.com\r\n"


def assert_nothing_left(stage: Stage) -> None:
    again = stage.plan("--json")
    assert again.code == 0, again.text
    assert again.json["hosts"][0]["steps"] == []


def test_what_must_be_fetched_by_hand_is_said_with_its_page(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(whole=True)
    ran = stage.plan("--json")
    skipped = {r["name"]: r["skipped"] for r in ran.json["hosts"][0]["resources"] if r["skipped"]}
    tools = yaml.safe_load((stage.root / "manifest.yaml").read_text(encoding="utf-8"))["tools"]
    by_hand = {name: tool["source"]["page"] for name, tool in tools.items() if "media" in tool["source"]}
    assert set(skipped) == set(by_hand)
    for name, page in by_hand.items():
        assert page in skipped[name]


def test_a_tool_is_not_baked_without_the_one_it_needs(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(whole=True)
    ran = stage.apply("--tags", "postman")
    assert ran.code == 1
    assert "tool postman: needs 7zip, which is neither on the host nor planned: do not skip 7zip" in ran.text
    stage.assert_no_tool("7-Zip")
    stage.bake("--tags", "postman,7zip")


def test_a_file_that_nobody_has_seen_is_not_installed(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(whole=True)
    lock = stage.root / "lab.lock.yaml"
    body = yaml.safe_load(lock.read_text(encoding="utf-8"))
    body["sources"] = {url: seen for url, seen in body["sources"].items() if "dcm4che" not in url}
    lock.write_text(yaml.safe_dump(body), encoding="utf-8")
    ran = stage.apply()
    assert ran.code == 1
    assert "nobody has seen https://downloads.sourceforge.net/project/dcm4che" in ran.text
    assert "python bake.py lock" in ran.text
    stage.assert_no_tool("7-Zip")


def test_a_changed_template_restarts_its_service_and_nothing_else(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(whole=True)
    stage.bake("--tags", "orthanc")
    path = stage.root / "templates" / "orthanc.json.j2"
    text = path.read_text(encoding="utf-8").replace("dict(orthanc, ", "dict(orthanc, DicomCheckCalledAet=true, ")
    path.write_text(text, encoding="utf-8")
    ran = stage.plan("--tags", "orthanc", "--json")
    host = ran.json["hosts"][0]
    (changed,) = [r for r in host["resources"] if r["changes"]]
    assert changed["kind"] == "file"
    assert [step["kind"] for step in host["steps"]] == ["file", "service"]
    process = stage.host.services.must("Orthanc").process_id
    stage.assert_converges("--tags", "orthanc")
    written = stage.host.files.read(r"C:\Program Files\Orthanc Server\Configuration\orthanc.json")
    assert hashlib.sha256(written).hexdigest()[:12] in changed["changes"][0]["new"]
    assert stage.host.services.must("Orthanc").process_id != process


def test_sample_data_can_be_one_file(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    url = "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/MNI152_T1_2mm.nii.gz"
    with (stage.root / "manifest.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\ndata:\n  template: {{url: '{url}'}}\n")
    stage.bake("--tags", "data")
    assert gzip.decompress(stage.host.files.read(r"C:\Data\template\MNI152_T1_2mm.nii.gz"))[344:347] == b"n+1"
    stage.assert_nothing_to_change("--tags", "data")


def test_sample_data_is_unpacked_once_and_anew_when_its_hash_changed(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    manifest = stage.root / "manifest.yaml"
    url = "https://data.example/winbake/sample-dicom-1.0.zip"
    with manifest.open("a", encoding="utf-8") as file:
        file.write(f"\ndata:\n  phantom: {{url: '{url}'}}\n")
    stage.bake("--tags", "data")
    (mark,) = [e for e in stage.host.files.list(r"C:\Data\phantom") if e.name == ".winbake.json"]
    assert url.encode() in stage.host.files.read(mark.full_path)
    stage.assert_nothing_to_change("--tags", "data")
    stage.host.files.write(mark.full_path, b'{"url": "x", "sha256": "' + b"0" * 64 + b'"}')
    assert stage.plan("--tags", "data").code == 2
    stage.assert_converges("--tags", "data")


def test_data_that_nobody_has_seen_is_said_with_its_line(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    with (stage.root / "manifest.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndata:\n  phantom: {url: 'https://data.example/none.zip'}\n")
    ran = stage.plan()
    assert ran.code == 1
    assert "data.phantom: nobody has seen https://data.example/none.zip yet; run: python bake.py lock" in ran.text
