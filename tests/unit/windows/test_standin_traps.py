"""Installers that bite: what each does to who does not know it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace

import pytest
from windows_bench import Bench

from winbake.rehearsal.standins import Mirror, load_standins
from winbake.rehearsal.windows import images

FIREFOX_MSI = "https://download.mozilla.org/?product=firefox-esr-msi-latest-ssl&os=win64&lang=en-US"
CHROME = "https://dl.google.com/dl/chrome/install/googlechromestandaloneenterprise64.msi"
SITE = "https://mirrors.kernel.org/sourceware/cygwin/"
TREE = "https://data.example/winbake/cygwin-packages-2026-09-01.zip"


# Cygwin.


@pytest.fixture
def cygwin(bench: Bench) -> str:
    """Cygwin's setup on the host, and a package tree in C:\\tree."""
    with zipfile.ZipFile(io.BytesIO(bench.host.network.fetch(TREE).body)) as archive:
        for name in archive.namelist():
            path = "C:\\tree\\" + name.replace("/", "\\")
            bench.host.files.make_directory(path.rpartition("\\")[0])
            bench.host.files.write(path, archive.read(name))
    return bench.fetch("cygwin", "2.937")


def packages(bench: Bench, root: str) -> dict[str, str]:
    done = bench.run(rf"{root}\bin\cygcheck.exe -c -d")
    lines = done.stdout.getvalue().decode().splitlines()
    assert lines[0] == "Cygwin Package Information"
    return dict(line.split() for line in lines[2:])


def test_cygwin_from_a_tree_needs_no_network_and_leaves_no_uninstall_entry(bench: Bench, cygwin: str) -> None:
    host = bench.host
    before = [entry.key for entry in host.packages]
    host.network.mirror_port = None
    done = bench.run(rf"{cygwin} -q -L -l C:\tree --root C:\cyg --wait -P git,dos2unix")
    assert done.exit_code == 0
    assert [entry.key for entry in host.packages] == before
    assert host.registry.read(r"HKLM\SOFTWARE\Cygwin\setup", "rootdir") == r"C:\cyg"
    for name in ("bash", "ls", "find", "git", "dos2unix", "ssh"):
        assert host.files.is_file(rf"C:\cyg\bin\{name}.exe"), name
    assert not host.files.exists(r"C:\cyg\bin\vim.exe")
    found = packages(bench, r"C:\cyg")
    assert found["cygwin"] == "3.6.10-1" and {"git", "openssh", "dos2unix"} <= set(found)
    assert bench.run(r"C:\cyg\bin\bash.exe -lc 'uname -s'").stdout.getvalue().startswith(b"CYGWIN_NT-10.0")
    assert bench.run(rf"{cygwin} -q -L -l C:\tree -R C:\cyg -P vim").exit_code == 0
    assert set(packages(bench, r"C:\cyg")) == {*found, "vim"}


def test_cygwin_says_nothing_of_a_package_it_has_not(bench: Bench, cygwin: str) -> None:
    assert bench.run(rf"{cygwin} -q -L -l C:\tree -R C:\cyg -P nano,no-such-thing").exit_code == 0
    assert "nano" in packages(bench, r"C:\cyg") and "no-such-thing" not in packages(bench, r"C:\cyg")
    assert b"'no-such-thing' not found" in bench.host.files.read(r"C:\cyg\var\log\setup.log")


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_cygwin_leaves_out_a_package_whose_file_is_not_good_and_still_ends_with_0(
    bench: Bench, cygwin: str, damage: str
) -> None:
    files, path = bench.host.files, r"C:\tree\x86_64\release\git\git-2.51.0-1.tar.xz"
    files.delete(path) if damage == "gone" else files.write(path, files.read(path)[:-8])
    assert bench.run(rf"{cygwin} -q -L -l C:\tree -R C:\cyg -P git").exit_code == 0
    assert "git" not in packages(bench, r"C:\cyg") and "openssh" in packages(bench, r"C:\cyg")


def test_cygwin_without_setup_ini_does_nothing(bench: Bench, cygwin: str) -> None:
    bench.host.files.delete(r"C:\tree\x86_64\setup.ini")
    for folder in (r"C:\tree", r"C:\none"):
        assert bench.run(rf"{cygwin} -q -L -l {folder} -R C:\cyg").exit_code == 1
    assert not bench.host.files.exists(r"C:\cyg")


