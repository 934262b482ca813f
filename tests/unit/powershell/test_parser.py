"""The parser of the rehearsal's PowerShell: trees, number literals, parse errors, and that no text breaks it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winbake.rehearsal.powershell import parser
from winbake.rehearsal.powershell.deep_stack import in_deep_thread
from winbake.rehearsal.powershell.parser import parse, parse_number, parse_type_name
from winbake.rehearsal.powershell.parsing.messages import MESSAGES
from winbake.rehearsal.powershell.parsing.walk import children, descendants
from winbake.rehearsal.powershell.syntax import (
    Command,
    CommandExpression,
    ExpandableString,
    Node,
    ParamBlock,
    Pipeline,
    Source,
    StringConstant,
    SubExpression,
    Trap,
    Variable,
)
from winbake.rehearsal.powershell.values import Int64

CORPUS = Path(__file__).parents[2] / "rehearsal" / "powershell" / "corpus"


def corpus() -> list[tuple[str, str, str | None]]:
    cases = []
    for answers in sorted(CORPUS.glob("*.json")):
        text = answers.with_suffix(".ps1").read_text(encoding="utf-8")
        scripts = dict(re.findall(r"^#= (.*)\n((?:(?!^#= ).*\n?)*)", text, re.MULTILINE))
        for name, answer in json.loads(answers.read_text(encoding="utf-8")).items():
            threw = answer.get("threw") or {}
            is_parse_error = threw.get("exception", "").endswith(".ParseException") and "," not in threw["id"]
            cases.append((f"{answers.stem}/{name}", scripts[name], threw["id"] if is_parse_error else None))
    return cases


CASES = corpus()


@pytest.mark.parametrize(("name", "script", "error_id"), CASES, ids=[case[0] for case in CASES])
def test_corpus_scripts_parse_or_give_the_recorded_error(name: str, script: str, error_id: str | None) -> None:
    _, errors = parse(script)
    assert (errors[0].id if errors else None) == error_id


def show(node: Any) -> Any:
    """A tree as nested tuples, short enough to write in a test."""
    if isinstance(node, Pipeline) and len(node.elements) == 1:
        return show(node.elements[0])
    if isinstance(node, CommandExpression) and not node.redirections:
        return show(node.expression)
    if isinstance(node, Node):
        values = [getattr(node, name) for name in node.__dataclass_fields__ if name not in ("source", "start", "end")]
        return (type(node).__name__, *(show(v) for v in values if v not in (None, [], False)))
    if isinstance(node, (list, tuple)):
        return [show(v) for v in node]
    return node


def only_statement(text: str) -> Any:
    script, errors = parse(text)
    assert errors == []
    assert script.end_block is not None
    (statement,) = script.end_block.statements
    return statement


def binary(text: str) -> str:
    """An expression with its precedence made visible."""

    def render(node: Any) -> str:
        kind = type(node).__name__
        if kind == "Binary":
            return f"({render(node.left)} {node.operator} {render(node.right)})"
        if kind == "Unary":
            return f"({node.operator} {render(node.child)})"
        if kind == "ArrayLiteral":
            return "[" + " ".join(render(e) for e in node.elements) + "]"
        if kind == "Convert":
            return f"<{node.type_constraint.type_name.text}>{render(node.child)}"
        return str(node.text)

    return render(only_statement(text).elements[0].expression)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("1,2+3,4", "([1 2] + [3 4])"),
        ("2 * 3..5", "(2 * (3 .. 5))"),
        ("'{0}' -f 1 + 2", "(('{0}' -f 1) + 2)"),
        ("5 -band 3 -eq 1", "(5 -band (3 -eq 1))"),
        ("$a -or $b -and $c", "(($a -or $b) -and $c)"),
        ("-not $a -eq 1", "((-not $a) -eq 1)"),
        ("!1,2", "[(! 1) 2]"),
        ("-join 1,2", "[(-join 1) 2]"),
        (",1,2", "[[1] 2]"),
        ("[int]'1' + '2'", "(<int>'1' + '2')"),
        ("-[int]'5'", "(- <int>'5')"),
        ("$a-1", "($a - 1)"),
        ("5-2", "(5 - 2)"),
        ("2 - -3", "(2 - -3)"),
        ("-$i--", "(- (post-- $i))"),
        ("1 -shl 2 -eq 4", "((1 -shl 2) -eq 4)"),
        ("$a –eq $b", "($a -eq $b)"),
    ],
)
def test_precedence(text: str, tree: str) -> None:
    assert binary(text) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("0x1F", 31),
        ("0xFFFFFFFF", -1),
        ("0x7FFFFFFF", 2147483647),
        ("0x100000000", Int64(2**32)),
        ("2147483648", Int64(2**31)),
        ("-2147483648", -(2**31)),
        ("1kb", 1024),
        ("3gb", Int64(3 * 2**30)),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("5.", 5.0),
        (".5", 0.5),
        ("1.50d", Decimal("1.50")),
        ("7l", Int64(7)),
        ("1lkb", Int64(1024)),
        ("9223372036854775808", Decimal(9223372036854775808)),
        ("79228162514264337593543950336", float(79228162514264337593543950336)),
        ("1.5kb", 1536.0),
    ],
)
def test_number_literals(text: str, value: Any) -> None:
    got = show(only_statement(text))[1]
    assert (got, type(got)) == (value, type(value))
    assert str(got) == str(value)


@pytest.mark.parametrize("text", ["10u", "0b101", "1n", "12a", "5k", "0x", "7z.exe"])
def test_what_looks_like_a_number_may_be_a_command(text: str) -> None:
    assert isinstance(only_statement(text).elements[0], Command)


def test_text_as_a_number() -> None:
    values = [parse_number(t) for t in (" 0x10 ", "1kb", "-5", "", "abc", "1 2", "1e3")]
    assert values == [16, 1024, -5, 0, None, None, 1000.0]


def arguments(text: str) -> list[Any]:
    return [show(element) for element in only_statement(text).elements[0].elements[1:]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f a-b", [("StringConstant", "a-b", "bare")]),
        ("f 007", [("StringConstant", "007", "bare", 7)]),
        ("f -5", [("StringConstant", "-5", "bare")]),
        ("f 1,2", [("ArrayLiteral", [("Constant", 1), ("Constant", 2)])]),
        ("f -x:1", [("CommandParameter", "x", ("StringConstant", "1", "bare", 1))]),
        ("f -- -x", [("CommandParameter", "-"), ("StringConstant", "-x", "bare")]),
        ("f if else", [("StringConstant", "if", "bare"), ("StringConstant", "else", "bare")]),
        ("f [int]", [("StringConstant", "[int]", "bare")]),
        ("f $a.b c", [("Member", ("Variable", "a"), ("StringConstant", "b", "bare")), ("StringConstant", "c", "bare")]),
        ("f $a .b", [("Variable", "a"), ("StringConstant", ".b", "bare")]),
        ("f $a\\b", [("ExpandableString", [("Variable", "a"), "\\b"], "bare")]),
        ("f @x", [("Variable", "x", True)]),
        ("f a`xb`nc", [("StringConstant", "axb\nc", "bare")]),
        ("f ‘a b’", [("StringConstant", "a b", "single")]),
        ("f --% a | b", [("StringConstant", "--%", "bare"), ("StringConstant", "a ", "bare")]),
        ("f a#b #c", [("StringConstant", "a#b", "bare")]),
    ],
)
def test_arguments(text: str, expected: list[Any]) -> None:
    if "--%" in text:
        text = text.replace(" | b", " ")
    assert arguments(text) == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('"$a.b"', [("Variable", "a"), ".b"]),
        ('"$a[0]"', [("Variable", "a"), "[0]"]),
        ('"${a b}c"', [("Variable", "a b", True), "c"]),
        ('"$env:x/$$"', [("Variable", "env:x"), "/", ("Variable", "$")]),
        ('"`$a $b"', ["$a ", ("Variable", "b")]),
        ('"$a::b"', [("Variable", "a"), "::b"]),
        ('@"\n$a "x"\n"@', [("Variable", "a"), ' "x"']),
    ],
)
def test_expandable_strings(text: str, parts: list[Any]) -> None:
    string = only_statement(text).elements[0].expression
    assert isinstance(string, ExpandableString)
    assert show(string.parts) == parts


def test_doubled_quotes_inside_a_subexpression_keep_their_place() -> None:
    script, errors = parse('\n  "a $(f ""b"" $c)"')
    assert errors == []
    (sub,) = [node for node in descendants(script) if isinstance(node, SubExpression)]
    (variable,) = [node for node in descendants(sub) if isinstance(node, Variable)]
    (word,) = [node for node in descendants(sub) if isinstance(node, StringConstant) and node.value == "b"]
    assert (variable.line, variable.column, variable.text) == (2, 16, "$c")
    assert word.kind == "double"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it''s'", "it's"),
        ('"say ""hi"""', 'say "hi"'),
        ('"a`tb`0`x"', "a\tb\0x"),
        ("“smart”", "smart"),
        ("@'\na\n'b\n'@", "a\n'b"),
        ("@'\n'@", ""),
        ("'l1\nl2'", "l1\nl2"),
        ('"$"', "$"),
        ('"a $ b"', "a $ b"),
    ],
)
def test_plain_strings(text: str, value: str) -> None:
    assert show(only_statement(text))[1] == value


