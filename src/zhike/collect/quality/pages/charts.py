"""The charts of data quality, each titled with its answer."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from zhike.collect.quality.pages.links import failing_url
from zhike.collect.quality.places import Place
from zhike.collect.quality.queries import Point
from zhike.collect.quality.reviewing.results import Results
from zhike.collect.quality.words import DIMENSIONS, field_title, group_title
from zhike.ui.charts import Bars, Intervals, Trend
from zhike.ui.templatetags.formats import day, share

FLAT = 0.002  # a change of less is none
MOST_BARS = 20


def trend_chart(points: Sequence[Point]) -> Trend | None:
    """How the figure of each dimension went from refresh to refresh; none while there was but one."""
    if len(points) < 2:
        return None
    known = [name for name in DIMENSIONS if any(point.shares.get(name) is not None for point in points)]
    return Trend(
        finding=_went(points, known),
        category=_("As of"),
        measure=_("Fulfilled"),
        days=[day(point.as_of) for point in points],
        lines=[(DIMENSIONS[name], [point.shares.get(name) for point in points]) for name in known],
        format="share",
    )


def rule_trend_chart(points: Sequence[Point], rule: str) -> Trend | None:
    """How one rule went since it says what it says."""
    if len(points) < 2:
        return None
    return Trend(
        finding=_of_one(points, rule, _("Those who fulfil it")),
        category=_("As of"),
        measure=_("Fulfilled"),
        days=[day(point.as_of) for point in points],
        lines=[(_("Fulfilled"), [point.shares.get(rule) for point in points])],
        format="share",
    )


def _went(points: Sequence[Point], names: Sequence[str]) -> str:
    """The dimension that changed most since the day before."""
    moved = max(names, key=lambda name: abs(_change(points, name)))
    return _of_one(points, moved, str(DIMENSIONS[moved]))


def _change(points: Sequence[Point], name: str) -> float:
    known = [value for point in points if (value := point.shares.get(name)) is not None]
    return known[-1] - known[0] if known else 0.0


def _of_one(points: Sequence[Point], name: str, title: str) -> str:
    known = [(point.as_of, value) for point in points if (value := point.shares.get(name)) is not None]
    if not known:
        return title
    words = {"what": title, "first": share(known[0][1]), "last": share(known[-1][1]), "since": day(known[0][0])}
    change = known[-1][1] - known[0][1]
    if abs(change) < FLAT:
        return _("%(what)s: steady at %(last)s since %(since)s") % words
    if change > 0:
        return _("%(what)s: up from %(first)s to %(last)s since %(since)s") % words
    return _("%(what)s: down from %(first)s to %(last)s since %(since)s") % words


def groups_chart(rule: str, by: str, counted: Sequence[tuple[str, int, int]]) -> Bars | None:
    """How many fail a rule in each group, the most first; each bar leads to them."""
    failing = [(key, applies - good) for key, applies, good in counted if applies > good][:MOST_BARS]
    if not failing:
        return None
    most, whole = failing[0], sum(applies - good for _key, applies, good in counted)
    words = {"group": group_title(by, most[0]), "share": share(most[1] / whole)}
    return Bars(
        finding=_("%(group)s has most of those who fail: %(share)s") % words,
        category=_("Where"),
        measure=_("Customers who fail"),
        labels=[group_title(by, key) for key, _count in failing],
        values=[count for _key, count in failing],
        links=[failing_url(rule, Place(**{by: key})) for key, _count in failing],
        is_horizontal=True,
    )


def fields_chart(found: Results, target: float) -> Intervals | None:
    """How many values of each field were right, with the interval in which the truth lies."""
    known = [(one, one.reviewed.share) for one in found.fields if one.reviewed.share is not None]
    if not known:
        return None
    worst, worst_share = min(known, key=lambda one: one[1].share)
    return Intervals(
        finding=_("%(field)s is right least often: %(share)s")
        % {"field": field_title(worst.field), "share": share(worst_share.share)},
        category=_("Field"),
        measure=_("Right"),
        labels=[field_title(one.field) for one, _share in known],
        values=[one_share.share for _one, one_share in known],
        lows=[one_share.interval.low for _one, one_share in known],
        highs=[one_share.interval.high for _one, one_share in known],
        format="share",
        reference=target,
        is_relative=False,
    )
