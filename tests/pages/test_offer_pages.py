"""What is bought together, what is to be offered next, and the rule base: pages and what they send."""

from __future__ import annotations

import csv
import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape
from tests.pages.conftest import Open
from tests.understand.offers.small_shop import ruled_shop as ruled_shop

from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.offers.models import OfferRule

pytestmark = pytest.mark.usefixtures("ruled_shop")
AFFINITY, OFFERS, OFFERED, RULES = (
    f"/insight/{path}/" for path in ("affinity", "offers", "offers/customers", "offers/rules")
)
NEW = f"{RULES}new/"
SAID = {"name": "Tea time", "rule": "order_count > 0", "by": "name", "values": "tea\ncup", "priority": "2"}


def text(response: Any) -> str:
    return str(response.content.decode())


def total(response: Any) -> object:
    return response.context["list"]["page"].total


def test_it_answers_with_a_sentence_and_each_rule_leads_to_its_customers(browser: Client) -> None:
    page = browser.get(AFFINITY, {"basket": "customer"})
    assert re.search(r"Of those who bought Cup, 100% \([\d.]+% to 100%\) also bought Tea: 1.5 times", text(page))
    for row in page.context["list"]["page"].rows:
        assert total(browser.get(row["url"])) == row["item_count"] - row["count"]
        for name, count in (("both_url", "count"), ("one_url", "item_count"), ("other_url", "other_count")):
            assert total(browser.get(row[name])) == row[count]
        assert escape(row["both_url"]) in text(page)
    heat = page.context["heat"]
    tea, cup = heat.y_labels.index("Tea"), heat.x_labels.index("Cup")
    assert heat.values[tea][cup] == 1.5
    assert heat.values[tea][tea] is None
    assert total(browser.get(heat.links[tea][cup])) == 10


def test_rules_are_looked_for_by_product_and_exported(browser: Client) -> None:
    asked = {"basket": "customer", "name": "tea", "sort": "-count"}
    page = browser.get(AFFINITY, asked)
    assert [row["other_name"] for row in page.context["list"]["page"].rows] == ["Cup", "Care"]
    lines = list(
        csv.reader(b"".join(browser.get(AFFINITY, asked | {"export": "csv"})).decode("utf-8-sig").splitlines())
    )
    assert [line[:3] for line in lines] == [
        ["Who bought", "also bought", "Bought both"],
        ["Tea", "Cup", "30"],
        ["Tea", "Care", "20"],
    ]


def test_what_there_is_not_is_answered_with_what_there_is(browser: Client) -> None:
    page = browser.get(AFFINITY, {"basket": "moon", "kind": "colour", "scope": "x"})
    assert page.status_code == 200
    assert page.context["found"].choice.basket == "order"
    assert "Nothing is bought together yet" in text(browser.get(AFFINITY, {"kind": "category"}))


def test_each_offer_leads_to_as_many_customers_as_it_counts(browser: Client) -> None:
    page = browser.get(OFFERS)
    assert "60 of 60 customers have something to be offered next" in text(page)
    assert page.context["list"]["page"].rows
    for row in page.context["list"]["page"].rows:
        offered = browser.get(row["url"])
        assert total(offered) == row["customers"]
    care = browser.get(OFFERED, {"item": "care"})
    assert "York: It rains there." in text(care)
    exported = b"".join(browser.get(OFFERED, {"item": "care", "export": "csv"})).decode("utf-8-sig")
    assert len(exported.splitlines()) == int(str(total(care))) + 1
    assert browser.get(OFFERED, {"item": "tea", "after": "50"}).context["list"]["page"].previous == "50"
    assert browser.get(OFFERED, {"item": "tea", "after": "x"}).status_code == 422
    assert "Nobody is to be offered this product." in text(browser.get(OFFERED))


def test_the_page_of_a_customer_says_what_to_offer_and_why(browser: Client) -> None:
    listed = browser.get(OFFERED, {"item": "care"}).context["list"]["page"].rows
    york = next(row for row in listed if row["why"].startswith("York"))
    page = text(browser.get(york["url"]))
    assert "Next best offer" in page
    assert "York: It rains there." in page


def test_a_rule_is_counted_kept_changed_and_refused(browser: Client) -> None:
    counted = browser.post(NEW, SAID | {"count": "yes"})
    assert "The rule holds for 60 customers." in text(counted)
    assert [one.name for one in counted.context["reach"].products] == ["Tea", "Cup"]
    assert not OfferRule.objects.filter(name="Tea time").exists()
    assert browser.post(NEW, SAID).url == RULES
    rule = OfferRule.objects.get(name="Tea time")
    assert (rule.values, rule.is_on, rule.made_by.username) == (["tea", "cup"], True, "ann")  # type: ignore[union-attr]
    page = browser.get(f"{RULES}{rule.pk}/")
    assert page.context["form"].initial["values"] == "tea\ncup"
    assert browser.post(f"{RULES}{rule.pk}/", SAID | {"priority": "3", "seen": "1"}).status_code == 302
    assert browser.post(f"{RULES}{rule.pk}/", SAID | {"seen": "1"}).status_code == 409
    for wrong, words in (
        ({"rule": "moon > 1"}, "there is no attribute “moon”"),
        ({"rule": 'name = "Ada1 Berg"'}, "the rule reads what identifies customers"),
        ({"name": "York"}, "there is an offer rule “York” already"),
        ({"valid_from": "2026-02-01", "valid_until": "2026-01-01"}, "it ends before it begins"),
        ({"priority": "0"}, "greater than or equal to 1"),
    ):
        answer = browser.post(NEW, SAID | {"name": "Other"} | wrong)
        assert (answer.status_code, escape(words) in text(answer)) == (422, True), words


def test_a_rule_is_switched_archived_and_brought_back(browser: Client) -> None:
    path = f"{RULES}{OfferRule.objects.get(name='York').pk}/"
    browser.post(f"{path}switch/", {"on": "no"})
    assert "It is switched off" in text(browser.get(path))
    browser.post(f"{path}archive/")
    assert "York" not in [row["name"] for row in browser.get(RULES).context["list"]["page"].rows]
    assert [row["name"] for row in browser.get(RULES, {"archived": "yes"}).context["list"]["page"].rows] == ["York"]
    browser.post(f"{path}restore/")
    browser.post(f"{path}switch/", {"on": "yes"})
    york = next(row for row in browser.get(RULES).context["list"]["page"].rows if row["name"] == "York")
    assert (york["state"], york["customers"], york["products"]) == ("on", 30, "Care, new")


def test_pages_ask_for_their_rights(open_with: Open) -> None:
    for path in (AFFINITY, OFFERS, OFFERED, RULES):
        with pytest.raises(Denied):
            open_with(path)
    assert "New offer rule" not in text(open_with(RULES, Right.SEE_CUSTOMERS))
    assert "Keep the offer rule" not in text(
        open_with(f"{RULES}{OfferRule.objects.get(name='York').pk}/", Right.SEE_CUSTOMERS)
    )
    with pytest.raises(Denied):
        open_with(NEW, Right.SEE_CUSTOMERS)


def test_pages_are_said_in_chinese(browser: Client) -> None:
    for path, words in ((AFFINITY, "一起购买"), (OFFERS, "下一步推荐"), (RULES, "推荐规则"), (NEW, "推荐给谁")):
        assert words in text(browser.get(path, headers={"accept-language": "zh-CN"}))
