"""What rules make of facts, function by function, on DuckDB and on Spark."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.rules.asking import Company
from tests.spec.tables import MakeTable, ReadRows

CUSTOMERS = """
    customer_id | first_ordered_on
    1           | 2026-01-15
    2           |
    3           | 2026-03-01
"""


@pytest.fixture
def company(table: MakeTable, rows: ReadRows) -> Company:
    """Three customers; the third has no facts."""
    return Company(table, rows, CUSTOMERS)


EVENTS = """
    customer_id | source | event_id | kind  | channel | occurred_at         | occurred_on
    1           | app    | a        | login | app     | 2026-03-31 23:59:59 | 2026-03-31
    1           | app    | b        | login | web     | 2026-03-01 00:00:00 | 2026-03-01
    1           | app    | c        | claim |         | 2026-02-28 12:00:00 | 2026-02-28
    1           | app    | d        | login | web     | 2026-01-15 12:00:00 | 2026-01-15
    1           | app    | e        | login | web     | 2026-01-14 12:00:00 | 2026-01-14
    1           | app    | f        | claim | app     | 2026-04-01 00:00:00 | 2026-04-01
    2           | app    | g        | login | app     | 2025-12-31 12:00:00 | 2025-12-31
    2           | app    | h        | claim | app     | 2026-03-31 12:00:00 |
    9           | app    | i        | claim | app     | 2026-03-31 12:00:00 | 2026-03-31
"""


def test_facts_are_counted_up_to_today_and_in_their_window(company: Company) -> None:
    company.facts("events", EVENTS).check_values("""
        count(events)                                            | 5 | 1 | 0
        count(events where kind = "login")                       | 4 | 1 | 0
        count(events in last 1 month)                            | 2 | 0 | 0
        count(events in last 31 days)                            | 2 | 0 | 0
        count(events in last 32 days)                            | 3 | 0 | 0
        count(events in this quarter)                            | 5 | 0 | 0
        count(events in last calendar month)                     | 1 | 0 | 0
        count(events in last calendar year)                      | 0 | 1 | 0
        count(events in 2026-01-15 to 2026-02-28)                | 2 | 0 | 0
        count(events from 2026-02-28)                            | 3 | 0 | 0
        count(events until 2026-01-14)                           | 1 | 1 | 0
        count(events until 2027-01-01)                           | 5 | 1 | 0
        count(events since first_ordered_on)                     | 4 | 0 | 0
        count(events where kind = "login" since first_ordered_on)| 3 | 0 | 0
        count(events where not channel = "web")                  | 2 | 1 | 0
        count(events where channel != "web")                     | 1 | 1 | 0
        count(events where channel is unknown)                   | 1 | 0 | 0
        count(events where occurred_on within 1 day)             | 1 | 0 | 0
        count(events where days_since(occurred_on) * 2 > 62)     | 2 | 1 | 0
        count(events in 2027-01-01 to 2027-02-01)                | 0 | 0 | 0
        count(events where 1 = 1)                                | 5 | 1 | 0
        count(events where 1 = 2)                                | 0 | 0 | 0
        distinct(events.channel)                                 | 2 | 1 | 0
        distinct(events.kind in this quarter)                    | 2 | 0 | 0
        distinct(events.occurred_on)                             | 5 | 1 | 0
        first(events)                                            | 2026-01-14 | 2025-12-31 |
        last(events)                                             | 2026-03-31 | 2025-12-31 |
        last(events where kind = "claim")                        | 2026-02-28 | |
        first(events since first_ordered_on)                     | 2026-01-15 | |
        min(events.occurred_on in this quarter)                  | 2026-01-14 | |
        max(events.occurred_on where kind = "claim")             | 2026-02-28 | |
    """)
    company.check_members("""
        ever(events)                                    | 1 2
        ever(events where kind = "claim")               | 1
        ever(events where channel = "app" in this year) | 1
        not ever(events since first_ordered_on)         | 2 3
        last(events) within 30 days                     | 1
        not last(events) within 30 days                 | 2 3
        count(events) = 0                               | 3
        count(events) >= count(events where kind = "login") | 1 2 3
    """)


def test_as_of_another_day_other_facts_count(company: Company) -> None:
    company.facts("events", EVENTS).check_values(
        """
        count(events)                  | 4 | 1 | 0
        count(events in last 1 month)  | 2 | 0 | 0
        streak(events by month)        | 3 | 0 | 0
        """,
        as_of=date(2026, 3, 1),
    )


ORDERS = """
    customer_id | source | order_id | ordered_at       | ordered_on | category | amount   | quantity | discount_amount
    1           | shop   | 1        | 2026-03-01 10:00 | 2026-03-01 | tea      | 0.1                 | 1        |
    1           | shop   | 1        | 2026-03-01 10:00 | 2026-03-01 | milk     | 0.2                 |          |
    1           | shop   | 1        | 2026-03-01 10:00 | 2026-03-01 | tea      | 5                   | 2        |
    1           | web    | 1        | 2026-01-01 10:00 | 2026-01-01 | milk     | 99999999999999.9999 | 4        |
    1           | web    | 2        | 2026-05-01 10:00 | 2026-05-01 | milk     | 7                   | 4        | 2
    2           | web    | 3        | 2025-03-31 10:00 | 2025-03-31 | tea      | 2.5                 |          |
    2           | web    | 3        | 2025-03-31 10:00 | 2025-03-31 |          | 2.5                 |          |
