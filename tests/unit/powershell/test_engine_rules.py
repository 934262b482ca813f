"""Rules of the engine that scripts meet less often: commands as objects, binding's refusals, records, blocks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.powershell.runtime_runs import run

_DYNAMIC = (
    "function f { [CmdletBinding()] param() dynamicparam { "
    "$c = [System.Collections.ObjectModel.Collection[System.Attribute]]::new(); "
    "$c.Add([System.Management.Automation.ParameterAttribute]@{ Position = 0 }); $c.Add(%s); "
    "$d = [System.Management.Automation.RuntimeDefinedParameterDictionary]::new(); "
    "$d.Add('Dyn', [System.Management.Automation.RuntimeDefinedParameter]::new('Dyn', [object], $c)); $d } "
    'end { "d=$($PSBoundParameters.Dyn)" } }; '
)
_SETS = (
    "function f { [CmdletBinding(DefaultParameterSetName = 'B')] param("
    "[Parameter(ParameterSetName = 'A', Mandatory)]$a, [Parameter(ParameterSetName = 'B', Position = 0)]$b) }; "
    "$sets = (Get-Command f).ParameterSets; "
)


@pytest.mark.parametrize(
    ("script", "out"),
    [
        ("enum E { A=3; B=5; C }; [int][E]::A; [int][E]::B; [int][E]::C", [3, 5, 6]),
        ("[Flags()] enum P { R=1; W=2 }; [string][P]3; [int]([P]'R, W')", ["R, W", 3]),
        (
            "function f($a) { $PSBoundParameters.GetType().Name; $PSBoundParameters['A'] }; f 4",
            ["PSBoundParametersDictionary", 4],
        ),
        (_SETS + "$sets.Count; ($sets | Where-Object IsDefault).Name", [2, "B"]),
        (
            _SETS + "($sets | Where-Object Name -eq A).Parameters | Where-Object IsMandatory | ForEach-Object Name",
            ["a"],
        ),
        (_SETS + "(($sets | Where-Object Name -eq B).Parameters | Where-Object Name -eq b).Position", [0]),
        ("function f { }; @((Get-Command f).ParameterSets).Name", ["__AllParameterSets"]),
        ("{ foo $x }.InvokeWithContext(@{ foo = { \"got $args\" } }, [psvariable]::new('x', 5))", ["got 5"]),
        ("{ $args[1] }.InvokeWithContext($null, $null, 1, 2)", [2]),
        ("function f([int]$n) { $n }; $v = 7; f ([ref]$v)", [7]),
        (_DYNAMIC % "[ValidateSet]::new('x', 'y')" + "f y", ["d=y"]),
        (_DYNAMIC % "[ValidateRange]::new(1, 5)" + "f 4", ["d=4"]),
        (
            "Write-Error q -ErrorAction SilentlyContinue; $i = $Error[0].InvocationInfo; $i.PipelineLength; $i.PipelinePosition",
            [0, 0],
        ),
        (
            "try { Invoke-Expression 'if (' } catch { $_.Exception.Errors[0].ErrorId; $_.Exception.Errors.Count }",
            ["IfStatementMissingCondition", 1],
        ),
        (
            "Write-Error m -RecommendedAction act -ErrorAction SilentlyContinue; $Error[0].ErrorDetails.RecommendedAction",
            ["act"],
        ),
        ("function f { $MyInvocation.CommandOrigin.ToString() }; f", ["Internal"]),
    ],
)
def test_values(script: str, out: list[Any]) -> None:
    ran = run(script)
    assert (ran.out, ran.error_ids if "SilentlyContinue" not in script else []) == (out, [])


@pytest.mark.parametrize(
    ("script", "error_id", "exception"),
    [
        (
            "function f { [CmdletBinding()] param($x) process { 'p' } }; 1 | f",
            "InputObjectNotBound,f",
            "ParameterBindingException",
        ),
        (
            "function f([ref]$r) { 'ran' }; f 5",
            "ParameterArgumentTransformationError,f",
            "ParameterBindingArgumentTransformationException",
        ),
        (
            _DYNAMIC % "[ValidateSet]::new('x', 'y')" + "f z",
            "ParameterArgumentValidationError,f",
            "ParameterBindingValidationException",
        ),
        (
            _DYNAMIC % "[ValidateScript]::new({ $_ -gt 3 })" + "f 1",
            "ParameterArgumentValidationError,f",
            "ParameterBindingValidationException",
        ),
        (
            _DYNAMIC % "[ValidateLength]::new(1, 2)" + "f abc",
            "ParameterArgumentValidationError,f",
            "ParameterBindingValidationException",
        ),
    ],
)
def test_refusals(script: str, error_id: str, exception: str) -> None:
    ran = run(script)
    assert ran.out == []
    assert [(r.error_id, r.exception.type_name.rpartition(".")[2]) for r in ran.errors] == [(error_id, exception)]


@pytest.mark.parametrize(
    ("script", "error_id"),
    [
        ("class A : NoSuchBase {}", "TypeNotFound"),
        ("class A { [NoSuchType]$x }", "TypeNotFound"),
        ("class A { [NoSuchType] F() { return 1 } }", "TypeNotFound"),
        ("class A { $a; [int]$A }", "MemberAlreadyDefined"),
        ("class A { F([int]$a) {} f([int]$b) {} }", "MemberAlreadyDefined"),
        ("class A { A() {} A() {} }", "MemberAlreadyDefined"),
        ("enum E { One; one }", "MemberAlreadyDefined"),
        ("enum E { One = 'x' }", "CannotConvertValue"),
        ("enum E { One = 3000000000 }", "EnumeratorValueOutOfBounds"),
        ("class A { A([int]$a) {} }; class B : A {}", "BaseClassNoDefaultCtor"),
    ],
)
def test_a_bad_definition_lets_nothing_run(script: str, error_id: str) -> None:
    ran = run("'ran'; " + script)
    assert ran.out == []
    assert ran.threw is not None
    assert (ran.threw.error_id, ran.threw.exception.type_name) == (
        error_id,
        "System.Management.Automation.ParseException",
    )


@pytest.mark.parametrize(
    ("expression", "value"),
    [("$a + $a", 4), ("$a - $a", 0), ("$a + $a + $a", 6), ("5 + $a", 7)],
)
def test_static_operator_methods_of_classes(expression: str, value: int) -> None:
    script = (
        "class N { [int]$v; N([int]$v) { $this.v = $v } "
        "static [N] op_Addition([N]$l, [N]$r) { return [N]::new($l.v + $r.v) } "
        "static [N] op_Subtraction([N]$l, [N]$r) { return [N]::new($l.v - $r.v) } }; "
    )
    assert run(f"{script}$a = [N]::new(2); ({expression}).v").out == [value]


def test_methods_that_differ_in_parameters_are_overloads() -> None:
    script = "class A { [string] F([int]$a) { return 'int' } [string] F([string]$a) { return 'text' } }; "
    assert run(script + "[A]::new().F(1); [A]::new().F('x')").out == ["int", "text"]
