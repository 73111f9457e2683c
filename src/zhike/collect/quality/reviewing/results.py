"""What reviews say: of a campaign, its fields, units and agents, and of the data as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from zhike.collect.quality.models import ReviewCampaign, ReviewItem, ReviewOutcome
from zhike.collect.quality.places import COLUMNS, NOWHERE, Place, unit_shown
from zhike.collect.quality.reviewing.estimates import HANDFUL, Judged, Reviewed, accuracy
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.govern.organisation.queries import units, units_under

__all__ = ["Reviewed", "not_looked_at", "reviewed_accuracy", "reviewed_by"]

COUNTS_FOR = timedelta(days=400)  # a sample that is older says nothing of how the data are now
Verdict = ReviewOutcome.Verdict
JUDGED = Q(outcomes__verdict__in=ReviewOutcome.JUDGED, outcomes__was_empty=False)


@dataclass(frozen=True)
class FieldResult:
    """What was found of one field."""

    field: str
    verdicts: Mapping[str, int]
    was_empty: int
    reviewed: Reviewed


@dataclass(frozen=True)
class Standing:
    """What was found of the customers of one unit or agent, and how that is to be taken."""

    key: str  # empty: of none
    items: int
    done: int
    reviewed: Reviewed
    standing: str  # above or below the target beyond chance; else empty


@dataclass(frozen=True)
class Results:
    """What came of a campaign so far."""

    items: int
    done: int
    reviewed: Reviewed
    unjudged: tuple[str, ...]  # strata of which nobody was judged, so that nothing is said of all
    fields: tuple[FieldResult, ...]
    units: tuple[Standing, ...]  # the best first, those of whom nothing can be said last
    agents: tuple[Standing, ...]


@dataclass(frozen=True)
class _Seen:
    """A customer who was looked at, and where they belong."""

    judged: Judged
    places: Mapping[str, str]


def results(campaign: ReviewCampaign) -> Results:
    """What was found in a campaign. Raises Denied."""
    require(Right.SEE_CUSTOMERS)
    seen, sampled = _seen(campaign), _sampled(campaign)
    counts = campaign.items.aggregate(items=Count("pk"), done=Count("pk", filter=Q(state=ReviewItem.State.REVIEWED)))
    return Results(
        items=counts["items"],
        done=counts["done"],
        reviewed=accuracy([one.judged for one in seen], sampled, campaign.population),
        unjudged=tuple(name for name, count in campaign.population.items() if count and not sampled.get(name)),
        fields=_of_fields(campaign),
        units=_standings(campaign, seen, sampled, "unit_id"),
        agents=_standings(campaign, seen, sampled, "agent_id"),
    )


def reviewed_accuracy(place: Place) -> Reviewed | None:
    """What the newest random sample of everybody says of the customers of a place; none where there is no such."""
    campaign = _newest_sample(place)
    if campaign is None:
        return None
    wanted = {COLUMNS[name]: set(place.values(name)) for name in place.asked}
    seen = _seen(campaign)
    own = [one.judged for one in seen if all(one.places[name] in values for name, values in wanted.items())]
    return accuracy(own, _sampled(campaign), campaign.population)


def not_looked_at(place: Place) -> int:
    """How many customers of a place that sample left out, because it was closed before they were looked at."""
    campaign = _newest_sample(place)
    if campaign is None:
        return 0
    wanted = {f"{COLUMNS[name]}__in": place.values(name) for name in place.asked}
    return campaign.items.filter(state=ReviewItem.State.WAITING, **wanted).count()


def reviewed_by(by: str, place: Place) -> Mapping[str, Reviewed]:
    """The same of each unit, channel, source or agent; of a unit with all below it."""
    campaign = _newest_sample(place)
    if campaign is None:
        return {}
    above = unit_shown(place.unit) if by == "unit" else {}
    groups: dict[str, list[Judged]] = {}
    wanted = {COLUMNS[name]: set(place.values(name)) for name in place.asked}
    for one in _seen(campaign):
        if all(one.places[name] in values for name, values in wanted.items()):
            key = one.places[COLUMNS[by]]
            groups.setdefault(above.get(key, key), []).append(one.judged)
    sampled = _sampled(campaign)
    return {key: accuracy(judged, sampled, campaign.population) for key, judged in groups.items()}


def _newest_sample(place: Place) -> ReviewCampaign | None:
    """The newest random sample of everybody that is done, and which the place is a part of.

    One under way says nothing yet: those whose agent has left are looked at first, so the first are no random sample.
    """
    known = {unit.unit_id for unit in units()}
    samples = ReviewCampaign.objects.filter(
        kind=ReviewCampaign.Kind.SAMPLE, rule="", created_at__gt=timezone.now() - COUNTS_FOR
    ).annotate(
        done=Count("items", filter=Q(items__state=ReviewItem.State.REVIEWED)),
        waiting=Count("items", filter=Q(items__state=ReviewItem.State.WAITING)),
    )
    is_done = Q(waiting=0) | Q(state=ReviewCampaign.State.CLOSED)
    for campaign in samples.filter(is_done, done__gte=HANDFUL).order_by("-pk"):
        is_within = place.unit in known and place.unit != NOWHERE and place.unit in units_under(campaign.unit_id)
        if not campaign.unit_id or is_within:
            return campaign
    return None


def _seen(campaign: ReviewCampaign) -> list[_Seen]:
    rows = (
        campaign.items.filter(state=ReviewItem.State.REVIEWED)
        .annotate(
            fields=Count("outcomes", filter=JUDGED),
            right=Count("outcomes", filter=JUDGED & Q(outcomes__verdict=Verdict.CONFIRMED)),
        )
        .values("stratum", "fields", "right", *COLUMNS.values())
    )
    return [
        _Seen(
            Judged(row["stratum"], row["fields"], row["right"]),
            {column: row[column] for column in COLUMNS.values()},
        )
        for row in rows
    ]


def _sampled(campaign: ReviewCampaign) -> Mapping[str, int]:
    """How many were judged of each stratum."""
    return Counter(one.judged.stratum for one in _seen(campaign) if one.judged.fields)


def _of_fields(campaign: ReviewCampaign) -> tuple[FieldResult, ...]:
    found = ReviewOutcome.objects.filter(item__campaign=campaign, item__state=ReviewItem.State.REVIEWED)
    counted = found.values_list("field", "item__stratum", "verdict", "was_empty").annotate(count=Count("pk"))
    by_field: dict[str, list[tuple[str, str, bool, int]]] = {}
    for field, stratum, verdict, was_empty, count in counted:
        by_field.setdefault(field, []).append((stratum, verdict, was_empty, count))
    order = {name: place for place, name in enumerate(campaign.fields)}
    names = sorted(by_field, key=lambda name: order.get(name, len(order)))
    return tuple(_of_field(name, by_field[name], campaign.population) for name in names)


def _of_field(field: str, counted: Iterable[tuple[str, str, bool, int]], population: Mapping[str, int]) -> FieldResult:
    verdicts: Counter[str] = Counter()
    empty, judged = 0, []
    for stratum, verdict, was_empty, count in counted:
        verdicts[verdict] += count
        empty += count if was_empty else 0
        if verdict in ReviewOutcome.JUDGED and not was_empty:
            judged += [Judged(stratum, 1, int(verdict == Verdict.CONFIRMED))] * count
    sampled = Counter(one.stratum for one in judged)
    return FieldResult(field, verdicts, empty, accuracy(judged, sampled, population))


def _standings(
    campaign: ReviewCampaign, seen: Iterable[_Seen], sampled: Mapping[str, int], column: str
) -> tuple[Standing, ...]:
    judged: dict[str, list[Judged]] = {}
    for one in seen:
        judged.setdefault(one.places[column], []).append(one.judged)
    counted = campaign.items.values_list(column).annotate(
        items=Count("pk"), done=Count("pk", filter=Q(state=ReviewItem.State.REVIEWED))
    )
    found = []
    for key, items, done in counted.order_by(column):
        reviewed = accuracy(judged.get(key, []), sampled, campaign.population)
        found.append(Standing(key, items, done, reviewed, _standing(reviewed, campaign.target)))
    return tuple(sorted(found, key=_best_first))


def _standing(reviewed: Reviewed, target: float) -> str:
    """Whether the share is beyond the target by more than chance gives."""
    if reviewed.share is None:
        return ""
    return (
        "above" if reviewed.share.interval.low >= target else "below" if reviewed.share.interval.high < target else ""
    )


def _best_first(one: Standing) -> tuple[bool, float, str]:
    return (one.reviewed.share is None, -(one.reviewed.share.share if one.reviewed.share else 0.0), one.key)
