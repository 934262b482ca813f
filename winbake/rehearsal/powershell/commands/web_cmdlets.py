"""Invoke-WebRequest and Invoke-RestMethod over the host's network (PowerShell 2016, WebRequestPSCmdlet and its kin).

A fresh server has no Internet Explorer engine set up: without -UseBasicParsing a text answer is an error.
Text without a charset is read as ISO-8859-1, as 5.1 does. Forms and the DOM are not modelled.
"""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import quote_plus

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.json_reading import ConvertFromJson
from winbake.rehearsal.powershell.commands.provider_command import word
from winbake.rehearsal.powershell.commands.results import CommandResult, result
from winbake.rehearsal.powershell.dotnet import io_files
from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array
from winbake.rehearsal.powershell.dotnet.collections import Dictionary, GenericDictionary
from winbake.rehearsal.powershell.dotnet.net_protocol import request
from winbake.rehearsal.powershell.dotnet.net_requests import HttpWebRequest, HttpWebResponse
from winbake.rehearsal.powershell.errors import ErrorRecord, NetError, NotModelled, ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.types import get_type
from winbake.rehearsal.powershell.values import Int64, PSArray, custom_object, unwrap
from winbake.rehearsal.windows.network import Response

_COMMANDS = "Microsoft.PowerShell.Commands."
_NO_ENGINE = (
    "The response content cannot be parsed because the Internet Explorer engine is not available, or Internet "
    "Explorer's first-launch configuration is not complete. Specify the UseBasicParsing parameter and try again. "
)
_MODELLED = frozenset(
    "Uri UseBasicParsing Method Headers Body ContentType OutFile PassThru TimeoutSec UserAgent MaximumRedirection "
    "DisableKeepAlive UseDefaultCredentials ErrorAction ErrorVariable Verbose".split()
)
_UPPER = {"etag": "ETag", "www-authenticate": "WWW-Authenticate"}
_ELEMENTS = {"Links": "a", "Images": "img", "InputFields": "input"}


@result(f"{_COMMANDS}BasicHtmlWebResponseObject", "Content", "Images", "InputFields", "Links")
class BasicHtmlWebResponse(CommandResult):
    pass


@result(
    f"{_COMMANDS}WebResponseObject",
    "Content", "Headers", "StatusCode", "RawContentLength", "RawContent", "StatusDescription",
)  # fmt: skip
class WebResponse(CommandResult):
    pass


def text_of(answer: Response) -> str:
    kind = answer.headers.get("content-type", "")
    charset = kind.lower().partition("charset=")[2].split(";")[0].strip(" \"'") or "iso-8859-1"
    try:
        return answer.body.decode(charset, "replace")
    except LookupError:
        return answer.body.decode("iso-8859-1")


def is_text(kind: str) -> bool:
    """ContentHelper.IsText: text, and the kinds of XML, JSON and JavaScript."""
    low = kind.partition(";")[0].strip().lower()
    return low.startswith("text/") or is_json(low) or is_xml(low) or low in (
        "application/javascript", "application/x-javascript",
    )  # fmt: skip


def is_json(kind: str) -> bool:
    low = kind.partition(";")[0].strip().lower()
    return low in ("application/json", "application/x-json", "text/json", "text/x-json") or low.endswith("+json")


def is_xml(kind: str) -> bool:
    low = kind.partition(";")[0].strip().lower()
    return low in ("application/xml", "text/xml", "application/xml-external-parsed-entity") or low.endswith("+xml")


