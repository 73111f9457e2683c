"""Pages of audiences: those that were saved, a new one, what can be done with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from zhike.errors import NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.ui.lists import TableView
from zhike.ui.tables import Column, Kind, Query, Table, TablePage
from zhike.ui.templatetags.formats import share
from zhike.ui.toasts import toast, warn
from zhike.understand.audiences.forms import AudienceForm, NameForm
from zhike.understand.audiences.queries import AudienceShown, count_audience, list_audiences
from zhike.understand.audiences.services import (
    archive_audience,
    rename_audience,
    restore_audience,
    save_audience,
)
from zhike.understand.audiences.words import rule_in_words

TABLE = Table(
    name="audiences",
    title=gettext_lazy("Audiences"),
    columns=(
        Column("name", gettext_lazy("Name"), is_filterable=True, leads_to="url"),
        Column("words", gettext_lazy("Customers for whom"), is_sortable=False),
        Column("count", gettext_lazy("Customers"), Kind.NUMBER),
        Column("share", gettext_lazy("Share"), is_sortable=False),
        Column("owner", gettext_lazy("Owner"), is_filterable=True),
        Column("created_at", gettext_lazy("Since"), Kind.DATE),
        Column("rule", gettext_lazy("Rule"), is_sortable=False, is_shown=False),
        Column("note", gettext_lazy("Note"), is_sortable=False, is_shown=False),
    ),
    sort="name",
    empty=gettext_lazy("An audience keeps a rule under a name. Choose customers by their tags, then save them as one."),
)


class Audiences(TableView):
    """The saved audiences; there are few, so they are ordered here."""

    table = TABLE
    template_name = "audiences/audiences.html"

    def page(self, query: Query) -> TablePage:
        """The audiences asked for."""
        found = list_audiences(archived="archived" in self.request.GET)
        rows = [row for row in map(_row, found) if _fits(row, query)]
        known = [row for row in rows if row[query.sort] is not None]
        known.sort(key=lambda row: row[query.sort], reverse=query.is_descending)
        return TablePage(known + [row for row in rows if row[query.sort] is None], total=len(rows))

    def context(self, _query: Query) -> dict[str, Any]:
        """Whether one may add to them, and which of them are shown."""
        return {"may_define": may(Right.DEFINE_AUDIENCES), "is_archived": "archived" in self.request.GET}


def _row(audience: AudienceShown) -> dict[str, Any]:
    return {
        "name": audience.name,
        "words": " · ".join(rule_in_words(audience.rule)) or audience.rule,
        "count": audience.count,
        "share": share(audience.share),
        "owner": audience.owner,
        "created_at": audience.created_at,
        "rule": audience.rule,
        "note": audience.note,
        "url": reverse("audience", args=[audience.audience_id]),
    }


def _fits(row: dict[str, Any], query: Query) -> bool:
    wanted: Sequence[tuple[str, Any]] = tuple(query.filters.items())
    return all(str(text).lower() in str(row[name]).lower() for name, text in wanted)


def new(request: HttpRequest) -> HttpResponse:
    """The form of a new audience, with the number of its customers."""
    require(Right.DEFINE_AUDIENCES)
    data = request.POST if request.method == "POST" else None
    form = AudienceForm(data, initial={"rule": request.GET.get("rule", "")}, count_url=reverse("audience_count"))
    if form.is_bound and form.is_valid():
        try:
            audience = save_audience(**form.cleaned_data)
        except UserError as error:
            field = error.where if error.where in form.fields else "rule"
            form.add_error(field, " ".join(filter(None, (error.message, error.advice))))
        else:
            toast(request, _("The audience “%(name)s” is saved.") % {"name": audience.name})
            return redirect("audience", audience.pk)
    rule = str(form["rule"].value() or "")
    context = {"form": form, **_counted(rule)}
    return render(request, "audiences/new.html", context, status=422 if form.errors else 200)


@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """Only the number of customers a rule has, to stand beside the form."""
    return render(request, "audiences/count.html", _counted(request.GET.get("rule", "")))


def _counted(rule: str) -> dict[str, Any]:
    if not rule.strip():
        return {}
    try:
        return {"counted": count_audience(rule), "conditions": rule_in_words(rule), "rule": rule}
    except UserError as error:
        return {"problem": error}


@require_POST
def rename(request: HttpRequest, audience_id: int) -> HttpResponse:
    """Gives an audience another name."""
    form = NameForm(request.POST)
    try:
        audience = rename_audience(audience_id=audience_id, name=form.data.get("name", ""))
    except NotFound:
        raise
    except UserError as error:
        require(Right.DEFINE_AUDIENCES)
        warn(request, " ".join(filter(None, (error.message, error.advice))))
    else:
        toast(request, _("The audience is called “%(name)s” now.") % {"name": audience.name})
    return redirect("audience", audience_id)


@require_POST
def archive(request: HttpRequest, audience_id: int) -> HttpResponse:
    """Takes an audience off the list."""
    audience = archive_audience(audience_id=audience_id)
    undo = reverse("restore_audience", args=[audience_id])
    toast(request, _("The audience “%(name)s” is archived.") % {"name": audience.name}, undo_url=undo)
    return redirect("audiences")


@require_POST
def restore(request: HttpRequest, audience_id: int) -> HttpResponse:
    """Puts an audience back on the list."""
    audience = restore_audience(audience_id=audience_id)
    toast(request, _("The audience “%(name)s” is back.") % {"name": audience.name})
    return redirect("audience", audience_id)
