"""Audiences for machines."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Router, Schema

from zhike.govern.access.problems import answers
from zhike.understand.audiences import queries

router = Router(tags=["audiences"])


class WantedCount(Schema):
    """The rule whose customers are counted."""

    rule: str = Field(min_length=1, max_length=2000, examples=['has tag "rfm_segment" = "champions"'])


class AudienceCount(Schema):
    """How many customers an audience has, of how many, as of which refresh."""

    count: int
    customers: int
    share: float
    refresh_id: int
    milliseconds: float


@router.post("/audiences/count", response=answers(200, AudienceCount, 413, 503))
def count_audience(request: HttpRequest, wanted: WantedCount) -> queries.AudienceCount:
    """Counts the customers for whom a rule holds."""
    return queries.count_audience(wanted.rule)
