"""Reads of behaviour: who comes back, what is held, who is insured, whose customers they are, which lines are used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.stats.proportions import wilson
from zhike.understand.behaviour.agents import Agents, agents_in
from zhike.understand.behaviour.figures import Row, counted
from zhike.understand.behaviour.tables import (
    CONTRACTS_EACH,
    INSURED,
    INSURED_COUNTS,
    LINE_COUNTS,
    LINE_PAIRS,
    LINES_EACH,
    REPEAT_COUNTS,
)
from zhike.understand.value.queries import units_of
from zhike.warehouse.queries import Published, published

YEAR = timedelta(days=365)
MOST_QUARTERS = 12  # with more of them, cohorts are told by year


@dataclass(frozen=True)
class Came:
    """Who bought for the first time from `since` to `until`, and who came back, with the 95 % interval of the share.

    Only those are `watched` whose first purchase is a year ago: `share`, `low` and `high` are of these.
    """

    since: date
    until: date
    customers: int
    repeaters: int
    watched: int
    within_a_year: int
    share: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Repeat:
    """Repeat purchase of one kind, orders or contracts: of everybody, and by quarter or year of the first."""

    kind: str
    every: Came
    cohorts: tuple[Came, ...]
    by_year: bool


@dataclass(frozen=True)
class Held:
    """Contracts in force: holders by how many they have; the last number stands for that many and more."""

    holders: int
    contracts: int
    annual_premium_amount: float
    by_number: tuple[tuple[int, int], ...]  # contracts, holders

    @property
    def contracts_each(self) -> float:
        """Contracts in force of a holder."""
        return self.contracts / self.holders

    @property
    def premium_each(self) -> float:
        """Yearly premium of a holder."""
        return self.annual_premium_amount / self.holders

    @property
    def premium_of_a_contract(self) -> float:
        """Yearly premium of a contract."""
        return self.annual_premium_amount / self.contracts


@dataclass(frozen=True)
class Insured:
    """Whom holders insure, of those of whom it is known: a holder may insure several."""

    holders: int
    by_relation: dict[str, int]
    family_only: int  # insure their family, and not themselves


@dataclass(frozen=True)
class LineUse:
    """One line of business: customers by how they use it, and what it brings in a year."""

    line: str
    main: int
    sometimes: int
    dormant: int
    yearly_amount: float

    @property
    def users(self) -> int:
        """Who use it now."""
        return self.main + self.sometimes


@dataclass(frozen=True)
class Wallet:
    """Lines of business: customers by how many they use, each line, and who use one without another."""

    customers: int  # who ever used one
    users: int  # who use one now
    by_number: tuple[tuple[int, int, float], ...]  # lines in use, customers, what they bring in a year
    lines: tuple[LineUse, ...]  # the most used first
    gaps: tuple[tuple[int | None, ...], ...]  # in the order of the lines: who use the one and not the other


@dataclass(frozen=True)
class Behaviour:
    """How the customers asked for behave; what nobody does is None or empty."""

    as_of: date
    repeats: tuple[Repeat, ...]
    held: Held | None
    insured: Insured | None
    agents: Agents | None
    wallet: Wallet | None


def behaviour(*, unit: str | None = None) -> Behaviour:
    """How all customers behave, or those of an org unit and all below it. Raises Denied, NothingPublished."""
    require(Right.SEE_CUSTOMERS)
    return _behaviour(published(), units_of(unit))


@lru_cache(maxsize=64)
def _behaviour(now: Published, units: frozenset[str] | None) -> Behaviour:
    cohorts = counted(now, REPEAT_COUNTS, units)
    return Behaviour(
        as_of=now.as_of,
        repeats=tuple(
            _repeat(kind, [row for row in cohorts if row["kind"] == kind], now.as_of)
            for kind in ("orders", "contracts")
            if any(row["kind"] == kind for row in cohorts)
        ),
        held=_held(counted(now, CONTRACTS_EACH, units)),
        insured=_insured(counted(now, INSURED_COUNTS, units)),
        agents=agents_in(now, units),
        wallet=_wallet(now, units),
    )


def _repeat(kind: str, rows: list[Row], as_of: date) -> Repeat:
    quarters = {_quarter(row["cohort_on"]) for row in rows}
    by_year = len(quarters) > MOST_QUARTERS
    begin = _year if by_year else _quarter
    groups: dict[date, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row["cohort_on"]):
        groups.setdefault(begin(row["cohort_on"]), []).append(row)
    cohorts = [_came(some, since, min(_end(since, by_year=by_year), as_of)) for since, some in groups.items()]
    return Repeat(kind, _came(rows, min(groups), as_of), tuple(cohorts), by_year)


def _came(rows: Iterable[Row], since: date, until: date) -> Came:
    names = ("customers", "repeaters", "watched", "within_a_year")
    sums = {name: sum(row[name] for row in rows) for name in names}
    interval = wilson(sums["within_a_year"], sums["watched"])
    share = sums["within_a_year"] / sums["watched"] if sums["watched"] else None
    return Came(since, until, **sums, share=share, low=interval.low, high=interval.high)


def _quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _year(day: date) -> date:
    return date(day.year, 1, 1)


def _end(since: date, *, by_year: bool) -> date:
    """The last day of a year or quarter."""
    month = since.month + (12 if by_year else 3)
    return date(since.year + (month - 1) // 12, (month - 1) % 12 + 1, 1) - timedelta(days=1)


def _held(rows: list[Row]) -> Held | None:
    if not rows:
        return None
    return Held(
        holders=sum(row["holders"] for row in rows),
        contracts=sum(row["contract_count"] for row in rows),
        annual_premium_amount=float(sum(row["annual_premium_amount"] for row in rows)),
        by_number=tuple((row["contracts"], row["holders"]) for row in sorted(rows, key=lambda row: row["contracts"])),
    )


def _insured(rows: list[Row]) -> Insured | None:
    if not rows:
        return None
    family = [f"insures_{whom}" for whom in ("spouse", "child", "parent")]
    return Insured(
        holders=sum(row["holders"] for row in rows),
        by_relation={whom: sum(row["holders"] for row in rows if row[f"insures_{whom}"]) for whom in INSURED},
        family_only=sum(
            row["holders"] for row in rows if not row["insures_self"] and any(row[name] for name in family)
        ),
    )


def _wallet(now: Published, units: frozenset[str] | None) -> Wallet | None:
    numbers = sorted(counted(now, LINES_EACH, units), key=lambda row: row["line_count"])
    if not numbers:
        return None
    uses: dict[str, dict[str, Any]] = {}
    for row in counted(now, LINE_COUNTS, units):
        known = uses.setdefault(row["line_of_business"], {"yearly_amount": 0.0})
        known[row["use"]] = row["customers"]
        known["yearly_amount"] += float(row["yearly_amount"])
    found = [
        LineUse(line, said.get("main", 0), said.get("sometimes", 0), said.get("dormant", 0), said["yearly_amount"])
        for line, said in uses.items()
    ]
    lines = sorted(found, key=lambda one: (-one.users, -one.dormant, one.line))
    pairs = {(row["line_of_business"], row["other_line"]): row["customers"] for row in counted(now, LINE_PAIRS, units)}
    return Wallet(
        customers=sum(row["customers"] for row in numbers),
        users=sum(row["customers"] for row in numbers if row["line_count"]),
        by_number=tuple((row["line_count"], row["customers"], float(row["yearly_amount"])) for row in numbers),
        lines=tuple(lines),
        gaps=tuple(
            tuple(
                None if held.line == other.line else held.users - pairs.get((held.line, other.line), 0)
                for other in lines
            )
            for held in lines
        ),
    )
