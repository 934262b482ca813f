"""The Windows model of the rehearsal: one `WindowsHost` is one simulated machine. Start at host.py."""
