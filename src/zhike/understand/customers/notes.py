"""Notes on the single view: written, removed, and brought back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.collect.profiles.services import remove_note, restore_note, write_note
from zhike.ui.toasts import toast


@require_POST
def write(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Writes a note about a customer."""
    write_note(
        customer_id=customer_id,
        text=request.POST.get("text", ""),
        is_sensitive="is_sensitive" in request.POST,
    )
    toast(request, _("The note is kept."))
    return _to_notes(customer_id)


@require_POST
def remove(request: HttpRequest, note_id: int) -> HttpResponse:
    """Removes a note."""
    note = remove_note(note_id=note_id)
    toast(request, _("The note is removed."), undo_url=reverse("restore_note", args=[note_id]))
    return _to_notes(note.customer_id)


@require_POST
def restore(request: HttpRequest, note_id: int) -> HttpResponse:
    """Brings a removed note back."""
    note = restore_note(note_id=note_id)
    toast(request, _("The note is back."))
    return redirect("customer", note.customer_id)


def _to_notes(customer_id: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('customer', args=[customer_id])}#notes")