def _elements(text: str, tag: str) -> PSArray:
    """The start tags of a kind with their attributes as properties, as the basic parser finds them."""
    whole = rf"<{tag}\b[^>]*>(?:.*?</{tag}>)?" if tag == "a" else rf"<{tag}\b[^>]*>"
    found = []
    for match in re.finditer(whole, text, re.I | re.S):
        start = match[0].partition(">")[0]
        attributes = re.findall(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", start)
        pairs = [(name, html.unescape(one or two or three)) for name, one, two, three in attributes]
        found.append(custom_object([("outerHTML", match[0]), ("tagName", tag.upper()), *pairs]))
    return PSArray(found)


class WebCommand(Cmdlet):
    def send(self) -> Response:
        unknown = [name for name in self.bound if name not in _MODELLED]
        if unknown:
            raise NotModelled(f"{self.name} -{unknown[0]}")
        url = convert.to_text(unwrap(self.get("Uri")), self.session)
        if "://" not in url:
            url = "http://" + url
        method = word(self.get("Method")).upper() if self.has("Method") else "GET"
        headers = self._headers()
        body = unwrap(self.get("Body"))
        if isinstance(body, Dictionary):
            form = self._form(body)
            if method == "GET":
                url, body = url + ("&" if "?" in url else "?") + form, None
            else:
                body = form
                headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        content = None
        if isinstance(body, PSArray):
            content = bytes(body)
        elif body is not None:
            content = convert.to_text(body, self.session).encode("latin-1", "replace")
        if self.has("ContentType"):
            headers["Content-Type"] = str(unwrap(self.get("ContentType")))
        limit = int(unwrap(self.get("TimeoutSec"))) if self.has("TimeoutSec") else 0
        redirects = not self.has("MaximumRedirection") or int(unwrap(self.get("MaximumRedirection"))) > 0
        try:
            return request(self.session, url, "GET" if method == "DEFAULT" else method, headers, content,
                           redirects=redirects, timeout=float(limit or 100))  # fmt: skip
        except NetError as failure:
            raise self._refused(failure, url) from failure

    def _headers(self) -> dict[str, str]:
        given = unwrap(self.get("Headers"))
        found = {}
        if isinstance(given, Dictionary):
            found = {convert.to_text(k, self.session): convert.to_text(v, self.session) for k, v in given.items()}
        build = self.session.host.release.build
        agent = f"Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.{build}.1"
        found.setdefault("User-Agent", str(unwrap(self.get("UserAgent"))) if self.has("UserAgent") else agent)
        return found

    def _form(self, body: Dictionary) -> str:
        def written(value: Any) -> str:
            return quote_plus(convert.to_text(unwrap(value), self.session))

        return "&".join(f"{written(key)}={written(value)}" for key, value in body.items())

    def _refused(self, failure: NetError, url: str) -> ScriptError:
        record = ErrorRecord(failure.exception, "WebCmdletWebResponseException", "InvalidOperation",
                             HttpWebRequest(self.session, url))  # fmt: skip
        answer = failure.exception.properties.get("Response")
        if isinstance(answer, HttpWebResponse) and answer.answer.body:
            record.details = re.sub(r"<[^>]*>", "", text_of(answer.answer))
        return ScriptError(record)

    def keep(self, answer: Response) -> bool:
        """-OutFile. True when the answer is to be shown too (-PassThru, or no -OutFile)."""
        if not self.has("OutFile"):
            return True
        path = core.file_path(self.session, str(unwrap(self.get("OutFile"))))
        io_files.write_bytes(self.session, path, answer.body)
        return self.switch("PassThru")


@cmdlet("Invoke-WebRequest")
class InvokeWebRequest(WebCommand):
    def process(self) -> None:
        answer = self.send()
        if not self.keep(answer):
            return
        kind = answer.headers.get("content-type", "")
        if not is_text(kind):
            self.emit(WebResponse(Content=byte_array(answer.body), **self._head(answer)))
            return
        if not self.switch("UseBasicParsing"):
            raise self.fail("WebCmdletIEDomNotSupportedException", _NO_ENGINE, "NotSupported",
                            "System.NotSupportedException")  # fmt: skip
        text = text_of(answer)
        parts: dict[str, Any] = {name: _elements(text, tag) for name, tag in _ELEMENTS.items()}
        self.emit(BasicHtmlWebResponse(Content=text, **self._head(answer), **parts))

    def _head(self, answer: Response) -> dict[str, Any]:
        string = get_type("System.String")
        headers = GenericDictionary(string, string)
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        for name, value in answer.headers.items():
            written = _UPPER.get(name, "-".join(part.capitalize() for part in name.split("-")))
            headers.set(written, value)
            lines.append(f"{written}: {value}")
        raw = "\r\n".join(lines) + "\r\n\r\n" + text_of(answer)
        return {
            "StatusCode": answer.status,
            "StatusDescription": answer.reason,
            "Headers": headers,
            "RawContent": raw,
            "RawContentLength": Int64(len(answer.body)),
        }


@cmdlet("Invoke-RestMethod")
class InvokeRestMethod(WebCommand):
    def process(self) -> None:
        answer = self.send()
        if not self.keep(answer):
            return
        text, kind = text_of(answer), answer.headers.get("content-type", "")
        readers = [self._json, self._xml] if is_json(kind) else [self._xml, self._json]
        if not any(read(text) for read in readers):
            self.emit(text)

    def _json(self, text: str) -> bool:
        """An array goes out as one object, as ConvertFrom-Json gives it."""
        reader = ConvertFromJson(self.session)
        found: list[Any] = []
        reader._emit = found.append
        try:
            reader._convert(text)
        except ScriptError:
            return False
        for one in found:
            self.emit(one)
        return True

    def _xml(self, text: str) -> bool:
        if not text.lstrip().startswith("<"):
            return False
        try:
            self.emit(convert.convert(text, get_type("System.Xml.XmlDocument"), self.session))
        except (NetError, ScriptError):
            return False
        return True