"""


def test_an_order_is_counted_once_however_many_lines_it_has(company: Company) -> None:
    company.facts("orders", ORDERS).check_values("""
        count(orders)                                         | 2 | 1 | 0
        count(orders where category = "tea")                  | 1 | 1 | 0
        count(orders where category = "milk")                 | 2 | 0 | 0
        count(orders where category = "milk" in last 1 month) | 1 | 0 | 0
        count(orders where amount > 1)                        | 2 | 1 | 0
        count(orders in last 12 months)                       | 2 | 0 | 0
        count(orders in last 366 days)                        | 2 | 1 | 0
        count(orders since first_ordered_on)                  | 1 | 0 | 0
        distinct(orders.category)                             | 2 | 1 | 0
        distinct(orders.amount)                               | 4 | 1 | 0
        distinct(orders.source)                               | 2 | 1 | 0
        sum(orders.quantity)                                  | 7 | 0 | 0
    """)


def test_sums_are_exact_and_empty_columns_are_left_out(company: Company) -> None:
    company.facts("orders", ORDERS).check_values("""
        sum(orders.amount in last 1 month)                    | 5.3   | 0   | 0
        sum(orders.amount where category = "tea")             | 5.1   | 2.5 | 0
        sum(orders.amount)                                    | 1e+14 | 5   | 0
        sum(orders.amount) - sum(orders.amount where category = "milk" until 2026-01-31) | 5.29688 | 5 | 0
        sum(orders.discount_amount)                           | 0     | 0   | 0
        average(orders.amount in last 1 month)                | 1.76667 |   |
        average(orders.quantity)                              | 2.33333 |   |
        average(orders.quantity where category = "tea")       | 1.5   |     |
        average(orders.discount_amount)                       |       |     |
        min(orders.amount)                                    | 0.1   | 2.5 |
        max(orders.amount in last 1 month)                    | 5     |     |
        max(orders.quantity where category = "milk")          | 4     |     |
        min(orders.quantity)                                  | 1     |     |
        max(orders.discount_amount)                           |       |     |
    """)
    company.check_members("""
        sum(orders.amount where not category = "tea" in last 1 month) = 0.2     | 1
        sum(orders.amount where amount < 1) = 0.3                               | 1
        0.1 + 0.2 = 0.3                                                         |
        sum(orders.discount_amount) = 0                                         | 1 2 3
        average(orders.discount_amount) is known                                |
    """)


def test_of_several_facts_at_one_instant_first_takes_the_smallest_and_last_the_largest(company: Company) -> None:
    company.facts("orders", ORDERS).check_values("""
        last(orders.category)                            | tea  | tea |
        first(orders.category in last 1 month)           | milk |     |
        last(orders.amount)                              | 5    | 2.5 |
        first(orders.amount in last 1 month)             | 0.1  |     |
        first(orders.amount)                             | 1e+14 | 2.5 |
        last(orders.quantity where category = "milk")    | 4    |     |
        first(orders.category where category != "tea")   | milk |     |
        last(orders.source until 2026-01-31)             | web  | web |
        last(orders.discount_amount)                     |      |     |
        first(orders)                                    | 2026-01-01 | 2025-03-31 |
        last(orders)                                     | 2026-03-01 | 2025-03-31 |
        last(orders.ordered_on where category = "milk")  | 2026-03-01 | |
    """)


def test_numbers_that_are_none_are_missing(company: Company) -> None:
    company.facts(
        "interactions",
        """
        customer_id | channel | duration_seconds | occurred_at         | occurred_on
        1           | call    | nan              | 2026-03-31 10:00:00 | 2026-03-31
        1           | call    | 60               | 2026-03-30 10:00:00 | 2026-03-30
        1           | call    | 30               | 2026-03-29 10:00:00 | 2026-03-29
        2           | call    | inf              | 2026-03-31 10:00:00 | 2026-03-31
        2           | visit   |                  | 2026-03-31 10:00:00 | 2026-03-31
    """,
    )
    company.check_values("""
        sum(interactions.duration_seconds)                        | 90 | 0 | 0
        average(interactions.duration_seconds)                    | 45 |   |
        min(interactions.duration_seconds)                        | 30 |   |
        max(interactions.duration_seconds)                        | 60 |   |
        last(interactions.duration_seconds)                       | 60 |   |
        distinct(interactions.duration_seconds)                   | 2  | 0 | 0
        count(interactions where duration_seconds is unknown)     | 1  | 2 | 0
        count(interactions where duration_seconds > 40)           | 1  | 0 | 0
        count(interactions where not duration_seconds > 40)       | 2  | 2 | 0
    """)


def test_a_flag_of_a_contract_is_a_value(company: Company) -> None:
    company.facts(
        "contracts",
        """
        customer_id | contract_id | started_on | is_auto_renewed
        1           | a           | 2026-01-01 | no
        1           | b           | 2026-01-01 | yes
        2           | c           | 2026-02-01 |
    """,
    )
    company.check_members("""
        last(contracts.is_auto_renewed) = yes                  | 1
        first(contracts.is_auto_renewed) = no                  | 1
        last(contracts.is_auto_renewed) != yes                 |
        ever(contracts where is_auto_renewed = yes)            | 1
        ever(contracts where is_auto_renewed != yes)           | 1
        ever(contracts where not is_auto_renewed = yes)        | 1 2
        distinct(contracts.is_auto_renewed) = 2                | 1
    """)


def test_a_streak_ends_in_the_present_unit_or_the_one_before(company: Company) -> None:
    company.facts(
        "events",
        """
        customer_id | kind  | occurred_at         | occurred_on
        1           | login | 2026-03-31 10:00:00 | 2026-03-31
        1           | login | 2026-03-30 10:00:00 | 2026-03-30
        1           | login | 2026-03-29 10:00:00 | 2026-03-29
        1           | login | 2026-03-21 10:00:00 | 2026-03-21
        1           | login | 2025-12-31 10:00:00 | 2025-12-31
        1           | claim | 2026-02-01 10:00:00 | 2026-02-01
        2           | login | 2026-02-28 10:00:00 | 2026-02-28
        2           | login | 2026-03-30 10:00:00 | 2026-03-30
        2           | login | 2026-01-01 10:00:00 | 2026-01-01
        2           | login | 2024-12-31 10:00:00 | 2024-12-31
        2           | login | 1900-12-31 10:00:00 | 1900-12-31
        3           | login | 2026-03-29 10:00:00 | 2026-03-29
        3           | login | 2026-01-31 10:00:00 | 2026-01-31
        3           | login | 2025-11-30 10:00:00 | 2025-11-30
    """,
    )
    company.check_values("""
        streak(events by day)                          | 3 | 1 | 0
        streak(events by week)                         | 3 | 1 | 1
        streak(events by month)                        | 2 | 3 | 1
        streak(events by month where kind = "login")   | 1 | 3 | 1
        streak(events by quarter)                      | 2 | 1 | 2
        streak(events by year)                         | 2 | 1 | 2
        streak(events by month in last 3 months)       | 2 | 3 | 1
        streak(events by month until 2026-02-28)       | 1 | 2 | 0
        streak(events by month where kind = "claim")   | 1 | 0 | 0
    """)


def test_a_streak_is_counted_up_to_sixty(company: Company) -> None:
    def on_days(customer: int, first: int, last: int) -> str:
        days = (date(2026, 3, 31) - timedelta(days=ago) for ago in range(first, last))
        return "\n".join(f"{customer} | login | {day} 10:00:00 | {day}" for day in days)

    header = "customer_id | kind | occurred_at | occurred_on\n"
    company.facts("events", header + "\n".join([on_days(1, 0, 59), on_days(2, 1, 61), on_days(3, 0, 100)]))
    company.check_values("""
        streak(events by day)   | 59 | 60 | 60
        streak(events by week)  | 10 | 10 | 15
    """)