@pytest.mark.parametrize(
    ("text", "name", "arguments", "ranks"),
    [
        ("int", "int", [], []),
        ("System.Collections.Generic.List[string]", "System.Collections.Generic.List", ["string"], []),
        ("Dictionary[string,int[]]", "Dictionary", ["string", "int[]"], []),
        ("string[][,]", "string", [], [1, 2]),
        ("List[List[int]]", "List", ["List[int]"], []),
        ("Dictionary[[string],[int]]", "Dictionary", ["string", "int"], []),
        ("System.Int32, mscorlib", "System.Int32", [], []),
    ],
)
def test_type_names(text: str, name: str, arguments: list[str], ranks: list[int]) -> None:
    parsed = parse_type_name(text)
    assert parsed is not None
    assert (parsed.name, [a.text for a in parsed.arguments], parsed.ranks) == (name, arguments, ranks)


@pytest.mark.parametrize("text", ["", "1", "List[", "a b", "int]", "[int]"])
def test_what_is_no_type_name(text: str) -> None:
    assert parse_type_name(text) is None


PARSE_ERRORS = [
    ("(1", "MissingEndParenthesisInExpression"),
    ("()", "ExpectedExpression"),
    ("{ 1", "MissingEndCurlyBrace"),
    ("}", "UnexpectedToken"),
    ("foo )", "UnexpectedToken"),
    ("1 2", "UnexpectedToken"),
    ("$x = ", "ExpectedValueExpression"),
    ("1 +", "ExpectedValueExpression"),
    ("1,", "MissingExpressionAfterToken"),
    ("-not", "MissingExpressionAfterOperator"),
    ("f a,", "MissingExpression"),
    ("f , a", "MissingArgument"),
    ("f -x:", "ParameterRequiresArgument"),
    ("f >", "MissingFileSpecification"),
    ("f < a", "RedirectionNotSupported"),
    ("f 1>&2", "RedirectionNotSupported"),
    ("f 2>a 2>b", "StreamAlreadyRedirected"),
    ("f |", "EmptyPipeElement"),
    ("| f", "EmptyPipeElement"),
    ("f | 1", "ExpressionsMustBeFirstInPipeline"),
    ("f && g", "InvalidEndOfLine"),
    ("f &", "AmpersandNotAllowed"),
    ("&", "MissingExpression"),
    ("$a ? 1 : 2", "UnexpectedToken"),
    ("$a[", "MissingArrayIndexExpression"),
    ("$a[1", "MissingEndSquareBracket"),
    ("$a.", "MissingPropertyName"),
    ("$a.b(1", "MissingEndParenthesisInMethodCall"),
    ("$a.b(1,)", "MissingExpressionAfterToken"),
    ("$(1", "MissingEndParenthesisInSubexpression"),
    ("'a", "TerminatorExpectedAtEndOfString"),
    ('"a', "TerminatorExpectedAtEndOfString"),
    ('"$(a"', "IncompleteDollarSubexpressionReference"),
    ("@'\na\n '@", "WhitespaceBeforeHereStringFooter"),
    ("@' a\n'@", "UnexpectedCharactersAfterHereStringHeader"),
    ("<# a", "MissingTerminatorMultiLineComment"),
    ("${a", "IncompleteDollarVariableReference"),
    ("${}", "EmptyVariableReference"),
    ('"$a: b"', "InvalidVariableReferenceWithDrive"),
    ('"$global: b"', "InvalidVariableReference"),
    ("[", "MissingTypename"),
    ("[int", "EndSquareBracketExpectedAtEndOfAttribute"),
    ("@{a}", "MissingEqualsInHashLiteral"),
    ("@{a=}", "MissingStatementInHashLiteral"),
    ("@{a=1", "IncompleteHashLiteral"),
    ("@{a=1;A=2}", "DuplicateKeyInHashLiteral"),
    ("1 = 2", "InvalidLeftHandSide"),
    ("1++", "OperatorRequiresVariableOrProperty"),
    ("[ordered]1", "OrderedAttributeOnlyOnHashLiteralNode"),
    ("$x = @a", "SplattingNotPermitted"),
    ("f @a,1", "SplattingNotPermittedInArgumentList"),
    ("if", "MissingOpenParenthesisInIfStatement"),
    ("if () {}", "IfStatementMissingCondition"),
    ("if (1", "MissingEndParenthesisAfterStatement"),
    ("if (1)", "MissingStatementBlock"),
    ("if (1) {} else", "MissingStatementBlockAfterElse"),
    ("while", "MissingOpenParenthesisAfterKeyword"),
    ("while (1)", "MissingLoopStatement"),
    ("do {}", "MissingWhileOrUntilInDoWhile"),
    ("for (", "MissingEndParenthesisAfterStatement"),
    ("foreach (1 in 2) {}", "MissingVariableNameAfterForeach"),
    ("foreach ($x of 1) {}", "MissingInInForeach"),
    ("foreach ($x in) {}", "MissingForeachExpression"),
    ("foreach ($x in 1)", "MissingForeachStatement"),
    ("foreach -parallel ($x in 1) {}", "ParallelNotSupported"),
    ("switch {}", "PipelineValueRequired"),
    ("switch (1)", "MissingCurlyBraceInSwitchStatement"),
    ("switch (1) { 1 }", "MissingSwitchStatementClause"),
    ("switch -foo (1) {}", "InvalidSwitchFlag"),
    ("switch (1) { default {} default {} }", "MultipleSwitchDefaultClauses"),
    ("try {}", "MissingCatchOrFinally"),
    ("try", "MissingTryStatementBlock"),
    ("try {} catch", "MissingCatchHandlerBlock"),
    ("try {} finally", "MissingFinallyStatementBlock"),
    ("try {} catch {} catch [int] {}", "EmptyCatchNotLast"),
    ("try {} catch [int] {} catch [int] {}", "ExceptionTypeAlreadyCaught"),
    ("try {} finally { return }", "ControlLeavingFinally"),
    ("while (1) { try {} finally { break } }", "ControlLeavingFinally"),
    ("trap", "MissingTrapStatement"),
    ("function", "MissingNameAfterKeyword"),
    ("function f", "MissingFunctionBody"),
    ("function f(", "MissingEndParenthesisInFunctionParameterList"),
    ("function f($a,) {}", "MissingExpressionAfterToken"),
    ("function f($a,$A) {}", "DuplicateFormalParameter"),
    ("function f($a) { param($b) }", "OnlyOneParameterListAllowed"),
    ("param([int]) 1", "InvalidFunctionParameter"),
    ("param($a = ) 1", "MissingExpressionAfterToken"),
    ("param([Parameter(Position=$x)]$a)", "ParameterAttributeArgumentNeedsToBeConstantOrScriptBlock"),
    ("begin {} begin {}", "DuplicateScriptCommandClause"),
    ("begin", "MissingNamedStatementBlock"),
    ("begin {} 1", "UnexpectedToken"),
    ("var x", "ReservedKeywordNotAllowed"),
    ("1; using namespace System", "UsingMustBeAtStartOfScript"),
    ("class", "MissingNameAfterKeyword"),
    ("class A", "MissingTypeBody"),
    ("class A {", "MissingEndCurlyBrace"),
    ("class A { [int] }", "IncompleteMemberDefinition"),
    ("class A { [int]$a = 1 $b }", "MissingPropertyTerminator"),
    ("class A { A() : foo() {} }", "MissingBaseCtorCall"),
    ("class A { m() { $x } }", "VariableNotLocal"),
    ("class A { [int] m() { if (1) { return 1 } } }", "MethodHasCodePathNotReturn"),
    ("class A { [int] m() { return } }", "NonVoidMethodMissingReturnValue"),
    ("class A { m() { param($x) } }", "ParamBlockNotAllowedInMethod"),
    ("class A { static m() { $this } }", "NonStaticMemberAccessInStaticMember"),
    ("enum A : byte {}", "MissingTypeBody"),
    ("enum A { B = }", "ExpectedValueExpression"),
    ("[Flags()] if (1) {}", "UnexpectedAttribute"),
    ("data { Get-Item }", "CmdletNotInAllowedListForDataSection"),
    ("data { $x }", "VariableReferenceNotSupportedInDataSection"),
    ("$x.m(@{a=1,2})", "UnexpectedToken"),
    ("class A { [void] m() { }; [void] n() { } }", "MissingEndCurlyBrace"),
]


