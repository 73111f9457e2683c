"""What customers are expected to buy and to renew: the answers, and the customers behind the numbers."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied


@pytest.mark.usefixtures("company")
def test_each_tenth_of_the_chance_of_buying_leads_to_its_customers(browser: Client) -> None:
    context = browser.get("/insight/lifetime/").context
    alive = context["alive"]
    assert sum(alive.values) == context["found"].customers > 0
    for count, link in zip(alive.values, alive.links, strict=True):
        assert bool(count) == bool(link)
        if count:
            assert browser.get(link).context["list"]["page"].total == count


@pytest.mark.usefixtures("company")
def test_sums_of_buyers_stand_with_their_intervals_and_lead_to_the_buyers(browser: Client) -> None:
    context = browser.get("/insight/lifetime/").context
    found = context["found"]
    assert found.intervals.purchases.low < found.purchases < found.intervals.purchases.high
    assert found.intervals.alive.low < found.alive <= found.intervals.alive.high <= found.customers
    assert [bool(one["note"]) for one in context["figures"]][:3] == [False, True, True]
    assert browser.get(context["figures"][0]["url"]).context["list"]["page"].total == found.customers


@pytest.mark.usefixtures("holders")
def test_each_chance_of_renewal_leads_to_its_holders(browser: Client) -> None:
    context = browser.get("/insight/renewals/").context
    bands = context["bands"]
    assert sum(bands.values) == context["found"].customers == 36  # four gave up all theirs
    for count, link in zip(bands.values, bands.links, strict=True):
        assert bool(count) == bool(link)
        if count:
            assert browser.get(link).context["list"]["page"].total == count


@pytest.mark.usefixtures("holders")
def test_a_line_of_which_enough_is_known_says_what_it_will_bring_and_how_the_model_did(browser: Client) -> None:
    response = browser.get("/insight/renewals/")
    found = response.context["found"]
    life, car = (next(one for one in found.lines if one.line_of_business == name) for name in ("whole_life", "car"))
    assert (life.is_used, life.contracts, life.seen, life.ended) == (True, 360, 400, 40)
    assert life.next_renewed is not None
    assert 0.9 < life.next_renewed < 1
    assert 0.9 * 36_000 < life.premium < 36_000 < life.ever
    assert found.premium == pytest.approx(life.premium, rel=1e-4)
    assert (car.is_used, car.contracts, car.premium) == (False, 0, 0)
    assert car.doubts
    assert response.context["line"]["found"] == life
    assert car in [one["found"] for one in response.context["unsaid"]]
    assert response.context["finding"].startswith("9")
    for name in ("premium_interval", "ever_interval"):
        whole, of_life = getattr(found, name), getattr(life, name)
        assert (whole.low, whole.high) == pytest.approx((of_life.low, of_life.high), rel=1e-3)
    assert found.premium_interval.low < found.premium < found.premium_interval.high
    [shown] = response.context["lines"]
    assert browser.get(shown["in_force_url"]).context["list"]["page"].total == 36
    assert browser.get(shown["seen_url"]).context["list"]["page"].total == 40


@pytest.mark.usefixtures("holders")
def test_a_unit_has_its_holders_and_the_table_of_the_firm(browser: Client) -> None:
    response = browser.get("/insight/renewals/", {"unit": "south"})
    found = response.context["found"]
    assert found.customers == 10
    assert found.premium_interval.low < found.premium < found.premium_interval.high
    assert response.context["lines"]


@pytest.mark.usefixtures("company")
def test_without_contracts_that_ended_nothing_is_said_of_holders(browser: Client) -> None:
    response = browser.get("/insight/renewals/")
    assert response.status_code == 200
    assert response.context["found"].customers == 0


@pytest.mark.parametrize("page", ["/insight/lifetime/", "/insight/renewals/"])
@pytest.mark.usefixtures("company")
def test_who_may_not_see_customers_sees_no_expectation(page: str, open_with: Any) -> None:
    with pytest.raises(Denied):
        open_with(page)
    assert open_with(page, Right.SEE_CUSTOMERS).status_code == 200
