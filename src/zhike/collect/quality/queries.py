"""How good the data are: figures against their targets, by org unit, channel, source and agent, and how they went."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from ibis.expr.types import Table

from zhike.collect.quality.definitions import RuleDefinition, rules_by_name, rules_in_force
from zhike.collect.quality.models import QualityRule
from zhike.collect.quality.places import COLUMNS, NOWHERE, Place, unit_shown
from zhike.collect.quality.reviewing.results import Reviewed, not_looked_at, reviewed_accuracy, reviewed_by
from zhike.collect.quality.tables import QUALITY_COUNTS
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.warehouse import catalog
from zhike.warehouse.engines import engine
from zhike.warehouse.models import Refresh
from zhike.warehouse.queries import Published, published, rows

EVERYBODY = ""
POINTS_SHOWN = 30
DIMENSIONS = tuple(QualityRule.Dimension.values)
Counts = Mapping[tuple[str, str], tuple[int, int]]  # group and rule → applies, good
CountsOfVersions = Mapping[tuple[str, str, int], tuple[int, int]]  # group, rule and its version


class NotCountedYet(UserError):
    """The refresh in force was made before quality was counted."""

    status = 503


@dataclass(frozen=True)
class RuleFigure:
    """One rule, to how many it applies, and how many fulfil it."""

    rule: RuleDefinition
    applies: int
    good: int
    is_counted: bool = True  # the refresh in force knows the rule as it is now

    @property
    def share(self) -> float | None:
        return self.good / self.applies if self.applies else None

    @property
    def failing(self) -> int:
        return self.applies - self.good

    @property
    def lacking(self) -> int:
        """How many more would have to fulfil it to reach the target."""
        return max(0, math.ceil(self.rule.target * self.applies - 1e-9) - self.good)

    @property
    def is_on_target(self) -> bool | None:
        return None if self.share is None else not self.lacking


@dataclass(frozen=True)
class Kpi:
    """The figure of one dimension: what share of what the rules ask is fulfilled, each by its weight."""

    dimension: str
    share: float | None  # None: nothing was measured
    target: float | None
    basis: str  # rules, checks (of the values themselves), reviews; empty where nothing was measured
    reviewed: Reviewed | None = None  # behind an accuracy by reviews, with its interval
    not_looked_at: int = 0  # customers of that sample, which was closed without them

    @property
    def is_on_target(self) -> bool | None:
        return None if self.share is None or self.target is None else self.share >= self.target


@dataclass(frozen=True)
class Group:
    """One unit, channel, source or agent."""

    key: str
    customers: int
    shares: Mapping[str, float | None]  # dimension → share
    reviewed: Reviewed | None


@dataclass(frozen=True)
class Board:
    """How good the data are in one place."""

    place: Place
    refresh_id: int
    as_of: date
    customers: int
    kpis: tuple[Kpi, ...]
    rules: tuple[RuleFigure, ...]  # those that lack most customers first

    def kpi(self, dimension: str) -> Kpi:
        """The figure of a dimension."""
        return next(kpi for kpi in self.kpis if kpi.dimension == dimension)


@dataclass(frozen=True)
class Point:
    """The figures as of a day."""

    as_of: date
    shares: Mapping[str, float | None]  # dimension, or name of a rule → share


def board(place: Place | None = None) -> Board:
    """The figures of a place in the refresh in force. Raises Denied, NothingPublished, NotCountedYet."""
    require(Right.SEE_CUSTOMERS)
    place, now = place or Place(), published()
    rules = rules_in_force()
    counts = _of_versions(_counts(_snapshot(now), place, ""), rules)
    figures = [_figure(rule, counts, now) for rule in rules]
    reviewed = reviewed_accuracy(place)
    return Board(
        place=place,
        refresh_id=now.refresh_id,
        as_of=now.as_of,
        customers=counts.get((EVERYBODY, EVERYBODY), (0, 0))[0],
        kpis=tuple(_kpi(dimension, figures, reviewed, place) for dimension in DIMENSIONS),
        rules=tuple(sorted(figures, key=_gap)),
    )


def groups(by: str, place: Place | None = None) -> tuple[Group, ...]:
    """The figures of every unit, channel, source or agent of a place, the largest first.

    Units are those right below the one asked for, each with all below it, and that one alone.
    """
    require(Right.SEE_CUSTOMERS)
    check_by(by)
    place = place or Place()
    rules, reviewed = rules_in_force(), reviewed_by(by, place)
    counts = _of_versions(_counts(_snapshot(published()), place, by), rules)
    if by == "unit":
        counts = _rolled_up(counts, place.unit)
    found = []
    for key in dict.fromkeys(key for key, _rule in counts):
        figures = [RuleFigure(rule, *counts.get((key, rule.name), (0, 0))) for rule in rules]
        shares = {dimension: _weighted(figures, dimension) for dimension in DIMENSIONS}
        found.append(Group(key or NOWHERE, counts[key, EVERYBODY][0], shares, reviewed.get(key)))
    return tuple(sorted(found, key=lambda group: (-group.customers, group.key)))


def rule_groups(rule: str, by: str, place: Place | None = None) -> tuple[tuple[str, int, int], ...]:
    """Of every unit, channel, source or agent: its key, to how many a rule applies, and how many fulfil it.

    Nothing of a rule that is retired, or was changed after it was counted.
    """
    require(Right.SEE_CUSTOMERS)
    check_by(by)
    place = place or Place()
    counts = _of_versions(_counts(_snapshot(published()), place, by), rules_in_force())
    if by == "unit":
        counts = _rolled_up(counts, place.unit)
    found = [(key or NOWHERE, *pair) for (key, name), pair in counts.items() if name == rule]
    return tuple(sorted(found, key=lambda one: (one[2] - one[1], one[0])))


def trend(place: Place | None = None, *, rule: str = "") -> tuple[Point, ...]:
    """The figures of every refresh that is kept, the oldest first: of all dimensions, or of one rule since it says
    what it says now. Rules weigh in the past as they do today."""
    require(Right.SEE_CUSTOMERS)
    place, rules = place or Place(), rules_by_name()
    wanted = rules.get(rule)
    if rule and not wanted:
        return ()  # it is retired
    points = []
    for as_of, snapshot in _history():
        found = _counts(snapshot, place, "")
        counts = _of_versions(found, [wanted]) if wanted else _of_any_version(found)
        figures = [RuleFigure(one, *counts.get((EVERYBODY, one.name), (0, 0))) for one in rules.values()]
        if wanted:
            shares = {rule: next(figure.share for figure in figures if figure.rule.name == rule)}
        else:
            shares = {dimension: _weighted(figures, dimension) for dimension in DIMENSIONS}
        if any(share is not None for share in shares.values()):
            points.append(Point(as_of, shares))
    return tuple(points)


def check_by(by: str) -> None:
    """Raises UserError for what no board is cut by."""
    if by not in COLUMNS:
        raise UserError(
            _("nothing is counted by “%(by)s”") % {"by": by},
            where="by",
            advice=_("Choose one of %(values)s.") % {"values": ", ".join(COLUMNS)},
        )


def _figure(rule: RuleDefinition, counts: Counts, now: Published) -> RuleFigure:
    applies, good = counts.get((EVERYBODY, rule.name), (0, 0))
    # No row is written of a rule that applies to nobody, nor of one that came later.
    is_newer = rule.changed_at is not None and rule.changed_at > _begun_at(now.refresh_id)
    return RuleFigure(rule, applies, good, is_counted=bool(applies) or not is_newer)


@lru_cache(maxsize=4)
def _begun_at(refresh_id: int) -> datetime:
    return Refresh.objects.values_list("started_at", flat=True).get(pk=refresh_id)


def _of_versions(counts: CountsOfVersions, rules: Iterable[RuleDefinition]) -> Counts:
    """The counts of everybody, and of these rules as they are now: what one said before was another question."""
    wanted = {rule.name: rule.version for rule in rules} | {EVERYBODY: 0}
    return {(group, rule): pair for (group, rule, version), pair in counts.items() if wanted.get(rule) == version}


def _of_any_version(counts: CountsOfVersions) -> Counts:
    """The counts of all rules; a refresh knows one version of each."""
    return {(group, rule): pair for (group, rule, _version), pair in counts.items()}


def _kpi(dimension: str, figures: Sequence[RuleFigure], reviewed: Reviewed | None, place: Place) -> Kpi:
    share, target = _weighted(figures, dimension), _target(figures, dimension)
    if dimension != QualityRule.Dimension.ACCURACY:
        return Kpi(dimension, share, target, "rules" if share is not None else "")
    if reviewed is not None and reviewed.share is not None:
        return Kpi(dimension, reviewed.share.share, target, "reviews", reviewed, not_looked_at(place))
    return Kpi(dimension, share, target, "checks" if share is not None else "", reviewed)


def _weighted(figures: Iterable[RuleFigure], dimension: str) -> float | None:
    own = [figure for figure in figures if figure.rule.dimension == dimension]
    asked = sum(figure.rule.weight * figure.applies for figure in own)
    return sum(figure.rule.weight * figure.good for figure in own) / asked if asked else None


def _target(figures: Iterable[RuleFigure], dimension: str) -> float | None:
    """What the figure of a dimension should be: the targets of its rules, each by its weight."""
    own = [figure.rule for figure in figures if figure.rule.dimension == dimension]
    weights = sum(rule.weight for rule in own)
    return round(sum(rule.weight * rule.target for rule in own) / weights, 6) if weights else None


def _gap(figure: RuleFigure) -> tuple[bool, int, float, str]:
    return (figure.share is None, -figure.lacking, (figure.share or 0.0) - figure.rule.target, figure.rule.name)


def _snapshot(now: Published) -> int | None:
    """The counts of a refresh; none of one without customers."""
    snapshot = now.snapshots.get(QUALITY_COUNTS.table)
    if snapshot is None and now.customer_count:
        raise NotCountedYet(
            _("the quality of the data was not counted yet"), advice=_("Refresh once: `zhike refresh`.")
        )
    return snapshot


def _counts(snapshot: int | None, place: Place, by: str) -> CountsOfVersions:
    # The units below one are looked up anew each time: a new import may have moved some.
    asked = {name: place.values(name) for name in place.asked}
    return _read(settings.ZHIKE.catalog_uri, snapshot, place, str(asked), by)


@lru_cache(maxsize=256)
def _read(_catalog: str, snapshot: int | None, place: Place, _asked: str, by: str) -> CountsOfVersions:
    counts = place.within(_table(snapshot))
    counts = counts.mutate(version=counts.version.fill_null(0))
    keys = ["rule", "version", *([COLUMNS[by]] if by else [])]
    summed = counts.group_by(keys).agg(applies=counts.applies_count.sum(), good=counts.good_count.sum())
    return {
        (str(row[COLUMNS[by]]) if by else EVERYBODY, str(row["rule"]), _whole(row["version"])): (
            *(_whole(row["applies"]), _whole(row["good"])),
        )
        for row in rows(summed)
    }


def _whole(value: Any) -> int:
    return int(value)


def _table(snapshot: int | None) -> Table:
    files = catalog.files_of(QUALITY_COUNTS, snapshot)
    return engine().open(QUALITY_COUNTS, [file.path for file in files])


def _history() -> list[tuple[date, int]]:
    """The day and the snapshot of every refresh whose counts are kept; of several as of one day the last."""
    kept = {snapshot.snapshot_id for snapshot in catalog.table_of(QUALITY_COUNTS).snapshots()}
    finished = Refresh.objects.filter(state=Refresh.State.FINISHED).order_by("pk").only("as_of", "outputs")
    by_day = {refresh.as_of: refresh.outputs.get(QUALITY_COUNTS.table) for refresh in finished}
    return [(day, by_day[day]) for day in sorted(by_day) if by_day[day] in kept][-POINTS_SHOWN:]


def _rolled_up(counts: Counts, unit: str) -> Counts:
    """The counts of each unit right below this one, with all below it; the customers of this one alone under its id."""
    above = unit_shown(unit)
    summed: dict[tuple[str, str], tuple[int, int]] = {}
    for (key, rule), (applies, good) in counts.items():
        group = (above.get(key, key), rule)
        before = summed.get(group, (0, 0))
        summed[group] = (before[0] + applies, before[1] + good)
    return summed
