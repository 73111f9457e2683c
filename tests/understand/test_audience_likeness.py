"""Who is like an audience, and what it has more of: on customers made so that the answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pyroaring import BitMap

from zhike.rules.tree import HasTag
from zhike.rules.vocabulary import ValueKind
from zhike.stats.proportions import newcombe
from zhike.understand.audiences.comparing.likeness import PRIOR, most_like
from zhike.understand.audiences.comparing.profiling import compared
from zhike.understand.audiences.comparing.traits import Trait

COUNT = 20_000
draw = np.random.default_rng(11)
IS_SEED = np.arange(COUNT) < 2_000
# Members are often champions, seldom lost; they phone as often as others do; “vip” is a tag of few.
segment = np.where(
    IS_SEED,
    draw.choice(["champions", "lost", ""], COUNT, p=[0.6, 0.1, 0.3]),
    draw.choice(["champions", "lost", ""], COUNT, p=[0.1, 0.6, 0.3]),
)
PHONES = draw.random(COUNT) < 0.5
VIP = draw.random(COUNT) < np.where(IS_SEED, 0.05, 0.01)


def trait(tag: str, value: str, having: np.ndarray) -> Trait:  # type: ignore[type-arg]
    condition = HasTag(tag=tag, values=(value,))
    return Trait("tag", tag, value, ValueKind.TEXT, None, None, condition, (BitMap(np.flatnonzero(having).tolist()),))


TAGS = {
    "segment": [trait("segment", value, segment == value) for value in ("champions", "lost")],
    "phones": [trait("phones", "yes", PHONES)],
    "vip": [trait("vip", "yes", VIP)],
}
SEED = BitMap(np.flatnonzero(IS_SEED).tolist())
OTHERS = BitMap(np.flatnonzero(~IS_SEED).tolist())


def test_the_score_is_the_sum_of_logarithms_of_how_much_more_frequent_each_value_is() -> None:
    def weight(having: np.ndarray) -> float:  # type: ignore[type-arg]
        inside, outside = int((having & IS_SEED).sum()), int((having & ~IS_SEED).sum())
        prior = PRIOR * (inside + outside) / COUNT
        return math.log((inside + prior) / (2_000 + PRIOR) / ((outside + prior) / (18_000 + PRIOR)))

    score = np.zeros(COUNT)
    for value in ("champions", "lost", ""):
        score[segment == value] += weight(segment == value)
    for having in (VIP, ~VIP):
        score[having] += weight(having)
    found = most_like(SEED, OTHERS, TAGS, size=500)
    rest = score.copy()
    rest[IS_SEED] = -np.inf
    threshold = np.sort(rest)[-500]
    assert len(found.members) == 500
    assert found.lowest_score == pytest.approx(threshold, abs=1e-5)
    chosen = np.array(found.members)
    assert score[chosen].min() >= threshold - 1e-5
    assert {int(n) for n in np.flatnonzero(rest > threshold + 1e-5)} <= set(found.members)
    assert {one.tag for one in found.weights} == {"segment", "vip"}  # phoning tells nothing
    assert found.weights[0].weight == pytest.approx(weight(segment == found.weights[0].value))


def test_the_same_customers_are_found_again() -> None:
    assert most_like(SEED, OTHERS, TAGS, size=500).members == most_like(SEED, OTHERS, TAGS, size=500).members


def test_how_well_it_separates_is_measured_on_members_kept_out_of_it() -> None:
    judged = most_like(SEED, OTHERS, TAGS, size=1).separation
    assert judged is not None
    # Of a member and another: champions beat none beat lost; half of the ties. Vip adds a little.
    inside, outside = [0.6, 0.3, 0.1], [0.1, 0.3, 0.6]
    pairs = [(a, b) for a in range(3) for b in range(3)]
    true = sum(inside[a] * outside[b] * (1.0 if a < b else 0.5 if a == b else 0.0) for a, b in pairs)
    assert judged.area == pytest.approx(true, abs=0.03)
    assert judged.interval.low < true < judged.interval.high + 0.02


def drawn(count: int, share: float, number: int) -> tuple[BitMap, BitMap]:
    """A share of so many customers, drawn at random, and the others."""
    is_seed = np.random.default_rng([number, count]).random(count) < share
    return BitMap(np.flatnonzero(is_seed).tolist()), BitMap(np.flatnonzero(~is_seed).tolist())


def test_the_interval_has_chance_in_it_where_members_are_drawn_by_lot() -> None:
    """Twelve tags of five values, some rare, of which none has to do with who is a member."""
    cases = [(600, 0.5), (2_000, 0.2), (2_000, 0.75), (3_000, 0.9)]
    above = below = 0
    rounds = 150
    for count, share in cases:
        for number in range(rounds):
            some = np.random.default_rng([number, count, 1])
            values = {
                f"t{tag}": some.choice(6, count, p=some.dirichlet(np.ones(6)))  # 5 is to have none
                for tag in range(12)
            }
            tags = {name: [trait(name, str(one), value == one) for one in range(5)] for name, value in values.items()}
            judged = most_like(*drawn(count, share, number), tags, size=1).separation
            assert judged is not None
            above += judged.interval.low > 0.5
            below += judged.interval.high < 0.5
    looks = rounds * len(cases)
    most = 0.025 + 3 * math.sqrt(0.025 * 0.975 / looks)
    assert above / looks <= most
    assert below / looks <= most


def test_the_interval_has_the_true_area_in_it() -> None:
    """Members drawn from a made-up company of whom a tag tells much: the area of that tag is known."""
    inside, outside = np.array([0.15, 0.15, 0.3, 0.4]), np.array([0.4, 0.3, 0.15, 0.15])
    pairs = np.outer(inside, outside)
    # Having 0 and 1 weigh -.98 and -.69, 2 and 3 the same the other way round: 0 < 1 < 2 < 3 need not be found.
    ranks = np.argsort(np.argsort(np.log(inside / outside)))
    true = float((pairs * ((ranks[:, None] > ranks) + 0.5 * (ranks[:, None] == ranks))).sum())
    rounds, right = 150, 0
    for number in range(rounds):
        seed, others = drawn(3_000, 0.3, number)
        some = np.random.default_rng([number, 2])
        value = some.choice(4, 3_000, p=outside)
        value[list(seed)] = some.choice(4, len(seed), p=inside)
        judged = most_like(
            seed, others, {"t": [trait("t", str(one), value == one) for one in range(4)]}, size=1
        ).separation
        assert judged is not None
        right += judged.interval.low <= true <= judged.interval.high
    assert right / rounds >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / rounds)


def test_tags_that_tell_nothing_separate_nobody() -> None:
    judged = most_like(SEED, OTHERS, {"phones": TAGS["phones"]}, size=1).separation
    assert judged is not None
    assert judged.area == pytest.approx(0.5, abs=0.03)


def test_of_few_members_nothing_is_said() -> None:
    few = BitMap(list(SEED)[:200])
    found = most_like(few, OTHERS, TAGS, size=10)
    assert (found.separation, found.held_out, len(found.members)) == (None, 0, 10)


def test_where_there_are_few_others_nothing_is_said() -> None:
    few = BitMap(list(OTHERS)[:249])
    found = most_like(SEED, few, TAGS, size=10)
    assert (found.separation, found.held_out, len(found.members)) == (None, 0, 10)
    one_more = most_like(SEED, BitMap(list(OTHERS)[:250]), TAGS, size=10)
    assert one_more.separation is not None
    assert one_more.held_out == 400


def test_more_than_there_are_gives_all_of_them() -> None:
    assert most_like(SEED, OTHERS, TAGS, size=COUNT).members == OTHERS


def test_a_profile_says_what_is_more_frequent_with_newcombes_interval() -> None:
    found = compared(SEED, SEED | OTHERS, (one for traits in TAGS.values() for one in traits))
    assert (found.size, found.other_size, found.looks) == (2_000, 18_000, 4)
    by_value = {(one.name, one.value): one for one in found.findings}
    champions = by_value["segment", "champions"]
    count, other = int((segment[:2000] == "champions").sum()), int((segment[2000:] == "champions").sum())
    assert (champions.count, champions.other_count) == (count, other)
    assert champions.base_share == pytest.approx((count + other) / COUNT)
    assert champions.ratio == pytest.approx(champions.share / champions.base_share)
    assert champions.ratio_low < champions.ratio < (champions.ratio_high or 0)
    interval = newcombe(count, 2_000, other, 18_000, level=found.interval_level)
    assert (champions.low, champions.high) == (interval.low, interval.high)
    distinct = [(one.name, one.value) for one in found.findings if one.is_distinct]
    assert set(distinct) == {("segment", "champions"), ("segment", "lost"), ("vip", "yes")}
    assert found.findings[-1].name == "phones"
    # Three of four looks are findings, so their intervals are given at 1 - .05 x 3/4.
    assert found.interval_level == pytest.approx(0.9625)


def test_beside_another_audience_only_its_other_customers_count() -> None:
    half = BitMap(range(1_000, 11_000))
    found = compared(SEED, half, TAGS["vip"])
    assert (found.size, found.other_size) == (2_000, 9_000)
    vip = found.findings[0]
    assert vip.other_count == int(VIP[2_000:11_000].sum())
    assert vip.base_share == vip.other_share


def test_among_like_groups_hardly_anything_is_called_distinct() -> None:
    """Two hundred traits of customers who do not differ: in one reading of twenty there is a finding at all."""
    some = np.random.default_rng(12)
    readings = 200
    wrong = 0
    for _reading in range(readings):
        traits = [
            trait("t", str(number), some.random(600) < share)
            for number, share in enumerate(np.geomspace(0.005, 0.6, 40).tolist() * 2)
        ]
        inside = BitMap(some.choice(600, 80, replace=False).tolist())
        wrong += any(one.is_distinct for one in compared(inside, BitMap(range(600)), traits).findings)
    assert wrong / readings <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / readings)
