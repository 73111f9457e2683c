"""Histories of buying, counted by cell, and what a model says of each customer."""

from __future__ import annotations

from datetime import date

import pytest
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.understand.value.lifetime.measures import (
    alive_bands,
    amounts_held_out,
    best_buyers,
    buying_histories,
    customer_values,
    histories_by_cell,
    in_weeks,
    last_period,
    later_spending,
    period_histories,
    period_histories_by_cell,
    spending_by_band,
    value_cells_of,
    weeks_of_buying,
)
from zhike.understand.value.lifetime.tables import CUSTOMER_VALUE, VALUE_CELLS
from zhike.understand.value.tables import ORDER_SUMMARY

HISTORY = ("frequency", "recency_weeks", "age_weeks", "customers", "recency_days", "age_days")
UNTIL = date(2026, 3, 31)
ORDERS = """
    customer_id | source | order_id | line_id | ordered_on | amount
    1           | shop   | a        | 1       | 2026-01-05 | 40
    1           | shop   | b        | 1       | 2026-01-05 | 10
    1           | shop   | c        | 1       | 2026-02-01 | 60
    1           | shop   | d        | 1       | 2026-03-03 | 20
    1           | shop   | e        | 1       | 2026-04-02 | 99
    1           | shop   | f        | 1       | 2026-04-02 | 1
    1           | shop   | g        | 1       | 2026-05-02 | 7
    2           | shop   | h        | 1       | 2026-03-31 | 5
    3           | shop   | i        | 1       | 2026-04-01 | 8
    """


def test_a_history_ends_with_the_calibration_and_what_follows_is_held_out(table: MakeTable, rows: ReadRows) -> None:
    found = buying_histories(table(CUSTOMER_ORDERS, ORDERS), until=UNTIL, later_until=date(2026, 5, 1))
    ada = {
        "customer_id": 1,
        "later": 1,
        "later_amount": 100.0,
        "frequency": 2,
        "recency_days": 57,
        "age_days": 85,
        "monetary_amount": 40.0,
    }
    bob = {
        "customer_id": 2,
        "later": 0,
        "later_amount": 0.0,
        "frequency": 0,
        "recency_days": 0,
        "age_days": 0,
        "monetary_amount": None,
    }
    assert rows(found) == [ada, bob]
    assert rows(later_spending(found)) == [{"frequency": 2, "mean": 40.0, "later_mean": 100.0}]
    without = buying_histories(table(CUSTOMER_ORDERS, ORDERS), until=UNTIL)
    assert [row["frequency"] for row in rows(without)] == [2, 0]


def test_purchases_of_a_period_are_one_and_periods_that_are_not_over_do_not_count(
    table: MakeTable, rows: ReadRows
) -> None:
    orders = table(CUSTOMER_ORDERS, ORDERS)
    found = period_histories(orders, "month", until=date(2026, 4, 29), later_until=date(2026, 5, 31))
    ada = {"customer_id": 1, "later": 2, "frequency": 2, "recency": 2, "age": 2, "monetary_amount": 40.0}
    bob = {"customer_id": 2, "later": 0, "frequency": 0, "recency": 0, "age": 0, "monetary_amount": None}
    assert rows(found) == [{**ada, "later_amount": 107.0}, {**bob, "later_amount": 0.0}]
    assert rows(period_histories_by_cell(found)) == [
        {"frequency": 0, "recency": 0, "age": 0, "later": 0, "customers": 1},
        {"frequency": 2, "recency": 2, "age": 2, "later": 2, "customers": 1},
    ]
    by_quarter = period_histories(orders, "quarter", until=date(2026, 6, 30))
    assert [(row["frequency"], row["recency"], row["age"]) for row in rows(by_quarter)] == [
        (1, 1, 1),
        (0, 0, 1),
        (0, 0, 0),
    ]
    # The fifth of January 2026 is a Monday, the first of February the Sunday of the fourth week.
    by_week = rows(period_histories(orders, "week", until=date(2026, 2, 8)))
    assert [(row["frequency"], row["recency"], row["age"]) for row in by_week] == [(1, 3, 4)]


@pytest.mark.parametrize(
    ("period", "until", "number"),
    [
        ("month", date(2026, 3, 30), 2026 * 12 + 1),
        ("month", date(2026, 3, 31), 2026 * 12 + 2),
        ("half-year", date(2026, 6, 30), 2026 * 2),
        ("year", date(2026, 12, 30), 2025),
        ("week", date(1900, 1, 7), 0),
        ("week", date(1900, 1, 6), -1),
    ],
)
def test_a_period_is_over_with_its_last_day(period: str, until: date, number: int) -> None:
    assert last_period(period, until) == number


def test_histories_to_the_week_are_counted(table: MakeTable, rows: ReadRows) -> None:
    summary = table(
        ORDER_SUMMARY,
        """
        customer_id | frequency | recency_days | age_days | monetary_amount
        1           | 2         | 57           | 85       | 40
        2           | 2         | 62           | 89       | 50
        3           | 2         | 63           | 89       | 40
        4           | 0         | 0            | 6        |
        """,
    )
    assert rows(in_weeks(summary).select("customer_id", "recency_weeks", "age_weeks")) == [
        {"customer_id": 1, "recency_weeks": 8, "age_weeks": 12},
        {"customer_id": 2, "recency_weeks": 8, "age_weeks": 12},
        {"customer_id": 3, "recency_weeks": 9, "age_weeks": 12},
        {"customer_id": 4, "recency_weeks": 0, "age_weeks": 0},
    ]
    counted = rows(histories_by_cell(summary).order_by(["frequency", "recency_weeks"]))
    assert [tuple(row[name] for name in HISTORY) for row in counted] == [
        (0, 0, 0, 1, 0, 6),
        (2, 8, 12, 2, 119, 174),
        (2, 9, 12, 1, 63, 89),
    ]
    banded = rows(spending_by_band(summary).order_by("spent"))
    assert [(row["frequency"], row["customers"]) for row in banded] == [(2, 2), (2, 1)]
    assert [row["spent"] for row in banded] == pytest.approx([40, 50])


