"""What twenty checks of a host cost with testinfra's `host`: HTTP requests and seconds, by winbake:// and by winrm://.

    python benchmarks/verify.py            the same twenty lines for cmd.exe by both, and twenty checks of all kinds
    python benchmarks/verify.py --check    exit 1 if winbake:// needs more requests than it may

The limit is the project's own: 10 requests for 20 checks, the login among them. winrm:// is testinfra's own backend, on
the same rehearsal host in the same run: each line makes a connection, a login and a shell of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import urllib.parse
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from testinfra.host import Host, get_host

from winbake.cli.lab_files import write_lab_files
from winbake.cli.testinfra_hosts import InventoryBackend
from winbake.rehearsal.lab import USER, Lab

MOST_REQUESTS = 10
PASSWORD = "bench-Pa55word"
SYSTEM = r"C:\Windows\System32"
PROGRAMS = ("cmd", "whoami", "hostname", "sc", "reg", "tasklist", "msiexec", "taskkill", "findstr", "where")
Check = Callable[[Any], None]


@dataclass(frozen=True)
class Cost:
    requests: int
    logins: int
    starts: int
    seconds: float


def program_is_there(name: str, host: Any) -> None:
    assert host.run(rf"dir {SYSTEM}\{name}.exe").rc == 0


def program_is_found(name: str, host: Any) -> None:
    assert name in host.check_output(f"where {name}").lower()


def lines() -> list[Check]:
    return [partial(check, name) for check in (program_is_there, program_is_found) for name in PROGRAMS]


def file_is_microsofts(name: str, host: Any) -> None:
    assert host.file(rf"{SYSTEM}\{name}").exists
    assert "Microsoft" in host.file(rf"{SYSTEM}\{name}").signer


def service_runs(name: str, host: Any) -> None:
    assert host.service(name).is_running
    assert host.service(name).start_mode in ("auto", "delayed", "manual")


def account_is_in(name: str, host: Any) -> None:
    assert "S-1-5-32-544" in host.user(name).group_sids


def port_listens(port: int, host: Any) -> None:
    assert host.socket(f"tcp://{port}").is_listening


def port_is_open(port: int, host: Any) -> None:
    assert host.firewall.allows(port)


def folder_is_on_path(folder: str, host: Any) -> None:
    assert folder in [entry.lower() for entry in host.environment.path]


def windows_is(name: str, host: Any) -> None:
    assert host.registry(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion").value(name)


def process_runs(name: str, host: Any) -> None:
    assert host.process.filter(name=name)


def all_kinds() -> list[Check]:
    """Twenty."""
    table: list[tuple[Callable[..., None], Sequence[Any]]] = [
        (file_is_microsofts, ("cmd.exe", "whoami.exe", "msiexec.exe")),
        (service_runs, ("WinRM", "EventLog", "TermService")),
        (program_is_there, ("reg", "sc", "where")),
        (account_is_in, ("Administrator",)),
        (port_listens, (5985, 135)),
        (port_is_open, (5986, 5985)),
        (folder_is_on_path, (SYSTEM.lower(), r"c:\windows")),
        (windows_is, ("ProductName", "CurrentBuild")),
        (process_runs, ("lsass.exe", "System")),
    ]
    return [partial(check, given) for check, values in table for given in values]


def measure(lab: Lab, host: Host, checks: Sequence[Check], close: Callable[[], None]) -> Cost:
    endpoint = lab.hosts[0].endpoint
    endpoint.reset_counters()
    started = time.perf_counter()
    for check in checks:
        check(host)
    close()
    seconds, counted = time.perf_counter() - started, endpoint.counters_json()
    numbers = [int(str(counted[name])) for name in ("requests", "logins", "powershell_starts")]
    return Cost(*numbers, seconds)


def by_winbake(lab: Lab, inventory: Path, checks: Sequence[Check]) -> Cost:
    backend = InventoryBackend("master", str(inventory))
    host = Host(backend)
    backend.set_host(host)
    backend.answers.expect([partial(check, host) for check in checks])
    return measure(lab, host, checks, backend.close)


def by_winrm(lab: Lab, checks: Sequence[Check]) -> Cost:
    one = lab.hosts[0]
    password = urllib.parse.quote(PASSWORD, safe="")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of each request whose certificate is not verified
        spec = f"winrm://{USER}:{password}@{one.endpoint.address}:{one.port}?no_verify_ssl=true"
        return measure(lab, get_host(spec), checks, lambda: None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="exit 1 if 20 checks cost more than they may")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Lab(PASSWORD, speed=20) as lab:
        inventory = Path(folder) / "lab.yaml"
        write_lab_files(lab, inventory, password_known=False)
        costs = {
            "20 lines, winbake://": by_winbake(lab, inventory, lines()),
            "20 lines, winrm://": by_winrm(lab, lines()),
            "20 of all kinds, winbake://": by_winbake(lab, inventory, all_kinds()),
        }
    print(f"{'':<28} requests  logins  PowerShell starts  seconds")
    for name, cost in costs.items():
        print(f"{name:<28} {cost.requests:>8} {cost.logins:>7} {cost.starts:>18} {cost.seconds:>8.1f}")
    own, theirs, mixed = costs.values()
    print(f"winrm:// needs {theirs.requests / own.requests:.1f} times as many requests for the same lines")
    over = max(own.requests, mixed.requests) > MOST_REQUESTS
    if over:
        print(f"too much: at most {MOST_REQUESTS} requests for 20 checks")
    return 1 if over and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
