"""Gaps between purchases, silence against them, and trend."""

from __future__ import annotations

from datetime import date

import pytest
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.stats.rhythm import Rhythm
from zhike.understand.propensity.rhythm.measures import gap_cells, purchase_gaps, rhythm, rhythm_counts
from zhike.understand.propensity.tables import PURCHASE_GAPS, RHYTHM, RHYTHM_MODEL

AS_OF = date(2026, 6, 30)
GAPS = """
    customer_id | gap_count | gap_days | gap_spread | silent_days | purchases | purchases_before
    1           | 2         | 60       | 4          | 300         | 0         | 0
    2           | 2         | 60       | 4          | 20          | 6         | 0
    3           | 1         | 30       |            | 300         | 0         | 6
    4           | 0         | 0        |            | 5           | 1         |
    5           | 40        | 400      | 2          | 3           | 12        | 9
    6           | 200       | 2000     | 2          | 3           | 60        | 45
    """


def test_gaps_lie_between_days_with_an_order(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | line_id | ordered_on | amount
        1           | shop   | a        | 1       | 2025-12-01 | 1
        1           | shop   | a        | 2       | 2025-12-01 | 1
        1           | shop   | b        | 1       | 2026-01-10 | 1
        1           | shop   | c        | 1       | 2026-05-10 | 1
        1           | shop   | d        | 1       | 2026-07-01 | 1
        2           | shop   | e        | 1       | 2026-04-02 | 1
        3           | shop   | f        | 1       | 2026-07-01 | 1
        """,
    )
    found = {row["customer_id"]: row for row in rows(purchase_gaps(orders, as_of=AS_OF))}
    assert list(found) == [1, 2]
    assert {name: found[1][name] for name in ("gap_count", "gap_days", "silent_days")} == {
        "gap_count": 2,
        "gap_days": 160,
        "silent_days": 51,
    }
    assert found[1]["gap_spread"] == pytest.approx(56.568542)  # of 40 and 120
    assert (found[1]["purchases"], found[1]["purchases_before"]) == (1, 1)
    assert (found[2]["gap_count"], found[2]["gap_days"], found[2]["gap_spread"]) == (0, 0, None)
    assert (found[2]["purchases"], found[2]["purchases_before"]) == (1, None)


def test_cells_add_up_how_uneven_the_gaps_of_alike_are(table: MakeTable, rows: ReadRows) -> None:
    found = rows(gap_cells(table(PURCHASE_GAPS, GAPS)))
    assert [(one["gap_count"], one["customers"]) for one in found] == [(2, 2), (40, 1), (200, 1)]
    assert found[0]["squares"] == pytest.approx(2 * (4**2 / 60**2 + 1 / 2), abs=1e-6)


@pytest.mark.parametrize(("shape", "tail"), [(1, 1), (2, 1), (4, 1), (1, 0.6)])
def test_silence_is_judged_by_the_own_rhythm(table: MakeTable, rows: ReadRows, shape: int, tail: float) -> None:
    model = table(RHYTHM_MODEL, f"shape | tail | customers | gaps\n{shape} | {tail} | 9 | 9")
    found = {row["customer_id"]: row for row in rows(rhythm(table(PURCHASE_GAPS, GAPS), model))}
    expected = Rhythm(shape, tail).silence_chance([2, 2], [60, 60], [300, 20])
    assert [found[one]["silence_chance"] for one in (1, 2)] == pytest.approx(expected, abs=1e-6)
    is_quiet = bool(expected[0] < 0.05)
    assert is_quiet is (tail == 1)
    assert [found[one]["is_quiet"] for one in (1, 2, 3, 4)] == [is_quiet, False, None, None]
    assert [found[one]["usual_gap_days"] for one in (1, 3, 4, 5)] == [30, None, None, 10]


def test_a_trend_is_more_than_chance_and_more_than_a_little(table: MakeTable, rows: ReadRows) -> None:
    model = table(RHYTHM_MODEL, "shape | tail | customers | gaps\n1 | 1 | 9 | 9")
    found = {row["customer_id"]: row["trend"] for row in rows(rhythm(table(PURCHASE_GAPS, GAPS), model))}
    assert found == {1: None, 2: "rising", 3: "falling", 4: None, 5: "steady", 6: "steady"}


def test_without_a_model_nobody_is_quiet_but_trends_are_told(table: MakeTable, rows: ReadRows) -> None:
    model = table(RHYTHM_MODEL, "shape | tail | customers | gaps\n1 | 1 | 1 | 1")
    found = {
        row["customer_id"]: row for row in rows(rhythm(table(PURCHASE_GAPS, GAPS), model.filter(model["shape"] > 1)))
    }
    assert (found[1]["is_quiet"], found[1]["silence_chance"], found[2]["trend"]) == (None, None, "rising")


def test_customers_are_counted_by_trend_and_silence(table: MakeTable, rows: ReadRows) -> None:
    known = table(
        RHYTHM,
        """
        customer_id | trend  | is_quiet
        1           | rising | no
        2           | rising | no
        3           |        | yes
        """,
    )
    assert rows(rhythm_counts(known)) == [
        {"trend": None, "is_quiet": True, "customers": 1},
        {"trend": "rising", "is_quiet": False, "customers": 2},
    ]
