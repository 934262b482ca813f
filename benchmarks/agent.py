"""What reading facts costs on the rehearsal's PowerShell: seconds and statements run, for 10, 60 and 500 resources.

    python benchmarks/agent.py            the figures
    python benchmarks/agent.py --check    exit 1 if the facts of 60 resources take more than 2 seconds
    python benchmarks/agent.py --profile  where the time goes for 500 resources
"""

from __future__ import annotations

import argparse
import base64
import cProfile
import pstats
import sys
import threading
import time
from typing import Any

from noop import SIZES, resources

from winbake import agent
from winbake.rehearsal.powershell.running import observation
from winbake.rehearsal.windows.host import WindowsHost

LIMIT = 2.0  # seconds for the facts of 60 resources
POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"


def request(count: int) -> dict[str, Any]:
    """The queries of so many resources, each asked once, with `system` as every run has it."""
    asked = {query.key: query for resource in resources(count) for query in resource.queries()}
    queries = [{"id": f"q{i}", "kind": q.kind, "arguments": dict(q.arguments)} for i, q in enumerate(asked.values())]
    return {"nonce": "bench", "queries": [{"id": "s", "kind": "system", "arguments": {}}, *queries], "operations": []}


def run(host: WindowsHost, count: int) -> float:
    """Seconds from the start of powershell.exe to its end."""
    encoded = base64.b64encode(agent.bootstrap().encode("utf-16-le")).decode("ascii")
    line = f"powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand {encoded}"
    payload = agent.payload(request(count))
    started = time.perf_counter()
    process = host.start(line, application=POWERSHELL, stdin=payload)
    process.wait()
    seconds = time.perf_counter() - started
    said = process.stdout.getvalue()
    assert b'"envelope"' in said and b"fact_failed" not in said, said[-500:]
    return seconds


def statements(host: WindowsHost, count: int) -> int:
    """How many statements a run carries out."""
    seen = 0

    def saw(node: object) -> None:
        nonlocal seen
        seen += 1

    observation.observe(saw)
    run(host, count)
    observation.observe(None)
    return seen


def profile(host: WindowsHost, count: int) -> None:
    """Prints the functions that take most time of their own, over all threads of one run."""
    profiler = cProfile.Profile()
    original = threading.Thread.run

    def profiled(thread: threading.Thread) -> None:
        profiler.runcall(original, thread)

    threading.Thread.run = profiled  # type: ignore[method-assign]
    run(host, count)
    threading.Thread.run = original  # type: ignore[method-assign]
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help=f"exit 1 if 60 resources take more than {LIMIT} s")
    parser.add_argument("--profile", action="store_true", help="where the time goes for 500 resources")
    options = parser.parse_args()
    host = WindowsHost("BENCH")
    run(host, 1)  # the first start loads the tables
    print(f"{'resources':>9} {'seconds':>8} {'statements':>10}")
    seconds = {}
    for count in SIZES:
        seconds[count] = min(run(host, count) for _ in range(3))
        print(f"{count:>9} {seconds[count]:>8.3f} {statements(host, count):>10}")
    if options.profile:
        profile(host, 500)
    host.power.stop_now()
    return 1 if options.check and seconds[60] > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
