"""Base-class members of .NET Framework 4.8, called from scripts: what comes out, and what is thrown."""

from __future__ import annotations

import pytest

from winbake.rehearsal.powershell.convert import to_text
from winbake.rehearsal.powershell.deep_stack import in_deep_thread
from winbake.rehearsal.powershell.session import Session


def run(script: str) -> list[str]:
    """What the script puts out, as text; of an error `!` and the thrown .NET exception's short name and text."""
    out: list[str] = []

    def work() -> None:
        session = Session()

        def failed(record: object) -> None:
            exception = record.exception  # type: ignore[attr-defined]
            cause = exception.inner or exception
            out.append(f"!{cause.type_name.rpartition('.')[2]}: {cause.message}")

        session.sinks[2] = failed
        session.run_script(script, lambda value: out.append("" if value is None else to_text(value, session)))

    in_deep_thread(work)
    return out


CASES: dict[str, tuple[str, list[str]]] = {
    "a string argument of Split is its characters": ("'a--b'.Split('--') -join '|'", ["a||b"]),
    "split with options": (
        "'1a2'.Split([char[]]'12', [StringSplitOptions]::RemoveEmptyEntries); ('a,,b,c'.Split([char[]]',', 2, 'RemoveEmptyEntries')) -join '|'",
        ["a", "a|b,c"],
    ),
    "split at strings": ("'a::b:c'.Split([string[]]'::', 'None') -join '|'", ["a|b:c"]),
    "index of": (
        "'abcabc'.LastIndexOf('b', 3); 'abc'.IndexOf('B', [StringComparison]::OrdinalIgnoreCase); 'abc'.IndexOf('')",
        ["1", "1", "0"],
    ),
    "trim of given characters": ("'xyabyx'.Trim('x', 'y'); 'ab..'.TrimEnd('.')", ["ab", "ab"]),
    "culture compares small before capital, ordinal by code": (
        "[string]::Compare('a', 'B'); 'a'.CompareTo('A'); [string]::CompareOrdinal('a', 'A')",
        ["-1", "-1", "32"],
    ),
    "join stops at a first null": ("[string]::Join(',', [object[]]($null, 'a')).Length", ["0"]),
    "join and concat use 15 digits": ("[string]::Concat(0.1 + 0.2, '|'); [string]::Join('-', 1, 2.5)", ["0.3|", "1-2.5"]),
    "char classes": ("[char]::IsLetterOrDigit('_'); [char]::GetUnicodeCategory('a')", ["False", "LowercaseLetter"]),
    "string builder": (
        "$b = [Text.StringBuilder]::new('ab'); $b.Append('x', 2).Insert(0, '>').Replace('x', 'y').Remove(1, 1).ToString()",
        [">byy"],
    ),
    "parse numbers": (
        "[int]::Parse(' -42 '); [double]::Parse('1,234.5'); [int]::Parse('7F', 'HexNumber'); [decimal]::Parse('1.50')",
        ["-42", "1234.5", "127", "1.50"],
    ),
    "try parse leaves zero": ("$n = 9; [int]::TryParse('x', [ref]$n); $n", ["False", "0"]),
    "round half to even unless told": (
        "[math]::Round(2.5); [math]::Round(-2.5); [math]::Round(2.5, [MidpointRounding]::AwayFromZero)",
        ["2", "-2", "3"],
    ),
    "division with remainder": ("$r = 0; [math]::DivRem(-7, 2, [ref]$r); $r", ["-3", "-1"]),
    "functions of doubles never throw": (
        "[math]::Sqrt(-1); [math]::Log(0); [math]::Exp(1000); [math]::Pow(-8, 0.5)",
        ["NaN", "-Infinity", "Infinity", "NaN"],
    ),
    "decimal rounding and places": ("[decimal]::Round(2.345d, 2); 10d / 4; [decimal]::Truncate(-1.9d)", ["2.34", "2.5", "-1"]),
    "convert rounds half to even": ("[convert]::ToInt32(2.5); [convert]::ToInt32(3.5)", ["2", "4"]),
    "convert between bases": (
        "[convert]::ToInt32('ffffffff', 16); [convert]::ToString(-1, 16); [convert]::ToInt16('ffff', 16)",
        ["-1", "ffffffff", "-1"],
    ),
    "base64 with line breaks": (
        "([convert]::ToBase64String([byte[]](1..100), 'InsertLineBreaks') -split \"`r`n\")[0].Length",
        ["76"],
    ),
    "dates parse month first": (
        "[datetime]::Parse('1/2/2020 3:04 PM'); [datetime]::Parse('2 January 2020'); [datetime]::Parse('2020-01')",
        ["01/02/2020 15:04:00", "01/02/2020 00:00:00", "01/01/2020 00:00:00"],
    ),
    "a zone makes a date local": (
        "$d = [datetime]::Parse('2020-01-02T03:04:05+02:00'); $d.Kind; $d.ToString('o')",
        ["Local", "2020-01-02T01:04:05.0000000+00:00"],
    ),
    "round trip kind": (
        "[datetime]::Parse('2020-01-02T00:00:00Z', $null, [Globalization.DateTimeStyles]::RoundtripKind).Kind",
        ["Utc"],
    ),
    "parse exactly": (
        "[datetime]::ParseExact('20200102030405', 'yyyyMMddHHmmss', $null); [datetime]::ParseExact('5 Jan 20', 'd MMM yy', $null)",
        ["01/02/2020 03:04:05", "01/05/2020 00:00:00"],
    ),
    "adding seconds rounds to milliseconds": ("([datetime]::MinValue).AddSeconds(0.0015).Ticks", ["20000"]),
    "adding months cuts the day": ("([datetime]'2024-01-31').AddMonths(1)", ["02/29/2024 00:00:00"]),
    "timespans": (
        "[timespan]'1:2'; [timespan]'24:0:0'; [timespan]'1.2:3:4.5'; [timespan]::FromMinutes(-90); ([timespan]'-1.12:0').Days",
        ["01:02:00", "24.00:00:00", "1.02:03:04.5000000", "-01:30:00", "-1"],
    ),
    "unix time": ("[datetimeoffset]::FromUnixTimeSeconds(1700000000)", ["11/14/2023 22:13:20 +00:00"]),
    "encodings": (
        "[Text.Encoding]::UTF8.GetBytes([string][char]233) -join ','; [Text.Encoding]::ASCII.GetBytes([string][char]233) -join ','; "
        "[Text.Encoding]::Default.GetBytes([string][char]0x20ac) -join ','; [Text.Encoding]::UTF8.GetPreamble().Count; "
        "[Text.UTF8Encoding]::new().GetPreamble().Count; [Text.Encoding]::GetEncoding(437).WebName",
        ["195,169", "63", "128", "3", "0", "IBM437"],
    ),
    "memory stream": (
        "$m = [IO.MemoryStream]::new(); $m.Write([byte[]](1, 2, 3), 0, 3); $m.Position = 1; $m.ReadByte(); $m.Length; "
        "$m.Seek(-1, 'End'); $m.ToArray() -join ','",
        ["2", "3", "2", "1,2,3"],
    ),
    "text through gzip and back": (
        "$m = [IO.MemoryStream]::new(); $g = [IO.Compression.GZipStream]::new($m, [IO.Compression.CompressionMode]::Compress); "
        "$w = [IO.StreamWriter]::new($g); $w.WriteLine('one'); $w.Write('two'); $w.Dispose(); "
        "$r = [IO.StreamReader]::new([IO.Compression.GZipStream]::new([IO.MemoryStream]::new($m.ToArray()), [IO.Compression.CompressionMode]::Decompress)); "
        "$r.ReadLine(); $r.ReadToEnd(); $r.EndOfStream",
        ["one", "two", "True"],
    ),
    "hash in blocks is the hash of the whole": (
        "$h = [Security.Cryptography.SHA256]::Create(); [void]$h.TransformBlock([byte[]](97), 0, 1, $null, 0); "
        "[void]$h.TransformFinalBlock([byte[]](98, 99), 0, 2); [BitConverter]::ToString($h.Hash).Substring(0, 11); $h.GetType().Name",
        ["BA-78-16-BF", "SHA256Managed"],
    ),
    "a seed gives the numbers of Windows": ("[Random]::new(42).Next(); [Random]::new(0).Next()", ["1434747710", "1559595546"]),
    "bits": ("[BitConverter]::ToInt32([BitConverter]::GetBytes(-2), 0); [BitConverter]::ToString([byte[]](1, 171))", ["-2", "01-AB"]),
    "versions sort a missing part first": ("[version]'1.2' -lt [version]'1.2.0'; ([version]'1.2.3.4').ToString(2)", ["True", "1.2"]),
    "guid forms": ("([guid]'{0ce7dc73-3df1-4a18-bb15-ca8ac1f66a2b}').ToString('N')", ["0ce7dc733df14a18bb15ca8ac1f66a2b"]),
    "uri parts": (
        "$u = [uri]'HTTP://User@Ex.org:8080/a b/../c?q=1#f'; $u.AbsoluteUri; $u.Authority; $u.PathAndQuery; $u.GetLeftPart('Path')",
        ["http://User@ex.org:8080/c?q=1#f", "ex.org:8080", "/c?q=1", "http://User@ex.org:8080/c"],
    ),
    "a path is a file uri": (r"$u = [uri]'C:\x y\z'; $u.AbsoluteUri; $u.LocalPath; $u.IsFile", ["file:///C:/x%20y/z", r"C:\x y\z", "True"]),
    "uri builder": ("$b = [UriBuilder]'http://h/p'; $b.Query = 'a=1'; $b.ToString(); $b.Uri.AbsoluteUri", ["http://h:80/p?a=1", "http://h/p?a=1"]),
    "html and url encoding": (
        "[Net.WebUtility]::UrlEncode('a b&'); [Net.WebUtility]::HtmlEncode('<a b=\"c\">'); [Net.WebUtility]::HtmlDecode('&lt;&#65;&amp;')",
        ["a+b%26", "&lt;a b=&quot;c&quot;&gt;", "<A&"],
    ),
    "title case leaves acronyms": ("(Get-Culture).TextInfo.ToTitleCase('hello WORLD')", ["Hello WORLD"]),
    "regex evaluator": ("[regex]::Replace('a1b2', '\\d', { param($m) [int]$m.Value * 10 })", ["a10b20"]),
    "a mutex is released as often as taken": (
        "$m = [Threading.Mutex]::new($false, 'Global\\bcl'); $m.WaitOne(0); $m.ReleaseMutex(); $m.ReleaseMutex()",
        ["True", "!ApplicationException: Object synchronization method was called from an unsynchronized block of code."],
    ),
    "interlocked": ("$n = 5; [Threading.Interlocked]::Increment([ref]$n); $n", ["6", "6"]),
    "a task from a reader": ("[IO.StringReader]::new('x').ReadToEndAsync().Result", ["x"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_members(name: str) -> None:
    script, wanted = CASES[name]
    assert run(script) == wanted


ERRORS: dict[str, str] = {
    "'abc'.Substring(4)": "ArgumentOutOfRangeException: startIndex cannot be larger than length of string.\r\n"
    "Parameter name: startIndex",
    "'abc'.Remove(1, 5)": "ArgumentOutOfRangeException: Index and count must refer to a location within the string.\r\n"
    "Parameter name: count",
    "'abc'.Replace('', 'x')": "ArgumentException: String cannot be of zero length.\r\nParameter name: oldValue",
    "[int]::Parse('x')": "FormatException: Input string was not in a correct format.",
    "[byte]::Parse('256')": "OverflowException: Value was either too large or too small for an unsigned byte.",
    "[double]::Parse('1e400')": "OverflowException: Value was either too large or too small for a Double.",
    "[bool]::Parse('1')": "FormatException: String was not recognized as a valid Boolean.",
    "[math]::Abs([int]::MinValue)": "OverflowException: Negating the minimum value of a twos complement number is invalid.",
    "[convert]::ToInt32('12x', 10)": "FormatException: Additional non-parsable characters are at the end of the string.",
    "[convert]::FromBase64String('abc')": "FormatException: Invalid length for a Base-64 char array or string.",
    "[convert]::ChangeType('x', [guid])": "InvalidCastException: Invalid cast from 'System.String' to 'System.Guid'.",
    "[datetime]::Parse('2024-02-30')": "FormatException: String was not recognized as a valid DateTime.",
    "[datetime]::Parse('Fri, 02 Jan 2020')": "FormatException: String was not recognized as a valid DateTime because the "
    "day of week was incorrect.",
    "[datetime]::MaxValue.AddDays(1)": "ArgumentOutOfRangeException: The added or subtracted value results in an "
    "un-representable DateTime.\r\nParameter name: value",
    "[timespan]::Parse('25:00')": "OverflowException: The TimeSpan could not be parsed because at least one of the numeric "
    "components is out of range or contains too many digits.",
    "[Text.Encoding]::GetEncoding(99)": "NotSupportedException: No data is available for encoding 99. For information on "
    "defining a custom encoding, see the documentation for the Encoding.RegisterProvider method.",
    "[version]::Parse('1')": "ArgumentException: Version string portion was too short or too long.\r\nParameter name: input",
    "[guid]::Parse('x')": "FormatException: Unrecognized Guid format.",
    "[uri]::new('nope')": "UriFormatException: Invalid URI: The format of the URI could not be determined.",
    "[IO.MemoryStream]::new([byte[]](1)).Write([byte[]](1, 2), 0, 2)": "NotSupportedException: Memory stream is not expandable.",
    "[Net.IPAddress]::Parse('1.2.3.x')": "FormatException: An invalid IP address was specified.",
    "[timezoneinfo]::FindSystemTimeZoneById('Nowhere')": "TimeZoneNotFoundException: The time zone ID 'Nowhere' was not found "
    "on the local computer.",
}  # fmt: skip


@pytest.mark.parametrize("script", ERRORS)
def test_exceptions_are_the_frameworks(script: str) -> None:
    assert run(script) == ["!" + ERRORS[script]]
