"""Text on a program's standard streams, in the code page of its console (437 on an en-US server; 65001: UTF-8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from winbake.rehearsal.windows.process import Process


def encoding_of(process: Process) -> str:
    """The Python name of the process's code page."""
    return "utf-8" if process.code_page == 65001 else f"cp{process.code_page}"


def out(process: Process, text: str = "", end: str = "\n") -> None:
    """Writes text to standard output; line ends become CR LF."""
    process.stdout.write(_bytes(process, text + end))


def err(process: Process, text: str = "", end: str = "\n") -> None:
    process.stderr.write(_bytes(process, text + end))


def read_text(process: Process, data: bytes) -> str:
    """Bytes from another program or a file, with single line feeds; a byte order mark is obeyed."""
    if data.startswith(b"\xff\xfe"):
        text = data[2:].decode("utf-16-le", "replace")
    elif data.startswith(b"\xef\xbb\xbf"):
        text = data[3:].decode("utf-8", "replace")
    else:
        text = data.decode(encoding_of(process), "replace")
    return text.replace("\r\n", "\n")


def _bytes(process: Process, text: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode(encoding_of(process), "replace")
