"""Recency, frequency and monetary value: the borders of the fifths, scores and segments."""

from __future__ import annotations

from datetime import date

import pytest
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.understand.value.measures import fixed_bounds, rfm, rfm_bounds, rfm_segment, rfm_values
from zhike.understand.value.tables import ORDER_SUMMARY, RFM, RFM_BOUNDS

AS_OF = date(2026, 6, 1)


def test_rfm_values_count_an_order_once_however_many_lines_it_has(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | line_id | ordered_on | amount
        1           | shop   | a        | 1       | 2026-05-05 | 40
        1           | shop   | a        | 2       | 2026-05-05 | 0.5
        1           | till   | a        | 1       | 2026-05-31 | 2
        1           | shop   | b        | 1       | 2026-06-02 | 9
        2           | shop   | c        | 1       | 2026-06-02 | 9
        """,
    )
    assert rows(rfm_values(orders, as_of=AS_OF)) == [
        {"customer_id": 1, "days_since_last": 1, "order_count": 2, "revenue_amount": 42.5}
    ]


SIX_BUYERS = """
    customer_id | days_since_last | order_count | revenue_amount
    1           | 10              | 1           | 10.0001
    2           | 20              | 1           | 20.0002
    3           | 30              | 1           | 30.0003
    4           | 40              | 1           | 40.0004
    5           | 50              | 2           | 50.0005
    6           | 60              | 9           | 60.0006
"""


def test_borders_are_interpolated_between_the_buyers(table: MakeTable, rows: ReadRows) -> None:
    assert rows(rfm_bounds(table(ORDER_SUMMARY, SIX_BUYERS)).order_by("place")) == [
        {"days_since_last": 20.0, "order_count": 1.0, "revenue_amount": 20.0002, "place": 1},
        {"days_since_last": 30.0, "order_count": 1.0, "revenue_amount": 30.0003, "place": 2},
        {"days_since_last": 40.0, "order_count": 1.0, "revenue_amount": 40.0004, "place": 3},
        {"days_since_last": 50.0, "order_count": 2.0, "revenue_amount": 50.0005, "place": 4},
    ]
    four = table(ORDER_SUMMARY, "\n".join(SIX_BUYERS.splitlines()[:6]))
    assert [row["revenue_amount"] for row in rows(rfm_bounds(four).select("place", "revenue_amount"))] == [
        16.00016,  # 10.0001 + 0.6 × 10.0001: position 0.2 × 3
        22.00022,
        28.00028,
        34.00034,
    ]


def test_nobody_has_no_borders(table: MakeTable, rows: ReadRows) -> None:
    nobody = table(ORDER_SUMMARY, SIX_BUYERS).filter(lambda t: t.customer_id > 6)
    assert [row["revenue_amount"] for row in rows(rfm_bounds(nobody))] == [None] * 4


def test_quantiles_do_not_split_ties(table: MakeTable, rows: ReadRows) -> None:
    summary = table(ORDER_SUMMARY, SIX_BUYERS)
    bounds = table(
        RFM_BOUNDS,
        """
        place | days_since_last | order_count | revenue_amount
        1     | 20              | 1           | 20.0002
        2     | 30              | 1           | 30.0003
        3     | 40              | 1           | 40.0004
        4     | 50              | 2           | 50.0005
        """,
    )
    assert rows(rfm(summary, bounds)) == [
        {"customer_id": 1, "recency": 5, "frequency": 1, "monetary": 1, "segment": "new"},
        {"customer_id": 2, "recency": 4, "frequency": 1, "monetary": 1, "segment": "new"},
        {"customer_id": 3, "recency": 3, "frequency": 1, "monetary": 2, "segment": "needs_attention"},
        {"customer_id": 4, "recency": 2, "frequency": 1, "monetary": 3, "segment": "about_to_sleep"},
        {"customer_id": 5, "recency": 1, "frequency": 4, "monetary": 4, "segment": "at_risk"},
        {"customer_id": 6, "recency": 1, "frequency": 5, "monetary": 5, "segment": "cannot_lose"},
    ]


def test_buyers_who_are_all_alike_get_the_same_scores(table: MakeTable, rows: ReadRows) -> None:
    summary = table(
        ORDER_SUMMARY,
        """
        customer_id | days_since_last | order_count | revenue_amount
        1           | 7               | 2           | 0.1
        2           | 7               | 2           | 0.1
        3           | 7               | 2           | 0.1
        """,
    )
    scores = rows(rfm(summary, rfm_bounds(summary)))
    assert {(row["recency"], row["frequency"], row["monetary"], row["segment"]) for row in scores} == {
        (1, 1, 1, "hibernating")
    }


@pytest.mark.parametrize("seed", [1, 7])
def test_borders_hold_for_values_on_them_whatever_doubles_add(table: MakeTable, rows: ReadRows, seed: int) -> None:
    # With 5 k + 1 buyers every border is the value of a buyer, however 0.6 × 5 k is represented.
    amounts = [round((seed * 7919 * n) % 100_003 / 7, 4) for n in range(36)]
    lines = [f"{n} | 1 | 1 | {amount}" for n, amount in enumerate(amounts)]
    summary = table(ORDER_SUMMARY, "\n".join(["customer_id | days_since_last | order_count | revenue_amount", *lines]))
    ranked = sorted(amounts)
    scores = {row["customer_id"]: row["monetary"] for row in rows(rfm(summary, rfm_bounds(summary)))}
    assert scores == {
        n: 1 + sum(amount > ranked[7 * place] for place in range(1, 5)) for n, amount in enumerate(amounts)
    }


def test_segments_follow_recency_then_frequency(table: MakeTable, rows: ReadRows) -> None:
    pairs = [(recency, frequency) for recency in range(1, 6) for frequency in range(1, 6)]
    lines = [f"{n} | {recency} | {frequency}" for n, (recency, frequency) in enumerate(pairs)]
    scores = table(RFM, "\n".join(["customer_id | recency | frequency", *lines]))
    named = scores.select("customer_id", name=rfm_segment(scores.recency, scores.frequency))
    grid = [row["name"] for row in rows(named)]
    assert [grid[at : at + 5] for at in range(0, 25, 5)] == [
        ["hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"],
        ["about_to_sleep", "about_to_sleep", "at_risk", "at_risk", "cannot_lose"],
        ["needs_attention", "needs_attention", "needs_attention", "loyal", "loyal"],
        ["new", "promising", "promising", "champions", "champions"],
        ["new", "promising", "promising", "champions", "champions"],
    ]


def test_a_window_counts_the_orders_of_its_days_only(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | line_id | ordered_on | amount | line_of_business
        1           | shop   | a        | 1       | 2026-05-02 | 40     | food
        1           | shop   | b        | 1       | 2026-05-03 | 2      | food
        1           | shop   | b        | 2       | 2026-05-03 | 3      | toys
        2           | shop   | c        | 1       | 2026-05-02 | 9      | food
        """,
    )
    assert rows(rfm_values(orders, as_of=AS_OF, days=30)) == [
        {"customer_id": 1, "days_since_last": 29, "order_count": 1, "revenue_amount": 5.0}
    ]
    by_line = rfm_values(orders, as_of=AS_OF, days=30, by=("customer_id", "line_of_business"))
    assert [tuple(row.values()) for row in rows(by_line)] == [(1, "food", 29, 1, 2.0), (1, "toys", 29, 1, 3.0)]


def test_fixed_borders_are_the_same_whoever_buys(table: MakeTable, rows: ReadRows) -> None:
    bands = ((15, 25, 45, 55), (1, 2, 3, 8), (10, 30, 50, 60))
    summary = table(ORDER_SUMMARY, SIX_BUYERS)
    assert [tuple(row.values()) for row in rows(fixed_bounds(summary, bands))] == [
        (1, 15.0, 1.0, 10.0),
        (2, 25.0, 2.0, 30.0),
        (3, 45.0, 3.0, 50.0),
        (4, 55.0, 8.0, 60.0),
    ]
    nobody = summary.filter(summary.customer_id > 6)
    assert rows(fixed_bounds(nobody, bands)) == rows(fixed_bounds(summary, bands))
    scores = rows(rfm(summary, fixed_bounds(summary, bands)))
    assert [(row["recency"], row["frequency"], row["monetary"]) for row in scores] == [
        *((5, 1, 2), (4, 1, 2), (3, 1, 3), (3, 1, 3), (2, 2, 4), (1, 5, 5)),
    ]
