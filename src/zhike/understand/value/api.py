"""Customer value for machines."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from zhike.govern.access.problems import answers
from zhike.understand.value import queries
from zhike.understand.value.lifetime import overview
from zhike.understand.value.renewals import overview as renewing

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


class Parameter(Schema):
    """A parameter of a model, with its 95 % interval; an end that the data do not tell is null."""

    name: str
    value: float
    low: float | None
    high: float | None


class Doubt(Schema):
    """What speaks against relying on a model."""

    kind: str
    shown: str
    text: str


class ValueModel(Schema):
    """A model of how often (bgnbd, mbgnbd) or how much (gammagamma) customers buy."""

    name: str
    is_used: bool
    customers: int
    log_likelihood: float
    parameters: list[Parameter]
    doubts: list[Doubt]
    holdout: dict[str, Any] | None


class Band(Schema):
    """Buyers whose chance of still buying lies from `lower` on, up to a tenth more."""

    lower: float
    customers: int


class Best(Schema):
    """The share of buyers of whom most is expected."""

    share: float
    customers: int
    from_amount: float
    revenue: float
    revenue_share: float


class SumInterval(Schema):
    """What holds a sum 95 times of 100, if the model is right: by its parameters' standard errors and by chance."""

    low: float
    high: float


class SumIntervals(Schema):
    """Of the sums of the buyers asked for; null where it cannot be told."""

    alive: SumInterval | None
    purchases: SumInterval | None
    revenue: SumInterval | None


class Week(Schema):
    """Repeat purchases of the whole firm up to a day, made and expected, of who had bought when the hold-out began."""

    ends_on: date
    is_held_out: bool
    made: int
    expected: float


class Lifetime(Schema):
    """What is expected of the buyers asked for in the next 52 weeks; revenue is discounted."""

    customers: int
    alive: float
    purchases: float
    revenue: float | None
    bands: list[Band]
    best: list[Best]
    models: list[ValueModel]
    intervals: SumIntervals
    tracking: list[Week]


@router.get("/lifetime", response=answers(200, Lifetime, 404, 503))
def lifetime(request: HttpRequest, unit: str | None = None) -> overview.Overview:
    """Who still buys, what is expected of them, and how the models did on a time that they had not seen."""
    return overview.lifetime_overview(unit=unit)


class Survived(Schema):
    """At a number of renewals, from 0: contracts that came to it, the share still there, and that of the model."""

    contracts: int
    share: float
    modelled: float


class RenewalHoldout(Schema):
    """Ends and premium at renewals within the last year: expected by the model, by one rate for all, and as it was.

    What runs out as agreed does not end early; premium is not discounted here.
    """

    until: date
    contracts: float
    predicted: float
    predicted_by_rate: float
    actual: float
    premium_predicted: float
    premium_by_rate: float
    premium_actual: float


class Chances(Schema):
    """Holders whose chance of renewal lies from `lower` on, up to `upper`."""

    lower: float
    upper: float
    customers: int


class Line(Schema):
    """Contracts of one line of business that are renewed every so many months, in the whole firm."""

    line_of_business: str
    period_months: int
    seen: int
    ended: int
    is_used: bool
    parameters: list[Parameter]
    doubts: list[Doubt]
    survival: list[Survived]
    holdout: RenewalHoldout | None
    contracts: int
    next_renewed: float | None
    stay: float | None
    premium: float
    ever: float
    stay_interval: SumInterval | None
    premium_interval: SumInterval | None
    ever_interval: SumInterval | None


class Renewals(Schema):
    """What is expected of holders of contracts, by their chance of renewal; money is discounted."""

    customers: int
    premium: float
    ever: float
    premium_interval: SumInterval | None
    ever_interval: SumInterval | None
    contracts: int
    stay: float | None
    stay_interval: SumInterval | None
    bands: list[Chances]
    lines: list[Line]


@router.get("/renewals", response=answers(200, Renewals, 404, 503))
def renewals(request: HttpRequest, unit: str | None = None) -> renewing.Renewals:
    """Which contracts are expected to be renewed, what they bring, and how the models did in the last year."""
    return renewing.renewals_overview(unit=unit)
