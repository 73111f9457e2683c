"""What drives a move: logistic regression on groups of customers, each compared with the largest of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from zhike.stats.logistic import Effect, NothingVaries, Regression, logistic
from zhike.stats.logistic_limits import Collinear, Separated
from zhike.stats.proportions import LEVEL

# What is said of a group without an odds ratio: others are compared with it; nobody, or everybody, of it moved; there
# is no other group of its kind; what its kind says, others say already.
Without = Literal["reference", "nobody", "everybody", "alone", "repeats"]

NUMBER = "\0"  # in place of the group: of a number
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Driver:
    """One group of a kind, or one number, and what it does to the odds of moving, all else being equal."""

    feature: str
    group: str | None  # None: of a number, of which it is one unit more
    customers: float
    moved: float
    effect: Effect | None
    without: Without | None  # why it has no effect


@dataclass(frozen=True, eq=False)
class Drivers:
    """All groups and numbers, in the order in which they were given; the largest group of each kind is its reference.

    `regression` is of the customers in groups of whom some moved and some did not.
    """

    drivers: tuple[Driver, ...]
    regression: Regression
    customers: float
    moved: float

    @property
    def events_each(self) -> float:
        """Customers of the rarer outcome for each coefficient: under 10, they are uncertain, and drawn away from 1.

        Peduzzi et al. (1996), Journal of Clinical Epidemiology 49, 1373-1379.
        """
        stayed = self.regression.customers - self.regression.moved
        return min(self.regression.moved, stayed) / max(1, len(self.regression.effects) - 1)


@dataclass(frozen=True, eq=False)
class _Cells:
    groups: Mapping[str, npt.NDArray[np.object_]]
    numbers: Mapping[str, Numbers]
    customers: Numbers
    moved: Numbers

    def of(self, held: Flags) -> _Cells:
        return _Cells(
            {name: values[held] for name, values in self.groups.items()},
            {name: values[held] for name, values in self.numbers.items()},
            self.customers[held],
            self.moved[held],
        )

    def column(self, feature: str, group: str) -> Numbers:
        if group == NUMBER:
            return self.numbers[feature]
        return (self.groups[feature] == group).astype(np.float64)

    def groups_of(self, feature: str) -> list[str]:
        return [NUMBER] if feature in self.numbers else np.unique(self.groups[feature]).tolist()

    def count(self, feature: str, group: str) -> tuple[float, float]:
        held = self.groups[feature] == group
        return float(self.customers[held].sum()), float(self.moved[held].sum())


@dataclass(frozen=True, eq=False)
class _Fitted:
    regression: Regression
    effects: Mapping[tuple[str, str], Effect]


def drivers(
    groups: Mapping[str, npt.ArrayLike],
    moved: npt.ArrayLike,
    customers: npt.ArrayLike | None = None,
    *,
    numbers: Mapping[str, npt.ArrayLike] | None = None,
    level: float = LEVEL,
) -> Drivers:
    """The odds ratio of each group of customers against the largest of its kind, and of each number.

    Each row is a cell of customers who are alike, as of `logistic`. Where nobody of a group moved, or everybody did,
    its odds ratio has no limit: it has none here, and its customers are left out, which changes no other estimate of
    maximum likelihood. A kind of which one group is left, or that says no more than those before it, is left out.
    Raises NothingVaries, Separated where several together tell perfectly who moved, and ValueError as `logistic`.
    """
    events = np.asarray(moved, np.float64)
    totals = np.ones_like(events) if customers is None else np.asarray(customers, np.float64)
    whole = _Cells(
        {name: np.asarray(values, np.object_) for name, values in groups.items()},
        {name: np.asarray(values, np.float64) for name, values in (numbers or {}).items()},
        totals,
        events,
    )
    if any(len(one) != len(events) for one in (totals, *whole.groups.values(), *whole.numbers.values())):
        raise ValueError("columns are of one length")
    if not (
        np.isfinite(events).all() and np.isfinite(totals).all() and (events >= 0).all() and (events <= totals).all()
    ):
        raise ValueError("of some customers at least 0, and at most all of them, moved")
    cells = whole.of(totals > 0)
    if not 0 < cells.moved.sum() < cells.customers.sum():
        raise NothingVaries("it happened to all, or to none")
    without = _told_perfectly(cells)
    kept = cells.of(~np.any([cells.groups[kind] == group for kind, group in without], axis=0)) if without else cells
    fitted = _fitted(kept, without, level)
    return Drivers(
        drivers=tuple(_listed(cells, fitted, without)),
        regression=fitted.regression,
        customers=float(cells.customers.sum()),
        moved=float(cells.moved.sum()),
    )


def _told_perfectly(cells: _Cells) -> dict[tuple[str, str], Without]:
    """Groups of whom nobody moved, or everybody: with their customers out of the way, others may become so."""
    found: dict[tuple[str, str], Without] = {}
    while True:
        new: dict[tuple[str, str], Without] = {}
        for kind in cells.groups:
            counts = {group: cells.count(kind, group) for group in cells.groups_of(kind)}
            for group, (customers, moved) in counts.items():
                if len(counts) > 1 and moved in (0, customers):
                    new[kind, group] = "everybody" if moved else "nobody"
        if not new:
            break
        found |= new
        cells = cells.of(~np.any([cells.groups[kind] == group for kind, group in new], axis=0))
    if not 0 < cells.moved.sum() < cells.customers.sum():
        raise Separated(list(dict.fromkeys(kind for kind, _group in found)), is_complete=True)
    return found


def _fitted(cells: _Cells, without: dict[tuple[str, str], Without], level: float) -> _Fitted:
    """The regression; adds to `without` the groups that have no coefficient in it."""
    columns: list[tuple[str, str]] = []
    for kind, values in cells.groups.items():
        counts = {group: cells.count(kind, group)[0] for group in np.unique(values).tolist()}
        largest = max(counts, key=lambda group: counts[group])  # of equals, the first in the alphabet
        without[kind, largest] = "reference" if len(counts) > 1 else "alone"
        columns += [(kind, group) for group in counts if group != largest]
    columns += [(name, NUMBER) for name in cells.numbers]
    while columns:
        named = {str(place): column for place, column in enumerate(columns)}
        try:
            found = logistic(
                {name: cells.column(*column) for name, column in named.items()},
                cells.moved,
                cells.customers,
                level=level,
            )
        except Collinear as error:
            # A group cannot go alone: the others of its kind would be compared with something else.
            kinds = {named[name][0] for name in error.columns}
            without |= {(kind, group): "repeats" for kind in kinds for group in cells.groups_of(kind)}
            columns = [column for column in columns if column[0] not in kinds]
        except Separated as error:
            kinds_told = dict.fromkeys(named[name][0] for name in error.columns)
            raise Separated(list(kinds_told), is_complete=error.is_complete) from None
        else:
            return _Fitted(found, {column: found.effects[name] for name, column in named.items()})
    raise NothingVaries("there is nothing by which customers differ")


def _listed(cells: _Cells, fitted: _Fitted, without: Mapping[tuple[str, str], Without]) -> list[Driver]:
    found = []
    for kind, values in cells.groups.items():
        for group in dict.fromkeys(values.tolist()):
            customers, moved = cells.count(kind, group)
            found.append(
                Driver(kind, group, customers, moved, fitted.effects.get((kind, group)), without.get((kind, group)))
            )
    whole = float(cells.customers.sum()), float(cells.moved.sum())
    for name in cells.numbers:
        found.append(Driver(name, None, *whole, fitted.effects.get((name, NUMBER)), without.get((name, NUMBER))))
    return found
