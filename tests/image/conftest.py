"""The checks here look at a baked host, and are skipped where none is named.

    python -m pytest tests/image --hosts=winbake://master
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "winbake://" in (config.getoption("hosts", None) or ""):
        return
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="needs a baked host: pytest tests/image --hosts=winbake://master"))
