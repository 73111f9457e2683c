"""How good a linkage is, where the truth is known."""

from __future__ import annotations

from dataclasses import dataclass

from ibis.expr.types import Table


@dataclass(frozen=True)
class Accuracy:
    """Of pairs of records that are in one group, and pairs that belong together: how many are both."""

    precision: float
    recall: float
    f1: float


def pairwise(found: Table, *, group: str, truth: str) -> tuple[Table, Table, Table]:
    """Tables of one number each: pairs in one group, pairs that belong together, pairs that are both."""
    return _pairs(found, [group]), _pairs(found, [truth]), _pairs(found, [group, truth])


def accuracy(grouped: int, true: int, both: int) -> Accuracy:
    """Precision, recall and their harmonic mean; 1 where there was nothing to find."""
    precision = both / grouped if grouped else 1.0
    recall = both / true if true else 1.0
    f1 = 2 * precision * recall / (precision + recall) if both else 0.0 if true or grouped else 1.0
    return Accuracy(precision, recall, f1)


def _pairs(found: Table, by: list[str]) -> Table:
    sizes = found.group_by(by).agg(size=found.count())
    return (sizes.size * (sizes.size - 1) / 2).sum().fill_null(0).as_table()
