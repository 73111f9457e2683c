"""Pages of audiences: those that were saved, a new one, what can be changed of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.rules.tree import Condition
from zhike.ui.lists import TableView
from zhike.ui.rows import page_of_rows
from zhike.ui.tables import Column, Kind, Query, Table, TablePage
from zhike.ui.toasts import toast
from zhike.understand.audiences.models import Audience
from zhike.understand.audiences.pages.building import asked_rule, built
from zhike.understand.audiences.pages.forms import AudienceForm, NameForm, NoteForm
from zhike.understand.audiences.pages.listing import Listed, listed_audiences
from zhike.understand.audiences.pages.overtaken import Seen, overtaken, seen_in, seen_of
from zhike.understand.audiences.queries import saved_audience
from zhike.understand.audiences.services import (
    archive_audience,
    note_audience,
    redefine_audience,
    rename_audience,
    restore_audience,
    save_audience,
)
from zhike.understand.audiences.words import rule_in_words
from zhike.understand.tags.builder.state import Builder, read_builder
from zhike.understand.tags.defining.services import Overtaken
from zhike.understand.tags.vocabularies import vocabulary
from zhike.understand.tags.wording.phrases import Phrases

TABLE = Table(
    name="audiences",
    title=gettext_lazy("Audiences"),
    columns=(
        Column("name", gettext_lazy("Name"), is_filterable=True, leads_to="url"),
        Column("words", gettext_lazy("Customers for whom"), is_sortable=False, is_long=True),
        Column("count", gettext_lazy("Customers"), Kind.NUMBER, leads_to="url"),
        Column("share", gettext_lazy("Share"), Kind.SHARE, is_shown=False),
        Column("change", gettext_lazy("Net change"), Kind.NUMBER, leads_to="history_url"),
        Column("sizes", gettext_lazy("Trend"), Kind.TREND, is_sortable=False),
        Column(
            "kind",
            gettext_lazy("Kind"),
            Kind.CHOICE,
            tuple(Audience.Kind.choices),
            is_filterable=True,
            marks={"live": "good", "frozen": ""},
        ),
        Column("used_by", gettext_lazy("Used by"), is_sortable=False, is_long=True),
        Column("owner", gettext_lazy("Owner"), is_filterable=True),
        Column("created_at", gettext_lazy("Since"), Kind.DATE, is_shown=False),
        Column("rule", gettext_lazy("Rule"), is_sortable=False, is_shown=False, is_long=True),
        Column("note", gettext_lazy("Note"), is_sortable=False, is_shown=False, is_long=True),
    ),
    sort="name",
    empty=gettext_lazy("An audience keeps a rule under a name. Say whom you mean, and save it; it is counted at once."),
)
Shown = dict[str, Any]


class Audiences(TableView):
    """The saved audiences; there are few, so they are ordered here."""

    table = TABLE
    template_name = "audiences/audiences.html"

    def page(self, query: Query) -> TablePage:
        """The audiences asked for."""
        phrases = Phrases.of_customers()
        found = listed_audiences(archived="archived" in self.request.GET)
        return page_of_rows([_row(one, phrases) for one in found], query, key="name")

    def context(self, _query: Query) -> Shown:
        """Whether one may add to them, and which of them are shown."""
        return {"may_define": may(Right.DEFINE_AUDIENCES), "is_archived": "archived" in self.request.GET}


def _row(one: Listed, phrases: Phrases) -> Shown:
    audience = one.audience
    words = " · ".join(rule_in_words(audience.tree, phrases))
    return {
        "name": audience.name,
        "words": words,
        "count": audience.count,
        "share": audience.share,
        "change": one.change,
        "sizes": list(one.sizes) if len(one.sizes) > 1 else None,
        "kind": audience.kind,
        "owner": audience.owner,
        "used_by": _(", ").join(one.used_by),
        "created_at": audience.created_at,
        "rule": audience.rule,
        "note": audience.note,
        "url": reverse("audience", args=[audience.audience_id]),
        "history_url": reverse("audience_history", args=[audience.audience_id]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The builder of a new audience, with the number of its customers."""
    require(Right.DEFINE_AUDIENCES)
    is_sent = request.method == "POST"
    builder = read_builder(request.POST if is_sent else None, rule=asked_rule(request), vocabulary=vocabulary())
    is_saved = is_sent and not builder.done
    form = AudienceForm(request.POST if is_saved else None, initial=request.POST if is_sent else None)
    if is_saved:
        tree = _definition(builder)
        if form.is_valid() and tree is not None:
            try:
                audience = save_audience(rule=tree, **form.cleaned_data)
            except UserError as error:
                _say(error, form, builder)
            else:
                toast(request, _("The audience “%(name)s” is saved.") % {"name": audience.name})
                return redirect("audience", audience.pk)
    address = reverse("new_audience")
    context = {"form": form, "builder": built(request, builder, address=address)}
    return render(request, "audiences/new.html", context, status=422 if is_saved else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, audience_id: int) -> HttpResponse:
    """The builder of an audience that there is."""
    require(Right.DEFINE_AUDIENCES)
    audience = saved_audience(audience_id)
    if audience.is_frozen:
        raise UserError(_("a frozen list stays as it is"), advice=_("Save the rule as an audience of its own."))
    is_sent = request.method == "POST"
    rule = asked_rule(request) or audience.rule
    builder = read_builder(request.POST if is_sent else None, rule=rule, vocabulary=vocabulary())
    is_saved = is_sent and not builder.done
    seen = seen_in(request.POST) if is_sent else seen_of(audience)
    meanwhile: Shown = {}
    if is_saved and (tree := _definition(builder)) is not None:
        try:
            redefine_audience(audience_id=audience_id, rule=tree, seen=seen.revision)
        except Overtaken:
            audience = saved_audience(audience_id)
            seen, meanwhile = seen_of(audience), overtaken(seen, audience)
        except UserError as error:
            _say(error, None, builder)
        else:
            toast(request, _("The rule of “%(name)s” is changed.") % {"name": audience.name})
            return redirect("audience", audience_id)
    address = reverse("edit_audience", args=[audience_id])
    context = {"audience": audience, "seen": seen, "meanwhile": meanwhile}
    context |= {"builder": built(request, builder, address=address)}
    return render(request, "audiences/edit.html", context, status=409 if meanwhile else 422 if is_saved else 200)


