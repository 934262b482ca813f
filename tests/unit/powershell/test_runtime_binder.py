"""The parameter binder: positions, sets, names, pipeline input, and the errors it gives."""

from __future__ import annotations

import pytest

from tests.unit.powershell.runtime_runs import run

ADVANCED = (
    'function Test-It { [CmdletBinding()] param([Parameter(Mandatory)][int]$Count, [string]$Name) "$Count/$Name" }; '
)


@pytest.mark.parametrize(
    ("call", "error_id"),
    [
        ("Test-It", "MissingMandatoryParameter,Test-It"),
        ("Test-It x", "ParameterArgumentTransformationError,Test-It"),
        ("Test-It 1 -Nope 2", "NamedParameterNotFound,Test-It"),
        ("Test-It 1 a b", "PositionalParameterNotFound,Test-It"),
        ("Test-It -Count 1 -Count 2", "ParameterAlreadyBound,Test-It"),
        ("Test-It -Count", "MissingArgument,Test-It"),
        ("Test-It 1 -ErrorA Stop -War 3 -Error x", "AmbiguousParameter,Test-It"),
    ],
)
def test_binding_errors_carry_the_command(call: str, error_id: str) -> None:
    ran = run(ADVANCED + call)
    assert ran.error_ids == [error_id]
    assert ran.out == []


def test_abbreviated_names_and_positions_fill_up_in_order() -> None:
    assert run('function f($First, $Second, $Third) { "$First|$Second|$Third" }; f -sec b a c').out == ["a|b|c"]


def test_unknown_names_of_a_simple_function_take_their_value_to_args() -> None:
    assert run('function f($a) { "a=$a"; "$args" }; f -nope 1 2').out == ["a=2", "-nope 1"]


def test_double_dash_ends_parameter_names() -> None:
    assert run('function f($a) { "$a"; $args.Count }; f -- -a').out == ["-a", 0]


def test_args_splatted_again_keep_their_parameter_names() -> None:
    assert run('function f($a, $b) { "a=$a b=$b" }; function g { f @args }; g -b 1 2').out == ["a=2 b=1"]


def test_the_parameter_set_is_chosen_by_what_is_given() -> None:
    script = (
        "function f { [CmdletBinding(DefaultParameterSetName = 'A')] param([Parameter(ParameterSetName = 'A')]$x, "
        "[Parameter(ParameterSetName = 'B')]$y) $PSCmdlet.ParameterSetName }; f; f -y 1; f -x 1 -y 2"
    )
    ran = run(script)
    assert ran.out == ["A", "B"]
    assert ran.error_ids == ["AmbiguousParameterSet,f"]


def test_pipeline_input_binds_by_value_before_by_name() -> None:
    script = (
        "function f { param([Parameter(ValueFromPipeline)][int]$n, "
        "[Parameter(ValueFromPipelineByPropertyName)]$Length) process { \"$n/$Length\" } }; 5, 'abc', '7' | f"
    )
    ran = run(script)
    assert ran.out == ["5/", "0/3", "7/1"]


def test_a_cmdlet_that_is_known_but_not_modelled_binds_first() -> None:
    ran = run("Get-WinEvent -NoSuchParameter 1")
    assert ran.error_ids == ["NamedParameterNotFound,Microsoft.PowerShell.Commands.GetWinEventCommand"]


def test_mandatory_strings_refuse_nothing_and_the_empty_text() -> None:
    script = "function f { param([Parameter(Mandatory)][string]$s) $s }; f ''; f $null; f ok"
    ran = run(script)
    assert ran.out == ["ok"]
    assert [i.split(",")[0] for i in ran.error_ids] == ["ParameterArgumentValidationErrorEmptyStringNotAllowed"] * 2
