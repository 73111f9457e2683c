"""Who stays, and how long, for machines."""

from __future__ import annotations

import math
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from zhike.errors import UserError
from zhike.govern.access.problems import answers
from zhike.govern.organisation.queries import known_unit
from zhike.stats.proportions import LEVEL
from zhike.understand.retention import queries
from zhike.understand.retention.survival import doubt

router = Router(tags=["retention"])
LONGEST = 120  # months of a curve


class CohortMonth(Schema):
    """How many had been watched for so many months, and how many of them were there, or ordered, then."""

    months_since: int
    watched: int
    retained: int


class Cohort(Schema):
    """Customers who came in one month or quarter."""

    began_on: date
    customers: int
    months: list[CohortMonth]


class WantedCohorts(Schema):
    """What counts, and whose."""

    basis: Literal["presence", "orders"] = "presence"
    quarterly: bool = True
    unit: str | None = None


@router.get("/retention/cohorts", response=answers(200, list[Cohort], 404, 503))
def retention_cohorts(request: HttpRequest, wanted: Query[WantedCohorts]) -> list[dict[str, Any]]:
    """Cohorts of the last three years, the oldest first."""
    found = queries.cohorts(basis=wanted.basis, quarterly=wanted.quarterly, unit=known_unit(wanted.unit))
    return [
        {
            "began_on": one.began_on,
            "customers": one.customers,
            "months": [
                {"months_since": month, "watched": watched, "retained": one.retained[month]}
                for month, watched in sorted(one.watched.items())
            ],
        }
        for one in found
    ]


class StayPoint(Schema):
    """The share that is still there after so many months, and from where to where it may be."""

    months: int
    share: float
    low: float
    high: float
    at_risk: int


class StayGroup(Schema):
    """How long the contracts, or customers, of one group stay; all together have no name."""

    name: str
    count: int
    left: int
    median_months: float | None
    median_low: float | None  # from when to when the median may be; null where the curve does not fall so far
    median_high: float | None
    habit: str
    habit_since_months: float | None
    habit_until_months: float | None  # when more leave again, after long
    points: list[StayPoint]


class Stays(Schema):
    """All together first; `log_rank_p` says how likely so large a difference of the groups is by chance.

    `proportional_hazards_p` says how likely it is that the groups differ so unlike at different times by chance. Where
    it is small, curves may cross: then the log-rank test may see nothing, and `warning` says so.
    """

    groups: list[StayGroup]
    log_rank_p: float | None
    proportional_hazards_p: float | None
    warning: str


class WantedStays(Schema):
    """Whose stay, and what tells groups apart; lines and channels are those of contracts of the whole firm."""

    basis: Literal["contracts", "presence"] = "contracts"
    by: Literal["", "line_of_business", "channel", "unit_id"] = ""
    unit: str | None = None


@router.get("/retention/stays", response=answers(200, Stays, 404, 503))
def retention_stays(request: HttpRequest, wanted: Query[WantedStays]) -> dict[str, Any]:
    """Kaplan–Meier curves by month."""
    unit = known_unit(wanted.unit)
    if wanted.by in ("line_of_business", "channel"):
        if wanted.basis != "contracts":
            raise UserError(_("a customer has no one line of business or channel; contracts have"), where="by")
        if unit:
            raise UserError(_("lines of business and channels are counted for the whole firm only"), where="by")
    found = queries.staying(basis=wanted.basis, by=wanted.by, unit=unit)
    groups = [found.all, *found.groups] if found.all else []
    return {
        "groups": [_group(one) for one in groups],
        "log_rank_p": found.log_rank.p if found.log_rank else None,
        "proportional_hazards_p": found.proportional.p if found.proportional else None,
        "warning": doubt(found.proportional, LEVEL),
    }


def _group(one: queries.Group) -> dict[str, Any]:
    last = min(LONGEST, math.floor(float(one.stays.durations[-1])))
    median = one.curve.quantile()
    points = [one.curve.after(float(month)) for month in range(last + 1)]
    return {
        "name": one.name,
        "count": int(one.stays.customers),
        "left": int(one.stays.events.sum()),
        "median_months": median.duration,
        "median_low": median.low,
        "median_high": median.high,
        "habit": one.habit.verdict,
        "habit_since_months": one.habit.since,
        "habit_until_months": one.habit.until,
        "points": [
            {
                "months": int(point.duration),
                "share": point.survival,
                "low": point.interval.low,
                "high": point.interval.high,
                "at_risk": int(point.at_risk),
            }
            for point in points
            if point
        ],
    }
