"""Reads of what customers gave: the RFM grid, its segments, and how its measures are distributed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from ibis.expr.types import Table

from zhike.collect.profiles.tables import CUSTOMER_RESPONSES, CUSTOMERS
from zhike.errors import NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.govern.organisation.queries import unit_of, units_under
from zhike.understand.value.bounds import bounds_in_force
from zhike.understand.value.measures import answers, rfm, rfm_cells
from zhike.understand.value.tables import (
    ACTIVITY_SUMMARY,
    RFM,
    RFM_BOUNDS,
    RFM_SEGMENTS,
    RFM_VALUES,
    RFM_VALUES_BY_LINE,
)
from zhike.warehouse.queries import Published, published, rows

SCORES = ("recency", "frequency", "monetary")
FIFTHS = range(1, 6)


@dataclass(frozen=True)
class Figures:
    """What some buyers amount to. Shares are of all buyers asked for; what nobody can say is None."""

    customers: int
    revenue: float
    customer_share: float
    revenue_share: float
    mean_revenue: float | None
    mean_days_since_last: float | None
    mean_orders: float | None
    messages: int
    answers: int
    response_rate: float | None  # messages answered of those sent


@dataclass(frozen=True)
class Cell:
    """One cell of the grid: two scores, and those who have both."""

    x: int
    y: int
    figures: Figures


@dataclass(frozen=True)
class RfmGrid:
    """25 cells, row by row from y = 1."""

    x: str
    y: str
    cells: tuple[Cell, ...]
    customers: int
    revenue: float
    refresh_id: int
    as_of: date


@dataclass(frozen=True)
class Segment:
    """One named segment and those in it."""

    name: str
    figures: Figures


@dataclass(frozen=True)
class Finding:
    """What a chart is to be titled with: the segment whose share of revenue exceeds that of buyers most."""

    code: str
    segment: str
    customer_share: float
    revenue_share: float


@dataclass(frozen=True)
class RfmSegments:
    """All nine segments, from the best to the one given up, with what stands out."""

    segments: tuple[Segment, ...]
    finding: Finding | None
    customers: int
    revenue: float
    refresh_id: int
    as_of: date


Row = dict[str, Any]


def rfm_grid(
    *, x: str = "frequency", y: str = "recency", unit: str | None = None, line_of_business: str | None = None
) -> RfmGrid:
    """Buyers by two of their scores. A line of business is scored on its own. Raises UserError for other scores."""
    require(Right.SEE_CUSTOMERS)
    for score in (x, y):
        if score not in SCORES:
            raise UserError(
                _("no score is called “%(name)s”") % {"name": score},
                advice=_("There are %(names)s.") % {"names": ", ".join(SCORES)},
            )
    now = published()
    found = _cells(now, units_of(unit), line_of_business or None)
    every = _figures(found, found)
    return RfmGrid(
        x=x,
        y=y,
        cells=tuple(
            Cell(across, up, _figures([row for row in found if row[x] == across and row[y] == up], found))
            for up in FIFTHS
            for across in FIFTHS
        ),
        customers=every.customers,
        revenue=every.revenue,
        refresh_id=now.refresh_id,
        as_of=now.as_of,
    )


def rfm_segments(*, unit: str | None = None, line_of_business: str | None = None) -> RfmSegments:
    """Buyers by segment."""
    require(Right.SEE_CUSTOMERS)
    now = published()
    found = _cells(now, units_of(unit), line_of_business or None)
    every = _figures(found, found)
    segments = tuple(
        Segment(name, _figures([row for row in found if row["segment"] == name], found)) for name in RFM_SEGMENTS
    )
    return RfmSegments(
        segments=segments,
        finding=_finding(segments),
        customers=every.customers,
        revenue=every.revenue,
        refresh_id=now.refresh_id,
        as_of=now.as_of,
    )


def units_of(unit: str | None) -> frozenset[str] | None:
    """The org unit with all below it; None for the whole firm."""
    return units_under(unit) if unit else None


def known_units_of(unit: str | None) -> frozenset[str] | None:
    """The same. Raises NotFound for a unit that is not there."""
    if unit and unit_of(unit) is None:
        raise NotFound(_("no org unit is called “%(unit)s”") % {"unit": unit}, where="unit")
    return units_of(unit)


def _finding(segments: Iterable[Segment]) -> Finding | None:
    best = max(segments, key=lambda one: one.figures.revenue_share - one.figures.customer_share)
    if best.figures.revenue_share <= best.figures.customer_share:
        return None
    return Finding("segment_holds", best.name, best.figures.customer_share, best.figures.revenue_share)


def _figures(some: list[Row], every: list[Row]) -> Figures:
    sums = {
        name: sum(row[name] for row in some)
        for name in ("customers", "orders", "revenue", "days", "messages", "answers")
    }
    all_customers, all_revenue = sum(row["customers"] for row in every), sum(row["revenue"] for row in every)
    return Figures(
        customers=int(sums["customers"]),
        revenue=sums["revenue"],
        customer_share=_ratio(sums["customers"], all_customers) or 0.0,
        revenue_share=_ratio(sums["revenue"], all_revenue) or 0.0,
        mean_revenue=_ratio(sums["revenue"], sums["customers"]),
        mean_days_since_last=_ratio(sums["days"], sums["customers"]),
        mean_orders=_ratio(sums["orders"], sums["customers"]),
        messages=int(sums["messages"]),
        answers=int(sums["answers"]),
        response_rate=_ratio(sums["answers"], sums["messages"]),
    )


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@lru_cache(maxsize=64)
def _cells(now: Published, units: frozenset[str] | None, line_of_business: str | None) -> list[Row]:
    """Sums by the three scores: one pass over the summaries, remembered until the next refresh."""
    summary, bounds = scored(now, units, line_of_business)
    scores = rfm(summary, bounds) if line_of_business or units else now.table(RFM)
    answered = answers(now.table(CUSTOMER_RESPONSES))
    return rows(rfm_cells(scores, summary, now.table(ACTIVITY_SUMMARY), answered))


def scored(now: Published, units: frozenset[str] | None, line_of_business: str | None) -> tuple[Table, Table]:
    """The summaries of the buyers asked for, and the borders that their scores have.

    A line of business has borders of its own, unless they are fixed; an org unit is measured by those of the whole
    firm, so that its customers have the scores that they have everywhere else.
    """
    if line_of_business:
        by_line = now.table(RFM_VALUES_BY_LINE)
        summary = by_line.filter(by_line.line_of_business == line_of_business)
        bounds = bounds_in_force(summary)
    else:
        summary, bounds = now.table(RFM_VALUES), now.table(RFM_BOUNDS)
    if units:
        customers = now.table(CUSTOMERS)
        summary = summary.semi_join(customers.filter(customers.unit_id.isin(sorted(units))), "customer_id")
    return summary, bounds
