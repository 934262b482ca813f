"""HRESULTs of Windows Update in words.

Source: WUA Success and Error Codes (MicrosoftDocs/win32, Wua_Sdk/wua-success-and-error-codes-); codes 0x8007xxxx are
Win32's, of which Windows Installer's are the commonest here.
"""

from __future__ import annotations

import re

from winbake.engine.exit_codes import MSI

_WORDS = {
    0x80004005: "unspecified failure",
    0x80070005: "access is denied",
    0x80070020: "a file is in use by another program",
    0x80070070: "the disk is full",
    0x80070422: "the Windows Update service is disabled",
    0x8007045B: "the machine is shutting down",
    0x80072EE2: "the update server did not answer in time",
    0x80072EFD: "the update server cannot be reached",
    0x8024000B: "it was cancelled",
    0x80240016: "another installation is running, or a restart must come first",
    0x80240017: "it does not apply to this machine",
    0x80240019: "it can only be installed alone",
    0x8024001E: "the service or the machine was shutting down",
    0x8024001F: "there was no network connection",
    0x80240020: "it needs a user who is logged on",
    0x80240021: "it took too long",
    0x80240022: "all updates failed",
    0x80240024: "there are no updates",
    0x80240025: "forbidden by Group Policy",
    0x8024002E: "access to Microsoft's update server is not allowed",
    0x8024002F: "the policy DisableWindowsUpdateAccess is set",
    0x80240030: "the list of proxies is wrong",
    0x80240032: "the search criteria are wrong",
    0x80240033: "its license terms could not be downloaded",
    0x80240034: "its download failed",
    0x80240035: "it was not processed",
    0x80240041: "sysprep is running",
    0x80240044: "only administrators may do this",
    0x8024004A: "Windows setup is running",
    0x80240FFF: "unexpected failure",
}
_CODE = re.compile(r"0x80[0-9A-Fa-f]{6}\b")


def words_of(code: int) -> str | None:
    """None for a code that this table does not have."""
    if code in _WORDS:
        return _WORDS[code]
    return MSI.get(code & 0xFFFF) if code & 0xFFFF0000 == 0x80070000 else None


def with_words(text: str) -> str:
    """`… 0x80070643` becomes `… 0x80070643, fatal error during installation`, for every code that is known."""

    def replaced(found: re.Match[str]) -> str:
        words = words_of(int(found[0], 16))
        return f"{found[0]}, {words}" if words else found[0]

    return _CODE.sub(replaced, text)
