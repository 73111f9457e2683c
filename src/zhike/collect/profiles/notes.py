"""Reads of notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from zhike.collect.profiles.models import Note
from zhike.govern.access.actors import ActorKind
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require


@dataclass(frozen=True)
class NoteShown:
    """A note as its reader sees it."""

    note_id: int
    text: str
    is_sensitive: bool
    author: str  # empty where no member of staff wrote it
    created_at: datetime


def notes_of(customer_id: int) -> tuple[NoteShown, ...]:
    """The notes about a customer, newest first: sensitive ones for their author and who may see personal data."""
    actor = require(Right.SEE_CUSTOMERS)
    notes = Note.objects.filter(customer_id=customer_id, deleted_at=None).select_related("author")
    if not may(Right.SEE_PERSONAL_DATA):
        own = Q(author_id=actor.id) if actor.kind == ActorKind.USER else Q(pk=None)
        notes = notes.filter(Q(is_sensitive=False) | own)
    return tuple(
        NoteShown(note.pk, note.text, note.is_sensitive, str(note.author or ""), note.created_at) for note in notes
    )
