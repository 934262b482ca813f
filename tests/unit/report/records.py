"""Run records as verify and apply write them, small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from winbake.config.secret import Secret
from winbake.engine.record import RunRecord

HOSTILE = "<script>document.title='taken'</script>\n</pre><img src=x onerror=alert(1)>\n```\n| a | \x1b[31mred \u202eturned"


def passed(subject: str, title: str) -> dict[str, Any]:
    return {"subject": subject, "check": title, "status": "passed"}


def failed(subject: str, title: str, found: str, wanted: str, output: str = "") -> dict[str, Any]:
    return {"subject": subject, "check": title, "status": "failed", "found": found, "wanted": wanted, "output": output}


def skipped(subject: str, title: str) -> dict[str, Any]:
    return {"subject": subject, "check": title, "status": "skipped", "reason": "optional, and not installed"}


def verify_record(folder: Path, hosts: int = 3, secret: Secret | None = None, output: str = HOSTILE) -> Path:
    """ws02 fails two checks, ws03 (if there is one) cannot be reached, the others pass."""
    names = [f"ws{number:02d}" for number in range(1, hosts + 1)]
    with RunRecord("verify", "verify", folder, [secret] if secret else [], hosts=names) as record:
        for name in names:
            if name == "ws03":
                record.write("unreachable", host=name, error="172.31.15.3: nothing listens on 5986")
                continue
            checks = [passed("dcmtk", "dcmtk 3.7.0 is installed"), passed("dcmtk", "storescu answers"), skipped("mango", "mango 4.1 is installed")]
            checks += [passed("orthanc", f"port {port} listens") for port in range(4200, 4282)]
            if name == "ws02":
                checks[0] = failed("dcmtk", "dcmtk 3.7.0 is installed", "3.6.8", "3.7.0")
                checks[1] = failed("dcmtk", "storescu answers", "exit 1", "exit 0", output)
            record.write("verified", host=name, ok=name != "ws02", account="participant", seconds=2.0, broken=None, checks=checks)
        record.write("end")
    assert record.path is not None
    return record.path


def bake_record(folder: Path, host: str = "master", *, fail: bool = False, end: bool = True) -> Path:
    """A download, an installation and a restart."""
    resource = {
        "id": "tool dcmtk", "where": "manifest.yaml:5", "skipped": None, "problem": None,
        "changes": [{"action": "upgrade", "property": "version", "old": "3.6.8", "new": "3.7.0", "reason": "zip, 31 MB"}],
    }  # fmt: skip
    system = {"computer": "EC2AMAZ-1", "os": "Windows Server 2022", "build": 20348}
    with RunRecord(host, "apply", folder, [], "https://172.31.15.250:5986") as record:
        record.write("facts", seconds=0.0, queries=4)
        record.write("plan", summary={"install_or_upgrade": 1, "right": 3}, rehearsal=True, system=system, resources=[resource])
        for step, title, operation in (("o1", "download dcmtk", "download"), ("o2", "tool dcmtk 3.7.0", "archive")):
            record.write("started", step=step, title=title, operation=operation, seconds=0.0)
            bad = fail and step == "o2"
            tail = {"message": "installer exit 1603", "log_tail": ["last line"]} if bad else {}
            record.write("failed" if bad else "done", step=step, title=title, operation=operation, seconds=72.0, **tail)
        if not fail:
            record.write("reboot", seconds=0.0)
            record.write("applied", done=2, failed={}, reboots=1, cut=None)
            record.write("proof", ok=True, differs=[], scheduled=[], resources=4)
        if end:
            record.write("end")
    assert record.path is not None
    return record.path
