"""How good a conversion is: the engine's ConversionRank, which also decides between overloads (2016 source)."""

from __future__ import annotations

from enum import IntEnum


class Rank(IntEnum):
    NONE = 0
    UNRELATED_ARRAYS = 0x0F
    TO_STRING = 0x1F
    CUSTOM = 0x2F
    I_CONVERTIBLE = 0x3F
    IMPLICIT_CAST = 0x4F
    EXPLICIT_CAST = 0x5F
    CONSTRUCTOR = 0x6F
    PARSE = 0x7F
    PS_OBJECT = 0x8F
    LANGUAGE = 0x9F
    NULL_TO_VALUE = 0xAF
    NULL_TO_REF = 0xBF
    NUMERIC_EXPLICIT = 0xCF
    NUMERIC_EXPLICIT_1 = 0xDF
    NUMERIC_STRING = 0xEF
    NUMERIC_IMPLICIT = 0xFF
    ASSIGNABLE = 0x10F
    STRING_TO_CHAR_ARRAY = 0x11A
    IDENTITY = 0x11F


SCALAR_TO_ARRAY = 8
"""What a rank loses when the value becomes the only item of an array."""

_IMPLICIT = {
    "System.SByte": "Int16 Int32 Int64 Single Double Decimal",
    "System.Byte": "Int16 UInt16 Int32 UInt32 Int64 UInt64 Single Double Decimal",
    "System.Int16": "Int32 Int64 Single Double Decimal",
    "System.UInt16": "Int32 UInt32 Int64 UInt64 Single Double Decimal",
    "System.Int32": "Int64 Single Double Decimal",
    "System.UInt32": "Int64 UInt64 Single Double Decimal",
    "System.Int64": "Single Double Decimal",
    "System.UInt64": "Single Double Decimal",
    "System.Char": "UInt16 Int32 UInt32 Int64 UInt64 Single Double Decimal",
    "System.Single": "Double",
}
IMPLICIT = {key: frozenset(f"System.{name}" for name in names.split()) for key, names in _IMPLICIT.items()}
_NEARLY = {
    ("System.Double", "System.Decimal"),
    ("System.Decimal", "System.Double"),
    ("System.Single", "System.Decimal"),
}


def numeric_rank(given: str, wanted: str) -> Rank:
    """Between two numeric types (or from Char), by their full names."""
    if given == wanted:
        return Rank.IDENTITY
    if wanted in IMPLICIT.get(given, ()):
        return Rank.NUMERIC_IMPLICIT
    return Rank.NUMERIC_EXPLICIT_1 if (given, wanted) in _NEARLY else Rank.NUMERIC_EXPLICIT
