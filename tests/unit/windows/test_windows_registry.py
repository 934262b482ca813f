"""The registry: WOW64 views, kinds, volatile keys, deletion. Rules: WinProg64/shared-registry-keys."""

from __future__ import annotations

import pytest

from winbake.rehearsal.windows.failures import Win32Failure
from winbake.rehearsal.windows.host import WindowsHost
from winbake.rehearsal.windows.registry import Registry

SOFTWARE = r"HKEY_LOCAL_MACHINE\SOFTWARE"


@pytest.mark.parametrize(
    "key",
    [
        r"Policies\X",
        r"Microsoft\Windows\CurrentVersion\Policies\X",
        r"Microsoft\Windows\CurrentVersion\App Paths\x.exe",
        r"Microsoft\Windows NT\CurrentVersion\ProfileList\X",
        r"Microsoft\SystemCertificates\X",
    ],
)
def test_a_shared_key_is_one_key_in_both_views(host: WindowsHost, key: str) -> None:
    host.registry.write(rf"{SOFTWARE}\{key}", "v", "one", view=32)
    assert host.registry.read(rf"{SOFTWARE}\{key}", "v", view=64) == "one"
    assert host.registry.read(rf"{SOFTWARE}\WOW6432Node\{key}", "v", view=64) == "one"


@pytest.mark.parametrize(
    "key",
    [
        r"Orthanc\Orthanc Server",
        r"Microsoft\Windows\CurrentVersion\Uninstall\X",
        r"Microsoft\Windows\CurrentVersion\Run",
        r"Microsoft\Windows NT\CurrentVersion\Winlogon",
        r"Microsoft\Windows NT\CurrentVersion\X",
    ],
)
def test_a_redirected_key_is_two_keys(host: WindowsHost, key: str) -> None:
    host.registry.write(rf"{SOFTWARE}\{key}", "v", "thirty-two", view=32)
    host.registry.write(rf"{SOFTWARE}\{key}", "v", "sixty-four", view=64)
    assert host.registry.read(rf"{SOFTWARE}\{key}", "v", view=32) == "thirty-two"
    assert host.registry.read(rf"{SOFTWARE}\WOW6432Node\{key}", "v", view=64) == "thirty-two"
    assert host.registry.read(rf"{SOFTWARE}\WOW6432Node\{key}", "v", view=32) == "thirty-two"
    assert host.registry.read(rf"{SOFTWARE}\{key}", "v", view=64) == "sixty-four"


def test_file_types_have_one_copy(host: WindowsHost) -> None:
    host.registry.write(rf"{SOFTWARE}\Classes\.dcm", "", "viewer", view=32)
    assert host.registry.read(rf"{SOFTWARE}\Classes\.dcm", "") == "viewer"
    assert host.registry.read(r"HKEY_CLASSES_ROOT\.dcm", "") == "viewer"


def test_class_ids_are_redirected_inside_the_shared_classes(host: WindowsHost) -> None:
    host.registry.write(rf"{SOFTWARE}\Classes\CLSID\{{1}}", "", "32", view=32)
    assert host.registry.open(rf"{SOFTWARE}\Classes\CLSID\{{1}}", view=64) is None
    assert host.registry.read(rf"{SOFTWARE}\Classes\WOW6432Node\CLSID\{{1}}", "") == "32"
    assert host.registry.read(rf"{SOFTWARE}\WOW6432Node\Classes\CLSID\{{1}}", "") == "32"
    assert host.registry.read(r"HKEY_CLASSES_ROOT\CLSID\{1}", "", view=32) == "32"


def test_system_and_the_users_own_software_have_one_copy(host: WindowsHost) -> None:
    host.registry.write(r"HKLM\SYSTEM\CurrentControlSet\Control\X", "v", 1, view=32)
    assert host.registry.read(r"HKLM\SYSTEM\ControlSet001\Control\X", "v") == 1
    host.registry.write(r"HKCU\SOFTWARE\X", "v", 1, view=32)
    assert host.registry.read(r"HKCU\SOFTWARE\X", "v", view=64) == 1


def test_current_user_is_the_hive_of_its_sid(host: WindowsHost) -> None:
    host.registry.write(r"HKCU\Environment", "A", "x", sid=None)
    sid = host.accounts.must_user("Administrator").sid
    assert host.registry.read(rf"HKEY_USERS\{sid}\Environment", "A") == "x"
    assert host.registry.read(r"HKCU\Environment", "A", sid="S-1-5-18") is None


