"""How customers move between stages of life, or values of a tag, for machines."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from zhike.errors import UserError
from zhike.govern.access.problems import answers
from zhike.govern.organisation.queries import known_unit
from zhike.understand.lifecycle import stages
from zhike.understand.lifecycle.periods import name_of
from zhike.understand.migration.asking import MOST_PERIODS, Asked, as_typed, asked_by_month
from zhike.understand.migration.drivers import queries
from zhike.understand.migration.shown import document_of
from zhike.understand.migration.stage_history import StageHistory, stage_history
from zhike.understand.migration.study import migration as study
from zhike.understand.migration.tag_history import moves_of_tag

router = Router(tags=["migration"])
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


class Flow(Schema):
    """Customers who were in one stage then and are in another, or the same, at the end of the last complete month."""

    from_state: str
    to_state: str
    customers: int


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
    absorption: dict[str, Any] | None = None
    forecast: list[list[float]] | None = None
    forecast_intervals: list[list[list[float]]] | None = None
    forecast_intervals_cover: list[str] | None = None  # what varies in them
    hold_out: dict[str, Any] | None = None  # a forecast of a year ago, what came, and how it fared
    drift: dict[str, Any] | None = None  # whether customers moved alike in both halves of the months that are known
    margin: list[float] | None = None
    cost: list[float] | None = None
    values: list[float] | None = None  # now and in the months to come
    value_intervals: list[list[float]] | None = None
    values_without_horizon: list[float] | None = None
    value_without_horizon_intervals: list[list[float]] | None = None
    stopping: dict[str, Any] | None = None
    flows_since: str | None = None
    flows: list[Flow] = []
    joined: float | None = None  # buy for the first time in a month, on average; in the forecast they go on doing so
    given: dict[str, float] = {}  # by a customer in a month, by stage
    notes: list[str] = []


class WantedMoves(Schema):
    """Of which customers, how many months ahead, and on what terms."""

    states: str = Field("", description="Name of a tag, whose values are the states in place of the stages of life.")
    unit: str | None = None
    months: int = Field(12, ge=1, le=MOST_PERIODS)
    since: str | None = Field(None, pattern=MONTH, description="Month from which flows are told; a year ago.")
    discount: float = Field(10.0, ge=0, le=1000, allow_inf_nan=False, description="Percent a year.")
    margin: list[str] = Field(
        default_factory=list,
        description="`STATE=NUMBER`, what a customer in it brings in a month; may be repeated. What they gave, where "
        "neither margins nor costs are named.",
    )
    cost: list[str] = Field(default_factory=list, description="`STATE=NUMBER`, what is spent on one in a month.")


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


@router.get("/migration", response=answers(200, Migration, 404, 503))
def stage_migration(request: HttpRequest, wanted: Query[WantedMoves]) -> dict[str, Any]:
    """Moves in the last twelve complete months, where they lead, and what customers in each state are worth."""
    unit = known_unit(wanted.unit)
    if wanted.states:
        if unit or wanted.since:
            raise UserError(_("values of a tag are those of the whole firm, without flows"), where="states")
        return document_of(study(moves_of_tag(wanted.states), _asked(wanted, {})))
    history = stage_history(unit=unit)
    since = _month(wanted.since, history)
    known = {
        "joined": history.joined,
        "given": dict(history.given),
        "flows_since": name_of(since, "month"),
        "flows": [
            {"from_state": come, "to_state": go, "customers": count}
            for (come, go), count in sorted(history.went(since).items())
        ],
    }
    if history.observed is None:
        return {"states": [], **known}
    given = {name: as_typed(one) for name, one in history.given.items() if name in history.observed.states}
    return document_of(study(history.observed, _asked(wanted, given))) | known


@router.get("/migration/drivers", response=answers(200, DrivenMoves, 503))
def migration_drivers(request: HttpRequest, unit: str | None = None) -> queries.DrivenMoves:
    """Odds ratios of what was known of customers half a year before, for those who fell and those who grew."""
    return queries.move_drivers(unit=unit)


def _asked(wanted: WantedMoves, given: dict[str, str]) -> Asked:
    margins, costs = (dict(map(_split, texts)) for texts in (wanted.margin, wanted.cost))
    terms = given if not (margins or costs) else margins
    return asked_by_month(terms, costs, yearly=wanted.discount, months=wanted.months)


def _split(text: str) -> tuple[str, str]:
    state, _sign, amount = text.rpartition("=")
    return state, amount


def _month(text: str | None, history: StageHistory) -> int:
    if text is None:
        return history.last - stages.YEAR
    year, _sign, month = text.partition("-")
    found = int(year) * 12 + int(month) - 1
    if found not in history.flows:
        raise UserError(_("of %(month)s no flows are known") % {"month": text}, where="since")
    return found
