"""The lifetime value table against the published calculator, a closed form and a loop over years."""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from zhike.stats.ltv import LINES, ImpossibleInput, LtvInputs, ltv_table

# Hughes, Special LTV Calculator (dbmarketing.com): its inputs, and below every figure of its table.
CALCULATOR = LtvInputs(
    years=3,
    customers=200_000,
    orders=(1.1, 1.2, 1.3),
    spend=(90, 100, 120),
    retention=(0.6, 0.7, 0.8),
    referral=(0.01, 0.02, 0.03),
    cost_share=(0.60, 0.58, 0.57),
    acquisition_cost=32,
    marketing_cost=(3, 10, 10),
    programme_cost=2,
    database_cost=4,
    referral_incentive=15,
    interest=0.06,
    risk=1.6,
    payment_days=30,
)
PUBLISHED = {
    "retained": (200_000, 121_200, 86_537),
    "referred": (2_000, 2_424, 2_596),
    "customers": (202_000, 123_624, 89_133),
    "revenue": (19_998_000, 14_834_880, 13_904_733),
    "goods_cost": (11_998_800, 8_604_230, 7_925_698),
    "acquisition_cost": (6_400_000, 0, 0),
    "marketing_cost": (606_000, 1_236_240, 891_329),
    "programme_cost": (404_000, 247_248, 178_266),
    "database_cost": (808_000, 494_496, 356_532),
    "incentive_cost": (30_000, 36_360, 38_942),
    "cost": (20_246_800, 10_618_574, 9_390_766),
    "gross": (-248_800, 4_216_306, 4_513_967),
    "npv": (-246_933, 3_818_119, 3_729_625),
    "cumulative_npv": (-246_933, 3_571_186, 7_300_811),
}


@pytest.mark.parametrize("line", PUBLISHED)
def test_the_published_calculator_is_met_to_the_dollar(line: str) -> None:
    assert tuple(round(value) for value in getattr(ltv_table(CALCULATOR), line)) == PUBLISHED[line]


def test_the_published_lifetime_values_and_discount_factors_are_met_to_the_cent() -> None:
    table = ltv_table(CALCULATOR)
    assert [round(value, 2) for value in table.ltv] == [-1.23, 17.86, 36.50]
    assert [round(value, 2) for value in table.discount_factor] == [1.01, 1.10, 1.21]
    assert table.value == table.ltv[-1]


def test_discount_factors_may_be_given_directly() -> None:
    given = replace(CALCULATOR, discount_factors=(1.0, 1.1, 1.21))
    table = ltv_table(given)
    assert table.discount_factor == (1.0, 1.1, 1.21)
    assert table.npv[1] == pytest.approx(4_216_305.6 / 1.1)
    # Hughes divides a third year's 3,002,000 by a discount rate of 1.35, for an interest of 8 % doubled by risk.
    computed = ltv_table(replace(CALCULATOR, interest=0.08, risk=2, payment_days=0)).discount_factor[2]
    assert round(computed, 2) == 1.35
    assert round(3_002_000 / 1.35) == 2_223_704


def by_a_loop(given: LtvInputs) -> dict[str, list[float]]:
    """The same table year by year, as one would do it by hand."""
    found: dict[str, list[float]] = {name: [] for name in LINES}
    total = cumulative = 0.0
    for year in range(given.years):
        at: dict[str, Any] = {}
        for name, value in asdict(given).items():
            at[name] = value[year] if isinstance(value, tuple) else value
        before = given.retention[year - 1] if isinstance(given.retention, tuple) else given.retention
        expiring = total
        retained = expiring * before if year else given.customers
        referred = retained * at["referral"]
        total = retained + referred
        sales = total * at["orders"] * at["spend"]
        others = {name: total * at[name] for name in ("list_rental", "advertising", "other_income")}
        renewing = (retained if given.renewal_cost_per == "renewal" else expiring) if year else 0.0
        costs = {
            "goods_cost": sales * at["cost_share"],
            "service_cost": total * at["service_cost"],
            "acquisition_cost": 0.0 if year else given.customers * at["acquisition_cost"],
            "marketing_cost": total * at["marketing_cost"],
            "programme_cost": total * at["programme_cost"] + at["programme_fixed_cost"],
            "database_cost": total * at["database_cost"],
            "incentive_cost": referred * at["referral_incentive"],
            "renewal_cost": renewing * at["renewal_cost"],
        }
        revenue, cost = sales + sum(others.values()), sum(costs.values())
        factor = at["discount_factors"] or (1 + at["interest"] * at["risk"]) ** (year + at["payment_days"] / 365)
        cumulative += (revenue - cost) / factor
        profit = revenue - cost
        people = {"retained": retained, "referred": referred, "customers": total, "sales": sales}
        sums = {"revenue": revenue, "cost": cost, "gross": profit, "discount_factor": factor, "npv": profit / factor}
        worth = {"cumulative_npv": cumulative, "ltv": cumulative / given.customers}
        row = people | others | costs | sums | worth
        for name, value in row.items():
            found[name].append(value)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_any_table_is_what_a_loop_over_its_years_says(seed: int) -> None:
    dice = np.random.default_rng(seed)
    years = int(dice.integers(1, 31))

    def drawn(most: float) -> Any:
        return tuple(dice.uniform(0, most, years).tolist()) if dice.random() < 0.6 else float(dice.uniform(0, most))

    given = LtvInputs(
        years=years,
        customers=float(dice.uniform(1, 1e6)),
        retention=drawn(1),
        referral=drawn(0.3),
        orders=drawn(5),
        cost_share=drawn(1),
        acquisition_cost=float(dice.uniform(0, 50)),
        interest=float(dice.uniform(0, 0.2)),
        risk=float(dice.uniform(0, 3)),
        payment_days=float(dice.uniform(0, 200)),
        renewal_cost_per="expiring" if seed % 2 else "renewal",
        discount_factors=tuple(dice.uniform(1, 3, years).tolist()) if seed % 3 == 0 else None,
        **{
            name: drawn(100)
            for name in (
                *("spend", "list_rental", "advertising", "other_income", "service_cost", "marketing_cost"),
                *("programme_cost", "programme_fixed_cost", "database_cost", "referral_incentive", "renewal_cost"),
            )
        },
    )
    table, looped = ltv_table(given), by_a_loop(given)
    for name in LINES:
        assert getattr(table, name) == pytest.approx(looped[name], rel=1e-10, abs=1e-6), name


