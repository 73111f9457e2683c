"""What a refresh offers each customer next: by rules first, then by what others like them bought."""

from __future__ import annotations

import pytest
from tests.understand.offers.small_shop import ruled_shop as ruled_shop
from tests.understand.offers.small_shop import shop as shop

from zhike.collect.profiles.named import NoSuchCustomer
from zhike.collect.profiles.tables import CUSTOMERS
from zhike.errors import UserError
from zhike.govern.access.actors import NOBODY, acting_as
from zhike.understand.offers.queries import customers_offered, list_offer_rules, offers_of, offers_overview
from zhike.understand.offers.words import why
from zhike.warehouse.queries import published, rows


def number_of(key: str) -> int:
    """The customer whom the shop calls so."""
    table = published().table(CUSTOMERS)
    [row] = rows(table.filter(table.customer_key == key).select("customer_id"))
    return int(str(row["customer_id"]))


def offered(key: str) -> list[tuple[str, str | None]]:
    """The products, each with the rule that proposes it."""
    return [(one.item, one.rule) for one in offers_of(number_of(key))]


@pytest.mark.usefixtures("shop")
def test_without_rules_others_like_them_speak() -> None:
    assert offered("k31") == [("cup", None)]
    assert offered("k41") == [("hat", None)]
    assert offered("k1") == []  # has all that goes with it
    [cup] = offers_of(number_of("k31"))
    assert (cup.source, cup.because, cup.score) == ("affinity", "Tea", 0.75)
    assert why(cup).startswith("Bought Tea; of those who did, 75% (")
    assert ") also bought this, lift 1.5. They order anything within a year with a chance of " in why(cup)
    assert cup.activity is not None
    assert cup.chance == pytest.approx(0.75 * cup.activity, abs=1e-6)


@pytest.mark.usefixtures("ruled_shop")
def test_rules_go_first_by_their_priority_and_three_offers_are_enough() -> None:
    assert offered("k31") == [("care", "York"), ("tea", "refill"), ("hat", "hats")]  # and cup, which nobody hears
    assert offered("k41") == [("care", "York"), ("tea", "refill"), ("hat", "hats")]
    first = offers_of(number_of("k31"))[0]
    assert (first.score, why(first)) == (None, "York: It rains there.")


@pytest.mark.usefixtures("ruled_shop")
def test_nothing_is_offered_that_a_customer_has() -> None:
    assert offered("k59") == [("care", "York"), ("tea", "refill")]  # has a hat
    assert ("care", "Leeds") in offered("k4")  # the contract ended
    assert ("care", "Leeds") not in offered("k2")  # in force, and a rule that repeats changes nothing
    assert ("tea", "refill") in offered("k2")  # used up


@pytest.mark.usefixtures("ruled_shop")
def test_only_rules_that_are_on_and_valid_and_mean_something_are_heard() -> None:
    assert {one.item for one in offers_overview().products if "rule" in one.by_source} == {"care", "tea", "hat"}
    [gone] = [one for one in list_offer_rules() if one.name == "gone"]
    assert "gone" in gone.problem


@pytest.mark.usefixtures("ruled_shop")
def test_the_overview_counts_the_customers_that_the_lists_show() -> None:
    found = offers_overview()
    assert (found.customers, found.of_customers, found.by_source) == (60, 60, {"rule": 60, "affinity": 0})
    assert found.trial is not None
    assert (found.trial.customers, found.trial.hits, found.trial.best_seller_hits) == (
        19,
        0,
        0,
    )  # ten without a cup, nine without a hat
    for product in found.products:
        listed = customers_offered(product.item, most=100)
        assert len(listed) == product.customers == sum(product.by_source.values())
        assert sum(offer.place == 1 for _id, _name, offer in listed) == product.first
        assert customers_offered(product.item, skip=1, most=100) == listed[1:]


@pytest.mark.usefixtures("shop")
def test_offers_are_told_to_who_sees_customers() -> None:
    with pytest.raises(NoSuchCustomer):
        offers_of(10**6)
    with acting_as(NOBODY):
        for read in (offers_overview, lambda: offers_of(0), lambda: customers_offered("cup", most=1)):
            with pytest.raises(UserError):
                read()
