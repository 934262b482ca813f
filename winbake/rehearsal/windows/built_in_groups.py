"""The local groups that every Windows Server has. SIDs: MicrosoftDocs/win32 SecAuthZ/well-known-sids."""

from __future__ import annotations

# SID, name, description
BUILT_IN_GROUPS: list[tuple[str, str, str]] = [
    (
        "S-1-5-32-579",
        "Access Control Assistance Operators",
        "Members of this group can remotely query authorization attributes and permissions for resources "
        "on this computer.",
    ),
    (
        "S-1-5-32-544",
        "Administrators",
        "Administrators have complete and unrestricted access to the computer/domain",
    ),
    (
        "S-1-5-32-551",
        "Backup Operators",
        "Backup Operators can override security restrictions for the sole purpose of backing up or restoring files",
    ),
    (
        "S-1-5-32-574",
        "Certificate Service DCOM Access",
        "Members of this group are allowed to connect to Certification Authorities in the enterprise",
    ),
    (
        "S-1-5-32-569",
        "Cryptographic Operators",
        "Members are authorized to perform cryptographic operations.",
    ),
    (
        "S-1-5-32-562",
        "Distributed COM Users",
        "Members are allowed to launch, activate and use Distributed COM objects on this machine.",
    ),
    ("S-1-5-32-573", "Event Log Readers", "Members of this group can read event logs from local machine"),
    (
        "S-1-5-32-546",
        "Guests",
        "Guests have the same access as members of the Users group by default, except for the Guest "
        "account which is further restricted",
    ),
    (
        "S-1-5-32-578",
        "Hyper-V Administrators",
        "Members of this group have complete and unrestricted access to all features of Hyper-V.",
    ),
    ("S-1-5-32-568", "IIS_IUSRS", "Built-in group used by Internet Information Services."),
    (
        "S-1-5-32-556",
        "Network Configuration Operators",
        "Members in this group can have some administrative privileges to manage configuration of networking features",
    ),
    (
        "S-1-5-32-559",
        "Performance Log Users",
        "Members of this group may schedule logging of performance counters, enable trace providers, and "
        "collect event traces both locally and via remote access to this computer",
    ),
    (
        "S-1-5-32-558",
        "Performance Monitor Users",
        "Members of this group can access performance counter data locally and remotely",
    ),
    (
        "S-1-5-32-547",
        "Power Users",
        "Power Users are included for backwards compatibility and possess limited administrative powers",
    ),
    ("S-1-5-32-550", "Print Operators", "Members can administer printers installed on domain controllers"),
    (
        "S-1-5-32-575",
        "RDS Remote Access Servers",
        "Servers in this group enable users of RemoteApp programs and personal virtual desktops access to "
        "these resources.",
    ),
    ("S-1-5-32-555", "Remote Desktop Users", "Members in this group are granted the right to logon remotely"),
    (
        "S-1-5-32-580",
        "Remote Management Users",
        "Members of this group can access WMI resources over management protocols (such as WS-Management "
        "via the Windows Remote Management service).",
    ),
    ("S-1-5-32-552", "Replicator", "Supports file replication in a domain"),
    (
        "S-1-5-32-582",
        "Storage Replica Administrators",
        "Members of this group have complete and unrestricted access to all features of Storage Replica.",
    ),
    ("S-1-5-32-581", "System Managed Accounts Group", "Members of this group are managed by the system."),
    (
        "S-1-5-32-545",
        "Users",
        "Users are prevented from making accidental or intentional system-wide changes and can run most applications",
    ),
]
