"""Hashes, keyed hashes and random bytes of System.Security.Cryptography."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from winbake.rehearsal.powershell.dotnet.byte_arrays import byte_array, bytes_of
from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method, setter, static, static_getter
from winbake.rehearsal.powershell.dotnet.streams import NetStream
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, disposed, out_of_range
from winbake.rehearsal.powershell.errors import NetError
from winbake.rehearsal.powershell.types import NetType, get_type
from winbake.rehearsal.powershell.values import NetObject, PSArray

NAMESPACE = "System.Security.Cryptography."
HASH = NAMESPACE + "HashAlgorithm"
RANDOM = NAMESPACE + "RandomNumberGenerator"
_CREATED = {
    "MD5": "MD5CryptoServiceProvider",
    "SHA1": "SHA1CryptoServiceProvider",
    "SHA256": "SHA256Managed",
    "SHA384": "SHA384Managed",
    "SHA512": "SHA512Managed",
    "RIPEMD160": "RIPEMD160Managed",
}
"""What Create() of each algorithm makes."""
_BLOCK_BYTES = {"SHA384": 128, "SHA512": 128}


class HashAlgorithm(NetObject):
    """One hash computation after another. `key` is set for the HMAC types."""

    def __init__(self, algorithm: str, class_name: str, key: bytes | None = None) -> None:
        self.net_type: NetType = get_type(NAMESPACE + class_name)
        self.algorithm = algorithm
        self.key = key
        self.hash: bytes | None = None
        self.closed = False
        self.reset()

    def reset(self) -> None:
        name = self.algorithm.lower()
        self._state: Any = hashlib.new(name) if self.key is None else hmac.new(self.key, digestmod=name)
        self.started = False

    @property
    def size(self) -> int:
        """Bytes of the hash."""
        return int(self._state.digest_size)

    def update(self, data: bytes) -> None:
        if self.closed:
            raise disposed(None)
        self.started = True
        self._state.update(data)

    def finish(self) -> bytes:
        self.hash = bytes(self._state.digest())
        self.reset()
        return self.hash


def _register_algorithm(algorithm: str) -> None:
    created = _CREATED[algorithm]
    for suffix in ("Managed", "CryptoServiceProvider", "Cng"):
        constructor(f"{NAMESPACE}{algorithm}{suffix}")(
            lambda name=f"{algorithm}{suffix}": HashAlgorithm(algorithm, name)
        )
    static(NAMESPACE + algorithm, "Create", "")(lambda: HashAlgorithm(algorithm, created))
    static(NAMESPACE + algorithm, "Create", "String")(create_by_name)

    @constructor(f"{NAMESPACE}HMAC{algorithm}")
    def new_keyed(key: PSArray | None = None, *rest: Any) -> HashAlgorithm:
        block = _BLOCK_BYTES.get(algorithm, 64)
        secret = bytes_of(key) if key is not None else secrets.token_bytes(block)
        return HashAlgorithm(algorithm, f"HMAC{algorithm}", secret)


@static(HASH, "Create", "String")
def create_by_name(name: str | None) -> HashAlgorithm | None:
    if name is None:
        raise argument_null("name")
    short = name.rpartition(".")[2].upper().replace("-", "")
    for algorithm, created in _CREATED.items():
        if short in (algorithm, created.upper()):
            return HashAlgorithm(algorithm, created)
    if short == "SHA":
        return create_default()
    return None


@static(HASH, "Create", "")
def create_default() -> HashAlgorithm:
    return HashAlgorithm("SHA1", "SHA1CryptoServiceProvider")


for _algorithm in _CREATED:
    _register_algorithm(_algorithm)


@method(HASH, "ComputeHash", "Byte[]")
@method(HASH, "ComputeHash", "Byte[], Int32, Int32")
def compute_hash(value: HashAlgorithm, data: PSArray | None, offset: int = 0, count: int | None = None) -> PSArray:
    if data is None:
        raise argument_null("buffer")
    value.update(_slice(data, offset, len(data) - offset if count is None else count))
    return byte_array(value.finish())


@method(HASH, "ComputeHash", "Stream")
def compute_hash_of_stream(value: HashAlgorithm, stream: NetStream | None) -> PSArray:
    if stream is None:
        raise NetError("System.NullReferenceException", "Object reference not set to an instance of an object.")
    value.update(b"")
    while chunk := stream.read(4096):
        value.update(chunk)
    return byte_array(value.finish())


@method(HASH, "TransformBlock")
def transform_block(
    value: HashAlgorithm, data: PSArray | None, offset: int, count: int, target: PSArray | None, target_offset: int
) -> int:
    if data is None:
        raise argument_null("inputBuffer")
    block = _slice(data, offset, count)
    value.update(block)
    if target is not None:
        target.items[target_offset : target_offset + count] = byte_array(block).items
    return count


@method(HASH, "TransformFinalBlock")
def transform_final_block(value: HashAlgorithm, data: PSArray | None, offset: int, count: int) -> PSArray:
    if data is None:
        raise argument_null("inputBuffer")
    block = _slice(data, offset, count)
    value.update(block)
    value.finish()
    return byte_array(block)


def _slice(data: PSArray, offset: int, count: int) -> bytes:
    if offset < 0:
        raise out_of_range("inputOffset", "Non-negative number required.")
    if count < 0 or count > len(data):
        raise argument("Value was invalid.")
    if offset + count > len(data):
        raise argument(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from "
            "index to the end of the source collection."
        )
    return bytes(data.items[offset : offset + count])


@method(HASH, "Initialize")
def initialize(value: HashAlgorithm) -> None:
    value.reset()


@method(HASH, "Clear")
@method(HASH, "Dispose")
def dispose(value: HashAlgorithm) -> None:
    value.closed = True


@getter(HASH, "Hash")
def hash_value(value: HashAlgorithm) -> PSArray | None:
    if value.closed:
        raise disposed(None)
    if value.started:
        raise NetError(
            NAMESPACE + "CryptographicUnexpectedOperationException",
            "Hash must be finalized before the hash value is retrieved.",
        )
    return None if value.hash is None else byte_array(value.hash)


@getter(HASH, "HashSize")
def hash_size(value: HashAlgorithm) -> int:
    return value.size * 8


@getter(HASH, "CanReuseTransform")
@getter(HASH, "CanTransformMultipleBlocks")
def always(value: HashAlgorithm) -> bool:
    return True


@getter(NAMESPACE + "KeyedHashAlgorithm", "Key")
@getter(NAMESPACE + "HMAC", "Key")
def key(value: HashAlgorithm) -> PSArray:
    return byte_array(value.key or b"")


@setter(NAMESPACE + "KeyedHashAlgorithm", "Key")
@setter(NAMESPACE + "HMAC", "Key")
def set_key(value: HashAlgorithm, array: PSArray) -> None:
    if value.started:
        raise NetError(
            NAMESPACE + "CryptographicException", "Hash key cannot be changed after the first write to the stream."
        )
    value.key = bytes_of(array)
    value.reset()


@getter(NAMESPACE + "HMAC", "HashName")
def hash_name(value: HashAlgorithm) -> str:
    return value.algorithm


# ---- random bytes -----------------------------------------------------------------------------------------


class RandomNumberGenerator(NetObject):
    net_type_name = NAMESPACE + "RNGCryptoServiceProvider"


@constructor(NAMESPACE + "RNGCryptoServiceProvider", "")
@static(RANDOM, "Create")
def new_generator(name: str | None = None) -> RandomNumberGenerator:
    return RandomNumberGenerator()


@method(RANDOM, "GetBytes")
def get_bytes(value: RandomNumberGenerator, data: PSArray | None, offset: int = 0, count: int | None = None) -> None:
    if data is None:
        raise argument_null("data")
    length = len(data) - offset if count is None else count
    data.items[offset : offset + length] = byte_array(secrets.token_bytes(length)).items


@method(RANDOM, "GetNonZeroBytes")
def get_non_zero_bytes(value: RandomNumberGenerator, data: PSArray | None) -> None:
    if data is None:
        raise argument_null("data")
    data.items[:] = byte_array(1 + secrets.randbelow(255) for _ in data.items).items


@method(RANDOM, "Dispose")
def dispose_generator(value: RandomNumberGenerator) -> None:
    pass


class HashAlgorithmName(NetObject):
    net_type_name = NAMESPACE + "HashAlgorithmName"

    def __init__(self, name: str | None) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HashAlgorithmName) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


constructor(NAMESPACE + "HashAlgorithmName")(HashAlgorithmName)
for _algorithm in ("MD5", "SHA1", "SHA256", "SHA384", "SHA512"):
    static_getter(NAMESPACE + "HashAlgorithmName", _algorithm)(lambda name=_algorithm: HashAlgorithmName(name))


@getter(NAMESPACE + "HashAlgorithmName", "Name")
def algorithm_name(value: HashAlgorithmName) -> str | None:
    return value.name


@method(NAMESPACE + "HashAlgorithmName", "ToString")
def algorithm_name_text(value: HashAlgorithmName) -> str:
    return value.name or ""
