"""Who stays: cohorts of buyers by month, and counts of who left after how long."""

from __future__ import annotations

from datetime import date

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.understand.retention.measures import months_between, retention_cohorts, stay_counts
from zhike.understand.value.tables import ORDER_SUMMARY
from zhike.warehouse.contracts import Column, Contract, Kind

STAYS = Contract(
    namespace="computed",
    name="stays",
    grain="one customer",
    key=("customer_id",),
    columns=(
        Column("customer_id", Kind.INTEGER, "The customer."),
        Column("plan", Kind.TEXT, "The group."),
        Column("duration", Kind.NUMBER, "How long the customer stayed."),
        Column("event", Kind.BOOLEAN, "Whether the customer left then."),
    ),
)


def test_months_count_from_each_customers_first_order(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | ordered_on | amount
        1           | shop   | a        | 2026-01-05 | 40
        1           | shop   | b        | 2026-02-04 | 10
        1           | till   | b        | 2026-02-05 | 10
        1           | shop   | c        | 2026-03-04 | 10
        1           | shop   | d        | 2026-04-05 | 10
        2           | shop   | e        | 2026-01-20 | 10
        2           | shop   | f        | 2026-03-31 | 10
        2           | shop   | g        | 2026-04-20 | 10
        3           | shop   | h        | 2026-03-10 | 10
        4           | shop   | i        | 2026-04-10 | 10
        5           | shop   | j        | 2026-05-05 | 10
        """,
    )
    assert rows(retention_cohorts(orders, as_of=date(2026, 5, 4))) == [
        _cell(date(2026, 1, 1), 0, 2, 2),  # the month of the first order has them all
        _cell(date(2026, 1, 1), 1, 2, 1),  # twice within it is once: from 5 February to 4 March
        _cell(date(2026, 1, 1), 2, 2, 1),  # the order of 31 March; the other customer's is a day too late
        # The fourth month of the first is over on 4 May, the second's not yet: who ordered in it does not count.
        _cell(date(2026, 1, 1), 3, 1, 1),
        _cell(date(2026, 3, 1), 0, 1, 1),  # and the customers of April have not completed a month
    ]


def _cell(cohort_on: date, months_since: int, customers: int, retained: int) -> dict[str, object]:
    return {
        "cohort_on": cohort_on,
        "months_since": months_since,
        "customers": customers,
        "retained": retained,
        "share": retained / customers,
    }


def test_a_month_without_orders_counts_all_the_same(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | ordered_on | amount
        1           | shop   | a        | 2025-11-30 | 40
        1           | shop   | b        | 2026-02-28 | 10
        2           | shop   | c        | 2025-11-01 | 40
        """,
    )
    found = rows(retention_cohorts(orders, as_of=date(2026, 3, 29)))
    shown = [(row["months_since"], row["customers"], row["retained"], row["share"]) for row in found]
    # After the 30th, the month that begins in February begins with March: the order of the 28th is of the one before.
    assert shown == [(0, 2, 2, 1.0), (1, 2, 0, 0.0), (2, 2, 1, 0.5), (3, 2, 0, 0.0)]


def test_before_anybody_completed_a_month_there_is_no_cohort(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | ordered_on | amount
        1           | shop   | a        | 2026-01-31 | 40
        """,
    )
    assert rows(retention_cohorts(orders, as_of=date(2026, 2, 27))) == []
    assert rows(retention_cohorts(orders, as_of=date(2025, 12, 31))) == []
    assert len(rows(retention_cohorts(orders, as_of=date(2026, 2, 28)))) == 1


def test_a_month_is_whole_when_its_day_is_reached(table: MakeTable, rows: ReadRows) -> None:
    dates = table(
        ORDER_SUMMARY,
        """
        customer_id | first_ordered_on | last_ordered_on
        1           | 2026-01-15       | 2026-02-14
        2           | 2026-01-15       | 2026-02-15
        3           | 2026-01-31       | 2026-02-28
        4           | 2026-01-31       | 2026-03-01
        5           | 2024-02-29       | 2025-02-28
        6           | 2019-12-31       | 2026-01-01
        7           | 2026-01-15       | 2026-01-15
        """,
    )
    found = rows(dates.select("customer_id", months=months_between(dates.first_ordered_on, dates.last_ordered_on)))
    assert [row["months"] for row in found] == [0, 1, 0, 1, 11, 72, 0]


def test_stays_are_counted_by_how_long_they_were(table: MakeTable, rows: ReadRows) -> None:
    stays = table(
        STAYS,
        """
        customer_id | plan  | duration | event
        1           | basic | 3        | yes
        2           | basic | 3        | no
        3           | basic | 3        | yes
        4           | gold  | 3        | no
        5           |       | 0.5      | yes
        """,
    )
    assert rows(stay_counts(stays)) == [
        {"duration": 0.5, "events": 1, "censored": 0},
        {"duration": 3.0, "events": 2, "censored": 2},
    ]
    assert rows(stay_counts(stays, by=("plan",))) == [
        {"plan": None, "duration": 0.5, "events": 1, "censored": 0},
        {"plan": "basic", "duration": 3.0, "events": 2, "censored": 1},
        {"plan": "gold", "duration": 3.0, "events": 0, "censored": 1},
    ]