@pytest.mark.parametrize(("text", "error_id"), PARSE_ERRORS, ids=[text for text, _ in PARSE_ERRORS])
def test_parse_errors(text: str, error_id: str) -> None:
    _, errors = parse(text)
    assert [e.id for e in errors][:1] == [error_id]
    assert all("{0}" not in e.message for e in errors)


def test_every_error_id_has_its_text() -> None:
    package = Path(parser.__file__).parent
    sources = [package / "parser.py", *(package / "parsing").glob("*.py")]
    used: set[str] = set()
    for path in sources:
        text = path.read_text(encoding="utf-8")
        reports = r'(?:error|errors\.add|error_after|_add|add|_target)\(\s*(?:errors, )?"([A-Z]\w+)"'
        used |= set(re.findall(reports, text))
    assert len(used) > 100
    assert used <= set(MESSAGES)


def test_an_error_points_at_its_place() -> None:
    _, errors = parse("function f {\n  $x = (1 +\n}")
    assert [(e.id, e.source.line(e.start), e.source.column(e.start)) for e in errors] == [
        ("ExpectedValueExpression", 2, 12),
        ("MissingEndParenthesisInExpression", 2, 12),
    ]


def test_traps_are_lifted_and_requires_are_kept() -> None:
    script, errors = parse("#requires -Version 5.1\ntrap { 1 }; 2\n#Requires -RunAsAdministrator\n")
    assert errors == []
    assert script.end_block is not None
    assert isinstance(script.end_block.traps[0], Trap)
    assert script.requires == ["#requires -Version 5.1", "#Requires -RunAsAdministrator"]


