"""Byte[] values: between Python's bytes and a PSArray of Byte."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from winbake.rehearsal.powershell.values import Byte, Char, PSArray

_ALL = [Byte(number) for number in range(256)]


def byte_array(data: Iterable[int]) -> PSArray:
    """A Byte[] holding `data`."""
    return PSArray([_ALL[number] for number in data], "System.Byte")


def bytes_of(array: Any) -> bytes:
    """The bytes of a Byte[] (or of any collection of numbers 0 to 255)."""
    return bytes(array.items if isinstance(array, PSArray) else array)


def char_array(text: str) -> PSArray:
    """A Char[] holding `text`."""
    return PSArray((Char(character) for character in text), "System.Char")


def text_of(characters: Any) -> str:
    """The characters of a Char[] (or string) as text."""
    return "".join(str(character) for character in characters)


def string_array(texts: Iterable[str]) -> PSArray:
    """A String[] holding `texts`."""
    return PSArray(texts, "System.String")
