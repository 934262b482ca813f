"""The operators that .NET types define, which the table of members leaves out: op_Addition of TimeSpan and others."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from winbake.rehearsal.powershell.access.overloads import Parameter, Signature
from winbake.rehearsal.powershell.types import NetType, get_type

_DATE, _SPAN, _OFFSET = "System.DateTime", "System.TimeSpan", "System.DateTimeOffset"

_OPERATORS: dict[tuple[str, str], tuple[Callable[..., Any], tuple[tuple[str, ...], ...]]] = {
    (_DATE, "op_Addition"): (operator.add, ((_DATE, _SPAN),)),
    (_DATE, "op_Subtraction"): (operator.sub, ((_DATE, _DATE), (_DATE, _SPAN))),
    (_OFFSET, "op_Addition"): (operator.add, ((_OFFSET, _SPAN),)),
    (_OFFSET, "op_Subtraction"): (operator.sub, ((_OFFSET, _OFFSET), (_OFFSET, _SPAN))),
    (_SPAN, "op_Addition"): (operator.add, ((_SPAN, _SPAN),)),
    (_SPAN, "op_Subtraction"): (operator.sub, ((_SPAN, _SPAN),)),
    (_SPAN, "op_UnaryNegation"): (operator.neg, ((_SPAN,),)),
    (_SPAN, "op_UnaryPlus"): (operator.pos, ((_SPAN,),)),
}


def operator_signatures(net_type: NetType, name: str) -> list[Signature]:
    found = _OPERATORS.get((net_type.key, name))
    if found is None:
        return []
    function, overloads = found
    made = []
    for types in overloads:
        parameters = tuple(Parameter(f"t{i}", key, get_type(key)) for i, key in enumerate(types))
        made.append(Signature(net_type, name, parameters, static=True, start=net_type, function_given=function))
    return made
