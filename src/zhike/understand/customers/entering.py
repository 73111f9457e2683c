"""What is entered on the page of a customer: notes and relations, written, removed, and brought back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.collect.profiles.golden.checking import day_of
from zhike.collect.profiles.models import Note, Relation
from zhike.collect.profiles.relations.services import customer_named, relate, restore_relation, unrelate
from zhike.collect.profiles.services import NOTE, remove_note, restore_note, write_note
from zhike.errors import UserError
from zhike.ui.toasts import toast
from zhike.understand.customers.fields import MENDABLE
from zhike.understand.customers.views import customer_page


@require_POST
def write(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Writes a note about a customer."""
    try:
        note = write_note(
            customer_id=customer_id,
            text=request.POST.get("text", ""),
            is_sensitive="is_sensitive" in request.POST,
            kind=request.POST.get("kind", NOTE),
        )
    except UserError as error:
        return _again(request, customer_id, _part(request.POST.get("kind", NOTE)), error)
    toast(request, _("The note is kept."), undo_url=reverse("remove_note", args=[note.pk]))
    return _to_notes(note)


@require_POST
def remove(request: HttpRequest, note_id: int) -> HttpResponse:
    """Removes a note."""
    note = remove_note(note_id=note_id)
    toast(request, _("The note is removed."), undo_url=reverse("restore_note", args=[note_id]))
    return _to_notes(note)


@require_POST
def restore(request: HttpRequest, note_id: int) -> HttpResponse:
    """Brings a removed note back."""
    note = restore_note(note_id=note_id)
    toast(request, _("The note is back."))
    return _to_notes(note)


@require_POST
def add_relation(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Enters what somebody is to the customer."""
    try:
        made = _related(request, customer_id)
    except UserError as error:
        return _again(request, customer_id, "relations", error)
    message = _("The relation is kept. Lists and counts follow at the next refresh.")
    toast(request, message, undo_url=reverse("remove_relation", args=[made.pk]))
    return _to_relations(made.customer_id)


@require_POST
def remove_relation(request: HttpRequest, relation_id: int) -> HttpResponse:
    """Takes a relation back that staff entered."""
    gone = unrelate(relation_id=relation_id)
    toast(request, _("The relation is removed."), undo_url=reverse("restore_relation", args=[relation_id]))
    return _to_relations(gone.customer_id)


@require_POST
def restore_removed_relation(request: HttpRequest, relation_id: int) -> HttpResponse:
    """Brings a removed relation back."""
    back = restore_relation(relation_id=relation_id)
    toast(request, _("The relation is back."))
    return _to_relations(back.customer_id)


def _related(request: HttpRequest, customer_id: int) -> Relation:
    said = request.POST
    return relate(
        customer_id=customer_id,
        related_id=customer_named(said.get("related", "")),
        since_on=day_of("since_on", said.get("since_on", "")),
        until_on=day_of("until_on", said.get("until_on", "")),
        kind=said.get("kind", ""),
        role=said.get("role", ""),
        department=said.get("department", ""),
        layer=said.get("layer", ""),
        function=said.get("function", ""),
    )


def _again(request: HttpRequest, customer_id: int, part: str, problem: UserError) -> HttpResponse:
    """The page with what was entered in one of its parts, and what is wrong with it."""
    if problem.status not in MENDABLE:
        raise problem
    wrong = {"wrong_part": part, "problem": problem, "entered": request.POST}
    return customer_page(request, customer_id, status=problem.status, **wrong)


def _part(kind: str) -> str:
    return "notes" if kind == NOTE else "told"


def _to_notes(note: Note) -> HttpResponseRedirect:
    return redirect(f"{reverse('customer', args=[note.customer_id])}#{_part(note.kind)}")


def _to_relations(customer_id: int) -> HttpResponseRedirect:
    return redirect(f"{reverse('customer', args=[customer_id])}#relations")
