"""What a test may ask of a Windows host through testinfra's `host`: a property is a question or a part of its answer.

A value may be `Anything` while the tests are gone through for the first time (see answers.py); so nothing here takes a
value apart more than it must.
"""

from __future__ import annotations

import base64
import codecs
import fnmatch
import ntpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from requests.structures import CaseInsensitiveDict

from winbake.verify.answers import Anything
from winbake.verify.reading import Question

Ask = Callable[[Question], Any]
_START = {"Auto": "auto", "Manual": "manual", "Disabled": "disabled", "Boot": "boot", "System": "system"}
"""Win32_Service.StartMode → the manifest's words."""


@dataclass(frozen=True)
class Thing:
    """Something that may be there or not. Asking for more of what is not there fails the test with its name."""

    _ask: Ask
    name: str

    def _answer(self, **more: Any) -> Mapping[str, Any]:
        raise NotImplementedError

    @property
    def exists(self) -> bool:
        return cast(bool, self._answer()["exists"])

    def _value(self, key: str, **more: Any) -> Any:
        __tracebackhide__ = True
        answer = self._answer(**more)
        assert answer["exists"], f"{self!r} is not there"
        return answer[key]

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self.name}>"


@dataclass(frozen=True, repr=False)
class File(Thing):
    """host.file(r"C:\\Tools\\dcmtk\\bin\\dcmdump.exe"); %variables% of the participant are filled in."""

    def _answer(self, **more: Any) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self._ask(Question.of("file", path=self.name, **more)))

    @property
    def path(self) -> str:
        return self.name

    @property
    def is_file(self) -> bool:
        answer = self._answer()
        return cast(bool, answer["exists"] and not _plain(answer["folder"], False))

    @property
    def is_directory(self) -> bool:
        answer = self._answer()
        return cast(bool, answer["exists"] and answer["folder"])

    @property
    def size(self) -> int:
        """Bytes."""
        return cast(int, self._value("size"))

    @property
    def sha256(self) -> str:
        return cast(str, self._value("sha256", sha256=True))

    sha256sum = sha256

    @property
    def version(self) -> str:
        """The four numbers of a program's file version, as 10.0.20348.1; "" if it has none."""
        return cast(str, self._value("version", version=True))

    @property
    def signer(self) -> str:
        """The subject of the certificate whose signature on the file is valid; "" without one."""
        return cast(str, self._value("signer", signer=True))

    @property
    def content(self) -> bytes:
        """At most 1 MiB; a larger file cannot be read."""
        given = self._value("content", content=True)
        return base64.b64decode(given) if isinstance(given, str) else cast(bytes, given)

    @property
    def content_string(self) -> str:
        """As text: UTF-16 or UTF-8 with its mark, or UTF-8."""
        data = self.content
        return _decoded(data) if isinstance(data, bytes) else cast(str, data)

    def contains(self, pattern: str) -> bool:
        """Whether a regular expression is found in its text."""
        text = self.content_string
        return re.search(pattern, text, re.MULTILINE) is not None if isinstance(text, str) else cast(bool, text)

    def listdir(self) -> list[str]:
        """Names of what is in the folder, hidden ones too."""
        return cast(list[str], self._value("names", names=True))


def _decoded(data: bytes) -> str:
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if utf16 else "utf-8-sig")


@dataclass(frozen=True, repr=False)
class Shortcut(Thing):
    """host.shortcut(r"C:\\Users\\Public\\Desktop\\Weasis.lnk")"""

    def _answer(self, **more: Any) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self._ask(Question.of("shortcut", path=self.name)))

    @property
    def target(self) -> str:
        return cast(str, self._value("target"))

    @property
    def leads_somewhere(self) -> bool:
        return cast(bool, self._value("leads_somewhere"))


