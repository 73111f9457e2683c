"""How customers move as one document: lists in the order of the states, with the borders of intervals beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from zhike.stats.markov.chain import Estimates, Numbers
from zhike.stats.markov.drifting import Drift
from zhike.stats.markov.forecasts import HeldOut
from zhike.stats.markov.structure import SteadyState
from zhike.understand.migration.study import Migration, Valued

Document = dict[str, Any]


def document_of(found: Migration) -> Document:
    """The whole as JSON can have it; what is infinite, or not known, is null."""
    observed = found.observed
    return {
        "states": list(observed.states),
        "counts": None if observed.are_shares else _plain(observed.counts.astype(np.int64)),
        "first_period": observed.first or None,
        "last_period": observed.last or None,
        "matrix": _plain(found.shares.values),
        "matrix_intervals": _borders(found.shares),
        "stay": _plain(found.stay.values),
        "stay_intervals": _borders(found.stay),
        "steady_state": _steady(found.steady, observed.states),
        "absorption": _absorption(found),
        "forecast": found.forecast and _plain(found.forecast.values),
        "forecast_intervals": found.forecast and _borders(found.forecast),
        "forecast_intervals_cover": found.forecast and ["matrix", "moves", "inflow"],
        "hold_out": _held_out(found.held_out),
        "drift": _drift(found.drift, observed.states),
        **_values(found.valued, observed.states),
        "notes": list(found.notes),
    }


def _steady(steady: SteadyState, states: tuple[str, ...]) -> Document:
    return {
        "shares": None if steady.shares is None else _plain(steady.shares),
        "ends": [[states[place] for place in one] for one in steady.ends.classes],
        "cycle": steady.period,
    }


def _absorption(found: Migration) -> Document | None:
    if found.to_end is None or found.end is None:
        return None
    return {
        "periods": _plain(found.to_end.values),
        "periods_intervals": _borders(found.to_end),
        "probabilities": _plain(found.end.values),
        "probabilities_intervals": _borders(found.end),
    }


def _held_out(found: HeldOut | None) -> Document | None:
    if found is None:
        return None
    return {
        "periods": len(found.came) - 1,
        "forecast": _plain(found.said.values),
        "forecast_intervals": _borders(found.said),
        "came": _plain(found.came),
        "within": found.within,
        "error": found.error,
    }


def _drift(found: Drift | None, states: tuple[str, ...]) -> Document | None:
    if found is None:
        return None
    return {
        "statistic": found.statistic,
        "degrees": found.degrees,
        "p": found.p,
        "distance": found.distance,
        "most": {"from": states[found.place[0]], "to": states[found.place[1]]},
        "before": found.before,
        "after": found.after,
    }


def _values(valued: Valued | None, states: tuple[str, ...]) -> Document:
    if valued is None:
        names = ("margin", "cost", "values", "value_intervals", "values_without_horizon")
        return dict.fromkeys((*names, "value_without_horizon_intervals", "stopping"))
    stopping = valued.stopping
    return {
        "margin": _plain(valued.terms.margin),
        "cost": _plain(valued.terms.cost),
        "values": _plain(valued.over.values),
        "value_intervals": _borders(valued.over),
        "values_without_horizon": valued.for_good and _plain(valued.for_good.values),
        "value_without_horizon_intervals": valued.for_good and _borders(valued.for_good),
        "stopping": stopping
        and {
            "best": [states[place] for place in np.flatnonzero(stopping.best.places)],
            "values": _plain(stopping.best.values),
            "sure": None if stopping.shares is None else _plain(stopping.shares),
            "alternatives": {states[place]: _plain(values) for place, values in stopping.alternatives.items()},
        },
    }


def _borders(found: Estimates) -> Any:
    if found.low is None or found.high is None:
        return None
    return _plain(np.stack([found.low, found.high], axis=-1))


def _plain(numbers: Numbers) -> Any:
    known = numbers.astype(object)
    known[~np.isfinite(numbers)] = None
    return known.tolist()
