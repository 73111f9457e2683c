"""Background jobs for machines."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema

from zhike.govern.access.problems import answers
from zhike.operate.jobs import queries, services

router = Router(tags=["jobs"])
JobId = Annotated[int, Path(ge=1, lt=2**63)]


class Job(Schema):
    """A job, how far it is, and what came of it."""

    job_id: int
    kind: str
    state: str
    activity: str
    done: int
    total: int | None
    unit: str
    result: dict[str, Any] | None
    error: str
    asked_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Enqueued(Schema):
    """The job that does what was asked for; `/jobs/{job_id}` says how far it is."""

    job_id: int


@router.get("/jobs/{job_id}", response=answers(200, Job, 404))
def find_job(request: HttpRequest, job_id: JobId) -> queries.JobView:
    """A job that this token asked for; any with the right to refresh."""
    return queries.find_job(job_id)


@router.post("/jobs/{job_id}/cancel", response=answers(200, Job, 404))
def cancel_job(request: HttpRequest, job_id: JobId) -> queries.JobView:
    """Asks a job to stop. One that runs stops at its next sign of progress; what it was to replace stays in force."""
    return queries.view_of(services.cancel_job(job_id))
