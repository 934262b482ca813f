"""Get-Date, New-TimeSpan, Start-Sleep and Set-Date."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import formatting, members, types
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.access.type_data import code_property
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.dotnet.datetime import DateTime, TimeSpan
from winbake.rehearsal.powershell.errors import NotModelled

_UNIX_EPOCH_TICKS = 621_355_968_000_000_000
_TICKS_PER_MILLISECOND = 10_000

_NAMED_FORMATS = {
    "filedate": ("yyyyMMdd", False),
    "filedateuniversal": ("yyyyMMddZ", True),
    "filedatetime": ("yyyyMMddTHHmmssffff", False),
    "filedatetimeuniversal": ("yyyyMMddTHHmmssffffZ", True),
}

_UFORMATS = {
    "A": "dddd", "a": "ddd", "B": "MMMM", "b": "MMM", "h": "MMM", "D": "MM/dd/yy", "d": "dd", "H": "HH", "I": "hh",
    "k": "HH", "l": "hh", "M": "mm", "m": "MM", "p": "tt", "R": "HH:mm", "r": "hh:mm:ss tt", "S": "ss", "T": "HH:mm:ss",
    "X": "HH:mm:ss", "G": "yyyy", "g": "yy", "x": "MM/dd/yy", "y": "yy", "Y": "yyyy", "Z": "zz",
}  # fmt: skip
"""-UFormat letters that are one .NET format; the others are computed."""


def now(session: Any) -> DateTime:
    """[datetime]::Now of the rehearsed host."""
    return members.get_static(session, types.get_type("System.DateTime"), "Now")  # type: ignore[no-any-return]


def _shown(target: Any) -> str:
    """The script property DateTime: long date and long time, or one of them as the DisplayHint says."""
    moment = target.base if type(target) is v.PSObject else target
    hint = target.members.get("DisplayHint") if type(target) is v.PSObject else None
    name = formatting.net_to_string(hint.value) if isinstance(hint, v.NoteProperty) else "DateTime"
    forms = {"Date": ("D",), "Time": ("T",)}.get(name, ("D", "T"))
    return " ".join(formatting.format_value(moment, form) for form in forms)


code_property("System.DateTime", "DateTime", _shown, "ScriptProperty")


@cmdlet("Get-Date")
class GetDate(Cmdlet):
    def process(self) -> None:
        moment = self.get("Date") if self.has("Date") else now(self.session)
        moment = self._adjusted(v.unwrap(moment))
        if self.has("UFormat"):
            self.emit(unix_format(moment, self.get("UFormat")))
        elif self.has("Format"):
            self.emit(self._formatted(moment, self.get("Format")))
        else:
            hint = self.get("DisplayHint")
            if not isinstance(hint, types.EnumValue):
                hint = types.enum_value("Microsoft.PowerShell.Commands.DisplayHintType", str(hint or "DateTime"))
            table = v.MemberTable([v.NoteProperty("DisplayHint", hint)])
            self.emit(v.PSObject(moment, table))

    def _adjusted(self, moment: DateTime) -> DateTime:
        """-Year … -Millisecond, one after the other."""
        if self.has("Year"):
            moment = moment.add_months((self.get("Year") - moment.year) * 12)
        if self.has("Month"):
            moment = moment.add_months(self.get("Month") - moment.month)
        for name, part, seconds in (
            ("Day", "day", 86_400),
            ("Hour", "hour", 3_600),
            ("Minute", "minute", 60),
            ("Second", "second", 1),
        ):
            if self.has(name):
                moment = moment.add_ticks((self.get(name) - getattr(moment, part)) * seconds * 10_000_000)
        if self.has("Millisecond"):
            moment = moment.add_ticks((self.get("Millisecond") - moment.millisecond) * _TICKS_PER_MILLISECOND)
            moment = moment.add_ticks(-(moment.ticks % _TICKS_PER_MILLISECOND))
        return moment

    def _formatted(self, moment: DateTime, wanted: str) -> str:
        text, universal = _NAMED_FORMATS.get(wanted.lower(), (wanted, False))
        if universal:
            moment = moment.to_universal()
        return formatting.format_value(moment, text, self.session.culture)


def unix_format(moment: DateTime, wanted: str) -> str:
    """Get-Date -UFormat: letters as in `date +…`, several of them not as there (`%V`, `%u`, `%s` with its fraction)."""
    text = wanted[1:] if wanted.startswith("+") else wanted
    parts: list[str] = []
    i = 0
    while i < len(text):
        c = text[i]
        if c == "%" and i + 1 < len(text):
            i += 1
            parts.append(_unix_part(moment, text[i]))
        else:
            parts.append(c)
        i += 1
    return "".join(parts)


def _unix_part(moment: DateTime, letter: str) -> str:
    def net(form: str) -> str:
        return formatting.format_value(moment, form if len(form) > 1 else f"%{form}")

    if letter in _UFORMATS:
        return net(_UFORMATS[letter])
    day = moment.day_of_year
    if letter == "s":
        return formatting.net_to_string((moment.ticks - _UNIX_EPOCH_TICKS) / 10_000_000)
    computed: dict[str, str] = {
        "C": str(moment.year // 100),
        "c": f"{net('ddd')} {net('MMM')} {moment.day:>2} {net('HH:mm:ss yyyy')}",
        "e": f"{moment.day:>2}",
        "j": str(day),
        "n": "\n",
        "t": "\t",
        "u": str(moment.day_of_week),
        "w": str(moment.day_of_week),
        "U": str(day // 7),
        "W": str(day // 7),
        "V": str(day // 7 + 1),
    }
    return computed.get(letter, letter)


@cmdlet("Set-Date")
class SetDate(Cmdlet):
    def end(self) -> None:
        raise NotModelled("Set-Date: the rehearsed host keeps its clock")


@cmdlet("New-TimeSpan")
class NewTimeSpan(Cmdlet):
    def process(self) -> None:
        if self.parameter_set == "Time":
            seconds = (
                self.get("Days", 0) * 86_400
                + self.get("Hours", 0) * 3_600
                + self.get("Minutes", 0) * 60
                + self.get("Seconds", 0)
            )
            self.emit(TimeSpan(seconds * 10_000_000))
            return
        moment = now(self.session)
        start = v.unwrap(self.get("Start")) if self.has("Start") else moment
        end = v.unwrap(self.get("End")) if self.has("End") else moment
        self.emit(TimeSpan(end.ticks - start.ticks))


@cmdlet("Start-Sleep")
class StartSleep(Cmdlet):
    """Sleeps on the host's clock, which may run faster than ours."""

    def process(self) -> None:
        milliseconds = self.get("Milliseconds") if self.has("Milliseconds") else self.get("Seconds", 0) * 1000
        self.session.host.clock.sleep(milliseconds / 1000, self.session.process)
