"""System.Text and the text readers and writers over strings: the names other modules use."""

from __future__ import annotations

from winbake.rehearsal.powershell.dotnet.encodings import Encoding
from winbake.rehearsal.powershell.dotnet.string_builder import StringBuilder

__all__ = ["Encoding", "StringBuilder"]
