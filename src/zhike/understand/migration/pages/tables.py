"""What the page says of each state: stay, the long run, and what a customer in it is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from zhike.stats.markov.chain import Estimates
from zhike.ui.templatetags.formats import number, round_money, share
from zhike.understand.migration.pages.charts import Called
from zhike.understand.migration.study import Migration, StoppingStudied

LONGEST = 1200  # months: who stays longer stays for good


def rows_of_states(found: Migration, typed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each state: what was typed of it, and what is worked out."""
    observed, called = typed["observed"], typed["called"]
    rows = []
    for place, state in enumerate(observed.states):
        row: dict[str, Any] = {
            "state": state,
            "title": called.titles[state],
            "url": called.url("", state),
            "customers": int(observed.stock[place]) if observed.stock is not None else None,
            "margin": typed["margins"].get(state, ""),
            "cost": typed["costs"].get(state, ""),
        }
        rows.append(row | _worked_out(found, place))
    return rows


def _worked_out(found: Migration, place: int) -> dict[str, Any]:
    steady, valued = found.steady.shares, found.valued
    row: dict[str, Any] = {
        "stay": _months(found.stay, place),
        "long_run": None if steady is None else float(steady[place]),
    }
    if valued:
        row["worth"] = _money(valued.over, place)
        if valued.for_good:
            row["for_good"] = _money(valued.for_good, place)
        if valued.stopping and valued.terms.cost[place]:
            row["stop"] = _stopping(valued.stopping, place)
    return row


def _stopping(found: StoppingStudied, place: int) -> dict[str, Any]:
    is_best = bool(found.best.places[place])
    said: dict[str, Any] = {"is_best": is_best, "text": _("stop") if is_best else _("go on")}
    if found.shares is not None:
        sure = float(found.shares[place])
        said["sure"] = _("%(share)s sure") % {"share": share(sure if is_best else 1 - sure)}
    return said


def _months(of: Estimates, place: int) -> dict[str, str]:
    return _between(of, place, lambda value: number(round(value, 1)) if value < LONGEST else _("for good"))


def _money(of: Estimates, place: int) -> dict[str, str]:
    return _between(of, place, round_money)


def _between(of: Estimates, place: int, show: Callable[[float], str]) -> dict[str, str]:
    said = {"value": show(float(of.values[place]))}
    if of.low is not None and of.high is not None:
        low, high = show(float(of.low[place])), show(float(of.high[place]))
        said["between"] = _("%(low)s to %(high)s") % {"low": low, "high": high}
    return said


def values_in_words(found: Migration, months: int, called: Called) -> str:
    """Who is worth most and who least, as a sentence; empty where nothing is said of what they bring."""
    if not found.valued:
        return ""
    values, states = found.valued.over.values, found.observed.states
    best, least = int(np.argmax(values)), int(np.argmin(values))
    most, fewest = round_money(float(values[best])), round_money(float(values[least]))
    said = {
        "months": months,
        "best": called.titles[states[best]],
        "most": most,
        "worst": called.titles[states[least]],
        "least": fewest,
    }
    if most == fewest:
        one = _("Now and in the month to come a customer brings %(most)s, whatever the state")
        many = _("Now and in the %(months)s months to come a customer brings %(most)s, whatever the state")
    else:
        one = _(
            "Now and in the month to come a customer who is “%(best)s” brings %(most)s, one who is “%(worst)s” "
            "%(least)s"
        )
        many = _(
            "Now and in the %(months)s months to come a customer who is “%(best)s” brings %(most)s, one who is "
            "“%(worst)s” %(least)s"
        )
    return (one if months == 1 else many) % said
