from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from deliveries import Desk


@pytest.fixture
def desk(home: Path, tmp_path: Path) -> Iterator[Desk]:
    """Writes files and imports them into an empty installation; every import must leave nothing lying about."""
    desk = Desk(home, tmp_path / "deliveries")
    yield desk
    desk.check_tidy()
