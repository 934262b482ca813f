"""Select-String."""

from __future__ import annotations

from collections import deque
from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands import objects
from winbake.rehearsal.powershell.commands.results import CommandResult, result
from winbake.rehearsal.powershell.dotnet import io_files
from winbake.rehearsal.powershell.dotnet.io_items import FileInfo
from winbake.rehearsal.powershell.dotnet.registry import method
from winbake.rehearsal.powershell.errors import ErrorRecord, NetError, NetException, ScriptError
from winbake.rehearsal.powershell.providers import core, encodings
from winbake.rehearsal.powershell.regex import compile_pattern
from winbake.rehearsal.powershell.regex_pattern import IGNORE_CASE, NONE
from winbake.rehearsal.powershell.wildcard import Wildcard

_STREAM = "InputStream"
_MATCH_INFO = "Microsoft.PowerShell.Commands.MatchInfo"


@result(
    "Microsoft.PowerShell.Commands.MatchInfoContext",
    writable=("PreContext", "PostContext", "DisplayPreContext", "DisplayPostContext"),
)
class MatchInfoContext(CommandResult):
    pass


@result(_MATCH_INFO, "Filename", writable=("IgnoreCase", "LineNumber", "Line", "Path", "Pattern", "Context", "Matches"))
class MatchInfo(CommandResult):
    def shown(self, directory: str | None = None) -> str:
        """The text as `path:line:text`, without the place for input that is no file; context lines round it."""
        context: MatchInfoContext | None = self["Context"]
        if context is None:
            return self._line(self["Line"], self["LineNumber"], directory, "")
        before, after = list(context["DisplayPreContext"]), list(context["DisplayPostContext"])
        number = self["LineNumber"] - len(before)
        lines = []
        for text in before:
            lines.append(self._line(text, number, directory, "  "))
            number += 1
        lines.append(self._line(self["Line"], number, directory, "> "))
        for text in after:
            number += 1
            lines.append(self._line(text, number, directory, "  "))
        return "\r\n".join(lines)

    def relative(self, directory: str | None) -> str:
        path: str = self["Path"]
        if not directory or path == _STREAM or not path.lower().startswith(directory.lower()):
            return path
        if len(directory) < len(path):
            if directory[-1] in "\\/":
                return path[len(directory) :]
            if path[len(directory)] in "\\/":
                return path[len(directory) + 1 :]
        return path

    def _line(self, text: str, number: int, directory: str | None, prefix: str) -> str:
        if self["Path"] == _STREAM:
            return prefix + text
        return f"{prefix}{self.relative(directory)}:{number}:{text}"

    def __str__(self) -> str:
        return self.shown()


@method(_MATCH_INFO, "ToString")
def _to_string(value: MatchInfo, directory: str | None = None) -> str:
    return value.shown(directory)


@method(_MATCH_INFO, "RelativePath")
def _relative_path(value: MatchInfo, directory: str) -> str:
    return value.relative(directory)


def _strings(items: list[str]) -> v.PSArray:
    return v.PSArray(items, "System.String")


class _Tracker:
    """Holds matches back until the lines behind them are known."""

    def __init__(self, before: int, after: int) -> None:
        self._before, self._after = before, after
        self._recent: deque[str] = deque(maxlen=before)
        self._unshown: deque[str] = deque(maxlen=before)
        self._waiting: list[tuple[MatchInfo, list[str]]] = []
        self._display: list[str] | None = None  # the context that is shown behind the last match, while it grows
        self.ready: list[MatchInfo] = []

    def line(self, text: str) -> None:
        if self._display is not None and len(self._display) < self._after:
            self._display.append(text)
            if len(self._display) == self._after:
                self._display = None
        else:
            self._display = None
            self._unshown.append(text)
        self._follow(text)
        self._recent.append(text)

    def match(self, info: MatchInfo) -> None:
        text = info["Line"]
        self._follow(text)
        context: MatchInfoContext | None = info["Context"]
        if context is None:
            self.ready.append(info)
        else:
            context["PreContext"] = _strings(list(self._recent))
            context["DisplayPreContext"] = _strings(list(self._unshown))
            shown: list[str] = []
            self._display = shown if self._after else None
            context["DisplayPostContext"] = shown
            self._waiting.append((info, []))
        self._unshown.clear()
        self._recent.append(text)
        self._release()

    def _follow(self, text: str) -> None:
        for _info, behind in self._waiting:
            if len(behind) < self._after:
                behind.append(text)
        self._release()

    def _release(self, everything: bool = False) -> None:
        while self._waiting and (everything or len(self._waiting[0][1]) >= self._after):
            info, behind = self._waiting.pop(0)
            info["Context"]["PostContext"] = _strings(behind)
            info["Context"]["DisplayPostContext"] = _strings(list(info["Context"]["DisplayPostContext"]))
            self.ready.append(info)

    def finish(self) -> None:
        self._release(everything=True)


