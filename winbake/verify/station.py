"""What a station must be: itself. Its computer name and its AE title, as the inventory of the classroom has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from winbake.verify.checks import PASSED, Check, Outcome, Values, failed
from winbake.verify.generated import Group
from winbake.verify.reading import Question
from winbake.verify.settings import VariableIs

STATION = "station"
"""The subject of these checks."""
STATION_VARIABLE = "winbake_station"
"""An inventory variable: the host is the station of this name. `clones` writes it into classroom.yaml."""
AE_TITLE = "ae_title"
"""An inventory variable: the station's AE title."""


@dataclass(frozen=True)
class ComputerNameIs:
    """The computer has this name, upper or lower case: Windows keeps the NetBIOS name in capitals."""

    subject: str
    name: str

    @property
    def title(self) -> str:
        return "computer name"

    def questions(self) -> tuple[Question, ...]:
        return (Question.of("environment"),)

    def judge(self, values: Values) -> Outcome:
        variables = {name.lower(): text for name, text in values[self.questions()[0]]["variables"].items()}
        found = variables.get("computername", "")
        return PASSED if found.lower() == self.name.lower() else failed(found or "none", self.name)


def station_group(variables: Mapping[str, Any]) -> Group | None:
    """The checks of a station, from its variables in the inventory; None for a host that is no station."""
    name = variables.get(STATION_VARIABLE)
    if not name:
        return None
    checks: list[Check] = [ComputerNameIs(STATION, str(name)), VariableIs(STATION, "WORKSHOP_STATION", str(name))]
    if variables.get(AE_TITLE):
        checks.append(VariableIs(STATION, "WORKSHOP_AE_TITLE", str(variables[AE_TITLE])))
    return Group(STATION, tuple(checks))
