"""The charts of a tag's page, each titled with its answer."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from zhike.collect.profiles.links import customers_url
from zhike.rules.text import text_of
from zhike.rules.tree import HasTag
from zhike.stats.weighted import Share
from zhike.ui.charts import Bars, Intervals, Trend
from zhike.ui.templatetags.formats import day, number, part_of, share
from zhike.understand.tags.proving.accuracy import Accuracy
from zhike.understand.tags.proving.figures import TrendPoint
from zhike.understand.tags.proving.later import CameTrue, LaterAccuracy
from zhike.understand.tags.shown import TagShown

MOST_VALUES = 20
FLAT = 0.005  # a change of less than half a per cent is none


def having_url(tag: str, *values: str) -> str:
    """The list of those who have a tag, or one of these values of it."""
    return customers_url(text_of(HasTag(tag=tag, values=values)))


def values_chart(tag: TagShown) -> Bars | None:
    """How many have each value of a category, in the order of its values; each bar leads to them."""
    counted = [one for one in tag.values if one.customers is not None]
    if not counted or not any(one.customers for one in counted):
        return None
    shown = counted[:MOST_VALUES]
    most = max(counted, key=lambda one: one.customers or 0)
    having = sum(one.customers or 0 for one in counted)
    return Bars(
        finding=most_frequent(most.title, part_of(most.customers, having)),
        category=_("Value"),
        measure=_("Customers"),
        labels=[one.title for one in shown],
        values=[one.customers for one in shown],
        links=[having_url(tag.row.name, one.value) if one.customers else "" for one in shown],
        is_horizontal=True,
    )


def most_frequent(value: str, part: float) -> str:
    """Which value most have, as a sentence."""
    words = _("%(value)s is the most frequent: %(share)s of those who have the tag")
    return words % {"value": value, "share": share(part)}


def trend_chart(points: Sequence[TrendPoint]) -> Trend | None:
    """How many had the tag from refresh to refresh; none while there was but one."""
    if len(points) < 2:
        return None
    return Trend(
        finding=_went(points),
        category=_("As of"),
        measure=_("Share of all customers"),
        days=[day(point.as_of) for point in points],
        lines=((_("Share of all customers"), [point.share for point in points]),),
        format="share",
    )


def _went(points: Sequence[TrendPoint]) -> str:
    first, last = points[0], points[-1]
    words = {"first": share(first.share), "last": share(last.share), "since": day(first.as_of)}
    if abs(last.share - first.share) < FLAT * max(first.share, last.share):
        return _("Steady at %(last)s of all customers since %(since)s") % words
    if last.share > first.share:
        return _("Up from %(first)s to %(last)s of all customers since %(since)s") % words
    return _("Down from %(first)s to %(last)s of all customers since %(since)s") % words


def accuracy_chart(found: Accuracy) -> Intervals | None:
    """How often each value was right by the reviews, with the interval in which the truth lies."""
    judged = [one for one in found.values if one.precision is not None]
    if found.precision is None or not judged:
        return None
    shares = [one.precision for one in judged if one.precision is not None]
    return Intervals(
        finding=right_in_words(found.precision),
        category=_("Value"),
        measure=_("Right, of those looked at"),
        labels=[one.title or _("all values") for one in judged],
        values=[one.share for one in shares],
        lows=[one.interval.low for one in shares],
        highs=[one.interval.high for one in shares],
        format="share",
        reference=None,
        is_relative=False,
        notes=[(number(one.judged),) for one in judged],
        note_titles=(_("Looked at"),),
    )


def right_in_words(found: Share) -> str:
    """How often a tag is right, with the interval in which the truth lies."""
    words = _("Right for %(share)s of whom it names (%(low)s to %(high)s)")
    interval = found.interval
    return words % {"share": share(found.share), "low": share(interval.low), "high": share(interval.high)}


def later_chart(found: LaterAccuracy) -> Intervals | None:
    """For how many of each value the later fact holds, beside everybody."""
    named: list[CameTrue] = [one for one in found.values or (found.any_value,) if one is not None and one.precision]
    if not named or found.base_share is None:
        return None
    shares = [one.precision for one in named if one.precision is not None]
    best = max(named, key=lambda one: one.precision.share if one.precision else 0.0)
    assert best.precision is not None
    words = _("It came true for %(share)s of %(value)s, and for %(base)s of everybody")
    if not best.precision.share:
        words = _("It has come true for none of those it named, and for %(base)s of everybody")
    if not found.held:
        words = _("It has come true for nobody so far")
    return Intervals(
        finding=words % {"share": share(best.precision.share), "value": best.title, "base": share(found.base_share)},
        category=_("Value"),
        measure=_("For whom it came true"),
        labels=[one.title for one in named],
        values=[one.share for one in shares],
        lows=[one.interval.low for one in shares],
        highs=[one.interval.high for one in shares],
        format="share",
        reference=found.base_share,
        is_relative=False,
        notes=[(number(one.named),) for one in named],
        note_titles=(_("Named then"),),
    )
