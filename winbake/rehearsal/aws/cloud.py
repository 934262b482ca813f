"""An AWS on loopback: moto's server with the rehearsal's own rules before it and Windows hosts behind its instances.

    with Cloud(speed=60) as cloud:
        os.environ |= cloud.environment()      # boto3 of this process talks to it
        boto3.client("ec2").run_instances(…)   # 172.31.15.7 answers at 127.31.15.7

moto keeps the records; what AWS does and moto does not stands in rules.py (refusals, client tokens), machines.py (the
life of instances and images, and the hosts behind them) and answers.py (parameters, prices, passwords).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from werkzeug.serving import BaseWSGIServer, make_server

from winbake.rehearsal.aws import answers, imaging, rules
from winbake.rehearsal.aws.faults import CloudFaults
from winbake.rehearsal.aws.machines import Machines
from winbake.rehearsal.aws.query import Answer, Call, error, read_call
from winbake.rehearsal.lab import totals
from winbake.rehearsal.loopback import TakenNetwork
from winbake.rehearsal.standins.mirror import Mirror
from winbake.rehearsal.standins.model import load_standins

REGION = "eu-central-1"


class AnswerLost(Exception):
    """Raised by `after_call` for a call of EC2: it has been carried out, and its caller hears of an internal error."""


class Cloud:
    """Everything from `start` to `stop`. speed: how much faster than real time its clocks run."""

    def __init__(
        self, speed: float = 60.0, *, standins: Iterable[Path] = (), region: str = REGION, release: str = "2022"
    ) -> None:
        os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # its own ones are of 2017
        self.region = region
        self.mirror = Mirror(load_standins(standins))
        self.faults = CloudFaults()
        self.calls: list[Call] = []
        """Every call, in order."""
        self.after_call: Callable[[Call], None] = lambda call: None
        """For drills: runs when a call has been carried out and before its caller is answered."""
        self.machines = Machines(self, speed, release)
        self.tokens: dict[tuple[str, str], tuple[str, Answer]] = {}
        """Client token → what was asked with it, and the answer."""
        self._server: BaseWSGIServer | None = None
        self._moto: Callable[..., Iterable[bytes]] | None = None
        self._lock = threading.RLock()
        self.network = ""
        """The first two numbers of its hosts' addresses, while it runs."""
        self._mark: TakenNetwork | None = None

    # Life.

    def start(self) -> Self:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app

        self._mark = TakenNetwork()
        self.network = self._mark.prefix
        self.mirror.start()
        self._moto = DomainDispatcherApplication(create_backend_app)
        handler = _quiet(MotoRequestHandler)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=handler)
        self.machines.begin()
        threading.Thread(target=self._server.serve_forever, name="rehearsal AWS", daemon=True).start()
        return self

    def stop(self) -> None:
        self.machines.end()  # first: a host that starts meanwhile asks for the server's port
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self.mirror.stop()
        if self._mark is not None:
            self._mark.close()

    def address_of(self, private: str) -> str:
        """Where the host of a private address answers: 172.31.15.7 at 127.31.15.7."""
        return f"{self.network}.{private.split('.', 2)[2]}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        assert self._server is not None, "start() it first"
        return int(self._server.server_port)

    def environment(self) -> dict[str, str]:
        """What a process needs to take this for AWS. The login is worth nothing elsewhere."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "rehearsal",
            "AWS_SECRET_ACCESS_KEY": "rehearsal",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "WINBAKE_REHEARSAL_NETWORK": self.network,
        }

    @property
    def speed(self) -> float:
        """How much faster than real time its clocks and its hosts' clocks run."""
        return self.machines.speed

    def counters(self) -> dict[str, int]:
        """Totals over all hosts there ever were, as Lab.counters; and `aws_calls`."""
        return totals(self.machines.endpoints) | {"aws_calls": len(self.calls)}

    # One call.

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        call = read_call(environ)
        with self._lock:
            self.calls.append(call)
        given = self.faults.answer(call) or answers.answer(self, call)
        if given is None and call.service == "ec2":
            given = self._ec2(environ, call)
        assert self._moto is not None
        body = self._moto(environ, start_response) if given is None else [given.body]
        try:
            self.after_call(call)
        except AnswerLost:
            given = error("InternalError", "An internal error has occurred", 500)
            body = [given.body]
        if given is not None:
            headers = [("Content-Type", given.content_type), ("Content-Length", str(len(given.body)))]
            start_response(f"{given.status} {'OK' if given.status < 400 else 'Bad Request'}", headers)
        return body

    def _ec2(self, environ: dict[str, Any], call: Call) -> Answer:
        """Lets moto do it, then lets the machines follow what it did."""
        with self._lock:  # two launches at once must see each other's addresses
            known = rules.refuse(self, call) or imaging.answer(self.machines, call)
            if known is not None:
                return known
            answer = self._ask_moto(imaging.for_moto(environ, call))
            if answer.status >= 500:
                return error("InternalError", f"moto, behind the rehearsal's AWS, fails at {call.action}", 500)
            if answer.status < 400:
                answer = self.machines.follow(call, answer)
                rules.remember(self, call, answer)
            return answer

    def _ask_moto(self, environ: dict[str, Any]) -> Answer:
        assert self._moto is not None
        said: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], None]:
            said[:] = [status, headers]
            return lambda data: None

        body = b"".join(self._moto(environ, start))
        status, headers = said
        kind = next((value for name, value in headers if name.lower() == "content-type"), "text/xml")
        return Answer(int(status.split()[0]), body, kind)


def _quiet(handler: type) -> type:
    """The request handler without a line on standard error for every request."""
    return type("QuietHandler", (handler,), {"log_request": lambda *_: None})
