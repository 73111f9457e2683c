"""Pages of refreshes: what was computed when, how long it took, and which one is in force."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.operate.jobs.words import ACTIVITIES, TABLES
from zhike.operate.refreshes.queries import RefreshRow, find_refresh, refresh_in_force, refreshes_with_times
from zhike.operate.refreshes.services import put_back_refresh, start_refresh
from zhike.ui.charts import Bars
from zhike.ui.lists import TableView
from zhike.ui.tables import Column, Kind, Query, Table, TablePage, page_of
from zhike.ui.templatetags.formats import duration
from zhike.ui.toasts import toast
from zhike.warehouse.models import Refresh

IN_FORCE = "yes"
SHOWN_STEPS = 10
STATES = (
    (Refresh.State.FINISHED, gettext_lazy("finished")),
    (Refresh.State.RUNNING, gettext_lazy("running")),
    (Refresh.State.ABANDONED, gettext_lazy("abandoned")),
)
MARKS = {"finished": "good", "running": "busy"}
TABLE = Table(
    name="refreshes",
    title=gettext_lazy("Refreshes"),
    columns=(
        Column("number", gettext_lazy("Number"), leads_to="url"),
        Column("state", gettext_lazy("State"), Kind.CHOICE, STATES, is_filterable=True, marks=MARKS),
        Column(
            "in_force",
            gettext_lazy("In force"),
            Kind.CHOICE,
            ((IN_FORCE, gettext_lazy("in force")),),
            is_sortable=False,
            marks={IN_FORCE: "good"},
        ),
        Column("as_of", gettext_lazy("As of"), Kind.DATE),
        Column("customers", gettext_lazy("Customers"), Kind.NUMBER, leads_to="url"),
        Column("seconds", gettext_lazy("Took"), Kind.DURATION),
        Column("engine", gettext_lazy("Engine")),
        Column("started_at", gettext_lazy("Began"), Kind.INSTANT),
    ),
    sort="number",
    is_descending=True,
    empty=gettext_lazy("A refresh computes everything anew from what was imported. Until the first, nobody is shown."),
)


class Refreshes(TableView):
    """All refreshes, newest first."""

    table = TABLE
    template_name = "refreshes/refreshes.html"

    def page(self, query: Query) -> TablePage:
        """The refreshes asked for."""
        current = refresh_in_force()
        fields = {"number": "pk", "customers": "customer_count"}
        return page_of(refreshes_with_times(), query, lambda one: _row(one, current), fields=fields)

    def context(self, _query: Query) -> dict[str, Any]:
        """Whether one may be asked for."""
        return {"may_refresh": may(Right.REFRESH)}


@require_safe
def refresh(request: HttpRequest, refresh_id: int) -> HttpResponse:
    """One refresh: its steps, and what it read."""
    found, inputs = find_refresh(refresh_id)
    context = {
        "refresh": found,
        "state": dict(STATES)[Refresh.State(found.state)],
        "tone": MARKS.get(found.state, ""),
        "steps": _steps(found) if found.steps else None,
        "named_steps": [(step, _name(step.name)) for step in found.steps],
        "inputs": sorted((_table(name), snapshot) for name, snapshot in inputs.items()),
        "may_refresh": may(Right.REFRESH),
    }
    return render(request, "refreshes/refresh.html", context)


@require_POST
def begin_refresh(request: HttpRequest) -> HttpResponse:
    """Asks for a refresh, and shows how far it is."""
    return redirect("job", start_refresh().pk)


@require_POST
def put_back(request: HttpRequest, refresh_id: int) -> HttpResponse:
    """Puts a refresh back in force; what was in force before can be put back the same way."""
    before = refresh_in_force()
    put_back_refresh(refresh_id=refresh_id)
    undo = reverse("put_back_refresh", args=[before.pk]) if before and before.pk != refresh_id else ""
    toast(request, _("Refresh %(id)s is in force again.") % {"id": refresh_id}, undo_url=undo)
    return redirect("refresh", refresh_id)


def _row(found: Any, current: Refresh | None) -> dict[str, Any]:
    return {
        "number": found.pk,
        "state": found.state,
        "in_force": IN_FORCE if current and current.pk == found.pk else None,
        "as_of": found.as_of,
        "customers": found.customer_count,
        "seconds": found.seconds,
        "engine": found.engine,
        "started_at": found.started_at,
        "url": reverse("refresh", args=[found.pk]),
    }


def _table(name: str) -> str:
    short = name.rpartition(".")[2]
    return str(TABLES.get(short, short))


def _name(step: str) -> str:
    return str(ACTIVITIES.get(step, step))


def _steps(found: RefreshRow) -> Bars:
    """How long the slowest steps took."""
    slowest = sorted(found.steps, key=lambda step: -step.seconds)[:SHOWN_STEPS]
    longest = slowest[0]
    words = _("%(step)s took longest: %(seconds)s of %(all)s")
    return Bars(
        finding=words
        % {"step": _name(longest.name), "seconds": duration(longest.seconds), "all": duration(found.seconds)},
        category=_("Step"),
        measure=_("Seconds"),
        labels=[_name(step.name) for step in slowest],
        values=[round(step.seconds, 3) for step in slowest],
        is_horizontal=True,
    )
