"""Reads for the page and the API: who may leave, how far that can be relied on, who has gone quiet or changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from ibis.expr.types import Table

from zhike.collect.profiles.tables import CUSTOMERS
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.stats.lifetime.uncertainty import around
from zhike.stats.proportions import Interval
from zhike.understand.propensity.doubts import Doubt
from zhike.understand.propensity.measures import churn_bands, churn_reasons
from zhike.understand.propensity.rhythm.measures import rhythm_counts
from zhike.understand.propensity.tables import (
    CHURN_KINDS,
    PROPENSITIES,
    PROPENSITY_MODELS,
    PROPENSITY_TERMS,
    RHYTHM,
    RHYTHM_MODEL,
    TRENDS,
)
from zhike.understand.value.queries import known_units_of
from zhike.warehouse.queries import Published, published, rows


@dataclass(frozen=True)
class Band:
    """Customers whose probability of leaving lies from `lower` on, up to a tenth more."""

    lower: float
    customers: int


@dataclass(frozen=True)
class Reason:
    """What speaks most for it with some customers, and how many of them are expected to leave."""

    name: str | None  # None: nothing speaks for it
    is_high: bool  # more of it than average, or less
    customers: int
    expected: float


@dataclass(frozen=True)
class ChurnModel:
    """A model of who leaves: when it learnt and was judged, how it did, and of whom it says what today."""

    name: str
    is_used: bool
    learnt_on: date
    judged_on: date
    customers: int
    events: int
    judged_customers: int
    judged_events: int
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    judged: dict[str, Any] | None
    doubts: tuple[Doubt, ...]
    scored: int
    expected: float
    expected_interval: Interval  # by chance alone, if the chances hold
    bands: tuple[Band, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class TenthJudged:
    """A tenth of the customers judged by: the chance they were given on average, the share that left, and the AUC."""

    predicted: float
    actual: float
    customers: int
    auc: float | None


@dataclass(frozen=True)
class RhythmCounts:
    """Buyers by their own rhythm: who has one, who is quiet against it, and who rose or fell."""

    with_rhythm: int
    quiet: int
    trends: dict[str, int]
    shape: int | None  # of the gaps: 1, as chance would have it; None where too few came back


@dataclass(frozen=True)
class ChurnOverview:
    """Who may leave within 90 days, by each model, and the rhythm of buyers."""

    models: tuple[ChurnModel, ...]
    rhythm: RhythmCounts


def churn_overview(*, unit: str | None = None) -> ChurnOverview:
    """Who may leave of all customers, or of those of an org unit and all below it.

    Raises NotFound for a unit that is not there.
    """
    require(Right.SEE_CUSTOMERS)
    return _overview(published(), known_units_of(unit))


@lru_cache(maxsize=64)
def _overview(now: Published, units: frozenset[str] | None) -> ChurnOverview:
    def cut(table: Table) -> Table:
        if not units:
            return table
        customers = now.table(CUSTOMERS)
        return table.semi_join(customers.filter(customers.unit_id.isin(sorted(units))), "customer_id")

    propensities = cut(now.table(PROPENSITIES))
    bands: list[dict[str, Any]] = list(rows(churn_bands(propensities)))
    reasons: list[dict[str, Any]] = list(rows(churn_reasons(propensities)))
    high = raising(now)
    models: list[dict[str, Any]] = sorted(
        rows(now.table(PROPENSITY_MODELS)), key=lambda row: CHURN_KINDS.index(str(row["model"]))
    )
    return ChurnOverview(
        models=tuple(_model(row, bands, reasons, high) for row in models), rhythm=_rhythm(now, cut(now.table(RHYTHM)))
    )


@lru_cache(maxsize=4)
def raising(now: Published) -> frozenset[tuple[str, str]]:
    """Model and feature of which more than average speaks for leaving; of the others, less does."""
    terms: list[dict[str, Any]] = list(rows(now.table(PROPENSITY_TERMS)))
    return frozenset((one["model"], one["feature"]) for one in terms if one["coefficient"] > 0)


def _model(
    row: dict[str, Any],
    bands: list[dict[str, Any]],
    reasons: list[dict[str, Any]],
    high: frozenset[tuple[str, str]],
) -> ChurnModel:
    own = {one["band"]: one for one in bands if one["churn_kind"] == row["model"]}
    because = [
        Reason(one["churn_reason"], (row["model"], one["churn_reason"]) in high, one["customers"], one["expected"])
        for one in reasons
        if one["churn_kind"] == row["model"]
    ]
    return ChurnModel(
        name=row["model"],
        **{name: row[name] for name in ("is_used", "learnt_on", "judged_on", "customers", "events")},
        **{name: row[name] for name in ("judged_customers", "judged_events", "auc", "auc_low", "auc_high")},
        judged=json.loads(row["judged"]),
        doubts=tuple(Doubt(one["kind"], tuple(one["columns"]), one["shown"]) for one in json.loads(row["doubts"])),
        scored=sum(one["customers"] for one in own.values()),
        expected=sum(one["expected"] for one in own.values()),
        expected_interval=around(
            sum(one["expected"] for one in own.values()), (), sum(one["variance"] for one in own.values())
        ),
        bands=tuple(Band(band / 10, own[band]["customers"] if band in own else 0) for band in range(10)),
        reasons=tuple(sorted(because, key=lambda one: (-one.expected, one.name or ""))),
    )


def tenth_judged(now: Published, kind: str, chance: float) -> TenthJudged | None:
    """How customers did who were given about such a chance by the model when it was judged; None where it was not."""
    found = [one for one in _tenths(now) if one[0] == kind]
    return min((one for _kind, one in found), key=lambda one: abs(one.predicted - chance), default=None)


@lru_cache(maxsize=4)
def _tenths(now: Published) -> tuple[tuple[str, TenthJudged], ...]:
    models: list[dict[str, Any]] = list(rows(now.table(PROPENSITY_MODELS)))
    return tuple(
        (row["model"], TenthJudged(one["predicted"], one["actual"], one["customers"], row["auc"]))
        for row in models
        for one in (json.loads(row["judged"]) or {"tenths": ()})["tenths"]
    )


def _rhythm(now: Published, rhythm: Table) -> RhythmCounts:
    counted: list[dict[str, Any]] = list(rows(rhythm_counts(rhythm)))
    model: list[dict[str, Any]] = list(rows(now.table(RHYTHM_MODEL)))
    return RhythmCounts(
        with_rhythm=sum(one["customers"] for one in counted if one["is_quiet"] is not None),
        quiet=sum(one["customers"] for one in counted if one["is_quiet"]),
        trends={name: sum(one["customers"] for one in counted if one["trend"] == name) for name in TRENDS},
        shape=model[0]["shape"] if model else None,
    )
