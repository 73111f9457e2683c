"""Refreshes for machines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status

from zhike.govern.access.problems import answers
from zhike.operate.jobs.api import Enqueued
from zhike.operate.refreshes import queries, services

router = Router(tags=["refreshes"])
RefreshId = Annotated[int, Path(ge=1, lt=2**63)]


class Step(Schema):
    """One finished step of a refresh."""

    name: str
    rows: int
    seconds: float


class Refresh(Schema):
    """One refresh and its finished steps."""

    refresh_id: int
    state: str
    in_force: bool
    as_of: date
    engine: str
    customers: int
    seconds: float
    started_at: datetime
    finished_at: datetime | None
    steps: list[Step]


class WantedRefresh(Schema):
    """The day as of which to compute; today where it is not given."""

    as_of: date | None = None


class PutBack(Schema):
    """The refresh that is in force now."""

    refresh_id: int
    customers: int


@router.get("/refreshes", response=answers(200, list[Refresh]))
def list_refreshes(request: HttpRequest, last: Annotated[int, Query(ge=1, le=200)] = 20) -> list[queries.RefreshRow]:
    """The newest refreshes, newest first."""
    return queries.list_refreshes(last=last)


@router.post("/refreshes", response=answers(202, Enqueued, 413))
def start_refresh(request: HttpRequest, wanted: WantedRefresh | None = None) -> Status[Enqueued]:
    """Asks for a refresh. While one waits or runs already, the answer is its job."""
    return Status(202, Enqueued(job_id=services.start_refresh(as_of=wanted.as_of if wanted else None).pk))


@router.post("/refreshes/{refresh_id}/publish", response=answers(200, PutBack, 404, 409))
def put_back_refresh(request: HttpRequest, refresh_id: RefreshId) -> PutBack:
    """Puts a finished refresh back in force."""
    done = services.put_back_refresh(refresh_id=refresh_id)
    return PutBack(refresh_id=done.pk, customers=done.customer_count)
