"""What a firm's buyers did in a year, as the LTV table asks for it."""

from __future__ import annotations

from datetime import date

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.understand.value.tables import ORDER_SUMMARY
from zhike.understand.what_if.measures import yearly_figures

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
