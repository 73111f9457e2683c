from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from imports_under_fire import Home


@pytest.fixture
def under_fire(tmp_path: Path, settings: LazySettings, commands: Path) -> Home:
    """A home on which other processes work, and are killed."""
    return Home(tmp_path, settings, commands)
