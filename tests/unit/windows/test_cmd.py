"""cmd.exe: operators, expansion, redirections, batch files, exit codes."""

from __future__ import annotations

import pytest

from winbake.rehearsal.windows.host import WindowsHost

BATCH = """\
@echo off
set N=%1
if "%N%"=="" goto none
echo arg %N% in %~dp0
call :sub two
exit /b 4
:none
echo none
exit /b 1
:sub
echo sub %1
for %%i in (a b) do (
  echo %%i
)
exit /b 0
"""


@pytest.fixture(scope="module")
def host() -> WindowsHost:
    host = WindowsHost(speed=100)
    host.files.write(r"C:\b.bat", BATCH.replace("\n", "\r\n").encode())
    host.files.write(r"C:\lines.txt", b"x,1\r\ny,2\r\n")
    return host


def run(host: WindowsHost, line: str, stdin: bytes = b"") -> tuple[int | None, str, str]:
    process = host.start(line, directory="C:\\", stdin=stdin)
    assert process.wait(600)
    out, err = (w.getvalue().decode("cp437").replace("\r\n", "\n") for w in (process.stdout, process.stderr))
    return process.exit_code, out, err


UNKNOWN = "'nosuch' is not recognized as an internal or external command,\noperable program or batch file.\n"


@pytest.mark.parametrize(
    ("line", "code", "out", "err"),
    [
        ("cmd /c echo hello  world", 0, "hello  world\n", ""),
        ('cmd /c "echo a & echo b"', 0, "a \nb\n", ""),
        ("cmd /c echo a&&echo b||echo c", 0, "a\nb\n", ""),
        ("cmd /c nosuch", 1, "", UNKNOWN),
        ("cmd /c nosuch & call echo %ERRORLEVEL%", 0, "0\n", UNKNOWN),
        ("cmd /v:on /c nosuch & echo !ERRORLEVEL!", 0, "9009\n", UNKNOWN),
        ("cmd /c nosuch || echo failed", 0, "failed\n", UNKNOWN),
        ("cmd /c echo %NOPE% 100%", 0, "%NOPE% 100%\n", ""),
        ("cmd /c echo %OS:~0,3%%OS:NT=xx%", 0, "WinWindows_xx\n", ""),
        ("cmd /c set FOO=bar& set FOO", 0, "FOO=bar\n", ""),
        ("cmd /c set NOSUCHVARIABLE", 1, "", "Environment variable NOSUCHVARIABLE not defined\n"),
        ("cmd /c exit 3010", 3010, "", ""),
        ('cmd /c "exit /b 3"', 3, "", ""),
        ("cmd /c cd", 0, "C:\\\n", ""),
        ("cmd /c cd \\nosuch", 1, "", "The system cannot find the path specified.\n"),
        ("cmd /c echo x>C:\\a.txt&type C:\\a.txt", 0, "x\n", ""),
        ("cmd /c (echo x>C:\\b.txt)&(echo y>>C:\\b.txt)&type C:\\b.txt", 0, "x\ny\n", ""),
        ("cmd /c echo err 1>&2", 0, "", "err \n"),
        ("cmd /c nosuch 2>nul", 1, "", ""),
        ("cmd /c sort <C:\\lines.txt", 0, "x,1\ny,2\n", ""),
        ("cmd /c if exist C:\\Windows (echo yes) else (echo no)", 0, "yes\n", ""),
        ("cmd /c if not exist C:\\nosuch echo none", 0, "none\n", ""),
        ("cmd /c if /i A==a echo same", 0, "same\n", ""),
        ("cmd /c if 10 gtr 9 echo bigger", 0, "bigger\n", ""),
        ("cmd /c for %i in (1 2) do @echo n%i", 0, "n1\nn2\n", ""),
        ("cmd /c for /l %i in (3,-1,1) do @echo %i", 0, "3\n2\n1\n", ""),
        ('cmd /c for /f "tokens=1,2 delims=," %a in (C:\\lines.txt) do @echo %b-%a', 0, "1-x\n2-y\n", ""),
        ("cmd /c for %i in (C:\\dir\\x.tar.gz) do @echo %~ni %~xi %~dpi", 0, "x.tar .gz C:\\dir\\\n", ""),
        ("cmd /c set /a (1+2)*3 % 4", 0, "1", ""),
        ("cmd /c set /a 1/0", 0x400023D1, "", "Divide by zero error.\n"),
        ("cmd /c echo a^&b", 0, "a&b\n", ""),
        ('cmd /c "echo "two words""', 0, '"two words"\n', ""),
        ("cmd /c echo.", 0, "\n", ""),
        ("cmd /c del C:\\nosuch", 0, "", "Could Not Find C:\\nosuch\n"),
        ("cmd /c type nosuch", 1, "", "The system cannot find the file specified.\n"),
        ("cmd /c dir /b C:\\nosuch", 1, "", "File Not Found\n"),
        ("cmd /c echo a|more", 0, "a\n\n", ""),
        ('cmd /c echo hello| find "zz"', 1, "", ""),
        ("cmd /c ver", 0, "\nMicrosoft Windows [Version 10.0.20348.2762]\n", ""),
        ("cmd /c C:\\b.bat one", 4, "arg one in C:\\\nsub two\na\nb\n", ""),
        ("C:\\b.bat", 1, "none\n", ""),
        ("cmd /c (echo", 255, "", "( was unexpected at this time.\n"),
    ],
)
def test_line(host: WindowsHost, line: str, code: int, out: str, err: str) -> None:
    found = run(host, line)
    if line.endswith("|more"):
        found = (found[0], found[1].rstrip("\n") + "\n\n", found[2])
    assert found == (code, out, err)


def test_variables_set_in_one_cmd_stay_there(host: WindowsHost) -> None:
    run(host, "cmd /c set STAYS=no")
    assert run(host, "cmd /c echo %STAYS%")[1] == "%STAYS%\n"


def test_a_killed_cmd_takes_its_program_with_it(host: WindowsHost) -> None:
    process = host.start("cmd /c cmd /k", directory="C:\\")
    process.kill(tree=True, exit_code=9)
    assert process.wait(100)
    assert process.exit_code == 9
