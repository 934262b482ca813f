"""Versions as installers write them, and ranges."""

from __future__ import annotations

import pytest

from winbake.config.versions import VersionRange, compare_versions


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        ("26.02", "26.02.00.0", 0),
        ("1.10", "1.9", 1),
        ("v1.0.20260724", "1.0.20260724", 0),
        ("8u504", "8.504", 0),
        ("3.7.0", "3.7", 0),
        ("3.6.9", "3.7.0", -1),
    ],
)
def test_compare(left: str, right: str, order: int) -> None:
    assert compare_versions(left, right) == order
    assert compare_versions(right, left) == -order


@pytest.mark.parametrize(
    ("range_text", "version", "holds"),
    [
        ("26.02", "26.2.0.0", True),
        ("==26.02", "26.03", False),
        (">=17.0.20, <18", "17.0.20.101", True),
        (">=17.0.20, <18", "18.0", False),
        ("~=3.7", "3.9.1", True),
        ("~=3.7", "4.0", False),
        ("~=3.7", "3.6", False),
        ("!=1.2", "1.2.0", False),
        ("*", "anything", True),
    ],
)
def test_range(range_text: str, version: str, holds: bool) -> None:
    assert VersionRange.parse(range_text).holds(version) is holds


@pytest.mark.parametrize("text", ["", "newest", ">=", "1.0 beta 2"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a version range"):
        VersionRange.parse(text)
