"""Logistic regression: published fits, another implementation, intervals, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from zhike.stats.logistic import NothingVaries, Regression, logistic
from zhike.stats.logistic_limits import Collinear, Separated

# Field-joint O-rings of 23 shuttle flights: temperature in °F, and whether one showed thermal distress.
# Dalal, Fowlkes & Hoadley (1989), Journal of the American Statistical Association 84, 945–957.
TEMPERATURE = [66, 70, 69, 68, 67, 72, 73, 70, 57, 63, 70, 78, 67, 53, 67, 75, 70, 81, 76, 79, 75, 76, 58]
DISTRESS = [0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1]


def made_up(seed: int, size: int = 400) -> tuple[dict[str, np.ndarray], np.ndarray]:
    draw = np.random.default_rng(seed)
    columns = {
        "months": draw.integers(0, 120, size),
        "is_member": draw.random(size) < 0.3,
        "spent": draw.gamma(2, 50, size),
    }
    odds = -1 + 0.01 * columns["months"] - 0.8 * columns["is_member"] + 0.004 * columns["spent"]
    return columns, (draw.random(size) < 1 / (1 + np.exp(-odds))).astype(float)


def test_the_space_shuttles_o_rings_as_published() -> None:
    """Agresti (2002), Categorical Data Analysis, chapter 5: 15.043 - .232 temperature, likelihood ratio 7.95."""
    found = logistic({"temperature": TEMPERATURE}, DISTRESS)
    effect = found.effects["temperature"]
    assert found.effects["intercept"].coefficient == pytest.approx(15.0429, abs=5e-5)
    assert effect.coefficient == pytest.approx(-0.2322, abs=5e-5)
    assert (found.effects["intercept"].standard_error, effect.standard_error) == pytest.approx(
        (7.3786, 0.1082), abs=5e-5
    )
    assert 2 * (found.log_likelihood - found.null_log_likelihood) == pytest.approx(7.952, abs=5e-4)
    assert effect.p == pytest.approx(0.0048, abs=5e-5)
    assert effect.p == pytest.approx(found.p)
    # What `confint` of R says of it, which draws a spline through the profile.
    assert np.log([effect.profile.low, effect.profile.high]) == pytest.approx([-0.51547, -0.06082], abs=1e-4)
    assert np.log([effect.wald.low, effect.wald.high]) == pytest.approx([-0.44430, -0.02002], abs=1e-5)
    assert found.probability({"temperature": [31]}) == pytest.approx([0.9996], abs=5e-5)  # the last flight's


def test_it_agrees_with_another_implementation() -> None:
    columns, moved = made_up(1)
    found = logistic(columns, moved)
    design = sm.add_constant(np.column_stack([*columns.values()]).astype(float))
    other = sm.Logit(moved, design).fit(disp=0, tol=1e-12)
    effects = found.effects.values()
    assert [one.coefficient for one in effects] == pytest.approx(other.params, rel=1e-7)
    assert [one.standard_error for one in effects] == pytest.approx(other.bse, rel=1e-6)
    assert found.covariance == pytest.approx(np.asarray(other.cov_params()), rel=1e-5)
    assert (found.log_likelihood, found.null_log_likelihood) == pytest.approx((other.llf, other.llnull))
    assert found.p == pytest.approx(other.llr_pvalue)
    low, high = np.exp(other.conf_int()).T
    assert [one.wald.low for one in effects] == pytest.approx(low)
    assert [one.wald.high for one in effects] == pytest.approx(high)
    assert found.probability(columns) == pytest.approx(other.predict())


def test_a_profile_interval_ends_where_the_likelihood_without_the_column_has_fallen_by_192() -> None:
    columns, moved = made_up(2, 60)
    found = logistic(columns, moved)
    for name in columns:
        others = sm.add_constant(np.column_stack([columns[one] for one in columns if one != name]).astype(float))
        for border in (found.effects[name].profile.low, found.effects[name].profile.high):
            held = np.log(border) * np.asarray(columns[name], float)
            fit = sm.GLM(moved, others, family=sm.families.Binomial(), offset=held).fit(tol=1e-12)
            assert found.log_likelihood - fit.llf == pytest.approx(3.841459 / 2, abs=1e-5)


def test_cells_say_the_same_as_their_customers() -> None:
    columns, moved = made_up(3)
    few = {"is_member": columns["is_member"], "is_long": columns["months"] > 60}
    every = logistic(few, moved)
    cells = [(a, b) for a in (0, 1) for b in (0, 1)]
    inside = [(few["is_member"] == a) & (few["is_long"] == b) for a, b in cells]
    cells.append((7, 7))  # nobody is in it
    by_cell = logistic(
        {"is_member": [a for a, _ in cells], "is_long": [b for _, b in cells]},
        [*(moved[one].sum() for one in inside), 0],
        [*(one.sum() for one in inside), 0],
    )
    assert by_cell.log_likelihood == pytest.approx(every.log_likelihood)
    for name, one in every.effects.items():
        other = by_cell.effects[name]
        assert (other.coefficient, other.standard_error) == pytest.approx((one.coefficient, one.standard_error))
        assert (other.profile.low, other.profile.high) == pytest.approx((one.profile.low, one.profile.high))


def test_of_two_groups_it_is_the_ratio_of_their_odds() -> None:
    found = logistic({"group": [0, 1]}, [20, 30], [100, 100]).effects["group"]
    assert found.odds_ratio == pytest.approx((30 / 70) / (20 / 80))
    assert found.standard_error == pytest.approx(np.sqrt(1 / 30 + 1 / 70 + 1 / 20 + 1 / 80))


def test_units_change_the_numbers_and_nothing_else() -> None:
    columns, moved = made_up(4)
    found = logistic(columns, moved)
    cents = logistic({**columns, "spent": columns["spent"] * 1e8}, moved)
    assert cents.effects["spent"].coefficient * 1e8 == pytest.approx(found.effects["spent"].coefficient)
    assert cents.effects["spent"].p == pytest.approx(found.effects["spent"].p)
    assert cents.effects["months"].profile.low == pytest.approx(found.effects["months"].profile.low)


def test_large_numbers_that_hardly_differ_say_what_their_differences_say() -> None:
    draw = np.random.default_rng(9)
    second = draw.integers(-500, 500, 2000).astype(float)
    years = draw.integers(0, 20, 2000)
    moved = (draw.random(2000) < 1 / (1 + np.exp(-second / 400 - years / 20))).astype(float)
    near = logistic({"second": second, "years": years}, moved)
    far = logistic({"second": 1.6e9 + second, "years": 2000 + years}, moved)
    other = sm.Logit(moved, sm.add_constant(np.column_stack([second, years]))).fit(disp=0, tol=1e-12)
    for place, name in enumerate(near.effects):
        if place:
            one, same = far.effects[name], near.effects[name]
            assert one.standard_error == pytest.approx(other.bse[place], rel=1e-6)
            assert (one.coefficient, one.p) == pytest.approx((same.coefficient, same.p), rel=1e-6)
            assert (one.profile.low, one.profile.high) == pytest.approx((same.profile.low, same.profile.high), rel=1e-7)
    assert far.log_likelihood == pytest.approx(other.llf)
    assert far.probability({"second": 1.6e9 + second, "years": 2000 + years}) == pytest.approx(other.predict())
    # The intercept is that of the columns as they are given.
    slopes = far.effects["second"].coefficient, far.effects["years"].coefficient
    assert far.effects["intercept"].coefficient == pytest.approx(other.params[0] - slopes[0] * 1.6e9 - slopes[1] * 2000)


def test_an_interval_of_the_intercept_is_that_of_the_columns_as_given() -> None:
    columns, moved = made_up(5, 120)
    found = logistic({"months": columns["months"], "spent": columns["spent"]}, moved)
    others = np.column_stack([columns["months"], columns["spent"]]).astype(float)
    profile = found.effects["intercept"].profile
    for border in (profile.low, profile.high):
        held = np.full(120, np.log(border))
        fit = sm.GLM(moved, others, family=sm.families.Binomial(), offset=held).fit(tol=1e-12)
        assert found.log_likelihood - fit.llf == pytest.approx(3.841459 / 2, abs=1e-5)


def test_numbers_are_as_different_as_doubles_can_tell() -> None:
    moved = [0, 1, 0, 1, 1, 0]
    far, near = (logistic({"a": start + np.arange(6.0)}, moved).effects["a"] for start in (1e15, 0))
    assert (far.coefficient, far.standard_error) == pytest.approx((near.coefficient, near.standard_error))
    with pytest.raises(Collinear) as error:  # rounding is no difference
        logistic({"a": [0.1 + 0.2, 0.3] * 3, "b": range(6), "c": 1.6e9 + 0.1 * np.arange(6)}, moved)
    assert error.value.columns == ("a", "c")


@pytest.mark.parametrize("which", ["wald", "profile"])
def test_its_intervals_cover(which: str) -> None:
    draw = np.random.default_rng(6)
    columns = {"a": np.tile([0, 1], 6), "b": np.repeat(np.arange(6), 2)}
    odds = -1 + 0.7 * columns["a"] - 0.3 * columns["b"]
    covered = []
    for _ in range(300):
        moved = draw.binomial(25, 1 / (1 + np.exp(-odds)))
        effects = logistic(columns, moved, np.full(12, 25)).effects
        ends = [getattr(effects[name], which) for name in ("a", "b")]
        covered.append([end.low <= np.exp(true) <= end.high for end, true in zip(ends, (0.7, -0.3), strict=True)])
    assert (np.abs(np.mean(covered, axis=0) - 0.95) < 0.035).all()


def _refused(columns: dict[str, object], moved: object, customers: object = None) -> Regression:
    return logistic(columns, moved, customers)  # type: ignore[arg-type]


def test_what_tells_perfectly_is_named() -> None:
    draw = np.random.default_rng(7)
    noise, other = draw.normal(size=80), draw.normal(size=80)
    with pytest.raises(Separated, match=r"of all customers it is told perfectly by: noise$") as whole:
        _refused({"noise": noise, "other": other}, noise > 0.3)
    assert whole.value.is_complete
    moved = draw.random(80) < 0.5
    never = (draw.random(80) < 0.2) & ~moved  # nobody of these moved, and of the others some
    with pytest.raises(Separated, match=r"of some customers it is told perfectly by: never$") as part:
        _refused({"other": other, "never": never, "noise": noise}, moved)
    assert not part.value.is_complete
    with pytest.raises(Separated, match=r"noise, other$"):  # neither alone
        _refused({"noise": noise, "other": other, "third": draw.normal(size=80)}, noise + other > 0)


def test_separation_in_cells_with_many_customers_is_noticed() -> None:
    cells = {"is_member": [0, 0, 1, 1], "is_young": [0, 1, 0, 1]}
    with pytest.raises(Separated) as error:
        _refused(cells, [400_000, 300_000, 0, 0], [1_000_000, 1_000_000, 3, 2])
    assert error.value.columns == ("is_member",)
    assert logistic(cells, [400_000, 300_000, 0, 1], [1_000_000, 1_000_000, 3, 2]).effects["is_member"].odds_ratio < 2


def test_columns_that_say_nothing_new_are_named() -> None:
    draw = np.random.default_rng(8)
    one, two, moved = draw.normal(size=50), draw.normal(size=50), draw.random(50) < 0.5
    with pytest.raises(Collinear) as error:
        _refused({"one": one, "always": np.ones(50), "two": two, "both": one - 2 * two, "zero": np.zeros(50)}, moved)
    assert error.value.columns == ("always", "both", "zero")


@pytest.mark.parametrize("moved", [[0, 0, 0], [1, 1, 1], []])
def test_where_all_or_none_moved_there_is_nothing_to_explain(moved: list[int]) -> None:
    with pytest.raises(NothingVaries):
        _refused({"a": [1, 2, 3][: len(moved)]}, moved)


@pytest.mark.parametrize(
    ("columns", "moved", "customers"),
    [
        ({"a": [1, 2]}, [1, 0, 1], None),
        ({"a": [1, np.nan, 2]}, [1, 0, 1], None),
        ({"a": [1, np.inf, 2]}, [1, 0, 1], None),
        ({"a": [1, 2, 3]}, [1, 0, 2], None),
        ({"a": [1, 2, 3]}, [1, -1, 1], [2, 2, 2]),
        ({"a": [1, 2, 3]}, [1, 0, 1], [2, 2]),
        ({"intercept": [1, 2, 3]}, [1, 0, 1], None),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(columns: dict[str, object], moved: object, customers: object) -> None:
    with pytest.raises(ValueError, match=r"columns|moved"):
        _refused(columns, moved, customers)
