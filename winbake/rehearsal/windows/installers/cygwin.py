"""Cygwin's setup: reads setup.ini from a local package tree or a mirror, unpacks packages, writes no uninstall entry.

Sources: jon-turney/cygwin-setup main.cc@0044df7 (a child is started only for who is no administrator, and waited for
only with --wait; exit 1 for an unknown option), fromcwd.cc@05a4f23 (where setup.ini is looked for), package_meta.cc
@054697c (an unknown package is a line in the log, no error), install.cc (what fails leaves the exit code 0).
"""

from __future__ import annotations

import getopt
import hashlib
import io
import lzma
import tarfile
from dataclasses import dataclass, field

from winbake.rehearsal.standins.cygwin_tree import ARCHITECTURE
from winbake.rehearsal.windows import paths
from winbake.rehearsal.windows.failures import NotModelled, Win32Failure
from winbake.rehearsal.windows.installers import setup
from winbake.rehearsal.windows.installers.setup import Package
from winbake.rehearsal.windows.network import NetworkFailure
from winbake.rehearsal.windows.process import Process, Token
from winbake.rehearsal.windows.programs import stand_in_program
from winbake.rehearsal.windows.registry import REG_SZ

FAILED = 1
SECONDS_A_PACKAGE = 1.0  # assumed
LONG = (
    "allow-unsupported-windows arch= categories= delete-orphans disable-buggy-antivirus download force-current help "
    "keep-untrusted-keys lang= local-install local-package-dir= mirror-mode no-admin no-desktop no-replaceonreboot "
    "no-shortcuts no-startmenu no-verify no-version-check only-site package-manager packages= proxy= pubkey= "
    "quiet-mode remove-categories= remove-packages= root= site= upgrade-also verbose version wait"
).split()
SHORT = "a:C:oADfhLl:mBdrnNXOMP:p:K:qc:x:R:s:gvVW"
_SAME = {
    "-q": "--quiet-mode",
    "-L": "--local-install",
    "-l": "--local-package-dir",
    "-P": "--packages",
    "-R": "--root",
    "-s": "--site",
    "-W": "--wait",
    "-B": "--no-admin",
    "-C": "--categories",
    "-D": "--download",
    "-x": "--remove-packages",
    "-c": "--remove-categories",
}
_NOT_MODELLED = ("--categories", "--download", "--remove-packages", "--remove-categories", "--help", "--version")
_MOUNTED = {"usr/bin/": "bin/", "usr/lib/": "lib/"}  # Cygwin User's Guide, "The Cygwin Mount Table"


@dataclass(frozen=True)
class Listed:
    """One package of a setup.ini."""

    name: str
    version: str
    category: str
    requires: tuple[str, ...]
    path: str
    size: int
    sha512: str


@dataclass
class _Run:
    process: Process
    package: Package
    options: dict[str, str]
    root: str
    log: list[str] = field(default_factory=list)
    installed: dict[str, str] = field(default_factory=dict)

    @property
    def local(self) -> str:
        """The local package directory, in full."""
        return paths.absolute(self.options.get("--local-package-dir") or ".", self.process.directory)


def install(process: Process, package: Package) -> int:
    """Run setup; its exit code."""
    standin = package.standin
    setup.hang_if_told(process, standin.id)
    try:
        options = read_options(process.arguments[1:])
    except getopt.GetoptError:
        return FAILED
    root = options.get("--root") or standin.default_directory(package.version)
    run = _Run(process, package, options, paths.absolute(root, process.directory))
    if not process.token.elevated and "--no-admin" not in options:
        return _start_elevated(run)
    if "--quiet-mode" not in options or not ({"--site", "--local-install"} & set(options)):
        process.wait_for_ever(standin.name)
    return _work(run)


def read_options(arguments: list[str]) -> dict[str, str]:
    """Long name → value. Raises getopt.GetoptError for what setup does not know; NotModelled."""
    plain = ["--quiet-mode" if one.startswith("--quiet-mode=") else one for one in arguments]
    found, _ = getopt.gnu_getopt(plain, SHORT, LONG)
    options = {_SAME.get(name, name): value for name, value in found}
    for name in _NOT_MODELLED:
        if name in options:
            raise NotModelled(f"Cygwin setup {name}")
    return options


def _start_elevated(run: _Run) -> int:
    """Ask Windows for an elevated copy of itself; without --wait this process ends at once, whatever the copy does."""
    process, token = run.process, run.process.token
    child = process.host.start(
        f"{process.command_line} -B",
        token=Token(token.user, token.sid, token.logon, True, token.session, token.groups),
        directory=process.directory,
    )
    if "--wait" not in run.options:
        return 0
    child.ended.wait()
    return child.exit_code or 0


def _work(run: _Run) -> int:
    process, standin = run.process, run.package.standin
    context = setup.context_of(process, run.package, run.root)
    ended = setup.ended_early(process, context)
    if ended is not None:
        return ended
    listed = _read_ini(run)
    if listed is None:
        return FAILED
    setup.take_time(process, standin.seconds.install)
    try:
        for folder in ("bin", "etc\\setup", "home", "tmp", "var\\log"):
            process.host.files.make_directory(paths.join(run.root, folder))
        run.installed = _installed(process, run.root)
        for one in _wanted(run, listed):
            setup.take_time(process, SECONDS_A_PACKAGE)
            _install_package(run, one)
        _finish(run)
    except Win32Failure:
        return FAILED
    return 0


