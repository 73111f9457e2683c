"""What background work has for the first page: what runs now."""

from __future__ import annotations

from zhike.operate.jobs.models import Job
from zhike.ui.today import Part


def today() -> Part | None:
    """The jobs that run or wait, those that run first."""
    unfinished = Job.objects.filter(state__in=[Job.State.RUNNING, Job.State.WAITING]).order_by("state", "pk")[:3]
    job_ids = tuple(unfinished.values_list("pk", flat=True))
    return Part(job_ids=job_ids) if job_ids else None
