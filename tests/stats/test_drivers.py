"""What drives a move: groups against the largest of their kind, against another implementation; what has no odds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from zhike.stats.drivers import Driver, Drivers, drivers
from zhike.stats.logistic import NothingVaries
from zhike.stats.logistic_limits import Separated


def customers(seed: int, size: int = 3000) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    found = pd.DataFrame(
        {
            "stage": draw.choice(["stable", "growing"], size, p=[0.7, 0.3]),
            "silence": draw.choice(["0", "30", "90"], size, p=[0.5, 0.3, 0.2]),
            "years": draw.integers(0, 9, size),
        }
    )
    odds = -1.5 + 0.9 * (found.stage == "growing") + 0.6 * (found.silence == "90") - 0.05 * found.years
    return found.assign(moved=(draw.random(size) < 1 / (1 + np.exp(-odds))).astype(int))


def by_group(found: Drivers) -> dict[tuple[str, str | None], Driver]:
    return {(one.feature, one.group): one for one in found.drivers}


def test_odds_ratios_agree_with_another_implementation() -> None:
    people = customers(1)
    found = drivers(
        {name: people[name] for name in ("stage", "silence")}, people.moved, numbers={"years": people.years}
    )
    other = smf.glm(
        "moved ~ C(stage, Treatment('stable')) + C(silence, Treatment('0')) + years",
        people,
        family=sm.families.Binomial(),
    ).fit(tol=1e-12)
    said = by_group(found)
    names = {
        "C(stage, Treatment('stable'))[T.growing]": ("stage", "growing"),
        "C(silence, Treatment('0'))[T.30]": ("silence", "30"),
        "C(silence, Treatment('0'))[T.90]": ("silence", "90"),
        "years": ("years", None),
    }
    for name, key in names.items():
        effect = said[key].effect
        assert effect is not None
        assert effect.coefficient == pytest.approx(other.params[name], rel=1e-6)
        assert effect.standard_error == pytest.approx(other.bse[name], rel=1e-5)
        assert (effect.wald.low, effect.wald.high) == pytest.approx(tuple(np.exp(other.conf_int().loc[name])), rel=1e-5)
    assert (said["stage", "stable"].without, said["silence", "0"].without) == ("reference", "reference")
    assert (found.customers, found.moved) == (len(people), people.moved.sum())


def test_cells_say_the_same_as_their_customers() -> None:
    people = customers(2)
    kinds = ["stage", "silence"]
    every = by_group(drivers({name: people[name] for name in kinds}, people.moved))
    cells = people.groupby(kinds).agg(customers=("moved", "size"), moved=("moved", "sum")).reset_index()
    cells.loc[len(cells)] = ["gone", "0", 0, 0]  # nobody is in it
    by_cell = by_group(drivers({name: cells[name] for name in kinds}, cells.moved, cells.customers))
    assert {key for key, one in by_cell.items() if one.effect} == {key for key, one in every.items() if one.effect}
    for key, one in by_cell.items():
        other = every[key]
        assert (one.customers, one.moved, one.without) == (other.customers, other.moved, other.without)
        if one.effect and other.effect:
            assert one.effect.profile.high == pytest.approx(other.effect.profile.high)


def test_a_group_of_whom_nobody_moved_has_no_odds_and_changes_no_others() -> None:
    people = customers(3)
    none = pd.DataFrame({"stage": ["stable"] * 40, "silence": "365", "years": 3, "moved": 0})
    all_of = pd.DataFrame({"stage": ["upset"] * 5, "silence": "0", "years": 3, "moved": 1})
    more = pd.concat([people, none, all_of])
    before = by_group(drivers({name: people[name] for name in ("stage", "silence")}, people.moved))
    found = drivers({name: more[name] for name in ("stage", "silence")}, more.moved)
    after = by_group(found)
    assert (after["silence", "365"].without, after["silence", "365"].customers) == ("nobody", 40)
    assert (after["stage", "upset"].without, after["stage", "upset"].moved) == ("everybody", 5)
    assert (found.customers, found.regression.customers) == (len(more), len(people))
    for key, one in before.items():
        if one.effect:
            assert after[key].effect == one.effect
    # The other implementation comes as near to it as its steps go.
    far = smf.glm(
        "moved ~ C(stage, Treatment('stable')) + C(silence, Treatment('0'))", more, family=sm.families.Binomial()
    )
    fitted = far.fit(maxiter=100, tol=1e-10)
    effect = after["stage", "growing"].effect
    assert effect is not None
    assert effect.coefficient == pytest.approx(fitted.params["C(stage, Treatment('stable'))[T.growing]"], abs=1e-4)


def test_what_says_no_more_than_others_is_left_out_as_a_whole() -> None:
    people = customers(4)
    kinds = {
        "stage": people.stage,
        "same": people.stage.map({"stable": "s", "growing": "g"}),
        "one": ["x"] * len(people),
        "silence": people.silence,
    }
    found = by_group(drivers(kinds, people.moved, numbers={"twice": 2.0 * (people.stage == "growing")}))
    assert (found["same", "s"].without, found["same", "g"].without) == ("repeats", "repeats")
    assert found["twice", None].without == "repeats"
    assert found["one", "x"].without == "alone"
    assert (
        found["stage", "growing"].effect
        == by_group(drivers({"stage": people.stage, "silence": people.silence}, people.moved))[
            "stage", "growing"
        ].effect
    )


def test_what_tells_perfectly_together_is_refused_and_named() -> None:
    a, b = ["x", "x", "y", "y", "z", "z"], ["p", "q", "p", "q", "p", "q"]
    with pytest.raises(Separated) as raised:
        drivers({"a": a, "b": b}, [1, 10, 0, 1, 1, 10], [10, 10, 10, 10, 10, 10])
    assert set(raised.value.columns) <= {"a", "b"}
    with pytest.raises(Separated) as raised:
        drivers({}, [0, 0, 1, 1], numbers={"spent": [1, 2, 3, 4]})
    assert raised.value.columns == ("spent",)
    with pytest.raises(Separated) as raised:
        drivers({"a": ["x", "y"], "b": ["p", "p"]}, [0, 5], [5, 5])
    assert (raised.value.columns, raised.value.is_complete) == (("a",), True)


def test_nothing_is_said_where_nothing_varies() -> None:
    with pytest.raises(NothingVaries):
        drivers({"a": ["x", "y"]}, [0, 0], [5, 5])
    with pytest.raises(NothingVaries):
        drivers({"a": ["x", "x"]}, [1, 2], [5, 5])
    with pytest.raises(NothingVaries):
        drivers({}, [1, 0])


@pytest.mark.parametrize(
    ("moved", "totals"), [([1, 0, 1], None), ([2, 0], [1, 1]), ([float("nan"), 1], None), ([0, -1], [1, -1])]
)
def test_what_is_no_count_is_refused(moved: list[float], totals: list[float] | None) -> None:
    with pytest.raises(ValueError, match=r"of one length|at most all of them"):
        drivers({"a": ["x", "y"]}, moved, totals)


def test_customers_of_the_rarer_outcome_are_shared_among_the_coefficients() -> None:
    people = customers(5, 300)
    found = drivers({"silence": people.silence}, people.moved)
    assert found.events_each == min(people.moved.sum(), 300 - people.moved.sum()) / 2


def test_profile_intervals_of_groups_cover() -> None:
    draw = np.random.default_rng(8)
    kinds = {"a": ["x", "y"] * 3, "b": [group for group in "pqr" for _ in range(2)]}
    odds = -1 + 0.7 * np.array([0, 1] * 3) + 0.5 * np.repeat([0, 0, 1], 2)
    sizes = np.array([60, 40] * 3)
    covered = []
    for _ in range(250):
        found = by_group(drivers(kinds, draw.binomial(sizes, 1 / (1 + np.exp(-odds))), sizes))
        ends = [one.effect.profile for one in (found["a", "y"], found["b", "r"]) if one.effect]
        covered.append([end.low <= np.exp(true) <= end.high for end, true in zip(ends, (0.7, 0.5), strict=True)])
    assert (np.abs(np.mean(covered, axis=0) - 0.95) < 0.04).all()
