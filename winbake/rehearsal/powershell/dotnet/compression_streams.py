"""System.IO.Compression.GZipStream and DeflateStream."""

from __future__ import annotations

import zlib
from typing import Any

from winbake.rehearsal.powershell.dotnet.registry import constructor, getter
from winbake.rehearsal.powershell.dotnet.streams import NetStream
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import EnumValue

GZIP, DEFLATE = "System.IO.Compression.GZipStream", "System.IO.Compression.DeflateStream"
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\x00"
"""As the Framework writes it: no name, no time, "fastest", FAT."""


class DeflateStream(NetStream):
    """Compresses into (or decompresses out of) another stream, without a header."""

    net_type_name = DEFLATE

    def __init__(self, base: NetStream, compress: bool, leave_open: bool = False, level: int = 6) -> None:
        super().__init__()
        self.base = base
        self.leave_open = leave_open
        self.can_read = not compress
        self.can_write = compress
        self._compressor = zlib.compressobj(level, zlib.DEFLATED, -15) if compress else None
        self._decompressor: Any = None if compress else self._new_decompressor()
        self._ready = b""
        self._wrote = False

    def _new_decompressor(self) -> Any:
        return zlib.decompressobj(-15)

    def read(self, count: int) -> bytes:
        self._check()
        if self._decompressor is None:
            raise NetError("System.InvalidOperationException", "Reading from the compression stream is not supported.")
        while not self._ready and not self._decompressor.eof:
            chunk = self._decompressor.unconsumed_tail or self.base.read(8192)
            if not chunk:
                break
            self._ready = self._decompress(chunk)
        data, self._ready = self._ready[:count], self._ready[count:]
        return data

    def _decompress(self, chunk: bytes) -> bytes:
        try:
            return bytes(self._decompressor.decompress(chunk))
        except zlib.error as error:
            raise NetError("System.IO.InvalidDataException", self._bad_data(str(error))) from error

    def _bad_data(self, detail: str) -> str:
        return "Block length does not match with its complement."

    def write(self, data: bytes) -> None:
        self._check()
        if self._compressor is None:
            raise NetError("System.InvalidOperationException", "Writing to the compression stream is not supported.")
        if data:
            self._begin()
            self.base.write(self._compressor.compress(data))

    def _begin(self) -> None:
        self._wrote = True

    def _end(self) -> bytes:
        assert self._compressor is not None
        return self._compressor.flush()

    def flush(self) -> None:
        self._check()

    def close(self) -> None:
        if self._compressor is not None and self._wrote:
            self.base.write(self._end())
        if not self.leave_open:
            self.base.close()
        self.closed = True

    def _check(self) -> None:
        if self.closed:
            raise NetError(
                "System.ObjectDisposedException",
                "Cannot access a disposed object.\r\nObject name: 'Cannot access a closed Stream.'.",
            )


class GZipStream(DeflateStream):
    """As DeflateStream, with gzip's header and checksum round the data."""

    net_type_name = GZIP

    def __init__(self, base: NetStream, compress: bool, leave_open: bool = False, level: int = 6) -> None:
        super().__init__(base, compress, leave_open, level)
        self._checksum = 0
        self._size = 0

    def _new_decompressor(self) -> Any:
        return zlib.decompressobj(31)

    def _bad_data(self, detail: str) -> str:
        if "header" in detail:
            return "The magic number in GZip header is not correct. Make sure you are passing in a GZip stream."
        return "The CRC in GZip footer does not match the CRC calculated from the decompressed data."

    def _begin(self) -> None:
        if not self._wrote:
            self.base.write(_GZIP_HEADER)
        self._wrote = True

    def write(self, data: bytes) -> None:
        super().write(data)
        self._checksum = zlib.crc32(data, self._checksum)
        self._size += len(data)

    def _end(self) -> bytes:
        footer = self._checksum.to_bytes(4, "little") + (self._size & 0xFFFFFFFF).to_bytes(4, "little")
        return super()._end() + footer


def _register(type_name: str, kind: type[DeflateStream]) -> None:
    @constructor(type_name)
    def new_stream(stream: NetStream | None, mode: EnumValue, leave_open: bool = False) -> DeflateStream:
        if stream is None:
            raise argument_null("stream")
        if mode.net_type.name == "CompressionLevel":
            return kind(stream, True, leave_open, {0: 6, 1: 1, 2: 0}[mode.value])
        compress = mode.value == 1
        if not (stream.can_write if compress else stream.can_read):
            what = "writing" if compress else "reading"
            raise argument(f"Stream does not support {what}.", "stream")
        return kind(stream, compress, leave_open)

    @getter(type_name, "BaseStream")
    def base_stream(value: DeflateStream) -> NetStream | None:
        return None if value.closed else value.base


_register(DEFLATE, DeflateStream)
_register(GZIP, GZipStream)