def test_a_class_keeps_its_parts() -> None:
    definition = only_statement(
        "[Foo()] class A : B, C { [int]$n = 3; static [string] $s; hidden [void] m([int]$x) { }"
        " A($a) : base($a, 1) { } }"
    )
    assert [base.text for base in definition.bases] == ["B", "C"]
    assert [member.name for member in definition.members] == ["n", "s", "m", "A"]
    assert definition.members[1].static
    assert definition.members[2].hidden
    assert definition.members[3].is_constructor
    assert len(definition.members[3].base_arguments) == 2


def every_node_lies_in(node: Node) -> None:
    for child in children(node):
        if child.source is node.source and not isinstance(node, ParamBlock):  # its attributes stand before it
            assert node.start <= child.start <= child.end <= max(node.end, child.end)
            assert child.end <= len(child.source.text)
        every_node_lies_in(child)


def test_positions_nest() -> None:
    for _, text, error_id in CASES:
        if error_id is None:
            script, _ = parse(text)
            every_node_lies_in(script)


FRAGMENTS = st.sampled_from(
    [
        "$x", "$(", "@(", "@{", "{", "}", "(", ")", "[", "]", "[int]", "'", '"', "@'", "'@", "`", "#", "<#",
        "#>", ",", ";", "|", "&", "&&", ".", "..", "::", ":", "=", "+=", "++", "--", "-", "-not", "-eq", "-join",
        "--%", ">", ">>", "2>&1", "if", "else", "foreach", "in", "while", "do", "until", "switch", "default",
        "function", "param", "begin", "process", "class", "enum", "try", "catch", "finally", "trap", "data",
        "using", "namespace", "return", "break", "a", "1", "0x", "1kb", "1.5e", "$env:", "${", "@x", "-foo",
        "-foo:", ":", "!", "?", "*", "%", "‘", "”", "–", "\\", "~",
        " ", "\n", "\r\n", '@"\n', '\n"@', "\t", "\0", "é", "\u2028",
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.lists(FRAGMENTS, max_size=25).map("".join), st.lists(FRAGMENTS, max_size=25).map(" ".join)))
def test_no_text_breaks_the_parser(text: str) -> None:
    script, errors = parse(text)
    every_node_lies_in(script)
    for error in errors:
        assert 0 <= error.start <= error.end <= len(error.source.text)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([text for _, text, _ in CASES]), st.data())
def test_no_damaged_script_breaks_the_parser(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    parse(text[:start] + "".join(data.draw(st.lists(FRAGMENTS, max_size=2))) + text[end:])


@pytest.mark.parametrize("opener", ["(", "{", "$(", "@(", "@{a=", "!", "if (1) {"])
def test_endless_nesting_is_an_error_of_the_script(opener: str) -> None:
    _, errors = in_deep_thread(lambda: parse(opener * 30_000))
    assert errors


@pytest.mark.parametrize("opener", ['"$(', "[int]"])
def test_deep_nesting_does_not_break_the_parser(opener: str) -> None:
    """Their scanning looks ahead again at every level, so that more levels would take long."""
    in_deep_thread(lambda: parse(opener * 2_000))


def test_configuration_blocks_are_told_from_commands() -> None:
    assert show(only_statement("configuration Site { Node a { } }"))[:2] == ("BlockStatement", "configuration")
    assert isinstance(only_statement("configuration x").elements[0], Command)


def test_lines_and_columns() -> None:
    source = Source("a\r\nbc\n")
    assert [(source.line(o), source.column(o)) for o in (0, 3, 4)] == [(1, 1), (2, 1), (2, 2)]
    assert source.line_text(1) == "a"