def test_names_compare_without_case_and_keep_their_spelling(host: WindowsHost) -> None:
    host.registry.write(rf"{SOFTWARE}\WinBake\Sub", "Value", "x")
    host.registry.write(rf"{SOFTWARE}\WINBAKE\sub", "VALUE", "y")
    key = host.registry.open(rf"{SOFTWARE}\winbake")
    assert key is not None and key.subkeys() == ["Sub"]
    sub = host.registry.open(rf"{SOFTWARE}\winbake\sub")
    assert sub is not None and sub.values() == ["Value"]
    value = sub.get("value")
    assert value is not None and (value.kind, value.data) == (1, "y")


@pytest.mark.parametrize(
    ("kind", "data", "kept"),
    [
        (1, "x", "x"),
        (2, "%SystemRoot%", "%SystemRoot%"),
        (3, b"\0\xff", b"\0\xff"),
        (4, 0xFFFFFFFF, 0xFFFFFFFF),
        (4, -1, 0xFFFFFFFF),
        (7, ["a", "", "b"], ["a", "", "b"]),
        (11, 2**63, 2**63),
    ],
)
def test_kinds_keep_their_data(host: WindowsHost, kind: int, data: object, kept: object) -> None:
    key = host.registry.create(rf"{SOFTWARE}\WinBake")
    key.set("v", kind, data)
    value = key.get("v")
    assert value is not None and (value.kind, value.data) == (kind, kept)


@pytest.mark.parametrize(("kind", "data"), [(4, "1"), (4, 2**32), (1, 1), (7, "x"), (3, "x"), (4, True)])
def test_data_that_is_not_of_its_kind_is_refused(host: WindowsHost, kind: int, data: object) -> None:
    key = host.registry.create(rf"{SOFTWARE}\WinBake")
    with pytest.raises(Win32Failure) as refused:
        key.set("v", kind, data)
    assert refused.value.code == 87


def test_deleting(host: WindowsHost) -> None:
    key = host.registry.create(rf"{SOFTWARE}\WinBake\Sub")
    with pytest.raises(Win32Failure) as refused:
        host.registry.delete_key(rf"{SOFTWARE}\WinBake")
    assert refused.value.code == 5
    host.registry.delete_key(rf"{SOFTWARE}\WinBake", recursive=True)
    assert host.registry.open(rf"{SOFTWARE}\WinBake") is None
    with pytest.raises(Win32Failure) as refused:
        key.set("v", 1, "x")
    assert refused.value.code == 1018
    with pytest.raises(Win32Failure) as refused:
        host.registry.delete_key(rf"{SOFTWARE}\WinBake")
    assert refused.value.code == 2
    with pytest.raises(Win32Failure) as refused:
        host.registry.create(rf"{SOFTWARE}\WinBake").delete("none")
    assert refused.value.code == 2


def test_a_stable_key_below_a_volatile_one_is_refused(host: WindowsHost) -> None:
    host.registry.create(rf"{SOFTWARE}\WinBake\V", volatile=True)
    with pytest.raises(Win32Failure) as refused:
        host.registry.create(rf"{SOFTWARE}\WinBake\V\S")
    assert refused.value.code == 1021


def test_limits_and_hives(host: WindowsHost) -> None:
    for path, code in [
        (rf"{SOFTWARE}\{'x' * 256}", 87),
        (r"HKEY_LOCAL_MACHINE\NEW", 87),
        (r"HKEY_LOCAL_MACHINE\SAM\SAM", 5),
        (r"NOHIVE\X", 87),
    ]:
        with pytest.raises(Win32Failure) as refused:
            host.registry.create(path)
        assert refused.value.code == code, path
    assert host.registry.create(rf"{SOFTWARE}\{'x' * 255}").name == "x" * 255


def test_a_key_opened_for_reading_refuses_to_write(host: WindowsHost) -> None:
    host.registry.create(rf"{SOFTWARE}\WinBake")
    key = host.registry.open(rf"{SOFTWARE}\WinBake")
    assert key is not None
    with pytest.raises(Win32Failure) as refused:
        key.set("v", 1, "x")
    assert refused.value.code == 5


def test_state_round_trip(host: WindowsHost) -> None:
    key = host.registry.create(rf"{SOFTWARE}\WinBake")
    key.set("b", 3, b"\0\1")
    key.set("m", 7, ["a", "b"])
    copy = Registry(host.machine_sid)
    copy.load_state(host.registry.state())
    assert copy.state() == host.registry.state()
    assert copy.read(rf"{SOFTWARE}\WinBake", "b") == b"\0\1"
