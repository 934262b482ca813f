"""One login to AWS: boto3's own search for credentials, clients with retries, errors in words."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from winbake import __version__
from winbake.aws.errors import in_words

TRIES = 10
_S3: dict[str, Any] = {
    "signature_version": "s3v4",
    "s3": {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
}


class AwsSession:
    """Clients of one account and region. `profile` and `region`: None takes what the environment names.

    Endpoints are boto3's: AWS_ENDPOINT_URL sends every call elsewhere, to the rehearsal's AWS for one.
    """

    def __init__(self, region: str | None = None, profile: str | None = None) -> None:
        with in_words():
            self._session = boto3.Session(region_name=region, profile_name=profile)
        self._clients: dict[str, Any] = {}

    @property
    def region(self) -> str | None:
        name = self._session.region_name
        return None if name is None else str(name)

    def client(self, service: str) -> Any:
        """The boto3 client of a service; its calls raise botocore's errors: put them into `in_words`."""
        if service not in self._clients:
            # S3's own region in signed addresses: the global name answers with a redirect that breaks the signature.
            config = Config(
                retries={"mode": "standard", "total_max_attempts": TRIES},
                user_agent_extra=f"winbake/{__version__}",
                connect_timeout=10,
                **(_S3 if service == "s3" else {}),
            )
            with in_words():
                self._clients[service] = self._session.client(service, config=config)
        return self._clients[service]
