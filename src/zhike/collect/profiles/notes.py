"""Reads of notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from zhike.collect.identity.redirects import redirects
from zhike.collect.profiles.models import Note
from zhike.govern.access.actors import ActorKind
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.warehouse.queries import published


@dataclass(frozen=True)
class NoteShown:
    """A note as its reader sees it."""

    note_id: int
    kind: str  # what it is about: note, or one of `words.PERSONAL_NOTES` or `words.ORGANISATION_NOTES`
    text: str
    is_sensitive: bool
    author: str  # empty where no member of staff wrote it
    created_at: datetime


def notes_of(customer_id: int) -> tuple[NoteShown, ...]:
    """The notes about a customer, newest first: sensitive ones for their author and who may see personal data."""
    actor = require(Right.SEE_CUSTOMERS)
    ids = redirects(published()).ids_of(customer_id)
    notes = Note.objects.filter(customer_id__in=ids, deleted_at=None).select_related("author")
    if not may(Right.SEE_PERSONAL_DATA):
        own = Q(author_id=actor.id) if actor.kind == ActorKind.USER else Q(pk=None)
        notes = notes.filter(Q(is_sensitive=False) | own)
    return tuple(
        NoteShown(note.pk, note.kind, note.text, note.is_sensitive, str(note.author or ""), note.created_at)
        for note in notes
    )
