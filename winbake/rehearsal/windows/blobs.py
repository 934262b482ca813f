"""File contents, each kept once by its SHA-256; one store serves every host that was cloned from another."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

EMPTY = hashlib.sha256(b"").hexdigest()


class BlobStore:
    """Contents by digest, in memory."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {EMPTY: b""}
        self._lock = threading.Lock()

    def put(self, data: bytes) -> str:
        """Keep `data`; its digest in lower-case hex."""
        digest = hashlib.sha256(data).hexdigest()
        with self._lock:
            self._blobs.setdefault(digest, bytes(data))
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of a digest ('' is an empty file). Raises KeyError for one that was never kept."""
        return self._blobs[digest] if digest else b""

    def save(self, folder: Path, digests: set[str]) -> None:
        """Write these blobs as files named by their digest; what is there already is left."""
        folder.mkdir(parents=True, exist_ok=True)
        for digest in sorted(digests - {""}):
            target = folder / digest
            if not target.exists():
                target.write_bytes(self._blobs[digest])

    def load(self, folder: Path, digests: set[str]) -> None:
        """Read these blobs from files. Raises OSError for a missing one, ValueError for one that was changed."""
        for digest in sorted(digests - {""}):
            if digest in self._blobs:
                continue
            if self.put((folder / digest).read_bytes()) != digest:
                raise ValueError(f"the blob {folder / digest} does not hold what its name says")
