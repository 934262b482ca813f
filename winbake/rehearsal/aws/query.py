"""The EC2 query protocol as it goes over the wire: a form in, XML out (AWS: EC2 API reference)."""

from __future__ import annotations

import io
import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
_SERVICE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/")


@dataclass(frozen=True)
class Call:
    """One call of any service. `action`: RunInstances, GetParameter …, "" for REST services, whose `path` says it.

    form: the parameters of a query-protocol call, `InstanceId.1` and so on; body: as it came. query: of the address.
    """

    service: str
    region: str
    action: str
    method: str
    path: str
    body: bytes
    form: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)

    def values(self, prefix: str) -> list[str]:
        """InstanceId.1, InstanceId.2 … in their order."""
        numbered = [(int(m[1]), v) for k, v in self.form.items() if (m := re.fullmatch(rf"{prefix}\.(\d+)", k))]
        return [value for _, value in sorted(numbered)]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    content_type: str = "text/xml;charset=UTF-8"


def read_call(environ: dict[str, Any]) -> Call:
    """The call of a WSGI request; its body stays readable for the next application."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    signed = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
    region, service = (signed[1], signed[2]) if signed else ("", "")
    form: dict[str, str] = {}
    action = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True))
        action = form.get("Action", "")
    query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    path = environ.get("PATH_INFO", "")
    return Call(service, region, action, environ["REQUEST_METHOD"], path, body, form, query)


def error(code: str, message: str, status: int = 400) -> Answer:
    """An error of EC2."""
    return Answer(
        status,
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error></Errors>"
            f"<RequestID>{uuid.uuid4()}</RequestID></Response>"
        ).encode(),
    )


def success(action: str, inner: str) -> Answer:
    """An EC2 answer: the elements of the call's response."""
    return Answer(
        200,
        (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<{action}Response xmlns="{NAMESPACE}">'
            f"<requestId>{uuid.uuid4()}</requestId>{inner}</{action}Response>"
        ).encode(),
    )


def rest_error(code: str, message: str, status: int = 400) -> Answer:
    """An error of Route 53, which speaks XML over REST."""
    return Answer(
        status,
        (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
            f"</Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
        ).encode(),
    )


def json_error(code: str, message: str, status: int = 400) -> Answer:
    """An error of a JSON service (SSM, Price List)."""
    text = f'{{"__type": "{code}", "message": "{message}"}}'
    return Answer(status, text.encode(), "application/x-amz-json-1.1")
