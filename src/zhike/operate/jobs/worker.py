"""The worker: takes jobs off the queue until it is told to stop."""

from __future__ import annotations

import logging
import time

from django_tasks_db.management.commands.db_worker import Worker

from zhike.operate.jobs.chores import do_chores, start_chores
from zhike.operate.jobs.services import resume_jobs

logger = logging.getLogger("zhike.worker")
SECONDS_BETWEEN_LOOKS = 1.0


def work(*, once: bool = False) -> None:
    """Carries out waiting jobs one after the other, with the chores beside them; with `once`, until none is left.

    Several workers may run at once, on several machines with PostgreSQL. A job whose
    worker was killed is taken up again by the next that looks.
    """
    logger.info("worker started")
    if once:
        do_chores()
    else:
        start_chores()
    while True:
        resume_jobs()
        Worker(
            queue_names=["default"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"zhike-{time.time_ns():x}",
            excluded_queue_names=[],
        ).run()
        if once:
            do_chores()  # what the jobs announced
            return
        time.sleep(SECONDS_BETWEEN_LOOKS)
