"""How often a tag is right: against what people found of a random sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.vocabulary import TagKind
from zhike.stats.weighted import Estimate, Share, Stratum, part_of, weighted, weighted_share
from zhike.understand.tags.models import TagReview, TagVersion
from zhike.understand.tags.proving.sampling import WITHOUT, version_reviewed
from zhike.understand.tags.wording.titles import titles_of

HANDFUL = 5  # of fewer nothing is said
Verdict = TagReview.Verdict


@dataclass(frozen=True)
class ValueAccuracy:
    """What was found of those of whom the tag says one value; None where too few were looked at."""

    value: str  # empty: that they have it not
    title: str
    among: int  # of how many the tag says it
    judged: int
    right: int
    precision: Share | None  # of those of whom it says the value, for how many that is true
    recall: Share | None  # of those for whom it is true, of how many it says so


@dataclass(frozen=True)
class Accuracy:
    """What a sample says of a version of a tag."""

    version: int
    drawn: int
    waiting: int  # still to be looked at
    unclear: int
    precision: Share | None  # over all values, each by how many have it
    values: tuple[ValueAccuracy, ...]
    reason: str  # why nothing can be said; empty where something can


@dataclass
class _Seen:
    """What was found in one stratum."""

    among: int = 0
    judged: int = 0
    right: int = 0
    truths: dict[str, int] | None = None  # what is true instead of those that were wrong


def accuracy(tag: str) -> Accuracy:
    """How often the tag is right by the reviews of its version in force, or its newest. Raises NoSuchTag, Denied."""
    require(Right.SEE_CUSTOMERS)
    version = version_reviewed(tag)
    reviews = list(version.reviews.order_by("pk"))
    kind = TagKind(version.tag.kind)
    strata = _strata(reviews, kind)
    drawn, waiting = len(reviews), sum(not review.verdict for review in reviews)
    named = {value: seen for value, seen in strata.items() if value != WITHOUT}
    enough = sum(seen.judged for seen in named.values()) >= HANDFUL
    precision = weighted_share([Stratum(seen.among, seen.right, seen.judged) for seen in named.values()])
    return Accuracy(
        version=version.number,
        drawn=drawn,
        waiting=waiting,
        unclear=sum(review.verdict == Verdict.UNCLEAR for review in reviews),
        precision=precision if enough else None,
        values=tuple(_of_value(value, strata, version) for value in strata),
        reason="" if enough and precision else _reason(drawn, waiting),
    )


def _reason(drawn: int, waiting: int) -> str:
    if not drawn:
        return _("No sample was drawn yet.")
    if waiting:
        return _("Too few of the sample were looked at.")
    return _("Too few of the sample could be judged: draw a larger one.")


def stratum_of(kind: TagKind, value: str) -> str:
    """The part of the sample that a customer with this value belongs to: numbers and days are one."""
    return "*" if value != WITHOUT and kind in (TagKind.NUMBER, TagKind.DATE) else value


def _strata(reviews: Sequence[TagReview], kind: TagKind) -> dict[str, _Seen]:
    """Value → what was found of those of whom the tag says it, in the order of the sample."""
    strata: dict[str, _Seen] = {}
    for review in reviews:
        seen = strata.setdefault(stratum_of(kind, review.value), _Seen(truths={}))
        seen.among = review.among_count  # as it was when somebody was last drawn
        if review.verdict in (Verdict.RIGHT, Verdict.WRONG):
            seen.judged += 1
            seen.right += review.verdict == Verdict.RIGHT
            if review.verdict == Verdict.WRONG and review.truth and seen.truths is not None:
                seen.truths[review.truth] = seen.truths.get(review.truth, 0) + 1
    return strata


def _of_value(value: str, strata: Mapping[str, _Seen], version: TagVersion) -> ValueAccuracy:
    seen = strata[value]
    own = weighted_share([Stratum(1, seen.right, seen.judged)]) if seen.judged >= HANDFUL else None
    title = _("has it not") if value == WITHOUT else "" if value == "*" else titles_of(version).value(value)
    is_named = value not in (WITHOUT, "*")
    return ValueAccuracy(
        value=value,
        title=title,
        among=seen.among,
        judged=seen.judged,
        right=seen.right,
        precision=own,
        recall=_recall(value, strata) if is_named and own else None,
    )


def _recall(value: str, strata: Mapping[str, _Seen]) -> Share | None:
    """Of those for whom the value is true, of how many the tag says so; None unless all strata were looked at.

    How many there are of whom it says something else is estimated from the truths that were stated of these.
    """
    if WITHOUT not in strata or any(seen.judged < HANDFUL for seen in strata.values() if seen.among):
        return None
    own = strata[value]
    found: Estimate = weighted([Stratum(own.among, own.right, own.judged)])
    missed: Estimate = weighted(
        [
            Stratum(seen.among, (seen.truths or {}).get(value, 0), seen.judged)
            for other, seen in strata.items()
            if other != value and seen.among
        ]
    )
    return part_of(found, missed)
