"""What the builders of Ansible's modules share. A builder takes (task, parameters, identity) and gives resources.

A file of resources may bring a table `MODULES` of its own (full module name → parameters, builder); `from_tasks` joins
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from winbake.resources.model import Identity, Resource
from winbake.resources.module_parameters import ModuleParameters

Builder = Callable[..., list[Resource]]
ModuleTable = Mapping[str, tuple[type[ModuleParameters], Builder]]


class BadParameter(ValueError):
    """A parameter's value that cannot be; the message is for the person who wrote it."""


def named(identity: Identity, kind: str, name: str) -> Identity:
    """The task's identity under the resource's own kind and name."""
    return Identity(kind, name, identity.tags, identity.where, identity.no_log)
