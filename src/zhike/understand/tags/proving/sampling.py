"""Verbs of reviews: draw a random sample of whom a tag says what, and record what people found of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.errors import NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.vocabulary import TagKind
from zhike.understand.tags.circles import hidden
from zhike.understand.tags.counting.held import value_counts, values_of
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.defining.services import locked_tag, user_id
from zhike.understand.tags.definitions import NoSuchTag
from zhike.understand.tags.models import TagReview, TagVersion
from zhike.understand.tags.setting.folding import text_of_number
from zhike.understand.tags.setting.set_tags import current
from zhike.understand.tags.wording.cleaning import one_line
from zhike.warehouse.queries import Published, published

MOST_SAMPLED = 10_000
LARGEST_SEED = 2**63 - 1
WITHOUT = ""  # in the place of a value: the tag says nothing of them
YES, NO = "yes", "no"
LONGEST_TRUTH = 200


class NoSuchReview(NotFound):
    """There is no customer to be reviewed under this number."""


def version_reviewed(tag: str) -> TagVersion:
    """The version in force, or the newest before there is one. Raises NoSuchTag."""
    versions = list(TagVersion.objects.filter(tag__name=tag).select_related("tag").order_by("-number"))
    if not versions:
        raise NoSuchTag(_("no tag is called “%(name)s”") % {"name": tag}, advice=_("`zhike tags list` lists them."))
    return next((one for one in versions if one.state == TagVersion.State.PUBLISHED), versions[0])


def draw_sample(*, tag: str, size: int, seed: int | None = None, without: bool = True) -> tuple[TagReview, ...]:
    """Customers to be reviewed, drawn at random: as many of each value as of the others, and of those without it.

    Nobody is drawn twice for one version. The same seed draws the same people from the same refresh; without one each
    draw has its own. Raises NoSuchTag, NothingPublished, Denied, and UserError for a size or a seed that cannot be.
    """
    require(Right.DEFINE_TAGS)
    require(Right.SEE_CUSTOMERS)
    if tag in hidden().tags:
        require(Right.SEE_PERSONAL_DATA)
    if not 1 <= size <= MOST_SAMPLED:
        raise UserError(_("a sample has 1 to %(most)s customers") % {"most": MOST_SAMPLED}, where="size")
    if seed is not None and not 0 <= seed <= LARGEST_SEED:
        raise UserError(_("a seed is a whole number from 0 to %(largest)s") % {"largest": LARGEST_SEED}, where="seed")
    now = published()
    with transaction.atomic():
        locked_tag(tag)
        version = version_reviewed(tag)
        before = BitMap(version.reviews.values_list("customer_id", flat=True))
        strata = _strata(version, now, without=without)
        draw = np.random.default_rng([version.pk, len(before)] if seed is None else seed)
        sizes = shared_out(size, {name: len(customers - before) for name, customers in strata.items()})
        drawn = {name: _drawn(customers - before, sizes[name], draw) for name, customers in strata.items()}
        said = _said(version, drawn, now)
        return tuple(
            TagReview.objects.bulk_create(
                TagReview(
                    tag=version.tag,
                    version=version,
                    customer_id=customer_id,
                    value=said.get(customer_id, name),
                    among_count=len(strata[name]),
                )
                for name, customers in drawn.items()
                for customer_id in customers
            )
        )


def record_review(*, review_id: int, verdict: str, truth: str = "") -> TagReview:
    """What somebody found of a customer who was drawn; `truth` is what is right instead, where it is known.

    Raises NoSuchReview, Denied, and UserError for what cannot be.
    """
    require(Right.SET_TAGS)
    review = TagReview.objects.filter(pk=review_id).select_related("tag").first()
    if review is None:
        raise NoSuchReview(_("there is no review %(id)s") % {"id": review_id})
    _put_verdict(review, verdict, truth)
    review.save()
    return review


def record_reviews(*, tag: str, found: Sequence[tuple[int, str, str]]) -> int:
    """How many of the sample were reviewed at once: customer_id, verdict and truth of each; all, or none.

    Raises NoSuchReview for a customer who was not drawn, Denied, and UserError for what cannot be.
    """
    require(Right.SET_TAGS)
    with transaction.atomic():
        version = version_reviewed(tag)
        drawn = {review.customer_id: review for review in version.reviews.select_related("tag")}
        for customer_id, verdict, truth in found:
            if customer_id not in drawn:
                raise NoSuchReview(
                    _("customer %(customer_id)s was not drawn for “%(name)s”")
                    % {"customer_id": customer_id, "name": tag}
                )
            _put_verdict(drawn[customer_id], verdict, truth)
        reviewed = [drawn[customer_id] for customer_id, _verdict, _truth in found]
        TagReview.objects.bulk_update(reviewed, ["verdict", "truth", "reviewer", "reviewed_at"], batch_size=500)
    return len({review.pk for review in reviewed})


def _put_verdict(review: TagReview, verdict: str, truth: str) -> None:
    if verdict not in TagReview.Verdict.values:
        raise UserError(
            _("“%(verdict)s” is no verdict") % {"verdict": verdict},
            where="verdict",
            advice=_("Choose one of %(values)s.") % {"values": ", ".join(TagReview.Verdict.values)},
        )
    truth = one_line(truth, where="truth")
    if truth and verdict != TagReview.Verdict.WRONG:
        raise UserError(_("only what is wrong has another truth"), where="truth")
    if len(truth) > LONGEST_TRUTH:
        raise UserError(_("a value has 1 to %(limit)s characters") % {"limit": LONGEST_TRUTH}, where="truth")
    if verdict == TagReview.Verdict.WRONG and review.tag.kind == TagKind.YES_NO:
        truth = YES if review.value == WITHOUT else NO  # there is no other
    review.verdict, review.truth = verdict, truth
    review.reviewer_id, review.reviewed_at = user_id(), timezone.now()


def shared_out(size: int, sizes: Mapping[str, int]) -> dict[str, int]:
    """How many of each stratum are drawn: the same of each, as far as there are so many; the first get the rest."""
    shares = dict.fromkeys(sizes, 0)
    left = min(size, sum(sizes.values()))
    while left:
        open_ones = [name for name in sizes if shares[name] < sizes[name]]
        each, rest = divmod(left, len(open_ones))
        for place, name in enumerate(open_ones):
            more = min(each + (place < rest), sizes[name] - shares[name])
            shares[name] += more
            left -= more
    return shares


def _drawn(customers: BitMap, size: int, draw: np.random.Generator) -> list[int]:
    if not size:
        return []
    places = draw.choice(len(customers), size, replace=False, shuffle=False)
    return sorted(int(customers[int(place)]) for place in places)


def _strata(version: TagVersion, now: Published, *, without: bool) -> dict[str, BitMap]:
    """Value → who has it; numbers and days together; those without it last."""
    tag, index = version.tag, index_of(now)
    if tag.kind == TagKind.CATEGORY:
        values = current(tag.name).values if tag.is_set else value_counts(now, tag.name)
        strata = {str(value): index.tag(tag.name, (str(value),), None) for value in sorted(values)}
    else:
        strata = {YES if tag.kind == TagKind.YES_NO else "*": index.tag(tag.name, (), None)}
    if without:
        strata[WITHOUT] = index.everybody - index.tag(tag.name, (), None)
    return strata


def _said(version: TagVersion, drawn: Mapping[str, Sequence[int]], now: Published) -> dict[int, str]:
    """What the tag says of the customers whose stratum does not say it: their number or day as text."""
    kind = TagKind(version.tag.kind)
    if kind not in (TagKind.NUMBER, TagKind.DATE):
        return {}
    rows = values_of(now, version.tag.name, drawn["*"])
    if kind == TagKind.DATE:
        return {customer_id: str(row["day"]) for customer_id, row in rows.items()}
    return {customer_id: text_of_number(kind, row["number"]) for customer_id, row in rows.items()}
