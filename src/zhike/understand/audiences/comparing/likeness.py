"""Who is like the members of an audience, by the tags they have.

Naive Bayes over tags: of each tag, every value (and having none) weighs the logarithm of how much more frequent it is
among the members than among the others; a customer's score is the sum over the tags. Rare values are drawn towards
no weight. A tag that says nearly the same of both groups is left out. Tags overlap in what they say, so the score
orders customers and is no probability.

How well it orders them is measured by a second score, fitted without a fifth of the members and a fifth of the
others, on just these. Whoever a score was fitted on, on either side, would flatter it: it has learnt their chance
likenesses too. The score that chooses is fitted on everybody, so it should be a little better than what was measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from zhike.rules.vocabulary import ValueKind
from zhike.stats.separation import Separation, separation
from zhike.understand.audiences.comparing.traits import Trait
from zhike.understand.audiences.drawing import sampled
from zhike.understand.tags.setting.folding import Ids, bitmap_of, ids_of

PRIOR = 10  # customers as everybody is, who are added to both groups
LEAST_DIVERGENCE = 0.001  # of a tag (Jeffreys'), in nats: below it the groups hardly differ
MOST_TAGS = 50
HELD_OUT = 5  # one in so many of the members, and of the others
FEWEST_HELD_OUT = 50  # of each group; with fewer nothing is said of how well the score separates
MOST_HELD_OUT = 100_000  # of each group
SEED = 20_260_601  # draws who is kept out, and who of those with the same score comes first

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Weight:
    """What having one value of a tag adds to the score; `value` is empty for having none."""

    tag: str
    value: str
    kind: ValueKind
    lower: float | None
    upper: float | None
    weight: float
    share: float  # of the members
    other_share: float


@dataclass(frozen=True)
class Likeness:
    """The customers most like the members, who are none of them; and what makes them so."""

    members: BitMap
    lowest_score: float | None  # of those chosen; 0 stands between the groups
    separation: Separation | None  # None where too few members or others could be kept out to say
    held_out: int  # members; of the others, one in five was kept out too
    weights: tuple[Weight, ...]  # the heaviest first


@dataclass(frozen=True)
class _Model:
    base: float  # the score of somebody without any tag
    steps: tuple[tuple[str, tuple[float, ...]], ...]  # of each tag, what its values add to that
    weights: tuple[Weight, ...]


def most_like(seed: BitMap, others: BitMap, tags: Mapping[str, Sequence[Trait]], *, size: int) -> Likeness:
    """The `size` of the others who are most like the seed; those with the same score by lot.

    Memory: four bytes for each customer, and one tag value's bitmap at a time.
    """
    held_out, other_held_out = _held_out(seed, number=0), _held_out(others, number=1)
    judged = None
    if min(len(held_out), len(other_held_out)) >= FEWEST_HELD_OUT:
        fitted = _model(seed - held_out, others - other_held_out, tags)
        judged = separation(*(_scores(fitted, tags, ids_of(kept)) for kept in (held_out, other_held_out)))
    model = _model(seed, others, tags)
    ids = ids_of(others)
    scores = _scores(model, tags, ids)
    chosen = _highest(scores, size)
    return Likeness(
        members=bitmap_of(np.sort(ids[chosen])),
        lowest_score=float(scores[chosen].min()) if len(chosen) else None,
        separation=judged,
        held_out=len(held_out) if judged else 0,
        weights=model.weights,
    )


def _held_out(group: BitMap, *, number: int) -> BitMap:
    """Who of a group is kept out of the score that is measured, by lot."""
    return sampled(group, min(len(group) // HELD_OUT, MOST_HELD_OUT), seed=SEED + number)


def _model(seed: BitMap, others: BitMap, tags: Mapping[str, Sequence[Trait]]) -> _Model:
    found = [weighed for name in tags if (weighed := _weighed(name, seed, others, tags[name])) is not None]
    found.sort(key=lambda one: -one.divergence)
    base, steps, weights = 0.0, [], []
    for tag in found[:MOST_TAGS]:
        base += tag.none.weight
        steps.append((tag.none.tag, tuple(one.weight - tag.none.weight for one in tag.values)))
        weights += [*tag.values, tag.none]
    weights.sort(key=lambda one: (-abs(one.weight), one.tag, one.value))
    return _Model(base, tuple(steps), tuple(weights))


@dataclass(frozen=True)
class _Weighed:
    values: tuple[Weight, ...]  # in the order of the tag's traits
    none: Weight
    divergence: float


def _weighed(tag: str, seed: BitMap, others: BitMap, traits: Sequence[Trait]) -> _Weighed | None:
    """The weights of one tag; None for one that hardly tells the groups apart."""
    counts = [(trait.count_in(seed), trait.count_in(others)) for trait in traits]
    without = (len(seed) - sum(a for a, _b in counts), len(others) - sum(b for _a, b in counts))
    weights = []
    divergence = 0.0
    for trait, (inside, outside) in zip((*traits, None), (*counts, without), strict=True):
        prior = PRIOR * (inside + outside) / (len(seed) + len(others))
        share = (inside + prior) / (len(seed) + PRIOR)
        other_share = (outside + prior) / (len(others) + PRIOR)
        weight = math.log(share / other_share) if inside + outside > 0 else 0.0
        divergence += (share - other_share) * weight
        weights.append(
            Weight(
                tag=tag,
                value=trait.value if trait else "",
                kind=trait.kind if trait else ValueKind.TEXT,
                lower=trait.lower if trait else None,
                upper=trait.upper if trait else None,
                weight=weight,
                share=inside / len(seed),
                other_share=outside / len(others),
            )
        )
    if divergence < LEAST_DIVERGENCE:
        return None
    return _Weighed(tuple(weights[:-1]), weights[-1], divergence)


def _scores(model: _Model, tags: Mapping[str, Sequence[Trait]], ids: Ids) -> Scores:
    """The score of each of these customers."""
    among = bitmap_of(ids)
    place = np.empty(int(ids[-1]) + 1 if len(ids) else 0, np.uint32)
    place[ids] = np.arange(len(ids), dtype=np.uint32)
    scores = np.full(len(ids), model.base, np.float32)
    for name, steps in model.steps:
        for trait, step in zip(tags[name], steps, strict=True):
            for having in trait.sets:
                scores[place[ids_of(having & among)]] += np.float32(step)
    return scores


def _highest(scores: Scores, size: int) -> npt.NDArray[np.int64]:
    """The places of the highest scores; who of equals is among them is drawn by lot."""
    if size >= len(scores):
        return np.arange(len(scores))
    lowest = np.partition(scores, len(scores) - size)[len(scores) - size]
    above, equal = np.flatnonzero(scores > lowest), np.flatnonzero(scores == lowest)
    drawn = np.random.default_rng(SEED).choice(equal, size - len(above), replace=False)
    return np.concatenate([above, drawn])
