"""Rules of the orders in force."""

from __future__ import annotations

from collections import defaultdict

import pytest

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.errors import UserError
from zhike.govern.access.actors import NOBODY, acting_as
from zhike.understand.affinity.queries import rules_of_orders
from zhike.understand.affinity.thresholds import thresholds
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import published

pytestmark = pytest.mark.usefixtures("company")

ALL = thresholds(min_support="0", min_confidence="0")


def held(*basket: str) -> dict[tuple[object, ...], set[object]]:
    """The lines of business in each basket, counted by hand."""
    now = published()
    found: dict[tuple[object, ...], set[object]] = defaultdict(set)
    for row in engine().arrow(now.table(CUSTOMER_ORDERS)).to_pylist():
        if row["ordered_on"] <= now.as_of:
            found[tuple(row[name] for name in basket)].add(row["line_of_business"])
    return found


@pytest.mark.parametrize(("basket", "columns"), [("order", ("source", "order_id")), ("customer", ("customer_id",))])
def test_rules_are_those_of_the_orders_in_force(basket: str, columns: tuple[str, ...]) -> None:
    known = held(*columns)
    both = sum(len(lines) == 2 for lines in known.values())
    food = sum("food" in lines for lines in known.values())
    found = rules_of_orders(ALL, basket=basket, item="line_of_business")
    assert (found.baskets, found.items, found.total) == (len(known), 2, 2)
    [rule] = [row for row in found.table.to_pylist() if row["consequent"] == "home"]
    assert (rule["antecedent"], rule["count"], rule["antecedent_count"]) == (["food"], both, food)


def test_orders_that_name_no_product_are_no_baskets() -> None:
    found = rules_of_orders(ALL)
    assert (found.baskets, found.total) == (0, 0)


@pytest.mark.parametrize(("basket", "item", "said"), [("line", "product", "--basket"), ("order", "colour", "--item")])
def test_orders_are_counted_by_what_they_have(basket: str, item: str, said: str) -> None:
    with pytest.raises(UserError, match=f"{said}: orders have no"):
        rules_of_orders(ALL, basket=basket, item=item)


def test_who_may_not_see_customers_sees_no_rules_of_their_orders() -> None:
    with acting_as(NOBODY), pytest.raises(UserError) as refused:
        rules_of_orders(ALL)
    assert refused.value.status in (401, 403)
