"""Reads everything that the resources ask for, in one call."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from winbake.engine.errors import FactsFailed
from winbake.engine.protocol import converse
from winbake.engine.update_codes import with_words
from winbake.hosts.session import AgentSession
from winbake.resources.model import Query, Resource
from winbake.resources.state import State, state_from_facts

SYSTEM = Query("system")
_PASSING = ("now", "boot_time", "free_bytes", "pending_reboot", "logon_ready", "servicing")
"""What changes on a host by itself: not part of its fingerprint."""

FACT_NAMES = frozenset(
    {"ansible_facts", "ansible_hostname", "ansible_os_name", "ansible_distribution", "ansible_distribution_version"}
)


@dataclass(frozen=True)
class Facts:
    """The answers as they came, the state made of them, and how long it took in seconds."""

    answers: Mapping[Query, Any]
    state: State
    seconds: float

    def fingerprints(self) -> dict[str, str]:
        """Query → a hash of its answer, without what passes by itself."""
        out = {}
        for query, answer in self.answers.items():
            if query.kind == "system":
                answer = {k: v for k, v in answer.items() if k not in _PASSING}
            text = json.dumps(_ordered(answer), sort_keys=True, ensure_ascii=False)
            out[query.key] = hashlib.sha256(text.encode()).hexdigest()[:16]
        return out

    def variables(self) -> dict[str, Any]:
        """What a `when` may use, by Ansible's names."""
        system = self.state.system
        facts = {
            "hostname": system.computer,
            "os_name": system.os,
            "distribution": system.os,
            "distribution_version": f"10.0.{system.build}.0",
        }
        return {"ansible_facts": facts, **{f"ansible_{name}": value for name, value in facts.items()}}


def queries_of(resources: Iterable[Resource]) -> list[Query]:
    """Each query once, the system's first."""
    return list(dict.fromkeys([SYSTEM, *(query for resource in resources for query in resource.queries())]))


def read_facts(session: AgentSession, resources: Iterable[Resource], limit_seconds: float = 300) -> Facts:
    """One call. Raises FactsFailed naming what could not be read, and the connection's errors.

    limit_seconds: for all queries but those that ask for more patience.
    """
    started = time.monotonic()
    queries = queries_of(resources)
    numbered = {f"q{index}": query for index, query in enumerate(queries)}
    talk = converse(
        session,
        [{"id": i, "kind": q.kind, "arguments": dict(q.arguments)} for i, q in numbered.items()],
        limit_seconds=limit_seconds + sum(query.patience for query in queries),
    )
    answers: dict[Query, Any] = {}
    failures = []
    for event in talk.events:
        query = numbered.get(str(event.get("id")))
        if query is None:
            continue
        if event["event"] == "fact":
            answers[query] = event["answer"]
        elif event["event"] == "fact_failed":
            failures.append(f"{query_words(query)}: {with_words(event['message'])}")
    missing = [query_words(q) for q in queries if q not in answers]
    if failures or missing:
        text = "; ".join(failures) or f"no answer for {', '.join(missing[:5])}"
        raise FactsFailed(f"not everything could be read: {text}", "python bake.py doctor")
    return Facts(answers, state_from_facts(answers.items()), time.monotonic() - started)


def query_words(query: Query) -> str:
    """`registry_value HKLM\\…\\IsInstalled`, for messages."""
    arguments = query.arguments
    parts = [str(arguments[k]) for k in ("key", "name", "path", "pattern") if arguments.get(k)]
    if "argv" in arguments:
        parts = [" ".join(arguments["argv"])]
    return " ".join([query.kind, "\\".join(parts)]).strip()


def _ordered(answer: Any) -> Any:
    """Lists of entries in an order that does not depend on how the host enumerates them."""
    if isinstance(answer, list) and all(isinstance(item, dict) for item in answer):
        return sorted(answer, key=lambda item: json.dumps(item, sort_keys=True))
    return answer
