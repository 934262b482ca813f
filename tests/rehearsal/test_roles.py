"""Ansible's tasks on a host: handlers, conditions on facts, commands."""

from __future__ import annotations

from bake_stage import Stage


def test_a_handler_runs_once_and_only_after_a_change(stage: Stage) -> None:
    stage.only_tools("7zip")
    stage.write_tasks(
        [
            {"name": f"value {n}", "win_regedit": {"path": r"HKLM:\SOFTWARE\X", "name": n, "data": "1"}, "notify": "again"}
            for n in ("A", "B")
        ]
    )
    book = stage.root / "playbooks" / "master.yml"
    handler = "  handlers:\n    - name: again\n      win_service: {name: Spooler, state: restarted}\n"
    book.write_text(book.read_text(encoding="utf-8") + handler, encoding="utf-8")
    ran = stage.apply()
    assert ran.code == 0, ran.text
    assert ran.text.count("✓ service        Spooler") == 1
    stage.assert_nothing_to_change()


def test_when_on_facts(stage: Stage) -> None:
    def task(name: str, year: str) -> dict[str, object]:
        folder = {"path": f"C:\\{name}", "state": "directory"}
        return {"name": name, "win_file": folder, "when": f"'{year}' in ansible_os_name"}

    stage.only_tools("7zip")
    stage.write_tasks([task("yes", "2022"), task("no", "2019")])
    stage.bake()
    assert stage.host.files.is_directory("C:\\yes")
    assert not stage.host.files.exists("C:\\no")


def test_commands_with_creates_and_without(stage: Stage) -> None:
    stage.only_tools("7zip")
    line = "Set-Content -Path C:\\made.txt -Value 'né'"
    stage.write_tasks(
        [
            {"name": "once", "win_shell": line, "args": {"creates": "C:\\made.txt"}},
            {"name": "always", "win_command": "whoami.exe"},
        ]
    )
    stage.bake()
    assert stage.host.files.read("C:\\made.txt") == "né\r\n".encode("cp1252")
    plan = stage.plan()
    assert plan.code == 2
    assert "always runs: it names neither creates nor removes" in plan.text
    assert "command once" not in plan.text


def test_a_command_that_fails_shows_what_it_said(stage: Stage) -> None:
    stage.only_tools("7zip")
    stage.write_tasks([{"name": "bad", "win_shell": "Write-Output 'so it goes'; exit 7"}])
    ran = stage.apply("--skip", "tools")
    assert ran.code == 1
    assert "command bad: exit 7" in ran.text
    assert "so it goes" in ran.text
