"""What a firm's buyers did in a year, as the LTV table asks for it."""

from __future__ import annotations

from datetime import date

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS
from zhike.understand.value.tables import ORDER_SUMMARY
from zhike.understand.what_if.measures import yearly_figures, years_of_buyers, years_of_holders

AS_OF = date(2026, 6, 1)  # the last year begins on 2025-06-02, the one before on 2024-06-02
SUMMARY = """
    customer_id | first_ordered_on
    1           | 2024-07-01
    2           | 2025-07-01
    3           | 2023-01-01
    4           | 2026-06-02"""


def test_buyers_of_two_years_their_orders_and_who_stayed(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | ordered_on | amount
        1           | shop   | a        | 2024-07-01 | 10
        1           | shop   | b        | 2025-06-02 | 20
        1           | shop   | b        | 2025-06-02 | 5
        1           | shop   | c        | 2026-06-01 | 30
        2           | shop   | d        | 2025-07-01 | 40
        2           | web    | d        | 2025-08-01 | 1
        3           | shop   | e        | 2025-06-01 | 50
        3           | shop   | f        | 2024-06-01 | 60
        4           | shop   | g        | 2026-06-02 | 70""",
    )
    assert rows(yearly_figures(orders, table(ORDER_SUMMARY, SUMMARY), as_of=AS_OF)) == [
        {"buyers": 2, "orders": 4, "revenue": 96.0, "buyers_before": 2, "stayed": 1, "new_buyers": 1}
    ]


def test_without_orders_everything_is_nothing(table: MakeTable, rows: ReadRows) -> None:
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | ordered_on | amount
        1           | shop   | a        | 2019-07-01 | 10""",
    )
    assert rows(yearly_figures(orders, table(ORDER_SUMMARY, SUMMARY), as_of=date(2022, 1, 1))) == [
        {"buyers": 0, "orders": 0, "revenue": 0.0, "buyers_before": 0, "stayed": 0, "new_buyers": 0}
    ]


def test_new_buyers_are_counted_in_years_of_their_own(table: MakeTable, rows: ReadRows) -> None:
    summary = table(
        ORDER_SUMMARY,
        """
        customer_id | first_ordered_on
        1           | 2024-01-01
        2           | 2024-01-01
        3           | 2025-01-01
        4           | 2026-01-01
        5           | 2023-01-01""",
    )
    orders = table(
        CUSTOMER_ORDERS,
        """
        customer_id | source | order_id | ordered_on | amount
        1           | shop   | a        | 2024-01-01 | 10
        1           | shop   | b        | 2025-02-01 | 20
        1           | shop   | b        | 2025-02-01 | 5
        1           | shop   | c        | 2026-05-01 | 99
        2           | shop   | d        | 2024-01-01 | 10
        3           | shop   | e        | 2025-01-01 | 40
        3           | web    | e        | 2025-03-01 | 60
        4           | shop   | f        | 2026-01-01 | 70
        5           | shop   | g        | 2023-01-01 | 70
        5           | shop   | h        | 2025-02-01 | 80""",
    )
    figures = years_of_buyers(orders, summary, as_of=AS_OF, years=3)
    assert rows(figures) == [
        {"year": 0, "cohort": 1, "buyers": 1, "before": 0, "orders": 2, "revenue": 100.0},
        {"year": 1, "cohort": 2, "buyers": 1, "before": 2, "orders": 1, "revenue": 25.0},
        {"year": 2, "cohort": 1, "buyers": 1, "before": 0, "orders": 1, "revenue": 80.0},
    ]


def test_holders_are_counted_by_the_years_since_their_first_contract(table: MakeTable, rows: ReadRows) -> None:
    contracts = table(
        CUSTOMER_CONTRACTS,
        """
        customer_id | contract_id | started_on | ends_on    | terminated_on | current_status | annual_premium_amount
        1           | a           | 2026-01-01 |            |               | active         | 100
        2           | b           | 2025-01-01 | 2025-12-31 |               | matured        | 200
        2           | c           | 2026-01-10 | 2027-01-09 |               | active         | 300
        3           | d           | 2025-01-01 | 2026-01-01 |               | matured        | 400
        4           | e           | 2024-01-01 |            | 2024-01-11    | cancelled      | 500
        5           | f           | 2024-01-01 |            |               | active         | 600
        6           | g           | 2026-07-01 |            |               | pending        | 700""",
    )
    assert rows(years_of_holders(contracts, as_of=AS_OF)) == [
        {"year": 0, "begun": 1, "holders": 1, "premium": 100.0, "before": 0, "kept": 0},
        {"year": 1, "begun": 2, "holders": 1, "premium": 300.0, "before": 2, "kept": 1},
        {"year": 2, "begun": 2, "holders": 1, "premium": 600.0, "before": 1, "kept": 1},
    ]
