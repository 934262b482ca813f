"""The key pair that opens Administrator's password: made once, its private half in a file of this user alone."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from winbake.aws import tags
from winbake.aws.errors import AwsError, in_words
from winbake.aws.session import AwsSession
from winbake.config.secret import Secret
from winbake.hosts.certificates import configuration_folder


def keys_folder() -> Path:
    """Where the private halves lie that winbake made."""
    return configuration_folder() / "keys"


class KeyPair:
    """A key pair by name, and the file of its private half. file: None takes the usual place."""

    def __init__(self, session: AwsSession, image: str, name: str | None, folder: Path) -> None:
        """name: an own key pair of the user; None: one named after the image, which winbake makes."""
        self._session = session
        self._image = image
        self.own = name is None
        self.name = name or f"winbake-{image}"
        self.file = folder / f"{self.name}.{session.region}.pem"

    def ensure(self) -> str:
        """The name of the pair, which AWS has and whose private half lies in the file. Raises AwsError."""
        with in_words():
            wanted = [{"Name": "key-name", "Values": [self.name]}]
            there = self._session.client("ec2").describe_key_pairs(Filters=wanted)["KeyPairs"]
        if there and self.file.is_file():
            return self.name
        if there:
            raise AwsError(
                f"AWS has the key pair {self.name}, but its private half is not in {self.file}",
                f"copy it there, or delete the key pair in EC2 if nothing uses it ({self.name})",
            )
        if not self.own:
            raise AwsError(f"there is no key pair {self.name} in {self._session.region}", "look at aws.key_pair")
        with in_words():
            made = self._session.client("ec2").create_key_pair(
                KeyName=self.name,
                KeyType="rsa",  # Windows takes no other kind
                TagSpecifications=tags.specifications(["key-pair"], self._image, tags.KEY, self.name),
            )
        self._keep(made["KeyMaterial"])
        return self.name

    def _keep(self, pem: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.file.unlink(missing_ok=True)
        handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(pem)


class KeyFile:
    """The private half of a key pair, in its file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def password_of(self, session: AwsSession, instance_id: str) -> Secret | None:
        """Administrator's first password; None while Windows has not told it yet. Raises AwsError."""
        with in_words():
            answer = session.client("ec2").get_password_data(InstanceId=instance_id)
        data = str(answer["PasswordData"]).strip()
        if not data:
            return None
        try:
            return Secret(self._private().decrypt(base64.b64decode(data), padding.PKCS1v15()).decode())
        except ValueError as error:
            raise self._wrong() from error

    def _wrong(self) -> AwsError:
        return AwsError(
            f"{self.path} does not hold the private key that the instance was launched with",
            "look at the file, and at aws.key_pair in the manifest",
        )

    def _private(self) -> rsa.RSAPrivateKey:
        try:
            key: Any = load_pem_private_key(self.path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
        except OSError as error:
            raise AwsError(f"{self.path} cannot be read: {error.strerror}", self._wrong().next_step) from error
        except (ValueError, TypeError) as error:
            raise self._wrong() from error
        if not isinstance(key, rsa.RSAPrivateKey):
            raise self._wrong()
        return key
