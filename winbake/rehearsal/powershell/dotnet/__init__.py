"""Members of .NET Framework types, played in Python (see registry.py)."""

from __future__ import annotations

import importlib
import pkgutil

_loaded = False


def load() -> None:
    """Imports every module here, so that what they register is known. Cheap when done before."""
    global _loaded
    if _loaded:
        return
    _loaded = True  # before the imports: they may come back here
    try:
        for module in pkgutil.iter_modules(__path__):
            importlib.import_module(f"{__name__}.{module.name}")
    except BaseException:
        _loaded = False
        raise
