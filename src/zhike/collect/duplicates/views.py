"""Pages of possible duplicates: the queue, two beside each other, the records of one customer, and what was decided."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from zhike.collect.duplicates import queries
from zhike.collect.duplicates.compared import VERDICTS, lines, table_of
from zhike.collect.duplicates.evidence import pieces
from zhike.collect.identity.models import Decision
from zhike.collect.identity.queries import decisions, decisions_on, moves_of
from zhike.collect.identity.services import merge_customers, never_same, redo_decision, split_customer, undo_decision
from zhike.collect.profiles.words import KINDS
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.ui.lists import TableView
from zhike.ui.tables import Column, Kind, Query, Table, TablePage, page_of
from zhike.ui.toasts import toast
from zhike.ui.typed import whole_number
from zhike.ui.unpublished import when_published
from zhike.warehouse.queries import published

DECISION_KINDS = (
    (Decision.Kind.MERGE, gettext_lazy("one customer")),
    (Decision.Kind.SPLIT, gettext_lazy("split")),
    (Decision.Kind.NEVER_SAME, gettext_lazy("never the same")),
)
COUNTS, UNDONE = "counts", "undone"
QUEUE = Table(
    name="duplicates",
    title=gettext_lazy("Possible duplicates"),
    columns=(
        Column("name", gettext_lazy("Customer"), is_sortable=False, leads_to="url"),
        Column("other_name", gettext_lazy("May also be"), is_sortable=False, leads_to="url"),
        Column("probability", gettext_lazy("How likely"), Kind.SHARE),
        Column("kind", gettext_lazy("Person or organisation"), Kind.CHOICE, tuple(KINDS.items()), is_filterable=True),
        Column("agrees", gettext_lazy("What agrees"), is_sortable=False, is_long=True),
        Column("differs", gettext_lazy("What differs"), is_sortable=False, is_long=True),
    ),
    sort="probability",
    is_descending=True,
    empty=gettext_lazy("Nobody waits here: linking was sure of all others, or somebody has decided."),
)
DECISIONS = Table(
    name="decisions",
    title=gettext_lazy("Decisions"),
    columns=(
        Column("number", gettext_lazy("Number"), Kind.NUMBER, leads_to="url"),
        Column("kind", gettext_lazy("Decision"), Kind.CHOICE, DECISION_KINDS, is_filterable=True),
        Column("group_count", gettext_lazy("Groups"), Kind.NUMBER),
        Column("why", gettext_lazy("Why"), is_long=True, is_sortable=False),
        Column("made_by", gettext_lazy("By"), is_sortable=False),
        Column("made_at", gettext_lazy("When"), Kind.INSTANT),
        Column(
            "state",
            gettext_lazy("State"),
            Kind.CHOICE,
            ((COUNTS, gettext_lazy("counts")), (UNDONE, gettext_lazy("undone"))),
            is_sortable=False,
            marks={COUNTS: "good"},
        ),
    ),
    sort="number",
    is_descending=True,
    empty=gettext_lazy("Nobody has decided yet who is who: all of it is as the records show."),
)


@method_decorator(when_published, name="dispatch")
class Duplicates(TableView):
    """Customers who may be the same, likeliest first."""

    table = QUEUE
    template_name = "duplicates/duplicates.html"

    def page(self, query: Query) -> TablePage:
        """Those asked for; the cursor is their place, for a refresh does not change."""
        place = query.after or query.before or "0"
        offset = whole_number(place) or 0
        kind = str(query.filters.get("kind", ""))
        by = "match_weight" if query.sort == "probability" else query.sort
        found = queries.waiting(kind=kind, offset=offset, limit=query.limit, by=by, falling=query.is_descending)
        after = offset + len(found.duplicates)
        return TablePage(
            rows=[_row(one) for one in found.duplicates],
            total=found.total,
            next=str(after) if after < found.total else None,
            previous=str(max(0, offset - query.limit)) if offset else None,
        )


def _row(one: queries.Duplicate) -> dict[str, Any]:
    told = pieces(one.evidence, queries.model_of(one.kind))
    return {
        "name": one.name or _("Customer %(id)s") % {"id": one.customer_id},
        "other_name": one.other_name or _("Customer %(id)s") % {"id": one.other_id},
        "probability": one.probability,
        "kind": one.kind,
        "agrees": ", ".join(str(piece.title) for piece in told if piece.speaks_for),
        "differs": ", ".join(str(piece.title) for piece in told if piece.speaks_against),
        "url": reverse("two_customers", args=[one.customer_id, one.other_id]),
    }


class Decisions(TableView):
    """What people decided about who is who, newest first."""

    table = DECISIONS
    template_name = "duplicates/decisions.html"

    def page(self, query: Query) -> TablePage:
        """The decisions asked for."""
        require(Right.RESOLVE_IDENTITY)
        return page_of(decisions(), query, _decided, fields={"number": "pk"})


def _decided(one: Decision) -> dict[str, Any]:
    return {
        "number": one.pk,
        "kind": one.kind,
        "group_count": one.group_count,
        "why": queries.why_of(one),
        "made_by": str(one.made_by or ""),
        "made_at": one.made_at,
        "state": COUNTS if one.undone_at is None else UNDONE,
        "url": reverse("decision", args=[one.pk]),
    }


@require_safe
@when_published
def first_two(request: HttpRequest) -> HttpResponse:
    """The likeliest of all possible duplicates; the queue where nobody waits."""
    found = queries.waiting(limit=1).duplicates
    if not found:
        toast(request, _("Nobody waits any more."))
        return redirect("duplicates")
    return redirect("two_customers", found[0].customer_id, found[0].other_id)


@require_safe
@when_published
def two_customers(request: HttpRequest, customer_id: int, other_id: int) -> HttpResponse:
    """Two who may be the same, beside each other, with the evidence for and against."""
    return _two(request, customer_id, other_id)


def _two(request: HttpRequest, customer_id: int, other_id: int, problem: UserError | None = None) -> HttpResponse:
    found = queries.beside(customer_id, other_id)
    one = found.duplicate
    shown = pieces(one.evidence, found.model)
    context = {
        "duplicate": one,
        "names": [name or _("Customer %(id)s") % {"id": number} for name, number in _named(one)],
        "records": found.records,
        "lines": lines(*found.records),
        "verdicts": VERDICTS,
        "pieces": shown,
        "next": queries.next_after(one.customer_id, one.other_id),
        "left": queries.waiting_count(),
        "problem": problem,
        "why": request.POST.get("why", ""),
    }
    return render(request, "duplicates/two.html", context, status=problem.status if problem else 200)


def _named(one: queries.Duplicate) -> tuple[tuple[str, int], tuple[str, int]]:
    return (one.name, one.customer_id), (one.other_name, one.other_id)


@require_POST
def decide(request: HttpRequest, customer_id: int, other_id: int) -> HttpResponse:
    """What somebody says of two customers; on to the next two."""
    following = queries.next_after(*sorted((customer_id, other_id)))
    verdict, why = request.POST.get("verdict", ""), request.POST.get("why", "")
    try:
        if verdict == Decision.Kind.MERGE:
            made = merge_customers([[customer_id, other_id]], why=why)
            said = _("They are one customer from the next refresh on.")
        elif verdict == Decision.Kind.NEVER_SAME:
            made = never_same([[customer_id, other_id]], why=why)
            said = _("They stay two customers, whatever their records say.")
        else:
            raise UserError(_("say whether they are one or two"))
    except UserError as error:
        return _two(request, customer_id, other_id, error)
    toast(request, said, undo_url=reverse("undo_decision", args=[made.pk]))
    return redirect("two_customers", *following) if following else redirect("first_two")


@require_safe
@when_published
def records(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The records that one customer is made of, of which some can be split off; and their history."""
    return _records(request, customer_id)