@dataclass(frozen=True, repr=False)
class Service(Thing):
    """host.service("Orthanc"), by the service's short name."""

    def _answer(self, **more: Any) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self._ask(Question.of("service", name=self.name)))

    @property
    def is_running(self) -> bool:
        answer = self._answer()
        return cast(bool, answer["exists"] and answer["state"] == "Running")

    @property
    def is_enabled(self) -> bool:
        """Starts by itself, at once or delayed."""
        answer = self._answer()
        return cast(bool, answer["exists"] and answer["start"] == "Auto")

    @property
    def start_mode(self) -> str:
        """auto, delayed, manual or disabled."""
        mode = self._value("start")
        if isinstance(mode, Anything):
            return cast(str, mode)
        return "delayed" if mode == "Auto" and self._value("delayed") else _START[mode]

    @property
    def account(self) -> str:
        """As whom it runs: LocalSystem, NT AUTHORITY\\NetworkService, .\\name."""
        return cast(str, self._value("account"))


@dataclass(frozen=True, repr=False)
class User(Thing):
    """host.user("participant"): a local account."""

    def _answer(self, **more: Any) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self._ask(Question.of("user", name=self.name)))

    @property
    def is_enabled(self) -> bool:
        return cast(bool, self._value("enabled"))

    @property
    def sid(self) -> str:
        return cast(str, self._value("sid"))

    @property
    def full_name(self) -> str:
        return cast(str, self._value("full_name"))

    @property
    def groups(self) -> list[str]:
        """Names, as this Windows' language has them."""
        return [group["name"] for group in self._value("groups")]

    @property
    def group_sids(self) -> list[str]:
        """S-1-5-32-544 is Administrators in every language, S-1-5-32-555 Remote Desktop Users."""
        return [group["sid"] for group in self._value("groups")]


@dataclass(frozen=True, repr=False)
class Group(Thing):
    """host.group("S-1-5-32-555") or by name: a local group."""

    def _answer(self, **more: Any) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self._ask(Question.of("group", group=self.name)))

    @property
    def sid(self) -> str:
        return cast(str, self._value("sid"))

    @property
    def members(self) -> list[str]:
        """Names as Windows says them: MASTER\\participant."""
        return [member["name"] for member in self._value("members")]


@dataclass(frozen=True, repr=False)
class Package(Thing):
    """host.package("7-Zip*"): an entry of "Apps & features", by its name there; * and ? are wildcards."""

    def _answer(self, **more: Any) -> Mapping[str, Any]:
        entries = self._ask(Question.of("software"))["entries"]
        found = [entry for entry in entries if _like(entry["name"], self.name)]
        version = found[0]["version"] if found else ""
        return {"exists": bool(found), "names": [entry["name"] for entry in found], "version": version}

    @property
    def is_installed(self) -> bool:
        return self.exists

    @property
    def version(self) -> str:
        """Of the first that fits."""
        return cast(str, self._value("version"))

    @property
    def names(self) -> list[str]:
        """Of all that fit."""
        return cast(list[str], self._value("names"))


@dataclass(frozen=True)
class RegistryKey:
    """host.registry(r"HKLM\\SOFTWARE\\X"); view 32 sees what 32-bit programs see."""

    _ask: Ask
    key: str
    view: int = 64

    @property
    def exists(self) -> bool:
        return cast(bool, self._of("")["key_exists"])

    def has(self, name: str) -> bool:
        """Whether there is a value of this name; "" is the key's default."""
        return cast(bool, self._of(name)["exists"])

    def value(self, name: str) -> Any:
        """The data as it lies there: text with its %variables%, a number, a list of texts, bytes as hexadecimal."""
        return self._present(name)["data"]

    def kind(self, name: str) -> str:
        """String, ExpandString, DWord, QWord, MultiString or Binary."""
        return cast(str, self._present(name)["kind"])

    def _present(self, name: str) -> Mapping[str, Any]:
        __tracebackhide__ = True
        answer = self._of(name)
        assert answer["exists"], f"{self!r} has no value {name!r}"
        return answer

    def _of(self, name: str) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], self._ask(Question.of("registry", key=self.key, name=name, view=self.view)))

    def __repr__(self) -> str:
        return f"<registry {self.key}>"


@dataclass(frozen=True)
class Environment:
    """host.environment(): the variables of a new process of the participant. host.environment.path: PATH as a list."""

    _ask: Ask

    def __call__(self) -> Mapping[str, str]:
        variables = self._ask(Question.of("environment"))["variables"]
        return cast(Mapping[str, str], variables) if isinstance(variables, Anything) else CaseInsensitiveDict(variables)

    @property
    def path(self) -> list[str]:
        text = self()["Path"]
        return [part for part in text.split(";") if part]


