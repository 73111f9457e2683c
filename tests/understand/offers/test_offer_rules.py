"""The rule base of offers: written, switched, archived; and what a refresh makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.understand.offers.small_shop import shop as shop
from tests.warehouse.small_company import AS_OF

from zhike.collect.sources.services import import_file
from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import NOBODY, Actor, ActorKind, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.rules.errors import RuleError
from zhike.understand.offers.queries import (
    list_offer_rules,
    offer_rule,
    offers_overview,
    reach_of,
)
from zhike.understand.offers.rule_base import products_of
from zhike.understand.offers.services import (
    NameTaken,
    OfferText,
    Overtaken,
    archive_offer_rule,
    change_offer_rule,
    restore_offer_rule,
    save_offer_rule,
    switch_offer_rule,
)
from zhike.warehouse.services import run_refresh

pytestmark = pytest.mark.usefixtures("shop")
YORK = OfferText(name="York", rule='city = "York"', by="product", values=["care", "new"], reason="It rains there.")


def test_products_are_told_by_number_words_and_line() -> None:
    items = [
        {"kind": "product", "item": "1", "name": "Green tea", "category": "drinks", "line_of_business": "shop"},
        {"kind": "product", "item": "2", "name": "Cup", "category": "ware", "line_of_business": "shop"},
        {"kind": "category", "item": "drinks", "name": "drinks", "category": None, "line_of_business": None},
    ]

    def told(by: str, *values: str) -> list[str]:
        return [one.item for one in products_of(by, values, items)]

    assert told("product", "9", "2") == ["9", "2"]  # 9 nobody bought yet
    assert told("name", "TEA", "cup") == ["1", "2"]
    assert told("category", "ware") == ["2"]
    assert told("line_of_business", "shop") == ["1", "2"]
    assert told("category", "moon") == []


def test_products_are_told_by_their_tags(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text("product_id,name,tags\ncup,Cup,Gift; vegan\nbox,Box,礼品，gift\npot,Pot,\ntea,Tea,vegan\n")
    import_file(path, entity="products", source="shop")

    def told(*values: str) -> list[str]:
        return [one.item for one in reach_of(rule='city = "York"', by="tag", values=values).products]

    assert told("gift") == ["cup", "box"]  # what was bought comes first
    assert told("VEGAN") == ["tea", "cup"]
    assert told("礼品") == ["box"]
    assert told("gif") == []
    rule = save_offer_rule(replace(YORK, by="tag", values=["gift"]))
    run_refresh(as_of=AS_OF)
    offered = {one.item: one.by_source.get("rule") for one in offers_overview().products}
    assert offered.get("box") or offered.get("cup"), rule


def test_a_preview_says_whom_it_reaches_with_what() -> None:
    reach = reach_of(rule='city = "York"', by="name", values=["t"])
    assert (reach.customers, reach.of_customers) == (30, 60)
    assert [one.name for one in reach.products] == ["Tea", "Pot", "Hat"]


def test_a_rule_is_changed_switched_archived_and_brought_back() -> None:
    rule = save_offer_rule(YORK)
    shown = offer_rule(rule.pk)
    assert (shown.rule, shown.customers, shown.values, shown.is_on) == ('city = "York"', 30, ("care", "new"), True)
    with pytest.raises(NameTaken):
        save_offer_rule(YORK)
    change_offer_rule(rule_id=rule.pk, said=replace(YORK, priority=3), seen=1)
    with pytest.raises(Overtaken):
        change_offer_rule(rule_id=rule.pk, said=YORK, seen=1)
    assert not switch_offer_rule(rule_id=rule.pk, is_on=False).is_on
    archive_offer_rule(rule_id=rule.pk)
    assert list_offer_rules() == ()
    save_offer_rule(YORK)  # the name is free
    with pytest.raises(NameTaken):
        restore_offer_rule(rule_id=rule.pk)
    assert [one.priority for one in list_offer_rules(archived=True)] == [3]
    with pytest.raises(NotFound):
        archive_offer_rule(rule_id=10**6)


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"values": ["", " "]}, "values"),
        ({"values": [str(n) for n in range(101)]}, "values"),
        ({"by": "colour"}, "by"),
        ({"priority": 0}, "priority"),
        ({"valid_from": date(2026, 2, 1), "valid_until": date(2026, 1, 1)}, "valid_until"),
        ({"rule": 'phone = "1"'}, "rule"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(changed: dict[str, object], where: str) -> None:
    with pytest.raises(UserError) as refused:
        save_offer_rule(replace(YORK, **changed))  # type: ignore[arg-type]
    assert refused.value.where.startswith(where)


def test_a_rule_that_means_nothing_is_refused() -> None:
    with pytest.raises(RuleError):
        save_offer_rule(replace(YORK, rule="moon > 3"))


def test_only_who_has_the_right_writes() -> None:
    rule = save_offer_rule(YORK)
    seeing = Actor(ActorKind.USER, name="bob", rights=frozenset({Right.SEE_CUSTOMERS}))
    with acting_as(seeing):
        assert [one.name for one in list_offer_rules()] == ["York"]
        for refused in (
            lambda: save_offer_rule(replace(YORK, name="mine")),
            lambda: switch_offer_rule(rule_id=rule.pk, is_on=False),
            lambda: archive_offer_rule(rule_id=rule.pk),
        ):
            with pytest.raises(Denied):
                refused()
    with acting_as(NOBODY), pytest.raises(UserError):
        list_offer_rules()
