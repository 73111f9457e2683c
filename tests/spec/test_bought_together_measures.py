"""What a refresh counts of what is bought together."""

from __future__ import annotations

from datetime import date

import pytest
from ibis.expr.types import Table
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS
from zhike.understand.affinity.together.measures import basket_counts, bought_items, pair_figures, purchases
from zhike.understand.affinity.together.tables import BASKET_COUNTS, BOUGHT_ITEMS

AS_OF = date(2026, 6, 1)
ORDERS = """
    customer_id | source | order_id | ordered_on | product_id | product_name | category | line_of_business | amount
    1           | shop   | a        | 2026-01-05 | tea        | Green tea    | drinks   | shop             | 4
    1           | shop   | a        | 2026-01-05 | cup        | Cup          | ware     | shop             | 6
    1           | shop   | b        | 2026-02-05 | tea        | Tea          | drinks   | shop             | 4
    2           | shop   | c        | 2026-02-01 | tea        | Tea          | drinks   | shop             | 5
    2           | shop   | d        | 2026-02-02 |            |              | ware     | shop             | 1
    3           | shop   | e        | 2026-06-02 | pot        | Pot          | ware     | shop             | 9"""
CONTRACTS = """
    customer_id | source | product_id | product_name | line_of_business | started_on
    1           | crm    | L1         | Life         | life             | 2025-01-01
    2           | crm    | L1         | Life         | life             | 2026-06-01
    3           | crm    | L1         | Life         | life             | 2026-07-01"""


@pytest.fixture
def bought(table: MakeTable) -> Table:
    return purchases(table(CUSTOMER_ORDERS, ORDERS), table(CUSTOMER_CONTRACTS, CONTRACTS), as_of=AS_OF)


def test_orders_and_contracts_are_bought_up_to_the_day(bought: Table, rows: ReadRows) -> None:
    found = rows(bought.select("customer_id", "order_id", "product_id", "category", "is_contract"))
    assert [tuple(row.values()) for row in found] == [
        (1, None, "L1", None, True),
        (1, "a", "cup", "ware", False),
        (1, "a", "tea", "drinks", False),
        (1, "b", "tea", "drinks", False),
        (2, None, "L1", None, True),
        (2, "c", "tea", "drinks", False),
        (2, "d", None, "ware", False),
    ]


def test_an_item_has_its_commonest_name_and_its_place(bought: Table, rows: ReadRows) -> None:
    found = rows(bought_items(bought, sampled=10).filter(lambda t: t.kind != "line_of_business"))
    columns = ("kind", "place", "item", "name", "line_of_business", "order_lines", "contracts", "every")
    assert sorted(tuple(row[name] for name in columns) for row in found) == [
        ("category", 1, "drinks", "drinks", None, 3, 0, 1),
        ("category", 2, "ware", "ware", None, 2, 0, 1),
        ("product", 1, "tea", "Tea", "shop", 3, 0, 1),
        ("product", 2, "L1", "Life", "life", 0, 2, 1),
        ("product", 3, "cup", "Cup", "shop", 1, 0, 1),
    ]


def test_of_many_customers_every_so_manieth_is_counted(bought: Table, rows: ReadRows) -> None:
    items = bought_items(bought, sampled=2)
    assert {row["every"] for row in rows(items)} == {2}
    totals = basket_counts(bought, items).filter(lambda t: t.place.isnull(), lambda t: t.basket == "customer")
    assert {row["kind"]: row["count"] for row in rows(totals)} == {"product": 1, "category": 1, "line_of_business": 1}


def test_baskets_are_orders_and_customers_with_their_contracts(bought: Table, rows: ReadRows) -> None:
    items = bought_items(bought, sampled=10)
    counted = [row for row in rows(basket_counts(bought, items)) if row["kind"] == "product"]
    found = {(row["basket"], row["place"], row["other_place"]): (row["count"], row["amount"]) for row in counted}
    assert found == {
        ("order", None, None): (3, 19.0),
        ("order", 1, None): (3, 19.0),
        ("order", 3, None): (1, 10.0),
        ("order", 1, 3): (1, 10.0),
        ("customer", None, None): (2, 20.0),
        ("customer", 1, None): (2, 20.0),
        ("customer", 2, None): (2, 20.0),
        ("customer", 3, None): (1, 14.0),
        ("customer", 1, 2): (2, 20.0),
        ("customer", 1, 3): (1, 14.0),
        ("customer", 2, 3): (1, 14.0),
    }


COUNTS = """
    basket | kind             | place | other_place | count | amount
    order  | product          |       |             | 60    | 0
    order  | product          |       |             | 40    | 0
    order  | product          | 1     |             | 40    | 0
    order  | product          | 2     |             | 30    | 0
    order  | product          | 3     |             | 20    | 0
    order  | product          | 1     | 2           | 10    | 100
    order  | product          | 1     | 2           | 14    | 140
    order  | product          | 1     | 3           | 9     | 90
    order  | product          | 2     | 3           | 3     | 30
    order  | line_of_business | 1     |             | 50    | 0
    order  | line_of_business | 2     |             | 30    | 0"""
ITEMS = """
    kind             | item | name | line_of_business | place
    product          | tea  | Tea  | shop             | 1
    product          | cup  | Cup  | shop             | 2
    product          | life | Life | life             | 3
    line_of_business | shop | shop |                  | 1
    line_of_business | life | life |                  | 2"""
SHOWN = ("scope", "item", "other_name", "count", "item_count", "other_count", "baskets", "amount", "beyond")


def figures(table: MakeTable, rows: ReadRows, **limits: int) -> list[tuple[object, ...]]:
    wanted = {"fewest": 5, "most": 10, "most_of_line": 10, "lines": 5} | limits
    found = rows(pair_figures(table(BASKET_COUNTS, COUNTS), table(BOUGHT_ITEMS, ITEMS), **wanted))
    return sorted(tuple(row[name] for name in SHOWN) for row in found)


def test_counts_of_ranges_add_up_to_pairs_and_a_line_has_its_own_baskets(table: MakeTable, rows: ReadRows) -> None:
    assert figures(table, rows) == [
        ("", "tea", "Cup", 24, 40, 30, 100, 240.0, 12.0),
        ("", "tea", "Life", 9, 40, 20, 100, 90.0, 1.0),
        ("shop", "tea", "Cup", 24, 40, 30, 50, 240.0, 0.0),
    ]


def test_the_pairs_with_most_baskets_beyond_chance_are_kept(table: MakeTable, rows: ReadRows) -> None:
    assert [row[:3] for row in figures(table, rows, most=1, lines=0)] == [("", "tea", "Cup")]
    assert [row[:3] for row in figures(table, rows, fewest=25)] == []