def test_a_purchase_is_worth_what_everybody_and_the_customer_spent(table: MakeTable, rows: ReadRows) -> None:
    """The example of Fader & Hardie's note: two purchases at 22.35 on average, and nobody known."""
    summary = table(
        ORDER_SUMMARY,
        """
        customer_id | frequency | recency_days | age_days | monetary_amount
        1           | 2         | 210          | 271      | 22.35
        2           | 0         | 0            | 271      |
        """,
    )
    cells = table(
        VALUE_CELLS,
        """
        frequency | recency_weeks | age_weeks | probability_alive | expected_purchases | discounted_purchases
        2         | 30            | 38        | 0.75              | 1.5                | 1.25
        0         | 0             | 38        | 1.0               | 0.25               | 0.25
        """,
    )
    cells = cells.mutate(p=6.25, q=3.74, gamma=15.44)
    ada, bob = rows(customer_values(summary, cells).order_by("customer_id"))
    assert (ada["probability_alive"], ada["expected_purchases"]) == (0.75, 1.5)
    assert [ada["expected_amount"], bob["expected_amount"]] == pytest.approx([24.66, 35.22], abs=0.01)
    assert ada["expected_revenue"] == pytest.approx(1.25 * ada["expected_amount"])


def test_buyers_are_counted_by_their_chance_and_the_best_of_them_by_what_they_bring(
    table: MakeTable, rows: ReadRows
) -> None:
    values = table(
        CUSTOMER_VALUE,
        """
        customer_id | probability_alive | expected_purchases | expected_amount | expected_revenue_amount
        1           | 1.0               | 2.0                | 10              | 20
        2           | 0.95              | 1.0                | 10              | 10
        3           | 0.45              | 0.5                | 12              | 6
        4           | 0.0               | 0.0                | 12              | 4
        """,
    )
    assert rows(alive_bands(values).order_by("band")) == [
        {"band": 0, "customers": 1},
        {"band": 4, "customers": 1},
        {"band": 9, "customers": 2},
    ]
    [best] = rows(best_buyers(values, (0.25, 0.5, 1.0)))
    assert [best[f"customers_{n}"] for n in range(3)] == [1, 2, 4]
    assert [best[f"revenue_{n}"] for n in range(3)] == [20, 30, 40]
    assert [best[f"amount_{n}"] for n in range(3)] == [12.5, 8, 4]


def test_first_and_repeat_purchases_are_counted_by_the_week_before_the_hold_out(
    table: MakeTable, rows: ReadRows
) -> None:
    found = weeks_of_buying(table(CUSTOMER_ORDERS, ORDERS), until=UNTIL, later_until=date(2026, 5, 1))
    assert rows(found.order_by("week")) == [
        {"week": -1, "began": 0, "began_days": 0, "repeats": 1},
        {"week": 0, "began": 1, "began_days": 0, "repeats": 0},
        {"week": 4, "began": 0, "began_days": 0, "repeats": 1},
        {"week": 8, "began": 0, "began_days": 0, "repeats": 1},
        {"week": 12, "began": 1, "began_days": 85, "repeats": 0},
    ]


CELLS = """
    frequency | recency_weeks | age_weeks | customers | probability_alive | expected_purchases
    2         | 8             | 12        | 1         | 0.75              | 2.0
    0         | 0             | 0         | 1         | 1.0               | 0.5
    """


def test_revenue_and_amounts_are_judged_beside_one_guess_for_all(table: MakeTable, rows: ReadRows) -> None:
    histories = buying_histories(table(CUSTOMER_ORDERS, ORDERS), until=UNTIL, later_until=date(2026, 5, 1))
    # Such a model expects 20 of whom nothing is known, and (20 + 2 · 40) / 3 of ada.
    cells = table(VALUE_CELLS, CELLS).mutate(p=1.0, q=2.0, gamma=20.0)
    [found] = rows(amounts_held_out(histories, cells))
    ada = 100 / 3
    assert found == {
        "revenue_predicted": pytest.approx(2 * ada + 10),
        "revenue_actual": 100,
        "revenue_mae": pytest.approx((100 - 2 * ada + 10) / 2),
        "revenue_mae_of_mean": 50,
        "buyers": 1,
        "amount_predicted": pytest.approx(ada),
        "amount_actual": 100,
        "amount_mae": pytest.approx(100 - ada),
        "amount_mae_of_mean": 0,
    }


def test_the_cells_of_some_buyers_sum_up_what_they_spent(table: MakeTable, rows: ReadRows) -> None:
    histories = buying_histories(table(CUSTOMER_ORDERS, ORDERS), until=UNTIL)
    found = value_cells_of(histories, table(VALUE_CELLS, CELLS)).order_by("frequency")
    assert [(row["buyers"], row["spent"], row["spent_squared"], row["expected_purchases"]) for row in rows(found)] == [
        (1, 0, 0, 0.5),
        (1, 40, 1600, 2.0),
    ]
