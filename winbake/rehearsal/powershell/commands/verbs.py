"""Get-Verb: the verbs that commands should begin with."""

from __future__ import annotations

from winbake.rehearsal.powershell.command import Cmdlet, cmdlet
from winbake.rehearsal.powershell.values import custom_object
from winbake.rehearsal.powershell.wildcard import Wildcard

_VERBS = {
    "Common": "Add Clear Close Copy Enter Exit Find Format Get Hide Join Lock Move New Open Optimize Pop Push Redo "
    "Remove Rename Reset Resize Search Select Set Show Skip Split Step Switch Undo Unlock Watch",
    "Data": "Backup Checkpoint Compare Compress Convert ConvertFrom ConvertTo Dismount Edit Expand Export Group Import "
    "Initialize Limit Merge Mount Out Publish Restore Save Sync Unpublish Update",
    "Lifecycle": "Approve Assert Complete Confirm Deny Disable Enable Install Invoke Register Request Restart Resume "
    "Start Stop Submit Suspend Uninstall Unregister Wait",
    "Diagnostic": "Debug Measure Ping Repair Resolve Test Trace",
    "Communications": "Connect Disconnect Read Receive Send Write",
    "Security": "Block Grant Protect Revoke Unblock Unprotect",
    "Other": "Use",
}
"""Group → verbs, as Windows PowerShell 5.1 lists them (VerbsCommon, VerbsData … of its engine)."""


@cmdlet("Get-Verb", "Get-Verb")
class GetVerb(Cmdlet):
    def process(self) -> None:
        wildcards = [Wildcard(str(pattern)) for pattern in self.get("Verb") or ["*"]]
        for group, verbs in _VERBS.items():
            for verb in verbs.split():
                if any(wildcard.matches(verb) for wildcard in wildcards):
                    made = custom_object([("Verb", verb), ("Group", group)])
                    made.type_names = [
                        "Selected.Microsoft.PowerShell.Commands.MemberDefinition",
                        "System.Management.Automation.PSCustomObject",
                        "System.Object",
                    ]
                    self.emit(made)
