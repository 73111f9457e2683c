"""Reads for the page and the API: which contracts are expected to be renewed, by which models, and how these did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import pyarrow.compute as pc
from ibis import _
from ibis.expr.types import Table

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMERS
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.stats.lifetime.shifted_beta_geometric import ShiftedBetaGeometric
from zhike.stats.proportions import Interval
from zhike.understand.value.lifetime.overview import Parameter
from zhike.understand.value.queries import known_units_of
from zhike.understand.value.renewals.fitting import Doubt, Holdout
from zhike.understand.value.renewals.measures import contracts_in_force, renewal_bands, renewal_histories
from zhike.understand.value.renewals.sums import Sum, Sums, sums_of, together
from zhike.understand.value.renewals.tables import CUSTOMER_RENEWALS, RENEWAL_CELLS, RENEWAL_MODELS
from zhike.warehouse.engines.duckdb import embedded
from zhike.warehouse.queries import Published, published, rows

# Chances of renewal that are told apart; most are high, and there a few points are much.
BORDERS = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)


@dataclass(frozen=True)
class Chances:
    """Holders whose chance of renewal lies from `lower` on, up to `upper`."""

    lower: float
    upper: float
    customers: int


@dataclass(frozen=True)
class Survived:
    """At a number of renewals: contracts that came to it, the share still there, and the share by the model."""

    contracts: int
    share: float
    modelled: float


@dataclass(frozen=True)
class Line:
    """What is expected of the contracts in force of one line of business and length of period, of the whole firm."""

    line_of_business: str
    period_months: int
    seen: int  # contracts at renewals, in force or not
    ended: int
    is_used: bool
    parameters: tuple[Parameter, ...]
    doubts: tuple[Doubt, ...]
    survival: tuple[Survived, ...]
    holdout: Holdout | None
    contracts: int  # in force
    next_renewed: float | None  # share expected to be renewed next, of those that do not run out before
    stay: float | None  # share expected to be there in a year
    premium: float  # within a year, discounted
    ever: float
    stay_interval: Interval | None  # of the share
    premium_interval: Interval | None
    ever_interval: Interval | None


@dataclass(frozen=True)
class Renewals:
    """What is expected of the holders asked for, by their chance of renewal, and of each line of the firm."""

    customers: int
    premium: float
    ever: float
    premium_interval: Interval | None
    ever_interval: Interval | None
    contracts: int  # in force, of which a model speaks
    stay: float | None  # share of them expected to be there in a year
    stay_interval: Interval | None
    bands: tuple[Chances, ...]
    lines: tuple[Line, ...]


def renewals_overview(*, unit: str | None = None) -> Renewals:
    """What is expected of all holders of contracts, or of those of an org unit and all below it.

    Raises NotFound for a unit that is not there.
    """
    require(Right.SEE_CUSTOMERS)
    return _overview(published(), known_units_of(unit))


@lru_cache(maxsize=64)
def _overview(now: Published, units: frozenset[str] | None) -> Renewals:
    def cut(table: Table) -> Table:
        if not units:
            return table
        customers = now.table(CUSTOMERS)
        return table.semi_join(customers.filter(customers.unit_id.isin(sorted(units))), "customer_id")

    said = cut(now.table(CUSTOMER_RENEWALS))
    total: Any = rows(
        said.agg(
            customers=said.count(),
            premium=said.expected_premium_amount.sum().cast("float64").fill_null(0.0),
            ever=said.contract_lifetime_amount.sum().cast("float64").fill_null(0.0),
        )
    )[0]
    counted = {int(str(row["band"])): int(str(row["customers"])) for row in rows(renewal_bands(said, BORDERS))}
    ends = (0.0, *BORDERS, 1.0)
    cells = now.table(RENEWAL_CELLS)
    if units:
        cells = contracts_in_force(renewal_histories(cut(now.table(CUSTOMER_CONTRACTS)), until=now.as_of))
    sums = _sums(now, cells)
    premium, ever, stay = (
        together(getattr(one, name) for one in sums.values()) for name in ("premium", "ever", "stay")
    )
    contracts = sum(one.contracts for one in sums.values())
    return Renewals(
        customers=total["customers"],
        premium=total["premium"],
        ever=total["ever"],
        premium_interval=premium.interval if premium else None,
        ever_interval=ever.interval if ever else None,
        contracts=contracts,
        stay=stay.estimate / contracts if stay else None,
        stay_interval=_share(stay, contracts),
        bands=tuple(Chances(lower, upper, counted.get(band, 0)) for band, (lower, upper) in enumerate(pairwise(ends))),
        lines=_lines(now, _sums(now, now.table(RENEWAL_CELLS)) if units else sums),
    )


def _sums(now: Published, cells: Table) -> dict[tuple[str, int], Sums]:
    """Of each line and length of period of which a model speaks."""
    found = embedded().arrow(cells.order_by(["line_of_business", "period_months", "renewed_count", "renewals_left"]))
    sums = {}
    models: list[dict[str, Any]] = list(rows(now.table(RENEWAL_MODELS)))
    for row in models:
        covariance, group = json.loads(row["covariance"] or "null"), (row["line_of_business"], row["period_months"])
        own = found.filter((pc.field("line_of_business") == group[0]) & (pc.field("period_months") == group[1]))
        if row["is_used"] and len(own):
            told = json.loads(row["parameters"])
            model = ShiftedBetaGeometric(told["alpha"][0], told["beta"][0])
            sums[group] = sums_of(own, model, covariance, months=group[1])
    return sums


def _share(stay: Sum | None, contracts: int) -> Interval | None:
    found = stay.interval if stay else None
    return Interval(found.low / contracts, min(found.high / contracts, 1.0)) if found else None


def _lines(now: Published, sums: dict[tuple[str, int], Sums]) -> tuple[Line, ...]:
    """The largest first."""
    cells = now.table(RENEWAL_CELLS)
    by = ["line_of_business", "period_months"]
    premium = cells.annual_premium_amount.cast("float64")
    due = (cells.renewals_left != 0).ifelse(cells.contract_count, 0)
    summed = cells.group_by(by).agg(
        contracts=_.contract_count.sum(),
        next_renewed=(due * cells.renewal_probability).sum() / due.sum().nullif(0),
        stay=(cells.contract_count * cells.stay_probability).sum() / cells.contract_count.sum(),
        premium=(premium * cells.years_of_premium).sum(),
        ever=(premium * cells.years_ever).sum(),
    )
    expected = {_group(row): row for row in rows(summed)}
    nothing = {"contracts": 0, "next_renewed": None, "stay": None, "premium": 0.0, "ever": 0.0}
    found = [
        _line(row, expected.get(_group(row), nothing), sums.get(_group(row))) for row in rows(now.table(RENEWAL_MODELS))
    ]
    return tuple(sorted(found, key=lambda one: (-one.seen, one.line_of_business, one.period_months)))


def _group(row: Any) -> tuple[str, int]:
    return row["line_of_business"], row["period_months"]


def _line(row: Any, expected: Any, sums: Sums | None) -> Line:
    read = {name: json.loads(row[name]) for name in ("parameters", "doubts", "survival", "holdout")}
    return Line(
        line_of_business=row["line_of_business"],
        period_months=row["period_months"],
        seen=row["contract_count"],
        ended=row["ended_count"],
        is_used=row["is_used"],
        parameters=tuple(Parameter(name, *numbers) for name, numbers in read["parameters"].items()),
        doubts=tuple(Doubt(**one) for one in read["doubts"]),
        survival=tuple(Survived(round(came), share, modelled) for came, share, modelled in read["survival"]),
        holdout=_holdout(read["holdout"]),
        **{name: expected[name] for name in ("contracts", "next_renewed", "stay", "premium", "ever")},
        stay_interval=_share(sums.stay, sums.contracts) if sums else None,
        premium_interval=sums.premium.interval if sums else None,
        ever_interval=sums.ever.interval if sums else None,
    )


def _holdout(told: dict[str, Any] | None) -> Holdout | None:
    """None too of a refresh that knew nothing of premium yet."""
    return Holdout(**told) if told and "premium_actual" in told else None