def _records(request: HttpRequest, customer_id: int, problem: UserError | None = None) -> HttpResponse:
    found = queries.choosable(customer_id)
    now = published()
    context = {
        "customer_id": customer_id,
        "name": queries.names_of({customer_id}, now).get(customer_id) or _("Customer %(id)s") % {"id": customer_id},
        "records": found,
        "lines": table_of([record.shown for record in found]),
        "may_split": may(Right.RESOLVE_IDENTITY) and len(found) > 1,
        "duplicates": queries.duplicates_of(customer_id),
        "may_decide": may(Right.RESOLVE_IDENTITY),
        "moves": moves_of(customer_id, now),
        "decisions": [_decided(one) for one in decisions_on([record.key for record in found])],
        "kinds": dict(DECISION_KINDS),
        "problem": problem,
        "why": request.POST.get("why", ""),
        "chosen": request.POST.getlist("record"),
    }
    return render(request, "duplicates/records.html", context, status=problem.status if problem else 200)


@require_POST
def split(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Splits the chosen records off."""
    chosen = set(request.POST.getlist("record"))
    keys = [record.key for record in queries.choosable(customer_id) if record.token in chosen]
    try:
        made = split_customer(customer_id, keys, why=request.POST.get("why", ""))
    except UserError as error:
        return _records(request, customer_id, error)
    said = _("These records are another customer from the next refresh on.")
    toast(request, said, undo_url=reverse("undo_decision", args=[made.pk]))
    return redirect("customer_records", customer_id)


@require_safe
def decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """One decision, with the keys it speaks of."""
    require(Right.RESOLVE_IDENTITY)
    found = queries.decision_of(decision_id)
    context = {
        "decision": found,
        "why": queries.why_of(found),
        "kind": dict(DECISION_KINDS)[Decision.Kind(found.kind)],
        "pairs": queries.shown_pairs(found),
    }
    return render(request, "duplicates/decision.html", context)


@require_POST
def undo(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Takes a decision back."""
    undo_decision(decision_id)
    toast(request, _("The decision is undone."), undo_url=reverse("redo_decision", args=[decision_id]))
    return redirect("decision", decision_id)


@require_POST
def redo(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Makes a decision count again."""
    redo_decision(decision_id)
    toast(request, _("The decision counts again."), undo_url=reverse("undo_decision", args=[decision_id]))
    return redirect("decision", decision_id)
