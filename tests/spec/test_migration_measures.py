"""How customers move: states by customer and period, and how many went from which to which."""

from __future__ import annotations

from datetime import date

import pytest
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_ID, CUSTOMER_ORDERS
from zhike.understand.lifecycle.periods import last_complete, name_of
from zhike.understand.migration.measures import (
    purchase_spells,
    recency_stock,
    recency_transitions,
    transition_counts,
)
from zhike.warehouse.contracts import Column, Contract, Kind

STATES = Contract(
    namespace="scratch",
    name="states",
    grain="one customer in one period",
    key=("customer_id", "period"),
    columns=(CUSTOMER_ID, Column("period", Kind.INTEGER, "Number."), Column("state", Kind.TEXT, "State.")),
)
JANUARY = 2026 * 12
MAY = JANUARY + 4

# In complete months of 2026: customer 1 buys in January, twice, and in February; 2 in January and in April; 3 in May.
ORDERS = """
    customer_id | source | order_id | ordered_on
    1           | shop   | a        | 2026-01-05
    1           | shop   | b        | 2026-01-31
    1           | shop   | c        | 2026-02-01
    2           | shop   | d        | 2026-01-20
    2           | till   | e        | 2026-04-30
    3           | shop   | f        | 2026-05-01
    3           | shop   | g        | 2026-06-01
    4           | shop   | h        | 2026-06-02
"""


def test_a_move_is_from_one_period_to_the_next(table: MakeTable, rows: ReadRows) -> None:
    states = table(
        STATES,
        """
        customer_id | period | state
        1           | 7      | gold
        1           | 8      | gold
        1           | 9      | 银卡
        2           | 8      | gold
        2           | 7      | gold
        3           | 7      | gold
        3           | 9      | gold
        4           | 9      | gold
        """,
    )
    assert rows(transition_counts(states)) == [
        {"period": 7, "from_state": "gold", "to_state": "gold", "customers": 2},
        {"period": 8, "from_state": "gold", "to_state": "银卡", "customers": 1},
    ]


def test_spells_run_from_purchase_to_purchase_and_later_ones_are_left_out(table: MakeTable, rows: ReadRows) -> None:
    spells = purchase_spells(table(CUSTOMER_ORDERS, ORDERS), period="month", last=MAY)
    assert rows(spells) == [
        {"period": JANUARY, "next_period": JANUARY + 1, "customers": 1},
        {"period": JANUARY, "next_period": JANUARY + 3, "customers": 1},
        {"period": JANUARY + 1, "next_period": None, "customers": 1},
        {"period": JANUARY + 3, "next_period": None, "customers": 1},
        {"period": MAY, "next_period": None, "customers": 1},
    ]


def test_who_does_not_buy_counts_in_every_period(table: MakeTable, rows: ReadRows) -> None:
    spells = purchase_spells(table(CUSTOMER_ORDERS, ORDERS), period="month", last=MAY)
    moved = [tuple(row.values()) for row in rows(recency_transitions(spells, states=3, last=MAY))]
    assert moved == [
        (JANUARY, 1, 1, 1),  # customer 1 buys again
        (JANUARY, 1, 2, 1),  # customer 2 does not
        (JANUARY + 1, 1, 2, 1),
        (JANUARY + 1, 2, 3, 1),
        (JANUARY + 2, 2, 3, 1),
        (JANUARY + 2, 3, 1, 1),  # customer 2 is back in April
        (JANUARY + 3, 1, 2, 1),
        (JANUARY + 3, 3, 3, 1),  # three and more are one state
    ]


def test_the_stock_is_that_of_the_last_complete_period(table: MakeTable, rows: ReadRows) -> None:
    spells = purchase_spells(table(CUSTOMER_ORDERS, ORDERS), period="month", last=MAY)
    found = [tuple(row.values()) for row in rows(recency_stock(spells, states=3, last=MAY))]
    assert found == [(1, 1), (2, 1), (3, 1)]  # customers 3, 2 and 1; the fourth bought in June only


def test_one_state_is_never_left(table: MakeTable, rows: ReadRows) -> None:
    spells = purchase_spells(table(CUSTOMER_ORDERS, ORDERS), period="quarter", last=2026 * 4)
    found = [tuple(row.values()) for row in rows(recency_transitions(spells, states=1, last=2026 * 4 + 1))]
    assert found == [(2026 * 4, 1, 1, 2)]


@pytest.mark.parametrize(
    ("as_of", "period", "last"),
    [
        (date(2026, 5, 31), "month", "2026-05"),
        (date(2026, 5, 30), "month", "2026-04"),
        (date(2026, 1, 1), "month", "2025-12"),
        (date(2024, 2, 28), "month", "2024-01"),
        (date(2026, 6, 30), "quarter", "2026-Q2"),
        (date(2026, 5, 31), "quarter", "2026-Q1"),
        (date(2026, 12, 31), "year", "2026"),
        (date(9999, 12, 30), "year", "9998"),
        (date(9999, 12, 31), "month", "9999-12"),
    ],
)
def test_a_period_counts_when_its_last_day_is_known(as_of: date, period: str, last: str) -> None:
    assert name_of(last_complete(as_of, period), period) == last
