"""What customers gave: summaries for the value models, contracts, activity."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import ibis
from ibis.expr.types import Table
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import (
    CUSTOMER_CONTRACTS,
    CUSTOMER_EVENTS,
    CUSTOMER_ORDERS,
    CUSTOMER_RESPONSES,
)
from zhike.understand.value.measures import (
    activity_summary,
    contract_summary,
    days_between,
    order_summary,
    rounded,
)
from zhike.understand.value.tables import ORDER_SUMMARY

AS_OF = date(2026, 6, 1)
Column = Callable[[Table, str], list[object]]


def test_an_order_summary_counts_purchases_as_the_value_models_do(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | line_id | ordered_on | amount
        1           | shop   | a        | 1       | 2026-01-05 | 40
        1           | shop   | a        | 2       | 2026-01-05 | 10.50
        1           | till   | a        | 1       | 2026-01-05 | 5
        1           | shop   | b        | 1       | 2026-02-01 | 60
        1           | shop   | c        | 1       | 2026-03-03 | 20.25
        1           | shop   | d        | 1       | 2026-06-02 | 999
        """,
    )
    assert rows(order_summary(orders, as_of=AS_OF)) == [
        {
            "customer_id": 1,
            "order_count": 4,  # two sources may use one number
            "purchase_days": 3,
            "revenue_amount": 135.75,
            "first_ordered_on": date(2026, 1, 5),
            "last_ordered_on": date(2026, 3, 3),
            "frequency": 2,
            "recency_days": 57,
            "age_days": 147,
            "monetary_amount": 40.125,  # without the first day
            "days_since_last": 90,
        },
    ]


def test_who_bought_once_has_no_repeat_purchase_to_average(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | ordered_on | amount
        2           | shop   | e        | 2026-06-01 | 99.99
        3           | shop   | f        | 2026-06-02 | 1
        """,
    )
    once = order_summary(orders, as_of=AS_OF)
    shown = ("customer_id", "purchase_days", "frequency", "recency_days", "age_days", "monetary_amount")
    assert [tuple(row.values()) for row in rows(once.select(*shown))] == [(2, 1, 0, 0, 0, None)]


def test_an_order_summary_by_line_begins_anew_in_each_line(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | line_id | ordered_on | amount | line_of_business
        1           | shop   | a        | 1       | 2026-01-05 | 40     | food
        1           | shop   | a        | 2       | 2026-01-05 | 10     | home
        1           | shop   | b        | 1       | 2026-02-01 | 60     | food
        """,
    )
    summary = order_summary(orders, as_of=AS_OF, by=("customer_id", "line_of_business"))
    shown = ("line_of_business", "order_count", "revenue_amount", "frequency", "monetary_amount")
    assert [tuple(row.values()) for row in rows(summary.select(*shown))] == [
        ("food", 2, 100, 1, 60),
        ("home", 1, 10, 0, None),
    ]


