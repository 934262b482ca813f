"""Get-CimInstance, Get-WmiObject, Invoke-CimMethod, Invoke-WmiMethod, New-CimInstance's small relatives."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from winbake.rehearsal.powershell.cim import firewall_classes, methods, network_classes, system_classes, wql
from winbake.rehearsal.powershell.cim.instance import CimClass, CimInstance
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.commands.provider_command import texts
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.values import PSArray, unwrap

_CIM_EXCEPTION = "Microsoft.Management.Infrastructure.CimException"
_NAMESPACES = {
    "root/cimv2": system_classes.CLASSES,
    "root/standardcimv2": firewall_classes.CLASSES | network_classes.CLASSES,
}
_UNWISE = {
    "win32_product": "Win32_Product, on purpose: any query of it makes Windows Installer check and repair every "
    "installed package (event 1035), which takes minutes and changes the host. Read the Uninstall keys.",
}
_KNOWN_ELSEWHERE = re.compile(r"^(Win32|CIM|MSFT|Msvm|StdRegProv|__)\w*", re.I)


class CimCommand(Cmdlet):
    def namespace(self) -> str:
        return str(unwrap(self.get("Namespace")) or "root/cimv2").replace("\\", "/").strip("/")

    def refuse_remote(self) -> None:
        here = (".", "localhost", "127.0.0.1", self.session.host.computer_name.lower())
        if self.has("CimSession") or any(m.lower() not in here for m in texts(self.get("ComputerName"))):
            raise NotModelled("CIM sessions to other computers")

    def instances(self, class_name: str) -> Iterable[CimInstance]:
        """Raises the error of the cmdlet for an unknown class; NotModelled for one Windows has."""
        place = _NAMESPACES.get(self.namespace().lower())
        if place is None:
            raise self.invalid(0x8004100E, "Invalid namespace ", self.namespace())
        found = place.get(class_name.lower())
        if found is not None:
            return found[1](self.session)
        if class_name.lower() in _UNWISE:
            raise NotModelled(_UNWISE[class_name.lower()])
        if _KNOWN_ELSEWHERE.match(class_name) and class_name.lower() in _EXISTING:
            raise NotModelled(f"the CIM class {class_name}")
        raise self.invalid(0x80041010, "Invalid class ", f"{self.namespace()}:{class_name}")

    def invalid(self, code: int, message: str, target: str) -> Any:
        category = {0x80041010: "MetadataError", 0x8004100E: "MetadataError", 0x80041017: "InvalidArgument"}
        return self.fail(f"HRESULT 0x{code:08x}", message, category[code], _CIM_EXCEPTION, target,
                         HResult=code - 2**32, NativeErrorCode=code)  # fmt: skip

    def selected(self, class_name: str, filter_text: str | None) -> list[CimInstance]:
        try:
            test = wql.parse_filter(filter_text) if filter_text else None
            return [one for one in self.instances(class_name) if test is None or test(one)]
        except wql.WqlError as bad:
            raise self.invalid(0x80041017, "Invalid query ", class_name) from bad

    def queried(self, text: str) -> tuple[list[CimInstance], tuple[str, ...]]:
        try:
            query = wql.parse_query(text)
            return [one for one in self.instances(query.class_name) if query.test(one)], query.properties
        except wql.WqlError as bad:
            raise self.invalid(0x80041017, "Invalid query ", text) from bad


# Classes a stock server has; what is not here does not exist for a script either.
_EXISTING = frozenset(
    """win32_product win32_volume win32_diskdrive win32_diskpartition win32_networkadapter
    win32_networkadapterconfiguration win32_share win32_startupcommand win32_environment win32_group win32_groupuser
    win32_pagefileusage win32_pagefilesetting win32_physicalmemory win32_systemenclosure win32_computersystemproduct
    win32_ntlogevent win32_nteventlogfile win32_scheduledjob win32_loggedonuser win32_logonsession
    win32_printer win32_directory cim_datafile win32_serverfeature win32_optionalfeature win32_reliabilityrecords
    win32_perfformatteddata_perfos_processor win32_systemdriver win32_baseboard win32_videocontroller win32_account
    win32_systemaccount win32_tscgeneralsetting win32_terminalservicesetting stdregprov msft_netadapter
    msft_netipaddress msft_nettcpconnection win32_thread win32_localtime win32_utctime""".split()
)


@cmdlet("Get-CimInstance", "Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand")
class GetCimInstance(CimCommand):
    def process(self) -> None:
        self.refuse_remote()
        given = unwrap(self.get("InputObject"))
        if isinstance(given, CimInstance):
            keys = {key: given.get(key) for key in given.keys}
            for one in self.instances(given.class_name):
                if all(one.get(key) == value for key, value in keys.items()):
                    self.emit(one)
            return
        if self.has("Query"):
            found, names = self.queried(str(unwrap(self.get("Query"))))
        else:
            filter_text = unwrap(self.get("Filter"))
            found = self.selected(str(unwrap(self.get("ClassName"))), None if filter_text is None else str(filter_text))
            names = tuple(texts(self.get("Property")))
        for one in found:
            self.emit(narrowed(one, names, self.switch("KeyOnly")))


def narrowed(one: CimInstance, names: tuple[str, ...], keys_only: bool = False) -> CimInstance:
    """Only these properties are filled, the others are there and null."""
    if not names and not keys_only:
        return one
    wanted = {name.lower() for name in names} | {key.lower() for key in one.keys}
    for name in one.values:
        if name.lower() not in wanted:
            one.values[name] = None
    return one


@cmdlet("Get-CimClass", "Microsoft.Management.Infrastructure.CimCmdlets.GetCimClassCommand")
class GetCimClass(CimCommand):
    def process(self) -> None:
        from winbake.rehearsal.powershell.wildcard import Wildcard, has_wildcards

        place = _NAMESPACES.get(self.namespace().lower())
        if place is None:
            raise self.invalid(0x8004100E, "Invalid namespace ", self.namespace())
        pattern = str(unwrap(self.get("ClassName")) or "*")
        found = [name for name, _ in place.values() if Wildcard(pattern).matches(name)]
        if not found and not has_wildcards(pattern):
            if pattern.lower() in _EXISTING:
                raise NotModelled(f"the CIM class {pattern}")
            raise self.fail("HRESULT 0x80041002", "Not found ", "ObjectNotFound", _CIM_EXCEPTION, pattern)
        for name in sorted(found):
            self.emit(CimClass(name, self.namespace()))


@cmdlet("Invoke-CimMethod", "Microsoft.Management.Infrastructure.CimCmdlets.InvokeCimMethodCommand")
class InvokeCimMethod(CimCommand):
    def process(self) -> None:
        self.refuse_remote()
        name = str(unwrap(self.get("MethodName")))
        arguments = unwrap(self.get("Arguments"))
        pairs = {str(unwrap(k)): unwrap(v) for k, v in arguments.items()} if arguments is not None else {}
        given = unwrap(self.get("InputObject"))
        if isinstance(given, CimInstance):
            targets: list[CimInstance] = [given]
            class_name = given.class_name
        elif self.has("Query"):
            targets, _ = self.queried(str(unwrap(self.get("Query"))))
            class_name = targets[0].class_name if targets else ""
        else:
            known = unwrap(self.get("CimClass"))
            class_name = known.name if isinstance(known, CimClass) else str(unwrap(self.get("ClassName")))
            self.instances(class_name)
            if self.should_process(class_name, name):
                self.emit(methods.invoke_static(self, class_name, name, pairs))
            return
        for one in targets:
            if self.should_process(one.path, name):
                self.emit(methods.invoke(self, one, name, pairs))


@cmdlet("Get-WmiObject")
class GetWmiObject(CimCommand):
    """Gives ManagementObjects: dates as DMTF text, methods on the object."""

    def process(self) -> None:
        self.refuse_remote()
        if self.switch("List"):
            raise NotModelled("Get-WmiObject -List")
        if self.has("Query"):
            found, names = self.queried(str(unwrap(self.get("Query"))))
        else:
            filter_text = unwrap(self.get("Filter"))
            found = self.selected(str(unwrap(self.get("Class"))), None if filter_text is None else str(filter_text))
            names = tuple(name for name in texts(self.get("Property")) if name != "*")
        for one in found:
            self.emit(methods.management_object(self, narrowed(one, names)))

    def invalid(self, code: int, message: str, target: str) -> Any:
        kinds = {0x80041010: ("GetWMIManagementException", "Invalid class "),
                 0x8004100E: ("GetWMIManagementException", "Invalid namespace "),
                 0x80041017: ("GetWMIManagementException", "Invalid query ")}  # fmt: skip
        error_id, text = kinds[code]
        return self.fail(error_id, text, "InvalidType", "System.Management.ManagementException", None)


@cmdlet("Invoke-WmiMethod")
class InvokeWmiMethod(CimCommand):
    def process(self) -> None:
        self.refuse_remote()
        name = str(unwrap(self.get("Name")))
        given = unwrap(self.get("ArgumentList"))
        values = list(given) if isinstance(given, PSArray) else [given] if given is not None else []
        target = unwrap(self.get("InputObject"))
        if isinstance(target, methods.ManagementObject):
            self.emit(methods.invoke_positional(self, target.instance, name, values))
            return
        class_name = str(unwrap(self.get("Class")))
        self.instances(class_name)
        self.emit(methods.invoke_static(self, class_name, name, methods.named(class_name, name, values)))
