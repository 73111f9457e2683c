"""What is bought together, and who buys again."""

from __future__ import annotations

from datetime import date

import pytest
from ibis.expr.types import Table
from tests.spec.tables import MakeTable, ReadRows

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.understand.affinity.measures import also_bought, basket_lines, bundles, itemset_counts, repeat_purchase

AS_OF = date(2026, 6, 1)
BASKETS = """
    customer_id | source | order_id | line_id | ordered_on | product_id | category
    1           | shop   | a        | 1       | 2026-01-05 | tea        | drinks
    1           | shop   | a        | 2       | 2026-01-05 | cup        | ware
    1           | shop   | a        | 3       | 2026-01-05 | tea        | drinks
    1           | till   | a        | 1       | 2026-01-05 | cup        | ware
    2           | shop   | b        | 1       | 2026-02-01 | tea        | drinks
    2           | shop   | b        | 2       | 2026-02-01 | cup        | ware
    2           | shop   | b        | 3       | 2026-02-01 | pot        | ware
    2           | shop   | c        | 1       | 2026-03-01 | tea        | drinks
    2           | shop   | c        | 2       | 2026-03-01 |            |
    2           | shop   | d        | 1       | 2026-03-01 |            |
    1           | shop   | e        | 1       | 2026-06-02 | pot        | ware"""


@pytest.fixture
def orders(table: MakeTable) -> Table:
    return table(CUSTOMER_ORDERS, BASKETS)


def test_a_basket_is_an_order_and_holds_an_item_once(orders: Table, rows: ReadRows) -> None:
    found = rows(basket_lines(orders, as_of=AS_OF))
    assert [tuple(row.values()) for row in found] == [
        ("shop", "a", "cup"),
        ("shop", "a", "tea"),
        ("shop", "b", "cup"),
        ("shop", "b", "pot"),
        ("shop", "b", "tea"),
        ("shop", "c", "tea"),
        ("till", "a", "cup"),  # two sources may use one number
    ]


def test_a_basket_may_be_all_that_a_customer_bought(orders: Table, rows: ReadRows) -> None:
    found = rows(basket_lines(orders, as_of=AS_OF, item="category", basket=("customer_id",)))
    assert [tuple(row.values()) for row in found] == [(1, "drinks"), (1, "ware"), (2, "drinks"), (2, "ware")]


def test_sets_are_counted_that_baskets_hold_often_enough(orders: Table, rows: ReadRows) -> None:
    lines = basket_lines(orders, as_of=AS_OF)
    assert rows(itemset_counts(lines, size=1)) == [
        {"item_1": "cup", "count": 3},
        {"item_1": "pot", "count": 1},
        {"item_1": "tea", "count": 3},
    ]
    assert rows(itemset_counts(lines)) == [
        {"item_1": "cup", "item_2": "pot", "count": 1},
        {"item_1": "cup", "item_2": "tea", "count": 2},
        {"item_1": "pot", "item_2": "tea", "count": 1},
    ]
    assert rows(itemset_counts(lines, minimum=2)) == [{"item_1": "cup", "item_2": "tea", "count": 2}]
    assert rows(itemset_counts(lines, size=3)) == [{"item_1": "cup", "item_2": "pot", "item_3": "tea", "count": 1}]
    assert rows(itemset_counts(lines, size=4)) == []


def test_who_bought_one_also_bought_the_other(orders: Table, rows: ReadRows) -> None:
    found = rows(also_bought(basket_lines(orders, as_of=AS_OF), minimum=2))
    # Two of the three baskets with a cup have tea, and so have three of all four: 2/3 by 3/4.
    figures = {"count": 2, "item_count": 3, "other_count": 3, "baskets": 4, "support": 0.5}
    figures |= {"confidence": pytest.approx(2 / 3), "lift": pytest.approx(8 / 9)}
    assert found == [
        {"item": "cup", "other_item": "tea", **figures},
        {"item": "tea", "other_item": "cup", **figures},
    ]


def test_confidence_goes_one_way_and_lift_both(orders: Table, rows: ReadRows) -> None:
    found = {(row["item"], row["other_item"]): row for row in rows(also_bought(basket_lines(orders, as_of=AS_OF)))}
    assert found["pot", "cup"]["confidence"] == 1
    assert found["cup", "pot"]["confidence"] == pytest.approx(1 / 3)
    assert found["pot", "cup"]["lift"] == found["cup", "pot"]["lift"] == pytest.approx(4 / 3)


def test_a_bundle_is_held_more_often_than_its_items_would_by_chance(orders: Table, rows: ReadRows) -> None:
    lines = basket_lines(orders, as_of=AS_OF)
    assert rows(bundles(lines, minimum=2)) == [
        {"item_1": "cup", "item_2": "tea", "count": 2, "support": 0.5, "lift": pytest.approx(8 / 9)}
    ]
    # One basket of four; by chance 3/4 · 1/4 · 3/4 of them.
    [three] = rows(bundles(lines, size=3))
    assert (three["count"], three["support"], three["lift"]) == (1, 0.25, pytest.approx(16 / 9))


REPEATS = """
    customer_id | source | order_id | ordered_on | product_id
    1           | shop   | a        | 2026-01-05 | tea
    1           | shop   | b        | 2026-01-05 | tea
    1           | shop   | c        | 2026-02-14 | tea
    2           | shop   | d        | 2026-01-05 | tea
    2           | shop   | e        | 2026-01-05 | tea
    2           | shop   | f        | 2026-03-01 | cup
    3           | shop   | g        | 2026-05-20 | tea
    3           | shop   | h        | 2026-06-02 | tea
    4           | shop   | i        | 2026-01-05 |"""


def test_who_buys_on_another_day_buys_again(table: MakeTable, rows: ReadRows) -> None:
    orders = table(CUSTOMER_ORDERS, REPEATS)
    assert rows(repeat_purchase(orders, as_of=AS_OF)) == [{"buyer_count": 4, "repeat_count": 2, "repeat_share": 0.5}]
    assert rows(repeat_purchase(orders, as_of=AS_OF, by=("product_id",))) == [
        {"product_id": "cup", "buyer_count": 1, "repeat_count": 0, "repeat_share": 0},
        {"product_id": "tea", "buyer_count": 3, "repeat_count": 1, "repeat_share": pytest.approx(1 / 3)},
    ]


def test_who_could_not_yet_come_back_is_not_counted(table: MakeTable, rows: ReadRows) -> None:
    orders = table(CUSTOMER_ORDERS, REPEATS)
    # The third bought twelve days ago; the second came back after 55 days, the first after 40.
    for within, buyers, repeats in ((12, 4, 0), (13, 3, 0), (40, 3, 1), (55, 3, 2), (90, 3, 2), (147, 3, 2)):
        [found] = rows(repeat_purchase(orders, as_of=AS_OF, within_days=within))
        assert (found["buyer_count"], found["repeat_count"]) == (buyers, repeats), within
    nobody = rows(repeat_purchase(orders, as_of=AS_OF, within_days=148))
    assert nobody == [{"buyer_count": 0, "repeat_count": 0, "repeat_share": None}]
