"""Verbs of refreshes: ask for one, put an earlier one back."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.operate.jobs.models import Job
from zhike.operate.jobs.services import enqueue_job
from zhike.warehouse.locks import exclusive
from zhike.warehouse.models import Refresh
from zhike.warehouse.services import publish_refresh

KIND = "refresh"


def start_refresh(*, as_of: date | None = None) -> Job:
    """The job that refreshes: the one that waits or runs already, or a new one. Raises Denied."""
    require(Right.REFRESH)
    with exclusive("start-refresh", what=_("another request for a refresh"), wait=True):
        unfinished = Job.objects.filter(kind=KIND, state__in=[Job.State.WAITING, Job.State.RUNNING])
        return unfinished.first() or enqueue_job(
            kind=KIND, arguments={"as_of": as_of.isoformat() if as_of else None, "engine": None}
        )


def put_back_refresh(*, refresh_id: int) -> Refresh:
    """The refresh, in force again. Raises Denied, AlreadyRunning, and UserError if it cannot be."""
    require(Right.REFRESH)
    return publish_refresh(refresh_id)
