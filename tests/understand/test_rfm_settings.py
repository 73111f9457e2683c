"""RFM over a window, with borders of one's own, and its segments as rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.warehouse.small_company import AS_OF, import_company

from zhike.understand.audiences.queries import count_audience
from zhike.understand.value.distributions import distributions
from zhike.understand.value.queries import rfm_grid, rfm_segments
from zhike.understand.value.segments import RULES
from zhike.understand.value.tables import RFM_SEGMENTS, RFM_VALUES
from zhike.warehouse.queries import published, rows


@pytest.mark.usefixtures("company")
def test_each_segment_has_the_customers_of_its_rule() -> None:
    assert set(RULES) == set(RFM_SEGMENTS)
    for segment in rfm_segments().segments:
        assert count_audience(RULES[segment.name]).count == segment.figures.customers


@pytest.mark.django_db
def test_a_window_and_bands_of_the_settings_are_those_of_the_next_refresh(
    home: Any, tmp_path: Path, settings: Any
) -> None:
    from zhike.warehouse.services import run_refresh

    bands = ((100.0, 200.0, 300.0, 400.0), (1.0, 2.0, 3.0, 4.0), (50.0, 100.0, 500.0, 1000.0))
    import_company(tmp_path / "files")
    settings.ZHIKE = replace(settings.ZHIKE, rfm_window=200, rfm_bands=bands)
    run_refresh(as_of=AS_OF)
    values = rows(published().table(RFM_VALUES))
    assert values
    assert max(row["days_since_last"] for row in values) < 200  # type: ignore[type-var]
    grid = rfm_grid(x="monetary", y="frequency")
    assert grid.customers == len(values)
    best = sum(cell.figures.customers for cell in grid.cells if cell.x == 5)
    assert best == sum(row["revenue_amount"] > 1000 for row in values)  # type: ignore[operator]
    found = {one.measure: one for one in distributions()}
    assert found["revenue_amount"].borders == bands[2]
    assert found["revenue_amount"].best == best
    assert all(one.is_fixed for one in found.values())
    assert rfm_grid(line_of_business="food").customers <= len(values)
