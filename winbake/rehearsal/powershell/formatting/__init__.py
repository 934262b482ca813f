"""How .NET Framework 4.8 turns values into text: `.ToString()`, `.ToString("N2")`, String.Format and `-f`."""

from __future__ import annotations

from winbake.rehearsal.powershell.formatting.composite import composite, format_value, net_to_string
from winbake.rehearsal.powershell.formatting.numbers import round_trip

__all__ = ["composite", "format_value", "net_to_string", "round_trip"]
