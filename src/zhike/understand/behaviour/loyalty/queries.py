"""Reads of satisfaction and loyalty: the matrix of both, and who would recommend the firm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.stats.proportions import wilson
from zhike.understand.behaviour.figures import Row, counted
from zhike.understand.behaviour.loyalty.tables import LEVELS, LOYALTY_COUNTS, SATISFACTIONS
from zhike.understand.value.queries import units_of
from zhike.warehouse.queries import Published, published


@dataclass(frozen=True)
class Share:
    """So many of so many, with the 95 % interval of the share (Wilson); None of nobody."""

    count: int
    total: int
    share: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Recommending:
    """How many would recommend the firm (9 or 10 of 10), and how many would not (6 or less)."""

    answered: int
    promoters: Share
    detractors: Share

    @property
    def net(self) -> float:
        """Share of promoters less that of detractors."""
        return (self.promoters.share or 0.0) - (self.detractors.share or 0.0)


@dataclass(frozen=True)
class Loyalty:
    """How loyal the customers asked for act, how satisfied they say they are, and both together."""

    as_of: date
    customers: int
    by_level: dict[str, int]  # gone, new, benefit, belonging, habit
    answered: int
    matrix: dict[str, dict[str, int]]  # satisfied, neutral, unsatisfied → the levels; of who answered
    gone: dict[str, Share]  # the same → who of them, without the new, have gone
    recommending: Recommending | None


def loyalty_overview(*, unit: str | None = None) -> Loyalty:
    """All customers, or those of an org unit and all below it. Raises Denied, NothingPublished."""
    require(Right.SEE_CUSTOMERS)
    return _loyalty(published(), units_of(unit))


@lru_cache(maxsize=64)
def _loyalty(now: Published, units: frozenset[str] | None) -> Loyalty:
    rows = counted(now, LOYALTY_COUNTS, units)
    matrix = {
        said: {
            level: _sum(row for row in rows if (row["satisfaction"], row["loyalty_level"]) == (said, level))
            for level in LEVELS
        }
        for said in SATISFACTIONS
    }
    return Loyalty(
        as_of=now.as_of,
        customers=_sum(rows),
        by_level={level: _sum(row for row in rows if row["loyalty_level"] == level) for level in LEVELS},
        answered=sum(sum(levels.values()) for levels in matrix.values()),
        matrix=matrix,
        gone={said: _share(one["gone"], sum(one.values()) - one["new"]) for said, one in matrix.items()},
        recommending=_recommending(rows),
    )


def _sum(rows: Iterable[Row], name: str = "customers") -> int:
    return sum(row[name] for row in rows)


def _recommending(rows: list[Row]) -> Recommending | None:
    promoters, passives, detractors = (_sum(rows, name) for name in ("promoters", "passives", "detractors"))
    answered = promoters + passives + detractors
    if not answered:
        return None
    return Recommending(answered, _share(promoters, answered), _share(detractors, answered))


def _share(count: int, total: int) -> Share:
    interval = wilson(count, total)
    return Share(count, total, count / total if total else None, interval.low, interval.high)
