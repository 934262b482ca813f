"""System.Text.Encoding and its family: code pages as .NET Framework on an English Windows has them.

Default is the ANSI code page 1252; the console's OEM page is 437. Characters a page lacks become `?` (with
Windows' best fit for accented Latin letters and full-width forms), bytes UTF-8 cannot hold U+FFFD.
"""

from __future__ import annotations

import codecs
import unicodedata
from typing import Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of, char_array, text_of
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, static, static_getter
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, not_supported, out_of_range
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.values import NetObject, PSArray

ENCODING = "System.Text.Encoding"
_PROVIDER_HINT = (
    "For information on defining a custom encoding, see the documentation for the Encoding.RegisterProvider method."
)


class Encoding(NetObject):
    """One encoding. `encode` and `decode` never fail unless `strict` (UTF8Encoding's throwOnInvalidBytes)."""

    net_type_name = ENCODING

    def __init__(
        self,
        code_page: int,
        web_name: str,
        encoding_name: str,
        codec: str,
        preamble: bytes = b"",
        strict: bool = False,
        body_name: str | None = None,
    ) -> None:
        self.code_page = code_page
        self.web_name = web_name
        self.encoding_name = encoding_name
        self.codec = codec
        self.preamble = preamble
        self.strict = strict
        self.body_name = body_name or web_name

    def encode(self, text: str) -> bytes:
        """The text as bytes, without preamble."""
        joined = (
            text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
            if _surrogates(text)
            else text
        )
        if self.is_unicode:
            if _surrogates(joined):
                if self.strict:
                    raise NetError(
                        "System.Text.EncoderFallbackException",
                        "Unable to translate Unicode character to specified code page.",
                    )
                joined = "".join("\ufffd" if _surrogates(character) else character for character in joined)
            return joined.encode(self.codec)
        return joined.encode(self.codec, "replace" if self.code_page == 20127 else "winbake-best-fit")

    def decode(self, data: bytes) -> str:
        """Bytes as text; a byte order mark is a character like any other, as with GetString."""
        if self.strict:
            try:
                return data.decode(self.codec)
            except UnicodeDecodeError as error:
                bad = "".join(f"[{byte:02X}]" for byte in data[error.start : error.end])
                message = f"Unable to translate bytes {bad} at index {error.start} from specified code page to Unicode."
                raise NetError("System.Text.DecoderFallbackException", message) from error
        return data.decode(self.codec, self._decoding_errors)

    @property
    def _decoding_errors(self) -> str:
        if self.code_page == 20127:
            return "winbake-question-mark"
        return "replace" if self.is_unicode else "winbake-undefined"

    def incremental_decoder(self) -> codecs.IncrementalDecoder:
        """For text that comes in pieces: keeps the bytes of a character whose rest is still to come."""
        return codecs.getincrementaldecoder(self.codec)("strict" if self.strict else self._decoding_errors)

    @property
    def is_unicode(self) -> bool:
        return self.code_page in (1200, 1201, 12000, 12001, 65000, 65001)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Encoding) and (self.code_page, self.preamble, self.strict) == (
            other.code_page,
            other.preamble,
            other.strict,
        )

    def __hash__(self) -> int:
        return hash((self.code_page, self.preamble, self.strict))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.web_name}>"


class UTF8Encoding(Encoding):
    net_type_name = "System.Text.UTF8Encoding"

    def __init__(self, bom: bool = False, strict: bool = False) -> None:
        super().__init__(65001, "utf-8", "Unicode (UTF-8)", "utf-8", codecs.BOM_UTF8 if bom else b"", strict)


class UnicodeEncoding(Encoding):
    net_type_name = "System.Text.UnicodeEncoding"

    def __init__(self, big_endian: bool = False, bom: bool = True, strict: bool = False) -> None:
        mark = codecs.BOM_UTF16_BE if big_endian else codecs.BOM_UTF16_LE
        super().__init__(
            1201 if big_endian else 1200,
            "utf-16BE" if big_endian else "utf-16",
            "Unicode (Big-Endian)" if big_endian else "Unicode",
            "utf-16-be" if big_endian else "utf-16-le",
            mark if bom else b"",
            strict,
        )


