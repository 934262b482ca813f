"""Add-Type: assemblies of .NET Framework are there already; C# is not compiled."""

from __future__ import annotations

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.type_system.type_table import type_table

_PARTIAL_NAMES = frozenset(
    [
        "accessibility",
        "presentationcore",
        "presentationframework",
        "windowsbase",
        "system.windows.forms",
        "system.drawing",
        "system.web",
        "system.io.compression",
        "system.io.compression.filesystem",
        "system.net.http",
        "system.security",
        "system.servicemodel",
        "system.directoryservices",
        "system.directoryservices.accountmanagement",
        "system.management",
        "system.serviceprocess",
        "system.xml",
        "system.xml.linq",
        "system.core",
        "system",
        "system.data",
        "system.configuration",
        "system.numerics",
        "system.web.extensions",
        "system.transactions",
        "system.runtime.serialization",
        "system.identitymodel",
        "microsoft.csharp",
        "microsoft.visualbasic",
        "microsoft.win32.primitives",
        "mscorlib",
        "system.management.automation",
        "system.speech",
        "uiautomationclient",
        "uiautomationtypes",
        "windowsformsintegration",
        "system.configuration.install",
    ]
)
"""Assemblies that every .NET Framework 4.8 has, under the names Add-Type takes."""


@cmdlet("Add-Type")
class AddType(Cmdlet):
    def end(self) -> None:
        if self.has("AssemblyName"):
            for name in self.get("AssemblyName"):
                self._load(str(name))
            return
        if self.has("Path") or self.has("LiteralPath"):
            raise NotModelled("Add-Type -Path: assemblies from files")
        raise NotModelled("Add-Type with source code: the rehearsal compiles no C#")

    def _load(self, name: str) -> None:
        short = name.split(",")[0].strip().lower()
        if short in _PARTIAL_NAMES or short in _assemblies():
            return
        if "," in name:
            message = (
                f"Could not load file or assembly '{name}' or one of its dependencies. "
                "The system cannot find the file specified."
            )
            kind = "System.IO.FileNotFoundException"
            raise self.fail("System.IO.FileNotFoundException", message, "NotSpecified", kind)
        message = "Cannot add type. The assembly '{0}' could not be found."
        message = f"Cannot add type. One or more required assemblies are missing. The assembly is '{name}'."
        kind = "System.Exception"
        self.error("ASSEMBLY_NOT_FOUND", message.format(name), "ObjectNotFound", kind, name)
        raise self.fail("ASSEMBLY_NOT_FOUND", message, "ObjectNotFound", kind, name)


def _assemblies() -> frozenset[str]:
    table = type_table()
    return frozenset(str(table.row(name).get("assembly", "")).lower() for name in table.names())
