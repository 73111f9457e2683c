"""Corrections: what staff say that a field is, in force at once on the page and at the next refresh everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.collect.identity.redirects import redirects
from zhike.collect.profiles.golden.checking import COLUMNS, checked
from zhike.collect.profiles.models import Correction
from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import ActorKind
from zhike.govern.access.masking import mask
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.warehouse.locks import exclusive
from zhike.warehouse.queries import Published, published

LONGEST_WHY = 500


class AlreadyCorrected(UserError):
    """Somebody else corrected the field after it was shown."""

    status = 409


@dataclass(frozen=True)
class CorrectionShown:
    """A correction as its reader may see it."""

    correction_id: int
    field: str
    before: str
    after: str
    why: str
    who: str
    made_at: datetime
    undone_at: datetime | None
    undone_by: str
    is_in_force: bool  # the newest of its field that is not undone


def corrections_of(customer_id: int) -> tuple[CorrectionShown, ...]:
    """All corrections of a customer, those that were undone too, newest first. Raises Denied."""
    require(Right.SEE_CUSTOMERS)
    now = published()
    current = redirects(now).leads_to(customer_id)
    return masked_corrections(all_corrections(now, current)) if current is not None else ()


def masked_corrections(corrections: Iterable[CorrectionShown]) -> tuple[CorrectionShown, ...]:
    """The corrections as whoever acts may see them."""
    if may(Right.SEE_PERSONAL_DATA):
        return tuple(corrections)
    return tuple(
        replace(one, before=_hidden(one.field, one.before), after=_hidden(one.field, one.after), why="")
        for one in corrections
    )


def all_corrections(now: Published, customer_id: int) -> tuple[CorrectionShown, ...]:
    """The same, unmasked."""
    found = Correction.objects.filter(customer_id__in=redirects(now).ids_of(customer_id))
    in_force: dict[str, int] = {}
    for one in found:
        if one.undone_at is None:
            in_force.setdefault(one.field, one.pk)
    return tuple(shown(one, is_in_force=in_force.get(one.field) == one.pk) for one in found)


def shown(one: Correction, *, is_in_force: bool) -> CorrectionShown:
    """A correction as it is read."""
    return CorrectionShown(
        correction_id=one.pk,
        field=one.field,
        before=one.before,
        after=one.after,
        why=one.why,
        who=one.made_by,
        made_at=one.created_at,
        undone_at=one.undone_at,
        undone_by=one.undone_by,
        is_in_force=is_in_force,
    )


def enter_correction(
    *, customer_id: int, field: str, value: str, why: str, before: Mapping[str, object], last_seen: int | None
) -> Correction:
    """The new correction of a customer of whom `before` is known. Raises as `services.correct`."""
    actor = require(Right.CORRECT_CUSTOMERS)
    after = checked(field, value, today=timezone.localdate())
    why = why.strip()
    if len(why) > LONGEST_WHY:
        raise UserError(_("has more than %(limit)s characters") % {"limit": LONGEST_WHY}, where="why")
    with exclusive(f"correction-{customer_id}", what=_("a correction"), wait=True), transaction.atomic():
        newest = newest_of(customer_id, field)
        if last_seen is not None and last_seen != (newest.pk if newest else 0):
            raise AlreadyCorrected(
                _("somebody else has just corrected this"), where=field, advice=_("Look at it again, then decide.")
            )
        was = newest.after if newest else as_text(before.get(field))
        # Whoever may not see what is there must not find it out by trying.
        if after == was and (may(Right.SEE_PERSONAL_DATA) or not COLUMNS[field].personal):
            raise UserError(_("is already what the page says"), where=field)
        return Correction.objects.create(
            customer_id=customer_id,
            field=field,
            before=was,
            after=after,
            why=why,
            author_id=actor.id if actor.kind == ActorKind.USER else None,
            made_by=actor.name,
        )


def undo(correction_id: int) -> Correction:
    """The correction, which is not in force any more. Raises as `services.undo_correction`."""
    actor = require(Right.CORRECT_CUSTOMERS)
    found = Correction.objects.filter(pk=correction_id).first()
    if found is None:
        raise NotFound(_("there is no correction %(id)s") % {"id": correction_id})
    Correction.objects.filter(pk=correction_id, undone_at=None).update(undone_at=timezone.now(), undone_by=actor.name)
    found.refresh_from_db()
    return found


def newest_of(customer_id: int, field: str) -> Correction | None:
    """The correction of a field that is in force."""
    ids = redirects(published()).ids_of(customer_id)
    return Correction.objects.filter(customer_id__in=ids, field=field, undone_at=None).first()


def as_text(value: object) -> str:
    """A value in the form of the warehouse, as `typed` reads it again; empty for none."""
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value.normalize():f}"
        case date():
            return value.isoformat()
    return str(value)


def _hidden(field: str, text: str) -> str:
    column = COLUMNS.get(field)
    return str(mask(column, text)) if column is not None and column.personal and text else text
