"""Windows Installer: what an execute sequence does for a package, its product registration, its log.

Codes: MicrosoftDocs/win32 Msi/error-codes. One execute sequence at a time on a machine (_MSIExecute): 1618.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from winbake.rehearsal.standins.build import installer_image
from winbake.rehearsal.standins.model import Effects, Feature
from winbake.rehearsal.windows import images, paths
from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.installers import effects as work
from winbake.rehearsal.windows.installers import msi_arguments as parsed
from winbake.rehearsal.windows.installers import nsis, setup
from winbake.rehearsal.windows.installers.effects import Context
from winbake.rehearsal.windows.installers.msi_arguments import Arguments
from winbake.rehearsal.windows.installers.setup import Package
from winbake.rehearsal.windows.packages import Product, is_guid
from winbake.rehearsal.windows.process import Process

SUCCESS, FATAL, UNKNOWN_PRODUCT, NO_SOURCE, BUSY = 0, 1603, 1605, 1612, 1618
NOT_OPENED, NOT_A_PACKAGE, LOG_FAILURE, OTHER_VERSION, RESTARTING, RESTART_NEEDED = 1619, 1620, 1622, 1638, 1641, 3010
CACHE = r"C:\Windows\Installer"


@dataclass
class Run:
    """One msiexec call on its way: the arguments, the log, the package once it is open."""

    process: Process
    arguments: Arguments
    log: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.log.append(f"MSI (s) [{self.process.host.clock.now():%H:%M:%S}:000]: {text}")


def run(run: Run) -> int:
    """Do what the arguments ask; the exit code."""
    action = run.arguments.action
    if action in ("administrative", "advertise", "patch"):
        raise NotModelled(f"msiexec's action {action}")
    package, code = _open(run)
    if package is None:
        return code
    standin = package.standin
    setup.hang_if_told(run.process, standin.id)
    if run.arguments.ui >= parsed.REDUCED and action != "repair":
        run.process.wait_for_ever(f"{_product_name(run, package)} Setup")
    packages = run.process.host.packages
    told_busy = run.process.host.faults.take("msi_busy", tool=standin.id) is not None
    if told_busy or not packages.executing.acquire(blocking=False):
        run.say("Another installation is in progress. You must complete that installation before continuing this one.")
        if not run.arguments.silent and run.arguments.ui > parsed.NONE:
            run.process.wait_for_ever(f"{_product_name(run, package)} Setup")
        return BUSY
    try:
        return _execute(run, package)
    finally:
        packages.executing.release()


def _open(run: Run) -> tuple[Package | None, int]:
    """The package that is meant: a file, or an installed product's cached copy."""
    host, target = run.process.host, run.arguments.target
    if is_guid(target):
        product = host.packages.product(target)
        if product is None:
            run.say(f"Product: {target} is not installed.")
            return None, UNKNOWN_PRODUCT
        cached = paths.join(CACHE, _cache_name(product))
        if not host.files.is_file(cached):
            run.say(f"Source for {target} is not available: {cached}")
            return None, NO_SOURCE
        return _package_in(host.files.read(cached)), NOT_A_PACKAGE
    full = paths.absolute(target, run.process.directory)
    if not host.files.is_file(full):
        run.say(f"The installation package {full} could not be opened: error {NOT_OPENED}.")
        return None, NOT_OPENED
    try:
        data = host.files.read(full)
    except Win32Failure:
        return None, NOT_OPENED
    package = _package_in(data) if images.is_msi(data) else None
    return package, NOT_A_PACKAGE


def _package_in(data: bytes) -> Package | None:
    image = images.read_image(data)
    if image is None or image.package is None:
        return None
    package = setup.read_package(image.package)
    return package if package.standin.kind == "msi" else None


