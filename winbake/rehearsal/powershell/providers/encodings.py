"""Text in files: the encodings of .NET Framework and of the cmdlets' -Encoding, byte order marks, lines.

The ANSI code page of a rehearsed host is 1252, its OEM code page 437 (en-US).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TextEncoding:
    """A Python codec and the byte order mark that a new file gets."""

    codec: str
    preamble: bytes = b""

    def encode(self, text: str) -> bytes:
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if self.codec == "cp1252":
            return _encode_1252(whole)
        return whole.encode(self.codec, "replace")

    def decode(self, data: bytes) -> str:
        if self.codec == "cp1252":
            return codecs.decode(data, "cp1252", "winbake_c1")
        if self.codec == "ascii":
            return "".join(chr(b) if b < 128 else "?" for b in data)
        return data.decode(self.codec, "replace")


def _c1(error: UnicodeError) -> tuple[str, int]:
    """Windows maps the five undefined bytes of 1252 to the C1 controls of the same number."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(b) for b in error.object[error.start : error.end]), error.end


codecs.register_error("winbake_c1", _c1)


def _encode_1252(text: str) -> bytes:
    """C1 controls that 1252 leaves undefined stay what they are, what it lacks becomes `?`."""
    out = bytearray()
    for char in text:
        try:
            out += char.encode("cp1252")
        except UnicodeEncodeError:
            out += bytes([ord(char)]) if 0x80 <= ord(char) <= 0x9F else b"?"
    return bytes(out)


UTF8 = TextEncoding("utf-8")
UTF8_BOM = TextEncoding("utf-8", codecs.BOM_UTF8)
UNICODE = TextEncoding("utf-16-le", codecs.BOM_UTF16_LE)
BIG_ENDIAN = TextEncoding("utf-16-be", codecs.BOM_UTF16_BE)
UTF32 = TextEncoding("utf-32-le", codecs.BOM_UTF32_LE)
BIG_ENDIAN_UTF32 = TextEncoding("utf-32-be", codecs.BOM_UTF32_BE)
ASCII = TextEncoding("ascii")
ANSI = TextEncoding("cp1252")
OEM = TextEncoding("cp437")

CMDLET_ENCODINGS: dict[str, TextEncoding] = {
    "unknown": UNICODE,
    "string": UNICODE,
    "unicode": UNICODE,
    "bigendianunicode": BIG_ENDIAN,
    "utf8": UTF8_BOM,
    "utf7": TextEncoding("utf-7"),
    "utf32": UTF32,
    "bigendianutf32": BIG_ENDIAN_UTF32,
    "ascii": ASCII,
    "default": ANSI,
    "oem": OEM,
}
"""-Encoding of Windows PowerShell's cmdlets (`Byte` is no encoding: the caller deals in bytes)."""

_MARKS = (BIG_ENDIAN_UTF32, UTF32, UTF8_BOM, UNICODE, BIG_ENDIAN)


def detect(data: bytes) -> TextEncoding | None:
    """The encoding that a byte order mark names."""
    return next((one for one in _MARKS if data.startswith(one.preamble)), None)


def decode_marked(data: bytes, default: Any) -> str:
    """Text of a file: its byte order mark decides, else `default`."""
    found = detect(data)
    if found is not None:
        return found.decode(data[len(found.preamble) :])
    text: str = default.decode(data)
    return text


def decode_file(data: bytes, encoding: Any = None) -> str:
    """File.ReadAllText: detects a mark, else decodes with the given System.Text.Encoding (None: UTF-8)."""
    return decode_marked(data, UTF8 if encoding is None else encoding)


def encode_text(text: str, encoding: Any = None, preamble: bool = False) -> bytes:
    """File.WriteAllText: the Encoding's mark goes in front when `preamble`; None is UTF-8 without a mark."""
    chosen = UTF8 if encoding is None else encoding
    data: bytes = chosen.encode(text)
    return (chosen.preamble if preamble else b"") + data


_LINE = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """As StreamReader.ReadLine: `\\r`, `\\n` and `\\r\\n` end lines, the end of the text makes no extra one."""
    lines = _LINE.split(text)
    if lines and lines[-1] == "":
        lines.pop()
    return lines
