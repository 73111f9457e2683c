"""Moves, purchases and amounts by state from plain files, without an import."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import ibis
import numpy as np
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from zhike.collect.sources.plain_files import Wanted, open_plain, read_columns
from zhike.errors import UserError
from zhike.stats.markov.chain import ROUNDED
from zhike.understand.lifecycle.periods import MONTHS, last_complete, name_of
from zhike.understand.migration.measures import purchase_spells, recency_stock, recency_transitions
from zhike.understand.migration.observed import MOST_STATES, History, Numbers, Observed, check_states, matrix_of
from zhike.warehouse.contracts import Kind
from zhike.warehouse.engines.duckdb import embedded

FROM, TO, COUNT = "from", "to", "count"
STATE = "state"
LARGEST = 1e15  # amount that is still counted to the unit


def counts_of_file(path: Path) -> Observed:
    """The moves that a file counts: in columns from, to and count, or in a square with the states along both sides.

    Rows that count the same move are added up; an empty cell of a square is 0. Numbers that are not whole are taken for
    shares, where each state's sum to 1. Raises UserError for a file that is neither.
    """
    columns = open_plain(path).columns
    named = {column.lower(): column for column in columns}
    if {FROM, TO, COUNT} <= set(named):
        states, counts = _listed(path, {one: named[one] for one in (FROM, TO, COUNT)})
    else:
        states, counts = _squared(path, columns)
    if (counts > LARGEST).any():
        raise UserError(_("%(number)s is too large") % {"number": f"{counts.max():g}"}, where=path.name)
    if (counts % 1 == 0).all():
        return Observed(states, counts)
    return Observed(states, _shares(states, counts, path), are_shares=True)


def purchases_of_file(
    path: Path, *, customer: str, day: str, period: str, recency: int, until: date | None = None
) -> Observed:
    """The moves between states of recency that the purchases in a file tell: 1 is the period of a purchase, 2 the next.

    The state of `recency` is that of all who did not buy for longer, too. Everything is known up to the last purchase,
    or the day `until`; the period that has not ended by then is left out. Raises UserError for a file that cannot be
    read, for other periods than month, quarter and year, and where no two periods are complete.
    """
    if period not in MONTHS:
        raise UserError(_("a period is a month, a quarter or a year"), where="--period")
    if not 2 <= recency <= MOST_STATES:
        raise UserError(_("there may be 2 to %(most)s states") % {"most": MOST_STATES}, where="--recency")
    wanted = {"customer_id": Wanted(customer, Kind.TEXT, "--customer"), "ordered_on": Wanted(day, Kind.DATE, "--date")}
    purchases = read_columns(path, wanted)
    known = until or pc.max(purchases["ordered_on"]).as_py()
    last = last_complete(known, period)
    engine = embedded()
    with engine.sharing(purchase_spells(ibis.memtable(purchases), period=period, last=last)) as (spells,):
        first = engine.arrow(spells.agg(first=spells.period.min()))["first"][0].as_py()
        moved = engine.arrow(recency_transitions(spells, states=recency, last=last)).to_pylist()
        held = engine.arrow(recency_stock(spells, states=recency, last=last)).to_pylist()
    if not moved:
        raise UserError(
            _("fewer than two complete periods have customers; everything is known up to %(day)s") % {"day": known},
            where=path.name,
            advice=_("Take shorter periods, or say with --until up to which day the file knows everything."),
        )
    moves, possible = np.zeros((last - first, recency, recency)), np.zeros((recency, recency), bool)
    for row in moved:
        moves[row["period"] - first, row["from_state"] - 1, row["to_state"] - 1] += row["customers"]
    for place in range(recency):
        possible[place, [0, min(place + 1, recency - 1)]] = True
    stock = np.zeros(recency)
    for row in held:
        stock[row["state"] - 1] = row["customers"]
    states = (*map(str, range(1, recency)), f"{recency}+")
    return Observed(
        states=states,
        counts=moves.sum(axis=0),
        possible=possible,
        stock=stock,
        first=name_of(first, period),
        last=name_of(last, period),
        history=History(moves),
    )


def amounts_of_file(path: Path, column: str, option: str, *, least: float | None = 0) -> dict[str, float]:
    """Of each state in a file the number in a column: a margin, a cost, or customers.

    Raises UserError for a column that it lacks, for what is no number of at least `least`, and for a state twice.
    """
    wanted = {STATE: Wanted(STATE, Kind.TEXT, option), column: Wanted(column, option=option, minimum=least)}
    rows = read_columns(path, wanted)
    states, numbers = rows[STATE].to_pylist(), rows[column].to_pylist()
    if twice := [state for state, count in Counter(states).items() if count > 1]:
        raise UserError(_("the state “%(state)s” is there twice") % {"state": twice[0]}, where=path.name)
    if large := [number for number in numbers if abs(number) > LARGEST]:
        raise UserError(_("%(number)s is too large") % {"number": f"{large[0]:g}"}, where=path.name)
    return dict(zip(states, numbers, strict=True))


def _listed(path: Path, columns: dict[str, str]) -> tuple[tuple[str, ...], Numbers]:
    kinds = {FROM: Kind.TEXT, TO: Kind.TEXT, COUNT: Kind.NUMBER}
    wanted = {
        one: Wanted(column, kinds[one], "--counts", minimum=0 if one == COUNT else None)
        for one, column in columns.items()
    }
    rows = read_columns(path, wanted)
    summed = rows.group_by([FROM, TO], use_threads=False).aggregate([(COUNT, "sum")])
    named = [*rows[FROM].to_pylist(), *rows[TO].to_pylist()]
    states = check_states(dict.fromkeys(named), path.name)
    pairs = zip(summed[FROM].to_pylist(), summed[TO].to_pylist(), strict=True)
    return states, matrix_of(states, dict(zip(pairs, summed[f"{COUNT}_sum"].to_pylist(), strict=True)))


def _squared(path: Path, columns: tuple[str, ...]) -> tuple[tuple[str, ...], Numbers]:
    states = columns[1:]
    neither = UserError(
        _("is no table of moves"),
        where=path.name,
        advice=_(
            "Give the columns from, to and count; or a square whose first column names the states in the order of its "
            "header."
        ),
    )
    if len(states) > MOST_STATES:
        check_states(states, path.name)
    wanted = {STATE: Wanted(columns[0], Kind.TEXT, "--counts")}
    if sorted(read_columns(path, wanted)[STATE].to_pylist()) != sorted(states):
        raise neither
    wanted |= {f"to {n}": Wanted(one, option="--counts", may_lack=True, minimum=0) for n, one in enumerate(states)}
    rows = read_columns(path, wanted)
    order = [rows[STATE].to_pylist().index(state) for state in states]
    counts = np.column_stack([rows[f"to {n}"].fill_null(0).to_numpy() for n in range(len(states))])
    return check_states(states, path.name), counts[order]


def _shares(states: tuple[str, ...], shares: Numbers, path: Path) -> Numbers:
    """Shares whose rows sum to 1; that of a state without any stays empty."""
    sums = shares.sum(axis=1)
    for state, total in zip(states, sums, strict=True):
        if total and abs(total - 1) > ROUNDED:
            raise UserError(
                _("counts are whole numbers, and shares sum to 1; those of “%(state)s” sum to %(total)s")
                % {"state": state, "total": f"{total:g}"},
                where=path.name,
            )
    return shares
