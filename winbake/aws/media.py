"""Files of this machine offered to a host through an S3 bucket, by an address that is good for some hours.

The bucket needs no public access: the address is signed with the instructor's own login, and expires. Objects are
named by their sha256, so that a file is uploaded once for any number of hosts and runs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from s3transfer.manager import TransferManager
from s3transfer.subscribers import BaseSubscriber

from winbake.aws.errors import AwsError, in_words
from winbake.aws.session import AwsSession
from winbake.config.secret import Secret
from winbake.engine.sending import Offer
from winbake.hosts.transfer import LocalFile

PREFIX = "winbake/media"
HOURS = 6


class S3MediaStore:
    """A `MediaStore` in a bucket."""

    def __init__(self, session: AwsSession, bucket: str) -> None:
        self._session = session
        self._bucket = bucket

    def offer(self, file: LocalFile, on_bytes: Callable[[int], None]) -> Offer:
        """Uploads the file unless its like is there, and signs an address for it. Raises AwsError."""
        key = f"{PREFIX}/{file.sha256}/{file.path.name}"
        place = {"Bucket": self._bucket, "Key": key}
        try:
            with in_words():
                client = self._session.client("s3")
                there = self._is_there(client, place, file)
                if not there:
                    self._upload(client, place, file, on_bytes)
                parameters = {"Params": place, "ExpiresIn": HOURS * 3600}
                url = str(client.generate_presigned_url("get_object", **parameters))
        except AwsError as error:
            next_step = "or take winbake_media_bucket out of the inventory: then media go through WinRM, more slowly"
            joined = f"{error.next_step}; {next_step}" if error.next_step else next_step.removeprefix("or ")
            raise AwsError(f"bucket {self._bucket}: {error.what}", joined, error.code) from error
        return Offer(Secret(url), f"s3://{self._bucket}/{key}", there)

    def _is_there(self, client: Any, place: dict[str, str], file: LocalFile) -> bool:
        try:
            head = client.head_object(**place)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NotFound"):
                return False
            raise
        return int(head["ContentLength"]) == file.size

    def _upload(self, client: Any, place: dict[str, str], file: LocalFile, on_bytes: Callable[[int], None]) -> None:
        """Tells of the bytes on this thread: an error of `on_bytes` ends the upload, where boto3 would try again."""
        count = _Count()
        with TransferManager(client) as transfers:
            upload = transfers.upload(str(file.path), place["Bucket"], place["Key"], subscribers=[count])
            try:
                while not upload.done():
                    time.sleep(0.1)
                    on_bytes(count.sent)
            except BaseException:
                upload.cancel()
                raise
            upload.result()


class _Count(BaseSubscriber):  # type: ignore[misc]
    """How many bytes went up. Called by several threads, and told of bytes that are taken back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.sent = 0

    def on_progress(self, future: Any, bytes_transferred: int, **_: Any) -> None:
        with self._lock:
            self.sent += bytes_transferred
