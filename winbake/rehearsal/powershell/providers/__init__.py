"""The PowerShell providers of a rehearsed host: file system, registry, environment, session state, certificates."""
