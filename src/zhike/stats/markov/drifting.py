"""Whether customers go on moving as they did: what a forecast takes for granted, put to the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from zhike.stats.markov.chain import Numbers

FEWEST_MOVES = 10  # of a kind; rarer ones of a state are put together, or χ² would not be what it is taken for


@dataclass(frozen=True)
class Drift:
    """Whether customers moved alike in both halves of the periods: χ², and what changed most beyond chance."""

    statistic: float
    degrees: int
    p: float
    distance: float  # share of moves that go elsewhere in one half than in the other
    place: tuple[int, int]  # from and to of the move that changed most
    before: float  # its share in the earlier half
    after: float


def drift(moves: Numbers) -> Drift | None:
    """Whether the shares of the earlier half of the periods are those of the later; None where nothing can be compared.

    The χ² test of homogeneity of the rows: Anderson & Goodman (1957), Annals of Mathematical Statistics 28, 89–110,
    section 3.2. `moves` are periods × from × to, the oldest first.
    """
    half = len(moves) // 2
    halves = np.stack([moves[:half].sum(axis=0), moves[half:].sum(axis=0)])
    statistic, degrees, apart, whole = 0.0, 0, 0.0, 0.0
    most, where = 0.0, (0, 0)
    for place in range(moves.shape[1]):
        rows = halves[:, place]
        if not rows.sum(axis=1).all():
            continue
        parts, columns = _grouped(rows)
        expected = parts.sum(axis=1, keepdims=True) * parts.sum(axis=0) / parts.sum()
        cells = ((parts - expected) ** 2 / expected).sum(axis=0)
        statistic, degrees = statistic + float(cells.sum()), degrees + len(columns) - 1
        shares = parts / parts.sum(axis=1, keepdims=True)
        apart += float(rows.sum() * np.abs(shares[0] - shares[1]).sum() / 2)
        whole += float(rows.sum())
        if cells.max() > most and columns[int(cells.argmax())] is not None:
            most, where = float(cells.max()), (place, columns[int(cells.argmax())] or 0)
    if not degrees:
        return None
    come, go = where
    before, after = halves[:, come, go] / halves[:, come].sum(axis=1)
    p = float(chdtrc(degrees, statistic))
    return Drift(statistic, degrees, p, apart / whole, where, float(before), float(after))


def _grouped(rows: Numbers) -> tuple[Numbers, Sequence[int | None]]:
    """The moves of a state in two halves, those that are rare put together in the last column, which has no place."""
    seen = rows.sum(axis=0)
    common = np.flatnonzero(seen >= FEWEST_MOVES).tolist()
    rare = rows[:, (seen > 0) & (seen < FEWEST_MOVES)].sum(axis=1)
    if not rare.sum():
        return rows[:, common], common
    return np.column_stack([rows[:, common], rare]), [*common, None]
