"""Members of .NET Framework types, played in Python (see registry.py)."""
