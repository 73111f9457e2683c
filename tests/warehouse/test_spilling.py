"""What does not fit into memory is spilled: in a home that is new, and where there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zhike.warehouse.engines.duckdb import DuckDBEngine


@pytest.mark.parametrize("is_there", [True, False])
def test_more_than_fits_into_memory_is_spilled(tmp_path: Path, settings: Any, *, is_there: bool) -> None:
    home = tmp_path / "home"
    if is_there:
        home.mkdir()
    settings.ZHIKE = replace(settings.ZHIKE, home=home, memory="100MB", threads=1)
    engine = DuckDBEngine()
    engine.sql("CREATE TEMP TABLE much AS SELECT hash(i) AS value FROM range(30_000_000) AS t(i)")
    assert engine.sql("SELECT count(*) FROM much").fetchall() == [(30_000_000,)]
    assert bool(list(home.glob("scratch/duckdb-*/*"))) == is_there
    assert home.exists() == is_there
    engine.sql("DROP TABLE much")
