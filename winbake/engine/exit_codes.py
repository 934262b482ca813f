"""Exit codes of installers in words.

Sources: Windows Installer error codes (learn.microsoft.com, Msi/error-codes); Inno Setup help, "Setup Exit Codes".
"""

from __future__ import annotations

MSI = {
    0: "done",
    13: "the data is invalid",
    87: "a parameter is wrong",
    1601: "the Windows Installer service could not be reached",
    1602: "cancelled by the user",
    1603: "fatal error during installation",
    1604: "suspended, not complete",
    1605: "this product is not installed",
    1608: "unknown property",
    1612: "the source of the product is not available",
    1618: "another installation is already running",
    1619: "the package could not be opened",
    1620: "this is not a valid Windows Installer package",
    1622: "the log file could not be opened: its folder must exist",
    1624: "a transform could not be applied",
    1625: "forbidden by policy",
    1632: "the temporary folder is full or not accessible",
    1633: "not made for this kind of processor",
    1638: "another version of this product is installed",
    1639: "wrong command line",
    1641: "done, and a restart was started",
    1642: "the patch does not fit what is installed",
    3010: "done, a restart is needed",
}
INNO = {
    1: "setup could not start",
    2: "cancelled before it began",
    3: "fatal error while preparing",
    4: "fatal error during installation",
    5: "cancelled during installation",
    7: "setup found that it cannot go on",
    8: "setup cannot go on before a restart",
}


def exit_code_words(code: int, kind: str) -> str:
    """`1603 (fatal error during installation)`. Windows hands codes out unsigned: 4294967295 is shown as -1."""
    signed = code - (1 << 32) if code >= 1 << 31 else code
    words = (INNO if kind == "installer" and signed < 10 else MSI).get(signed)
    return f"{signed} ({words})" if words else str(signed)
