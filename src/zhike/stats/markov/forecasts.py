"""How many customers will be in each state, from where to where that may be, and how such a forecast fared before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike.stats.markov.chain import DRAWS, Chain, Estimates, Numbers, Places, Stack, chain_of, drawn
from zhike.stats.markov.values import forecast
from zhike.stats.proportions import LEVEL

FEWEST_DRAWS, MOST_MOVED = 400, 20_000_000  # moves that are drawn in all; of many states and periods fewer courses are


@dataclass(frozen=True, eq=False)
class Inflow:
    """Who join in a period, by state: how many on average, and the periods in which they were counted, if they were."""

    mean: Numbers
    seen: Numbers | None = None  # periods × states


@dataclass(frozen=True, eq=False)
class HeldOut:
    """What would have been forecast some periods ago from what was known then, and what came: 1 + periods × states."""

    said: Estimates
    came: Numbers

    @property
    def within(self) -> float:
        """The share of what came, over all periods and states, that is within its interval."""
        assert self.said.low is not None
        assert self.said.high is not None
        held = (self.said.low <= self.came) & (self.came <= self.said.high)
        return float(held[1:].mean())

    @property
    def error(self) -> float:
        """By what share of all customers the last period was missed: Σ |said - came| / Σ came."""
        whole = float(self.came[-1].sum())
        return float(np.abs(self.said.values[-1] - self.came[-1]).sum()) / whole if whole else 0.0


def forecast_between(
    chain: Chain, stock: Numbers, inflow: Inflow, periods: int, *, seed: int, level: float = LEVEL
) -> Estimates:
    """Customers in each state now and after each period, and the intervals in which they will be: 1 + periods × states.

    What is expected is `forecast`. The intervals are predictive: each of two thousand courses draws a matrix that may
    be true, then where each customer goes, then how many join. These follow a Poisson distribution about their mean;
    where periods of theirs were seen, one whose mean is as unsure as those periods leave it, and that varies from
    period to period as much as they did: negative-binomial. Parts of a customer move as is expected of them.
    """
    values = forecast(chain.shares, stock, inflow.mean, periods)
    random = np.random.default_rng(seed)
    draws = int(np.clip(MOST_MOVED // (chain.size**2 * periods), FEWEST_DRAWS, DRAWS))
    stacks = [np.repeat(chain.shares[None], draws, axis=0)] if chain.is_known else drawn(chain, seed, draws)
    courses = np.concatenate([_courses(random, stack, stock, inflow, periods) for stack in stacks])
    low = np.quantile(courses, (1 - level) / 2, axis=0, method="lower")
    high = np.quantile(courses, (1 + level) / 2, axis=0, method="higher")
    return Estimates(values, np.minimum(low, values), np.maximum(high, values))


def held_out(
    moves: Numbers, stocks: Numbers, joined: Numbers, ahead: int, *, prior: float, possible: Places | None, seed: int
) -> HeldOut:
    """How a forecast from `ahead` periods before the end fared: by the moves before, and from the stock of then.

    `moves` are periods × from × to, `joined` periods × states, and `stocks` 1 + periods × states, the oldest first.
    Raises NeverLeft where too few had been seen then.
    """
    known = len(moves) - ahead
    counts = moves[:known].sum(axis=0)
    chain = chain_of(counts, prior=prior, possible=None if possible is None else possible | (counts > 0))
    inflow = Inflow(joined[:known].mean(axis=0), joined[:known])
    return HeldOut(forecast_between(chain, stocks[known], inflow, ahead, seed=seed), stocks[known:])


def _courses(random: np.random.Generator, shares: Stack, stock: Numbers, inflow: Inflow, periods: int) -> Stack:
    """One course for each matrix: draws × (1 + periods) × states."""
    count = np.broadcast_to(np.floor(stock).astype(np.int64), shares.shape[:-1])
    parts = np.broadcast_to(stock - np.floor(stock), shares.shape[:-1])
    joining = _joining(random, inflow, len(shares), periods)
    found: list[Stack] = [count + parts]
    for period in range(periods):
        count = random.multinomial(count, shares).sum(axis=-2) + joining[:, period]
        parts = (parts[..., None, :] @ shares)[..., 0, :]
        found.append(count + parts)
    return np.stack(found, axis=-2)


def _joining(random: np.random.Generator, inflow: Inflow, draws: int, periods: int) -> np.ndarray:
    """Who join in each period to come: draws × periods × states."""
    size = (draws, periods, len(inflow.mean))
    if inflow.seen is None or not len(inflow.seen):
        return random.poisson(inflow.mean, size=size)
    seen, count = inflow.seen, len(inflow.seen)
    # Half a customer is added, as to the counts of moves, where nobody joined; but not where nobody can.
    is_open = seen.sum(axis=0) > 0
    mean = np.where(is_open, seen.mean(axis=0), 1.0)
    spread = np.broadcast_to(mean, (draws, len(mean)))
    if count > 1:
        drawn_spread = seen.var(axis=0, ddof=1) * (count - 1) / random.chisquare(count - 1, size=spread.shape)
        spread = np.maximum(drawn_spread, mean)
    shape = count * mean**2 / spread
    rate = random.standard_gamma(shape) / shape * mean
    beyond = np.maximum(spread - rate, 0.0)
    varies = beyond > 1e-9 * rate
    by_period = np.where(varies, rate**2 / np.where(varies, beyond, 1.0), 1.0)[:, None, :]
    each = random.standard_gamma(np.broadcast_to(by_period, size)) / by_period
    rates = rate[:, None, :] * np.where(varies[:, None, :], each, 1.0)
    return np.where(is_open, random.poisson(rates), 0)
