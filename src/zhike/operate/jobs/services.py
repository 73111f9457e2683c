"""Verbs of background work: ask for it, carry it out, cancel it, take it up again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django_tasks import task

from zhike.errors import AlreadyRunning, Cancelled, NotFound, UserError
from zhike.govern.access.actors import acting_as, current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import recalled_actor, require
from zhike.operate.jobs.models import Job
from zhike.operate.webhooks.models import Event
from zhike.operate.webhooks.services import announce
from zhike.progress import Progress
from zhike.warehouse.locks import exclusive, is_free

logger = logging.getLogger("zhike.jobs")
SECONDS_BETWEEN_RECORDS = 0.5

Work = Callable[..., Any]  # keyword arguments of the job and `progress` in, what JSON can hold out


def enqueue_job(*, kind: str, arguments: dict[str, Any]) -> Job:
    """A waiting job that the next free worker carries out. Raises UserError for an unknown kind."""
    _work(kind)
    actor = current_actor()
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            arguments=arguments,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            language=translation.get_language() or "en",
        )
        carry_out.enqueue(job.pk)
    return job


def cancel_job(job_id: int) -> Job:
    """Asks a job to stop; one that waits is over at once, one that runs at its next sign of progress.

    Raises NotFound if there is none, UserError if it is over, and Denied for the job of somebody else without
    the right to refresh.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id).first()
        if job is None:
            raise NotFound(
                _("there is no job %(job_id)s") % {"job_id": job_id}, advice=_("`zhike jobs list` lists them.")
            )
        if not is_own(job):
            require(Right.REFRESH)
        if job.is_over:
            raise UserError(_("job %(job_id)s is over already") % {"job_id": job_id})
        job.is_cancel_requested = True
        if job.state == Job.State.WAITING:
            _end(job, Job.State.CANCELLED)
        job.save()
    return job


def is_own(job: Job) -> bool:
    """Whoever acts now asked for the job."""
    actor = current_actor()
    return (job.actor_kind, job.actor_id) == (actor.kind, actor.id)


def run_job(job_id: int) -> Job:
    """Carries a job out, recording progress and outcome; does nothing if it is over or in other hands."""
    try:
        with exclusive(_lock(job_id), what=_("job %(job_id)s") % {"job_id": job_id}):
            job = Job.objects.get(pk=job_id)
            if not job.is_over:
                _run(job)
            return job
    except AlreadyRunning:
        return Job.objects.get(pk=job_id)


@task()
def carry_out(job_id: int) -> None:
    """The one task of the queue: it names a job, which says the rest."""
    run_job(job_id)


def resume_jobs() -> int:
    """Enqueues again the jobs whose worker died; how many there were."""
    lost = [job for job in Job.objects.filter(state=Job.State.RUNNING) if is_free(_lock(job.pk))]
    for job in lost:
        with transaction.atomic():
            Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(state=Job.State.WAITING)
            carry_out.enqueue(job.pk)
        logger.warning("job resumed", extra={"job_id": job.pk, "kind": job.kind})
    return len(lost)


class Recorder:
    """Progress that is written to the job, at most twice a second, and stops it when asked to."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._recorded = 0.0

    def begin(self, activity: str, *, total: int | None = None, unit: str = "") -> None:
        """A new activity, recorded at once."""
        self.job.activity, self.job.done, self.job.total, self.job.unit = activity, 0, total, unit
        self.job.activity_at = timezone.now()
        self._record()

    def advance(self, amount: int = 1) -> None:
        """Recorded when half a second has passed since the last time."""
        self.job.done += amount
        if time.monotonic() - self._recorded > SECONDS_BETWEEN_RECORDS:
            self._record()

    def _record(self) -> None:
        self._recorded = time.monotonic()
        job = self.job
        asked = Job.objects.filter(pk=job.pk, is_cancel_requested=True)
        if asked.exists():
            raise Cancelled(_("cancelled on request"))
        job.save(update_fields=["activity", "activity_at", "done", "total", "unit"])


def _run(job: Job) -> None:
    work = _work(job.kind)
    job.state, job.started_at = Job.State.RUNNING, timezone.now()
    job.attempt_count += 1
    job.save()
    progress: Progress = Recorder(job)
    actor = recalled_actor(job.actor_kind, job.actor_id)
    try:
        with acting_as(actor), translation.override(job.language):
            job.result = work(progress=progress, **job.arguments)
    except Cancelled:
        _end(job, Job.State.CANCELLED)
    except UserError as error:
        _end(job, Job.State.FAILED, str(error))
    except Exception as error:
        logger.exception("job failed", extra={"job_id": job.pk, "kind": job.kind})
        _end(job, Job.State.FAILED, f"a bug: {type(error).__name__}")
    else:
        _end(job, Job.State.FINISHED)
    with transaction.atomic():
        job.save()
        if job.state == Job.State.FAILED:
            announce(kind=Event.JOB_FAILED, payload={"job_id": job.pk, "kind": job.kind, "error": job.error})


def _end(job: Job, state: Job.State, error: str = "") -> None:
    job.state, job.error, job.finished_at = state, error, timezone.now()


def _work(kind: str) -> Work:
    if kind not in settings.JOB_KINDS:
        raise UserError(
            _("no job is called %(kind)s") % {"kind": repr(kind)},
            advice=_("There are %(job_kinds)s.") % {"job_kinds": ", ".join(settings.JOB_KINDS)},
        )
    work: Work = import_string(settings.JOB_KINDS[kind])
    return work


def _lock(job_id: int) -> str:
    return f"job-{job_id}"
