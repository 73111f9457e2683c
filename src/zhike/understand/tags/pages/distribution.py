"""How the numbers or days of a tag are distributed: ranges of a round width, each with those who are in it."""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from babel.dates import format_skeleton
from django.utils.translation import gettext as _

from zhike.collect.profiles.links import customers_url
from zhike.rules.bitmaps import members
from zhike.rules.text import text_of
from zhike.rules.tree import All, Between, Compare, Condition, Day, Number, TagValue
from zhike.rules.vocabulary import TagKind
from zhike.ui.charts import Bars
from zhike.ui.templatetags.formats import number, part_of, reader_locale, round_money
from zhike.understand.tags.computing.states import tag_state
from zhike.understand.tags.counting.columns import bands_at
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.pages.charts import most_frequent
from zhike.understand.tags.setting.folding import DAY_0
from zhike.understand.tags.setting.set_tags import current
from zhike.understand.tags.shown import TagShown
from zhike.warehouse.queries import Published

BINS = 10
FAR_OUT = 0.02  # of the customers at either end are put into one range
SKEWED = 5  # times the middle value, which the largest but a few exceed
MANY = 0.2  # of the customers at one value make it a range of its own
MONTHS_AT_MOST, QUARTERS_AT_MOST = 14, 14


@dataclass(frozen=True)
class Range:
    """From one number to below another, open where there is none, or one number alone; with the words for it."""

    low: float | None
    high: float | None
    label: str
    with_low: bool = True


@dataclass(frozen=True)
class Spread:
    """Where the values of a tag lie: ascending borders of bands, and how many are in each."""

    lower: Sequence[float]
    upper: Sequence[float]
    counts: Sequence[int]

    def at(self, part: float) -> float:
        """The value below which about this part of the customers lie."""
        places = np.cumsum(self.counts) / sum(self.counts)
        place = int(np.searchsorted(places, part))
        return float(self.upper[min(place, len(self.upper) - 1)])

    @property
    def has_spike(self) -> bool:
        """Many have the smallest value."""
        return self.lower[0] == self.upper[0] and self.counts[0] > MANY * sum(self.counts)

    def without_first(self) -> Spread:
        """All but the smallest band."""
        return Spread(self.lower[1:], self.upper[1:], self.counts[1:])


def distribution(tag: TagShown, now: Published) -> Bars | None:
    """The numbers or days of a tag as bars, each of which leads to its customers; None for another kind."""
    kind = TagKind(tag.row.kind)
    spread = _spread(tag.row.name, now) if kind in (TagKind.NUMBER, TagKind.DATE) else None
    if spread is None:
        return None
    show: Callable[[float], str] = round_money if tag.unit == "currency" else _plain
    ranges = list(_days(spread) if kind == TagKind.DATE else _numbers(spread, show))
    conditions = [_within(tag.row.name, one, kind) for one in ranges]
    index = index_of(now)
    counts = [len(members(condition, index)) for condition in conditions]
    most = max(range(len(ranges)), key=counts.__getitem__)
    return Bars(
        finding=most_frequent(ranges[most].label, part_of(counts[most], sum(counts))),
        category=tag.row.title,
        measure=_("Customers"),
        labels=[one.label for one in ranges],
        values=counts,
        is_horizontal=kind == TagKind.NUMBER,
        links=[
            customers_url(text_of(condition)) if count else ""
            for condition, count in zip(conditions, counts, strict=True)
        ],
    )


def _spread(name: str, now: Published) -> Spread | None:
    state = tag_state(now.snapshots, name)
    if state is not None and not state.is_set:
        bands = bands_at(state.bitmaps)
        counts = [len(band) for band in bands.bands]
        return Spread(bands.lower.tolist(), bands.upper.tolist(), counts) if counts else None
    values, counted = np.unique(current(name).numbers, return_counts=True)
    return Spread(values.tolist(), values.tolist(), counted.tolist()) if len(values) else None


