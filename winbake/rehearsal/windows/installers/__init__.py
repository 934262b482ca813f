"""What installer programs do on a simulated host: Windows Installer, Inno Setup, NSIS, Cygwin's and others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winbake.rehearsal.windows.failures import NotModelled

if TYPE_CHECKING:
    from winbake.rehearsal.windows.images import Image
    from winbake.rehearsal.windows.process import Process


def run_installer(process: Process, image: Image) -> int:
    """Run a setup program (or an uninstaller) that carries a stand-in; its exit code."""
    from winbake.rehearsal.windows.installers import cygwin, generic, inno, nsis, setup

    assert image.package is not None
    package = setup.read_package(image.package)
    if package.standin.kind == "cygwin":
        return cygwin.install(process, package)
    if package.standin.wraps_nsis and package.role == "uninstall":
        return nsis.uninstall(process, package)
    kinds = {
        "inno": (inno.install, inno.uninstall),
        "nsis": (nsis.install, nsis.uninstall),
        "exe": (generic.install, generic.uninstall),
    }
    kind = kinds.get(package.standin.kind)
    if kind is None:
        raise NotModelled(f"running a file of kind {package.standin.kind} as a program: {process.path}")
    install, uninstall = kind
    return uninstall(process, package) if package.role == "uninstall" else install(process, package)
