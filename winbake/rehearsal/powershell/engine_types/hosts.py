"""Members of $Host and its user interface."""

from __future__ import annotations

from typing import Any

from winbake.rehearsal.powershell import convert
from winbake.rehearsal.powershell.dotnet.registry import getter, method
from winbake.rehearsal.powershell.running.automatic import EngineHost, HostUI, windows_build
from winbake.rehearsal.powershell.types import get_type

_SMA = "System.Management.Automation."


_HOST = _SMA + "Host.PSHost"


@getter(_HOST, "Name")
def host_name(host: EngineHost) -> str:
    return "ConsoleHost"


@getter(_HOST, "Version")
def host_version(host: EngineHost, *, session: Any) -> Any:
    return convert.convert(f"5.1.{windows_build(session)}.2760", get_type("System.Version"), session)


@getter(_HOST, "UI")
def host_ui(host: EngineHost) -> HostUI:
    return HostUI(host.session)


@getter(_HOST, "CurrentCulture")
@getter(_HOST, "CurrentUICulture")
def host_culture(host: EngineHost, *, session: Any) -> Any:
    return convert.convert("en-US", get_type("System.Globalization.CultureInfo"), session)


@method(_HOST, "SetShouldExit")
def set_should_exit(host: EngineHost, code: int) -> None:
    host.session.exit_code = code


@method(_SMA + "Host.PSHostUserInterface", "WriteLine")
def host_write_line(ui: HostUI, *arguments: Any) -> None:
    ui.session.host_line(convert.to_text(arguments[-1]) if arguments else "")


@method(_SMA + "Host.PSHostUserInterface", "Write")
def host_write(ui: HostUI, *arguments: Any) -> None:
    ui.session.host_line(convert.to_text(arguments[-1]))