@cmdlet("Select-String")
class SelectString(Cmdlet):
    def begin(self) -> None:
        self._patterns: list[str] = [str(pattern) for pattern in self.get("Pattern")]
        self._expressions = [] if self.switch("SimpleMatch") else [self._compile(p) for p in self._patterns]
        context = list(self.get("Context") or (0, 0))
        self._before, self._after = context[0], context[-1]
        self._tracker = _Tracker(self._before, self._after)
        self._done = False
        self._record = 0

    def _compile(self, pattern: str) -> Any:
        try:
            return compile_pattern(pattern, NONE if self.switch("CaseSensitive") else IGNORE_CASE)
        except NetError as failure:
            reason = failure.exception.message
            message = f"The string {pattern} is not a valid regular expression: {reason}"
            exception = NetException("System.ArgumentException", message, failure.exception)
            raise ScriptError(ErrorRecord(exception, "InvalidRegex", "InvalidArgument")) from None

    def process(self) -> None:
        if self._done:
            return
        if self.has("Path") or self.has("LiteralPath"):
            self._search_files(self._resolved())
            return
        value = self.get("InputObject")
        inner = v.unwrap(value)
        if isinstance(inner, FileInfo):
            self._search_files([inner.full_path])
            return
        self._search_object(value, inner)

    # objects

    def _search_object(self, value: Any, inner: Any) -> None:
        self._record += 1
        given = inner if isinstance(inner, MatchInfo) else None
        if given is not None:
            text = given["Line"]
            if self._before or self._after:
                self._before = self._after = 0
                self._tracker = _Tracker(0, 0)
                self.write_warning(
                    "The specified context is not displayed, because the input of Select-String is the output of "
                    "another Select-String command."
                )
        else:
            text = "" if objects.is_null(value) else convert.to_text(value, self.session)
        found = self._find(text, given)
        if found is None:
            self._tracker.line(text)
        else:
            if given is None:
                found["LineNumber"] = self._record
            self._tracker.match(found)
        if self._flush(self._tracker) and self.switch("Quiet"):
            self._done = True

    def end(self) -> None:
        self._tracker.finish()
        if not self._done:
            self._flush(self._tracker)

    # files

    def _resolved(self) -> list[str]:
        literal = self.has("LiteralPath")
        found: list[str] = []
        for path in self.get("LiteralPath") if literal else self.get("Path"):
            for one in core.resolve_path(self.session, str(path), literal):
                if one.provider.name != "FileSystem":
                    message = f"The current provider ({one.provider.name}) cannot open a file."
                    self.error("ProcessingFile", message, "InvalidArgument", "System.ArgumentException")
                else:
                    found.append(one.path)
        return found

    def _search_files(self, paths: list[str]) -> None:
        for path in paths:
            if self._search_file(path) and self.switch("Quiet"):
                return
        if self.switch("Quiet"):
            self.emit(None if self.switch("List") else False)

    def _search_file(self, path: str) -> bool:
        if not self._wanted(path):
            return False
        try:
            data = io_files.read_bytes(self.session, path)
        except NetError as failure:
            message = f"The file {path} cannot be read: {failure.exception.message}"
            exception = NetException("System.ArgumentException", message, failure.exception)
            self.write_error(ErrorRecord(exception, "ProcessingFile", "InvalidArgument"))
            return False
        name = self.get("Encoding")
        encoding = encodings.CMDLET_ENCODINGS[name.lower()] if name else encodings.UTF8
        tracker = _Tracker(self._before, self._after)
        found_any = False
        for number, line in enumerate(encodings.split_lines(encodings.decode_marked(data, encoding)), 1):
            found = self._find(line, None)
            if found is None:
                tracker.line(line)
            else:
                found["Path"] = path
                found["Filename"] = path.replace("/", "\\").rsplit("\\", 1)[-1]
                found["LineNumber"] = number
                tracker.match(found)
            if tracker.ready:
                found_any = True
                if self.switch("Quiet") or self.switch("List"):
                    break
                self._flush(tracker)
        tracker.finish()
        return self._flush(tracker) or found_any

    def _wanted(self, path: str) -> bool:
        included = [Wildcard(str(pattern)) for pattern in self.get("Include") or ()]
        if included and not _matches_any(included, path):
            return False
        excluded = [Wildcard(str(pattern)) for pattern in self.get("Exclude") or ()]
        return not _matches_any(excluded, path)

    def _flush(self, tracker: _Tracker) -> bool:
        if not tracker.ready:
            return False
        if self.switch("Quiet") and not self.switch("List"):
            self.emit(True)
        elif self.switch("List"):
            self.emit(tracker.ready[0])
        else:
            for info in tracker.ready:
                self.emit(info)
        tracker.ready.clear()
        return True

    # one line

    def _find(self, text: str, given: MatchInfo | None) -> MatchInfo | None:
        pattern, matches = self._first_match(text)
        hit = pattern is not None
        if self.switch("NotMatch"):
            hit, pattern, matches = not hit, 0, []
        if not hit:
            return None
        if given is not None:
            return given
        context = MatchInfoContext() if self._before or self._after else None
        return MatchInfo(
            ignorecase=not self.switch("CaseSensitive"),
            line=text,
            pattern=self._patterns[pattern or 0],
            context=context,
            matches=v.PSArray(matches, "System.Text.RegularExpressions.Match"),
            path=_STREAM,
            filename=_STREAM,
            linenumber=0,
        )

    def _first_match(self, text: str) -> tuple[int | None, list[Any]]:
        """The first pattern that matches, and its matches."""
        if self.switch("SimpleMatch"):
            sensitive = self.switch("CaseSensitive")
            subject = text if sensitive else text.lower()
            for i, pattern in enumerate(self._patterns):
                if (pattern if sensitive else pattern.lower()) in subject:
                    return i, []
            return None, []
        for i, expression in enumerate(self._expressions):
            if self.switch("AllMatches") and not self.switch("NotMatch"):
                matches = list(expression.matches(text))
            else:
                first = expression.match(text)
                matches = [first] if first.success else []
            if matches:
                return i, matches
        return None, []


def _matches_any(wildcards: list[Wildcard], path: str) -> bool:
    """Against the whole path: `b*` alone matches no file."""
    return any(wildcard.matches(path) for wildcard in wildcards)