def _numbers(spread: Spread, show: Callable[[float], str]) -> Iterator[Range]:
    is_whole = all(value == int(value) for value in (*spread.lower, *spread.upper))
    below = None  # a range of its own, which the first of the others does not take in
    if spread.has_spike:
        below = spread.lower[0]
        yield Range(below, below, show(below))
        if len(spread.lower) == 1:
            return
        spread = spread.without_first()
    before, *borders = _borders(spread, is_whole=is_whole)
    for border in borders:
        is_first = below is not None and before <= below
        low = below if is_first else before
        words = f"< {show(border)}" if is_first else _range_words(before, border, show, is_whole=is_whole)
        yield Range(low, border, words, with_low=not is_first)
        before = border
    yield Range(before, None, f"≥ {show(before)}")


def _borders(spread: Spread, *, is_whole: bool) -> list[float]:
    """Round numbers from the smallest value on; the last begins the range that is open.

    Where a few are far larger than most, as with money, each is about twice the one before; else they are even.
    """
    low, high = spread.at(FAR_OUT), spread.at(1 - FAR_OUT)
    if low >= 0 and high > SKEWED * max(spread.at(0.5), 1e-9):
        return _doubling(max(spread.at(0.1), high / 1000), high)
    step = _round_step((high - low) / BINS) if high > low else 1.0
    step = max(step, 1.0) if is_whole else step
    start = math.floor(min(low, max(spread.lower[0], low - step)) / step) * step
    return [start + place * step for place in range(max(2, math.ceil((high - start) / step)))]


def _doubling(low: float, high: float) -> list[float]:
    power = 10.0 ** math.floor(math.log10(low))
    borders = [0.0]
    while borders[-1] < high:
        borders += [factor * power for factor in (1, 2, 5) if low < factor * power]
        power *= 10
    return [border for border in borders if border <= high]


def _range_words(low: float, high: float, show: Callable[[float], str], *, is_whole: bool) -> str:
    last = high - 1 if is_whole else high
    return show(low) if last == low else f"{show(low)}–{show(last)}"


def _round_step(width: float) -> float:
    power = 10.0 ** math.floor(math.log10(width))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= width)


def _days(spread: Spread) -> Iterator[Range]:
    """Whole months, quarters or years, whichever are about ten; what lies far back is one."""
    first, last = _day(spread.at(FAR_OUT)), _day(spread.upper[-1])
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    size, skeleton = (
        (1, "yMMM") if months <= MONTHS_AT_MOST else (3, "yQQQ") if months <= 3 * QUARTERS_AT_MOST else (12, "y")
    )
    start = date(first.year, (first.month - 1) // size * size + 1, 1)
    if _day(spread.lower[0]) < start:
        yield Range(None, _distance(start), _("before %(day)s") % {"day": _named(start, skeleton)})
    while start <= last:
        following = _months_after(start, size)
        yield Range(_distance(start), _distance(following), _named(start, skeleton))
        start = following


def _named(day: date, skeleton: str) -> str:
    return str(format_skeleton(skeleton, day, locale=reader_locale()))


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _within(name: str, one: Range, kind: TagKind) -> Condition:
    value = TagValue(tag=name)
    if kind == TagKind.DATE:
        assert one.high is not None
        until = Day(value=_day(one.high - 1))
        if one.low is None:
            return Compare(operator="<=", left=value, right=until)
        return Between(value=value, low=Day(value=_day(one.low)), high=until)
    assert one.low is not None
    from_low = Compare(operator=">=" if one.with_low else ">", left=value, right=_number(one.low))
    if one.high is None:
        return from_low
    if one.high == one.low:
        return Compare(operator="=", left=value, right=_number(one.low))
    return All(of=(from_low, Compare(operator="<", left=value, right=_number(one.high))))


def _number(value: float) -> Number:
    return Number(value=Decimal(f"{value:.10g}"))


def _plain(value: float) -> str:
    return number(int(value) if value == int(value) else value)


def _day(distance: float) -> date:
    return DAY_0 + timedelta(days=int(distance))


def _distance(day: date) -> float:
    return float((day - DAY_0).days)
