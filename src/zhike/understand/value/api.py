"""Customer value for machines."""

from __future__ import annotations

from datetime import date
from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from zhike.govern.access.problems import answers
from zhike.understand.value import queries

router = Router(tags=["value"])
Score = Literal["recency", "frequency", "monetary"]


class Figures(Schema):
    """What some buyers amount to. Shares are of all buyers asked for."""

    customers: int
    revenue: float
    customer_share: float
    revenue_share: float
    mean_revenue: float | None
    mean_days_since_last: float | None
    mean_orders: float | None
    messages: int
    answers: int
    response_rate: float | None


class Cell(Schema):
    """Two scores, each from 1 to 5, and those who have both."""

    x: int
    y: int
    figures: Figures


class RfmGrid(Schema):
    """25 cells, row by row from y = 1."""

    x: str
    y: str
    cells: list[Cell]
    customers: int
    revenue: float
    refresh_id: int
    as_of: date


class WantedGrid(Schema):
    """Which scores, of which buyers."""

    x: Score = "frequency"
    y: Score = "recency"
    unit: str | None = None
    line_of_business: str | None = None


@router.get("/rfm", response=answers(200, RfmGrid, 503))
def rfm_grid(request: HttpRequest, wanted: Query[WantedGrid]) -> queries.RfmGrid:
    """Buyers by two of their scores. A line of business is scored on its own."""
    return queries.rfm_grid(x=wanted.x, y=wanted.y, unit=wanted.unit, line_of_business=wanted.line_of_business)
