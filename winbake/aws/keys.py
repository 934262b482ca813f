"""The key pair that opens Administrator's password: made once, its private half in a file of this user alone."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
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

    def __init__(
        self,
        session: AwsSession,
        image: str,
        name: str | None,
        folder: Path,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        """name: an own key pair of the user; None: one named after the image, which winbake makes."""
        self._session = session
        self._image = image
        self._tell = tell
        self.own = name is None
        self.name = name or f"winbake-{image}"
        self.file = folder / f"{self.name}.{session.region}.pem"

    def ensure(self) -> str:
        """The name of the pair, which AWS has and whose private half lies in the file. Raises AwsError."""
        there = self._there()
        if there is not None and self.file.is_file():
            return self.name
        if there is None and not self.own:
            raise AwsError(f"there is no key pair {self.name} in {self._session.region}", "look at aws.key_pair")
        if there is not None:
            self._delete_useless(there)
        try:
            material = self._create()
        except AwsError as error:
            # boto3 asks again by itself where an answer is lost, and hears that the pair is there already.
            there = self._there() if error.code == "InvalidKeyPair.Duplicate" else None
            if there is None:
                raise
            self._delete_useless(there)
            material = self._create()
        self._keep(material)
        return self.name

    def _there(self) -> dict[str, Any] | None:
        with in_words():
            wanted = [{"Name": "key-name", "Values": [self.name]}]
            found: list[dict[str, Any]] = self._session.client("ec2").describe_key_pairs(Filters=wanted)["KeyPairs"]
        return found[0] if found else None

    def _create(self) -> str:
        with in_words():
            made = self._session.client("ec2").create_key_pair(
                KeyName=self.name,
                KeyType="rsa",  # Windows takes no other kind
                TagSpecifications=tags.specifications(["key-pair"], self._image, tags.KEY, self.name),
            )
        return str(made["KeyMaterial"])

    def _delete_useless(self, there: dict[str, Any]) -> None:
        """AWS tells the private half once: a pair of ours whose answer was lost opens nothing, and is made anew.

        Raises AwsError if it is not ours, or an instance was launched with it: then the file must be somewhere.
        """
        missing = f"AWS has the key pair {self.name}, but its private half is not in {self.file}"
        found = tags.as_dict(there.get("Tags"))
        if not self.own or (found.get(tags.IMAGE), found.get(tags.ROLE)) != (self._image, tags.KEY):
            raise AwsError(missing, f"copy it there, or delete the key pair in EC2 if nothing uses it ({self.name})")
        if used := self._used_by():
            raise AwsError(
                f"{missing}, and {', '.join(used[:3])} {'was' if len(used) == 1 else 'were'} launched with it",
                "copy the file from the computer that launched it; or bake.py teardown removes both: begin anew",
            )
        with in_words():
            self._session.client("ec2").delete_key_pair(KeyName=self.name)
        self._tell(f"the key pair {self.name} had no file here and no instance: it is made anew")

    def _used_by(self) -> list[str]:
        """Instances of anybody that were launched with it and are not gone."""
        wanted = [
            {"Name": "key-name", "Values": [self.name]},
            {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]},
        ]
        with in_words():
            pages = self._session.client("ec2").get_paginator("describe_instances").paginate(Filters=wanted)
            return [str(i["InstanceId"]) for page in pages for r in page["Reservations"] for i in r["Instances"]]

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
