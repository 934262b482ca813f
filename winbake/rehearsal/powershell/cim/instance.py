"""Microsoft.Management.Infrastructure.CimInstance, and the ManagementObject that Get-WmiObject gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from winbake.rehearsal.powershell.access.type_data import code_property
from winbake.rehearsal.powershell.dotnet.registry import getter, method, setter
from winbake.rehearsal.powershell.types import NetType, define_type, enum_value, get_type
from winbake.rehearsal.powershell.values import NetObject, PSArray

CIM = "Microsoft.Management.Infrastructure.CimInstance"
CIM_CLASS = "Microsoft.Management.Infrastructure.CimClass"
SYSTEM = "Microsoft.Management.Infrastructure.CimSystemProperties"
# Nothing makes one here; the name tells the binder that an instance from the pipeline is not a session.
define_type("Microsoft.Management.Infrastructure.CimSession", "class", base=get_type("System.Object"))


class CimInstance(NetObject):
    """Its properties come by the adapter, in the class's order. `keys` name what tells it from others;
    `model` is what of the rehearsal stands behind it."""

    net_type_name = CIM

    def __init__(
        self,
        class_name: str,
        properties: Iterable[tuple[str, Any]],
        *,
        namespace: str = "root/cimv2",
        keys: tuple[str, ...] = ("Name",),
        computer: str = "",
        model: Any = None,
        parents: tuple[str, ...] = (),
    ) -> None:
        self.class_name = class_name
        self.namespace = namespace
        self.keys = keys
        self.computer = computer
        self.model = model
        self.values: dict[str, Any] = dict(properties)
        self.changed: set[str] = set()
        place = namespace.lower() if namespace.lower() == "root/cimv2" else namespace
        chain = [class_name, *parents]
        self.ps_type_names = [
            *(f"{CIM}#{place}/{name}" for name in chain),
            *(f"{CIM}#{name}" for name in chain),
            CIM,
            "System.Object",
        ]

    # What members.py asks of an object with an adapter.

    def adapted_get(self, name: str) -> Any:
        from winbake.rehearsal.powershell.members import NO_MEMBER

        known = self.spelled(name)
        return NO_MEMBER if known is None else self.values[known]

    def adapted_set(self, name: str, value: Any) -> bool:
        known = self.spelled(name)
        if known is None:
            return False
        self.values[known] = value
        self.changed.add(known)
        return True

    def adapted_names(self) -> list[tuple[str, str, str]]:
        return [(name, "Property", "System.Object") for name in self.values]

    def spelled(self, name: str) -> str | None:
        low = name.lower()
        return next((known for known in self.values if known.lower() == low), None)

    def get(self, name: str) -> Any:
        """A property by its name without case; None when there is none."""
        known = self.spelled(name)
        return None if known is None else self.values[known]

    def has(self, name: str) -> bool:
        return self.spelled(name) is not None

    @property
    def path(self) -> str:
        named = ", ".join(f'{key} = "{self.values.get(key)}"' for key in self.keys if key in self.values)
        return f"{self.class_name} ({named})" if named else self.class_name


class CimClass(NetObject):
    net_type_name = CIM_CLASS

    def __init__(self, name: str, namespace: str) -> None:
        self.name = name
        self.namespace = namespace


code_property(CIM_CLASS, "CimClassName", lambda value: value.name, "ScriptProperty")


class CimSystemProperties(NetObject):
    net_type_name = SYSTEM

    def __init__(self, class_name: str, namespace: str, server: str) -> None:
        self.class_name = class_name
        self.namespace = namespace
        self.server = server


@method(CIM, "ToString")
def _to_string(value: CimInstance) -> str:
    return value.path


@getter(CIM, "CimClass")
def _cim_class(value: CimInstance) -> CimClass:
    return CimClass(value.class_name, value.namespace)


@getter(CIM, "CimSystemProperties")
def _system_properties(value: CimInstance) -> CimSystemProperties:
    return CimSystemProperties(value.class_name, value.namespace, value.computer)


@method(CIM, "Dispose")
def _dispose(value: CimInstance) -> None:
    """Nothing is held."""


@method(CIM_CLASS, "ToString")
def _class_to_string(value: CimClass) -> str:
    return f"{value.namespace.upper() if value.namespace == 'root/cimv2' else value.namespace}:{value.name}"


@getter(CIM_CLASS, "CimSystemProperties")
def _class_system(value: CimClass) -> CimSystemProperties:
    return CimSystemProperties(value.name, value.namespace, "")


@getter(CIM_CLASS, "CimSuperClassName")
def _super_class(value: CimClass) -> None:
    return None


@getter(CIM, "CimInstanceProperties")
def _instance_properties(value: CimInstance) -> PSArray:
    return PSArray((CimProperty(value, name) for name in value.values), CIM_PROPERTY)


class CimProperty(NetObject):
    net_type_name = "Microsoft.Management.Infrastructure.CimProperty"

    def __init__(self, instance: CimInstance, name: str) -> None:
        self.instance = instance
        self.name = name


CIM_PROPERTY = CimProperty.net_type_name


@getter(CIM_PROPERTY, "Name")
def _property_name(value: CimProperty) -> str:
    return value.name


@getter(CIM_PROPERTY, "Value")
def _property_value(value: CimProperty) -> Any:
    return value.instance.values[value.name]


@setter(CIM_PROPERTY, "Value")
def _set_property_value(value: CimProperty, new: Any) -> None:
    value.instance.adapted_set(value.name, new)


@getter(SYSTEM, "ClassName")
def _class_name(value: CimSystemProperties) -> str:
    return value.class_name


@getter(SYSTEM, "Namespace")
def _namespace(value: CimSystemProperties) -> str:
    return value.namespace


@getter(SYSTEM, "ServerName")
def _server_name(value: CimSystemProperties) -> str:
    return value.server


@getter(SYSTEM, "Path")
def _path(value: CimSystemProperties) -> None:
    return None


# ---- enums that CDXML modules generate ---------------------------------------------------------------------

GENERATED = "Microsoft.PowerShell.Cmdletization.GeneratedTypes."


def generated_enum(module: str, name: str, values: dict[str, int], flags: bool = False) -> NetType:
    """An enum of a CDXML module such as NetSecurity.Enabled; made once."""
    full = f"{GENERATED}{module}.{name}"
    try:
        return get_type(full)
    except KeyError:
        return define_type(full, "enum", enum_values=values, is_flags=flags)


def generated_value(kind: NetType, value: str | int) -> Any:
    return enum_value(kind, value)
