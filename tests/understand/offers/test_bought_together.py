"""The association rules that a refresh finds, and whom they lead to."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from tests.understand.offers.small_shop import shop as shop

from zhike.errors import UserError
from zhike.govern.access.actors import NOBODY, acting_as
from zhike.stats.association import associations
from zhike.stats.looks import level_of_selected
from zhike.understand.affinity.found import AffinityRule, FoundRules, affinity_rules
from zhike.understand.affinity.together.steps import rules_of_pairs
from zhike.understand.audiences.queries import count_audience


def found(**asked: str) -> FoundRules:
    rules = affinity_rules(**asked)
    assert rules is not None
    return rules


def rule(rules: FoundRules, item: str, other: str) -> AffinityRule:
    return next(one for one in rules.rules if (one.item, one.other_item) == (item, other))


@pytest.mark.usefixtures("shop")
def test_an_order_is_a_basket_and_so_is_a_customer() -> None:
    orders, customers = found(basket="order", kind="product"), found(basket="customer", kind="product")
    assert (orders.baskets, customers.baskets) == (71, 60)
    assert {(one.item, one.other_item) for one in orders.rules} == {("tea", "cup"), ("cup", "tea")}
    tea = rule(orders, "tea", "cup")
    assert (tea.count, tea.item_count, tea.other_count, tea.amount) == (30, 40, 30, 630)
    assert (tea.confidence, tea.lift) == (0.75, pytest.approx(0.75 * 71 / 30, abs=1e-6))
    assert rule(customers, "pot", "hat").count == 11  # on another day
    assert rule(customers, "tea", "care").count == 20  # by a contract


@pytest.mark.usefixtures("shop")
def test_a_rule_leads_to_those_who_bought_the_one_and_not_yet_the_other() -> None:
    rules = found(basket="customer", kind="product")
    counted = {one.item + one.other_item: count_audience(one.customers).count for one in rules.rules}
    assert counted == {one.item + one.other_item: one.item_count - one.count for one in rules.rules}


@pytest.mark.usefixtures("shop")
def test_a_bundle_is_a_pair_that_even_the_low_end_of_its_lift_speaks_for() -> None:
    bundles = found(basket="customer", kind="product").bundles
    assert [(one.item, one.other_item) for one in bundles] == [("cup", "tea"), ("hat", "pot")]
    assert all(one.lift_low > 1 for one in bundles)


@pytest.mark.usefixtures("shop")
def test_what_is_not_asked_for_is_what_there_is() -> None:
    assert (found().choice.basket, found().choice.kind) == ("order", "product")
    assert affinity_rules(kind="category") is None  # no order says one
    assert found(scope="moon").choice.scope == ""
    with pytest.raises(UserError, match="no 'colour' to count by"):
        affinity_rules(kind="colour")
    with acting_as(NOBODY), pytest.raises(UserError):
        affinity_rules()


@pytest.mark.usefixtures("company")
def test_a_firm_that_names_no_products_has_its_lines_of_business() -> None:
    assert {one.kind for one in found().choices} == {"line_of_business"}


def test_intervals_are_those_of_rules_picked_from_all() -> None:
    names = ("basket", "kind", "scope", "item", "name", "other_item", "other_name")
    pair = dict.fromkeys(names, "x") | {"kind": "product", "scope": "", "item": "a", "other_item": "b"}
    counts = {"count": 30, "item_count": 60, "other_count": 50, "baskets": 200, "amount": None, "beyond": 15.0}
    rules = rules_of_pairs(pa.Table.from_pylist([pair | counts]), {("product", ""): 20})
    level = level_of_selected(2, 20 * 19)
    figures = associations([30, 30], [60, 50], [50, 60], 200, level=level)
    assert rules["interval_level"].to_pylist() == [pytest.approx(level)] * 2
    assert [sorted(rules[name].to_pylist()) for name in ("confidence_low", "lift_low", "lift_high")] == [
        sorted(np.round(values, 6)) for values in (figures.confidence_low, figures.lift_low, figures.lift_high)
    ]
    assert rules_of_pairs(pa.Table.from_pylist([pair | counts]).slice(0, 0), {}).num_rows == 0