def _execute(run: Run, package: Package) -> int:
    host, standin, version = run.process.host, package.standin, package.version
    installed = host.packages.product(version.product_code)
    action = run.arguments.action
    reinstalling = "REINSTALL" in run.arguments.properties or action == "repair"
    if action == "uninstall" or run.arguments.properties.get("REMOVE", "").upper() == "ALL":
        return _uninstall(run, package, installed)
    told = setup.told_exit(host, standin.id)
    if told is not None:
        setup.take_time(run.process, standin.seconds.install / 4)
        if told not in (SUCCESS, RESTART_NEEDED):
            run.say("Action ended: InstallFinalize. Return value 3.")
        return told
    if installed is not None and installed.package_code != package_code(package) and not _recache(run):
        run.say("Another version of this product is already installed. Installation of this version cannot continue.")
        return OTHER_VERSION
    if reinstalling and installed is None:
        run.say("This action is only valid for products that are currently installed.")
        return UNKNOWN_PRODUCT
    context = _context(run, package, installed)
    stopped = setup.refused(run.process, context)
    if stopped is not None:
        run.say(f"Product: {_product_name(run, package)} -- {stopped[1]}")
        run.say("Action ended: INSTALL. Return value 3.")
        return stopped[0]
    older = _related(run, package)
    if older is None:
        run.say(f"Product: {_product_name(run, package)} -- A later version is already installed. Setup will now exit.")
        run.say("Action ended: LaunchConditions. Return value 3.")
        return FATAL
    features = _features(run, package, installed)
    if installed is not None and not reinstalling and set(features) == set(installed.features):
        run.say("Configuration completed successfully.")
        return _finish(run, context, installed_before=True)
    setup.take_time(run.process, standin.seconds.install)
    for product in older:
        _remove_product(run, product)
    uninstaller = context.path(standin.uninstall.uninstaller) if standin.wraps_nsis and standin.uninstall else None
    try:
        setup.install(context, [_effects(package, name) for name in features], uninstaller)
    except Win32Failure as failed:
        run.log += context.log
        number = 1304 if failed.code == 112 else 1310
        run.say(f"Error {number}. Error writing to file: {failed.path}. {failed.message}")
        run.say("Action ended: InstallExecute. Return value 3.")
        return FATAL
    if uninstaller is not None:
        nsis.write_entry(context, uninstaller)
    else:
        _register(run, package, context, features)
    run.log += context.log
    return _finish(run, context, installed_before=False)


def _recache(run: Run) -> bool:
    """REINSTALLMODE with v takes the package it is given in place of the cached one."""
    return "V" in run.arguments.properties.get("REINSTALLMODE", "").upper()


def _uninstall(run: Run, package: Package, installed: Product | None) -> int:
    if installed is None:
        run.say("This action is only valid for products that are currently installed.")
        return UNKNOWN_PRODUCT
    told = setup.told_exit(run.process.host, package.standin.id)
    if told is not None:
        return told
    setup.take_time(run.process, package.standin.seconds.uninstall)
    context = _remove_product(run, installed)
    run.say(f"Product: {installed.name} -- Removal completed successfully.")
    if context.pending_reboot:
        return _restart_code(run)
    return SUCCESS


def _remove_product(run: Run, product: Product) -> Context:
    """Take an installed product off the machine, by its cached package."""
    host = run.process.host
    cached = paths.join(CACHE, _cache_name(product))
    package = _package_in(host.files.read(cached)) if host.files.is_file(cached) else None
    if package is None:
        raise NotModelled(f"removing {product.name}, whose cached package is gone")
    context = setup.context_of(run.process, package, product.directory)
    for name in reversed(product.features):
        work.remove(context, _effects(package, name))
    host.packages.delete_entry(product.product_code, product.view)
    host.packages.unregister(product)
    host.event_log.write(
        "Application", "MsiInstaller", 1034,
        f"Windows Installer removed the product. Product Name: {product.name}. Product Version: {product.version}. "
        "Product Language: 1033. Removal success or error status: 0.",
    )  # fmt: skip
    host.files.delete(cached)
    run.say(f"Removed {product.name} ({product.product_code})")
    return context


def _related(run: Run, package: Package) -> list[Product] | None:
    """Installed versions that this one replaces (same upgrade code, other product code); None: a later one is there."""
    if not package.standin.upgrade_code:
        return []
    related = [
        product
        for product in run.process.host.packages.by_upgrade_code(package.standin.upgrade_code)
        if product.product_code.lower() != package.version.product_code.lower()
    ]
    mine = _numbers(package.version.version)
    if any(_numbers(product.version) > mine for product in related):
        return None
    # MajorUpgrade leaves a product of the very same version alone (AllowSameVersionUpgrades is off by default).
    return [product for product in related if _numbers(product.version) < mine]


def _numbers(version: str) -> tuple[int, ...]:
    """The three parts of a ProductVersion that Windows Installer compares."""
    parts = [int("".join(c for c in part if c.isdigit()) or 0) for part in version.split(".")[:3]]
    return tuple(parts + [0] * (3 - len(parts)))


def _context(run: Run, package: Package, installed: Product | None) -> Context:
    properties = run.arguments.properties
    directory = properties.get("INSTALLDIR") or properties.get("INSTALLLOCATION") or ""
    if package.standin.wraps_nsis:
        directory = properties.get("INSTALL_DIRECTORY_PATH", "")
    if installed is not None:
        directory = installed.directory
    if not directory:
        directory = package.standin.default_directory(package.version)
    context = setup.context_of(run.process, package, "")
    context.directory = paths.absolute(context.fill(directory), run.process.directory)
    return context


