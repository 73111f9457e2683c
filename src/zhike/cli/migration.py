"""The commands that say how customers move between states, what that is worth, and what drives a move."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from zhike.cli import migration_drivers
from zhike.cli import migration_options as given
from zhike.cli.output import Json, aside, people, show, start, table
from zhike.errors import UserError

if TYPE_CHECKING:
    from zhike.stats.markov.chain import Estimates
    from zhike.understand.migration.observed import Observed
    from zhike.understand.migration.study import Migration, Valued

FEW, MANY = 8, 16  # states; of more than a few only shares fit into a line, and of many not even they


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(migration)
    migration_drivers.add_commands(group)
    app.add_typer(group, name="migration")


def migration(
    context: typer.Context,
    counts: given.Counts = None,
    purchases: given.Purchases = None,
    states: given.States = None,
    customer: given.OfCustomer = "customer",
    date: given.OfDate = "date",
    period: given.Period = "month",
    recency: given.Recency = 5,
    until: given.Until = None,
    absorbing: given.Absorbing = None,
    prior: given.Prior = 0.5,
    margin: given.Margin = None,
    cost: given.Cost = None,
    rewards: given.Rewards = None,
    discount: given.Discount = 0.0,
    periods: given.Periods = 12,
    stock: given.Stock = None,
    inflow: given.Inflow = None,
    seed: given.Seed = 1,
    as_json: Json = False,
) -> None:
    """How customers move between states: shares, stay, ends, forecast, values, and where to stop spending.

    Moves are counted in a file, from purchases, or from the months that are kept of a tag. A customer is worth the
    margin less the cost of each period to come, discounted, from this one on (Pfeifer & Carraway 2000).
    """
    if context.invoked_subcommand is not None:
        return
    if sum(source is not None for source in (counts, purchases, states)) != 1:
        raise UserError("give one of --counts, --purchases and --states")
    start(needs_home=states is not None)
    from zhike.understand.migration import study
    from zhike.understand.migration.asking import Asked

    known = until.date() if until else None
    observed = _observed(
        counts, purchases, states or "", customer=customer, day=date, period=period, recency=recency, until=known
    )
    asked = Asked(
        absorbing=tuple(absorbing or ()),
        prior=prior,
        margin=tuple(margin or ()),
        cost=tuple(cost or ()),
        rewards=rewards,
        discount=discount,
        periods=periods,
        stock=tuple(stock or ()),
        inflow=tuple(inflow or ()),
        seed=seed,
    )
    _show(study.migration(observed, asked), periods, as_json=as_json)


def _observed(counts: Path | None, purchases: Path | None, tag: str, **of_purchases: Any) -> Observed:
    from zhike.understand.migration.files import counts_of_file, purchases_of_file

    if counts is not None:
        return counts_of_file(counts)
    if purchases is not None:
        return purchases_of_file(purchases, **of_purchases)
    from zhike.understand.migration.tag_history import moves_of_tag  # a plain file needs no tags

    return moves_of_tag(tag)


def _show(found: Migration, periods: int, *, as_json: bool) -> None:
    from zhike.understand.migration.shown import document_of

    for note in found.notes:
        aside.print(note, style="yellow", markup=False, soft_wrap=True)
    show(document_of(found), as_json=as_json, otherwise=lambda: _tell(found, periods))


def _tell(found: Migration, periods: int) -> None:
    observed = found.observed
    when = f"Moves from {observed.first} to {observed.last}" if observed.first else "Moves from one period to the next"
    if len(observed.states) > MANY:
        people.print(f"{when}: {len(observed.states)} states, whose table --json has.", markup=False)
    else:
        _tell_shares(found, when)
    people.print()
    _tell_stay(found)
    people.print(_told_end(found), markup=False)
    _tell_drift(found)
    if found.forecast is not None and len(observed.states) <= MANY:
        people.print()
        _tell_forecast(found.forecast, observed.states)
    if found.valued is not None:
        people.print()
        _tell_values(found.valued, observed.states, periods)


def _tell_shares(found: Migration, when: str) -> None:
    observed = found.observed
    seen = observed.counts.sum(axis=1)
    rows = [
        [state, None if observed.are_shares else int(seen[place]), *_shares(found.shares, place)]
        for place, state in enumerate(observed.states)
    ]
    table(when, ["from", "seen", *(f"to {state}" for state in observed.states)], rows)


def _shares(shares: Estimates, place: int) -> list[str]:
    if shares.low is None or shares.high is None or len(shares.values) > FEW:
        return [f"{share:.1%}" for share in shares.values[place]]
    borders = zip(shares.values[place], shares.low[place], shares.high[place], strict=True)
    return [
        f"{share:.1%}\n{100 * low:.1f}–{100 * high:.1f}" if low < high else f"{share:.1%}"
        for share, low, high in borders
    ]


def _tell_stay(found: Migration) -> None:
    heads = ["state", "stays for periods"] + (["until the end"] if found.to_end else [])
    rows = []
    for place, state in enumerate(found.observed.states):
        row: list[object] = [state, _with_borders(found.stay, place)]
        if found.to_end:
            row.append(_with_borders(found.to_end, place) if place in found.steady.ends.passing else "")
        rows.append(row)
    table("", heads, rows)


def _told_end(found: Migration) -> str:
    states, steady = found.observed.states, found.steady
    ends = [" or ".join(states[place] for place in one) for one in steady.ends.classes]
    if steady.shares is None:
        listed = "; ".join(ends)
        return f"There is no steady state: in which of these customers end depends on where they begin: {listed}."
    if len(steady.ends.classes[0]) == 1:
        return f"In the end all are in {ends[0]}."
    listed = ", ".join(f"{state} {share:.1%}" for state, share in zip(states, steady.shares, strict=True))
    if steady.period > 1:
        return f"Without inflow the stock goes round, every {steady.period} periods; on average: {listed}."
    return f"Without inflow the stock settles at: {listed}."


def _tell_forecast(forecast: Estimates, states: tuple[str, ...]) -> None:
    rows = [
        [period, *map(round, of_states), round(of_states.sum())] for period, of_states in enumerate(forecast.values)
    ]
    if forecast.low is not None and forecast.high is not None:
        borders = zip(forecast.low[-1], forecast.high[-1], strict=True)
        rows.append(["from – to", *(f"{low:,.0f}–{high:,.0f}" for low, high in borders), None])
    table("Customers to come", ["period", *states, "all"], rows)


def _tell_drift(found: Migration) -> None:
    drift, states = found.drift, found.observed.states
    if drift is None:
        return
    p = f"p = {drift.p:.3f}" if drift.p >= 0.001 else "p < 0.001"
    if drift.p >= 0.05:
        people.print(f"Customers moved alike in both halves of the periods, as far as can be told ({p}).")
        return
    come, go = (states[place] for place in drift.place)
    people.print(
        f"Customers did not move alike all the time ({p}): {drift.distance:.1%} of the moves went elsewhere in the "
        f"later half of the periods. Most changed: from {come} to {go}, {drift.before:.1%} and then {drift.after:.1%}.",
        markup=False,
    )


def _tell_values(valued: Valued, states: tuple[str, ...], periods: int) -> None:
    rows = [
        [
            state,
            float(valued.terms.margin[place]),
            float(valued.terms.cost[place]),
            _with_borders(valued.over, place),
            _with_borders(valued.for_good, place) if valued.for_good else None,
        ]
        for place, state in enumerate(states)
    ]
    ahead = "the next" if periods == 1 else f"{periods} to come"
    heads = ["state", "margin", "cost", f"value now and in {ahead}", "without horizon"]
    table("What a customer is worth", heads, rows)
    stopping = valued.stopping
    if stopping is None or valued.for_good is None:
        return
    best = np.flatnonzero(stopping.best.places)
    people.print()
    if len(states) <= MANY:
        rows = [["never", *map(float, valued.for_good.values)]]
        rows += [[states[place], *map(float, values)] for place, values in stopping.alternatives.items()]
        table("Worth without horizon, if spending stops in", ["", *(f"in {state}" for state in states)], rows)
    if len(best) in (0, len(stopping.alternatives)):
        people.print(f"Spending pays in {'no' if len(best) else 'every'} state.")
        return
    sure = (
        "" if stopping.shares is None else f", as in {stopping.shares[best].min():.0%} of the tables that may be true"
    )
    people.print(f"Best is to stop in {', '.join(states[place] for place in best)}{sure}.", markup=False)


def _with_borders(found: Estimates, place: int) -> str:
    value = found.values[place]
    if not np.isfinite(value):
        return "for good"
    if found.low is None or found.high is None or found.low[place] == found.high[place]:
        return f"{value:,.2f}"
    return f"{value:,.2f} ({found.low[place]:,.2f} to {found.high[place]:,.2f})"
