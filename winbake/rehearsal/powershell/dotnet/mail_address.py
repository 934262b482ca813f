"""System.Net.Mail.MailAddress."""

from __future__ import annotations

import re
from typing import Any

from winbake.rehearsal.powershell.dotnet.registry import constructor, getter, method
from winbake.rehearsal.powershell.dotnet.throwing import argument, argument_null, bad_format
from winbake.rehearsal.powershell.values import NetObject

MAIL = "System.Net.Mail.MailAddress"
_FORM = re.compile(r'\s*(?:"?(?P<name>[^"<]*?)"?\s*<)?(?P<user>[^\s@<>,;]+)@(?P<host>[^\s@<>,;]+?)(?(name)>)\s*')


class MailAddress(NetObject):
    net_type_name = MAIL

    def __init__(self, text: str, display_name: str = "") -> None:
        found = _FORM.fullmatch(text)
        if found is None:
            raise bad_format("The specified string is not in the form required for an e-mail address.")
        self.user = found["user"]
        self.host = found["host"]
        self.display_name = display_name or found["name"] or ""

    @property
    def address(self) -> str:
        return f"{self.user}@{self.host}"

    @property
    def text(self) -> str:
        return f'"{self.display_name}" <{self.address}>' if self.display_name else self.address

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MailAddress) and other.text.lower() == self.text.lower()

    def __hash__(self) -> int:
        return hash(self.text.lower())


@constructor(MAIL)
def new_address(text: str, display_name: str = "") -> MailAddress:
    if text is None:
        raise argument_null("address")
    if not text:
        raise argument("The parameter 'address' cannot be an empty string.", "address")
    return MailAddress(text, display_name)


@getter(MAIL, "Address")
def address(value: MailAddress) -> str:
    return value.address


@getter(MAIL, "DisplayName")
def display_name(value: MailAddress) -> str:
    return value.display_name


@getter(MAIL, "User")
def user(value: MailAddress) -> str:
    return value.user


@getter(MAIL, "Host")
def host(value: MailAddress) -> str:
    return value.host


@method(MAIL, "ToString")
def text(value: MailAddress) -> str:
    return value.text


@method(MAIL, "Equals")
def equals(value: MailAddress, other: Any) -> bool:
    return bool(value == other)
