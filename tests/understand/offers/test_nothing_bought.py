"""A firm of which nobody bought anything is refreshed like any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.warehouse.small_company import AS_OF

from zhike.collect.sources.services import import_file
from zhike.understand.affinity.found import affinity_rules
from zhike.understand.affinity.together.tables import AFFINITY_RULES, BASKET_COUNTS, BOUGHT_ITEMS
from zhike.understand.offers.queries import offers_of, offers_overview
from zhike.understand.offers.services import OfferText, save_offer_rule
from zhike.understand.offers.tables import NEXT_BEST_OFFERS
from zhike.warehouse.queries import published, rows
from zhike.warehouse.services import run_refresh


@pytest.mark.usefixtures("home")
def test_only_what_a_rule_says_is_offered_where_nobody_bought(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("customer_key,name\nk1,Ada Berg\nk2,Bob Lee\n")
    import_file(people, entity="source_records", source="crm")
    save_offer_rule(OfferText(name="First", rule="order_count = 0", by="product", values=["tea"]))
    save_offer_rule(OfferText(name="None", rule="order_count = 0", by="category", values=["tea"], priority=1))
    run_refresh(as_of=AS_OF)
    now = published()
    assert [rows(now.table(one)) for one in (BOUGHT_ITEMS, BASKET_COUNTS, AFFINITY_RULES)] == [[], [], []]
    assert affinity_rules() is None
    assert [one.item for one in offers_of(0)] == ["tea"]
    assert (offers_overview().customers, len(rows(now.table(NEXT_BEST_OFFERS)))) == (2, 2)


@pytest.mark.usefixtures("home")
def test_a_firm_without_customers_is_refreshed() -> None:
    run_refresh(as_of=AS_OF)
    assert affinity_rules() is None
    assert offers_overview().of_customers == 0
