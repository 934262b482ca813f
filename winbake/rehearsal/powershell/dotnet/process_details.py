"""Less asked for properties of System.Diagnostics.Process: those that a script sees when it shows all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winbake.rehearsal.powershell.dotnet.diagnostics import PROCESS, NetProcess
from winbake.rehearsal.powershell.dotnet.registry import getter
from winbake.rehearsal.powershell.values import Int64, NetObject, PSArray

if TYPE_CHECKING:
    from winbake.rehearsal.windows.host import WindowsHost


@getter(PROCESS, "PriorityBoostEnabled")
def _priority_boost(value: NetProcess) -> bool:
    return bool(value.associated)


@getter(PROCESS, "MainWindowHandle")
def _no_window(value: NetProcess) -> Int64:
    return Int64(0)


def _working_set_limits() -> None:
    """50 and 345 pages, what SetProcessWorkingSetSize says a process starts with (MicrosoftDocs/sdk-api)."""
    for name, size in (("MinWorkingSet", 204_800), ("MaxWorkingSet", 1_413_120)):

        @getter(PROCESS, name)
        def limit(value: NetProcess, size: int = size) -> Int64:
            assert value.associated
            return Int64(size)


_working_set_limits()


@getter(PROCESS, "ProcessorAffinity")
def _affinity(value: NetProcess) -> Int64:
    """Both processors of the machine."""
    assert value.associated
    return Int64(3)


class SafeProcessHandle(NetObject):
    net_type_name = "Microsoft.Win32.SafeHandles.SafeProcessHandle"


@getter(PROCESS, "SafeHandle")
def _safe_handle(value: NetProcess) -> SafeProcessHandle:
    value.has_handle = value.has_handle or value.associated.exit_code is None
    return SafeProcessHandle()


@getter(PROCESS, "SynchronizingObject")
def _no_form(value: NetProcess) -> None:
    """Only a program with a form sets one."""


class ProcessModule(NetObject):
    net_type_name = "System.Diagnostics.ProcessModule"

    def __init__(self, host: WindowsHost, path: str) -> None:
        self.host = host
        self.path = path


@getter(PROCESS, "MainModule")
def _main_module(value: NetProcess) -> ProcessModule:
    return ProcessModule(value.host, value.associated.path)


@getter(PROCESS, "Modules")
def _modules(value: NetProcess) -> PSArray:
    """The program itself: the model knows of no libraries that it has loaded."""
    path = value.associated.path
    return PSArray([ProcessModule(value.host, path)] if path else [], "System.Diagnostics.ProcessModule")


@getter(PROCESS, "Threads")
def _threads(value: NetProcess) -> PSArray:
    """The model's processes have no threads to show."""
    assert value.associated
    return PSArray([], "System.Diagnostics.ProcessThread")


@getter("System.Diagnostics.ProcessModule", "FileName")
def _module_file(value: ProcessModule) -> str:
    return value.path


@getter("System.Diagnostics.ProcessModule", "ModuleName")
def _module_name(value: ProcessModule) -> str:
    return value.path.rpartition("\\")[2]


@getter("System.Diagnostics.ProcessModule", "FileVersionInfo")
def _module_version(value: ProcessModule) -> Any:
    from winbake.rehearsal.powershell.dotnet.file_version_info import read

    return read(value.host, value.path)
