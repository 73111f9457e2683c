"""Reads of background jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.errors import NotFound
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.operate.jobs.models import Job
from zhike.operate.jobs.services import is_own


class NoSuchJob(NotFound):
    """There is no job of this number."""


@dataclass(frozen=True)
class JobView:
    """A job, how far it is, and what came of it."""

    job_id: int
    kind: str
    state: str
    activity: str
    done: int
    total: int | None
    unit: str
    result: Any
    error: str
    asked_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def find_job(job_id: int) -> JobView:
    """A job that whoever acts asked for, or any with the right to refresh. Raises NoSuchJob for others too."""
    job = job_of(job_id)
    if not (is_own(job) or may(Right.REFRESH)):
        raise NoSuchJob(_("there is no job %(job_id)s") % {"job_id": job_id})
    return view_of(job)


def view_of(job: Job) -> JobView:
    """The job as the API shows it."""
    same = ("kind", "state", "activity", "done", "total", "unit", "result", "error")
    times = ("created_at", "started_at", "finished_at")
    return JobView(job_id=job.pk, asked_by=job.actor_name, **{name: getattr(job, name) for name in (*same, *times)})


def jobs() -> QuerySet[Job]:
    """All jobs, newest first."""
    return Job.objects.all()


def job_of(job_id: int) -> Job:
    """The job of this number. Raises NoSuchJob."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        raise NoSuchJob(_("there is no job %(job_id)s") % {"job_id": job_id})
    return job


def seconds_left(job: Job) -> float | None:
    """How long the current activity will last at its speed so far; None where that cannot be said yet."""
    if job.state != Job.State.RUNNING or not job.total or not job.done or job.activity_at is None:
        return None
    passed = (timezone.now() - job.activity_at) / timedelta(seconds=1)
    return passed / job.done * max(0, job.total - job.done) if passed > 1 else None
