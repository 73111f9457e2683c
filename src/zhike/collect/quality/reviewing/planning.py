"""Planning a review: whom it looks at, how many of them, and who does."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhike.collect.profiles.fields import CORRECTABLE
from zhike.collect.quality.models import ReviewCampaign, ReviewItem
from zhike.collect.quality.places import Place
from zhike.collect.quality.reviewing.assigning import assignees
from zhike.collect.quality.reviewing.estimates import sample_size
from zhike.collect.quality.reviewing.services import user_id
from zhike.collect.quality.selecting import Drawn, customers_of, drawn_of, drawn_rows, strata_of
from zhike.collect.quality.vocabulary import is_personal, read_condition
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.errors import RuleError
from zhike.rules.nearest import did_you_mean
from zhike.rules.tree import Condition, tree_to_json
from zhike.warehouse.queries import published

MOST_ITEMS = 20_000
FEWEST_OF_STRATUM = 10
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Wanted:
    """What a campaign is to look at."""

    name: str
    fields: Sequence[str]
    kind: str = ReviewCampaign.Kind.SAMPLE
    rule: str = ""
    unit: str = ""
    size: int | None = None
    half_width: float | None = 0.05  # of the interval, where no size is given
    stratified_by: str = ""
    seed: int | None = None
    target: float = 0.8
    due_on: date | None = None
    note: str = ""


def plan_campaign(wanted: Wanted) -> ReviewCampaign:
    """The new campaign, its customers drawn from the refresh in force and given to agents.

    Raises Denied, NothingPublished, RuleError, and UserError for what cannot be, such as a group that is too large.
    """
    require(Right.MANAGE_QUALITY)
    require(Right.SEE_CUSTOMERS)
    _check(wanted)
    rule = _rule(wanted.rule)
    if rule is not None and is_personal(rule):
        require(Right.SEE_PERSONAL_DATA)
    now = published()
    place = Place(unit=wanted.unit)
    among = customers_of(now, place.condition(*([rule] if rule is not None else [])))
    is_sample = wanted.kind == ReviewCampaign.Kind.SAMPLE
    population = strata_of(among, wanted.stratified_by if is_sample else "")
    population = {name: count for name, count in population.items() if count}
    if not population:
        raise UserError(_("nobody fits the rule now"), where="rule")
    seed = (wanted.seed if wanted.seed is not None else secrets.randbelow(LARGEST_SEED)) if is_sample else None
    if seed is not None:
        sizes = allocated(_size(wanted, sum(population.values())), population)
        drawn = list(drawn_of(among, wanted.stratified_by, sizes, seed=seed))
    else:
        _check_size(sum(population.values()))
        drawn = list(drawn_rows(among))
    campaign = ReviewCampaign(
        name=wanted.name.strip(),
        note=wanted.note.strip(),
        kind=wanted.kind,
        rule="" if rule is None else tree_to_json(rule),
        unit_id=wanted.unit,
        fields=list(dict.fromkeys(wanted.fields)),
        stratified_by=wanted.stratified_by if is_sample else "",
        population=population,
        seed=seed,
        target=wanted.target,
        refresh_id=now.refresh_id,
        as_of=now.as_of,
        due_on=wanted.due_on,
        created_by_id=user_id(),
    )
    return _kept(campaign, drawn)


def day_said(text: str) -> date | None:
    """The day that a text such as 2026-12-31 says; none for an empty one. Raises UserError."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        advice = _("A day is written as year, month and day: 2026-01-31.")
        raise UserError(_("“%(value)s” is not a date") % {"value": text}, where="due", advice=advice) from error


def allocated(size: int, population: Mapping[str, int]) -> dict[str, int]:
    """How many are drawn of each stratum: ten of each, as far as that goes round, and the rest by how large it is."""
    whole = sum(population.values())
    size = min(size, whole)
    least = min(FEWEST_OF_STRATUM, size // len(population)) if population else 0
    sizes = {name: min(least, count) for name, count in population.items()}
    left = size - sum(sizes.values())
    shares = {name: left * count / whole for name, count in population.items()}
    for name, share in shares.items():
        sizes[name] = min(population[name], sizes[name] + int(share))
    by_rest = sorted(population, key=lambda name: (int(shares[name]) - shares[name], name))
    while sum(sizes.values()) < size:
        for name in by_rest:
            if sum(sizes.values()) < size and sizes[name] < population[name]:
                sizes[name] += 1
    return sizes


def _kept(campaign: ReviewCampaign, drawn: Sequence[Drawn]) -> ReviewCampaign:
    try:
        with transaction.atomic():
            campaign.save()
            given = assignees(drawn, as_of=campaign.as_of)
            items = [
                ReviewItem(campaign=campaign, position=place, assignee_id=assignee, **vars(one))
                for place, (one, assignee) in enumerate(zip(drawn, given, strict=True))
            ]
            ReviewItem.objects.bulk_create(items, batch_size=500)
    except IntegrityError as error:
        raise UserError(_("there is a review “%(name)s” already") % {"name": campaign.name}, where="name") from error
    return campaign


def _check(wanted: Wanted) -> None:
    if not wanted.name.strip() or len(wanted.name.strip()) > 100:
        raise UserError(_("a review needs a name of up to 100 characters"), where="name")
    if wanted.kind not in ReviewCampaign.Kind.values:
        raise UserError(_("“%(kind)s” is no kind of review") % {"kind": wanted.kind}, where="kind")
    if wanted.stratified_by not in ReviewCampaign.Stratum.values:
        choices = ", ".join(filter(None, ReviewCampaign.Stratum.values))
        raise UserError(
            _("a sample cannot be drawn by “%(by)s”") % {"by": wanted.stratified_by},
            where="stratified_by",
            advice=_("Choose one of %(values)s.") % {"values": choices},
        )
    if not wanted.fields:
        raise UserError(_("a review looks at one field at least"), where="fields")
    for name in wanted.fields:
        if name not in CORRECTABLE:
            raise UserError(
                _("a customer has no field “%(name)s” to be reviewed") % {"name": name},
                where="fields",
                advice=did_you_mean(name, CORRECTABLE),
            )
    if not 0 <= wanted.target <= 1:
        raise UserError(_("a target lies between 0 and 1"), where="target")
    if wanted.seed is not None and not 0 <= wanted.seed <= LARGEST_SEED:
        raise UserError(_("a seed is a whole number from 0 to %(largest)s") % {"largest": LARGEST_SEED}, where="seed")


def _rule(text: str) -> Condition | None:
    try:
        return read_condition(text)
    except RuleError as error:
        error.where = f"rule: {error.where}" if error.where else "rule"
        raise


def _size(wanted: Wanted, population: int) -> int:
    if wanted.size is not None:
        if wanted.size < 1:
            raise UserError(_("a sample has one customer at least"), where="size")
        size = wanted.size
    elif wanted.half_width is None or not 0.005 <= wanted.half_width <= 0.5:
        raise UserError(_("an interval reaches from .005 to .5 to either side"), where="half_width")
    else:
        size = sample_size(wanted.half_width, population)
    _check_size(min(size, population))
    return size


def _check_size(size: int) -> None:
    if size > MOST_ITEMS:
        raise UserError(
            _("a review has at most %(most)s customers, and this one %(count)s") % {"most": MOST_ITEMS, "count": size},
            advice=_("Draw a sample, or take a smaller group."),
        )
