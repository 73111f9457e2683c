"""Pages of long work: what runs, how far it is, what came of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from zhike.operate.jobs.models import Job
from zhike.operate.jobs.queries import job_of, jobs, seconds_left
from zhike.operate.jobs.services import cancel_job
from zhike.operate.jobs.words import ACTIVITIES, KINDS, MARKS, STATES, UNITS
from zhike.ui.lists import TableView
from zhike.ui.tables import Column, Kind, Query, Table, TablePage, page_of
from zhike.ui.toasts import toast

TABLE = Table(
    name="jobs",
    title=gettext_lazy("Background work"),
    columns=(
        Column("number", gettext_lazy("Number"), leads_to="url"),
        Column("kind", gettext_lazy("What"), Kind.CHOICE, tuple(KINDS.items())[:3], is_filterable=True, leads_to="url"),
        Column("state", gettext_lazy("State"), Kind.CHOICE, STATES, is_filterable=True, marks=MARKS),
        Column("actor_name", gettext_lazy("Asked for by"), is_filterable=True),
        Column("created_at", gettext_lazy("Asked for at"), Kind.INSTANT),
        Column("finished_at", gettext_lazy("Ended at"), Kind.INSTANT),
        Column("error", gettext_lazy("What went wrong"), is_sortable=False, is_long=True),
    ),
    sort="number",
    is_descending=True,
    empty=gettext_lazy("Imports and refreshes that run in the background are listed here."),
)


class Jobs(TableView):
    """All background work, newest first."""

    table = TABLE

    def page(self, query: Query) -> TablePage:
        """The jobs asked for."""
        return page_of(jobs(), query, _row, fields={"number": "pk"})


def _row(job: Job) -> dict[str, Any]:
    return {
        "number": job.pk,
        "kind": job.kind,
        "state": job.state,
        "actor_name": job.actor_name,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "error": job.error.splitlines()[0] if job.error else "",
        "url": reverse("job", args=[job.pk]),
    }


@require_safe
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job: its progress while it runs, its result for ever after."""
    return render(request, "jobs/job.html", _context(job_of(job_id)))


@require_safe
def progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """Only the progress; asks for itself again until the job is over."""
    return render(request, "jobs/progress.html", _context(job_of(job_id)))


@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Asks a job to stop."""
    cancel_job(job_id)
    toast(request, _("The work is asked to stop; what it was to replace stays as it is."))
    return redirect("job", job_id)


def _context(job: Job) -> dict[str, Any]:
    return {
        "job": job,
        "title": KINDS.get(job.kind, job.kind),
        "state": dict(STATES)[job.state],
        "tone": MARKS.get(job.state, ""),
        "activity": ACTIVITIES.get(job.activity, job.activity),
        "unit_of_work": UNITS.get(job.unit, job.unit),
        "left": seconds_left(job),
        "result_url": _result_url(job),
    }


def _result_url(job: Job) -> str:
    if not job.result:
        return ""
    if job.result.get("import_id"):
        return reverse("import", args=[job.result["import_id"]])
    if (only := job.result.get("only", "")) and "," not in only:  # one tag alone
        return reverse("tag", args=[only])
    if "refresh_id" in job.result:
        return reverse("refresh", args=[job.result["refresh_id"]])
    return ""
