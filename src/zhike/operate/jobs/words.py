"""The words that pages use for jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.operate.jobs.models import Job
from zhike.ui.navigation import Words

KINDS: dict[str, Words] = {"refresh": _("Refresh"), "import": _("Import"), "upload": _("Import")}
STATES: tuple[tuple[str, Words], ...] = (
    (Job.State.WAITING, _("waiting")),
    (Job.State.RUNNING, _("running")),
    (Job.State.FINISHED, _("finished")),
    (Job.State.FAILED, _("failed")),
    (Job.State.CANCELLED, _("cancelled")),
)
MARKS = {"finished": "good", "running": "busy", "failed": "bad"}
