"""Runs the pages of docs/lesson: every fenced block, in order, in a folder of the page's own, as a participant would.

A block of `text` right after a block that runs is what it prints, both streams together. `…` in it stands for anything
in the line, a line of `…` alone for any lines. Addresses of the classroom are those of this machine while it runs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bake_stage import PROJECT

from winbake.rehearsal.classroom.orthanc import AT_ONCE
from winbake.rehearsal.windows import images, programs
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.process import Process

PAGES = PROJECT / "docs" / "lesson"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ANY_LINES, _ANY_TEXT = "…\n", "…"
_WINDOWS_FOLDER = r"C:\Data\lesson"
_REAL_PROGRAM = "the real dcmdump"


@dataclass(frozen=True)
class Block:
    """One block that runs. shown: what the page says it prints, None if it says nothing."""

    page: str
    line: int
    language: str
    script: str
    shown: str | None


class PageError(Exception):
    """A page has a block that nobody runs."""


def blocks_of(page: Path) -> list[Block]:
    """Raises PageError for a block of another language, and for a `text` that follows no block that runs."""
    text = page.read_text(encoding="utf-8")
    blocks: list[Block] = []
    end_before = 0
    for found in _FENCE.finditer(text):
        language, body = found[1], found[2]
        line = text[: found.start()].count("\n") + 1
        if language == "text":
            if not blocks or blocks[-1].shown is not None or text[end_before : found.start()].strip():
                raise PageError(f"{page.name}:{line}: this output follows no block that runs")
            last = blocks[-1]
            blocks[-1] = Block(last.page, last.line, last.language, last.script, body)
        elif language in ("bash", "powershell", "python"):
            blocks.append(Block(page.name, line, language, body, None))
        else:
            raise PageError(f"{page.name}:{line}: a block of '{language}' is never run")
        end_before = found.end()
    return blocks


class LessonGround:
    """One page's folder. places: what the page writes → what it is on this machine."""

    def __init__(self, folder: Path, places: Mapping[str, str]) -> None:
        self.folder = folder
        self.places = places
        (folder / "home").mkdir(parents=True)
        programs_here = folder / "home" / "bin"
        programs_here.mkdir()
        python = programs_here / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        here = str(Path(sys.executable).parent)
        others = [one for one in os.environ["PATH"].split(os.pathsep) if one != here]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
            "HOME": str(folder / "home"),
            # pynetdicom brings programs of DCMTK's names into the environment of Python: DCMTK's come first.
            "PATH": os.pathsep.join([str(programs_here), *others, here]),
            "PYTHONPATH": str(PROJECT),
            "LC_ALL": "C.UTF-8",
            **AT_ONCE,
        }

    def problems(self, page: Path) -> Iterator[str]:
        """Runs the page; a text for each block that fails or prints something else."""
        for block in blocks_of(page):
            code, printed = self.run(block)
            where = f"{block.page}:{block.line}"
            if code != 0:
                yield f"{where}: exit code {code}\n{printed}"
            elif block.shown is not None and not matches(block.shown, printed):
                yield f"{where}: the page shows\n{block.shown}but it printed\n{printed}"

    def run(self, block: Block) -> tuple[int, str]:
        """Exit code, and what was printed, with the page's own addresses."""
        script = block.script
        for written, here in self.places.items():
            script = script.replace(written, here)
        if block.language == "powershell":
            code, printed = self._powershell(script)
        else:
            program = ["bash", "-eu"] if block.language == "bash" else [sys.executable]
            code, printed = self._program([*program, "-c", script])
        for written, here in self.places.items():
            printed = printed.replace(here, written)
        return code, printed

    def _program(self, command: list[str]) -> tuple[int, str]:
        ran = subprocess.run(
            command, cwd=self.folder, env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=120, check=False,
        )  # fmt: skip
        return ran.returncode, ran.stdout.decode("utf-8", errors="replace")

    def _powershell(self, script: str) -> tuple[int, str]:
        """On a simulated Windows that has the page's files, and a dcmdump.exe behind which the real one works."""
        host = WindowsHost("WS07", "2022", 500.0)
        try:
            for path in self.folder.rglob("*"):
                relative = path.relative_to(self.folder)
                if path.is_file() and relative.parts[0] != "home":
                    there = "\\".join((_WINDOWS_FOLDER, *relative.parts))
                    host.files.make_directory(there.rpartition("\\")[0])
                    host.files.write(there, path.read_bytes())
            image = images.Image(behaviour=[images.Output(when="", program=_REAL_PROGRAM)])
            host.files.write(r"C:\Windows\dcmdump.exe", images.build_executable(image))
            host.files.write(_WINDOWS_FOLDER + r"\block.ps1", script.encode())
            process = host.start(
                "powershell.exe -NoProfile -ExecutionPolicy Bypass -File block.ps1", directory=_WINDOWS_FOLDER
            )
            assert process.wait(5000), "it did not end"
            assert process.failure is None, process.failure
            printed = process.stdout.getvalue() + process.stderr.getvalue()
            return process.exit_code or 0, printed.decode().replace("\r\n", "\n")
        finally:
            host.power.stop_now()


@programs.stand_in_program(_REAL_PROGRAM)
def _dcmdump(process: Process) -> int:
    """The real dcmdump, on copies of the simulated host's files."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = process.arguments[1:]
        for number, argument in enumerate(arguments):
            if process.host.files.is_file(argument):
                copy = Path(folder) / f"{number}.dcm"
                copy.write_bytes(process.host.files.read(argument))
                arguments[number] = str(copy)
        ran = subprocess.run(["dcmdump", *arguments], capture_output=True, timeout=60, check=False)
    process.stdout.write(ran.stdout.replace(b"\n", b"\r\n"))
    process.stderr.write(ran.stderr.replace(b"\n", b"\r\n"))
    return ran.returncode


def matches(shown: str, printed: str) -> bool:
    """Whether the output is what the page shows; spaces at ends of lines do not count."""
    pattern = "".join(
        "(?:.*\n)*?" if line == _ANY_LINES else ".*?".join(map(re.escape, line.rstrip().split(_ANY_TEXT))) + "\n"
        for line in shown.splitlines(keepends=True)
    )
    tidy = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    return re.fullmatch(pattern, tidy) is not None
