"""cmd.exe and the command-line programs of Windows that people and installers call. Importing this registers them."""

from winbake.rehearsal.windows.native import (
    cmd,
    icacls,
    java,
    netsh,
    network,
    reg,
    service_control,
    seven_zip,
    system,
    texts,
)

__all__ = ["cmd", "icacls", "java", "netsh", "network", "reg", "service_control", "seven_zip", "system", "texts"]
