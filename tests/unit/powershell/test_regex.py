"""Regular expressions by .NET's rules."""

from __future__ import annotations

import pytest

from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.regex import IGNORE_CASE, compile_pattern, escape, unescape
from winbake.rehearsal.powershell.regex_pattern import ECMA_SCRIPT, EXPLICIT_CAPTURE


@pytest.mark.parametrize(
    ("pattern", "text", "value"),
    [
        (r"(?<n>a)(b)", "ab", "ab"),
        (r"(?x) a \s b # comment", "a b", "a b"),
        (r"[a-z-[aeiou]]+", "aebcd", "bcd"),
        (r"a(?i)b|C", "c", "c"),
        (r"(?i:a)b", "Ab", "Ab"),
        (r"\p{Lu}+", "abCD", "CD"),
        (r"\p{IsCyrillic}", "xж", "ж"),
        (r"x{a}", "x{a}", "x{a}"),
        (r"a{,3}", "a{,3}", "a{,3}"),
        (r"[]a]+", "]a", "]a"),
        (r"a$", "a\n", "a"),
        (r"(a)?(?(1)b|c)", "ab", "ab"),
        (r"(?(?=a)ab|cd)", "cd", "cd"),
        (r"(?'q'["r"'])x\k<q>", "'x'", "'x'"),
        (r"(foo)\1", "foofoo", "foofoo"),
        (r"\u0041\x42\103", "ABC", "ABC"),
        (r"a(?#note)b", "ab", "ab"),
    ],
)
def test_matches(pattern: str, text: str, value: str) -> None:
    assert compile_pattern(pattern).match(text).value == value


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"a\z", "a\n"), (r"B", "b"), (r"(?-i)B", "b"), (r"^y", "x\ny"), (r"a.b", "a\nb")]
)
def test_does_not_match(pattern: str, text: str) -> None:
    assert not compile_pattern(pattern).is_match(text)


def test_digits_are_unicode_unless_ecma_script() -> None:
    assert compile_pattern(r"^\d$").is_match("\u0664")
    assert not compile_pattern(r"^\d$", ECMA_SCRIPT).is_match("\u0664")


def test_ignoring_case_is_by_character() -> None:
    assert not compile_pattern("ß", IGNORE_CASE).is_match("ss")


@pytest.mark.parametrize(
    ("pattern", "options", "names"),
    [
        (r"(?<x>a)(b)(?<y>c)", 0, ["0", "1", "x", "y"]),
        (r"(?<2>a)(b)", 0, ["0", "1", "2"]),
        (r"(a)(?<x>b)", EXPLICIT_CAPTURE, ["0", "x"]),
        (r"(?n)(a)(?<x>b)", 0, ["0", "x"]),
        (r"(?<d>a)|(?<d>b)", 0, ["0", "d"]),
    ],
)
def test_unnamed_groups_are_numbered_before_named_ones(pattern: str, options: int, names: list[str]) -> None:
    assert compile_pattern(pattern, options).group_names == names


def test_a_group_keeps_every_capture_and_its_last_value() -> None:
    group = compile_pattern(r"(?:(\d),?)+").match("1,2,3").group(1)
    assert [capture.value for capture in group.captures] == ["1", "2", "3"]
    assert group.value == "3"


def test_a_group_that_did_not_take_part() -> None:
    found = compile_pattern("(a)?(b)").match("b")
    assert not found.group(1).success and found.group(1).value == ""
    assert not found.group(7).success


@pytest.mark.parametrize(
    ("pattern", "text", "replacement", "result"),
    [
        (r"(\w+) (\w+)", "John Smith", "$2, $1", "Smith, John"),
        (r"(?<d>\d)", "x5", "[${d}]", "x[5]"),
        (r"b", "ab", "$&$&$$", "abb$"),
        (r"(a)", "ab", "${1}0$2", "a0$2b"),
        (r"b", "abc", "<$`|$'|$_>", "a<a|c|abc>c"),
        (r"(a)(b)", "ab", "$+", "b"),
        (r"b", "ab", "$x${no}$", "a$x${no}$"),
        (r"(a)", "ab", "$10", "$10b"),
        (r"", "abc", "-", "-a-b-c-"),
        (r"(?<=\d)(?=(\d{3})+$)", "1234567", ",", "1,234,567"),
    ],
)
def test_replacement_patterns(pattern: str, text: str, replacement: str, result: str) -> None:
    assert compile_pattern(pattern).replace(text, replacement) == result


def test_replace_a_number_of_times_and_by_a_function() -> None:
    assert compile_pattern("a").replace("aaa", "b", 2) == "bba"
    assert compile_pattern(r"\d").replace("a1b2", lambda found: str(int(found.value) * 10)) == "a10b20"


@pytest.mark.parametrize(
    ("pattern", "text", "count", "pieces"),
    [
        (r"\d+", "a1b22c", 0, ["a", "b", "c"]),
        (r"(\d)", "a1b", 0, ["a", "1", "b"]),
        (r",", "a,b,c", 2, ["a", "b,c"]),
        (r"", "abc", 0, ["", "a", "b", "c", ""]),
        (r"x", "abc", 0, ["abc"]),
    ],
)
def test_split(pattern: str, text: str, count: int, pieces: list[str]) -> None:
    assert compile_pattern(pattern).split(text, count) == pieces


def test_an_empty_match_moves_on() -> None:
    assert [found.index for found in compile_pattern("a*").iterate("ba")] == [0, 1, 2]


def test_part_of_a_text_is_a_text_of_its_own() -> None:
    found = compile_pattern("^b$").match("abc", 1, offset=1, limit=2)
    assert (found.success, found.index) == (True, 1)


@pytest.mark.parametrize(
    ("pattern", "detail"),
    [
        ("(", "Not enough )'s."),
        ("a)", "Too many )'s."),
        ("[a", "Unterminated [] set."),
        ("*a", "Quantifier {x,y} following nothing."),
        ("a**", "Nested quantifier *."),
        ("\\", "Illegal \\ at end of pattern."),
        (r"\q", "Unrecognized escape sequence \\q."),
        ("[z-a]", "[x-y] range in reverse order."),
        (r"\2(a)", "Reference to undefined group number 2."),
        (r"\k<n>", "Reference to undefined group name n."),
        ("(?P<n>a)", "Unrecognized grouping construct."),
        (r"\p{Foo}", "Unknown property 'Foo'."),
        ("a{2,1}", "Illegal {x,y} with x > y."),
    ],
)
def test_bad_patterns_get_the_frameworks_text(pattern: str, detail: str) -> None:
    with pytest.raises(NetError) as caught:
        compile_pattern(pattern)
    assert caught.value.exception.message == f'parsing "{pattern}" - {detail}'
    assert caught.value.exception.type_name == "System.ArgumentException"


def test_what_the_other_engine_cannot_do_is_refused() -> None:
    with pytest.raises(NotModelled):
        compile_pattern("(?<a>x)(?<b-a>y)")


def test_escape_and_unescape() -> None:
    assert escape("a+b (c).txt\n}]") == r"a\+b\ \(c\)\.txt\n}]"
    assert unescape(r"a\tb\x41\.") == "a\tbA."
