"""Retention: cohorts, how long contracts and customers stay, and why they leave."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import translation

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS
from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.audiences.queries import count_audience
from zhike.understand.lifecycle.tables import ACTIVE_SPELLS
from zhike.understand.retention.pages.charts import pareto
from zhike.understand.retention.queries import Reason, staying
from zhike.warehouse.queries import published, rows

pytestmark = pytest.mark.usefixtures("company")
PAGE = "/insight/retention/"


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize("asked", ["basis=presence", "basis=orders&cohort=month"])
def test_a_cohort_leads_to_as_many_customers_as_it_has(browser: Client, asked: str) -> None:
    chart = browser.get(f"{PAGE}?{asked}").context["triangle"]
    for links, notes, head in zip(chart.links, chart.notes, chart.y_links, strict=True):
        assert browser.get(head).context["list"]["page"].total >= int(notes[0].split()[2]) > 0
        assert not any(links[1:])  # of a part of a cohort no rule can say who it is
        if links[0]:
            assert browser.get(links[0]).context["list"]["page"].total == int(notes[0].split()[0])


@pytest.mark.parametrize("asked", [{}, {"stay": "presence"}, {"by": "line_of_business"}, {"unit": "north"}])
def test_how_many_and_who_left_lead_to_them(browser: Client, asked: dict[str, str]) -> None:
    for row in browser.get(PAGE, asked).context.get("rows", []):
        for url, count in ((row["url"], row["count"]), (row["left_url"], row["left"])):
            if url and count:
                assert 0 < browser.get(url).context["list"]["page"].total <= count


@pytest.mark.parametrize("why", ["ended", "response"])
def test_a_reason_leads_to_whom_it_is_of(browser: Client, why: str) -> None:
    chart = browser.get(PAGE, {"why": why}).context["pareto"]
    for link, count in zip(chart.links if chart else [], chart.values if chart else [], strict=True):
        assert 0 < browser.get(link).context["list"]["page"].total <= count


def test_every_contract_that_began_is_counted_once(browser: Client) -> None:
    context = browser.get(PAGE).context
    begun = [row for row in rows(published().table(CUSTOMER_CONTRACTS)) if row["started_on"] <= published().as_of]  # type: ignore[operator]
    assert context["rows"][0]["count"] == len(begun)


def test_every_buyer_stays_once(browser: Client) -> None:
    context = browser.get(PAGE, {"stay": "presence"}).context
    spells = rows(published().table(ACTIVE_SPELLS))
    assert context["rows"][0]["count"] == len({row["customer_id"] for row in spells})
    assert context["rows"][0]["left"] == sum(row["spell"] == 1 and row["gone_on"] is not None for row in spells)


@pytest.mark.parametrize("by", ["line_of_business", "channel", "unit_id"])
def test_groups_add_up(by: str) -> None:
    """Whatever tells them apart."""
    everybody = staying(basis="contracts").all
    assert everybody is not None
    found = staying(basis="contracts", by=by).all
    assert found is not None
    assert found.stays.customers == everybody.stays.customers


@pytest.mark.parametrize("why", ["ended", "contact", "response", "nonsense"])
def test_reasons_are_shown_or_that_there_are_none(browser: Client, why: str) -> None:
    response = browser.get(PAGE, {"why": why, "by": "nonsense", "stay": "presence", "unit": "nowhere"})
    assert response.status_code == 200
    assert "in the last year" in text(response)


@pytest.mark.parametrize(("why", "second"), [("ended", "surrendered"), ("response", '“no” "never" \\')])
def test_a_reason_leads_to_those_who_left_for_it(browser: Client, why: str, second: str) -> None:
    reasons = [Reason("lapsed", 3), Reason(second, 2), Reason("", 4)]
    chart = pareto(reasons, why, unit="", as_of=published().as_of)
    assert chart is not None
    assert len(chart.links) == 2
    for link in chart.links:
        rule = parse_qs(urlsplit(link).query)["rule"][0]
        with acting_as(OPERATOR):
            count = count_audience(rule).count
        assert browser.get(link).context["list"]["page"].total == count


def test_a_unit_has_its_own(browser: Client) -> None:
    whole = browser.get(PAGE, {"stay": "presence", "unit": ""}).context["rows"][0]["count"]
    context = browser.get(PAGE, {"stay": "presence", "unit": "north"}).context
    assert not context.get("rows") or context["rows"][0]["count"] < whole


def test_it_speaks_chinese(browser: Client) -> None:
    with translation.override("zh-hans"):  # or the tests after it would be answered in it
        assert "客户留存" in text(browser.get(PAGE, headers={"accept-language": "zh-CN"}))


def test_who_may_not_see_customers_sees_none(open_with: Any) -> None:
    with pytest.raises(Denied):
        open_with(PAGE)
    assert open_with(PAGE, Right.SEE_CUSTOMERS).status_code == 200
