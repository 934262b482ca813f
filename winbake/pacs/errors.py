"""What goes wrong with the PACS, in words."""

from __future__ import annotations

from winbake.engine.errors import EngineError


class PacsError(EngineError):
    """The PACS cannot be configured, reached or asked: what happened, and the next step."""
