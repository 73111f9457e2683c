"""The RFM grid, its segments, and the distributions."""

from __future__ import annotations

import pytest

from zhike.errors import UserError
from zhike.understand.customers.queries import list_customers
from zhike.understand.value.distributions import distributions
from zhike.understand.value.queries import rfm_grid, rfm_segments
from zhike.understand.value.tables import RFM_SEGMENTS

pytestmark = pytest.mark.usefixtures("company")


def buyers() -> list[dict[str, object]]:
    return [row for row in list_customers(limit=1000).rows if row["order_count"]]


@pytest.mark.parametrize(("x", "y"), [("frequency", "recency"), ("monetary", "frequency")])
def test_each_cell_has_the_customers_whom_its_scores_lead_to(x: str, y: str) -> None:
    grid = rfm_grid(x=x, y=y)
    assert len(grid.cells) == 25
    for cell in grid.cells:
        rule = f'has tag "rfm_{x}" = "{cell.x}" and has tag "rfm_{y}" = "{cell.y}"'
        if cell.figures.customers:
            listed = list_customers(rule=rule)
            assert (cell.figures.customers, cell.figures.revenue) == (
                listed.total,
                pytest.approx(float(listed.totals["revenue_amount"])),
            )
            assert cell.figures.mean_revenue == pytest.approx(cell.figures.revenue / cell.figures.customers)
    assert grid.customers == sum(cell.figures.customers for cell in grid.cells) == len(buyers())
    assert sum(cell.figures.revenue_share for cell in grid.cells) == pytest.approx(1)


def test_segments_add_up_and_one_stands_out() -> None:
    found = rfm_segments()
    assert tuple(segment.name for segment in found.segments) == RFM_SEGMENTS
    assert sum(segment.figures.customer_share for segment in found.segments) == pytest.approx(1)
    for segment in found.segments:
        members = [row for row in buyers() if row["segment"] == segment.name]
        assert segment.figures.customers == len(members)
        assert (segment.figures.mean_orders is None) == (not members)
        rate = segment.figures.response_rate
        assert rate is None if not segment.figures.messages else 0 <= rate <= 1  # type: ignore[operator]
    assert found.finding is not None
    assert found.finding.revenue_share > found.finding.customer_share


def test_a_unit_has_the_scores_of_the_firm_and_a_line_its_own() -> None:
    north = rfm_grid(unit="north")
    assert north.customers == sum(row["unit_id"] in ("north", "north-1") for row in buyers())
    food = rfm_grid(line_of_business="food")
    assert 0 < food.customers <= len(buyers())
    assert food.revenue < rfm_grid().revenue
    assert rfm_grid(line_of_business="ships").customers == 0


def test_every_buyer_is_in_one_bin() -> None:
    found = {one.measure: one for one in distributions()}
    assert set(found) == {"days_since_last", "order_count", "revenue_amount"}
    for measure, one in found.items():
        assert sum(bin_.customers for bin_ in one.bins) == one.customers == len(buyers())
        assert len(one.borders) == 4
        if measure != "days_since_last":
            for bin_ in one.bins:
                inside = [
                    r for r in buyers() if bin_.lower <= r[measure] and (not bin_.upper or r[measure] < bin_.upper)
                ]  # type: ignore[operator]
                assert len(inside) == bin_.customers
    assert distributions(line_of_business="ships")[0].bins == ()


def test_other_scores_are_refused() -> None:
    with pytest.raises(UserError, match="no score is called “luck”"):
        rfm_grid(x="luck")
