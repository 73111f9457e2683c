"""Verbs of profiles: write a note, remove it, restore it; correct a field, undo that."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.collect.profiles.golden.corrections import enter_correction, undo
from zhike.collect.profiles.golden.reading import unmasked_record
from zhike.collect.profiles.models import Correction, Note
from zhike.collect.profiles.named import current_customer
from zhike.collect.profiles.tables import CUSTOMERS
from zhike.collect.profiles.words import ORGANISATION_NOTES, PERSONAL_NOTES, said
from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import ActorKind
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.warehouse.queries import published

LONGEST_NOTE = 10_000
NOTE = "note"  # about anything


def correct(*, customer_id: int, field: str, value: str, why: str = "", last_seen: int | None = None) -> Correction:
    """The new correction, in force at once: the field is what `value` says, or nothing where that is empty.

    `last_seen` is the newest correction of the field that was shown to whoever corrects, 0 for none; nobody then
    overwrites what somebody else has just corrected. Raises NoSuchCustomer, Denied, AlreadyCorrected, and UserError
    for a value that cannot be.
    """
    require(Right.CORRECT_CUSTOMERS)
    now = published()
    customer_id = current_customer(now, customer_id)
    before = unmasked_record(now, customer_id, now.rows_of(CUSTOMERS, customer_id)[0]).values
    return enter_correction(
        customer_id=customer_id, field=field, value=value, why=why, before=before, last_seen=last_seen
    )


def undo_correction(*, correction_id: int) -> Correction:
    """The correction, which is in force no more: the one before it, or what records say. Raises Denied, NotFound."""
    return undo(correction_id)


def write_note(*, customer_id: int, text: str, is_sensitive: bool | None = None, kind: str = NOTE) -> Note:
    """The new note. One that is about the person and not the business is sensitive unless it is said not to be.

    Raises NoSuchCustomer, Denied, and UserError for an empty or endless one.
    """
    actor = require(Right.WRITE_NOTES)
    require(Right.SEE_CUSTOMERS)
    known = (NOTE, *PERSONAL_NOTES, *ORGANISATION_NOTES)
    if kind not in known:
        names = said({**PERSONAL_NOTES, **ORGANISATION_NOTES}, known)
        raise UserError(_("is not one of %(names)s") % {"names": names}, where="kind")
    text = text.replace("\r\n", "\n").strip()  # as browsers send it, each line would count for one character more
    if not text:
        raise UserError(_("a note needs some words"), where="text")
    if len(text) > LONGEST_NOTE:
        raise UserError(_("a note has up to %(limit)s characters") % {"limit": LONGEST_NOTE}, where="text")
    customer_id = current_customer(published(), customer_id)
    author_id = actor.id if actor.kind == ActorKind.USER else None
    is_sensitive = kind in PERSONAL_NOTES if is_sensitive is None else is_sensitive
    return Note.objects.create(
        customer_id=customer_id, kind=kind, text=text, is_sensitive=is_sensitive, author_id=author_id
    )


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
