"""Verbs of profiles: write a note, remove it, restore it."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.collect.profiles.models import Note
from zhike.collect.profiles.queries import NoSuchCustomer
from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import ActorKind
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.warehouse.queries import published

LONGEST_NOTE = 10_000


def write_note(*, customer_id: int, text: str, is_sensitive: bool = False) -> Note:
    """The new note. Raises NoSuchCustomer, Denied, and UserError for an empty or endless one."""
    actor = require(Right.WRITE_NOTES)
    require(Right.SEE_CUSTOMERS)
    text = text.strip()
    if not text:
        raise UserError(_("a note needs some words"), where="text")
    if len(text) > LONGEST_NOTE:
        raise UserError(_("a note has up to %(limit)s characters") % {"limit": LONGEST_NOTE}, where="text")
    if not 0 <= customer_id < published().customer_count:
        raise NoSuchCustomer(_("there is no customer %(id)s") % {"id": customer_id})
    author_id = actor.id if actor.kind == ActorKind.USER else None
    return Note.objects.create(customer_id=customer_id, text=text, is_sensitive=is_sensitive, author_id=author_id)


def remove_note(*, note_id: int) -> Note:
    """The note, which nobody sees from now on; `restore_note` undoes it. Raises Denied, UserError."""
    note = _own_note(note_id)
    note.deleted_at = note.deleted_at or timezone.now()
    note.save(update_fields=["deleted_at"])
    return note


def restore_note(*, note_id: int) -> Note:
    """The note, which is there again. Raises Denied, UserError."""
    note = _own_note(note_id)
    note.deleted_at = None
    note.save(update_fields=["deleted_at"])
    return note


def _own_note(note_id: int) -> Note:
    """A note that whoever acts may see. Raises UserError where there is none for them."""
    actor = require(Right.WRITE_NOTES)
    note = Note.objects.filter(pk=note_id).first()
    is_hidden = note is not None and note.is_sensitive and not may(Right.SEE_PERSONAL_DATA)
    if note is None or (is_hidden and (actor.kind != ActorKind.USER or note.author_id != actor.id)):
        raise NotFound(_("there is no note %(id)s") % {"id": note_id})
    return note