def test_a_constant_margin_is_a_geometric_sum() -> None:
    """Σ m r^t / (1+d)^t, for thirty years."""
    table = ltv_table(LtvInputs(years=30, customers=7, retention=0.8, spend=10, interest=0.1))
    q = 0.8 / 1.1
    assert table.value == pytest.approx(10 * (1 - q**30) / (1 - q))


def test_renewal_costs_are_per_renewal_or_per_expiring_customer_and_come_after_the_first_year() -> None:
    given = LtvInputs(years=3, customers=1000, retention=0.3, renewal_cost=8)
    assert ltv_table(given).renewal_cost == (0, 2400, 720)
    assert ltv_table(replace(given, renewal_cost_per="expiring")).renewal_cost == (0, 8000, 2400)


def test_only_new_customers_cost_their_acquisition_and_referred_ones_the_incentive() -> None:
    table = ltv_table(
        LtvInputs(years=2, customers=100, retention=0.5, referral=0.1, acquisition_cost=7, referral_incentive=3)
    )
    assert table.acquisition_cost == (700, 0)
    assert table.incentive_cost == pytest.approx((30, 110 * 0.5 * 0.1 * 3))


@pytest.mark.parametrize(
    ("given", "name", "year"),
    [
        ({"retention": 1.01}, "retention", None),
        ({"retention": (0.5, -0.1)}, "retention", 2),
        ({"retention": (0.5, 0.4, 0.3)}, "retention", None),
        ({"retention": ()}, "retention", None),
        ({"spend": math.nan}, "spend", None),
        ({"spend": (1, math.inf)}, "spend", 2),
        ({"spend": "ten"}, "spend", None),
        ({"spend": 10**400}, "spend", None),
        ({"orders": True}, "orders", None),
        ({"acquisition_cost": (1, 2)}, "acquisition_cost", None),
        ({"interest": -0.1}, "interest", None),
        ({"discount_factors": (1, 0)}, "discount_factors", 2),
        ({"customers": 0}, "customers", None),
        ({"years": 0}, "years", None),
        ({"years": 31}, "years", None),
        ({"years": 2.5}, "years", None),
        ({"renewal_cost_per": "subscriber"}, "renewal_cost_per", None),
    ],
)
def test_inputs_that_cannot_be_are_refused_by_name_and_year(given: dict[str, Any], name: str, year: int | None) -> None:
    with pytest.raises(ImpossibleInput) as refused:
        LtvInputs(**{"years": 2, "customers": 10, **given})
    assert (refused.value.name, refused.value.year) == (name, year)
    assert name in str(refused.value)


@pytest.mark.parametrize("given", [{"referral": 1e200}, {"spend": 1e300, "orders": 1e300}, {"interest": 1e300}])
def test_what_no_float_holds_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(ImpossibleInput, match="more than can be computed"):
        ltv_table(LtvInputs(**{"years": 30, "customers": 1e9, "retention": 1.0, **given}))  # type: ignore[arg-type]


def test_a_table_of_nothing_is_zeros_without_a_nan() -> None:
    table = ltv_table(LtvInputs(years=1, customers=1))
    assert table.value == 0
    json.dumps(asdict(table), allow_nan=False)


def test_a_page_may_work_a_table_out_at_every_move_of_a_slider() -> None:
    ltv_table(CALCULATOR)
    times = []
    for spend in range(20):
        begun = time.perf_counter()
        ltv_table(replace(CALCULATOR, spend=spend))
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.001
