"""Pages of data quality, as those who manage it, review, or only look see them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.pages.conftest import Open

from zhike.collect.profiles.queries import golden_record_of
from zhike.collect.quality.models import QualityRule, ReviewCampaign, ReviewItem
from zhike.collect.quality.queries import board
from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]
PLANNED = {"name": "Spring", "kind": "sample", "size": 20, "fields_looked_at": ["name", "phone"], "target": 80}
RULE = {"name": "vip", "title": "VIPs", "dimension": "freshness", "good": "city is known", "weight": 2, "target": 75}


def _text(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize(
    "address",
    [
        "/quality/",
        "/quality/?by=agent&unit=north&channel=-",
        "/quality/rules/",
        "/quality/rules/city_stated/?by=source",
        "/quality/rules/city_stated/edit/",
        "/quality/new-rule/",
        "/quality/reviews/",
        "/quality/new-review/?failing=city_stated&unit=north",
        "/quality/new-review/?departed=",
        "/quality/departed/",
    ],
)
def test_every_page_opens_in_both_languages(browser: Client, address: str) -> None:
    for language in ("en", "zh-hans"):
        browser.cookies["zhike_language"] = language
        assert browser.get(address).status_code == 200


def test_a_figure_of_the_board_leads_to_as_many_customers(browser: Client) -> None:
    with acting_as(OPERATOR):
        figure = next(one for one in board().rules if one.rule.name == "city_stated")
    page = browser.get("/quality/customers/?rule=city_stated", follow=True)
    assert page.context["list"]["page"].total == figure.failing > 0
    assert browser.get("/quality/customers/?rule=no_such").status_code == 404


def test_a_rule_is_counted_before_it_is_kept(browser: Client) -> None:
    counted = browser.post("/quality/new-rule/", {**RULE, "count": "yes"})
    assert not QualityRule.objects.filter(name="vip").exists()
    assert "customers; " in _text(counted)
    assert browser.post("/quality/new-rule/", RULE)["Location"] == "/quality/rules/vip/"
    wrong = browser.post("/quality/rules/vip/edit/", {**RULE, "good": "citty is known", "seen": 1})
    assert wrong.status_code == 422
    assert "Did you mean “city”?" in _text(wrong)
    overtaken = browser.post("/quality/rules/vip/edit/", {**RULE, "weight": 5, "seen": 9})
    assert "changed meanwhile" in _text(overtaken)
    assert "not counted yet" in _text(browser.get("/quality/rules/vip/"))
    assert "not counted yet" in _text(browser.get("/quality/rules/"))
    browser.post("/quality/rules/city_stated/retire/")
    assert "it is not counted any more" in _text(browser.get("/quality/rules/city_stated/"))
    browser.post("/quality/rules/vip/retire/")
    assert "Bring back" in _text(browser.get("/quality/rules/vip/"))
    browser.post("/quality/rules/vip/restore/")
    assert QualityRule.objects.get(name="vip").retired_at is None


def _plan(browser: Client, **more: Any) -> ReviewCampaign:
    browser.post("/quality/new-review/", {**PLANNED, **more})
    return ReviewCampaign.objects.get()


def test_a_review_goes_from_customer_to_customer_and_back(browser: Client) -> None:
    campaign = _plan(browser)
    address = f"/quality/reviews/{campaign.pk}/my-work/"
    first = browser.get(address).context["item"]
    said = {"item": first.pk, "verdict_name": "confirmed", "verdict_phone": "wrong"}
    missing = browser.post(address, {**said, "verdict_phone": ""})
    assert missing.status_code == 422
    assert missing.context["item"] == first
    assert "nothing is said of this field yet" in _text(missing)
    assert browser.post(address, {**said, "item": "9" * 5000}).status_code == 404
    assert browser.post(address, said)["Location"] == address
    second = browser.get(address).context["item"]
    assert second != first
    again = browser.post(address, said, follow=True)
    assert "reviewed this customer already" in _text(again)
    corrected = {"item": second.pk, "verdict_name": "confirmed", "value_phone": "13912345678"}
    browser.post(address, corrected)
    with acting_as(OPERATOR):
        assert golden_record_of(second.customer_id).values["phone"] == "13912345678"
    browser.post(f"/quality/reviewed/{second.pk}/back/")
    assert browser.get(address + "?of=*").context["item"] == second
    page = browser.get(f"/quality/reviews/{campaign.pk}/")
    assert page.context["found"].done == 1
    browser.post(f"/quality/reviews/{campaign.pk}/close/")
    assert "This review is closed" in _text(browser.get(address))


def test_a_review_that_cannot_be_planned_says_why(browser: Client) -> None:
    wrong = browser.post("/quality/new-review/", {**PLANNED, "rule": "citty is known"})
    assert wrong.status_code == 422
    assert "Did you mean “city”?" in _text(wrong)
    assert not ReviewItem.objects.exists()


def test_who_only_looks_is_offered_nothing_else_and_no_way_to_personal_data(open_with: Open) -> None:
    page = _text(open_with("/quality/", Right.SEE_CUSTOMERS))
    assert "Plan a review" not in page
    rule = _text(open_with("/quality/rules/income_stated/", Right.SEE_CUSTOMERS))
    assert "/quality/customers/" not in rule.split("Where it fails")[0]
    for address, lacking in (
        ("/quality/new-rule/", Right.MANAGE_QUALITY),
        ("/quality/new-review/", Right.MANAGE_QUALITY),
        ("/quality/reviews/1/my-work/", Right.REVIEW),
        ("/quality/", Right.SEE_CUSTOMERS),
        ("/quality/departed/", Right.SEE_CUSTOMERS),
    ):
        with pytest.raises(Denied):
            open_with(address, *(right for right in Right if right != lacking))


def test_the_first_page_says_what_is_below_its_target(browser: Client) -> None:
    with acting_as(OPERATOR):
        low = [kpi for kpi in board().kpis if kpi.is_on_target is False]
    assert low
    assert _text(browser.get("/")).count("below the target of") == len(low)
