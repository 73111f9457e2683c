"""How customers moved between the stages of life, as the refresh in force counted it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from ibis.expr.types import Table

from zhike.collect.profiles.tables import CUSTOMERS
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.lifecycle import stages
from zhike.understand.lifecycle.periods import last_complete, name_of
from zhike.understand.lifecycle.tables import LIFECYCLE, STAGE_FLOWS, STAGE_GIVEN, STAGE_MOVES
from zhike.understand.migration.observed import History, Numbers, Observed, matrix_of
from zhike.understand.value.queries import units_of
from zhike.warehouse.contracts import Contract
from zhike.warehouse.queries import Published, published, rows

Stocks = Mapping[int, Mapping[str, int]]  # month → stage → customers at its end
Flows = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class StageHistory:
    """Moves of a year, stocks of two, and what customers in each stage gave; None where too few stages were seen."""

    observed: Observed | None
    stocks: Stocks
    flows: Mapping[int, Flows]  # from the stage at the end of a month to that at the end of the last complete one
    joined: float  # who buy for the first time in a month, on average of the last twelve, or as many as are known
    given: Mapping[str, float]  # by a customer in a month
    last: int  # number of the last complete month

    def went(self, since: int) -> Flows:
        """From the stages at the end of a month to those at the end of the last complete one, with how many.

        Who bought for the first time since comes from the prospects.
        """
        found = dict(self.flows.get(since, {}))
        for stage, count in self.stocks.get(self.last, {}).items():
            came = count - sum(value for (_come, go), value in found.items() if go == stage)
            if came > 0:
                found[stages.PROSPECT, stage] = came
        return found


@dataclass(frozen=True)
class Moved:
    """Who made a move since a day and is in its stage still, and who is in each stage now."""

    since: date
    still_there: Flows
    now: Mapping[str, int]


def moved_within_a_year(*, unit: str | None = None) -> Moved:
    """Of the moves of the last twelve complete months and since, how many customers are where they led."""
    require(Right.SEE_CUSTOMERS)
    return _moved(published(), units_of(unit))


@lru_cache(maxsize=64)
def _moved(now: Published, units: frozenset[str] | None) -> Moved:
    first = last_complete(now.as_of, "month") - stages.YEAR + 1
    since = date(first // 12, first % 12 + 1, 1)
    kept: Table = now.table(LIFECYCLE)
    if units:
        customers: Table = now.table(CUSTOMERS)
        kept = kept.semi_join(customers.filter(customers.unit_id.isin(sorted(units))), "customer_id")
    still: dict[tuple[str, str], int] = {}
    there: dict[str, int] = defaultdict(int)
    grouped = kept.mutate(is_new=(kept.since_on >= since).fill_null(False))
    counted: list[dict[str, Any]] = rows(
        grouped.group_by("stage", "previous_stage", "is_new").agg(customers=grouped.count())
    )
    for row in counted:
        there[row["stage"]] += row["customers"]
        if row["is_new"] and row["previous_stage"] is not None:
            still[row["previous_stage"], row["stage"]] = row["customers"]
    return Moved(since, still, there)


def stage_history(*, unit: str | None = None) -> StageHistory:
    """How the customers of an org unit and all below it, or of the whole firm, moved between stages of life."""
    require(Right.SEE_CUSTOMERS)
    found = _history(published(), units_of(unit))
    observed = found.observed and replace(found.observed, left_out=_left_out(found))
    return replace(found, observed=observed)


@lru_cache(maxsize=64)
def _history(now: Published, units: frozenset[str] | None) -> StageHistory:
    last = last_complete(now.as_of, "month")
    moves: dict[int, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for row in _summed(now, STAGE_MOVES, units, ("month", "from_stage", "to_stage")):
        moves[row["month"]][row["from_stage"], row["to_stage"]] = row["customers"]
    stocks: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    flows: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in _summed(now, STAGE_FLOWS, units, ("month", "from_stage", "to_stage")):
        stocks[row["month"]][row["from_stage"]] += row["customers"]
        flows[row["month"]][row["from_stage"], row["to_stage"]] = row["customers"]
    given = {
        row["stage"]: float(row["amount"]) / row["customer_months"]
        for row in _summed(now, STAGE_GIVEN, units, ("stage",), ("customer_months", "amount"))
    }
    year = range(max(last - stages.YEAR, min(stocks, default=last)), last)
    came = [
        sum(count for (come, _go), count in moves.get(month, {}).items() if come == stages.PROSPECT) for month in year
    ]
    joined = sum(came) / max(len(year), 1)
    return StageHistory(_observed(moves, stocks, last), stocks, flows, joined, given, last)


def _observed(moves: Mapping[int, Flows], stocks: Stocks, last: int) -> Observed | None:
    """The moves of a year between those stages that were left or kept; None for fewer than two."""
    year = [pair for month in range(last - stages.YEAR, last) for pair in moves.get(month, ())]
    names = tuple(name for name in stages.BUYERS if any(come == name for come, _go in year))
    if len(names) < 2:
        return None
    history = _by_month(names, moves, stocks, last)
    counts = history.moves[-stages.YEAR :].sum(axis=0)
    return Observed(
        states=names,
        counts=counts,
        possible=_possible(names) | (counts > 0),
        stock=_row(names, stocks.get(last, {})),
        are_ordered=False,
        first=name_of(last - stages.YEAR, "month"),
        last=name_of(last, "month"),
        history=history,
    )


def _by_month(names: Sequence[str], moves: Mapping[int, Flows], stocks: Stocks, last: int) -> History:
    """Month by month, from the first at whose end anybody had bought."""
    months = range(min(stocks, default=last), last)
    between = [
        {pair: float(count) for pair, count in moves.get(month, {}).items() if {*pair} <= {*names}} for month in months
    ]
    came = [
        {go: count for (come, go), count in moves.get(month, {}).items() if come == stages.PROSPECT} for month in months
    ]
    return History(
        moves=np.array([matrix_of(names, one) for one in between]).reshape(len(months), len(names), len(names)),
        joined=np.array([_row(names, one) for one in came]).reshape(len(months), len(names)),
        stocks=np.array([_row(names, stocks.get(month, {})) for month in range(months.start, last + 1)]),
    )


def _row(names: Sequence[str], counts: Mapping[str, int]) -> Numbers:
    return np.array([float(counts.get(name, 0)) for name in names])


def _possible(names: Sequence[str]) -> np.ndarray:
    """Which moves the definitions of the stages allow within a month, whether or not anybody made them."""
    new, none = (stages.FORMING, stages.RECOVERED), (stages.GROWING, stages.DECLINING)
    found = np.ones((len(names), len(names)), bool)
    for up, come in enumerate(names):
        for across, go in enumerate(names):
            is_first = go == stages.FORMING and come != stages.FORMING
            is_sudden = come in new and go in none
            is_gone = come == stages.INTERRUPTED and go not in (stages.INTERRUPTED, stages.RECOVERED)
            found[up, across] = not (is_first or is_sudden or is_gone)
    return found


def _left_out(found: StageHistory) -> tuple[str, ...]:
    if found.stocks.get(found.last - stages.YEAR):
        return ()
    first = name_of(min(found.stocks), "month") if found.stocks else "–"
    return (_("Customers bought from %(month)s on: less than a year of moves is known.") % {"month": first},)


def _summed(
    now: Published,
    contract: Contract,
    units: frozenset[str] | None,
    by: Sequence[str],
    sums: Sequence[str] = ("customers",),
) -> list[dict[str, Any]]:
    found: Table = now.table(contract)
    if units:
        found = found.filter(found.unit_id.isin(sorted(units)))
    return rows(found.group_by(list(by)).agg(**{name: found[name].sum() for name in sums}))
