"""Scopes, streaming, errors, loops: what scripts of the language lean on."""

from __future__ import annotations

import pytest

from tests.unit.powershell.runtime_runs import run
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.running.native import quote


def test_objects_stream_one_by_one_through_a_pipeline() -> None:
    script = (
        "$log = New-Object System.Collections.ArrayList; "
        'function a { process { $null = $log.Add("a$_"); $_ } }; '
        'function b { process { $null = $log.Add("b$_") } }; '
        "1, 2 | a | b; $log -join ' '"
    )
    assert run(script).out == ["a1 b1 a2 b2"]


def test_select_first_stops_what_stands_before_it() -> None:
    assert run("$n = 0; 1..1000 | ForEach-Object { $n++; $_ } | Select-Object -First 2; $n").out == [1, 2, 2]


def test_a_later_command_cannot_be_caught_by_an_earlier_one() -> None:
    script = (
        "function up { try { 1; 2 } catch { 'caught upstream' } }; "
        "try { up | ForEach-Object { throw 'down' } } catch { \"outside: $_\" }"
    )
    assert run(script).out == ["outside: down"]


def test_functions_see_their_callers_variables_and_write_their_own() -> None:
    script = "$x = 'top'; function inner { $x; $x = 'mine'; $x }; function outer { $x = 'outer'; inner; $x }; outer; $x"
    assert run(script).out == ["outer", "mine", "outer", "top"]


def test_a_statement_error_ends_the_statement_only() -> None:
    ran = run("function f { 'a'; 1 / 0; 'b' }; f; 'after'")
    assert ran.out == ["a", "b", "after"]
    assert ran.error_ids == ["RuntimeException"]


def test_inside_try_the_same_error_goes_up_to_the_catch() -> None:
    ran = run("function f { 'a'; 1 / 0; 'b' }; try { f } catch [DivideByZeroException] { 'caught' }")
    assert ran.out == ["a", "caught"]
    assert ran.errors == []


def test_throw_ends_the_script() -> None:
    ran = run("'a'; throw 'stop here'; 'b'")
    assert ran.out == ["a"]
    assert ran.threw is not None and ran.threw.error_id == "stop here"


def test_endless_recursion_is_an_error_of_the_script() -> None:
    ran = run("function again { again }; try { again } catch { $_.FullyQualifiedErrorId }; 'alive'")
    assert ran.out == ["CallDepthOverflow", "alive"]


def test_integer_overflow_becomes_a_double() -> None:
    out = run("[int]::MaxValue + 1; [long]::MaxValue * 2").out
    assert out == [2147483648.0, float(2**63 - 1) * 2]
    assert all(type(value) is float for value in out)


def test_error_records_merge_into_the_output_of_their_command_only() -> None:
    script = "$r = & { 'a'; Write-Error 'x' } 2>&1 | ForEach-Object { \"$_\"; Write-Error 'later' }; $r -join ','"
    ran = run(script)
    assert ran.out == ["a,x"]
    assert [r.exception.message for r in ran.errors] == ["later", "later"]


def test_what_is_not_modelled_is_refused_with_its_line() -> None:
    with pytest.raises(NotModelled) as caught:
        run("'first'\nGet-Volume -DriveLetter C")
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("plain", "plain"),
        ("two words", '"two words"'),
        ('say "hi there"', '"say "hi there""'),
        ('"already quoted"', '"already quoted"'),
        ('INSTALLDIR="C:\\Program Files\\X"', 'INSTALLDIR="C:\\Program Files\\X"'),
        ("C:\\a b\\", '"C:\\a b\\"'),
    ],
)
def test_native_arguments_are_quoted_as_windows_powershell_does(argument: str, written: str) -> None:
    assert quote(argument) == written
