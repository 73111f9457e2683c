"""Models of who leaves: what was put in is found, and where too few left, or for no reason, nothing is said."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from zhike.understand.propensity.churn import learn_churn

FEATURES = ("silence", "age", "constant")


def customers(count: int, *, seed: int, slope: float = 1.5, start: float = -2.0) -> pa.Table:
    drawn = np.random.default_rng(seed)
    silence, age = drawn.normal(3, 1, count), drawn.normal(5, 2, count)
    left = drawn.random(count) < 1 / (1 + np.exp(-(start + slope * (silence - 3))))
    ids = drawn.permutation(count)
    return pa.table({"customer_id": ids, "silence": silence, "age": age, "constant": np.zeros(count), "left": left})


def test_what_was_put_in_is_found_and_holds_later() -> None:
    found = learn_churn(customers(20_000, seed=1), customers(20_000, seed=2), FEATURES)
    assert found.is_used
    assert found.doubts == ()
    terms = {one.feature: one for one in found.terms}
    assert terms["silence"].coefficient == pytest.approx(1.5, abs=0.08)
    assert terms["age"].coefficient == pytest.approx(0, abs=0.06)
    assert (terms["constant"].coefficient, terms["constant"].spread) == (0, 1)
    assert found.judged is not None
    assert found.judged.expected == pytest.approx(found.judged_events, rel=0.05)
    assert sum(one.interval.low <= one.predicted <= one.interval.high for one in found.judged.tenths) >= 8


def test_the_order_of_rows_does_not_matter() -> None:
    rows = customers(2000, seed=1)
    backwards = rows.take(pa.array(range(1999, -1, -1)))
    assert learn_churn(rows, rows, FEATURES) == learn_churn(backwards, backwards, FEATURES)


@pytest.mark.parametrize(("train", "test"), [(0, 0), (100, 2000), (2000, 30)])
def test_where_too_few_left_nothing_is_said(train: int, test: int) -> None:
    found = learn_churn(customers(train, seed=1), customers(test, seed=2), FEATURES)
    assert not found.is_used
    assert [one.kind for one in found.doubts] == ["too_few"]
    assert (found.customers, found.terms, found.judged) == (train, (), None)


def test_who_leaves_for_no_reason_is_not_told() -> None:
    found = learn_churn(customers(2000, seed=1, slope=0), customers(2000, seed=5, slope=0), FEATURES)
    assert not found.is_used
    assert "no_better" in [one.kind for one in found.doubts]


def test_a_time_in_which_more_left_is_doubted() -> None:
    found = learn_churn(customers(5000, seed=1), customers(5000, seed=2, start=-1), FEATURES)
    assert {"drift", "uncalibrated"} <= {one.kind for one in found.doubts}
    assert all("%(" not in one.text for one in found.doubts)
