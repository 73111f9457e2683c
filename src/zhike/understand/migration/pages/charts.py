"""The charts of how customers move, each titled with its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.collect.profiles.links import customers_url
from zhike.stats.markov.chain import Estimates
from zhike.ui.charts import HeatMap, Trend
from zhike.ui.sankey import Sankey
from zhike.ui.templatetags.formats import number, share
from zhike.understand.lifecycle import stages
from zhike.understand.lifecycle.periods import name_of
from zhike.understand.migration.stage_history import Moved, StageHistory
from zhike.understand.migration.study import Migration
from zhike.understand.migration.tag_history import TagFlows

TONES = {stages.INTERRUPTED: "bad", stages.DECLINING: "busy", stages.STABLE: "", stages.PROSPECT: ""}
Rule = Callable[[str, str], str]  # of the state that customers came from and the one they are in: who that is now


@dataclass(frozen=True)
class Called:
    """What states are called, and how the customers of a move are found."""

    titles: dict[str, str]
    rule: Rule
    unit: str

    def url(self, come: str, go: str) -> str:
        """The list of those who are in a state now, and came from another; empty where no rule says it."""
        return customers_url(self.rule(come, go), self.unit)


def matrix(found: Migration, called: Called, moved: Moved | None = None) -> HeatMap:
    """The shares that go from each state to each, with how many and the interval.

    A cell leads to who made the move within a year and is there still, where anybody is; one on the diagonal to who is
    in the state now.
    """
    observed, shares = found.observed, found.shares
    names = [called.titles[state] for state in observed.states]
    counts = observed.counts
    return HeatMap(
        finding=_surest(found, names),
        x_title=_("A month later"),
        y_title=_("State"),
        measure=_("Share of those who were there"),
        x_labels=names,
        y_labels=names,
        values=[
            [value if counts[up, across] else None for across, value in enumerate(row)]
            for up, row in enumerate(shares.values.tolist())
        ],
        format="share",
        links=[
            [called.url(come, go) if _led(moved, come, go) else "" for go in observed.states]
            for come in observed.states
        ],
        y_links=[called.url("", state) for state in observed.states],
        notes=[
            [_note(shares, counts, up, across) + _told(moved, come, go) for across, go in enumerate(observed.states)]
            for up, come in enumerate(observed.states)
        ],
        first_on_top=True,
        is_rooted=True,
    )


def _led(moved: Moved | None, come: str, go: str) -> int:
    """How many customers the link of a cell has."""
    if moved is None:
        return 0
    return moved.now.get(go, 0) if come == go else moved.still_there.get((come, go), 0)


def _told(moved: Moved | None, come: str, go: str) -> str:
    count = _led(moved, come, go)
    if not count:
        return ""
    if come == go:
        return " · " + _("%(count)s are there now") % {"count": number(count)}
    return " · " + _("%(count)s who did are there still") % {"count": number(count)}


def _note(shares: Estimates, counts: np.ndarray, up: int, across: int) -> str:
    seen = _("%(count)s of %(total)s moves") % {
        "count": number(int(counts[up, across])),
        "total": number(int(counts[up].sum())),
    }
    if shares.low is None or shares.high is None:
        return seen
    borders = {"low": share(float(shares.low[up, across])), "high": share(float(shares.high[up, across]))}
    return f"{seen} · {_('%(low)s to %(high)s') % borders}"


def _surest(found: Migration, names: Sequence[str]) -> str:
    """The move from one state to another that is made by the largest share."""
    shares = np.where(found.observed.counts > 0, found.shares.values, 0.0)
    np.fill_diagonal(shares, 0.0)
    if not shares.any():
        return _("Nobody went from one state to another.")
    up, across = divmod(int(shares.argmax()), len(names))
    return _("Of “%(come)s”, %(share)s are “%(go)s” a month later: no move is surer") % {
        "come": names[up],
        "go": names[across],
        "share": share(float(shares[up, across])),
    }


def flows(history: StageHistory, since: int, called: Called) -> Sankey | None:
    """From the stages at the end of a month to those at the end of the last complete one; None where nobody was there.

    Who bought for the first time since comes from the prospects.
    """
    found = history.went(since)
    if not found:
        return None
    left = [stage for stage in stages.STAGES if any(come == stage for come, _go in found)]
    right = [stage for stage in stages.BUYERS if any(go == stage for _come, go in found)]
    then = name_of(since, "month")
    ends = [_("At the end of %(month)s") % {"month": month} for month in (then, name_of(history.last, "month"))]
    tones = [TONES.get(stage, "good") for stage in right]
    return _sankey(found, (left, right), (ends[0], ends[1]), _changed(found, then, called), tones, called)


def flows_of_values(found: TagFlows, called: Called) -> Sankey:
    """From the values of a tag in one month to those in the newest that is kept."""
    then = name_of(found.since, "month")
    ends = (then, name_of(found.last, "month"))
    left = [state for state in found.states if any(come == state for come, _go in found.flows)]
    right = [state for state in found.states if any(go == state for _come, go in found.flows)]
    return _sankey(found.flows, (left, right), ends, _changed_value(found, then, called), [""] * len(right), called)


def _sankey(
    found: Mapping[tuple[str, str], int],
    sides: tuple[Sequence[str], Sequence[str]],
    titles: tuple[str, str],
    finding: str,
    tones: Sequence[str],
    called: Called,
) -> Sankey:
    left, right = sides
    listed = sorted(found.items(), key=lambda one: (left.index(one[0][0]), right.index(one[0][1])))
    return Sankey(
        finding=finding,
        left_title=titles[0],
        right_title=titles[1],
        measure=_("Customers"),
        left=[called.titles[state] for state in left],
        right=[called.titles[state] for state in right],
        flows=[(left.index(come), right.index(go), count) for (come, go), count in listed],
        tones=tones,
        links=[called.url("", go) for (_come, go), _count in listed],
    )


def _changed_value(found: TagFlows, then: str, called: Called) -> str:
    moved = {pair: count for pair, count in found.flows.items() if pair[0] != pair[1]}
    if not moved:
        return _("Nobody is in another state than in %(month)s") % {"month": then}
    (come, go), most = max(moved.items(), key=lambda one: one[1])
    return _("%(share)s are in another state than in %(month)s; most, %(count)s, went from “%(come)s” to “%(go)s”") % {
        "share": share(sum(moved.values()) / sum(found.flows.values())),
        "month": then,
        "count": number(most),
        "come": called.titles[come],
        "go": called.titles[go],
    }


def _changed(found: Mapping[tuple[str, str], int], then: str, called: Called) -> str:
    known = {pair: count for pair, count in found.items() if pair[0] != stages.PROSPECT}
    moved = {pair: count for pair, count in known.items() if pair[0] != pair[1]}
    if not moved:
        return _("Nobody is in another stage than at the end of %(month)s") % {"month": then}
    (come, go), most = max(moved.items(), key=lambda one: one[1])
    return _(
        "%(share)s are in another stage than at the end of %(month)s; most, %(count)s, went from “%(come)s” to “%(go)s”"
    ) % {
        "share": share(sum(moved.values()) / sum(known.values())),
        "month": then,
        "count": number(most),
        "come": called.titles[come],
        "go": called.titles[go],
    }


def stock(found: Migration, place: int, past: Sequence[tuple[str, int]], called: Called) -> Trend | None:
    """How many were in a state, and how many will be, with the interval; None where no stock is known."""
    ahead = found.forecast
    if ahead is None:
        return None
    values = ahead.values[:, place].tolist()
    low, high = (side[:, place].tolist() if side is not None else values for side in (ahead.low, ahead.high))
    before = [count for _month, count in past] or [values[0]]
    days = [month for month, _count in past] or [found.observed.last]
    start = _number(found.observed.last)
    days += [name_of(start + number, "month") for number in range(1, len(values))]
    gap: list[Any] = [None] * (len(before) - 1)
    lines = [
        (_("So far"), [*before, *[None] * (len(values) - 1)]),
        (_("Expected"), [*gap, *(round(value, 1) for value in values)]),
    ]
    nothing: list[Any] = [None] * len(days)
    bands = [(nothing, nothing), ([*gap, *(round(one, 1) for one in low)], [*gap, *(round(one, 1) for one in high)])]
    return Trend(
        finding=_expected(values, low[-1], high[-1], called.titles[found.observed.states[place]]),
        category=_("Month"),
        measure=_("Customers"),
        days=days,
        lines=lines,
        bands=bands,
    )


def _expected(values: Sequence[float], low: float, high: float, state: str) -> str:
    said = {
        "months": len(values) - 1,
        "count": number(round(values[-1])),
        "low": number(round(low)),
        "high": number(round(high)),
        "state": state,
        "now": number(round(values[0])),
    }
    if round(values[-1]) > round(values[0]):
        up = ngettext(
            "In a month %(count)s (%(low)s to %(high)s) will be “%(state)s”, up from %(now)s",
            "In %(months)s months %(count)s (%(low)s to %(high)s) will be “%(state)s”, up from %(now)s",
            len(values) - 1,
        )
        return up % said
    if round(values[-1]) < round(values[0]):
        down = ngettext(
            "In a month %(count)s (%(low)s to %(high)s) will be “%(state)s”, down from %(now)s",
            "In %(months)s months %(count)s (%(low)s to %(high)s) will be “%(state)s”, down from %(now)s",
            len(values) - 1,
        )
        return down % said
    same = ngettext(
        "In a month %(count)s (%(low)s to %(high)s) will be “%(state)s”, as now",
        "In %(months)s months %(count)s (%(low)s to %(high)s) will be “%(state)s”, as now",
        len(values) - 1,
    )
    return same % said


def _number(month: str) -> int:
    year, _dash, within = month.partition("-")
    return int(year) * 12 + int(within) - 1
