"""HRESULTs in messages are put into words."""

from __future__ import annotations

import pytest

from winbake.engine.update_codes import with_words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("KB1 failed with 0x80240016 (T)", "KB1 failed with 0x80240016, another installation is running, or a restart must come first (T)"),
        ("0x80070643", "0x80070643, fatal error during installation"),
        ("0x80070641 and 0x80070422", "0x80070641, the Windows Installer service could not be reached and 0x80070422, the Windows Update service is disabled"),
        ("0x80999999 and 0x00240005 and KB80240016", "0x80999999 and 0x00240005 and KB80240016"),
    ],
)  # fmt: skip
def test_a_code_that_is_known_is_explained(text: str, wanted: str) -> None:
    assert with_words(text) == wanted