def test_cygwin_finds_a_tree_in_a_mirrors_folder(bench: Bench, cygwin: str) -> None:
    bench.host.files.make_directory(r"C:\cache")
    bench.host.files.move(r"C:\tree", r"C:\cache\https%3a%2f%2fmirrors.kernel.org%2fsourceware%2fcygwin%2f")
    assert bench.run(rf"{cygwin} -q -L -l C:\cache -R C:\cyg").exit_code == 0
    assert "bash" in packages(bench, r"C:\cyg")


def test_cygwin_from_a_site_needs_the_network(bench: Bench, cygwin: str) -> None:
    line = rf"{cygwin} --quiet-mode --no-desktop --site {SITE} --root C:\cyg --packages rsync --wait"
    port, bench.host.network.mirror_port = bench.host.network.mirror_port, None
    assert bench.run(line).exit_code == 1
    bench.host.network.mirror_port = port
    assert bench.run(line).exit_code == 0
    assert "rsync" in packages(bench, r"C:\cyg")


@pytest.mark.parametrize("arguments", ["", f"--site {SITE}", r"-L -l C:\tree", "--quiet-mode"])
def test_cygwin_shows_its_dialog_unless_it_is_told_all(bench: Bench, cygwin: str, arguments: str) -> None:
    assert bench.hangs(f"{cygwin} {arguments}") == "Cygwin Setup"


def test_cygwin_refuses_an_option_it_does_not_know(bench: Bench, cygwin: str) -> None:
    assert bench.run(rf"{cygwin} -q -L -l C:\tree --silent").exit_code == 1


def test_cygwin_returns_before_its_elevated_child_unless_told_to_wait(bench: Bench, cygwin: str) -> None:
    host = bench.host
    plain = replace(host.default_token, elevated=False)
    line = rf"{cygwin} -q -L -l C:\tree --root"
    host.clock.speed = 100
    early = host.start(rf"{line} C:\early", token=plain)
    assert early.ended.wait(20) and early.exit_code == 0
    assert not host.files.exists(r"C:\early\bin\bash.exe")
    host.clock.speed = 500
    late = host.start(rf"{line} C:\late --wait", token=plain)
    assert late.ended.wait(20) and late.exit_code == 0
    assert host.files.exists(r"C:\late\bin\bash.exe")


# Windows Installer, one at a time.


def test_of_two_packages_at_once_one_ends_with_1618(bench: Bench) -> None:
    lines = [f"msiexec /i {bench.fetch(*one)} /qn" for one in (("temurin-jre-17", "17.0.20.101"), ("7zip", "26.02"))]
    bench.host.clock.speed = 50
    both = [bench.host.start(line) for line in lines]
    assert all(one.ended.wait(30) for one in both)
    assert sorted(one.exit_code or 0 for one in both) == [0, 1618]


def test_a_setup_program_with_a_package_inside_ends_with_1618_too(bench: Bench) -> None:
    java, seven = bench.fetch("temurin-jre-17", "17.0.20.101"), bench.fetch("7zip", "26.02")
    oracle = f"{bench.fetch('oracle-jre-8', '8.0.5030.1')} /s REBOOT=0 SPONSORS=0 AUTO_UPDATE=0"
    bench.host.clock.speed = 50
    first = bench.host.start(f"msiexec /i {java} /qn")
    bench.host.clock.sleep(3)
    assert bench.run(oracle).exit_code == 1618
    assert first.ended.wait(30) and first.exit_code == 0
    second = bench.host.start(oracle)
    bench.host.clock.sleep(3)
    assert bench.run(f"msiexec /i {seven} /qn").exit_code == 1618
    assert second.ended.wait(30) and second.exit_code == 0
    assert "Java 8 Update 503 (64-bit)" in [entry.display_name for entry in bench.host.packages]


def test_two_setup_programs_may_run_at_once(bench: Bench) -> None:
    lines = [f"{bench.fetch('radiant', '2026.1')} /S", f"{bench.fetch('firefox-esr', '153.3.0')} /S"]
    both = [bench.host.start(line) for line in lines]
    assert all(one.ended.wait(30) for one in both)
    assert [one.exit_code for one in both] == [0, 0]