@dataclass(frozen=True, repr=False)
class FirewallRule(Thing):
    """host.firewall_rule("orthanc-tcp-8042"): the inbound rules for certain ports that have this display name."""

    def _answer(self, **more: Any) -> Mapping[str, Any]:
        rules = self._ask(Question.of("rules", name=self.name))["rules"]
        if isinstance(rules, Anything):
            return cast(Mapping[str, Any], rules)
        return {"exists": bool(rules), "enabled": any(rule["enabled"] for rule in rules), "rules": rules}

    @property
    def is_enabled(self) -> bool:
        answer = self._answer()
        return cast(bool, answer["exists"] and answer["enabled"])

    @property
    def action(self) -> str:
        """Allow or Block."""
        return cast(str, self._value("rules")[0]["action"])

    @property
    def ports(self) -> list[str]:
        return [port for rule in self._value("rules") for port in rule["ports"]]


@dataclass(frozen=True)
class Firewall:
    """host.firewall.allows(8042)"""

    _ask: Ask

    def allows(self, port: int, protocol: str = "tcp") -> bool:
        """Whether a rule that is on lets the port in, and none that is on blocks it."""
        rules = self._ask(Question.of("rules", port=port, protocol=protocol.upper()))["rules"]
        if isinstance(rules, Anything):
            return cast(bool, rules)
        actions = {rule["action"] for rule in rules if rule["enabled"]}
        return "Allow" in actions and "Block" not in actions


@dataclass(frozen=True)
class Socket:
    """host.socket("tcp://8042") or tcp://ADDRESS:PORT, as testinfra writes it. TCP only."""

    _ask: Ask
    spec: str

    @property
    def is_listening(self) -> bool:
        """On that address, or on all; without an address, on any."""
        address, port = self._parts()
        every = ("0.0.0.0", "::")
        return any(
            one["port"] == port and (address is None or one["address"] == address or one["address"] in every)
            for one in self._sockets()
        )

    @property
    def process(self) -> str:
        """Name of the process that listens there."""
        __tracebackhide__ = True
        _, port = self._parts()
        found = [one["process"] for one in self._sockets() if one["port"] == port]
        assert found, f"{self!r}: nobody listens"
        return cast(str, found[0])

    def _parts(self) -> tuple[str | None, int]:
        match = re.fullmatch(r"tcp://(?:(.+):)?(\d+)", self.spec)
        if match is None:
            raise ValueError(f"{self.spec}: write tcp://PORT or tcp://ADDRESS:PORT")
        return match[1], int(match[2])

    def _sockets(self) -> Any:
        return self._ask(Question.of("sockets"))["sockets"]

    def __repr__(self) -> str:
        return f"<socket {self.spec}>"


@dataclass(frozen=True)
class Processes:
    """host.process.filter(name="orthanc.exe"), host.process.get(pid=4). Keys: name, pid, parent, path, command_line."""

    _ask: Ask

    def filter(self, **wanted: Any) -> list[Mapping[str, Any]]:
        processes = self._ask(Question.of("processes"))["processes"]
        return [one for one in processes if all(_same(one[key], value) for key, value in wanted.items())]

    def get(self, **wanted: Any) -> Mapping[str, Any]:
        """The one that fits. Raises RuntimeError if it is none, or several."""
        found = self.filter(**wanted)
        if len(found) != 1:
            raise RuntimeError(f"{len(found)} processes fit {wanted}")
        return found[0]


def _plain(value: Any, meanwhile: Any) -> Any:
    """The value, or for the time of the first pass what lets a test go on."""
    return meanwhile if isinstance(value, Anything) else value


def _like(text: Any, pattern: str) -> bool:
    return cast(bool, text) if isinstance(text, Anything) else fnmatch.fnmatchcase(text.lower(), pattern.lower())


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(found, str) and isinstance(wanted, str):
        return ntpath.normcase(found) == ntpath.normcase(wanted)
    return bool(found == wanted)
