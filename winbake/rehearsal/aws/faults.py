"""What goes wrong in AWS, on demand: any error of any call, a number of times, from a number of calls on."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from winbake.rehearsal.aws.query import Answer, Call, error, json_error, rest_error

_MESSAGES = {
    "UnauthorizedOperation": "You are not authorized to perform this operation.",
    "VcpuLimitExceeded": "You have requested more vCPU capacity than your current vCPU limit allows.",
    "InsufficientInstanceCapacity": "We currently do not have sufficient capacity in this Availability Zone.",
    "RequestLimitExceeded": "Request limit exceeded.",
    "RequestExpired": "Request has expired.",
    "ExpiredToken": "The security token included in the request is expired",
}


@dataclass
class _Fault:
    action: str
    code: str
    message: str
    times: int | None
    after: int


class CloudFaults:
    """Errors to come. `add("RequestLimitExceeded", "RunInstances", times=3)`; action "" is every call."""

    def __init__(self) -> None:
        self._faults: list[_Fault] = []
        self._lock = threading.Lock()

    def add(
        self, code: str, action: str = "", *, message: str = "", times: int | None = None, after: int = 0
    ) -> None:
        """times: how often, None for ever. after: how many such calls go well before."""
        with self._lock:
            self._faults.append(_Fault(action, code, message or _MESSAGES.get(code, code), times, after))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def answer(self, call: Call) -> Answer | None:
        """The error that this call gets, or None."""
        with self._lock:
            for fault in self._faults:
                if fault.action not in ("", call.action) or fault.times == 0:
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                status = 503 if fault.code in ("RequestLimitExceeded", "Throttling") else 400
                if call.service == "route53":
                    return rest_error(fault.code, fault.message, status)
                if call.form:
                    return error(fault.code, fault.message, status)
                return json_error(fault.code, fault.message, status)
        return None
