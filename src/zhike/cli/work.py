"""Commands that compute: refreshes and background work."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from zhike.cli.output import Background, Bars, Json, enqueue, people, show, start, table


def add_commands(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("refresh")(refresh)
    refreshes = typer.Typer(help="What was computed when, and which of it is in force.", no_args_is_help=True)
    refreshes.command("list")(refreshes_list)
    refreshes.command("publish")(refreshes_publish)
    app.add_typer(refreshes, name="refreshes")
    app.command("worker")(worker)
    jobs = typer.Typer(help="Background jobs.", no_args_is_help=True)
    jobs.command("list")(jobs_list)
    jobs.command("cancel")(jobs_cancel)
    app.add_typer(jobs, name="jobs")


def refresh(
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Compute as of this day; today by default.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb, spark://host:port, local[2] or sc://host:port.")] = None,
    background: Background = False,
    as_json: Json = False,
) -> None:
    """Rebuild everything computed and publish it at once; an interrupted refresh is continued."""
    start()
    if background:
        enqueue("refresh", {"as_of": as_of.date().isoformat() if as_of else None, "engine": engine}, as_json=as_json)
        return
    from zhike.warehouse.services import run_refresh

    with Bars() as bars:
        done = run_refresh(as_of=as_of.date() if as_of else None, engine_name=engine, progress=bars)
    steps = [{"name": s.name, "rows": s.rows, "seconds": round(s.seconds, 3)} for s in done.steps.all()]

    def for_people() -> None:
        table("", ["step", "rows", "seconds"], [[s["name"], s["rows"], s["seconds"]] for s in steps])
        people.print(f"\nRefresh {done.pk} is in force: {done.customer_count:,} customers as of {done.as_of}.")

    document = {
        "refresh_id": done.pk,
        "as_of": done.as_of,
        "engine": done.engine,
        "customers": done.customer_count,
        "steps": steps,
    }
    show(document, as_json=as_json, otherwise=for_people)


def refreshes_list(as_json: Json = False) -> None:
    """List the refreshes, newest first."""
    start()
    from zhike.warehouse.models import CurrentRefresh
    from zhike.warehouse.queries import refreshes

    current = CurrentRefresh.objects.values_list("refresh_id", flat=True).first()
    columns = ["refresh_id", "state", "in_force", "as_of", "engine", "customers", "seconds", "started_at"]
    found = [
        {
            "refresh_id": r.pk,
            "state": r.state,
            "in_force": r.pk == current,
            "as_of": r.as_of,
            "engine": r.engine,
            "customers": r.customer_count,
            "seconds": round(sum(step.seconds for step in r.steps.all()), 3),
            "started_at": r.started_at,
        }
        for r in refreshes()
    ]
    show(
        {"refreshes": found},
        as_json=as_json,
        otherwise=lambda: table("", columns, [[row[name] for name in columns] for row in found]),
    )


def refreshes_publish(
    refresh_id: Annotated[int, typer.Argument(help="Number of a finished refresh.")],
    as_json: Json = False,
) -> None:
    """Put an older refresh back in force."""
    start()
    from zhike.warehouse.services import publish_refresh

    done = publish_refresh(refresh_id)
    show(
        {"refresh_id": done.pk, "customers": done.customer_count},
        as_json=as_json,
        otherwise=lambda: people.print(f"Refresh {done.pk} is in force again, as of {done.as_of}."),
    )


def worker(
    once: Annotated[bool, typer.Option("--once", help="End when no job is waiting.")] = False,
) -> None:
    """Carry out background jobs until stopped."""
    start(logs_to_stderr=True)
    from zhike.operate.jobs.worker import work

    work(once=once)


def jobs_list(
    last: Annotated[int, typer.Option(help="How many, newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List background jobs and how far they are."""
    start()
    from zhike.operate.jobs.models import Job

    columns = ["job_id", "kind", "state", "activity", "done", "total", "created_at", "error"]
    found = [
        {"job_id": job.pk, **{name: getattr(job, name) for name in columns[1:]}} for job in Job.objects.all()[:last]
    ]
    show(
        {"jobs": found},
        as_json=as_json,
        otherwise=lambda: table("", columns, [[row[name] for name in columns] for row in found]),
    )


def jobs_cancel(
    job_id: Annotated[int, typer.Argument(help="Number of the job.")],
    as_json: Json = False,
) -> None:
    """Ask a background job to stop; what it was to replace stays in force."""
    start()
    from zhike.operate.jobs.services import cancel_job

    job = cancel_job(job_id)
    show(
        {"job_id": job.pk, "state": job.state},
        as_json=as_json,
        otherwise=lambda: people.print(
            f"Job {job.pk} is asked to stop." if not job.is_over else f"Job {job.pk} is cancelled."
        ),
    )
