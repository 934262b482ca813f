"""CultureInfo, NumberFormatInfo, DateTimeFormatInfo and TextInfo of the two cultures a rehearsed host has."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from winbake.rehearsal.powershell.conversion.collation import compare_text
from winbake.rehearsal.powershell.dotnet.byte_arrays import string_array
from winbake.rehearsal.powershell.dotnet.datetime import DateTime
from winbake.rehearsal.powershell.dotnet.registry import (
    constructor,
    getter,
    method,
    setter,
    static,
    static_getter,
    static_setter,
)
from winbake.rehearsal.powershell.dotnet.strings import lower, upper
from winbake.rehearsal.powershell.dotnet.throwing import argument_null, invalid_operation, out_of_range
from winbake.rehearsal.powershell.errors import NetError, NotModelled
from winbake.rehearsal.powershell.formatting.culture import (
    DAY_NAMES,
    EN_US,
    INVARIANT,
    MONTH_NAMES,
    Culture,
    current_culture,
    use_culture,
)
from winbake.rehearsal.powershell.formatting.dates import standard_pattern
from winbake.rehearsal.powershell.types import EnumValue, enum_value
from winbake.rehearsal.powershell.values import NetObject

NAMESPACE = "System.Globalization."
CULTURE, NUMBERS, DATES, TEXT, COMPARE = (
    NAMESPACE + name for name in ("CultureInfo", "NumberFormatInfo", "DateTimeFormatInfo", "TextInfo", "CompareInfo")
)
CALENDAR = NAMESPACE + "Calendar"
_BY_LCID = {127: INVARIANT, 1033: EN_US}
_KNOWN_ELSEWHERE = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-[a-z]{2}|-[0-9]{3})?", re.IGNORECASE)


class CultureInfo(NetObject):
    """A culture; one that a script made (`user_made`) may be changed, the others are read-only."""

    net_type_name = CULTURE

    def __init__(self, culture: Culture, user_made: bool = False) -> None:
        self.culture = culture
        self.user_made = user_made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CultureInfo) and self.culture.name == other.culture.name

    def __hash__(self) -> int:
        return hash(self.culture.name)

    def __str__(self) -> str:
        return self.culture.name


class FormatInfo(NetObject):
    """NumberFormatInfo, DateTimeFormatInfo, TextInfo and CompareInfo: views of a culture."""

    def __init__(self, type_name: str, owner: CultureInfo) -> None:
        self.net_type_name = type_name  # type: ignore[misc]
        self.owner = owner

    @property
    def culture(self) -> Culture:
        return self.owner.culture


class GregorianCalendar(NetObject):
    net_type_name = NAMESPACE + "GregorianCalendar"


def culture_by_name(name: str | None) -> Culture:
    """Raises NetError (CultureNotFoundException), or NotModelled for a culture other than the two."""
    if name is None:
        raise argument_null("name")
    if name == "":
        return INVARIANT
    if name.lower() in ("en-us", "en"):
        return EN_US if name.lower() == "en-us" else replace(EN_US, name="en", display_name="English", lcid=9)
    if not _KNOWN_ELSEWHERE.fullmatch(name):
        raise NetError(
            NAMESPACE + "CultureNotFoundException",
            f"Culture is not supported.\r\nParameter name: name\r\n{name} is an invalid culture identifier.",
            ParamName="name",
            InvalidCultureName=name,
        )
    raise NotModelled(f"the culture {name}")


# ---- CultureInfo ------------------------------------------------------------------------------------------


@constructor(CULTURE)
def new_culture(name: str | int | None, use_user_override: bool = True) -> CultureInfo:
    return CultureInfo(_by_key(name), user_made=True)


def _by_key(key: str | int | None) -> Culture:
    if isinstance(key, int):
        if key not in _BY_LCID:
            raise NotModelled(f"the culture with the identifier {key}")
        return _BY_LCID[key]
    return culture_by_name(key)


@static(CULTURE, "GetCultureInfo")
@static(CULTURE, "CreateSpecificCulture")
@static(CULTURE, "GetCultureInfoByIetfLanguageTag")
def get_culture_info(name: str | int | None, alternative: str | None = None) -> CultureInfo:
    found = _by_key(name)
    return CultureInfo(EN_US if found.name == "en" else found)


@static_getter(CULTURE, "InvariantCulture")
def invariant_culture() -> CultureInfo:
    return CultureInfo(INVARIANT)


@static_getter(CULTURE, "CurrentCulture")
@static_getter(CULTURE, "CurrentUICulture")
def get_current_culture() -> CultureInfo:
    return CultureInfo(current_culture())


@static_getter(CULTURE, "InstalledUICulture")
def installed_culture() -> CultureInfo:
    return CultureInfo(EN_US)


@static_setter(CULTURE, "CurrentCulture")
def set_current_culture(value: CultureInfo | None) -> None:
    if value is None:
        raise argument_null("value")
    use_culture(value.culture)


@static_setter(CULTURE, "CurrentUICulture")
def set_current_ui_culture(value: CultureInfo | None) -> None:
    if value is None:
        raise argument_null("value")


def _culture_property(name: str, read: Any) -> None:
    getter(CULTURE, name)(read)


for _name, _read in {
    "Name": lambda c: c.culture.name,
    "IetfLanguageTag": lambda c: c.culture.name,
    "DisplayName": lambda c: c.culture.display_name,
    "EnglishName": lambda c: c.culture.display_name,
    "NativeName": lambda c: c.culture.display_name,
    "LCID": lambda c: c.culture.lcid,
    "KeyboardLayoutId": lambda c: c.culture.lcid,
    "TwoLetterISOLanguageName": lambda c: c.culture.name[:2] or "iv",
    "ThreeLetterISOLanguageName": lambda c: "eng" if c.culture.name else "ivl",
    "ThreeLetterWindowsLanguageName": lambda c: "ENU" if c.culture.name else "IVL",
    "IsNeutralCulture": lambda c: c.culture.name == "en",
    "IsReadOnly": lambda c: not c.user_made,
    "UseUserOverride": lambda c: False,
    "Parent": lambda c: CultureInfo(culture_by_name("en") if c.culture.name == "en-US" else INVARIANT),
    "NumberFormat": lambda c: FormatInfo(NUMBERS, c),
    "DateTimeFormat": lambda c: FormatInfo(DATES, c),
    "TextInfo": lambda c: FormatInfo(TEXT, c),
    "CompareInfo": lambda c: FormatInfo(COMPARE, c),
    "Calendar": lambda c: GregorianCalendar(),
}.items():
    _culture_property(_name, _read)


@method(CULTURE, "ToString")
def culture_text(value: CultureInfo) -> str:
    return value.culture.name


@method(CULTURE, "Clone")
def culture_clone(value: CultureInfo) -> CultureInfo:
    return CultureInfo(value.culture, user_made=True)


@method(CULTURE, "Equals")
def culture_equals(value: CultureInfo, other: Any) -> bool:
    return bool(value == other)


# ---- NumberFormatInfo and DateTimeFormatInfo --------------------------------------------------------------


@static_getter(NUMBERS, "InvariantInfo")
def invariant_numbers() -> FormatInfo:
    return FormatInfo(NUMBERS, CultureInfo(INVARIANT))


@static_getter(NUMBERS, "CurrentInfo")
def current_numbers() -> FormatInfo:
    return FormatInfo(NUMBERS, get_current_culture())


@constructor(NUMBERS)
def new_numbers() -> FormatInfo:
    return FormatInfo(NUMBERS, CultureInfo(INVARIANT, user_made=True))


@static_getter(DATES, "InvariantInfo")
def invariant_dates() -> FormatInfo:
    return FormatInfo(DATES, CultureInfo(INVARIANT))


@static_getter(DATES, "CurrentInfo")
def current_dates() -> FormatInfo:
    return FormatInfo(DATES, get_current_culture())


def _check_writable(owner: CultureInfo) -> None:
    if not owner.user_made:
        raise invalid_operation("Instance is read-only.")


def _number_property(name: str, field: str) -> None:
    getter(NUMBERS, name)(lambda value: getattr(value.culture.numbers, field))

    @setter(NUMBERS, name)
    def set_pattern(value: FormatInfo, new: Any) -> None:
        _check_writable(value.owner)
        value.owner.culture = replace(value.culture, numbers=replace(value.culture.numbers, **{field: new}))


for _name, _field in {
    "CurrencySymbol": "currency_symbol",
    "NumberDecimalSeparator": "decimal_separator",
    "CurrencyDecimalSeparator": "decimal_separator",
    "PercentDecimalSeparator": "decimal_separator",
    "NumberGroupSeparator": "group_separator",
    "CurrencyGroupSeparator": "group_separator",
    "PercentGroupSeparator": "group_separator",
    "NumberDecimalDigits": "decimals",
    "CurrencyDecimalDigits": "decimals",
    "PercentDecimalDigits": "decimals",
    "NaNSymbol": "nan",
    "PositiveInfinitySymbol": "infinity",
}.items():
    _number_property(_name, _field)


def _constant(type_name: str, name: str, value: Any) -> None:
    getter(type_name, name)(lambda _: value)


_constant(NUMBERS, "NegativeSign", "-")
_constant(NUMBERS, "PositiveSign", "+")
_constant(NUMBERS, "PercentSymbol", "%")
_constant(NUMBERS, "PerMilleSymbol", "\u2030")
getter(NUMBERS, "NegativeInfinitySymbol")(lambda value: "-" + value.culture.numbers.infinity)


def _date_property(name: str, field: str) -> None:
    getter(DATES, name)(lambda value: getattr(value.culture.dates, field))

    @setter(DATES, name)
    def set_pattern(value: FormatInfo, new: Any) -> None:
        _check_writable(value.owner)
        value.owner.culture = replace(value.culture, dates=replace(value.culture.dates, **{field: new}))


for _name, _field in {
    "ShortDatePattern": "short_date",
    "LongDatePattern": "long_date",
    "ShortTimePattern": "short_time",
    "LongTimePattern": "long_time",
    "MonthDayPattern": "month_day",
    "YearMonthPattern": "year_month",
    "DateSeparator": "date_separator",
    "TimeSeparator": "time_separator",
    "AMDesignator": "am",
    "PMDesignator": "pm",
}.items():
    _date_property(_name, _field)

for _name, _letter in {
    "FullDateTimePattern": "F",
    "RFC1123Pattern": "R",
    "SortableDateTimePattern": "s",
    "UniversalSortableDateTimePattern": "u",
}.items():
    getter(DATES, _name)(lambda value, letter=_letter: standard_pattern(letter, value.culture))

for _name, _words in {
    "DayNames": DAY_NAMES,
    "AbbreviatedDayNames": tuple(name[:3] for name in DAY_NAMES),
    "ShortestDayNames": tuple(name[:2] for name in DAY_NAMES),
    "MonthNames": (*MONTH_NAMES, ""),
    "AbbreviatedMonthNames": (*(name[:3] for name in MONTH_NAMES), ""),
    "MonthGenitiveNames": (*MONTH_NAMES, ""),
    "AbbreviatedMonthGenitiveNames": (*(name[:3] for name in MONTH_NAMES), ""),
}.items():
    getter(DATES, _name)(lambda _, words=_words: string_array(words))
getter(DATES, "FirstDayOfWeek")(lambda _: enum_value("System.DayOfWeek", 0))
getter(DATES, "CalendarWeekRule")(lambda _: enum_value(NAMESPACE + "CalendarWeekRule", 0))
getter(DATES, "Calendar")(lambda _: GregorianCalendar())


@method(DATES, "GetMonthName")
def get_month_name(value: FormatInfo, month: int) -> str:
    if not 1 <= month <= 13:
        raise out_of_range("month", "Valid values are between 1 and 13, inclusive.")
    return (*MONTH_NAMES, "")[month - 1]


@method(DATES, "GetAbbreviatedMonthName")
def get_short_month_name(value: FormatInfo, month: int) -> str:
    return get_month_name(value, month)[:3]


@method(DATES, "GetDayName")
def get_day_name(value: FormatInfo, day: EnumValue) -> str:
    return DAY_NAMES[day.value]


@method(DATES, "GetAbbreviatedDayName")
def get_short_day_name(value: FormatInfo, day: EnumValue) -> str:
    return DAY_NAMES[day.value][:3]


@method(DATES, "GetShortestDayName")
def get_shortest_day_name(value: FormatInfo, day: EnumValue) -> str:
    return DAY_NAMES[day.value][:2]


def _register_format_info(type_name: str) -> None:
    getter(type_name, "IsReadOnly")(lambda value: not value.owner.user_made)

    @method(type_name, "Clone")
    def clone(value: FormatInfo) -> FormatInfo:
        return FormatInfo(type_name, CultureInfo(value.culture, user_made=True))


for _name in (NUMBERS, DATES, TEXT):
    _register_format_info(_name)


# ---- TextInfo, CompareInfo, Calendar ----------------------------------------------------------------------


@method(TEXT, "ToTitleCase")
def to_title_case(value: FormatInfo, text: str | None) -> str:
    """Each word begins with a capital and goes on small; words all in capitals are acronyms and stay."""
    if text is None:
        raise argument_null("str")

    def word(found: re.Match[str]) -> str:
        whole = found[0]
        if whole == upper(whole) and len(whole) > 1 and lower(whole) != whole:
            return whole
        return upper(whole[0]) + lower(whole[1:])

    return re.sub(r"[^\W\d_](?:[^\W_]|['\u2019](?=[^\W\d_]))*", word, text)


@method(TEXT, "ToLower")
def text_to_lower(value: FormatInfo, text: str) -> str:
    return type(text)(lower(text))


@method(TEXT, "ToUpper")
def text_to_upper(value: FormatInfo, text: str) -> str:
    return type(text)(upper(text))


_constant(TEXT, "ANSICodePage", 1252)
_constant(TEXT, "OEMCodePage", 437)
_constant(TEXT, "ListSeparator", ",")
_constant(TEXT, "IsRightToLeft", False)
getter(TEXT, "CultureName")(lambda value: value.culture.name)
getter(TEXT, "LCID")(lambda value: value.culture.lcid)
getter(COMPARE, "Name")(lambda value: value.culture.name)
getter(COMPARE, "LCID")(lambda value: value.culture.lcid)


@method(COMPARE, "Compare", "String, String")
@method(COMPARE, "Compare", "String, String, CompareOptions")
def compare(value: FormatInfo, left: str, right: str, options: EnumValue | None = None) -> int:
    number = options.value if options else 0
    if number in (0x40000000, 0x10000000):
        from winbake.rehearsal.powershell.dotnet.strings import static_compare

        return static_compare(left, right, None, options)
    return compare_text(left, right, ignore_case=bool(number & 1))


@method(COMPARE, "IndexOf", "String, String, CompareOptions")
def compare_index_of(value: FormatInfo, text: str, wanted: str, options: EnumValue) -> int:
    return upper(text).find(upper(wanted)) if options.value & 0x10000001 else text.find(wanted)


@constructor(NAMESPACE + "GregorianCalendar", "")
def new_gregorian() -> GregorianCalendar:
    return GregorianCalendar()


@method(CALENDAR, "GetWeekOfYear")
def get_week_of_year(value: GregorianCalendar, date: DateTime, rule: EnumValue, first_day: EnumValue) -> int:
    return week_of_year(date, rule.value, first_day.value)


def week_of_year(date: DateTime, rule: int, first_day: int) -> int:
    """By CalendarWeekRule: 0 first day, 1 first full week, 2 first week of four days."""
    day = date.day_of_year - 1
    first_weekday = (date.day_of_week - day) % 7
    offset = (first_weekday - first_day) % 7
    if rule == 0:
        return (day + offset) // 7 + 1
    full_days = 7 if rule == 1 else 4
    start = (7 - offset) % 7 if offset and 7 - offset < full_days else -offset
    if day >= start:
        week = (day - start) // 7 + 1
        if rule == 2 and week == 53 and _belongs_to_next_year(date, first_day):
            return 1
        return week
    return week_of_year(DateTime(date.ticks - (day + 1) * 864000000000), rule, first_day)


def _belongs_to_next_year(date: DateTime, first_day: int) -> bool:
    year_days = 366 if date.year % 4 == 0 and (date.year % 100 or date.year % 400 == 0) else 365
    week_start = date.day_of_year - (date.day_of_week - first_day) % 7
    return year_days - week_start + 1 < 4


@method(CALENDAR, "GetDayOfYear")
def get_day_of_year(value: GregorianCalendar, date: DateTime) -> int:
    return date.day_of_year


@method(CALENDAR, "GetDayOfWeek")
def get_day_of_week(value: GregorianCalendar, date: DateTime) -> EnumValue:
    return enum_value("System.DayOfWeek", date.day_of_week)
