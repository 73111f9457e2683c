"""Behaviour: every number is how many customers it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.behaviour.queries import behaviour

pytestmark = pytest.mark.usefixtures("company")
PAGE = "/insight/behaviour/"


def led_to(context: Any) -> Iterator[tuple[int, str]]:
    """Every number that leads to customers, with its link."""
    for name in ("numbers", "held", "insured"):
        yield from zip(context[name].values, context[name].links, strict=True)
    for values, links in zip(context["gaps"].values, context["gaps"].links, strict=True):
        yield from zip(values, links, strict=True)
    for line in context["lines"]:
        yield from ((one["count"], one["url"]) for one in line["counts"])
    for one in context["repeats"]:
        yield one["found"].every.repeaters, one["again_url"]
        yield one["once"], one["once_url"]
        if one["chart"]:
            yield from ((int(note[0]), url) for note, url in zip(one["chart"].notes, one["chart"].links, strict=True))


@pytest.mark.parametrize("unit", ["", "north"])
def test_every_number_is_how_many_customers_it_leads_to(browser: Client, unit: str) -> None:
    context = browser.get(PAGE, {"unit": unit}).context
    numbers = list(led_to(context)) if context["found"].wallet and context["found"].held else []
    assert numbers or unit
    for number, url in numbers:
        if url:
            assert browser.get(url).context["list"]["page"].total == number, url
        else:
            assert not number


def test_the_parts_add_up() -> None:
    found = behaviour()
    assert [one.kind for one in found.repeats] == ["orders", "contracts"]
    for one in found.repeats:
        assert one.every.customers == sum(cohort.customers for cohort in one.cohorts)
        assert one.every.within_a_year <= one.every.repeaters <= one.every.customers
    assert found.held
    assert found.held.holders == sum(holders for _number, holders in found.held.by_number)
    assert found.wallet
    assert found.wallet.users == sum(one.main for one in found.wallet.lines)
    used = sum(lines * customers for lines, customers, _amount in found.wallet.by_number)
    assert used == sum(one.users for one in found.wallet.lines)


def test_a_unit_without_customers_says_so(browser: Client) -> None:
    response = browser.get(PAGE, {"unit": "south"})
    if not response.context["found"].wallet:
        assert "Nobody has bought anything" in response.content.decode()


def test_nobody_sees_it_without_the_right(open_with: Any) -> None:
    with pytest.raises(Denied):
        open_with(PAGE)
    assert open_with(PAGE, Right.SEE_CUSTOMERS).status_code == 200
