"""What customers are worth who move between states, how many there will be, and where spending on them should end.

After Pfeifer & Carraway (2000), Modeling customer relationships as Markov chains, Journal of Interactive Marketing
14(2), 43–55. All rates are those of one period.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhike.stats.markov.chain import Chain, Numbers, Places, Stack, drawn
from zhike.stats.markov.structure import Ends, ends_of

MOST_TURNS = 1_000  # of the iteration, which needs a handful


class Endless(ValueError):
    """Without discount what is earned in states that are never left adds up without end."""


@dataclass(frozen=True, eq=False)
class Terms:
    """What a customer brings in a period spent in each state, what is spent on them then, and what waiting costs."""

    margin: Numbers
    cost: Numbers
    discount: float = 0.0  # a period

    @property
    def reward(self) -> Numbers:
        """Margin less cost: the vector R of the paper."""
        found: Numbers = self.margin - self.cost
        return found

    @property
    def factor(self) -> float:
        """What a unit of money is worth that comes a period later."""
        return 1 / (1 + self.discount)


@dataclass(frozen=True, eq=False)
class Stopping:
    """The states in which nothing should be spent any more, and what a customer in each state is then worth."""

    places: Places
    values: Numbers


def terms_of(margin: npt.ArrayLike, cost: npt.ArrayLike, *, discount: float = 0.0) -> Terms:
    """The terms, checked. Raises ValueError for what is no number, and for a cost or a discount below 0."""
    found = Terms(np.asarray(margin, np.float64), np.asarray(cost, np.float64), float(discount))
    if not (np.isfinite(found.margin).all() and np.isfinite(found.cost).all() and np.isfinite(found.discount)):
        raise ValueError("margins, costs and the discount are numbers")
    if found.discount < 0 or (found.cost < 0).any():
        raise ValueError("costs and the discount are at least 0")
    return found


def values_over(shares: Stack, terms: Terms, periods: int) -> Stack:
    """What a customer in each state is worth now and over so many periods: Σ (P/(1+d))^t R for t = 0 … periods."""
    found = np.broadcast_to(terms.reward, shares.shape[:-1])
    for _period in range(periods):
        found = terms.reward + terms.factor * _ahead(shares, found)
    return found


def values_without_horizon(shares: Stack, terms: Terms, ends: Ends) -> Stack:
    """What a customer in each state is worth for good: V = (I - P/(1+d))⁻¹ R.

    Without discount that is a number only where states that are never left bring and cost nothing. Raises Endless.
    """
    return _values(shares, terms.reward, terms.factor, _earning(terms, ends))


def forecast(shares: Stack, stock: Numbers, inflow: Numbers, periods: int) -> Stack:
    """Customers in each state now and after each period: draws × (1 + periods) × states.

    Those who join in a period come after everybody has moved, in the states of `inflow`.
    """
    found = [np.broadcast_to(stock, shares.shape[:-1])]
    for _period in range(periods):
        found.append((found[-1][..., None, :] @ shares)[..., 0, :] + inflow)
    return np.stack(found, axis=-2)


def values_stopping_in(shares: Stack, terms: Terms, ends: Ends, stop: Places) -> Stack:
    """What a customer in each state is worth if in some states nothing is spent, and the customer is gone from there.

    What arriving there has brought is kept: the margin of that period. Raises Endless.
    """
    earning = _earning(terms, ends)
    reward = np.where(stop, terms.margin, terms.reward)
    return _values(np.where(stop[..., None], 0.0, shares), reward, terms.factor, earning)


def best_stopping(shares: Numbers, terms: Terms, ends: Ends | None = None) -> Stopping:
    """The states in which to stop that make customers in all states worth most. Raises Endless.

    To go on pays where what comes after is worth more, discounted, than what is spent now; where nothing is spent,
    there is nothing to stop. Found by iterating on policies: Howard (1960), Dynamic Programming and Markov Processes.
    """
    stop, values = best_stoppings(shares[None], terms, ends or ends_of(shares))
    return Stopping(stop[0], values[0])


def best_stoppings(shares: Stack, terms: Terms, ends: Ends) -> tuple[npt.NDArray[np.bool_], Stack]:
    """For each matrix the states in which to stop, and the values of customers then. Raises Endless."""
    stop = np.zeros(shares.shape[:-1], bool)
    values = values_stopping_in(shares, terms, ends, stop)
    smallest = 1e-9 * max(1.0, float(np.abs(values).max()))  # what is less is rounding
    for _turn in range(MOST_TURNS):
        later = terms.factor * _ahead(shares, values)
        better = np.where(stop, later <= terms.cost + smallest, later < terms.cost - smallest) & (terms.cost > 0)
        if (better == stop).all():
            break
        stop = better
        values = values_stopping_in(shares, terms, ends, stop)
    return stop, values


def stopping_shares(chain: Chain, terms: Terms, ends: Ends, *, seed: int) -> Numbers | None:
    """For each state, in which share of the matrices that may be true it is best to stop; None if the one is known.

    Raises Endless.
    """
    if chain.is_known:
        return None
    stopped = np.concatenate([best_stoppings(stack, terms, ends)[0] for stack in drawn(chain, seed)])
    return np.asarray(stopped.mean(axis=0), np.float64)


def _ahead(shares: Stack, values: Stack) -> Stack:
    found: Stack = (shares @ values[..., None])[..., 0]
    return found


def _earning(terms: Terms, ends: Ends) -> list[int]:
    """The states whose values have to be solved for; all others are worth nothing, for good."""
    if terms.factor < 1:
        return [*range(len(terms.margin))]
    lasting = [place for states in ends.classes for place in states]
    if (terms.margin[lasting] != 0).any() or (terms.cost[lasting] != 0).any():
        raise Endless("without discount, states that are never left must bring and cost nothing")
    return list(ends.passing)


def _values(shares: Stack, reward: Stack, factor: float, earning: list[int]) -> Stack:
    found = np.zeros(shares.shape[:-1])
    within = shares[..., earning, :][..., earning]
    right = np.broadcast_to(reward, shares.shape[:-1])[..., earning]
    found[..., earning] = np.linalg.solve(np.eye(len(earning)) - factor * within, right[..., None])[..., 0]
    return found
