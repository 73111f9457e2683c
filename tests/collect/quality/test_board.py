"""The board: figures that are those of the customers behind them."""

from __future__ import annotations

import pytest

from zhike.collect.quality.defining.services import retire_rule, rule_named, text_of_rule, write_rule
from zhike.collect.quality.definitions import rules_by_name
from zhike.collect.quality.departed import customers_of_departed, departed_agents
from zhike.collect.quality.places import NOWHERE, Place
from zhike.collect.quality.queries import board, groups, rule_groups, trend
from zhike.collect.quality.selecting import count_of
from zhike.errors import UserError
from zhike.govern.access.actors import NOBODY, acting_as
from zhike.govern.access.services import Denied
from zhike.rules.tree import Attribute, Compare, Text
from zhike.understand.audiences.queries import count_audience
from zhike.warehouse.queries import published

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


def test_every_figure_is_the_count_of_its_customers() -> None:
    now, found = published(), board()
    assert found.customers == now.customer_count
    figures = {one.rule.name: one for one in found.rules}
    assert set(figures) == set(rules_by_name())
    for name in (
        "phone_stated",
        "phone_can_be_dialled",
        "unit_assigned",
        "email_stated",
        "agent_assigned",
        "can_be_phoned",
    ):
        figure = figures[name]
        assert figure.failing == count_of(now, figure.rule.failing) == count_audience(figure.rule.failing_text).count, (
            name
        )
        assert figure.applies == count_of(now, figure.rule.applies), name
    phones = figures["phone_stated"]
    assert 0 < phones.good < phones.applies


def test_a_kpi_weighs_its_rules() -> None:
    found = board()
    own = [one for one in found.rules if one.rule.dimension == "completeness"]
    asked = sum(one.rule.weight * one.applies for one in own)
    kpi = found.kpi("completeness")
    assert kpi.share == pytest.approx(sum(one.rule.weight * one.good for one in own) / asked)
    assert kpi.target == pytest.approx(0.9)
    assert (found.kpi("accuracy").target, found.kpi("accuracy").basis) == (pytest.approx(0.8), "checks")


def test_units_have_all_below_them_and_parts_make_the_whole() -> None:
    whole = board()
    for unit in ("", "north"):
        found = groups("unit", Place(unit=unit))
        assert sum(one.customers for one in found) == board(Place(unit=unit)).customers
        for one in found:
            place = Place(unit=one.key)
            alone = Compare(operator="=", left=Attribute(name="unit_id"), right=Text(value=unit))
            assert one.customers == count_of(published(), alone if one.key == unit else place.condition()), one.key
    for by in ("channel", "source", "agent"):
        assert sum(one.customers for one in groups(by)) == whole.customers
        counted = rule_groups("phone_stated", by)
        assert sum(good for _key, _applies, good in counted) == next(
            one.good for one in whole.rules if one.rule.name == "phone_stated"
        )


def test_a_figure_of_a_place_leads_to_the_customers_of_that_place() -> None:
    now = published()
    for place in (Place(unit="north"), Place(source="hr"), Place(unit=NOWHERE), Place(unit="north", source="hr")):
        figure = next(one for one in board(place).rules if one.rule.name == "city_stated")
        condition = place.condition(figure.rule.failing)
        assert condition is not None
        assert figure.failing == count_of(now, condition), place


def test_the_trend_has_a_point_for_each_refresh_that_is_kept() -> None:
    (point,) = trend()
    assert point.shares["completeness"] == board().kpi("completeness").share
    (of_rule,) = trend(rule="city_stated")
    assert set(of_rule.shares) == {"city_stated"}
    write_rule(text_of_rule(rule_named("city_stated")).model_copy(update={"good": "province is known"}))
    assert trend(rule="city_stated") == (), "what it said before was another question"
    figure = next(one for one in board().rules if one.rule.name == "city_stated")
    assert (figure.applies, figure.is_counted) == (0, False)
    assert rule_groups("city_stated", "unit") == ()
    assert all(one.is_counted for one in board().rules if one.rule.name != "city_stated")
    retire_rule(name="email_stated")
    assert trend(rule="email_stated") == rule_groups("email_stated", "unit") == ()


def test_nothing_is_cut_by_what_is_not_counted_and_nobody_looks_without_the_right() -> None:
    with pytest.raises(UserError, match="colour"):
        groups("colour")
    with acting_as(NOBODY):
        for read in (board, lambda: groups("unit"), trend, departed_agents, lambda: rule_groups("city_stated", "unit")):
            with pytest.raises(Denied):
                read()


def test_customers_of_who_has_left_are_those_whose_agent_is_gone() -> None:
    now = published()
    counted = {one.member.staff_id: one.customers for one in departed_agents()}
    assert sum(counted.values()) == count_of(now, customers_of_departed())
    for staff_id, customers in counted.items():
        assert count_of(now, customers_of_departed(staff_id)) == customers
