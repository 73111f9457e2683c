"""What follows from how customers moved: shares, stay, ends, stock to come, values, and where to stop spending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.stats.markov.chain import (
    Chain,
    Estimates,
    NeverLeft,
    Numbers,
    Stack,
    bootstrapped,
    chain_of,
    known_chain,
    share_intervals,
)
from zhike.stats.markov.drifting import Drift, drift
from zhike.stats.markov.forecasts import HeldOut, Inflow, forecast_between, held_out
from zhike.stats.markov.structure import SteadyState, end_probabilities, periods_to_end, stays, steady_state
from zhike.stats.markov.values import (
    Endless,
    Stopping,
    Terms,
    best_stopping,
    stopping_shares,
    values_over,
    values_stopping_in,
    values_without_horizon,
)
from zhike.understand.migration.asking import Asked, check_asked, places_of, stock_asked, terms_asked
from zhike.understand.migration.observed import Observed

YEAR = 12  # periods: over so many a forecast is tried, and over so many it is averaged who joins
NAMED = 3  # of the states that are in the way, in a message


@dataclass(frozen=True, eq=False)
class StoppingStudied:
    """Where spending should stop: the best states, how sure that is, and what any one state would do instead."""

    best: Stopping
    shares: Numbers | None  # of the resampled matrices for which stopping in each state is best
    alternatives: Mapping[int, Numbers]  # values if spending stops in that state alone


@dataclass(frozen=True, eq=False)
class Valued:
    """What customers in each state are worth: now and in the periods to come, and for good where that is a number."""

    terms: Terms
    over: Estimates
    for_good: Estimates | None
    stopping: StoppingStudied | None


@dataclass(frozen=True, eq=False)
class Migration:
    """How customers move, and what follows from it. Arrays are in the order of the states."""

    observed: Observed
    shares: Estimates
    stay: Estimates  # periods at a stretch
    steady: SteadyState
    to_end: Estimates | None  # periods until a state that is never left; None where all are left
    end: Estimates | None  # for each state the probabilities of the ends
    forecast: Estimates | None  # 1 + periods × states
    valued: Valued | None
    notes: tuple[str, ...]
    drift: Drift | None = None  # whether customers moved alike in both halves of the periods that are known
    held_out: HeldOut | None = None  # a forecast of a year ago, and what came


def migration(observed: Observed, asked: Asked) -> Migration:
    """What follows from the counts, with intervals by resampling them. Raises UserError for what cannot be asked."""
    check_asked(asked)
    absorbing = places_of(asked.absorbing, observed, "--absorbing")
    chain = _chain(observed, absorbing, asked.prior)
    steady = steady_state(chain.shares)
    terms = terms_asked(asked, observed, chain)
    is_endless = terms is not None and _is_endless(chain, terms, steady)
    wanted: dict[str, Callable[[Stack], Stack]] = {}
    if steady.ends.passing:
        wanted |= {
            "to_end": partial(periods_to_end, ends=steady.ends),
            "end": partial(end_probabilities, ends=steady.ends),
        }
    if terms is not None:
        wanted["over"] = partial(values_over, terms=terms, periods=asked.periods)
        if not is_endless:
            wanted["for_good"] = partial(values_without_horizon, terms=terms, ends=steady.ends)
    found = bootstrapped(chain, wanted, seed=asked.seed)
    valued = None
    if terms is not None:
        stopping = None if is_endless or not terms.cost.any() else _stopping(chain, terms, steady, asked.seed)
        valued = Valued(terms, found["over"], found.get("for_good"), stopping)
    shares = share_intervals(chain)
    return Migration(
        observed=observed,
        shares=shares,
        stay=_stay(shares),
        steady=steady,
        to_end=found.get("to_end"),
        end=found.get("end"),
        forecast=_forecast(observed, asked, chain),
        valued=valued,
        notes=_notes(observed, chain, absorbing, is_endless=is_endless),
        drift=None if observed.history is None else drift(observed.history.moves),
        held_out=_held_out(observed, asked),
    )


def _forecast(observed: Observed, asked: Asked, chain: Chain) -> Estimates | None:
    """The forecast, where a stock is known to start from; whoever is not said to join does so as before."""
    given = stock_asked(asked.stock, observed, "--stock")
    stock = observed.stock if given is None else given
    joining = stock_asked(asked.inflow, observed, "--inflow")
    if stock is None:
        if joining is not None:
            raise UserError(_("an inflow is added to a stock, and none is given"), where="--stock")
        return None
    inflow = Inflow(np.zeros(len(stock)) if joining is None else joining)
    if joining is None and observed.history is not None and observed.history.joined is not None:
        seen = observed.history.joined[-YEAR:]
        inflow = Inflow(seen.mean(axis=0) if len(seen) else inflow.mean, seen)
    return forecast_between(chain, stock, inflow, asked.periods, seed=asked.seed)


def _held_out(observed: Observed, asked: Asked) -> HeldOut | None:
    """How the forecast of a year ago fared; None where a year before that is not known."""
    past = observed.history
    if past is None or past.stocks is None or past.joined is None or len(past.moves) < 2 * YEAR:
        return None
    try:
        return held_out(
            past.moves, past.stocks, past.joined, YEAR, prior=asked.prior, possible=observed.possible, seed=asked.seed
        )
    except NeverLeft:
        return None


def _stay(shares: Estimates) -> Estimates:
    """The longer, the larger the share that stays: so the borders of the one are those of the other."""
    if shares.low is None or shares.high is None:
        return Estimates(stays(shares.values))
    return Estimates(stays(shares.values), stays(shares.low), stays(shares.high))


def _chain(observed: Observed, absorbing: list[int], prior: float) -> Chain:
    try:
        if not observed.are_shares:
            return chain_of(observed.counts, prior=prior, possible=observed.possible, absorbing=absorbing)
        shares = observed.counts.copy()
        shares[absorbing] = np.eye(len(shares))[absorbing]
        if never := np.flatnonzero(shares.sum(axis=1) == 0).tolist():
            raise NeverLeft(never)
        return known_chain(shares)
    except NeverLeft as error:
        names = ", ".join(f"“{observed.states[place]}”" for place in error.places[:NAMED])
        raise UserError(
            _("nobody was seen in %(states)s and in the period after it: nothing says where that leads")
            % {"states": f"{names} …" if len(error.places) > NAMED else names},
            advice=_("If nobody leaves it, name it with --absorbing; otherwise put it together with another state."),
        ) from error


def _is_endless(chain: Chain, terms: Terms, steady: SteadyState) -> bool:
    try:
        values_without_horizon(chain.shares, terms, steady.ends)
    except Endless:
        return True
    return False


def _stopping(chain: Chain, terms: Terms, steady: SteadyState, seed: int) -> StoppingStudied:
    places = np.flatnonzero(terms.cost > 0).tolist()
    alone = {place: np.arange(chain.size) == place for place in places}
    return StoppingStudied(
        best=best_stopping(chain.shares, terms, steady.ends),
        shares=stopping_shares(chain, terms, steady.ends, seed=seed),
        alternatives={place: values_stopping_in(chain.shares, terms, steady.ends, one) for place, one in alone.items()},
    )


def _notes(observed: Observed, chain: Chain, absorbing: list[int], *, is_endless: bool) -> tuple[str, ...]:
    """What whoever reads the numbers should know."""
    found = list(observed.left_out)
    if not observed.are_shares:
        leaves = observed.counts.sum(axis=1) > np.diag(observed.counts)
        kept = [place for place in np.flatnonzero(~leaves).tolist() if place not in absorbing]
        found += [
            _(
                "Nobody was seen to leave “%(state)s”. What is added to each count lets some leave; if nobody ever "
                "does, name it with --absorbing."
            )
            % {"state": observed.states[place]}
            for place in kept
            if chain.shares[place, place] < 1
        ]
    if is_endless:
        found.append(_("Without a discount the value grows without end, as customers never stop earning or costing."))
    return tuple(found)
