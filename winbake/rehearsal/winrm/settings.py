"""The WinRM service's configuration: the defaults that Server 2016 and later answer (windows_facts.md §12)."""

from __future__ import annotations

from dataclasses import dataclass

_UNLIMITED = 2147483647


@dataclass
class Settings:
    """Change a field before or while the endpoint runs; sizes in KiB, times in milliseconds."""

    max_envelope_size_kb: int = 500
    max_timeout_ms: int = 60_000
    max_operations_per_user: int = 1500
    max_connections: int = 300
    allow_unencrypted: bool = False
    basic: bool = True
    """Real hosts have it off until told otherwise; the user data that winbake gives its masters turns it on."""
    negotiate: bool = True
    idle_timeout_ms: int = 7_200_000
    max_shells_per_user: int = _UNLIMITED
    max_processes_per_shell: int = _UNLIMITED
    max_concurrent_users: int = _UNLIMITED
    max_memory_per_shell_mb: int = _UNLIMITED

    def as_xml(self) -> str:
        """The `winrm/config` resource as a Get returns it (the parts that clients read)."""
        return (
            '<cfg:Config xmlns:cfg="http://schemas.microsoft.com/wbem/wsman/1/config" xml:lang="en-US">'
            f"<cfg:MaxEnvelopeSizekb>{self.max_envelope_size_kb}</cfg:MaxEnvelopeSizekb>"
            f"<cfg:MaxTimeoutms>{self.max_timeout_ms}</cfg:MaxTimeoutms>"
            "<cfg:MaxBatchItems>32000</cfg:MaxBatchItems>"
            "<cfg:MaxProviderRequests>4294967295</cfg:MaxProviderRequests>"
            "<cfg:Service>"
            f"<cfg:MaxConcurrentOperations>4294967295</cfg:MaxConcurrentOperations>"
            f"<cfg:MaxConcurrentOperationsPerUser>{self.max_operations_per_user}"
            "</cfg:MaxConcurrentOperationsPerUser>"
            "<cfg:EnumerationTimeoutms>240000</cfg:EnumerationTimeoutms>"
            f"<cfg:MaxConnections>{self.max_connections}</cfg:MaxConnections>"
            "<cfg:MaxPacketRetrievalTimeSeconds>120</cfg:MaxPacketRetrievalTimeSeconds>"
            f"<cfg:AllowUnencrypted>{_word(self.allow_unencrypted)}</cfg:AllowUnencrypted>"
            f"<cfg:Auth><cfg:Basic>{_word(self.basic)}</cfg:Basic><cfg:Kerberos>true</cfg:Kerberos>"
            f"<cfg:Negotiate>{_word(self.negotiate)}</cfg:Negotiate><cfg:Certificate>false</cfg:Certificate>"
            "<cfg:CredSSP>false</cfg:CredSSP><cfg:CbtHardeningLevel>Relaxed</cfg:CbtHardeningLevel></cfg:Auth>"
            "</cfg:Service><cfg:Winrs><cfg:AllowRemoteShellAccess>true</cfg:AllowRemoteShellAccess>"
            f"<cfg:IdleTimeout>{self.idle_timeout_ms}</cfg:IdleTimeout>"
            f"<cfg:MaxConcurrentUsers>{self.max_concurrent_users}</cfg:MaxConcurrentUsers>"
            f"<cfg:MaxShellRunTime>{_UNLIMITED}</cfg:MaxShellRunTime>"
            f"<cfg:MaxProcessesPerShell>{self.max_processes_per_shell}</cfg:MaxProcessesPerShell>"
            f"<cfg:MaxMemoryPerShellMB>{self.max_memory_per_shell_mb}</cfg:MaxMemoryPerShellMB>"
            f"<cfg:MaxShellsPerUser>{self.max_shells_per_user}</cfg:MaxShellsPerUser></cfg:Winrs></cfg:Config>"
        )


def _word(value: bool) -> str:
    return "true" if value else "false"