# Firefox's package.


def test_firefoxs_msi_registers_no_product(bench: Bench) -> None:
    host = bench.host
    host.files.write(r"C:\dl\firefox.msi", host.network.fetch(FIREFOX_MSI).body)
    assert bench.run(r"msiexec /i C:\dl\firefox.msi /quiet INSTALL_MAINTENANCE_SERVICE=false").exit_code == 0
    assert host.files.is_file(r"C:\Program Files\Mozilla Firefox\firefox.exe")
    assert host.services.get("MozillaMaintenance") is None
    image = images.read_image(host.files.read(r"C:\dl\firefox.msi"))
    assert image is not None and image.package is not None
    code = image.package["standin"]["versions"][0]["product_code"]
    assert host.packages.product(code) is None
    assert bench.run(f"msiexec /x {code} /qn").exit_code == 1605
    assert bench.run(r"msiexec /x C:\dl\firefox.msi /qn").exit_code == 1605
    entry = next(entry for entry in host.packages if "Firefox" in entry.display_name)
    assert entry.key == "Mozilla Firefox ESR" and "WindowsInstaller" not in entry.values
    assert bench.run(f"{entry.values['UninstallString']} /S").exit_code == 0
    for _ in range(100):
        if not [entry for entry in host.packages if "Firefox" in entry.display_name]:
            break
        host.clock.sleep(1)
    assert not host.files.exists(r"C:\Program Files\Mozilla Firefox\firefox.exe")


def test_firefoxs_msi_passes_its_directory_on(bench: Bench) -> None:
    bench.host.files.write(r"C:\dl\firefox.msi", bench.host.network.fetch(FIREFOX_MSI).body)
    line = r'msiexec /i C:\dl\firefox.msi /quiet INSTALL_DIRECTORY_PATH="C:\Fire fox" DESKTOP_SHORTCUT=false'
    assert bench.run(line).exit_code == 0
    assert bench.host.files.is_file(r"C:\Fire fox\firefox.exe")
    assert not bench.host.files.exists(r"C:\Users\Public\Desktop\Firefox.lnk")
    assert bench.host.services.must("MozillaMaintenance").start_type == 3


# Postman, Orthanc, Chrome.


def test_postman_lands_in_the_profile_of_who_installs_it(bench: Bench) -> None:
    host = bench.host
    host.accounts.add_user("baker", "Secret-123456")
    host.accounts.add_member("Administrators", "baker")
    baker, others = host.logon("baker", "Secret-123456"), host.default_token
    done = host.start(f"{bench.fetch('postman', '12.24.6')} --silent", token=baker)
    assert done.ended.wait(30) and done.exit_code == 0
    assert host.files.is_file(r"C:\Users\baker\AppData\Local\Postman\Postman.exe")
    entry = next(entry for entry in host.packages if entry.display_name.startswith("Postman"))
    assert entry.user == baker.sid != others.sid
    assert not [path for path in (r"C:\Program Files\Postman", r"C:\Users\Public\Postman") if host.files.exists(path)]


def test_chromes_evergreen_url_moves_on_and_the_signer_stays(bench: Bench) -> None:
    with Mirror(load_standins()) as mirror:
        here = Bench(bench.host, mirror)
        old = here.host.network.fetch(CHROME).body
        mirror.move_on("google-chrome", "153.0.8021.40")
        new = here.host.network.fetch(CHROME).body
        assert hashlib.sha256(old).hexdigest() != hashlib.sha256(new).hexdigest() == mirror.urls()[CHROME][0]
        before, after = images.read_image(old), images.read_image(new)
        assert before is not None and after is not None and before.signer == after.signer != ""
        here.host.files.write(r"C:\dl\chrome.msi", new)
        assert here.run(r"msiexec /i C:\dl\chrome.msi /quiet").exit_code == 0
        assert "153.0.8021.40" in [entry.display_version for entry in here.host.packages]
        with pytest.raises(ValueError, match="no evergreen url"):
            mirror.move_on("7zip", "26.03")
        with pytest.raises(KeyError):
            mirror.move_on("google-chrome", "1.0")
