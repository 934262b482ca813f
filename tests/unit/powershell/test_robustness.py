"""Random and damaged scripts, and scripts without measure: an error record or a refusal comes, never a fault of the interpreter.

    WINBAKE_FUZZ=5000 python -m pytest tests/unit/powershell/test_robustness.py      a long search
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.corpus import make_host, read_cases
from winbake.rehearsal.powershell.deep_stack import in_deep_thread
from winbake.rehearsal.powershell.errors import NotModelled, ScriptError
from winbake.rehearsal.powershell.session import Session
from winbake.rehearsal.windows.failures import ProcessKilled
from winbake.rehearsal.windows.host import WindowsHost

CORPUS = Path(__file__).parents[2] / "rehearsal" / "powershell" / "corpus"
SCRIPTS = sorted(text for path in CORPUS.glob("*.ps1") for text in read_cases(path).values())
TOKEN = re.compile(r"\s+|\$\w+|-\w+|\[[\w.\[\]]+\]|'[^'\n]*'|\"[^\"\n]*\"|[\w.]+|[^\w\s]")
TOKENS = sorted({token for text in SCRIPTS for token in TOKEN.findall(text) if token.strip()})
STRANGE = """$null -1 0 2147483647 -2147483648 9223372036854775807 1e308 '' @() @{} [int]::MaxValue (,@()) [double]::NaN
('a'*70000) [pscustomobject]@{} {} $_ $args 1..3 [char]0 $(throw) [datetime]::MaxValue -0.0
79228162514264337593543950335d '{0' '[' '*' $host $error [ref]$x $ExecutionContext while($true){} & function""".split()
WAITING = re.compile(r"Restart-Computer|Stop-Computer|Start-Sleep|Read-Host|Wait-|Sleep", re.IGNORECASE)
SEARCH = os.environ.get("WINBAKE_FUZZ")
PATIENCE = 3.0  # seconds after which a script is ended as a process is: Windows has no limit for a loop
EFFORT = settings(
    max_examples=int(SEARCH or 40),
    derandomize=SEARCH is None,  # CI tries the same scripts each time; a search tries others
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def host() -> Iterator[WindowsHost]:
    made = make_host()
    yield made
    made.power.stop_now()


def ids_of(host: WindowsHost, script: str, patience: float = PATIENCE) -> list[str]:
    """The error ids of a script, the newest first; `refused` and `ended` for what has none. A fault of the model is raised."""
    session = Session(host=host)
    said: list[str] = []
    alarm = threading.Timer(patience, session.process.killed.set)

    def run() -> None:
        out: list[Any] = []
        for number in range(2, 7):
            session.sinks[number] = lambda record: None
        try:
            session.run_script(script, out.append)
            for value in out[:20]:
                convert.to_text(value, session)
        except ScriptError as error:
            said.append(error.record.error_id)
        except NotModelled:
            said.append("refused")
        except ProcessKilled:
            said.append("ended")

    alarm.start()
    try:
        in_deep_thread(run)
    finally:
        alarm.cancel()
        host.processes.end(session.process, 0, killed=True)
    return [*said, *(record.error_id for record in session.errors if isinstance(getattr(record, "error_id", None), str))]


@EFFORT
@given(st.sampled_from(SCRIPTS), st.data())
def test_a_damaged_script_gives_an_error_or_a_refusal(host: WindowsHost, script: str, data: st.DataObject) -> None:
    parts = TOKEN.findall(script)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(parts) - 1, 0)))
        new = data.draw(st.one_of(st.sampled_from(STRANGE), st.sampled_from(TOKENS), st.just("")))
        parts[at : at + 1] = [new]
    text = "".join(parts)
    if not WAITING.search(text):
        ids_of(host, text)


@EFFORT
@given(st.lists(st.one_of(st.sampled_from(STRANGE), st.sampled_from(TOKENS)), min_size=1, max_size=12))
def test_random_words_give_an_error_or_a_refusal(host: WindowsHost, words: list[str]) -> None:
    text = " ".join(words)
    if not WAITING.search(text):
        ids_of(host, text)


@pytest.mark.parametrize(
    "script",
    [
        "function f { f }; f",
        "function a { b }; function b { a }; a",
        "$x = { & $x }; & $x",
        "filter q { $_ | q }; 1 | q",
        "class A { [A] m() { return $this.m() } }; [A]::new().m()",
    ],
)
def test_calls_without_end_overflow_the_call_depth(host: WindowsHost, script: str) -> None:
    assert ids_of(host, script, 60)[0] == "CallDepthOverflow"


@pytest.mark.parametrize(
    ("script", "error_id"),
    [
        ("'a' * 2147483647", "System.OutOfMemoryException"),
        ("@(1) * 2147483647", "System.OutOfMemoryException"),
        ("1..2147483647", "System.OutOfMemoryException"),
        ("'x'.PadLeft(2147483647)", "OutOfMemoryException"),
        ("[string]::new('a', 2000000000)", "OutOfMemoryException"),
        ("[byte[]]::new(2147483647)", "OutOfMemoryException"),
        ("try { 'a' * 2147483647 } catch [OutOfMemoryException] { throw 'caught' }", "caught"),
    ],
)
def test_what_is_too_large_is_out_of_memory(host: WindowsHost, script: str, error_id: str) -> None:
    assert ids_of(host, script)[0] == error_id


@pytest.mark.parametrize("script", ["while ($true) {}", "for (;;) {}", "do {} until ($false)", "1 | ForEach-Object { while (1) {} }"])
def test_a_loop_without_end_ends_with_its_process(host: WindowsHost, script: str) -> None:
    assert ids_of(host, script, 0.2) == ["ended"]


@pytest.mark.parametrize(
    ("script", "error_id"),
    [
        ("[array]::Reverse($null)", "ArgumentNullException"),
        ("$x = [xml]'<a/>'; $x.Save($null)", "ArgumentNullException"),
        ("Set-Content C:\\m.psd1 \"@{ RootModule = 'none.psm1'; ModuleVersion = '1.0' }\"; Import-Module C:\\m.psd1", "Modules_ModuleFileNotFound"),
    ],
)
def test_what_a_search_has_found(host: WindowsHost, script: str, error_id: str) -> None:
    assert ids_of(host, script)[0].partition(",")[0] == error_id
