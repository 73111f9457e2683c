"""Who may leave, for machines."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from zhike.govern.access.problems import answers
from zhike.understand.propensity import overview

router = Router(tags=["propensity"])


class ChurnDoubt(Schema):
    """What speaks against relying on a model."""

    kind: str
    text: str


class ChurnBand(Schema):
    """Customers whose probability of leaving lies from `lower` on, up to a tenth more."""

    lower: float
    customers: int


class ChurnReason(Schema):
    """What speaks most for it with some customers (null: nothing), more than average of it or less; who may leave."""

    name: str | None
    is_high: bool
    customers: int
    expected: float


class ChurnInterval(Schema):
    """What holds how many leave 95 times of 100 if the chances hold: by chance alone."""

    low: float
    high: float


class ChurnModel(Schema):
    """A model of who ends a contract early (contract) or orders nothing (order) within 90 days.

    `judged` says how it did on the 90 days after `judged_on`, which it had not seen; null where too few left.
    """

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
    doubts: list[ChurnDoubt]
    scored: int
    expected: float
    expected_interval: ChurnInterval
    bands: list[ChurnBand]
    reasons: list[ChurnReason]


class BuyingRhythm(Schema):
    """Buyers with a rhythm of their own, who is quiet against it, and who rose or fell."""

    with_rhythm: int
    quiet: int
    trends: dict[str, int]
    shape: int | None


class Churn(Schema):
    """Who may leave, and who broke with their own rhythm."""

    models: list[ChurnModel]
    rhythm: BuyingRhythm


@router.get("/churn", response=answers(200, Churn, 404, 503))
def churn(request: HttpRequest, unit: str | None = None) -> overview.ChurnOverview:
    """Who may leave within 90 days, why, how the models did on a time that they had not seen, and who went quiet."""
    return overview.churn_overview(unit=unit)