class UTF32Encoding(Encoding):
    net_type_name = "System.Text.UTF32Encoding"

    def __init__(self, big_endian: bool = False, bom: bool = True, strict: bool = False) -> None:
        mark = codecs.BOM_UTF32_BE if big_endian else codecs.BOM_UTF32_LE
        super().__init__(
            12001 if big_endian else 12000,
            "utf-32BE" if big_endian else "utf-32",
            "Unicode (UTF-32 Big-Endian)" if big_endian else "Unicode (UTF-32)",
            "utf-32-be" if big_endian else "utf-32-le",
            mark if bom else b"",
            strict,
        )


class UTF7Encoding(Encoding):
    net_type_name = "System.Text.UTF7Encoding"

    def __init__(self) -> None:
        super().__init__(65000, "utf-7", "Unicode (UTF-7)", "utf-7")


class ASCIIEncoding(Encoding):
    net_type_name = "System.Text.ASCIIEncoding"

    def __init__(self) -> None:
        super().__init__(20127, "us-ascii", "US-ASCII", "ascii")


UTF8 = UTF8Encoding(bom=True)
UTF8_NO_BOM = UTF8Encoding()
UNICODE = UnicodeEncoding()
BIG_ENDIAN_UNICODE = UnicodeEncoding(big_endian=True)
UTF32 = UTF32Encoding()
UTF7 = UTF7Encoding()
ASCII = ASCIIEncoding()
DEFAULT = Encoding(1252, "Windows-1252", "Western European (Windows)", "cp1252", body_name="iso-8859-1")
OEM = Encoding(437, "IBM437", "OEM United States", "cp437")
LATIN1 = Encoding(28591, "iso-8859-1", "Western European (ISO)", "latin-1")

_BY_CODE_PAGE: dict[int, Encoding] = {
    0: DEFAULT,
    1: OEM,
    437: OEM,
    850: Encoding(850, "ibm850", "Western European (DOS)", "cp850"),
    852: Encoding(852, "ibm852", "Central European (DOS)", "cp852"),
    1200: UNICODE,
    1201: BIG_ENDIAN_UNICODE,
    1250: Encoding(1250, "windows-1250", "Central European (Windows)", "cp1250", body_name="iso-8859-2"),
    1251: Encoding(1251, "windows-1251", "Cyrillic (Windows)", "cp1251", body_name="koi8-r"),
    1252: DEFAULT,
    1253: Encoding(1253, "windows-1253", "Greek (Windows)", "cp1253", body_name="iso-8859-7"),
    1254: Encoding(1254, "windows-1254", "Turkish (Windows)", "cp1254", body_name="iso-8859-9"),
    12000: UTF32,
    12001: UTF32Encoding(big_endian=True),
    20127: ASCII,
    28591: LATIN1,
    28592: Encoding(28592, "iso-8859-2", "Central European (ISO)", "iso8859-2"),
    28605: Encoding(28605, "iso-8859-15", "Latin 9 (ISO)", "iso8859-15"),
    65000: UTF7,
    65001: UTF8,
}
_ALIASES = {
    "ascii": 20127,
    "us-ascii": 20127,
    "iso_646.irv:1991": 20127,
    "utf-8": 65001,
    "utf8": 65001,
    "unicode-1-1-utf-8": 65001,
    "utf-7": 65000,
    "utf-16": 1200,
    "utf-16le": 1200,
    "unicode": 1200,
    "ucs-2": 1200,
    "utf-16be": 1201,
    "unicodefffe": 1201,
    "utf-32": 12000,
    "utf-32le": 12000,
    "utf-32be": 12001,
    "latin1": 28591,
    "l1": 28591,
    "iso8859-1": 28591,
    "iso_8859-1": 28591,
    "cp437": 437,
    "x-ansi": 1252,
    "cp1252": 1252,
}


def encoding_by_page(code_page: int) -> Encoding:
    """Encoding.GetEncoding(int). Raises NetError for a page Windows' .NET has no data for."""
    if not 0 <= code_page <= 65535:
        raise out_of_range("codepage", "Valid values are between 0 and 65535, inclusive.")
    found = _BY_CODE_PAGE.get(code_page)
    if found is None:
        raise not_supported(f"No data is available for encoding {code_page}. {_PROVIDER_HINT}")
    return found


