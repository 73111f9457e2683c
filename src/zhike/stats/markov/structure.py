"""Where a chain leads: how long customers stay, in which states they end, and what it settles at."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from zhike.stats.markov.chain import Numbers, Places, Stack


@dataclass(frozen=True)
class Ends:
    """The classes of states that are never left once entered, each by its places; all other states are passed through.

    A class of one state absorbs. With several, where a customer ends depends on chance and on where they began.
    """

    classes: tuple[tuple[int, ...], ...]
    passing: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class SteadyState:
    """The shares that a stock without inflow keeps; None where that depends on how it begins: several ends."""

    shares: Numbers | None
    ends: Ends
    period: int  # the stock comes near these shares if 1; otherwise it goes round them, once in so many periods


def ends_of(shares: Numbers) -> Ends:
    """The classes that are never left, in the order of their first states."""
    count, of_class = connected_components(csr_array(shares > 0), directed=True, connection="strong")
    leaves = np.zeros(count, bool)
    come, go = np.nonzero(shares > 0)
    leaves[of_class[come[of_class[come] != of_class[go]]]] = True
    classes = [tuple(np.flatnonzero(of_class == one).tolist()) for one in range(count) if not leaves[one]]
    return Ends(tuple(sorted(classes)), tuple(np.flatnonzero(leaves[of_class]).tolist()))


def absorbing_places(shares: Numbers) -> Places:
    """Which states keep everybody."""
    return np.diag(shares) == 1


def stays(shares: Stack) -> Stack:
    """How many periods a customer is in each state at a stretch, on average: 1 / (1 - p); infinite where for good."""
    kept = np.diagonal(shares, axis1=-2, axis2=-1)
    with np.errstate(divide="ignore"):
        return 1 / (1 - kept)


def periods_to_end(shares: Stack, ends: Ends) -> Stack:
    """How many periods it takes from each state to one that is never left, on average; 0 from within.

    The row sums of the fundamental matrix (I - Q)⁻¹: Kemeny & Snell (1960), Finite Markov Chains, theorem 3.3.5.
    """
    found = np.zeros(shares.shape[:-1])
    found[..., list(ends.passing)] = _solved(shares, ends, np.ones((*shares.shape[:-2], len(ends.passing), 1)))[..., 0]
    return found


def end_probabilities(shares: Stack, ends: Ends) -> Stack:
    """From each state, how probably a customer ends in each class: (I - Q)⁻¹ R, Kemeny & Snell, theorem 3.3.7."""
    found = np.zeros((*shares.shape[:-1], len(ends.classes)))
    for place, states in enumerate(ends.classes):
        found[..., list(states), place] = 1
    into = [shares[..., list(states)].sum(axis=-1)[..., list(ends.passing)] for states in ends.classes]
    found[..., list(ends.passing), :] = _solved(shares, ends, np.stack(into, axis=-1))
    return found


def steady_state(shares: Numbers) -> SteadyState:
    """The shares that stay as they are from period to period, if there is but one such set."""
    ends = ends_of(shares)
    period = math.lcm(*(_round(shares, states) for states in ends.classes))
    if len(ends.classes) > 1:
        return SteadyState(None, ends, period)
    states = list(ends.classes[0])
    within = shares[np.ix_(states, states)]
    # One equation follows from the others; in its place the shares sum to 1.
    equations = within.T - np.eye(len(states))
    equations[-1] = 1
    found: Numbers = np.zeros(len(shares))
    found[states] = np.linalg.solve(equations, np.eye(len(states))[-1])
    np.clip(found, 0, 1, out=found)
    return SteadyState(found, ends, period)


def _solved(shares: Stack, ends: Ends, right: Stack) -> Stack:
    passing = list(ends.passing)
    within = shares[..., passing, :][..., passing]
    return np.asarray(np.linalg.solve(np.eye(len(passing)) - within, right), np.float64)


def _round(shares: Numbers, states: tuple[int, ...]) -> int:
    """The greatest common divisor of the lengths of all ways from a state of a class back to it."""
    within = csr_array(shares[np.ix_(states, states)] > 0)
    order, before = breadth_first_order(within, 0)
    depth = np.zeros(len(states), np.int64)
    for place in order[1:]:
        depth[place] = depth[before[place]] + 1
    come, go = within.nonzero()
    return int(np.gcd.reduce(np.abs(depth[come] + 1 - depth[go])))
