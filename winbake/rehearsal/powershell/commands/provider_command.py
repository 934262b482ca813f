"""What the cmdlets over providers share: their paths, -Include and -Exclude, and failures of one path among many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from winbake.rehearsal.powershell.command import Cmdlet
from winbake.rehearsal.powershell.errors import NetError, ScriptError
from winbake.rehearsal.powershell.providers import core
from winbake.rehearsal.powershell.providers.core import Drive, ProviderPath
from winbake.rehearsal.powershell.types import EnumValue
from winbake.rehearsal.powershell.values import PSArray, unwrap


def texts(value: Any) -> list[str]:
    """A bound String or String[] as Python strings."""
    plain = unwrap(value)
    if plain is None:
        return []
    return [str(unwrap(item)) for item in plain] if isinstance(plain, PSArray) else [str(plain)]


def word(value: Any) -> str:
    """The name of an enum argument, however it was bound."""
    plain = unwrap(value)
    return str(plain.name) if isinstance(plain, EnumValue) else str(plain)


class ProviderCommand(Cmdlet):
    """`drive` is the drive of the path in hand: what the provider writes carries it as PSDrive."""

    drive: Drive | None = None

    @property
    def is_literal(self) -> bool:
        return self.has("LiteralPath")

    @property
    def force(self) -> bool:
        return self.switch("Force")

    def given_paths(self, default: str | None = None) -> list[str]:
        paths = texts(self.get("LiteralPath") if self.is_literal else self.get("Path"))
        return paths or ([default] if default is not None else [])

    def resolved(self, paths: Iterable[str] | None = None) -> Iterator[ProviderPath]:
        """Each existing item of the paths that -Filter, -Include and -Exclude leave."""
        given = self.given_paths() if paths is None else paths
        for found in core.resolve_each(self, given, self.is_literal, self.force):
            if self.passes(found.provider.leaf(found.path), found):
                self.drive = found.drive
                yield found

    def passes(self, name: str, found: ProviderPath | None = None) -> bool:
        from winbake.rehearsal.powershell.dotnet.io_items import dos_match
        from winbake.rehearsal.powershell.wildcard import Wildcard

        include, exclude = texts(self.get("Include")), texts(self.get("Exclude"))
        if include and not any(Wildcard(p).matches(name) for p in include):
            return False
        if exclude and any(Wildcard(p).matches(name) for p in exclude):
            return False
        pattern = self.get("Filter")
        if pattern and found is not None and found.provider.is_container(found.path):
            return True
        return not pattern or dos_match(str(pattern), name)

    def attempt(self, act: Callable[[], Any]) -> None:
        """Runs what a provider does for one path; its error is that path's and the others go on."""
        try:
            act()
        except ScriptError as failure:
            if failure.thrown:
                raise
            self.write_error(failure.record)
        except NetError as failure:
            kind = failure.exception.type_name
            self.error(kind, failure.exception.message, "NotSpecified", kind)

    def write_item(self, found: ProviderPath, listed: bool = False) -> None:
        """Writes the item of a path with its PSPath and the rest."""
        provider = found.provider
        item = provider.listed_item(found.path) if listed else provider.get_item(found.path)
        if item is None:
            self.write_error(core.item_not_found(found.display).record)
            return
        self.emit(provider.wrap(item, found.path, found.drive))
