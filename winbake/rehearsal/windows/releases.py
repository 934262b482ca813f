"""The Windows Server releases of the model: builds, captions and what each has or lacks.

Sources: mondoohq/mql detect-windows20*.toml; 2025's numbers are general knowledge (windows_facts.md section 10).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """One release. `ubr` is the update build revision; `powershell` the engine's version."""

    year: str
    build: int
    ubr: int
    display_version: str | None
    release_id: str
    build_lab: str
    has_edge: bool
    has_wmic: bool
    agent: str  # the EC2 launch agent that is in the image

    @property
    def product_name(self) -> str:
        return f"Windows Server {self.year} Datacenter"

    @property
    def caption(self) -> str:
        return f"Microsoft {self.product_name}"

    @property
    def version(self) -> str:
        return f"10.0.{self.build}"

    @property
    def file_version(self) -> str:
        return f"{self.version}.{self.ubr}"


RELEASES: dict[str, Release] = {
    "2019": Release("2019", 17763, 6414, None, "1809", "17763.rs5_release.180914-1434", False, True, "EC2Launch"),
    "2022": Release("2022", 20348, 2762, "21H2", "2009", "20348.fe_release.210507-1500", True, True, "EC2Launch v2"),
    "2025": Release("2025", 26100, 2314, "24H2", "2009", "26100.ge_release.240331-1435", True, False, "EC2Launch v2"),
}