def _definition(builder: Builder) -> Condition | None:
    """The rule that was built; None where it is not complete, which is said at its place."""
    try:
        return builder.definition()  # type: ignore[return-value] # only conditions are accepted
    except UserError as error:
        if builder.error is None and not builder.complete.faults:
            builder.problem = error
        return None


def _say(error: UserError, form: AudienceForm | None, builder: Builder) -> None:
    """Says what is wrong at its place."""
    if form is not None and error.where in form.fields:
        form.add_error(error.where, " ".join(filter(None, (error.message, error.advice))))
    else:
        builder.problem = error


@require_POST
def rename(request: HttpRequest, audience_id: int) -> HttpResponse:
    """Gives an audience another name."""

    def change(name: str, seen: int | None) -> str:
        audience = rename_audience(audience_id=audience_id, name=name, seen=seen)
        return _("The audience is called “%(name)s” now.") % {"name": audience.name}

    return _changed(request, audience_id, NameForm(request.POST), _("Rename the audience"), change)


@require_POST
def note(request: HttpRequest, audience_id: int) -> HttpResponse:
    """Says anew what an audience is for."""

    def change(note: str, seen: int | None) -> str:
        note_audience(audience_id=audience_id, note=note, seen=seen)
        return _("The note is changed.")

    return _changed(request, audience_id, NoteForm(request.POST), _("Change the note"), change)


def _changed(
    request: HttpRequest, audience_id: int, form: Form, title: str, change: Callable[..., str]
) -> HttpResponse:
    """Carries out a change of one field and says so, or shows the field again with what stands against it."""
    require(Right.DEFINE_AUDIENCES)
    seen = seen_in(request.POST)
    if not form.is_valid():
        return _again(request, audience_id, form, title, seen)
    try:
        said = change(**form.cleaned_data, seen=seen.revision)
    except Overtaken:
        return _again(request, audience_id, form, title, seen, is_overtaken=True)
    except UserError as error:
        form.add_error(next(iter(form.fields)), " ".join(filter(None, (error.message, error.advice))))
        return _again(request, audience_id, form, title, seen)
    toast(request, said)
    return redirect("audience", audience_id)


def _again(
    request: HttpRequest, audience_id: int, form: Form, title: str, seen: Seen, *, is_overtaken: bool = False
) -> HttpResponse:
    """The field with what was typed, and what stands against it."""
    audience = saved_audience(audience_id)
    context = {"audience": audience, "form": form, "title": title, "seen": seen, "meanwhile": {}}
    if is_overtaken:
        context |= {"seen": seen_of(audience), "meanwhile": overtaken(seen, audience)}
    return render(request, "audiences/again.html", context, status=409 if is_overtaken else 422)


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
