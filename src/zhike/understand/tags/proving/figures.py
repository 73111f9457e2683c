"""How many customers have which value of every tag, kept for each refresh: what coverage and trend are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from zhike.errors import UserError
from zhike.rules.vocabulary import TagKind
from zhike.understand.tags.computing.states import tag_state
from zhike.understand.tags.counting.held import value_counts
from zhike.understand.tags.definitions import TagDefinition, published_tags
from zhike.understand.tags.models import Tag, TagFigure, TagVersion
from zhike.understand.tags.setting.set_tags import current
from zhike.warehouse.queries import Published, published

ANY = ""  # in the place of a value: all who have one
POINTS_SHOWN = 30


@dataclass(frozen=True)
class TrendPoint:
    """How many had a tag on a day, of how many."""

    as_of: date
    customers: int
    of_customers: int

    @property
    def share(self) -> float:
        return self.customers / self.of_customers if self.of_customers else 0.0


@dataclass(frozen=True)
class Counts:
    """How many have a tag in a refresh: in all, and each value of a category."""

    customers: int
    values: Mapping[str, int]
    as_of: date  # the day as of which it was computed
    version: int | None  # of the definition that it was computed by; None for a set tag


def counts_of(now: Published, tag: TagDefinition) -> Counts | None:
    """The counts of a tag in force; None for one that was never computed."""
    if tag.is_set:
        given = current(tag.name)
        by_value = {value: len(customers) for value, customers in given.values.items()}
        return Counts(len(given.everybody), by_value if tag.kind == TagKind.CATEGORY else {}, now.as_of, None)
    state = tag_state(now.snapshots, tag.name)
    if state is None:
        return None
    found = value_counts(now, tag.name)
    values = found if tag.kind == TagKind.CATEGORY else {}
    return Counts(sum(found.values()), values, state.as_of, state.version)


def counts_kept(now: Published) -> dict[str, Counts]:
    """The counts of all tags that were kept of a refresh, without those of single values; from one query."""
    kept = TagFigure.objects.filter(refresh_id=now.refresh_id, value=ANY)
    columns = ("tag__name", "customer_count", "as_of", "version__number")
    return {name: Counts(count, {}, as_of, number) for name, count, as_of, number in kept.values_list(*columns)}


def record_figures() -> int:
    """How many figures were kept of the refresh in force; none that are kept already."""
    now = published()
    kept = set(TagFigure.objects.filter(refresh_id=now.refresh_id).values_list("tag__name", flat=True))
    tags = dict(Tag.objects.values_list("name", "pk"))
    versions = {
        (version.tag_id, version.number): version.pk for version in TagVersion.objects.only("pk", "tag_id", "number")
    }
    figures = [
        TagFigure(
            tag_id=tags[tag.name],
            version_id=versions.get((tags[tag.name], counts.version or tag.version)),
            refresh_id=now.refresh_id,
            as_of=counts.as_of,
            value=value,
            customer_count=count,
            of_customers=now.customer_count,
        )
        for tag in published_tags()
        if tag.name not in kept and (counts := counts_of(now, tag)) is not None
        for value, count in {ANY: counts.customers, **counts.values}.items()
    ]
    # Somebody else may be keeping the same at the same moment.
    TagFigure.objects.bulk_create(figures, ignore_conflicts=True, batch_size=500)
    return len(figures)


def record_quietly() -> None:
    """Keeps the figures of the refresh in force; without them only the trend has a gap."""
    try:
        record_figures()
    except UserError:  # put back, or cleaned up, before it was looked at
        return


def trends(names: Iterable[str]) -> dict[str, tuple[TrendPoint, ...]]:
    """The trend of each of these tags, the oldest point first; of several refreshes as of one day the last."""
    newest = TagFigure.objects.order_by("-refresh_id").values_list("refresh_id", flat=True).distinct()
    found = TagFigure.objects.filter(value=ANY, tag__name__in=list(names), refresh_id__in=newest[: 2 * POINTS_SHOWN])
    points: dict[str, dict[date, TrendPoint]] = {}
    columns = ("tag__name", "as_of", "customer_count", "of_customers")
    for name, as_of, customers, of_customers in found.order_by("refresh_id").values_list(*columns):
        points.setdefault(name, {})[as_of] = TrendPoint(as_of, customers, of_customers)
    return {name: tuple(by_day[day] for day in sorted(by_day))[-POINTS_SHOWN:] for name, by_day in points.items()}