def _read_ini(run: _Run) -> dict[str, Listed] | None:
    """setup.ini of the local tree (beside or one folder below, as a mirror's folder is) or of the site."""
    files = run.process.host.files
    if "--local-install" in run.options:
        if not files.is_directory(run.local):
            return None
        below = [entry.full_path for entry in files.list(run.local) if entry.is_directory]
        for base in [run.local, *below]:
            path = paths.join(base, rf"{ARCHITECTURE}\setup.ini")
            if files.is_file(path):
                run.options["base"] = base
                return parse_ini(files.read(path).decode("utf-8"))
        return None
    content = _fetch(run, f"{ARCHITECTURE}/setup.ini")
    return None if content is None else parse_ini(content.decode("utf-8"))


def _fetch(run: _Run, path: str) -> bytes | None:
    try:
        url = run.options["--site"].rstrip("/") + "/" + path
        answer = run.process.host.network.fetch(url, process=run.process)
    except NetworkFailure:
        return None
    return answer.body if answer.status == 200 and not answer.truncated else None


def parse_ini(text: str) -> dict[str, Listed]:
    """The packages of a setup.ini, by name; unknown lines are skipped, as the format says."""
    found: dict[str, Listed] = {}
    for section in text.split("\n@ ")[1:]:
        lines = section.splitlines()
        values = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        path, size, digest = values["install"].split(" ")
        found[lines[0].strip()] = Listed(
            lines[0].strip(),
            values["version"],
            values.get("category", ""),
            tuple(values.get("requires", "").split()),
            path,
            int(size),
            digest,
        )
    return found


def _wanted(run: _Run, listed: dict[str, Listed]) -> list[Listed]:
    """The base packages, those that --packages names, and what they require; names that are not there are logged."""
    names = [name for name, one in listed.items() if "Base" in one.category.split()]
    for asked in [part.partition("=")[0] for part in run.options.get("--packages", "").split(",") if part]:
        if asked in listed:
            names.append(asked)
        else:
            run.log.append(f"Package '{asked}' not found.")
    order: list[Listed] = []
    while names:
        one = listed.get(names.pop(0))
        if one is not None and one not in order:
            order.append(one)
            names += one.requires
    return [one for one in order if run.installed.get(one.name) != one.version]


def _install_package(run: _Run, one: Listed) -> None:
    files = run.process.host.files
    if "base" in run.options:
        path = paths.join(run.options["base"], one.path.replace("/", "\\"))
        data = files.read(path) if files.is_file(path) else None
    else:
        data = _fetch(run, one.path)
    if data is None:
        run.log.append(f"Unable to open {one.path}")
        return
    if len(data) != one.size or hashlib.sha512(data).hexdigest() != one.sha512:
        run.log.append(f"SHA512 mismatch: {one.path}")
        return
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress(data))) as archive:
        for member in archive.getmembers():
            content = archive.extractfile(member)
            name = member.name
            for mounted, real in _MOUNTED.items():
                if name.startswith(mounted):
                    name = real + name[len(mounted) :]
            full = paths.join(run.root, name.replace("/", "\\"))
            files.make_directory(paths.parent(full))
            files.write(full, content.read() if content is not None else b"")
    run.installed[one.name] = one.version


def _finish(run: _Run) -> None:
    host = run.process.host
    rows = [f"{name} {name}-{version}.tar.xz 1" for name, version in sorted(run.installed.items())]
    database = "\n".join(["INSTALLED.DB 3", *rows]) + "\n"
    host.files.write(paths.join(run.root, r"etc\setup\installed.db"), database.encode("ascii"))
    start = f"Starting cygwin install, version {run.package.version.version}"
    log = "\n".join([start, *run.log, "Ending cygwin install"])
    host.files.write(paths.join(run.root, r"var\log\setup.log"), (log + "\n").encode("utf-8"))
    host.registry.write(r"HKLM\SOFTWARE\Cygwin\setup", "rootdir", run.root, REG_SZ)
    host.registry.write(r"HKLM\SOFTWARE\Cygwin\Installations", "e022582115c10879", rf"\??\{run.root}", REG_SZ)


def _installed(process: Process, root: str) -> dict[str, str]:
    path = paths.join(root, r"etc\setup\installed.db")
    if not process.host.files.is_file(path):
        return {}
    found: dict[str, str] = {}
    for line in process.host.files.read(path).decode("ascii").splitlines()[1:]:
        name, file, _ = line.split(" ")
        found[name] = file[len(name) + 1 :].removesuffix(".tar.xz")
    return found


@stand_in_program("cygcheck")
def cygcheck(process: Process) -> int:
    """cygcheck -c [-d] [PACKAGE ...]: what installed.db says, after Cygwin User's Guide, "cygcheck"."""
    arguments = process.arguments[1:]
    switches = {one for one in arguments if one.startswith("-")}
    if not switches & {"-c", "--check-setup", "-cd"} or switches - {"-c", "-d", "-cd", "--check-setup", "--dump-only"}:
        raise NotModelled(f"cygcheck {' '.join(arguments)}")
    asked = [one for one in arguments if not one.startswith("-")]
    found = _installed(process, paths.parent(paths.parent(process.path)))
    dump_only = bool(switches & {"-d", "-cd", "--dump-only"})
    process.sleep(0.5 if dump_only else 2.0)
    lines = ["Cygwin Package Information", f"{'Package':<20} Version" + ("" if dump_only else "              Status")]
    for name in asked or sorted(found):
        if name in found:
            lines.append(f"{name:<20} {found[name]}" + ("" if dump_only else f"{'':<{21 - len(found[name])}}OK"))
    process.stdout.write(("\n".join(lines) + "\n").encode("ascii"))
    return 0