def encoding_by_name(name: str | None) -> Encoding:
    """Encoding.GetEncoding(string), by IANA name without case."""
    if name is None:
        raise argument_null("name")
    wanted = name.strip().lower()
    if wanted in _ALIASES:
        return _BY_CODE_PAGE[_ALIASES[wanted]]
    for encoding in _BY_CODE_PAGE.values():
        if encoding.web_name.lower() == wanted:
            return encoding
    raise argument(f"'{name}' is not a supported encoding name. {_PROVIDER_HINT}", "name")


def detect_by_preamble(data: bytes) -> Encoding | None:
    """The encoding a byte order mark tells (UTF-8, UTF-16, UTF-32), or None."""
    if data.startswith(codecs.BOM_UTF8):
        return UTF8
    if data.startswith(codecs.BOM_UTF32_LE):
        return UTF32
    if data.startswith(codecs.BOM_UTF32_BE):
        return _BY_CODE_PAGE[12001]
    if data.startswith(codecs.BOM_UTF16_LE):
        return UNICODE
    return BIG_ENDIAN_UNICODE if data.startswith(codecs.BOM_UTF16_BE) else None


def _surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _best_fit(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    out = ""
    for character in error.object[error.start : error.end]:
        base = unicodedata.normalize("NFKD", character)[:1]
        out += base if base.isascii() and base.isprintable() else "?" * (2 if ord(character) > 0xFFFF else 1)
    return out, error.end


def _undefined(error: UnicodeError) -> tuple[str, int]:
    """Bytes without a character: Windows gives the C1 control of the same number."""
    assert isinstance(error, UnicodeDecodeError)
    return "".join(map(chr, error.object[error.start : error.end])), error.end


def _question_mark(error: UnicodeError) -> tuple[str, int]:
    """Bytes above 127 in ASCII."""
    assert isinstance(error, UnicodeDecodeError)
    return "?" * (error.end - error.start), error.end


codecs.register_error("winbake-question-mark", _question_mark)
codecs.register_error("winbake-best-fit", _best_fit)
codecs.register_error("winbake-undefined", _undefined)


# ---- members ---------------------------------------------------------------------------------------------


def _static_encoding(name: str, encoding: Encoding) -> None:
    static_getter(ENCODING, name)(lambda: encoding)


for _name, _encoding in (
    ("UTF8", UTF8),
    ("Unicode", UNICODE),
    ("BigEndianUnicode", BIG_ENDIAN_UNICODE),
    ("UTF32", UTF32),
    ("UTF7", UTF7),
    ("ASCII", ASCII),
    ("Default", DEFAULT),
):
    _static_encoding(_name, _encoding)


@constructor("System.Text.UTF8Encoding")
def new_utf8(bom: bool = False, strict: bool = False) -> UTF8Encoding:
    return UTF8Encoding(bom, strict)


@constructor("System.Text.UnicodeEncoding")
def new_unicode(big_endian: bool = False, bom: bool = True, strict: bool = False) -> UnicodeEncoding:
    return UnicodeEncoding(big_endian, bom, strict)


@constructor("System.Text.UTF32Encoding")
def new_utf32(big_endian: bool = False, bom: bool = True, strict: bool = False) -> UTF32Encoding:
    return UTF32Encoding(big_endian, bom, strict)


@constructor("System.Text.ASCIIEncoding")
def new_ascii() -> ASCIIEncoding:
    return ASCIIEncoding()


@constructor("System.Text.UTF7Encoding")
def new_utf7(allow_optionals: bool = False) -> UTF7Encoding:
    return UTF7Encoding()


@static(ENCODING, "GetEncoding", "Int32")
def get_encoding_by_page(code_page: int) -> Encoding:
    return encoding_by_page(code_page)


@static(ENCODING, "GetEncoding", "String")
def get_encoding_by_name(name: str | None) -> Encoding:
    return encoding_by_name(name)


@static(ENCODING, "Convert")
def convert(source: Encoding, target: Encoding, data: Any, index: int = 0, count: int | None = None) -> PSArray:
    return byte_array(target.encode(source.decode(_slice(bytes_of(data), index, count))))


_INTO_BYTES = "Int32, Int32, Byte[], Int32"


@method(ENCODING, "GetBytes", "String")
@method(ENCODING, "GetBytes", "Char[]")
@method(ENCODING, "GetBytes", "Char[], Int32, Int32")
def get_bytes(value: Encoding, text: Any, index: int = 0, count: int | None = None) -> PSArray:
    if text is None:
        raise argument_null("s" if count is None else "chars")
    characters = text if isinstance(text, str) else text_of(text)
    return byte_array(value.encode(_slice(characters, index, count)))


@method(ENCODING, "GetBytes", f"String, {_INTO_BYTES}")
@method(ENCODING, "GetBytes", f"Char[], {_INTO_BYTES}")
def get_bytes_into(value: Encoding, text: Any, index: int, count: int, target: PSArray, target_index: int) -> int:
    characters = text if isinstance(text, str) else text_of(text)
    data = byte_array(value.encode(_slice(characters, index, count)))
    if target_index + len(data) > len(target):
        raise argument(
            f"The output byte buffer is too small to contain the encoded data, encoding '{value.encoding_name}' "
            "fallback 'System.Text.EncoderReplacementFallback'.",
            "bytes",
        )
    target.items[target_index : target_index + len(data)] = data.items
    return len(data)


@method(ENCODING, "GetByteCount")
def get_byte_count(value: Encoding, text: Any, index: int = 0, count: int | None = None) -> int:
    return len(get_bytes(value, text, index, count))


@method(ENCODING, "GetString")
def get_string(value: Encoding, data: Any, index: int = 0, count: int | None = None) -> str:
    if data is None:
        raise argument_null("bytes", "Array cannot be null.")
    return value.decode(_slice(bytes_of(data), index, count))


@method(ENCODING, "GetChars", "Byte[]")
@method(ENCODING, "GetChars", "Byte[], Int32, Int32")
def get_chars(value: Encoding, data: Any, index: int = 0, count: int | None = None) -> PSArray:
    return char_array(get_string(value, data, index, count))


@method(ENCODING, "GetCharCount")
def get_char_count(value: Encoding, data: Any, index: int = 0, count: int | None = None) -> int:
    return len(get_string(value, data, index, count))


@method(ENCODING, "GetPreamble")
def get_preamble(value: Encoding) -> PSArray:
    return byte_array(value.preamble)


@method(ENCODING, "GetMaxByteCount")
def get_max_byte_count(value: Encoding, count: int) -> int:
    factor = {65001: 3, 1200: 2, 1201: 2, 12000: 4, 12001: 4}.get(value.code_page, 1)
    return (count + 1) * factor


@method(ENCODING, "Clone")
def clone(value: Encoding) -> Encoding:
    return value


@getter(ENCODING, "CodePage")
def code_page(value: Encoding) -> int:
    return value.code_page


@getter(ENCODING, "WindowsCodePage")
def windows_code_page(value: Encoding) -> int:
    return 1252 if value.code_page in (437, 850, 20127, 28591, 28605, 1252) else 1200


@getter(ENCODING, "WebName")
@getter(ENCODING, "HeaderName")
def web_name(value: Encoding) -> str:
    return value.web_name


@getter(ENCODING, "BodyName")
def body_name(value: Encoding) -> str:
    return value.body_name


@getter(ENCODING, "EncodingName")
def encoding_name(value: Encoding) -> str:
    return value.encoding_name


@getter(ENCODING, "IsSingleByte")
def is_single_byte(value: Encoding) -> bool:
    return not value.is_unicode


@getter(ENCODING, "IsReadOnly")
def is_read_only(value: Encoding) -> bool:
    return True


def _slice(sequence: Any, index: int, count: int | None) -> Any:
    if count is None and index == 0:
        return sequence
    end = len(sequence) if count is None else index + count
    if index < 0 or (count or 0) < 0:
        raise out_of_range("index" if index < 0 else "count", "Non-negative number required.")
    if end > len(sequence):
        raise out_of_range("bytes", "Index and count must refer to a location within the buffer.")
    return sequence[index:end]
