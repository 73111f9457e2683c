"""Frequent sets and rules: against all sets there are, mlxtend, and what chance makes."""

from __future__ import annotations

import itertools
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from zhike.errors import UserError
from zhike.understand.affinity.itemsets import Itemsets, frequent_itemsets
from zhike.understand.affinity.rules import rules_of
from zhike.understand.affinity.thresholds import Thresholds, least, reaches, thresholds
from zhike.warehouse.engines.duckdb import embedded

Baskets = Sequence[Iterable[str]]
Counted = dict[frozenset[str], int]


def drawn(seed: int, *, baskets: int, items: int, share: float) -> list[frozenset[str]]:
    """Baskets in which some items go together."""
    draw = np.random.default_rng(seed)
    held = draw.random((baskets, items)) < share * draw.uniform(0.2, 1.8, items)
    for _group in range(3):
        together, those = draw.choice(items, 3, replace=False), draw.random(baskets) < 0.15
        held[np.ix_(those, together)] |= draw.random((those.sum(), 3)) < 0.7
    return [frozenset(f"i{item}" for item in np.flatnonzero(row)) for row in held]


def mined(baskets: Baskets, wanted: Thresholds) -> Itemsets:
    rows = [(place, item) for place, basket in enumerate(baskets) for item in basket]
    table = pa.table({"basket": [row[0] for row in rows], "item": pa.array([row[1] for row in rows], pa.string())})
    return frequent_itemsets(ibis.memtable(table), wanted, embedded())


def sets_of(found: Itemsets) -> Counted:
    """Each set with its count."""
    known: Counted = {}
    before: list[frozenset[str]] = [frozenset()]
    for level in found.levels:
        sets = [before[at] | {found.items[item]} for at, item in zip(level.before, level.item, strict=True)]
        known |= dict(zip(sets, level.count.tolist(), strict=True))
        before = sets
    return known


def all_sets(baskets: Baskets, minimum: int, longest: int) -> Counted:
    counted: Counter[frozenset[str]] = Counter()
    for basket in baskets:
        for length in range(1, longest + 1):
            counted.update(map(frozenset, itertools.combinations(sorted(basket), length)))
    return {one: count for one, count in counted.items() if count >= minimum}


def wanted(support: str = "0", confidence: str = "0", count: int = 1, length: int | None = None) -> Thresholds:
    return thresholds(min_support=support, min_confidence=confidence, min_count=count, max_length=length)


@pytest.mark.parametrize(
    ("seed", "share", "minimum", "length"),
    [(1, 0.3, 1, 4), (2, 0.3, 6, None), (3, 0.5, 9, 3), (4, 0.6, 20, None), (5, 0.3, 2, 2)],
)
def test_all_sets_are_found_and_no_other(seed: int, share: float, minimum: int, length: int | None) -> None:
    baskets = drawn(seed, baskets=60, items=9, share=share)
    found = mined(baskets, wanted(count=minimum, length=length))
    assert sets_of(found) == all_sets(baskets, minimum, length or 9)
    assert found.baskets == sum(map(bool, baskets))
    assert found.total == len(sets_of(found))


def test_every_rule_that_reaches_the_threshold_is_found_with_its_counts() -> None:
    baskets = drawn(6, baskets=80, items=8, share=0.4)
    known = all_sets(baskets, 4, 8)
    total = sum(map(bool, baskets))
    found = rules_of(mined(baskets, wanted(count=4)), wanted(count=4, confidence=".6"))
    expected = {
        (one - {last}, last): (count, known[one - {last}], known[frozenset([last])])
        for one, count in known.items()
        if len(one) > 1
        for last in one
        if Fraction(count, known[one - {last}]) >= Fraction(3, 5)
    }
    rows = found.table.to_pylist()
    assert {
        (frozenset(row["antecedent"]), row["consequent"]): (
            row["count"],
            row["antecedent_count"],
            row["consequent_count"],
        )
        for row in rows
    } == expected
    assert found.total == len(expected) > 20
    for row in rows:
        count, one, other = (row[name] for name in ("count", "antecedent_count", "consequent_count"))
        assert (row["support"], row["confidence"]) == pytest.approx((count / total, count / one))
        assert row["lift"] == pytest.approx(count * total / (one * other))
        assert row["lift_low"] <= row["lift"] <= row["lift_high"]
        assert row["confidence_low"] <= row["confidence"] <= row["confidence_high"]
        assert 0 <= row["p"] <= row["q"] <= 1


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_mlxtend_finds_the_same_rules(seed: int) -> None:
    baskets = drawn(seed, baskets=400, items=15, share=0.2)
    baskets = [basket for basket in baskets if basket]
    names = sorted({item for basket in baskets for item in basket})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mlxtend.frequent_patterns import association_rules, fpgrowth

        table = pd.DataFrame([[name in basket for name in names] for basket in baskets], columns=names)
        # Between two counts, so that no double decides.
        sets = fpgrowth(table, min_support=(12 - 0.5) / len(baskets), use_colnames=True)
        theirs = association_rules(sets, min_threshold=0.3501)
    single = theirs[theirs.consequents.map(len) == 1]
    expected = {
        (row.antecedents, *row.consequents): (row.support, row.confidence, row.lift) for row in single.itertuples()
    }
    limits = wanted(confidence=".3501", count=12)
    found = rules_of(mined(baskets, limits), limits).table.to_pylist()
    assert len(found) == len(expected) > 10
    for row in found:
        key = (frozenset(row["antecedent"]), row["consequent"])
        assert (row["support"], row["confidence"], row["lift"]) == pytest.approx(expected[key])


