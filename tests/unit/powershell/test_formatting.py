"""Text of values as .NET Framework 4.8 writes it (not .NET Core): 15 digits, half away from zero."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from winbake.rehearsal.powershell.dotnet.datetime import LOCAL, TICKS_PER_HOUR, UTC, DateTime, DateTimeOffset, TimeSpan
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.formatting import composite, format_value, round_trip
from winbake.rehearsal.powershell.formatting.culture import EN_US
from winbake.rehearsal.powershell.values import BigInteger, Byte, Int16, Int64, Single

NOON = DateTime.of(2024, 2, 29, 13, 5, 9, UTC).add_ticks(1234567)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.333333333333333"),
        (1e14, "100000000000000"),
        (1e15, "1E+15"),
        (0.0001, "0.0001"),
        (0.00001234, "1.234E-05"),
        (-0.0, "0"),
        (float("inf"), "Infinity"),
        (float("nan"), "NaN"),
        (Single(16777216), "1.677722E+07"),
        (Decimal("1.50"), "1.50"),
        (Decimal("0.00"), "0.00"),
        (BigInteger(2**70), "1180591620717411303424"),
        (True, "True"),
        (None, ""),
        (NOON, "02/29/2024 13:05:09"),
        (TimeSpan.from_seconds(-93784.5), "-1.02:03:04.5000000"),
    ],
)
def test_text_without_a_format(value: Any, text: str) -> None:
    assert format_value(value, None) == text


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        (1234567, "N0", "1,234,567"),
        (2.5, "N0", "3"),
        (1.005, "F2", "1.01"),
        (-0.4, "F0", "0"),
        (0.1, "F20", "0.10000000000000000000"),
        (0.256, "P1", "25.6 %"),
        (12345, "E2", "1.23E+004"),
        (12345.678, "e3", "1.235e+004"),
        (123456, "G3", "1.23E+05"),
        (-42, "D5", "-00042"),
        (-1, "X", "FFFFFFFF"),
        (Int16(-1), "x", "ffff"),
        (Int64(-1), "X", "FFFFFFFFFFFFFFFF"),
        (Byte(10), "X2", "0A"),
        (BigInteger(255), "X", "0FF"),
        (-1234.5, "C", "(\u00a41,234.50)"),
        (Decimal("1.50"), "N1", "1.5"),
    ],
)
def test_standard_number_formats(value: Any, pattern: str, text: str) -> None:
    assert format_value(value, pattern) == text


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        (1234567, "#,##0", "1,234,567"),
        (5, "0,000", "0,005"),
        (4.5, "000.0", "004.5"),
        (2.5, "0.##", "2.5"),
        (0.5, "#.##", ".5"),
        (0.0, "#.##", ""),
        (0.1234, "0.0%", "12.3%"),
        (1234567, "0,,.0", "1.2"),
        (12345.678, "0.##E+00", "1.23E+04"),
        (-5, "0;(0);zero", "(5)"),
        (0, "0;(0);zero", "zero"),
        (0.001, "0.00;-0.00;none", "none"),
        (-0.001, "0.00", "0.00"),
        (5551234567, "(###) ###-####", "(555) 123-4567"),
        (5, "'n:'0\\#", "n:5#"),
        (12, "#-#", "1-2"),
    ],
)
def test_custom_number_formats(value: Any, pattern: str, text: str) -> None:
    assert format_value(value, pattern) == text


@pytest.mark.parametrize(
    ("pattern", "text", "with_offset"),
    [
        ("d", "02/29/2024", "02/29/2024"),
        ("D", "Thursday, 29 February 2024", "Thursday, 29 February 2024"),
        ("o", "2024-02-29T13:05:09.1234567Z", "2024-02-29T13:05:09.1234567+02:00"),
        ("r", "Thu, 29 Feb 2024 13:05:09 GMT", "Thu, 29 Feb 2024 11:05:09 GMT"),
        ("s", "2024-02-29T13:05:09", "2024-02-29T13:05:09"),
        ("u", "2024-02-29 13:05:09Z", "2024-02-29 11:05:09Z"),
        ("h:mm tt", "1:05 PM", "1:05 PM"),
        ("%d", "29", "29"),
        ("yyyyK", "2024Z", "2024+02:00"),
        ("HH\\hmm'm'", "13h05m", "13h05m"),
        ("ss.FFF", "09.123", "09.123"),
        ("y yy yyyy", "24 24 2024", "24 24 2024"),
    ],
)
def test_date_formats(pattern: str, text: str, with_offset: str) -> None:
    assert format_value(NOON, pattern) == text
    assert format_value(DateTimeOffset(NOON.ticks, TimeSpan(2 * TICKS_PER_HOUR)), pattern) == with_offset


def test_fraction_that_is_zero_takes_its_point_along() -> None:
    assert format_value(DateTime.of(2024, 1, 1), "ss.FFF") == "00"


def test_kind_decides_the_zone_of_the_round_trip_format() -> None:
    moment = DateTime.of(2024, 1, 1)
    assert format_value(moment, "o").endswith("0000000")
    assert format_value(DateTime(moment.ticks, LOCAL), "o").endswith("+00:00")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("c", "1.02:03:04"), ("g", "1:2:03:04"), ("G", "1:02:03:04.0000000"), ("hh\\:mm", "02:03"), ("d'd'", "1d")],
)
def test_timespan_formats(pattern: str, text: str) -> None:
    assert format_value(TimeSpan.from_seconds(93784), pattern) == text


def test_english_culture() -> None:
    assert format_value(1234.5, "C", EN_US) == "$1,234.50"
    assert format_value(0.5, "P", EN_US) == "50.00%"
    assert format_value(NOON, "G", EN_US) == "2/29/2024 1:05:09 PM"


@pytest.mark.parametrize(
    ("number", "text"), [(0.1, "0.1"), (1 / 3, "0.33333333333333331"), (1e20, "1E+20"), (0.1 + 0.2, "0.30000000000000004")]
)
def test_round_trip_takes_17_digits_only_when_15_do_not_read_back(number: float, text: str) -> None:
    assert round_trip(number) == text


@pytest.mark.parametrize(
    ("pattern", "arguments", "text"),
    [
        ("[{0,5}|{1,-5:N1}]", ["ab", 3.14], "[   ab|3.1  ]"),
        ("{{{0}}}", [5], "{5}"),
        ("{0:X}{1}", ["abc", None], "abc"),
        ("{0 ,4}", [1], "   1"),
        ("none", [1], "none"),
    ],
)
def test_composite(pattern: str, arguments: list[Any], text: str) -> None:
    assert composite(pattern, arguments) == text


@pytest.mark.parametrize("pattern", ["{0", "}", "{a}", "{0:N", "{0,}", "{", "{0:D3}x{"])
def test_malformed_composite_formats_are_refused(pattern: str) -> None:
    with pytest.raises(NetError, match="Input string was not in a correct format"):
        composite(pattern, [1])


def test_an_index_without_argument_is_refused() -> None:
    with pytest.raises(NetError, match=r"Index \(zero based\)"):
        composite("{1}", [1])


@pytest.mark.parametrize(("value", "pattern"), [(1.5, "D"), (1, "Q"), (1, "R"), (Decimal(1), "X"), (NOON, "q")])
def test_formats_a_type_does_not_know_are_refused(value: Any, pattern: str) -> None:
    with pytest.raises(NetError) as caught:
        format_value(value, pattern)
    assert caught.value.exception.type_name == "System.FormatException"
