"""All attributes of a customer in one row."""

from __future__ import annotations

from datetime import date

from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMERS
from zhike.understand.attributes.measures import attributes
from zhike.understand.value.attributes import last_seen
from zhike.understand.value.tables import ACTIVITY_SUMMARY, CONTRACT_SUMMARY, ORDER_SUMMARY, RFM


def test_a_customer_has_the_attributes_of_every_set_in_one_row(table: MakeTable, rows: ReadRows) -> None:
    customers = table(CUSTOMERS, "customer_id | name\n0 | Ada\n1 | 王\n2 |")
    found = attributes(
        customers,
        [
            (customers.select("customer_id", "name"), {"name": None}),
            (
                table(ORDER_SUMMARY, "customer_id | order_count | revenue_amount\n0 | 2 | 9.5"),
                {"order_count": 0, "revenue_amount": 0},
            ),
            (table(RFM, "customer_id | segment\n0 | champions\n9 | lost"), {"segment": None}),
        ],
    )
    assert [tuple(row.values()) for row in rows(found)] == [
        (0, "Ada", 2, 9.5, "champions"),
        (1, "王", 0, 0, None),  # of whom a set knows nothing
        (2, None, 0, 0, None),
    ]


def test_last_seen_is_the_last_day_of_a_sign_of_life(table: MakeTable, rows: ReadRows) -> None:
    orders = table(ORDER_SUMMARY, "customer_id | last_ordered_on\n0 | 2026-01-02")
    contracts = table(CONTRACT_SUMMARY, "customer_id | last_started_on\n0 | 2026-07-01\n1 | 2026-03-01")
    activity = table(
        ACTIVITY_SUMMARY,
        """
        customer_id | last_event_on | last_interaction_on | last_response_on | last_message_on
        0           | 2026-01-01    |                     | 2026-02-03       |
        2           |               |                     |                  | 2026-02-03
        """,
    )
    found = last_seen(orders, contracts, activity, as_of=date(2026, 6, 1))
    assert rows(found) == [
        {"customer_id": 0, "last_seen_on": date(2026, 2, 3)},  # a contract that lies ahead is no sign of life yet
        {"customer_id": 1, "last_seen_on": date(2026, 3, 1)},
    ]