def test_a_mean_is_rounded_half_up_to_four_decimals(table: MakeTable, column: Column) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | ordered_on | amount
        1           | shop   | a        | 2026-01-01 | 7
        1           | shop   | b        | 2026-01-02 | 0.0001
        1           | shop   | c        | 2026-01-03 | 0.0002
        2           | shop   | d        | 2026-01-01 | 7
        2           | shop   | e        | 2026-01-02 | 10
        2           | shop   | f        | 2026-01-03 | 10
        2           | shop   | g        | 2026-01-04 | 0
        3           | shop   | h        | 2026-01-01 | 7
        3           | shop   | i        | 2026-01-02 | 98765432109.8765
        3           | shop   | j        | 2026-01-03 | 0.0002
        """,
    )
    assert column(order_summary(orders, as_of=AS_OF), "monetary_amount") == [0.0002, 6.6667, 49382716054.9384]


def test_rounded_gives_the_higher_neighbour_of_a_half(table: MakeTable, rows: ReadRows) -> None:
    one = table(ORDER_SUMMARY, "customer_id\n1")
    halves = one.select(
        a=rounded(ibis.literal(0.125), places=2),
        b=rounded(ibis.literal(2.5)),
        c=rounded(ibis.literal(2.4999)),
        d=rounded(ibis.null("float64"), places=4),
    )
    assert rows(halves) == [{"a": 0.13, "b": 3.0, "c": 2.0, "d": None}]


def test_days_between_counts_nights(table: MakeTable, column: Column) -> None:
    summary = table(
        ORDER_SUMMARY,
        """
        customer_id | first_ordered_on | last_ordered_on
        1           | 2024-02-28       | 2024-03-01
        2           | 2026-06-01       | 2026-06-01
        3           | 2000-01-01       | 2026-01-01
        4           |                  | 2026-01-01
        """,
    )
    counted = summary.select("customer_id", nights=days_between(summary.first_ordered_on, summary.last_ordered_on))
    assert column(counted, "nights") == [2, 0, 9497, None]


def test_a_contract_summary_adds_the_premiums_of_those_in_force(table: MakeTable, rows: ReadRows) -> None:
    contracts = table(
        CUSTOMER_CONTRACTS,
        """
        customer_id | line_of_business | started_on | terminated_on | current_status | annual_premium_amount
        1           | life             | 2020-01-01 |               | active         | 1200.5
        1           | car              | 2021-01-01 | 2022-05-01    | lapsed         | 800
        1           | car              | 2023-01-01 |               | active         | 700.25
        2           | car              | 2019-01-01 |               | active         |
        2           | car              | 2019-01-01 |               | suspended      | 9
        3           | life             | 2019-01-01 | 2020-01-01    | cancelled      | 50
        """,
    )
    assert rows(contract_summary(contracts)) == [
        _contracts(1, 3, 2, 1, 1900.75, date(2020, 1, 1), date(2023, 1, 1), date(2022, 5, 1)),
        _contracts(2, 2, 1, 0, 0, date(2019, 1, 1), date(2019, 1, 1), None),
        _contracts(3, 1, 0, 1, 0, date(2019, 1, 1), date(2019, 1, 1), date(2020, 1, 1)),
    ]
    by_line = contract_summary(contracts.filter(contracts.customer_id == 1), by=("customer_id", "line_of_business"))
    assert rows(by_line.select("line_of_business", "contract_count", "annual_premium_amount")) == [
        {"line_of_business": "car", "contract_count": 2, "annual_premium_amount": 700.25},
        {"line_of_business": "life", "contract_count": 1, "annual_premium_amount": 1200.5},
    ]


def _contracts(
    customer_id: int,
    count: int,
    active: int,
    ended: int,
    premium: float,
    first: date,
    last: date,
    terminated: date | None,
) -> dict[str, object]:
    return {
        "customer_id": customer_id,
        "contract_count": count,
        "active_contract_count": active,
        "ended_contract_count": ended,
        "annual_premium_amount": premium,
        "first_started_on": first,
        "last_started_on": last,
        "last_terminated_on": terminated,
    }


def test_an_activity_summary_counts_each_kind_of_fact_up_to_the_day(table: MakeTable, rows: ReadRows) -> None:
    events = table(
        CUSTOMER_EVENTS,
        """
        customer_id | event_id | occurred_on
        1           | a        | 2026-05-01
        1           | b        | 2026-06-01
        1           | c        | 2026-06-02
        3           | d        | 2026-06-02
        """,
    )
    responses = table(
        CUSTOMER_RESPONSES,
        """
        customer_id | response_id | occurred_on
        2           | x           | 2025-12-31
        """,
    )
    days = {"event": (events, "occurred_on"), "response": (responses, "occurred_on")}
    assert rows(activity_summary(days, as_of=AS_OF)) == [
        {
            "customer_id": 1,
            "event_count": 2,
            "last_event_on": date(2026, 6, 1),
            "response_count": 0,
            "last_response_on": None,
        },
        {
            "customer_id": 2,
            "event_count": 0,
            "last_event_on": None,
            "response_count": 1,
            "last_response_on": date(2025, 12, 31),
        },
    ]
