"""The parts of a record's CategoryInfo, as they are when nobody set them."""

from __future__ import annotations

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.errors import ErrorRecord


def reason(record: ErrorRecord) -> str:
    return record.reason or record.exception.type_name.rpartition(".")[2]


def target_name(record: ErrorRecord) -> str:
    from winbake.rehearsal.powershell.convert import to_text

    if record.target_name is not None:
        return record.target_name
    return "" if record.target is None or record.target is v.AUTOMATION_NULL else to_text(record.target)


def target_type(record: ErrorRecord) -> str:
    from winbake.rehearsal.powershell.types import type_of

    if record.target_type is not None:
        return record.target_type
    if record.target is None or record.target is v.AUTOMATION_NULL:
        return ""
    return type_of(v.unwrap(record.target)).name
