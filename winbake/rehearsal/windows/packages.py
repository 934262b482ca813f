"""What is installed: uninstall entries of both views and of users, and Windows Installer's own list of products."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.registry import Registry

UNINSTALL = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
PRODUCTS = r"HKEY_LOCAL_MACHINE\SOFTWARE\Classes\Installer\Products"
UPGRADE_CODES = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\UpgradeCodes"
USER_DATA = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\UserData\S-1-5-18\Products"
_GUID = re.compile(r"^\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$", re.IGNORECASE)


@dataclass(frozen=True)
class UninstallEntry:
    """One entry of Programs and Features. `view` is 64 or 32; `user` a SID for one in a user's hive."""

    key: str
    view: int
    values: dict[str, Any]
    user: str = ""

    @property
    def display_name(self) -> str:
        return str(self.values.get("DisplayName", ""))

    @property
    def display_version(self) -> str:
        return str(self.values.get("DisplayVersion", ""))


@dataclass(frozen=True)
class Product:
    """One product of Windows Installer."""

    product_code: str
    package_code: str
    upgrade_code: str
    name: str
    version: str
    standin: str
    features: tuple[str, ...]
    directory: str
    source: str
    view: int


def is_guid(text: str) -> bool:
    return bool(_GUID.match(text))


def packed(guid: str) -> str:
    """A GUID in Windows Installer's registry form: no braces, the nibbles of each part reversed."""
    plain = guid.strip("{}").upper()
    first, second, third, fourth, fifth = plain.split("-")
    tail = fourth + fifth
    pairs = "".join(tail[at + 1] + tail[at] for at in range(0, len(tail), 2))
    return first[::-1] + second[::-1] + third[::-1] + pairs


class Packages:
    """Uninstall entries and MSI products of one host, in its registry. `executing` is _MSIExecute."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._products: dict[str, Product] = {}
        self.executing = threading.Lock()
        """Held while an install's execute sequence runs: a second one answers 1618."""

    def entries(self) -> list[UninstallEntry]:
        """The 64-bit view's, the 32-bit view's, then the users'."""
        found: list[UninstallEntry] = []
        for view in (64, 32):
            found += self._below(rf"HKEY_LOCAL_MACHINE\{UNINSTALL}", view, "")
        users = self._registry.open("HKEY_USERS")
        for sid in users.subkeys() if users else []:
            if not sid.endswith("_Classes"):
                found += self._below(rf"HKEY_USERS\{sid}\{UNINSTALL}", 64, sid)
        return found

    def __iter__(self) -> Iterator[UninstallEntry]:
        return iter(self.entries())

    def _below(self, path: str, view: int, user: str) -> list[UninstallEntry]:
        top = self._registry.open(path, view)
        found: list[UninstallEntry] = []
        for name in top.subkeys() if top else []:
            key = self._registry.open(rf"{path}\{name}", view)
            values = {value_name: key.get(value_name) for value_name in key.values()} if key else {}
            found.append(UninstallEntry(name, view, {n: v.data for n, v in values.items() if v is not None}, user))
        return found

    def write_entry(self, key: str, view: int, values: dict[str, str | int], user: str = "") -> None:
        """Write an uninstall entry; text values REG_SZ, numbers REG_DWORD."""
        hive = rf"HKEY_USERS\{user}" if user else "HKEY_LOCAL_MACHINE"
        path = rf"{hive}\{UNINSTALL}\{key}"
        self._registry.create(path, view)
        for name, data in values.items():
            self._registry.write(path, name, data, view=view)

    def delete_entry(self, key: str, view: int, user: str = "") -> None:
        """Delete an uninstall entry; none there is no error."""
        hive = rf"HKEY_USERS\{user}" if user else "HKEY_LOCAL_MACHINE"
        delete_tree(self._registry, rf"{hive}\{UNINSTALL}\{key}", view)

    def products(self) -> list[Product]:
        """What Windows Installer has installed for the machine."""
        top = self._registry.open(PRODUCTS)
        found = [self._product(name) for name in top.subkeys()] if top else []
        return [product for product in found if product is not None]

    def product(self, product_code: str) -> Product | None:
        return self._product(packed(product_code)) if is_guid(product_code) else None

    def by_upgrade_code(self, upgrade_code: str) -> list[Product]:
        """Every installed product of an upgrade code (the versions of one program)."""
        low = upgrade_code.lower()
        return [product for product in self.products() if product.upgrade_code.lower() == low]

    def _product(self, name: str) -> Product | None:
        """By packed product code; what somebody deleted from the registry is no longer installed."""
        return self._products.get(name) if self._registry.open(rf"{PRODUCTS}\{name}") is not None else None

    def register(self, product: Product, local_package: str = "") -> None:
        """Write Windows Installer's own keys for a product."""
        name = packed(product.product_code)
        self._products[name] = product
        write = self._registry.write
        write(rf"{PRODUCTS}\{name}", "ProductName", product.name)
        write(rf"{PRODUCTS}\{name}", "PackageCode", packed(product.package_code))
        write(rf"{PRODUCTS}\{name}", "Assignment", 1)
        path = rf"{USER_DATA}\{name}\InstallProperties"
        for value_name, data in [
            ("DisplayName", product.name),
            ("DisplayVersion", product.version),
            ("InstallSource", product.source),
            ("LocalPackage", local_package),
        ]:
            write(path, value_name, data)
        if product.upgrade_code:
            write(rf"{UPGRADE_CODES}\{packed(product.upgrade_code)}", name, "")

    def unregister(self, product: Product) -> None:
        name = packed(product.product_code)
        self._products.pop(name, None)
        delete_tree(self._registry, rf"{PRODUCTS}\{name}")
        delete_tree(self._registry, rf"{USER_DATA}\{name}")
        if product.upgrade_code:
            path = rf"{UPGRADE_CODES}\{packed(product.upgrade_code)}"
            key = self._registry.open(path, writable=True)
            if key is not None and key.get(name) is not None:
                key.delete(name)
                if not key.values():
                    delete_tree(self._registry, path)

    def dump(self) -> list[dict[str, Any]]:
        return [asdict(product) for product in self.products()]

    def load(self, dumped: list[dict[str, Any]]) -> None:
        self._products = {packed(item["product_code"]): _product_from(item) for item in dumped}

    def product_state(self, product_code: str) -> int:
        """Installer.ProductState: 5 installed for the machine, -1 unknown, -2 not a product code."""
        if not is_guid(product_code):
            return -2
        return 5 if self.product(product_code) is not None else -1


def _product_from(item: dict[str, Any]) -> Product:
    return Product(**{**item, "features": tuple(item["features"])})


def delete_tree(registry: Registry, path: str, view: int = 64) -> None:
    """Delete a key with all below it; none there is no error."""
    try:
        registry.delete_key(path, view, recursive=True)
    except Win32Failure as refused:
        if refused.code != 2:
            raise
