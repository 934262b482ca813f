"""How long the parser takes for scripts of one kind of line, and that the time grows with the length only.

    python benchmarks/parser.py            seconds for 1000 and 4000 lines of each kind
    python benchmarks/parser.py --check    exit 1 if four times the lines take more than twelve times as long
"""

from __future__ import annotations

import argparse
import sys
import time

from winbake.rehearsal.powershell.parser import parse

LINES = ("$x = 1 + 2\n", "'a'\n", "f a b\n", '"$a"\n', "# c\n", "@{a=1;b=2}\n", "[int]$x\n")
SHORT, LONG = 1000, 4000
MOST = 12
RUNS = 3


def seconds(line: str, count: int) -> float:
    """The best of a few runs. Each text is new, for the parser remembers those it has seen."""
    best = float("inf")
    for run in range(RUNS):
        text = line * count + f"# {run}\n"
        start = time.perf_counter()
        parse(text)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="exit 1 if the time grows faster than the length")
    wanted = parser.parse_args()
    parse("1")
    slow = []
    for line in LINES:
        short, long = seconds(line, SHORT), seconds(line, LONG)
        growth = long / max(short, 0.005)
        print(f"{line.strip():12} {short:8.3f} s {long:8.3f} s   {growth:5.1f} times")
        if growth >= MOST:
            slow.append(line)
    return 1 if slow and wanted.check else 0


if __name__ == "__main__":
    sys.exit(main())
