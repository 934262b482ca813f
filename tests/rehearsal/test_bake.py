"""The whole way on one host: plan, apply, proof, plan again; what it costs on the wire; a raised version."""

from __future__ import annotations

from collections.abc import Callable

from bake_stage import Stage, numbers_of


def test_plan_apply_plan(stage: Stage) -> None:
    planned = stage.plan()
    assert planned.code == 2
    assert "tool dcmtk" in planned.text
    stage.assert_no_tool("7-Zip")
    applied = stage.apply()
    assert applied.code == 0, applied.text
    right, total = numbers_of(applied.text, r"facts read again, (\d+) of (\d+) as wanted")
    assert right == total > 20
    assert any("7-Zip" in name for name in stage.uninstall_names())
    assert r"C:\Tools\dcmtk-3.7.0\bin" in stage.machine_path()
    assert stage.host.services.must("Orthanc").status == 4
    assert not stage.host.files.exists(r"C:\ProgramData\winbake"), "the agent leaves nothing behind"
    stage.assert_nothing_to_change()


def test_the_json_of_each_verb_says_the_same(stage: Stage) -> None:
    planned = stage.plan("--json")
    assert planned.code == 2
    assert planned.json["errors"] == []
    host = planned.json["hosts"][0]
    assert host["host"] == "master"
    assert host["summary"]["install_or_upgrade"] == 5
    applied = stage.apply("--json")
    assert applied.code == 0
    body = applied.json["hosts"][0]
    assert (body["ok"], body["failed"], body["proof"]["ok"]) == (True, [], True)
    again = stage.plan("--json")
    assert again.code == 0
    assert again.json["hosts"][0]["steps"] == []
    probed = stage.run("doctor", "--json")
    assert probed.code == 0
    assert {step["status"] for step in probed.json["hosts"][0]["steps"]} == {"ok"}


def test_tags_and_skip_choose(stage: Stage) -> None:
    ran = stage.apply("--tags", "dicom", "--skip", "orthanc")
    assert ran.code == 0, ran.text
    assert stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")
    stage.assert_no_tool("Orthanc")
    assert not stage.host.files.exists(r"C:\Tools\dcm2niix")
    assert "--tags or --skip leave out" in ran.text


def test_limit_leaves_the_other_host_alone(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(hosts=2)
    ran = stage.apply("--limit", "master2", "--tags", "dcmtk")
    assert ran.code == 0, ran.text
    first, second = (one.host.files.exists(r"C:\Tools\dcmtk-3.7.0") for one in stage.lab.hosts)
    assert (first, second) == (False, True)
    assert stage.lab.hosts[0].endpoint.counters["requests"] == 0


def test_a_raised_version_touches_only_its_tool(stage: Stage) -> None:
    stage.bake()
    stage.edit_manifest('version: "3.7.0"', 'version: "3.7.1"')
    ran = stage.plan("--json")
    assert ran.code == 2
    assert {r["id"] for r in ran.json["hosts"][0]["resources"]} == {"tool dcmtk", r"path C:\Tools\dcmtk-3.7.1\bin"}
    stage.assert_converges()
    assert not stage.host.files.exists(r"C:\Tools\dcmtk-3.7.0")
    assert r"C:\Tools\dcmtk-3.7.0\bin" not in stage.machine_path()


def test_orthanc_is_uninstalled_before_its_installer_that_would_hang(stage: Stage) -> None:
    stage.bake("--tags", "orthanc")
    stage.edit_manifest('version: "25.8.1"', 'version: "26.1.0"')
    ran = stage.apply("--tags", "orthanc")
    assert ran.code == 0, ran.text
    assert ran.text.index("uninstall") < ran.text.index("orthanc 26.1.0  ")
    assert [n for n in stage.uninstall_names() if "Orthanc" in n] == ["Orthanc 26.1.0"]
    stage.assert_nothing_to_change("--tags", "orthanc")


def test_a_plan_of_sixty_resources_costs_little(stage: Stage) -> None:
    stage.only_tools()
    tasks: list[dict[str, object]] = []
    for n in range(12):
        key = {"path": rf"HKLM:\SOFTWARE\Stage\K{n}", "name": "v", "type": "dword", "data": n}
        rule = {"name": f"stage-{n}", "localport": 20000 + n, "protocol": "tcp"}
        tasks += [
            {"name": f"value {n}", "ansible.windows.win_regedit": key},
            {"name": f"variable {n}", "ansible.windows.win_environment": {"name": f"STAGE_{n}", "value": f"{n}", "level": "machine", "state": "present"}},
            {"name": f"rule {n}", "community.windows.win_firewall_rule": rule},
            {"name": f"folder {n}", "ansible.windows.win_file": {"path": rf"C:\Stage\{n}", "state": "directory"}},
        ]  # fmt: skip
    names = [name for name in ("Spooler", "EventLog", "Dhcp", "Dnscache", "W32Time", "WinRM", "LanmanServer",
             "LanmanWorkstation", "TermService", "Schedule", "RpcSs", "BITS") if stage.host.services.get(name)]  # fmt: skip
    words = {2: "auto", 3: "manual", 4: "disabled"}
    for name in names:
        service = stage.host.services.must(name)
        start = "delayed" if service.delayed else words[service.start_type]
        tasks.append({"name": name, "ansible.windows.win_service": {"name": name, "start_mode": start}})
    assert len(tasks) == 60
    stage.write_tasks(tasks)
    stage.bake()
    endpoint = stage.one.endpoint
    endpoint.reset_counters()
    ran = stage.plan()
    assert ran.code == 0, ran.text
    assert "60 of 60 are right already" in ran.text
    counted = endpoint.counters_json()
    assert int(str(counted["requests"])) <= 12 + 3, "12 and the three of the NTLM login"
    assert counted["powershell_starts"] == 1
    assert int(str(counted["wire_bytes_in"])) <= 200_000