def _features(run: Run, package: Package, installed: Product | None) -> list[str]:
    """The features to be there afterwards, parents first. The main one is '' in a package without features."""
    described = package.standin.features
    if not described:
        return [""]
    names = {name.lower(): name for name in described}
    properties = run.arguments.properties
    chosen: set[str] = set(installed.features) if installed is not None else set()
    wanted = properties.get("ADDLOCAL") or properties.get("ADDDEFAULT")
    if wanted is not None:
        if wanted.upper() == "ALL":
            chosen |= set(described)
        for part in [one.strip() for one in wanted.split(",")]:
            if part.lower() in names:
                chosen.add(names[part.lower()])
    elif installed is None:
        level = int(properties.get("INSTALLLEVEL", "1"))
        chosen |= {name for name, feature in described.items() if feature.level <= level}
    for name, feature in described.items():
        if feature.by_property:
            given = properties.get(feature.by_property.upper())
            if given in ("1", "true") or (given is None and installed is None and feature.by_default):
                chosen.add(name)
            elif given is not None or installed is None:
                chosen.discard(name)
    for part in [one.strip().lower() for one in properties.get("REMOVE", "").split(",")]:
        chosen.discard(names.get(part, ""))
    for name in list(chosen):
        parent = described[name].parent
        while parent:
            chosen.add(parent)
            parent = described[parent].parent
    return [name for name in described if name in chosen]


def _effects(package: Package, feature: str) -> Effects:
    return package.standin.features.get(feature, Feature()) if feature else package.standin.install


def package_code(package: Package) -> str:
    """A package's PackageCode: every file of other content has another."""
    image = installer_image(package.standin, package.version)
    digest = hashlib.sha256(images.build_msi(image)).hexdigest().upper()
    return "{" + "-".join([digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]]) + "}"


def _cache_name(product: Product) -> str:
    return hashlib.sha256(product.product_code.upper().encode()).hexdigest()[:6] + ".msi"


def _product_name(run: Run, package: Package) -> str:
    context = setup.context_of(run.process, package, "")
    uninstall = package.standin.uninstall
    return context.fill(uninstall.display_name) if uninstall is not None else package.standin.name


def _register(run: Run, package: Package, context: Context, features: list[str]) -> None:
    host, version, uninstall = run.process.host, package.version, package.standin.uninstall
    assert uninstall is not None
    shown = context.fill(uninstall.display_version)
    full = paths.absolute(run.arguments.target, run.process.directory) if not is_guid(run.arguments.target) else ""
    product = Product(
        version.product_code,
        package_code(package),
        package.standin.upgrade_code,
        context.fill(uninstall.display_name),
        shown,
        package.standin.id,
        tuple(features),
        context.directory,
        paths.parent(full) + "\\" if full else "",
        uninstall.view,
    )
    cached = paths.join(CACHE, _cache_name(product))
    host.files.write(cached, images.build_msi(installer_image(package.standin, version)))
    host.packages.register(product, cached)
    host.event_log.write(
        "Application", "MsiInstaller", 1033,
        f"Windows Installer installed the product. Product Name: {product.name}. Product Version: {product.version}. "
        "Product Language: 1033. Installation success or error status: 0.",
    )  # fmt: skip
    numbers = _numbers(shown)
    host.packages.write_entry(
        version.product_code,
        uninstall.view,
        {
            "AuthorizedCDFPrefix": "",
            "Comments": "",
            "Contact": "",
            "DisplayName": product.name,
            "DisplayVersion": shown,
            "EstimatedSize": uninstall.estimated_size,
            "HelpLink": "",
            "InstallDate": context.values["date"],
            "InstallLocation": "",
            "InstallSource": product.source,
            "Language": 1033,
            "ModifyPath": f"MsiExec.exe /X{version.product_code}",
            "Publisher": uninstall.publisher,
            "UninstallString": f"MsiExec.exe /X{version.product_code}",
            "Version": ((numbers[0] & 0xFF) << 24) | ((numbers[1] & 0xFF) << 16) | (numbers[2] & 0xFFFF),
            "VersionMajor": numbers[0],
            "VersionMinor": numbers[1],
            "WindowsInstaller": 1,
            **{name: context.fill(data) if isinstance(data, str) else data for name, data in uninstall.extra.items()},
        },
    )
    run.say(f"Product: {product.name} -- Installation completed successfully.")


def _finish(run: Run, context: Context, installed_before: bool) -> int:
    if run.arguments.restart == "always":
        setup.restart(run.process.host)
        return RESTARTING
    fault = run.process.host.faults.take("reboot_required", tool=context.standin.id)
    if fault is not None and int(fault.get("code", RESTART_NEEDED)) == RESTARTING:
        setup.restart(run.process.host)
        return RESTARTING
    if fault is not None or context.pending_reboot or (context.standin.needs_restart and not installed_before):
        return _restart_code(run)
    return SUCCESS


def _restart_code(run: Run) -> int:
    """3010, or, when nothing forbids it, the restart itself and 1641."""
    suppressed = run.arguments.properties.get("REBOOT", "").upper() in ("REALLYSUPPRESS", "R", "SUPPRESS", "S")
    if run.arguments.restart == "never" or suppressed:
        return RESTART_NEEDED
    setup.restart(run.process.host)
    return RESTARTING
