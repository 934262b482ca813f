"""One login to AWS: boto3's own search for credentials, clients with retries, errors in words."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader, create_loader

from winbake import __version__
from winbake.aws.errors import AwsError, in_words
from winbake.config.classroom import Aws

TRIES = 10
_REHEARSAL_LIMIT = 90.0
_S3: dict[str, Any] = {
    "signature_version": "s3v4",
    "s3": {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
}


@cache
def _descriptions(data_path: str | None) -> Loader:
    """botocore's descriptions of the services: half a second of JSON for EC2, so read once, also for several logins."""
    return create_loader(data_path)


class AwsSession:
    """Clients of one account and region. `profile` and `region`: None takes what the environment names.

    Endpoints are boto3's: AWS_ENDPOINT_URL sends every call elsewhere, to the rehearsal's AWS for one.
    """

    def __init__(self, region: str | None = None, profile: str | None = None) -> None:
        with in_words():
            base = botocore.session.get_session()
            if profile is not None:
                base.set_config_variable("profile", profile)
            base.register_component("data_loader", _descriptions(base.get_config_variable("data_path")))
            self._session = boto3.Session(region_name=region, profile_name=profile, botocore_session=base)
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._lock = threading.Lock()
        self.cancelled = threading.Event()
        """Set: who waits for AWS gives up at its next look."""
        self.clock_speed: float | None = None
        """How fast the rehearsal's clocks run, for who measures: waits and limits are then seconds of theirs."""

    @classmethod
    def of(cls, aws: Aws) -> AwsSession:
        """The login that the manifest names."""
        return cls(aws.region, aws.profile)

    def shown(self, place: str | None = None) -> str:
        """A place in AWS for people, by default the region: that it is the rehearsal's is always said."""
        return f"{place or self.region}{', the rehearsal on this machine' if self.rehearsal else ''}"

    @property
    def region(self) -> str | None:
        name = self._session.region_name
        return None if name is None else str(name)

    @property
    def rehearsal(self) -> bool:
        """Whether calls go to an AWS on this machine: the rehearsal's."""
        address = urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname or ""
        return address.startswith("127.") or address == "localhost"

    def looks(self, limit: float, every: float) -> Iterator[float]:
        """For who waits for AWS: gives the seconds waited so far, again and again, and ends once `limit` is over.

        At least one look. The rehearsal's clocks run faster: it is looked at more often, and what takes longer than a
        minute or so there will not come. Raises AwsError once `cancelled`.
        """
        began = time.monotonic()
        most = limit
        if self.rehearsal:
            most = limit / self.clock_speed if self.clock_speed else min(limit, _REHEARSAL_LIMIT)
        while True:
            waited = time.monotonic() - began
            yield waited
            if time.monotonic() - began > most:
                return
            time.sleep(self.pause(every))

    def pause(self, seconds: float) -> float:
        """How long to wait between two looks. Raises AwsError once `cancelled`."""
        self.check()
        if not self.rehearsal:
            return seconds
        return seconds / self.clock_speed if self.clock_speed else min(seconds, 0.1)

    def check(self) -> None:
        """Raises AwsError once `cancelled`."""
        if self.cancelled.is_set():
            raise AwsError("interrupted; what was launched stays", "run the same command again: it goes on from there")

    def client(self, service: str, region: str | None = None) -> Any:
        """The boto3 client of a service; its calls raise botocore's errors: put them into `in_words`. Thread-safe."""
        with self._lock:
            return self._client(service, region)

    def _client(self, service: str, region: str | None) -> Any:
        key = (service, region)
        if key not in self._clients:
            # S3's own region in signed addresses: the global name answers with a redirect that breaks the signature.
            config = Config(
                retries={"mode": "standard", "total_max_attempts": TRIES},
                user_agent_extra=f"winbake/{__version__}",
                connect_timeout=10,
                max_pool_connections=50,
                **(_S3 if service == "s3" else {}),
            )
            with in_words():
                self._clients[key] = self._session.client(service, region_name=region, config=config)
        return self._clients[key]
