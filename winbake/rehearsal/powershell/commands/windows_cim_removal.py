"""Remove-CimInstance, for the one class whose instances scripts delete: Win32_UserProfile."""

from __future__ import annotations

from winbake.rehearsal.powershell.cim import user_profiles
from winbake.rehearsal.powershell.cim.instance import CimInstance
from winbake.rehearsal.powershell.command import cmdlet
from winbake.rehearsal.powershell.commands.windows_cim import CimCommand
from winbake.rehearsal.powershell.errors import NotModelled
from winbake.rehearsal.powershell.values import unwrap
from winbake.rehearsal.windows.failures import Win32Failure

_FAILED = 0x80041001  # WBEM_E_FAILED


@cmdlet("Remove-CimInstance", "Microsoft.Management.Infrastructure.CimCmdlets.RemoveCimInstanceCommand")
class RemoveCimInstance(CimCommand):
    def process(self) -> None:
        self.refuse_remote()
        given = unwrap(self.get("InputObject"))
        found = [given] if isinstance(given, CimInstance) else self.queried(str(unwrap(self.get("Query"))))[0]
        for one in found:
            if one.class_name != "Win32_UserProfile":
                raise NotModelled(f"Remove-CimInstance of {one.class_name}")
            if self.should_process(one.path, "Remove-CimInstance"):
                self._remove(one)

    def _remove(self, one: CimInstance) -> None:
        try:
            user_profiles.delete_profile(self.session, one)
        except Win32Failure:
            self.error(f"HRESULT 0x{_FAILED:08x}", "Generic failure ", "NotSpecified",
                       "Microsoft.Management.Infrastructure.CimException", one, HResult=_FAILED - 2**32)  # fmt: skip
