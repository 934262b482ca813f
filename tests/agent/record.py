"""Makes the recordings of tests/agent/recordings out of the tests' own runs of the agent.

    python -m tests.agent.record            records all of them anew
    python -m tests.agent.record updates    only those of tests with this word in their name
    python -m tests.agent.record --check    exit 1 if a run asks or says something else than its recording holds

A recording is named after its test; a test that runs the agent several times makes several. Whenever one of these tests runs,
conftest.py holds its runs to the recordings. What differs from run to run (times, progress, the port of the mirror, a host's SIDs) is left
out of that comparison. replay.ps1 plays them.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from agent_stage import Run, Stage  # noqa: E402
from recorder import Recorder, Recording  # noqa: E402

FOLDER = HERE / "recordings"
TESTS = r"""
test_access.py::test_a_rule_is_added_once_and_removed
test_access.py::test_who_and_what_is_not_there
test_accounts.py::test_a_user_is_made_and_read_back_without_its_password
test_accounts.py::test_a_user_is_removed
test_accounts.py::test_a_refused_password_leaves_no_account_and_is_not_repeated
test_accounts.py::test_a_translated_group_is_found_by_its_sid
test_accounts.py::test_a_group_that_is_missing_says_so
test_agent_schedule.py::test_the_limit_ends_only_the_one_that_met_it
test_agent_schedule.py::test_operations_that_wait_for_one_another_are_named
test_archives.py::test_sample_data_is_fetched_unpacked_and_known_again
test_archives.py::test_any_file_is_fetched_and_replaces_the_older_one
test_archives.py::test_an_archive_goes_into_a_folder_and_leaves_the_rest
test_archives.py::test_an_archive_that_is_none_leaves_nothing_behind
test_downloads.py::test_a_file_that_is_right[msi]
test_downloads.py::test_a_file_that_is_wrong_is_never_there[served0-changes0-it is not the file that was reviewed]
test_downloads.py::test_a_file_that_is_wrong_is_never_there[served6-changes6-is not signed by CN=Other (signer: 'CN=Good Company, O=Good')]
test_downloads.py::test_a_server_that_fails[not_found-404]
test_extraction.py::test_a_jar_is_put_into_a_folder_of_its_own
test_extraction.py::test_a_program_is_taken_out_of_a_per_user_installer
test_extraction.py::test_a_file_that_is_no_archive_is_7zips_failure
test_extraction.py::test_a_tool_is_known_by_a_registry_value[v3.8.8 (2019)-v([\\d.]+)-3.8.8-]
test_facts.py::test_an_unknown_query_fails_alone
test_facts.py::test_system_says_who_the_host_is
test_facts.py::test_uninstall_entry_with_all_its_values
test_facts.py::test_environment_is_raw_and_says_which_folders_are_there
test_facts.py::test_registry_value_that_is_not_there
test_facts.py::test_file_with_hash_and_version_only_when_asked
test_facts.py::test_listing_of_a_folder_that_is_not_there
test_facts.py::test_command_is_found_on_the_path_as_it_is_now
test_facts.py::test_services_are_asked_together
test_facts.py::test_firewall_gives_what_is_not_windows_own
test_features.py::test_a_feature_comes_and_goes_without_a_restart
test_features.py::test_an_unknown_name_and_a_missing_payload_are_failures
test_installers.py::test_an_msi_is_installed_and_found_and_removed_again
test_installers.py::test_an_msi_that_fails_shows_the_end_of_its_log
test_installers.py::test_an_installer_that_lies_is_found_out
test_installers.py::test_an_installer_that_shows_a_window_is_ended_at_the_limit
test_installers.py::test_an_uninstall_that_fails
test_installers.py::test_a_real_installer_of_each_other_kind
test_installers.py::test_an_uninstaller_whose_entry_stays[64-HKLM]
test_installers.py::test_an_archive_becomes_the_folder_whole[names0-dcmtk-3]
test_installers.py::test_an_archive_that_is_none
test_machine.py::test_a_time_zone_is_set_and_read_back
test_machine.py::test_a_zone_that_windows_does_not_have_is_known_before_and_refused
test_machine.py::test_a_new_name_is_in_use_after_the_restart_that_it_asks_for
test_machine.py::test_a_name_that_cannot_be_is_refused
test_operations.py::test_an_unknown_operation_fails_and_stops_the_rest
test_operations.py::test_a_second_run_at_once_is_told_that_the_host_is_locked
test_operations.py::test_registry_value_of_each_kind[DWord-4294967295-stored4]
test_operations.py::test_registry_value_of_each_kind[MultiString-data11-stored11]
test_operations.py::test_registry_value_of_each_kind[Binary-000aff-stored14]
test_operations.py::test_a_registry_value_is_removed_once_and_again
test_operations.py::test_a_variable_keeps_its_kind[ExpandString-stored1]
test_operations.py::test_a_file_replaces_what_was_there
test_operations.py::test_a_file_that_came_wrong_leaves_the_old_one
test_operations.py::test_a_file_held_open_is_a_failure_that_leaves_nothing_half
test_operations.py::test_directories_are_made_and_deleted_once_and_again
test_operations.py::test_a_sent_file_is_put_in_its_place_only_if_it_is_the_right_one
test_operations.py::test_a_rule_is_made_once_however_often
test_operations.py::test_a_rule_that_windows_refuses_says_so
test_operations.py::test_a_services_start_mode[delayed-delayed]
test_operations.py::test_a_services_state
test_operations.py::test_an_unknown_service_is_a_failure[None-running]
test_operations.py::test_a_service_that_does_not_start
test_operations.py::test_exit_codes
test_operations.py::test_a_command_at_its_limit_is_ended_with_its_children
test_operations.py::test_a_command_that_cannot_start["C:\\open quote-a quote is missing in: ]
test_operations.py::test_a_restart_that_windows_refuses
test_operations.py::test_reboot_is_asked_for_and_a_second_time_is_no_failure
test_optional_features.py::test_a_feature_comes_and_goes_without_a_restart
test_optional_features.py::test_what_is_unknown_or_has_no_files
test_path.py::test_the_same_edit_twice_changes_nothing_more
test_path.py::test_edits["C:\\x;y";C:\\b-edits8-"C:\\x;y";C:\\new;C:\\b]
test_remote_access.py::test_how_the_run_came_in
test_remote_access.py::test_what_a_program_holds_open_stays_and_is_said
test_remote_access.py::test_a_folder_that_is_not_there_is_empty
test_scheduled_tasks.py::test_what_windows_brings_is_read
test_scheduled_tasks.py::test_disabling_touches_nothing_else
test_scheduled_tasks.py::test_a_task_is_made_and_its_program_runs_as_system_at_the_next_start
test_scheduled_tasks.py::test_a_task_that_windows_refuses_is_a_failure_with_its_code
test_settings_file.py::test_the_service_runs_with_the_new_file_and_the_old_one_is_gone
test_settings_file.py::test_a_file_with_which_it_does_not_start_is_taken_back_and_the_log_is_told
test_settings_file.py::test_a_file_that_is_not_there_is_said
test_shortcuts.py::test_a_shortcut_is_made_and_read_back
test_shortcuts.py::test_a_shortcut_that_cannot_be_written_says_so
test_updates.py::test_where_a_network_logon_may_not_search_the_system_does
test_updates.py::test_a_search_that_fails_says_windows_code
test_updates.py::test_updates_are_installed_with_progress_and_a_restart_is_owed
test_updates.py::test_one_that_fails_is_named_with_its_code_and_the_others_go_on
"""
VOLATILE = frozenset({"nonce", "seconds", "boot_time", "now", "free_bytes", "thumbprint"})


MOVING = re.compile(r"(127\.0\.0\.1):\d+|(S-1-5-21)-\d+-\d+-\d+|\b[0-9a-f]{64}\b|\b\d\d:\d\d:\d\d(?::\d+)?|\b\d+/\d+/\d{4}\b")
"""Parts of texts that are others in every run: the mirror's port, SIDs, hashes of archives made just now, times in logs."""
WHILE_WAITING = frozenset({"Wait-HostMoment", "Get-HostFileSize", "Test-HostFile", "Test-HostProcess"})
"""Wrappers that a run calls only where it has to wait, which a slow machine does more often."""


@contextmanager
def recorded() -> Iterator[list[Recording]]:
    """While it is entered: the runs of the agent that a test makes, in the end those of its tasks too."""
    finish, made = Stage.finish, []
    with Recorder() as recorder:

        def finished(stage: Stage, process: Any) -> Run:
            run = finish(stage, process)
            made.append(recorder.of(process))
            return run

        with patch.object(Stage, "finish", finished):
            yield made
        made.extend(recorder.tasks())


class Plugin:
    """Sits in the pytest run of `record`: conftest.py hands it what was recorded, test by test."""

    def __init__(self) -> None:
        self.found: dict[str, Recording] = {}
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(f"{report.nodeid}\n{report.longreprtext}")


def named(node: str, made: list[Recording]) -> dict[str, Recording]:
    """The recordings of a test by their files' names."""
    plain = _file_name(node)
    return {f"{plain}-{n}{'-task' * bool(one.folder)}": one for n, one in enumerate(made, 1)}


def _file_name(node: str) -> str:
    short = re.sub(r"^test_(\w+)\.py::test_", r"\1-", node).lower().replace("[", "-", 1)
    return re.sub(r"[^a-z0-9-]+", "_", short).strip("_")[:90]


def wanted(words: list[str] | None = None) -> list[str]:
    """The tests to record, by their ids; with `words`: those that have one of them."""
    return [line for line in TESTS.splitlines() if line and (not words or any(word in line for word in words))]


def record(tests: list[str]) -> dict[str, Recording]:
    """Name → recording, of runs made just now."""
    plugin = Plugin()
    nodes = [str(HERE / node) for node in tests]
    options = ["-q", "--no-header", "-p", "no:cacheprovider", "--rootdir", str(HERE.parents[1])]
    code = pytest.main([*options, *nodes], plugins=[plugin])
    if code or plugin.failed:
        raise SystemExit("the tests that are recorded must pass:\n" + "\n".join(plugin.failed))
    return plugin.found


def comparable(text: str) -> dict[str, Any]:
    """What two recordings of the same run have in common: the request, each operation's events, which wrappers were called."""
    held = json.loads(text)
    events: dict[str, list[Any]] = {}
    for event in held["events"]:
        if event["event"] != "progress":
            events.setdefault(str(event.get("id")), []).append(_plain(event))
    return {
        "request": _plain(json.loads(base64.b64decode(held["request"])) if held["request"] else None),
        "events": events,
        "wrappers": sorted({name for name, _, _ in held["calls"] if "." not in name} - WHILE_WAITING),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return MOVING.sub(r"\1\2", value) if isinstance(value, str) else value


def _pattern(node: str) -> str:
    return f"{_file_name(node)}-[0-9]*.json"


def _of(node: str, fresh: dict[str, Recording]) -> dict[str, Recording]:
    return {name: one for name, one in fresh.items() if fnmatchcase(f"{name}.json", _pattern(node))}


def check(fresh: dict[str, Recording], node: str = "") -> list[str]:
    """What is out of date: in all recordings, or in those of one test."""
    there = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob(_pattern(node) if node else "*.json")}
    said = [f"{name}: there is no recording of it" for name in sorted(fresh.keys() - there.keys())]
    said += [f"{name}: no run makes it" for name in sorted(there.keys() - fresh.keys())]
    for name in sorted(fresh.keys() & there.keys()):
        now, old = comparable(fresh[name].as_json()), comparable(there[name])
        said += [f"{name}: the {part} are {now[part]}, recorded were {old[part]}" for part in now if now[part] != old[part]]
    return said


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="exit 1 if the recordings are out of date")
    parser.add_argument("word", nargs="*", help="only tests with this in their name")
    options = parser.parse_args()
    tests = wanted(options.word)
    fresh = record(tests)
    if options.check:
        said = check(fresh) if not options.word else [line for test in tests for line in check(_of(test, fresh), test)]
        print("\n".join(said) or f"{len(fresh)} recordings are up to date")
        return 1 if said else 0
    FOLDER.mkdir(exist_ok=True)
    for path in [path for test in tests for path in FOLDER.glob(_pattern(test))] if options.word else FOLDER.glob("*.json"):
        path.unlink()
    for name, recording in fresh.items():
        (FOLDER / f"{name}.json").write_text(recording.as_json(), encoding="utf-8", newline="\n")
    kinds = Counter(event["event"] for recording in fresh.values() for event in recording.events)
    print(f"{len(fresh)} recordings in {FOLDER}: " + ", ".join(f"{count} {name}" for name, count in sorted(kinds.items())))
    return 0


if __name__ == "__main__":
    import record as itself  # the module that conftest.py knows, not a second one by the name of __main__

    sys.exit(itself.main())
