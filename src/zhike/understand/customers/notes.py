"""Notes on the single view: written, removed, and brought back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.collect.profiles.models import Note
from zhike.collect.profiles.services import NOTE, remove_note, restore_note, write_note
from zhike.collect.profiles.words import ORGANISATION_NOTES, PERSONAL_NOTES
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.toasts import toast
from zhike.understand.customers.profiles import CustomerProfile


@require_POST
def write(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Writes a note about a customer."""
    note = write_note(
        customer_id=customer_id,
        text=request.POST.get("text", ""),
        is_sensitive="is_sensitive" in request.POST,
        kind=request.POST.get("kind", NOTE),
    )
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


def notes_context(profile: CustomerProfile) -> dict[str, Any]:
    """The notes on the page: those on anything, and those on what helps a relation, by what they are about."""
    kinds = ORGANISATION_NOTES if profile.identity.get("kind") == "organisation" else PERSONAL_NOTES
    told = [(words, [note for note in profile.notes if note.kind == kind]) for kind, words in kinds.items()]
    told = [(words, notes) for words, notes in told if notes]
    sees_all = kinds is ORGANISATION_NOTES or may(Right.SEE_PERSONAL_DATA)
    return {
        "notes": [note for note in profile.notes if note.kind not in kinds],
        "told": told,
        "shows_told": bool(told) or sees_all,
        "note_kinds": list(kinds.items()),
        "is_personal": kinds is PERSONAL_NOTES,
        "may_note": may(Right.WRITE_NOTES),
        "may_tell": may(Right.WRITE_NOTES) and sees_all,
    }


def _to_notes(note: Note) -> HttpResponseRedirect:
    part = "notes" if note.kind == NOTE else "told"
    return HttpResponseRedirect(f"{reverse('customer', args=[note.customer_id])}#{part}")
