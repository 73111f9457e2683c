"""What a logistic regression cannot say: columns that repeat others, and columns that tell perfectly who moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr
from scipy.optimize import linprog

Numbers = npt.NDArray[np.float64]

SMALLEST = 1e-7  # of a direction in which nothing limits the likelihood
DEPENDENT = 1e-9  # of a column's length that others leave unexplained


class Collinear(ValueError):
    """Some columns say no more than others do: each is constant, or a sum of multiples of those before it."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(f"no more than others say: {', '.join(columns)}")
        self.columns = tuple(columns)


class Separated(ValueError):
    """Some columns tell perfectly, of all or of some customers, who moves: their odds ratios have no limit."""

    def __init__(self, columns: Sequence[str], *, is_complete: bool) -> None:
        whom = "all" if is_complete else "some"
        super().__init__(f"of {whom} customers it is told perfectly by: {', '.join(columns)}")
        self.columns = tuple(columns)
        self.is_complete = is_complete


@dataclass(frozen=True)
class Separation:
    """The columns, by their places, without which there would be none."""

    places: tuple[int, ...]
    is_complete: bool  # of everybody it is told who moves; otherwise only of some


def dependent_columns(rows: Numbers, lost: Numbers) -> list[int]:
    """The places of columns that those before them explain, but for what rounding may have `lost` of each number."""
    sizes: Numbers = np.sqrt(np.mean(rows**2, axis=0)) if len(rows) else np.zeros(rows.shape[1])
    sizes[sizes == 0] = 1
    lengths: Numbers = np.linalg.norm(rows, axis=0)
    lengths[lengths == 0] = 1
    dependent: list[int] = []
    kept: list[int] = []
    for place in range(rows.shape[1]):
        column = rows[:, place] / lengths[place]
        if kept:
            basis = qr(rows[:, kept] / lengths[kept], mode="economic")[0]
            column = column - basis @ (basis.T @ column)
        unexplained = max(DEPENDENT, float(lost[place] / sizes[place]))
        (dependent if np.linalg.norm(column) <= unexplained else kept).append(place)
    return dependent


def separation_of(rows: Numbers, moved: Numbers, customers: Numbers) -> Separation | None:
    """Which columns tell perfectly who moves, as few as do so; None where none do. The first is the intercept.

    Some sum of columns is never below 0 where somebody moved, never above it where somebody did not, and not 0
    everywhere: Albert & Anderson (1984), Biometrika 71, 1-10. Found by linear programming, as Konis (2007), Linear
    programming algorithms for detecting separated data, Oxford. Columns are of about one scale.
    """
    is_mixed = (moved > 0) & (moved < customers)
    turned = rows * np.where(moved > 0, 1.0, -1.0)[:, None]
    signed, level = turned[~is_mixed], turned[is_mixed]
    columns = [*range(1, rows.shape[1])]
    direction = _separating(signed, level)
    if direction is None:
        return None

    def is_separated(some: list[int]) -> bool:
        return _separating(signed[:, some], level[:, some]) is not None

    alone = [one for one in columns if is_separated([0, one])]
    needed = alone or [one for one in columns if not is_separated([0, *(other for other in columns if other != one)])]
    places = needed or [one for one in columns if abs(direction[one]) > SMALLEST]
    return Separation(tuple(places), is_complete=not is_mixed.any() and _is_beyond(signed))


def _separating(signed: Numbers, level: Numbers) -> Numbers | None:
    """A sum of columns that is nowhere below 0 and not 0 everywhere in the first rows, and 0 in the others."""
    if not len(signed):
        return None
    solved = linprog(
        -signed.sum(axis=0),
        A_ub=-signed,
        b_ub=np.zeros(len(signed)),
        A_eq=level if len(level) else None,
        b_eq=np.zeros(len(level)) if len(level) else None,
        bounds=(-1, 1),
        method="highs",
    )
    found: Numbers | None = solved.x if solved.success and -solved.fun > SMALLEST else None
    return found


def _is_beyond(signed: Numbers) -> bool:
    """Whether some sum of columns is above 0 in every row."""
    wanted = np.full(len(signed), -1.0)
    solved = linprog(np.zeros(signed.shape[1]), A_ub=-signed, b_ub=wanted, bounds=(None, None), method="highs")
    return bool(solved.success)
