"""What objects and errors look like: the layouts of Windows PowerShell 5.1, blank for blank."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from winbake.rehearsal.powershell.deep_stack import in_deep_thread
from winbake.rehearsal.powershell.display import error_view, format_lines, parse_errors_text
from winbake.rehearsal.powershell.display.text import column_widths, fit, wrap
from winbake.rehearsal.powershell.errors import ErrorRecord, NetException, NotModelled, ScriptError
from winbake.rehearsal.powershell.parser import parse
from winbake.rehearsal.powershell.session import Session
from winbake.rehearsal.windows.host import WindowsHost


@pytest.fixture(scope="module")
def host() -> WindowsHost:
    return WindowsHost(name="SHOW", release="2022", speed=1000.0)


@pytest.fixture(scope="module")
def run(host: WindowsHost) -> Callable[..., list[Any]]:
    """Runs a script in a session of its own and gives what it wrote."""

    def run_script(script: str) -> list[Any]:
        out: list[Any] = []
        in_deep_thread(lambda: Session(host=host).run_script(script, out.append))
        return out

    return run_script


@pytest.fixture
def lines(host: WindowsHost, run: Callable[..., list[Any]]) -> Callable[..., list[str]]:
    def shown(script: str, width: int = 40) -> list[str]:
        return format_lines(Session(host=host), run(script), width)

    return shown


OBJECT = "[pscustomobject]@{ Name = 'alpha'; Size = 12 }"


def test_table_has_one_blank_line_before_and_two_after_and_every_row_is_padded(lines: Any) -> None:
    assert lines(f"{OBJECT}, [pscustomobject]@{{ Name = 'b'; Size = 1234 }}") == [
        "",
        "Name  Size",
        "----  ----",
        "alpha   12",
        "b     1234",
        "",
        "",
    ]


def test_last_text_column_is_padded_too(lines: Any) -> None:
    assert lines("[pscustomobject]@{ a = 1; b = 'long text' }")[1:4] == ["a b        ", "- -        ", "1 long text"]


def test_columns_without_room_are_cut_with_three_dots(lines: Any) -> None:
    script = "[pscustomobject]@{ Name = 'abcdefghijkl' } | Format-Table @{ e = 'Name'; width = 8 }"
    assert lines(script) == ["", "Name    ", "----    ", "abcde...", "", ""]


def test_numbers_are_cut_at_their_head(lines: Any) -> None:
    assert lines("[pscustomobject]@{ n = 123456789 } | Format-Table @{ e = 'n'; width = 6 }")[3] == "...789"


def test_columns_that_do_not_fit_are_cut_or_left_out(lines: Any) -> None:
    script = "[pscustomobject]@{ a = 'x' * 15; b = 'y' * 15; c = 'z' * 15 }"
    assert lines(script, 40)[3] == "x" * 15 + " " + "y" * 15 + " " + "z" * 5 + "..."
    assert lines(script, 32)[3] == "x" * 15 + " " + "y" * 15


def test_open_columns_share_the_rest_if_the_first_has_a_width(lines: Any) -> None:
    script = f"{OBJECT} | Format-Table @{{ e = 'Name'; width = 6 }}, Size"
    assert lines(script, 20)[1:4] == ["Name            Size", "----            ----", "alpha             12"]


def test_five_properties_make_a_list_with_two_blank_lines_before_and_three_after(lines: Any) -> None:
    assert lines("[pscustomobject]@{ A = 1; Bee = 'two'; C = $true; D = $null; E = 1.5 }") == [
        "",
        "",
        "A   : 1",
        "Bee : two",
        "C   : True",
        "D   : ",
        "E   : 1.5",
        "",
        "",
        "",
    ]


def test_list_entries_are_parted_by_one_blank_line(lines: Any) -> None:
    assert lines("1, 2 | ForEach-Object { [pscustomobject]@{ n = $_ } } | Format-List") == [
        "",
        "",
        "n : 1",
        "",
        "n : 2",
        "",
        "",
        "",
    ]


def test_long_values_in_a_list_go_on_under_the_value(lines: Any) -> None:
    shown = lines("[pscustomobject]@{ t = 'one two three four' } | Format-List", 14)
    assert shown[2:4] == ["t : one two ", "    three four"]


def test_a_list_leaves_out_what_the_object_lacks_a_table_does_not(lines: Any) -> None:
    assert lines(f"{OBJECT} | Format-List Name, Nope")[2:-3] == ["Name : alpha"]
    assert lines(f"{OBJECT} | Format-Table Name, Nope")[1:4] == ["Name  Nope", "----  ----", "alpha     "]


def test_texts_and_numbers_stand_by_themselves(lines: Any) -> None:
    assert lines("'a'; 1.50; $true; [DayOfWeek]::Friday; 'x' * 60; $null; 'z'") == [
        "a",
        "1.5",
        "True",
        "Friday",
        "x" * 60,
        "z",
    ]


def test_a_text_between_rows_does_not_end_the_table(lines: Any) -> None:
    assert lines(f"{OBJECT}; 'text'; {OBJECT}")[3:6] == ["alpha   12", "text", "alpha   12"]


def test_further_objects_are_shown_under_the_columns_of_the_first(lines: Any) -> None:
    assert lines(f"{OBJECT}; [pscustomobject]@{{ Other = 1 }}")[1:5] == [
        "Name  Size",
        "----  ----",
        "alpha   12",
        "          ",
    ]


def test_hashtable_is_a_table_of_names_and_values(lines: Any) -> None:
    assert lines("[ordered]@{ One = 1; Two = $null }", 50) == [
        "",
        "Name                           Value              ",
        "----                           -----              ",
        "One                            1                  ",
        "Two                                               ",
        "",
        "",
    ]


def test_collections_are_cut_at_four_and_objects_inside_are_text(lines: Any) -> None:
    assert lines("[pscustomobject]@{ v = 1..9 } | Format-List")[2] == "v : {1, 2, 3, 4...}"
    assert lines("[pscustomobject]@{ v = @{ k = 1 } } | Format-List")[2] == "v : {k}"
    assert lines("[pscustomobject]@{ v = [pscustomobject]@{ x = 1 } } | Format-List")[2] == "v : @{x=1}"
    assert lines("[pscustomobject]@{ v = @($null, 'a') } | Format-List")[2] == "v : {$null, a}"
    unlimited = "$FormatEnumerationLimit = -1; [pscustomobject]@{ v = 1..6 } | Format-List | Out-String -Stream"
    assert lines(unlimited)[2] == "v : {1, 2, 3, 4, 5, 6}"


def test_groups_name_their_value(lines: Any) -> None:
    script = "'a', 'b' | ForEach-Object { [pscustomobject]@{ K = $_; V = 1 } } | Format-Table V -GroupBy K"
    assert lines(script) == ["", "", "   K: a", "", "V", "-", "1", "", "", "   K: b", "", "V", "-", "1", "", ""]


def test_calculated_columns_with_label_format_and_alignment(lines: Any) -> None:
    columns = "@{ l = 'S'; e = { $_.Size * 2 }; f = 'N1'; a = 'left' }, @{ n = 'N'; e = 'Name' }"
    assert lines(f"{OBJECT} | Format-Table {columns}")[1:4] == ["S    N    ", "-    -    ", "24.0 alpha"]


def test_wrapped_rows(lines: Any) -> None:
    columns = "@{ e = 'a'; width = 1 }, @{ e = 'b'; width = 8 }"
    shown = lines(f"[pscustomobject]@{{ a = 1; b = 'one two three' }} | Format-Table {columns} -Wrap")
    assert shown[3:5] == ["1 one two ", "  three   "]


def test_hidden_headers(lines: Any) -> None:
    assert lines(f"{OBJECT} | Format-Table -HideTableHeaders") == ["", "alpha   12", "", ""]


def test_wide_views(lines: Any) -> None:
    script = "'a', 'bb', 'ccc' | ForEach-Object { [pscustomobject]@{ Name = $_ } } | Format-Wide"
    assert lines(script, 21) == ["", "", "a          bb        ", "ccc                  ", "", ""]
    assert lines(f"{script} -Column 3", 11)[2] == "a   bb  ccc"
    assert lines(f"{script} -AutoSize", 12)[2] == "a    bb  ccc"


def test_files_are_listed_under_their_folder(host: WindowsHost, lines: Any) -> None:
    host.files.make_directory("C:\\shown\\sub")
    host.files.write("C:\\shown\\a.txt", b"12345")
    shown = lines("Get-ChildItem C:\\shown", 79)
    assert shown[:8] == [
        "",
        "",
        "    Directory: C:\\shown",
        "",
        "",
        "Mode                LastWriteTime         Length Name" + " " * 26,
        "----                -------------         ------ ----" + " " * 26,
        shown[7],
    ]
    assert shown[7].startswith("d-----") and shown[7].rstrip().endswith(" sub") and len(shown[7]) == 79
    assert shown[8].startswith("-a----") and "              5 a.txt" in shown[8]
    assert shown[9:] == ["", ""]


def test_services_and_what_comes_after_them(lines: Any) -> None:
    shown = lines("Get-Service W32Time; [timespan]::FromSeconds(1)", 79)
    assert shown[:4] == [
        "",
        "Status   Name               DisplayName                           ",
        "------   ----               -----------                           ",
        shown[3],
    ]
    assert shown[3].split()[1:] == ["W32Time", "Windows", "Time"]
    assert "TotalSeconds      : 1" in shown, "an object of another type is a list of its own"


def test_single_values_with_views(lines: Any) -> None:
    assert lines("[version]'1.2.3'")[1:4] == [
        "Major  Minor  Build  Revision",
        "-----  -----  -----  --------",
        "1      2      3      -1      ",
    ]
    assert lines("[datetime]'2020-01-02'")[1].startswith("Thursday, ")
    assert lines("{ 1 + 1 }") == [" 1 + 1 "]


def test_out_string_and_out_file(host: WindowsHost, run: Any) -> None:
    assert run(f"({OBJECT} | Out-String) -replace '\\r\\n', '/'") == ["/Name  Size/----  ----/alpha   12///"]
    assert run("'a', 'b' | Out-String -Stream") == ["a", "b"]
    assert run("@() | Out-String") == [""]
    run("'é' | Out-File C:\\o.txt; 'x' | Out-File C:\\o.txt -Append; 'y' > C:\\p.txt")
    run("'z' | Out-File C:\\q.txt -Encoding ascii")
    assert host.files.read("C:\\o.txt") == "\ufeffé\r\nx\r\n".encode("utf-16-le")
    assert host.files.read("C:\\p.txt") == "\ufeffy\r\n".encode("utf-16-le")
    assert host.files.read("C:\\q.txt") == b"z\r\n"


def test_long_lines_of_text_are_not_cut_in_files(host: WindowsHost, run: Any) -> None:
    run("'x' * 300 | Out-File C:\\r.txt -Encoding ascii -Width 20")
    assert host.files.read("C:\\r.txt") == b"x" * 300 + b"\r\n"


def test_format_objects_of_unmodelled_kinds_are_refused(run: Any) -> None:
    with pytest.raises(NotModelled):
        run(f"{OBJECT} | Format-Custom")


def test_xml_shows_its_elements_and_types_show_added_properties_last(lines: Any) -> None:
    assert lines('([xml]"<a><b>1</b></a>").a')[1:4] == ["b", "-", "1"]
    shown = lines("[datetime]::new(2020, 1, 2) | Format-List", 60)
    assert shown[2].startswith("Date ") and shown[-4].startswith("DateTime ")


# ---- errors -------------------------------------------------------------------------------------------------


def error_of(host: WindowsHost, script: str) -> ErrorRecord:
    records: list[Any] = []
    failures: list[Any] = []

    def body() -> None:
        session = Session(host=host)
        session.sinks[2] = records.append
        try:
            session.run_script(script, lambda item: None)
        except ScriptError as failure:
            failures.append(failure.record)

    in_deep_thread(body)
    record: ErrorRecord = (records or failures)[0]
    return record


def test_error_of_a_cmdlet(host: WindowsHost) -> None:
    assert error_view(error_of(host, "Get-Item C:\\x"), 120) == "\r\n".join(
        [
            "Get-Item : Cannot find path 'C:\\x' because it does not exist.",
            "At line:1 char:1",
            "+ Get-Item C:\\x",
            "+ ~~~~~~~~~~~~~",
            "    + CategoryInfo          : ObjectNotFound: (C:\\x:String) [Get-Item], ItemNotFoundException",
            "    + FullyQualifiedErrorId : PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand",
            " ",
            "",
        ]
    )


def test_a_thrown_text_has_no_name(host: WindowsHost) -> None:
    assert error_view(error_of(host, "throw 'boom'"), 120).split("\r\n") == [
        "boom",
        "At line:1 char:1",
        "+ throw 'boom'",
        "+ ~~~~~~~~~~~~",
        "    + CategoryInfo          : OperationStopped: (boom:String) [], RuntimeException",
        "    + FullyQualifiedErrorId : boom",
        " ",
        "",
    ]


def test_write_error_is_named_by_what_wrote_it(host: WindowsHost) -> None:
    assert error_view(error_of(host, "Write-Error x"), 120).split("\r\n")[:2] == [
        "Write-Error x : x",
        "    + CategoryInfo          : NotSpecified: (:) [Write-Error], WriteErrorException",
    ]
    shown = error_view(error_of(host, "function f { Write-Error y }; f"), 120).split("\r\n")
    assert shown[:2] == ["f : y", "At line:1 char:31"]
    assert shown[-3].endswith(": Microsoft.PowerShell.Commands.WriteErrorException,f")


def test_wrapping_at_eighty(host: WindowsHost) -> None:
    assert error_view(error_of(host, "choco install x"), 80).split("\r\n") == [
        "choco : The term 'choco' is not recognized as the name of a cmdlet, function, ",
        "script file, or operable program. Check the spelling of the name, or if a path ",
        "was included, verify that the path is correct and try again.",
        "At line:1 char:1",
        "+ choco install x",
        "+ ~~~~~",
        "    + CategoryInfo          : ObjectNotFound: (choco:String) [], CommandNotFou ",
        "   ndException",
        "    + FullyQualifiedErrorId : CommandNotFoundException",
        " ",
        "",
    ]


def test_long_lines_are_cut_round_the_error(host: WindowsHost) -> None:
    script = "$a = " + "1 + " * 30 + "(1 / 0)"
    assert error_view(error_of(host, script), 120).split("\r\n")[1:4] == [
        "At line:1 char:1",
        "+ " + script[:69] + " ...",
        "+ " + "~" * 69,
    ]


def test_details_replace_the_message_and_the_last_line() -> None:
    record = ErrorRecord(NetException("System.Exception", "hidden"), "Id", "NotSpecified")
    record.details = "shown"
    assert error_view(record, 120).split("\r\n") == [
        "shown",
        "    + CategoryInfo          : NotSpecified: (:) [], Exception",
        "    + FullyQualifiedErrorId : Id",
        "",
    ]


def test_text_of_a_native_program_stands_alone() -> None:
    exception = NetException("System.Management.Automation.RemoteException", "plain")
    record = ErrorRecord(exception, "NativeCommandErrorMessage")
    assert error_view(record, 80) == "plain\r\n"


def test_long_targets_are_shortened() -> None:
    record = ErrorRecord(NetException("System.Exception", "m"), "Id", "InvalidData", "a" * 20 + "b" * 30)
    assert "InvalidData: (aaaaaaaaaaaaaaa...bbbbbbbbbbbbbbb:String) [], Exception" in error_view(record, 120)


def test_parse_errors_show_position_and_text_of_each() -> None:
    _, errors = parse("function f {\n  $x = (1 +\n}")
    assert parse_errors_text(errors).split("\r\n") == [
        "At line:2 char:12",
        "+   $x = (1 +",
        "+            ~",
        "You must provide a value expression following the '+' operator.",
        "",
        "At line:2 char:12",
        "+   $x = (1 +",
        "+            ~",
        "Missing closing ')' in expression.",
    ]


# ---- fitting text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("one two three", 8, ["one two ", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("a\r\nb", 5, ["a", "b"]),
        ("", 5, [""]),
        ("ab abcdefgh", 4, ["ab a", "bcde", "fgh"]),
    ],
)
def test_word_wrap(text: str, width: int, expected: list[str]) -> None:
    assert wrap(text, width) == expected


def test_fitting_and_widths() -> None:
    assert [fit("ab", 4, a) for a in ("left", "right", "center")] == ["ab  ", "  ab", " ab "]
    assert fit("one\ntwo", 8, "left") == "one...  "
    assert fit("abcdef", 3, "left") == "abc"
    assert column_widths([5, 0, 0], 20) == [5, 7, 6]
    assert column_widths([10, 10, 10], 25) == [10, 10, 3]
    assert column_widths([10, 10, 10], 21) == [10, 10, -1]
