"""Who stays: cohorts of buyers by month, and counts of who left after how long."""

from __future__ import annotations

from datetime import date

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_INTERACTIONS, CUSTOMER_ORDERS
from zhike.understand.lifecycle.measures import contracts_begun
from zhike.understand.lifecycle.tables import ACTIVE_SPELLS
from zhike.understand.retention.measures import (
    contacts_before,
    contract_stays,
    defections,
    presence_cohorts,
    presence_stays,
    retention_cohorts,
    stay_counts,
)
from zhike.understand.value.measures import months_between
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


SPELLS = """
    customer_id | spell | began_on   | gone_on    | returned_on
    1           | 1     | 2026-01-10 |            |
    2           | 1     | 2026-01-31 | 2026-03-31 | 2026-05-10
    2           | 2     | 2026-05-10 |            |
    3           | 1     | 2026-02-01 | 2026-02-20 |
    4           | 1     | 2025-11-01 |            |
    """


def test_a_cohort_is_there_until_gone_and_again_when_back(table: MakeTable, rows: ReadRows) -> None:
    found = rows(presence_cohorts(table(ACTIVE_SPELLS, SPELLS), as_of=date(2026, 6, 9), since=date(2026, 1, 1)))
    assert [(row["cohort_on"].month, row["months_since"], row["customers"], row["retained"]) for row in found] == [
        (1, 0, 2, 2),
        (1, 1, 2, 2),
        # On the second's last day of March she was gone, and back by the end of May.
        (1, 2, 2, 1),
        (1, 3, 2, 1),
        (1, 4, 2, 2),
        (2, 0, 1, 1),
        (2, 1, 1, 0),
        (2, 2, 1, 0),
        (2, 3, 1, 0),
        (2, 4, 1, 0),
    ]


def test_cohorts_are_told_apart_by_group(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | ordered_on | unit_id
        1           | 2026-01-05 | north
        2           | 2026-01-05 | south
        3           | 2025-01-05 | south""",
    )
    found = rows(retention_cohorts(orders, as_of=date(2026, 2, 20), by=("unit_id",), since=date(2025, 6, 1)))
    assert [(row["unit_id"], row["customers"], row["retained"]) for row in found] == [("north", 1, 1), ("south", 1, 1)]


CONTRACTS = """
customer_id|source|contract_id|unit_id|line_of_business|channel|started_on|ends_on|terminated_on|current_status
1 | core | a | north | life | agent | 2026-01-01 |  |  | active
1 | core | b | north | life | agent | 2025-01-01 | 2025-12-31 |  | matured
2 | core | c | north | life | bank | 2026-01-01 | 2030-12-31 | 2026-03-02 | surrendered
3 | core | d | south | life | bank | 2026-06-01 |  |  | lapsed
4 | core | e | south | life | bank | 2026-07-01 |  |  | pending
5 | core | f | south | life | bank | 2024-01-01 |  | 2026-12-01 | active
"""
TODAY = date(2026, 6, 30)


def test_a_contract_is_over_on_the_day_that_is_known_or_today(table: MakeTable, rows: ReadRows) -> None:
    found = rows(contracts_begun(table(CUSTOMER_CONTRACTS, CONTRACTS), as_of=TODAY).select("contract_id", "over_on"))
    assert {row["contract_id"]: row["over_on"].isoformat() for row in found} == {
        "a": "9000-01-01",
        "b": "2026-01-01",
        "c": "2026-03-02",
        "d": "2026-06-30",
        "f": "2026-12-01",
    }


def test_who_lapses_surrenders_or_cancels_leaves(table: MakeTable, rows: ReadRows) -> None:
    found = rows(contract_stays(table(CUSTOMER_CONTRACTS, CONTRACTS), as_of=TODAY))
    assert sorted((row["customer_id"], row["duration"], row["event"]) for row in found) == [
        (1, 180, False),
        (1, 365, False),
        (2, 60, True),
        (3, 29, True),
        (5, 911, False),
    ]


def test_the_first_presence_ends_when_a_customer_is_gone(table: MakeTable, rows: ReadRows) -> None:
    found = rows(presence_stays(table(ACTIVE_SPELLS, SPELLS), as_of=date(2026, 6, 9)))
    assert [(row["customer_id"], row["duration"], row["event"]) for row in found] == [
        (1, 150, False),
        (2, 59, True),
        (3, 19, True),
        (4, 220, False),
    ]


def test_what_the_last_contact_before_was_about(table: MakeTable, rows: ReadRows) -> None:
    left = defections(table(CUSTOMER_CONTRACTS, CONTRACTS), as_of=TODAY, since=date(2026, 1, 1))
    assert [(row["customer_id"], row["left_on"].isoformat(), row["reason"]) for row in rows(left)] == [
        (2, "2026-03-02", "surrendered"),
        (3, "2026-06-30", "lapsed"),
    ]
    interactions = table(
        CUSTOMER_INTERACTIONS,
        """
        customer_id | interaction_id | occurred_on | topic
        2           | x              | 2026-02-01  | price
        2           | y              | 2026-03-01  | claim
        2           | z              | 2026-03-02  |
        2           | w              | 2026-03-03  | regret
        3           | v              | 2026-01-01  | price""",
    )
    found = rows(contacts_before(left, interactions, days=90))
    assert [(row["customer_id"], row["reason"]) for row in found] == [(2, "claim"), (3, None)]
