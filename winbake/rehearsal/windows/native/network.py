"""ipconfig.exe and netstat.exe over the host's adapter and its listening ports.

Source: output of an EC2 Windows instance of 2025, published. Assumed: netstat's rows follow each other by port, and a
program listens over IPv4 only (as in Get-NetTCPConnection). Connections are not modelled: only `-a` has rows. The two
DHCPv6 rows of `ipconfig /all` are left out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from winbake.rehearsal.windows import adapter as model
from winbake.rehearsal.windows.failures import NotModelled
from winbake.rehearsal.windows.native.console_text import out
from winbake.rehearsal.windows.process import Process
from winbake.rehearsal.windows.programs import program

_SYSTEM = "C:\\Windows\\System32\\"
Row = tuple[str, str]


@program(_SYSTEM + "ipconfig.exe")
def ipconfig(process: Process) -> int:
    """Without arguments, or /all; it always ends with 0."""
    arguments = [argument.lower().replace("-", "/", 1) for argument in process.arguments[1:]]
    if arguments not in ([], ["/all"]):
        raise NotModelled(f"ipconfig {' '.join(process.arguments[1:])}")
    one = process.host.network.adapter
    out(process, "\nWindows IP Configuration\n")
    if arguments:
        _rows(process, [
            ("Host Name", process.host.computer_name),
            ("Primary Dns Suffix ", ""),
            ("Node Type", "Hybrid"),
            ("IP Routing Enabled", "No"),
            ("WINS Proxy Enabled", "No"),
            ("DNS Suffix Search List", one.suffixes[0]),
        ])  # fmt: skip
        for suffix in one.suffixes[1:]:
            out(process, f"{'':39}{suffix}")
    else:
        out(process)
    if arguments:
        out(process)
    out(process, f"Ethernet adapter {one.name}:\n")
    _rows(process, _all_of(process) if arguments else _brief(process))
    return 0


def _brief(process: Process) -> list[Row]:
    one = process.host.network.adapter
    return [
        ("Connection-specific DNS Suffix ", one.suffix),
        ("Link-local IPv6 Address", f"{one.link_local}%{one.index}"),
        ("IPv4 Address", str(one.address)),
        ("Subnet Mask", str(one.network.netmask)),
        ("Default Gateway", str(one.gateway)),
    ]


def _all_of(process: Process) -> list[Row]:
    host = process.host
    one = host.network.adapter
    # DHCP renews at half the time.
    half = model.LEASE_SECONDS // 2
    renewals = int((host.clock.now() - host.boot_time).total_seconds()) // half
    ends = host.boot_time + timedelta(seconds=renewals * half + model.LEASE_SECONDS)
    return [
        ("Connection-specific DNS Suffix ", one.suffix),
        ("Description", one.description),
        ("Physical Address", one.mac),
        ("DHCP Enabled", "Yes"),
        ("Autoconfiguration Enabled", "Yes"),
        ("Link-local IPv6 Address", f"{one.link_local}%{one.index}(Preferred)"),
        ("IPv4 Address", f"{one.address}(Preferred)"),
        ("Subnet Mask", str(one.network.netmask)),
        ("Lease Obtained", _day(host.boot_time)),
        ("Lease Expires", _day(ends)),
        ("Default Gateway", str(one.gateway)),
        ("DHCP Server", str(one.dhcp_server)),
        ("DNS Servers", str(one.dns)),
        ("NetBIOS over Tcpip", "Enabled"),
    ]


def _day(moment: datetime) -> str:
    """`Monday, June 9, 2025 8:35:07 PM`."""
    hour = moment.hour % 12 or 12
    return f"{moment:%A, %B} {moment.day}, {moment.year} {hour}:{moment:%M:%S %p}"


def _rows(process: Process, rows: list[Row]) -> None:
    for label, value in rows:
        out(process, f"   {_dotted(label)}: {value}".rstrip())


def _dotted(label: str) -> str:
    """The label, then a dot at every even place before the 34th."""
    return label + "".join(" " if place % 2 else "." for place in range(len(label), 34))


@program(_SYSTEM + "netstat.exe")
def netstat(process: Process) -> int:
    """The switches -a, -n, -o in one word or several."""
    letters = set()
    for word in process.arguments[1:]:
        if word[:1] not in "-/" or set(word[1:].lower()) - set("ano"):
            raise NotModelled(f"netstat {' '.join(process.arguments[1:])}")
        letters |= set(word[1:].lower())
    listening = process.host.network.listening() if "a" in letters else {}
    if listening and "n" not in letters:
        raise NotModelled("netstat's names of ports and machines (give -n)")
    owner = "o" in letters
    out(process, "\nActive Connections\n")
    out(process, "  Proto  Local Address          Foreign Address        State" + ("           PID" if owner else ""))
    for port, process_id in listening.items():
        row = f"  TCP    {f'0.0.0.0:{port}':<22} {'0.0.0.0:0':<22} LISTENING"
        out(process, f"{row:<71}{process_id}" if owner else row)
    return 0
