"""A value that must not be seen: it masks itself wherever text is made of it."""

from __future__ import annotations

from typing import Any

MASK = "********"


class Secret:
    """A password or key. `reveal()` is the only way to the text, and easy to search for.

    str, repr, format, JSON (through pydantic) and pickling give the mask or refuse.
    """

    __slots__ = ("__text", "origin")

    def __init__(self, text: str, origin: str = "") -> None:
        """`origin`: the environment variable that the text comes from, for messages; empty if it is another place."""
        self.__text = text
        self.origin = origin

    def reveal(self) -> str:
        return self.__text

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __len__(self) -> int:
        """For conditions such as `password | length > 0`, which must mean the same under Ansible."""
        return len(self.__text)

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__text

    def __hash__(self) -> int:
        return hash(("Secret", self.__text))

    def __reduce__(self) -> Any:
        raise TypeError("a Secret is not pickled")


def masked(text: str, secrets: list[Secret]) -> str:
    """`text` with every secret in it replaced by the mask (for what other programs print)."""
    for secret in secrets:
        if secret.reveal():
            text = text.replace(secret.reveal(), MASK)
    return text
