"""cmd.exe and the command-line programs of Windows that people and installers call. Importing this registers them."""

from winbake.rehearsal.windows.native import cmd

__all__ = ["cmd"]
