"""Histories of buying: how often, up to when, and how long each customer could be watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cells:
    """Histories, each with the number of customers who have it; arrays of one length, times in one unit.

    `frequency` counts the purchases after the first, `recency` is the time from the first purchase to the last, `age`
    the time from the first purchase to the end of the observation. To the models all customers of one cell are alike,
    so a fit takes as long as there are cells, however many customers there are.
    """

    frequency: Numbers
    recency: Numbers
    age: Numbers
    customers: Numbers

    def __len__(self) -> int:
        return len(self.frequency)

    @cached_property
    def frequencies(self) -> Distinct:
        """The numbers of purchases there are: few, however many cells."""
        return Distinct(*np.unique(self.frequency, return_inverse=True))

    @cached_property
    def ages(self) -> Distinct:
        """The ages there are."""
        return Distinct(*np.unique(self.age, return_inverse=True))

    @cached_property
    def futures(self) -> tuple[Cells, npt.NDArray[np.intp]]:
        """One cell for each frequency and age there is, and which of them each cell has.

        What customers who are alive do later does not depend on when they were last seen.
        """
        pairs = self.frequencies.place * len(self.ages.values) + self.ages.place
        _, first, place = np.unique(pairs, return_index=True, return_inverse=True)
        found = Cells(self.frequency[first], self.recency[first], self.age[first], self.customers[first])
        return found, place


@dataclass(frozen=True)
class Distinct:
    """The different values of an array, in rising order, and which of them each of its places has."""

    values: Numbers
    place: npt.NDArray[np.intp]


@dataclass(frozen=True)
class Grouped:
    """Cells, and in which of them each customer is."""

    cells: Cells
    place: npt.NDArray[np.intp]


def grouped(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike, customers: npt.ArrayLike | None = None
) -> Grouped:
    """The cells of customers, given one by one or, with `customers`, as counts.

    Raises ValueError for a history that cannot be, with the place of the first: a number that is missing, negative or
    no whole frequency, a last purchase after the end, a recency of somebody who bought once, or none of who came back.
    """
    given = [np.asarray(values, dtype=np.float64).ravel() for values in (frequency, recency, age)]
    counts = np.ones(len(given[0])) if customers is None else np.asarray(customers, dtype=np.float64).ravel()
    _check(given, counts)
    order = np.lexsort(given[::-1])
    in_order = [values[order] for values in given]
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = np.logical_or.reduce([values[1:] != values[:-1] for values in in_order])
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.cumsum(is_new) - 1
    sums = np.bincount(place, weights=counts).astype(np.float64)
    x, t_x, ages = (values[is_new] for values in in_order)
    return Grouped(Cells(x, t_x, ages, sums), place)


def _check(given: Sequence[Numbers], counts: Numbers) -> None:
    if len({len(values) for values in (*given, counts)}) > 1:
        raise ValueError("frequency, recency, age and customers are of different lengths")
    if not counts.any():
        raise ValueError("there are no customers")
    frequency, recency, age = given
    for wrong, what in (
        (~np.isfinite(frequency + recency + age + counts), "a number is missing"),
        ((frequency < 0) | (recency < 0) | (age < 0), "a number is negative"),
        (counts < 0, "there cannot be fewer than no customers"),
        (frequency != np.floor(frequency), "frequency is no whole number"),
        (recency > age, "the last purchase is after the end of the observation"),
        ((frequency == 0) & (recency > 0), "who bought once has a recency"),
        ((frequency > 0) & (recency == 0), "who came back has no recency: purchases of one day are one"),
    ):
        if wrong.any():
            raise ValueError(f"{what} (customer {int(np.argmax(wrong)) + 1})")
