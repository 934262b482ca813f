"""ConvertTo-SecureString, ConvertFrom-SecureString and Get-Credential.

DPAPI, which is bound to a Windows account, is not modelled, nor are encrypted standard strings.
"""

from __future__ import annotations

from winbake.rehearsal.powershell import values as v
from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.dotnet.secure_strings import PSCredential, SecureString
from winbake.rehearsal.powershell.errors import NotModelled


@cmdlet("ConvertTo-SecureString")
class ConvertToSecureString(Cmdlet):
    def process(self) -> None:
        text = self.get("String")
        if self.switch("AsPlainText"):
            if not self.switch("Force"):
                message = (
                    "The system cannot protect plain text input. To suppress this warning and convert the plain text "
                    "to a SecureString, reissue the command specifying the Force parameter. For more information ,type"
                    ": get-help ConvertTo-SecureString."
                )
                kind = "System.ArgumentException"
                self.error("ImportSecureString_ForceRequired", message, "InvalidArgument", kind)
                return
            secure = SecureString(text)
            secure.read_only = True
            self.emit(secure)
            return
        raise NotModelled("ConvertTo-SecureString of an encrypted string")


@cmdlet("ConvertFrom-SecureString")
class ConvertFromSecureString(Cmdlet):
    def process(self) -> None:
        raise NotModelled("ConvertFrom-SecureString: encryption with DPAPI or a key")


@cmdlet("Get-Credential")
class GetCredential(Cmdlet):
    """-Credential with a PSCredential gives it back; anything else would ask somebody."""

    def begin(self) -> None:
        given = v.unwrap(self.get("Credential"))
        if isinstance(given, PSCredential):
            self.emit(given)
            return
        message = "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available."
        kind = "System.Management.Automation.PSInvalidOperationException"
        raise self.fail("InvalidOperation", message, "InvalidOperation", kind)
