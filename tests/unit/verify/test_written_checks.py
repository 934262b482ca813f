"""What `verify` reads of the tests in tests/image."""

from __future__ import annotations

import pytest

from winbake.cli.written_checks import taken_apart


@pytest.mark.parametrize(
    ("name", "host", "title"),
    [
        ("test_it_is_so[winbake://ws1]", "ws1", "it is so"),
        ("test_it_is_so[winbake://ws10-8042]", "ws10", "it is so (8042)"),
        ("test_it_is_so[8042-a-winbake://ws1]", "ws1", "it is so (8042-a)"),
        ("test_it_is_so[winbake://ws1-b-x]", "ws1-b", "it is so (x)"),
        ("test_it_is_so[ws1]", None, "it is so"),
        ("tests.image.test_broken", None, "tests.image.test_broken"),
    ],
)
def test_the_name_of_a_test_holds_its_host(name: str, host: str | None, title: str) -> None:
    assert taken_apart(name, ["ws1", "ws10", "ws1-b"]) == (host, title)
