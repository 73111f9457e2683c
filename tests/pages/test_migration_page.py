"""Migration: how customers move between stages of life, who will be where, and what they are worth."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from tests.understand.tags_in_force import put_in_force

from zhike.govern.access.rights import Right
from zhike.govern.access.services import Denied
from zhike.understand.lifecycle.tables import LIFECYCLE
from zhike.warehouse.queries import published, rows

pytestmark = pytest.mark.usefixtures("company")
PAGE = "/insight/migration/"


def text(response: Any) -> str:
    return str(response.content.decode())


def test_every_customer_is_in_a_stage_and_rules_find_them(browser: Client) -> None:
    stages = [row["stage"] for row in rows(published().table(LIFECYCLE))]
    assert len(stages) == published().customer_count
    for stage in set(stages):
        listed = browser.get("/customers/", {"rule": f'lifecycle_stage = "{stage}"'})
        assert listed.context["list"]["page"].total == stages.count(stage)


def test_the_matrix_has_shares_that_add_up_and_leads_to_customers(browser: Client) -> None:
    context = browser.get(PAGE).context
    observed, matrix = context["found"].observed, context["matrix"]
    assert len(observed.states) == len(matrix.values) >= 2
    for up, row in enumerate(context["found"].shares.values):
        assert sum(row) == pytest.approx(1)
        for across, value in enumerate(matrix.values[up]):
            assert (value is not None) == bool(observed.counts[up, across])
    cells = [
        (link, note)
        for line, notes in zip(matrix.links, matrix.notes, strict=True)
        for link, note in zip(line, notes, strict=True)
    ]
    assert any(link for link, _note in cells)
    for link, note in cells:
        assert bool(link) == ("there" in note)
        if link:
            told = int(note.rpartition(" · ")[2].split()[0].replace(",", ""))
            assert browser.get(link).context["list"]["page"].total == told > 0


def test_the_page_says_whether_its_forecast_may_be_believed(browser: Client) -> None:
    context = browser.get(PAGE).context
    assert context["holdings"]
    assert (context["found"].held_out is not None) == bool(context["tried"])


def test_flows_end_with_everybody_who_bought(browser: Client) -> None:
    context = browser.get(PAGE).context
    assert sum(count for _from, _to, count in context["flows"].flows) == int(context["found"].observed.stock.sum())


def test_the_stock_to_come_begins_with_that_of_today(browser: Client) -> None:
    response = browser.get(PAGE, {"months": "3"})
    chart, rows_shown = response.context["stock"], response.context["rows"]
    past, expected = (values for _name, values in chart.lines)
    now = len(past) - 4
    assert past[now] == expected[now] == rows_shown[response.context["place"]]["customers"]
    assert len(chart.days) == len(past) == len(expected)
    assert past[now + 1 :] == [None] * 3


def test_costs_that_pay_for_nothing_are_stopped(browser: Client) -> None:
    states = browser.get(PAGE).context["found"].observed.states
    asked = {f"margin:{states[0]}": "10", f"cost:{states[-1]}": "1e6"}
    shown = {row["state"]: row for row in browser.get(PAGE, asked).context["rows"]}
    assert shown[states[-1]]["stop"]["is_best"]
    assert "stop" not in shown[states[0]]


@pytest.mark.parametrize(
    "asked",
    [
        {"margin:stable": "much"},
        {"margin:stable": "nan", "cost:forming": "-1"},
        {"months": "0", "discount": "x", "since": "99999999999", "state": "nowhere", "unit": "nowhere"},
        {"months": "9" * 300, "discount": "-5", "states": "nowhere", "margin:nowhere": "5"},
        {"cost:forming": "-1"},
        {"discount": "nan"},
        {"discount": "-inf"},
    ],
)
def test_what_was_typed_wrong_is_said_and_the_rest_is_shown(browser: Client, asked: dict[str, str]) -> None:
    response = browser.get(PAGE, asked)
    assert response.status_code == 200
    assert response.context["matrix"].values
    is_wrong = "discount" not in asked and any(word in ("much", "nan", "-1") for word in asked.values())
    assert bool(response.context.get("wrong")) == is_wrong


def test_a_value_counts_this_month_and_those_to_come(browser: Client) -> None:
    states = browser.get(PAGE).context["found"].observed.states
    asked = {f"margin:{state}": "100" for state in states} | {"months": "1", "discount": "0"}
    response = browser.get(PAGE, asked)
    assert {row["worth"]["value"] for row in response.context["rows"]} == {"¥200"}
    assert response.context["values"] == "Now and in the month to come a customer brings ¥200, whatever the state"
    assert "Worth now and in the month to come" in text(response)
    assert "Worth now and in the 3 months to come" in text(browser.get(PAGE, asked | {"months": "3"}))


def test_a_tag_whose_months_are_not_kept_says_so(browser: Client) -> None:
    put_in_force("buys", "order_count > 0")
    response = browser.get(PAGE, {"states": "buys"})
    assert "no two months can be compared" in text(response)


def test_a_unit_has_its_own_customers(browser: Client) -> None:
    whole = browser.get(PAGE).context["found"].observed.stock.sum()
    response = browser.get(PAGE, {"unit": "north"})
    found = response.context.get("found")
    assert found is None or found.observed.stock.sum() < whole


def test_it_speaks_chinese(browser: Client) -> None:
    with translation.override("zh-hans"):  # or the tests after it would be answered in it
        assert "客户迁移" in text(browser.get(PAGE, headers={"accept-language": "zh-CN"}))


def test_who_may_not_see_customers_sees_none(open_with: Any) -> None:
    with pytest.raises(Denied):
        open_with(PAGE)
    assert open_with(PAGE, Right.SEE_CUSTOMERS).status_code == 200


def test_one_month_is_one(browser: Client) -> None:
    assert browser.get(PAGE, {"months": "1"}).context["stock"].finding.startswith("In a month ")
    said = text(browser.get(PAGE, {"months": "1"}, headers={"accept-language": "zh-CN"}))
    assert "1 个月后" in said
