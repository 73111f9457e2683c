"""Strategies, break-even and tornado: against tables worked out one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.stats.test_ltv import CALCULATOR

from zhike.stats.ltv import ImpossibleInput, LtvInputs, ltv_table
from zhike.stats.what_if import Strategy, break_even_retention, effect, tornado, with_strategy


def test_a_strategy_sets_then_multiplies_then_adds_and_costs() -> None:
    changed = with_strategy(
        CALCULATOR,
        Strategy(
            set={"spend": 100, "acquisition_cost": 30},
            multiply={"spend": (1, 1.1, 1.2), "orders": 2},
            add={"spend": 5, "retention": 0.1},
            cost_per_customer=(3, 1, 1),
            cost_fixed=1000,
        ),
    )
    assert changed.spend == pytest.approx((105, 115, 125))
    assert changed.orders == pytest.approx((2.2, 2.4, 2.6))
    assert changed.retention == pytest.approx((0.7, 0.8, 0.9))
    assert changed.acquisition_cost == 30
    assert changed.programme_cost == (5, 3, 3)
    assert changed.programme_fixed_cost == (1000, 1000, 1000)
    assert changed.marketing_cost == CALCULATOR.marketing_cost


def test_a_strategy_that_does_nothing_changes_nothing() -> None:
    found = effect(CALCULATOR, Strategy())
    assert found.table == ltv_table(CALCULATOR)
    assert (found.change, found.change_in_all) == (0, 0)
    assert found.break_even.retention == CALCULATOR.retention[:2]  # type: ignore[index]


def test_rounding_leaves_no_retention_above_all_and_no_cost_below_nothing() -> None:
    given = replace(CALCULATOR, retention=0.7, renewal_cost=0.3)
    changed = with_strategy(
        given, Strategy(multiply={"retention": 1 / 0.7, "renewal_cost": 1 / 3}, add={"renewal_cost": -0.1})
    )
    assert changed.retention == (1, 1, 1)
    assert changed.renewal_cost == (0, 0, 0)


def test_the_change_is_that_of_the_tables_and_counts_for_the_whole_base() -> None:
    strategy = Strategy(add={"retention": 0.05}, cost_per_customer=2.5, cost_fixed=(150_000, 40_000, 40_000))
    found = effect(CALCULATOR, strategy, whole_base=750_000)
    after = ltv_table(
        replace(
            CALCULATOR,
            retention=(0.65, 0.75, 0.85),
            programme_cost=4.5,
            programme_fixed_cost=(150_000, 40_000, 40_000),
        )
    )
    assert found.table.ltv == pytest.approx(after.ltv)
    assert found.change == pytest.approx(after.value - ltv_table(CALCULATOR).value)
    assert found.change_in_all == pytest.approx(750_000 * found.change)
    assert effect(CALCULATOR, strategy).change_in_all == pytest.approx(200_000 * found.change)


@pytest.mark.parametrize(
    ("strategy", "name"),
    [
        (Strategy(add={"retention": 0.3}), "retention"),
        (Strategy(add={"spend": -100}), "spend"),
        (Strategy(multiply={"spend": float("nan")}), "spend"),
        (Strategy(multiply={"spend": 1e308}), "spend"),
        (Strategy(set={"spend": (1, 2)}), "spend"),
        (Strategy(set={"interest": (0.1, 0.1, 0.1)}), "interest"),
        (Strategy(set={"customers": 5}), "customers"),
        (Strategy(set={"discount_factors": 1}), "discount_factors"),
        (Strategy(set={"luck": 5}), "luck"),
        (Strategy(cost_per_customer=-10), "programme_cost"),
    ],
)
def test_a_strategy_that_cannot_be_is_refused_by_the_input(strategy: Strategy, name: str) -> None:
    with pytest.raises(ImpossibleInput) as refused:
        with_strategy(CALCULATOR, strategy)
    assert refused.value.name == name


def test_interest_cannot_be_changed_where_discount_factors_are_given() -> None:
    given = replace(CALCULATOR, discount_factors=(1, 1.1, 1.2))
    with pytest.raises(ImpossibleInput, match="discount factors are given"):
        with_strategy(given, Strategy(set={"risk": 1}))


def test_a_strategy_may_count_renewal_costs_otherwise() -> None:
    given = LtvInputs(years=2, customers=100, retention=0.5, renewal_cost=8)
    found = effect(given, Strategy(renewal_cost_per="expiring"))
    assert found.table.renewal_cost == (0, 800)


def test_at_the_break_even_retention_a_customer_is_worth_nothing() -> None:
    given = replace(CALCULATOR, acquisition_cost=60)
    found = break_even_retention(given)
    assert found.retention is not None
    tried = replace(given, retention=(*found.retention, 0.8))
    assert ltv_table(tried).value == pytest.approx(0, abs=1e-9)
    assert ltv_table(given).value > 0
    assert all(rate < now for rate, now in zip(found.retention, (0.6, 0.7), strict=True))


def test_one_retention_for_all_years_breaks_even_at_one_that_algebra_gives() -> None:
    # −20 + 10 + 10 r + 10 r² = 0
    given = LtvInputs(years=3, customers=10, retention=0.9, spend=10, acquisition_cost=20)
    assert break_even_retention(given).retention == pytest.approx(((5**0.5 - 1) / 2,) * 2)
    # also where nobody stays now, or everybody
    for now in (0.0, 1.0):
        assert break_even_retention(replace(given, retention=now)).retention == pytest.approx(((5**0.5 - 1) / 2,) * 2)


def test_at_its_break_even_retention_a_strategy_changes_nothing() -> None:
    found = effect(CALCULATOR, Strategy(add={"retention": 0.05}, cost_per_customer=2.5))
    assert found.break_even.retention is not None
    tried = replace(found.inputs, retention=(*found.break_even.retention, 0.85))
    assert ltv_table(tried).value == pytest.approx(ltv_table(CALCULATOR).value)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"spend": 30}, "always_more"),
        ({"spend": 1}, "always_less"),
        ({"years": 1}, "single_year"),
        ({"spend": 0, "acquisition_cost": 0, "marketing_cost": 1}, "always_less"),
    ],
)
def test_why_there_is_no_break_even_is_said(given: dict[str, Any], why: str) -> None:
    found = break_even_retention(
        LtvInputs(**{"years": 3, "customers": 10, "retention": 0.5, "acquisition_cost": 20, **given})
    )
    assert (found.retention, found.why_none) == (None, why)


def test_of_several_break_even_retentions_the_nearest_to_the_present_is_told() -> None:
    # −3.1 + 20 r − 22 r²: more of those who stay a second year is better, of a third worse
    lower, upper = ((20 - 127.2**0.5) / 44, (20 + 127.2**0.5) / 44)
    given = LtvInputs(
        years=3, customers=1, spend=(0, 20, 0), marketing_cost=(3.1, 0, 22), retention=0.65, acquisition_cost=0
    )
    assert break_even_retention(given).retention == pytest.approx((upper, upper))
    assert break_even_retention(replace(given, retention=0.25)).retention == pytest.approx((lower, lower))


def test_what_no_float_holds_is_refused_without_a_warning() -> None:
    given = LtvInputs(years=2, customers=1, retention=0.1, spend=1e308, orders=1.2)
    assert ltv_table(given).value > 0
    for work in (
        lambda: tornado(given, share=1),
        lambda: effect(given, Strategy(add={"retention": 0.1}), whole_base=100),
    ):
        with pytest.raises(ImpossibleInput, match="more than can be computed"):
            work()
    growing = replace(given, years=30, referral=1e11, spend=1.0, retention=1e-11)
    with pytest.raises(ImpossibleInput, match="more than can be computed"):
        break_even_retention(growing)


def test_bars_of_a_tornado_are_tables_with_one_input_changed() -> None:
    bars = {bar.name: bar for bar in tornado(CALCULATOR, share=0.2)}
    assert bars["spend"].less == pytest.approx(ltv_table(replace(CALCULATOR, spend=(72, 80, 96))).value)
    assert bars["spend"].more == pytest.approx(ltv_table(replace(CALCULATOR, spend=(108, 120, 144))).value)
    assert bars["interest"].more == pytest.approx(ltv_table(replace(CALCULATOR, interest=0.072)).value)
    assert bars["acquisition_cost"].less == pytest.approx(ltv_table(replace(CALCULATOR, acquisition_cost=25.6)).value)
    spreads = [bar.spread for bar in tornado(CALCULATOR, share=0.2)]
    assert spreads == sorted(spreads, reverse=True)
    assert "renewal_cost" not in bars  # it is 0


def test_a_tornado_cuts_a_retention_of_more_than_all_and_says_so() -> None:
    given = replace(CALCULATOR, retention=(0.95, 0.5, 1))
    bar = next(bar for bar in tornado(given) if bar.name == "retention")
    assert bar.is_cut
    assert bar.more == pytest.approx(ltv_table(replace(given, retention=(1, 0.55, 1))).value)
    assert not any(bar.is_cut for bar in tornado(replace(CALCULATOR, retention=(0.5, 0.5, 1))))


def test_a_tornado_leaves_out_what_moves_nothing() -> None:
    assert tornado(LtvInputs(years=1, customers=1, retention=0.5)) == ()
    given = replace(CALCULATOR, discount_factors=(1, 1.1, 1.2))
    assert {"interest", "risk", "payment_days", "discount_factors"}.isdisjoint(bar.name for bar in tornado(given))
    for share in (0, 1.5, float("nan")):
        with pytest.raises(ValueError, match="share"):
            tornado(CALCULATOR, share=share)
