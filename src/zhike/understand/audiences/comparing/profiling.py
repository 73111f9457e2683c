"""Whom an audience has more of than others: every tag value and band of an attribute, inside and outside."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pyroaring import BitMap

from zhike.rules.vocabulary import ValueKind
from zhike.stats.looks import false_discovery, level_of_selected
from zhike.stats.proportions import Interval, difference_p, difference_z, newcombe
from zhike.stats.weighted import lift, ratio
from zhike.understand.audiences.comparing.traits import Trait

LEVEL = 0.95
FALSE_SHARE = 0.05  # of what is called distinct, so much may be chance


@dataclass(frozen=True)
class Finding:
    """How many of an audience, and of others, have one value of a tag or one band of an attribute."""

    of: str  # "tag" or "attribute"
    name: str
    value: str
    kind: ValueKind  # text, or what the borders of a band are
    lower: float | None  # of a band, its borders, both included; days are counted from 1970-01-01
    upper: float | None
    rule: str  # the rule of these customers
    count: int  # of the audience
    other_count: int  # of the others: those it is compared with who are not in it
    share: float
    other_share: float
    base_share: float  # among everybody; beside another audience, among the others
    ratio: float | None  # of the share to that; None where nobody else has it
    ratio_low: float
    ratio_high: float | None  # None: there is no telling how high
    difference: float  # of the share and that of the others
    low: float
    high: float
    z: float  # by how many standard errors the two differ: the evidence
    q: float  # share of chance among the findings, if those with as much evidence as this one are taken for true
    is_distinct: bool


@dataclass(frozen=True)
class Comparison:
    """An audience beside others; what tells them apart comes first."""

    size: int
    other_size: int
    looks: int
    interval_level: float  # of each interval, so that of those of distinct findings 95 % are right
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Look:
    trait: Trait
    count: int
    other_count: int


def compared(inside: BitMap, base: BitMap, traits: Iterable[Trait]) -> Comparison:
    """Every trait in a set of customers, and in those of another set who are not in the first.

    Newcombe's interval of the difference; the score test, or Fisher's of a small table; findings by the false
    discovery rate over all traits, since a reader can bear one false lead in twenty, and Holm's correction, which
    allows none in twenty readings, would hide most of what is true among some hundred looks.
    """
    outside = base - inside
    # Without the sets: only those of one tag or attribute are in memory at a time.
    found = [_Look(replace(one, sets=()), one.count_in(inside), one.count_in(outside)) for one in traits]
    looks = [look for look in found if look.count or look.other_count]
    size, other = len(inside), len(outside)
    adjusted = false_discovery([difference_p(look.count, size, look.other_count, other) for look in looks])
    level = level_of_selected(sum(q <= FALSE_SHARE for q in adjusted), len(looks), level=LEVEL)
    is_part = len(outside) + len(inside) == len(base)
    findings = [_finding(look, size, other, q, level, is_part) for look, q in zip(looks, adjusted, strict=True)]
    findings.sort(key=lambda one: (not one.is_distinct, -abs(one.z), one.of, one.name, one.value))
    return Comparison(size, other, len(looks), level, tuple(findings))


def _finding(look: _Look, size: int, other: int, q: float, level: float, is_part: bool) -> Finding:
    count, other_count, trait = look.count, look.other_count, look.trait
    interval = newcombe(count, size, other_count, other, level=level)
    share = count / size if size else 0.0
    other_share = other_count / other if other else 0.0
    base_share = (count + other_count) / (size + other) if is_part else other_share
    times = _ratio(count, size, other_count, other, level, is_part)
    return Finding(
        of=trait.of,
        name=trait.name,
        value=trait.value,
        kind=trait.kind,
        lower=trait.lower,
        upper=trait.upper,
        rule=trait.rule,
        count=count,
        other_count=other_count,
        share=share,
        other_share=other_share,
        base_share=base_share,
        ratio=share / base_share if base_share else None,
        ratio_low=times.low,
        ratio_high=times.high if math.isfinite(times.high) else None,
        difference=share - other_share,
        low=interval.low,
        high=interval.high,
        z=difference_z(count, size, other_count, other),
        q=q,
        is_distinct=q <= FALSE_SHARE,
    )


def _ratio(count: int, size: int, other_count: int, other: int, level: float, is_part: bool) -> Interval:
    if not is_part:
        return ratio(count, size, other_count, other, level=level)
    found = lift(count, size, count + other_count, size + other, level=level)
    return found.interval if found else Interval(0.0, math.inf)
