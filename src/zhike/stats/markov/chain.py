"""Moves between states: from counts to shares, and how sure everything is that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from zhike.stats.proportions import LEVEL

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.bool_]
Stack = npt.NDArray[np.float64]  # one matrix after the other: draws × from × to

PRIOR = 0.5  # added to each count: Jeffreys's
DRAWS = 2_000  # as many as an interval needs; for very many states fewer, so that it takes seconds
MOST_DRAWN = 5_000_000  # shares in all draws together
ROUNDED = 0.0101  # by how much known shares may miss 1: thirds with two decimals do by a hundredth
HELD = 4_000_000  # numbers of drawn matrices that are in memory at once


class NeverLeft(ValueError):
    """Nobody was seen leaving, or staying in, some states, so nothing says where they lead."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__(f"nothing was counted from the states {', '.join(map(str, places))}")
        self.places = tuple(places)


@dataclass(frozen=True, eq=False)
class Chain:
    """How customers move in one period: rows are the states they come from, columns those they go to."""

    counts: Numbers
    weights: Numbers  # counts with what was added: parameters of each row's Dirichlet distribution
    shares: Numbers  # each row sums to 1
    is_known: bool = False  # shares were given: nothing was counted that they could be unsure of

    @property
    def size(self) -> int:
        """How many states there are."""
        return len(self.shares)


@dataclass(frozen=True, eq=False)
class Estimates:
    """Numbers, and from where to where each may be; no borders where the shares are known."""

    values: Numbers
    low: Numbers | None = None
    high: Numbers | None = None


def chain_of(
    counts: npt.ArrayLike, *, prior: float = PRIOR, possible: Places | None = None, absorbing: Sequence[int] = ()
) -> Chain:
    """The chain that was counted; `prior` is added to the count of every move that is `possible` (by default all).

    With ½ that is Jeffreys's prior, by which a move that nobody made is rare and not impossible. States that are
    `absorbing` keep everybody, whatever was counted. Raises NeverLeft, and ValueError for counts that are none.
    """
    counted = _square(counts)
    if not np.isfinite(prior) or prior < 0:
        raise ValueError("what is added to each count is a number of at least 0")
    allowed = np.ones_like(counted, bool) if possible is None else np.asarray(possible, bool)
    if (counted[~allowed] > 0).any():
        raise ValueError("an impossible move was counted")
    lasting = np.zeros(len(counted), bool)
    lasting[list(absorbing)] = True
    never = np.flatnonzero((counted.sum(axis=1) == 0) & ~lasting)
    if len(never):
        raise NeverLeft(never.tolist())
    weights = counted + prior * allowed
    weights[lasting] = np.eye(len(counted))[lasting]
    return Chain(counted, weights, weights / weights.sum(axis=1, keepdims=True))


def known_chain(shares: npt.ArrayLike) -> Chain:
    """The chain of shares that are known, as from a paper; rows are brought to sum to 1.

    Raises ValueError where one is further from it than rounding leads.
    """
    given = _square(shares)
    sums = given.sum(axis=1, keepdims=True)
    if (np.abs(sums - 1) > ROUNDED).any():
        raise ValueError("the shares of a state must sum to 1")
    given = given / sums
    return Chain(np.zeros_like(given), given, given, is_known=True)


def share_intervals(chain: Chain, *, level: float = LEVEL) -> Estimates:
    """From where to where each share may be: the quantiles of its Beta distribution, by which draws are made, too.

    A move that was never made, or always, may be as rare, or as sure, as can be (Brown, Cai & DasGupta 2001,
    Statistical Science 16, 101–133, on Jeffreys's interval).
    """
    if chain.is_known:
        return Estimates(chain.shares)
    inside = chain.weights
    beside = inside.sum(axis=1, keepdims=True) - inside
    is_open = (inside > 0) & (beside > 0)
    places = np.where(is_open, inside, 1.0), np.where(is_open, beside, 1.0)
    low, high = (np.where(is_open, betaincinv(*places, one), chain.shares) for one in _borders(level))
    totals = chain.counts.sum(axis=1, keepdims=True)
    low[is_open & (chain.counts == 0)] = 0.0
    high[is_open & (chain.counts == totals)] = 1.0
    return Estimates(chain.shares, low, high)


def bootstrapped(
    chain: Chain,
    wanted: Mapping[str, Callable[[Stack], Stack]],
    *,
    seed: int,
    draws: int | None = None,
    level: float = LEVEL,
) -> dict[str, Estimates]:
    """What follows from the shares, by name, with the intervals in which it lies as they vary.

    Each function takes matrices, one after the other, and gives as many results. Rows are drawn from the Dirichlet
    distribution of their counts: the Bayesian bootstrap (Rubin 1981, Annals of Statistics 9, 130–134) with the prior
    of the chain. The same seed gives the same intervals.
    """
    values = {name: function(chain.shares[None])[0] for name, function in wanted.items()}
    if chain.is_known:
        return {name: Estimates(value) for name, value in values.items()}
    parts: dict[str, list[Stack]] = {name: [] for name in wanted}
    for stack in drawn(chain, seed, draws):
        for name, function in wanted.items():
            parts[name].append(function(stack))
    found = {}
    for name, value in values.items():
        low, high = np.quantile(np.concatenate(parts[name]), _borders(level), axis=0)
        # Where nothing varies, rounding would leave a number out of its own interval.
        found[name] = Estimates(value, np.minimum(low, value), np.maximum(high, value))
    return found


def drawn(chain: Chain, seed: int, draws: int | None = None) -> Iterator[Stack]:
    """Matrices of shares as they might be, some at a time."""
    random = np.random.default_rng(seed)
    draws = draws or min(DRAWS, MOST_DRAWN // chain.size**2)
    at_once = max(1, HELD // chain.size**2)
    for first in range(0, draws, at_once):
        stack = random.standard_gamma(chain.weights, size=(min(at_once, draws - first), *chain.weights.shape))
        yield stack / stack.sum(axis=2, keepdims=True)


def _borders(level: float) -> tuple[float, float]:
    return (1 - level) / 2, (1 + level) / 2


def _square(numbers: npt.ArrayLike) -> Numbers:
    found = np.array(numbers, dtype=np.float64)
    if found.ndim != 2 or found.shape[0] != found.shape[1] or not len(found):
        raise ValueError("a square matrix is needed")
    if not np.isfinite(found.sum()) or (found < 0).any():
        raise ValueError("a count is a number of at least 0")
    return found
