"""ISO 8601 durations as the Task Scheduler writes them: PT72H, P3D, PT30S."""

from __future__ import annotations

import re

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def is_written(text: str) -> bool:
    """Whether it is a duration without years and months (whose length in seconds is not fixed)."""
    return text != "P" and _DURATION.fullmatch(text) is not None


def seconds(text: str) -> float:
    """Raises ValueError for what is no duration."""
    found = _DURATION.fullmatch(text)
    if found is None or text == "P":
        raise ValueError(f"{text!r} is no duration like PT72H")
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + rest)


def written(amount: float) -> str:
    """`PT90S`."""
    return f"PT{int(amount)}S"


def in_parts(amount: float) -> str:
    """As .NET writes a TimeSpan in XML (XmlConvert): `P3D`, `PT1H30M`, `PT0S`."""
    minutes, seconds = divmod(int(amount), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    clock = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count)
    if not days:
        return f"PT{clock or '0S'}"
    return f"P{days}D" + (f"T{clock}" if clock else "")
