"""What refreshes have for the first page: how old what is shown is, and what went wrong."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.operate.jobs.models import Job
from zhike.operate.refreshes.queries import refresh_in_force
from zhike.operate.refreshes.services import KIND
from zhike.ui.templatetags.formats import ago
from zhike.ui.today import Figure, Line, Part


def today() -> Part | None:
    """The refresh in force, and the last one if it failed."""
    current = refresh_in_force()
    last = Job.objects.filter(kind=KIND).first()
    alerts = (_failed(last),) if last and last.state == Job.State.FAILED else ()
    figures = (
        (Figure(_("Last refreshed"), ago(current.finished_at), reverse("refresh", args=[current.pk])),)
        if current
        else ()
    )
    return Part(figures=figures, alerts=alerts) if figures or alerts else None


def _failed(job: Job) -> Line:
    error = job.error.splitlines()[0] if job.error else ""
    return Line(_("The last refresh failed"), reverse("job", args=[job.pk]), error, job.finished_at, is_urgent=True)
