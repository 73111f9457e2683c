"""Reads of who stays: cohorts, how long contracts and customers last by group, and why others leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.govern.organisation.queries import unit_of
from zhike.stats.survival.comparing import Compared, log_rank, proportional_hazards
from zhike.stats.survival.curves import Curve, kaplan_meier
from zhike.stats.survival.flattening import Flattening, flattening
from zhike.stats.survival.stays import Stays, stays_of
from zhike.understand.retention.tables import DEFECTION_REASONS, RETENTION_COHORTS, STAY_COUNTS
from zhike.understand.value.queries import units_of
from zhike.warehouse.contracts import Contract
from zhike.warehouse.queries import Published, published, rows

MONTH_DAYS = 365.25 / 12
FEWEST = 30  # stays of a group that is shown by itself
MOST_GROUPS = 4
Row = dict[str, Any]


@dataclass(frozen=True)
class Cohort:
    """Customers who came in one month or quarter, and how many of those watched so long were there after each month."""

    began_on: date
    customers: int
    watched: Mapping[int, int]
    retained: Mapping[int, int]

    def share(self, month: int) -> float | None:
        """The share that was there; None for a month that not all of them have completed."""
        watched = self.watched.get(month, 0)
        return self.retained[month] / watched if watched == self.customers else None


def cohorts(*, basis: str, quarterly: bool, unit: str | None = None) -> tuple[Cohort, ...]:
    """Cohorts of the last three years, the oldest first; `basis` is presence, or orders."""
    require(Right.SEE_CUSTOMERS)
    return _cohorts(published(), units_of(unit), basis, quarterly)


@lru_cache(maxsize=64)
def _cohorts(now: Published, units: frozenset[str] | None, basis: str, quarterly: bool) -> tuple[Cohort, ...]:
    watched: dict[date, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    retained: dict[date, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in _rows(
        now, RETENTION_COHORTS, units, {"basis": basis}, ("cohort_on", "months_since"), "customers", "retained"
    ):
        began = row["cohort_on"]
        began = began.replace(month=(began.month - 1) // 3 * 3 + 1) if quarterly else began
        watched[began][row["months_since"]] += row["customers"]
        retained[began][row["months_since"]] += row["retained"]
    return tuple(Cohort(began, watched[began][0], watched[began], retained[began]) for began in sorted(watched))


@dataclass(frozen=True)
class Group:
    """How long the customers, or contracts, of one group stay, in months; `name` is empty where nobody says."""

    name: str
    stays: Stays
    curve: Curve
    habit: Flattening


@dataclass(frozen=True)
class Staying:
    """How long they stay: all together, and by group, the largest first, with the tests of whether groups differ."""

    all: Group | None
    groups: Sequence[Group]
    left_out: int  # groups that are not shown by themselves
    log_rank: Compared | None
    proportional: Compared | None


def staying(*, basis: str, by: str = "", unit: str | None = None) -> Staying:
    """How long contracts, or customers, stay; by `line_of_business`, `channel`, or the units below one, if asked.

    With `unit`, those of the unit and all below it, which only units tell apart.
    """
    require(Right.SEE_CUSTOMERS)
    return _staying(published(), units_of(unit), basis, by)


@lru_cache(maxsize=64)
def _staying(now: Published, units: frozenset[str] | None, basis: str, by: str) -> Staying:
    dimension = by or "unit_id"
    counted = _rows(
        now,
        STAY_COUNTS,
        None,
        {"basis": basis, "grouped_by": dimension},
        ("group_name", "duration"),
        "events",
        "censored",
    )
    named: dict[str, list[Row]] = defaultdict(list)
    for row in counted:
        if not units or row["group_name"] in units:
            named[row["group_name"]].append(row)
    if not any(row["events"] or row["censored"] for of in named.values() for row in of):
        return Staying(None, (), 0, None, None)
    everybody = _group("", [row for of in named.values() for row in of])
    large = sorted(
        (name for name, of in named.items() if name and _size(of) >= FEWEST),
        key=lambda name: (-_size(named[name]), name),
    )
    shown = [_group(name, named[name]) for name in large[:MOST_GROUPS]] if by else []
    if len(shown) < 2:
        return Staying(everybody, (), 0, None, None)
    apart = [one.stays for one in shown]
    return Staying(everybody, shown, len(named) - len(shown), log_rank(apart), proportional_hazards(apart))


def _size(of: Sequence[Row]) -> int:
    return int(sum(row["events"] + row["censored"] for row in of))


def _group(name: str, of: Sequence[Row]) -> Group:
    stays = stays_of(
        [row["duration"] / MONTH_DAYS for row in of], [row["events"] for row in of], [row["censored"] for row in of]
    )
    return Group(name, stays, kaplan_meier(stays), flattening(stays))


@dataclass(frozen=True)
class Reason:
    """Something that is known of why customers left, and of how many; empty where nothing is."""

    reason: str
    count: int


def reasons(*, kind: str, unit: str | None = None) -> tuple[Reason, ...]:
    """Of the last year, the most frequent first; `kind` is ended, contact or response."""
    require(Right.SEE_CUSTOMERS)
    now, units = published(), units_of(unit)
    found = _rows(now, DEFECTION_REASONS, units, {"kind": kind}, ("reason",), "count")
    return tuple(
        Reason(row["reason"], row["count"]) for row in sorted(found, key=lambda row: (-row["count"], row["reason"]))
    )


def title_of_group(by: str, name: str) -> str:
    """What a group is called."""
    unit = unit_of(name) if by == "unit_id" else None
    return unit.title if unit else name


def _rows(
    now: Published,
    contract: Contract,
    units: frozenset[str] | None,
    where: Mapping[str, str],
    by: Sequence[str],
    *sums: str,
) -> list[Row]:
    found = now.table(contract)
    for column, value in where.items():
        found = found.filter(found[column] == value)
    if units:
        found = found.filter(found.unit_id.isin(sorted(units)))
    return rows(found.group_by(list(by)).agg(**{name: found[name].sum() for name in sums}).order_by(list(by)))
