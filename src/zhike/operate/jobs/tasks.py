"""The one task of the queue: it names a job, which says the rest."""

from __future__ import annotations

from django_tasks import task


@task()
def carry_out(job_id: int) -> None:
    """Carries out one job."""
    from zhike.operate.jobs.services import run_job

    run_job(job_id)
