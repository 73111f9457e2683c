"""How customers move between stages of life, for machines."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from zhike.govern.access.problems import answers
from zhike.understand.migration.asking import MOST_PERIODS, Asked
from zhike.understand.migration.drivers import queries
from zhike.understand.migration.shown import document_of
from zhike.understand.migration.stage_history import stage_history
from zhike.understand.migration.study import migration as study

router = Router(tags=["migration"])


class Migration(Schema):
    """Lists are in the order of `states`; rows are where customers come from. All is null where too few moved."""

    states: list[str]
    counts: list[list[int]] | None = None
    first_period: str | None = None
    last_period: str | None = None
    matrix: list[list[float]] | None = None
    matrix_intervals: list[list[list[float]]] | None = None
    stay: list[float | None] | None = None
    stay_intervals: list[list[float | None]] | None = None
    steady_state: dict[str, Any] | None = None
    forecast: list[list[float]] | None = None
    forecast_intervals: list[list[list[float]]] | None = None
    joined: float  # buy for the first time in a month, on average; in the forecast they go on doing so
    given: dict[str, float]  # by a customer in a month, by stage
    notes: list[str] = []


class WantedMoves(Schema):
    """Of which customers, and how many months ahead."""

    unit: str | None = None
    months: int = Field(12, ge=1, le=MOST_PERIODS)


class DrivingBand(Schema):
    """Customers of one band of a feature, from `band` up to `upper`; `without` says why it has no odds ratio."""

    feature: str
    band: str
    upper: int | None
    customers: int
    moved: int
    odds_ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    without: str | None


class DrivenMove(Schema):
    """A move and what drives it; `refusal` says why nothing was estimated: few, alike, or separated by `named`."""

    move: str
    customers: int
    moved: int
    events_each: float | None
    p: float | None
    refusal: str | None
    named: list[str]
    bands: list[DrivingBand]


class DrivenMoves(Schema):
    """Bands are of what was known at the end of one day; who had moved was looked at on another."""

    known_on: date
    looked_on: date
    moves: list[DrivenMove]


@router.get("/migration", response=answers(200, Migration, 503))
def stage_migration(request: HttpRequest, wanted: Query[WantedMoves]) -> dict[str, Any]:
    """Moves between stages of life in the last twelve complete months, and where they lead."""
    history = stage_history(unit=wanted.unit)
    known = {"joined": history.joined, "given": dict(history.given)}
    if history.observed is None:
        return {"states": [], **known}
    return document_of(study(history.observed, Asked(periods=wanted.months, inflow=history.inflow))) | known


@router.get("/migration/drivers", response=answers(200, DrivenMoves, 503))
def migration_drivers(request: HttpRequest, unit: str | None = None) -> queries.DrivenMoves:
    """Odds ratios of what was known of customers half a year before, for those who fell and those who grew."""
    return queries.move_drivers(unit=unit)