def test_a_rule_at_the_threshold_is_a_rule() -> None:
    # 7 of 10 baskets have both, 7 of 10 with the one: .7 is a little more than seven tenths as a double.
    baskets = [["a", "b"]] * 7 + [["a"]] * 3
    for limits, total in ((wanted(".7", ".7"), 2), (wanted(".7000001", "0"), 0), (wanted("0", ".70000001"), 1)):
        assert rules_of(mined(baskets, limits), limits).total == total
    assert least(Fraction(".1"), 30) == 3  # .1 * 30 is 3.0000000000000004 to whoever adds tenths
    assert least(Fraction(".0000000000000000000000000001"), 10) == 1
    halves = reaches(np.array([1, 2, 10**15]), np.array([3, 4, 2 * 10**15]), Fraction("0.5"))
    assert halves.tolist() == [False, True, True]


def test_the_order_is_by_the_figure_asked_for_and_then_by_the_others_and_the_alphabet() -> None:
    baskets = [["a", "b"]] * 2 + [["c", "d"]] * 2 + [["a", "e"]] * 4 + [["f"]] * 8
    orders = {}
    for sort in ("lift", "confidence", "count"):
        found = rules_of(mined(baskets, wanted()), wanted(), sort=sort)
        orders[sort] = [f"{row['antecedent'][0]}{row['consequent']}" for row in found.table.to_pylist()]
    assert orders["lift"] == ["cd", "dc", "ea", "ba", "ae", "ab"]
    assert orders["confidence"] == ["cd", "dc", "ea", "ba", "ae", "ab"]
    assert orders["count"] == ["ea", "ae", "cd", "dc", "ba", "ab"]
    with pytest.raises(UserError, match="no order by 'leverage'"):
        rules_of(mined(baskets, wanted()), wanted(), sort="leverage")


@pytest.mark.parametrize("baskets", [[], [["a"]], [["a", "b"]], [["a"], ["b"], ["c"]], [["a", "b", "c", "d"]] * 3])
def test_few_baskets_have_few_rules(baskets: Baskets) -> None:
    found = rules_of(mined(baskets, wanted()), wanted())
    size = len(baskets[0]) if baskets else 0
    assert found.total == (size * (2 ** (size - 1) - 1) if size > 1 else 0)
    assert found.baskets == len(baskets)
    for row in found.table.to_pylist():
        assert (row["lift"], row["lift_low"], row["lift_high"], row["p"], row["q"]) == (1, 1, 1, 1, 1)


def test_of_baskets_filled_by_chance_hardly_any_rule_is_called_a_finding() -> None:
    """Items that regard nothing: of one in twenty looks at most anything is found, however low the least count."""
    draw = np.random.default_rng(14)
    looks, found = 60, 0
    for _look in range(looks):
        held = draw.random((300, 25)) < draw.uniform(0.02, 0.3, 25)
        limits = wanted(count=3)
        rules = rules_of(mined([[f"i{item}" for item in np.flatnonzero(row)] for row in held], limits), limits)
        assert rules.total > 100
        found += rules.table["q"].to_numpy().min() <= 0.05
    assert found / looks <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / looks)


def test_what_goes_together_is_called_a_finding() -> None:
    draw = np.random.default_rng(15)
    held = draw.random((2_000, 30)) < 0.05
    held[:, 1] |= held[:, 0] & (draw.random(2_000) < 0.4)
    limits = wanted(count=5, length=2)
    rules = rules_of(mined([[f"i{item}" for item in np.flatnonzero(row)] for row in held], limits), limits)
    sure = [row for row in rules.table.to_pylist() if row["q"] <= 0.05]
    assert {(row["antecedent"][0], row["consequent"]) for row in sure} == {("i0", "i1"), ("i1", "i0")}
    assert sure[0]["lift_low"] > 2
    assert rules.looks == 30 * 29


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"min_support": "abc"}, "--min-support: 'abc' is no share"),
        ({"min_support": "nan"}, "'nan' is no share"),
        ({"min_support": "-inf"}, "is no share"),
        ({"min_support": "1.0001"}, "is no share"),
        ({"min_confidence": "-0.1"}, "--min-confidence: '-0.1' is no share"),
        ({"min_confidence": ""}, "is no share"),
        ({"min_confidence": "1e-999999999"}, "more than 100 decimals"),
        ({"min_count": 0}, "--min-count"),
        ({"max_length": 1}, "--max-length"),
    ],
)
def test_thresholds_that_cannot_be_are_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        thresholds(**({"min_support": ".1", "min_confidence": ".5"} | given))  # type: ignore[arg-type]


def test_a_threshold_is_what_is_written() -> None:
    assert thresholds(min_support=0.1, min_confidence=".8") == Thresholds(Fraction(1, 10), Fraction(4, 5))
    assert wanted("1e-3", "1").support == Fraction(1, 1000)


def test_more_sets_than_anybody_reads_are_refused() -> None:
    with pytest.raises(UserError, match="more than 1,000,000 sets"):
        mined([[f"i{item}" for item in range(1_500)]], wanted())
    with pytest.raises(UserError, match="more than 1,000,000 sets"):
        mined([[f"i{item}" for item in range(40)]] * 2, wanted())


def test_a_column_that_is_no_basket_is_refused() -> None:
    items = np.arange(150_000)
    table = pa.table({"basket": np.zeros(len(items), np.int64), "item": pa.array(items).cast(pa.string())})
    with pytest.raises(UserError, match=r"--basket: the baskets are so large that 11,249,925,000 pairs"):
        frequent_itemsets(ibis.memtable(table), wanted(), embedded())
