"""What customers are expected to buy and to renew: the answers, and the customers behind the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.grown import Growth, grown
from tests.understand.conftest import COMPANY
from tests.warehouse.small_company import AS_OF

from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied

HEAD = "contract_id,customer_key,line_of_business,started_on,terminated_on,status,premium_period,premium_amount\n"


def _grow(folder: Path) -> None:
    """Forty people hold four hundred contracts for life; every tenth was given up, and five for the house."""
    from zhike.collect.sources.services import import_file
    from zhike.warehouse.services import run_refresh

    rows = []
    for n in range(400):
        started = date(AS_OF.year - 3 - n % 7, 1 + n % 12, 15)
        given_up = n % 10 == 3
        ended = date(started.year + 1 + n % 2, started.month, 1).isoformat() if given_up else ""
        rows.append(
            f"c{n},k{n % 40},whole_life,{started},{ended},{'surrendered' if given_up else 'active'},yearly,100\n"
        )
    rows += [f"h{n},k{n},house,{AS_OF.year - 3}-03-01,,active,monthly,10\n" for n in range(5)]
    path = folder / "contracts-of-life.csv"
    path.write_text(HEAD + "".join(rows))
    import_file(path, entity="contracts", source="hr")
    run_refresh(as_of=AS_OF)


HOLDERS = Growth("holders", _grow, on=COMPANY)


@pytest.fixture
def holders(db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The small company, whose people hold contracts."""
    with grown(HOLDERS, settings, tmp_path_factory):
        yield


@pytest.mark.usefixtures("company")
def test_each_tenth_of_the_chance_of_buying_leads_to_its_customers(browser: Client) -> None:
    context = browser.get("/insight/lifetime/").context
    alive = context["alive"]
    assert sum(alive.values) == context["found"].customers > 0
    for count, link in zip(alive.values, alive.links, strict=True):
        assert bool(count) == bool(link)
        if count:
            assert browser.get(link).context["list"]["page"].total == count


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
    life, house = (next(one for one in found.lines if one.line_of_business == name) for name in ("whole_life", "house"))
    assert (life.is_used, life.contracts, life.seen, life.ended) == (True, 360, 400, 40)
    assert life.next_renewed is not None
    assert 0.9 < life.next_renewed < 1
    assert 0.9 * 36_000 < life.premium < 36_000 < life.ever
    assert found.premium == pytest.approx(life.premium, rel=1e-4)
    assert (house.is_used, house.contracts, house.premium) == (False, 0, 0)
    assert [doubt.kind for doubt in house.doubts] == ["no_model"]
    assert response.context["line"]["found"] == life
    assert [one["found"] for one in response.context["unsaid"] if one["found"].line_of_business == "house"] == [house]
    assert response.context["finding"].startswith("9")


@pytest.mark.usefixtures("holders")
def test_a_unit_has_its_holders_and_the_table_of_the_firm(browser: Client) -> None:
    response = browser.get("/insight/renewals/", {"unit": "south"})
    assert response.context["found"].customers == 10
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
