"""Fixtures that every package's tests may use."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data beside the checkout's parent; a test that needs it is skipped without it."""
    if not _SHARED.is_dir():
        pytest.skip(f"no real data beside the checkout ({_SHARED.name}/ of {_SHARED.parent.name}/ is absent)")
    return _SHARED
