"""Companies that are grown once for all tests of profiles; each test finds its own as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.collect.profiles.merged import merged_company, number_of, searched_company
from tests.grown import Growth, grown

MERGED = Growth("merged", merged_company)
SEARCHED = Growth("searched", searched_company)


@pytest.fixture
def james(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The number of James Evans, whom two sources know."""
    with grown(MERGED, settings, tmp_path_factory):
        yield number_of("core", "c1")


@pytest.fixture
def company(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Three customers who can be found in many ways, one with many orders."""
    with grown(SEARCHED, settings, tmp_path_factory):
        yield
