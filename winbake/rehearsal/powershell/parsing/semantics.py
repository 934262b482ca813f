"""Checks of the whole tree."""
from winbake.rehearsal.powershell.parsing.errors import ErrorList
from winbake.rehearsal.powershell.syntax import ScriptBlock
def check(script: ScriptBlock, errors: ErrorList) -> None:
    pass
