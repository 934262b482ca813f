"""What the two cultures of a rehearsed host, the invariant one and en-US, say about numbers and dates.

en-US as Windows Server 2016 and later have it (its percent pattern and infinity sign differ from older Windows).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

DAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True)
class NumberPatterns:
    """NumberFormatInfo. `n` in a pattern stands for the number, `$` for the currency symbol."""

    currency_symbol: str
    percent_positive: str
    percent_negative: str
    infinity: str
    currency_positive: str = "$n"
    currency_negative: str = "($n)"
    decimal_separator: str = "."
    group_separator: str = ","
    nan: str = "NaN"
    decimals: int = 2


@dataclass(frozen=True)
class DatePatterns:
    """DateTimeFormatInfo."""

    short_date: str
    long_date: str
    short_time: str
    long_time: str
    month_day: str
    year_month: str
    date_separator: str = "/"
    time_separator: str = ":"
    am: str = "AM"
    pm: str = "PM"


@dataclass(frozen=True)
class Culture:
    """A culture: its name ("" for the invariant one), Windows' LCID and its patterns."""

    name: str
    display_name: str
    lcid: int
    numbers: NumberPatterns = field(repr=False)
    dates: DatePatterns = field(repr=False)


INVARIANT = Culture(
    "",
    "Invariant Language (Invariant Country)",
    127,
    NumberPatterns("\u00a4", "n %", "-n %", "Infinity"),
    DatePatterns("MM/dd/yyyy", "dddd, dd MMMM yyyy", "HH:mm", "HH:mm:ss", "MMMM dd", "yyyy MMMM"),
)
EN_US = Culture(
    "en-US",
    "English (United States)",
    1033,
    NumberPatterns("$", "n%", "-n%", "\u221e"),
    DatePatterns("M/d/yyyy", "dddd, MMMM d, yyyy", "h:mm tt", "h:mm:ss tt", "MMMM d", "MMMM yyyy"),
)

_running = threading.local()


def current_culture() -> Culture:
    """The culture of the running (Python) thread: the invariant one unless `use_culture` chose another."""
    chosen: Culture = getattr(_running, "culture", INVARIANT)
    return chosen


def use_culture(culture: Culture) -> None:
    """Makes `culture` the current one of this thread, as Thread.CurrentCulture does."""
    _running.culture = culture


def culture_of(provider: Any) -> Culture:
    """The culture behind an IFormatProvider argument (CultureInfo, NumberFormatInfo …); None is the current one."""
    if provider is None:
        return current_culture()
    if isinstance(provider, Culture):
        return provider
    found = getattr(provider, "culture", None)
    return found if isinstance(found, Culture) else current_culture()
