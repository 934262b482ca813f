"""Files of this machine offered to a host through an S3 bucket, by an address that is good for some hours.

The bucket needs no public access: the address is signed with the instructor's own login, and expires. Objects are
named by their sha256, so that a file is uploaded once for any number of hosts and runs.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from botocore.exceptions import ClientError
from s3transfer.manager import TransferManager
from s3transfer.subscribers import BaseSubscriber

from winbake.aws.errors import AwsError, in_words
from winbake.aws.holdings import Holding, Kind
from winbake.aws.session import AwsSession
from winbake.aws.untagged import Left
from winbake.config.secret import Secret
from winbake.engine.sending import Offer
from winbake.hosts.transfer import LocalFile

PREFIX = "winbake/media"
HOURS = 6
_OBJECT = re.compile(rf"{PREFIX}/[0-9a-f]{{64}}/[^/]+")
_OBJECTS_AT_ONCE = 1000
"""What one call of S3 deletes at most."""


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


class MediaShelf:
    """What the bucket holds of the media, for a teardown. Nothing beside what `offer` names so."""

    kind = Kind.MEDIA

    def __init__(self, session: AwsSession, bucket: str) -> None:
        self._session = session
        self._bucket = bucket

    def holdings(self) -> list[Holding]:
        """Raises AwsError."""
        with in_words():
            pages = self._session.client("s3").get_paginator("list_objects_v2")
            objects = [one for page in pages.paginate(Bucket=self._bucket, Prefix=f"{PREFIX}/")
                       for one in page.get("Contents", [])]  # fmt: skip
        return [
            Holding(
                Kind.MEDIA, str(one["Key"]), str(one["Key"]).rpartition("/")[2], self._session.region or "",
                state=f"{one['Size'] / 1e6:.1f} MB", since=one["LastModified"],
            )
            for one in objects if _OBJECT.fullmatch(one["Key"])
        ]  # fmt: skip

    def delete(self, found: Sequence[Holding]) -> list[Left]:
        """Raises AwsError."""
        left = []
        for first in range(0, len(found), _OBJECTS_AT_ONCE):
            part = {one.id: one for one in found[first : first + _OBJECTS_AT_ONCE]}
            with in_words():
                answer = self._session.client("s3").delete_objects(
                    Bucket=self._bucket, Delete={"Objects": [{"Key": key} for key in part], "Quiet": True}
                )
            left += [
                Left(part[one["Key"]], f"S3 refused: {one.get('Message') or one.get('Code')}", "delete it in S3")
                for one in answer.get("Errors", [])
            ]
        return left


class _Count(BaseSubscriber):  # type: ignore[misc]
    """How many bytes went up. Called by several threads, and told of bytes that are taken back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.sent = 0

    def on_progress(self, future: Any, bytes_transferred: int, **_: Any) -> None:
        with self._lock:
            self.sent += bytes_transferred
