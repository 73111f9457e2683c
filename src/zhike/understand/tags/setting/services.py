"""Verbs of set tags: give customers a value, take it away, undo what was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.collect.identity.queries import Key
from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.vocabulary import TagKind
from zhike.understand.tags.definitions import NoSuchTag
from zhike.understand.tags.models import Tag, TagChange, TagVersion
from zhike.understand.tags.setting.folding import YES, Act, number_of, packed, packed_cells, text_of_number
from zhike.understand.tags.setting.set_tags import undone_among
from zhike.understand.tags.setting.whom import customers_named
from zhike.understand.tags.wording.cleaning import check_visible, cleaned

LONGEST_VALUE = 200

Value = str | int | float | Decimal | date | bool


class NotSet(UserError):
    """The tag is computed, so nobody can set it."""

    status = 409


def set_tag(
    *,
    tag: str,
    customers: BitMap | Iterable[int] = (),
    keys: Sequence[Key] = (),
    value: Value | None = None,
    note: str = "",
) -> TagChange:
    """The change by which customers have the value from now on, in place of any that they had.

    A tag of yes or no needs no value. Raises NoSuchTag, NotSet, NoSuchCustomers, Denied, and UserError for a value
    that the tag cannot have.
    """
    require(Right.SET_TAGS)
    kind, values = settable(tag)
    spelt = spelt_value(kind, values, value)
    found = _somebody(customers_named(customers, keys))
    return record_act(tag, Act(given={spelt: found}), value=spelt, note=note)


def unset_tag(
    *,
    tag: str,
    customers: BitMap | Iterable[int] = (),
    keys: Sequence[Key] = (),
    value: str = "",
    note: str = "",
) -> TagChange:
    """The change by which customers have the tag no more, or not if `value` of a category is what they have.

    Raises NoSuchTag, NotSet, NoSuchCustomers, Denied, and UserError for a value that the tag cannot have.
    """
    require(Right.SET_TAGS)
    kind, values = settable(tag)
    if value and kind != TagKind.CATEGORY:
        raise UserError(_("only a value of a category is taken away by name"), where="value")
    spelt = spelt_value(kind, values, value) if value else ""
    found = _somebody(customers_named(customers, keys))
    return record_act(tag, Act(taken=found, only=spelt), value=spelt, note=note)


def undo_change(*, change_id: int, note: str = "") -> TagChange:
    """The change by which another counts as if it had not been; what came after that stays. Undone itself, it counts.

    Raises NotFound, Denied, and UserError for one that is undone already.
    """
    require(Right.SET_TAGS)
    undone = TagChange.objects.filter(pk=change_id).select_related("tag").first()
    if undone is None:
        raise NotFound(_("there is no change %(id)s") % {"id": change_id})
    with transaction.atomic():
        _lock(undone.tag.name)
        if change_id in undone_among(TagChange.objects.filter(tag=undone.tag)):
            raise UserError(_("change %(id)s is undone already") % {"id": change_id})
        return _stored(
            TagChange(
                tag=undone.tag, customers=b"", customer_count=undone.customer_count, undoes=undone, note=cleaned(note)
            )
        )


def record_act(tag: str, act: Act, *, value: str = "", note: str = "") -> TagChange:
    """The change that says what an act says, behind all others of its tag."""
    is_mixed = bool(len(act.ids)) or len(act.given) > 1 or bool(act.given and act.taken)
    customers = act.customers
    with transaction.atomic():
        return _stored(
            TagChange(
                tag=_lock(tag),
                is_removed=not act.given and not len(act.ids),
                value="" if is_mixed else value,
                customers=packed(customers),
                cells=packed_cells(act) if is_mixed else None,
                customer_count=len(customers),
                note=cleaned(note),
            )
        )


def settable(tag: str) -> tuple[TagKind, tuple[str, ...]]:
    """The kind of a set tag and the values it is confined to; none: any. Raises NoSuchTag, NotSet."""
    version = (
        TagVersion.objects.filter(tag__name=tag, state=TagVersion.State.PUBLISHED, tag__retired_at=None)
        .select_related("tag")
        .first()
    )
    if version is None:
        raise NoSuchTag(
            _("no tag in force is called “%(name)s”") % {"name": tag}, advice=_("`zhike tags list` lists them.")
        )
    if not version.tag.is_set:
        raise NotSet(
            _("the tag “%(name)s” is computed: nobody can set it") % {"name": tag},
            advice=_("Change its rule, or define a tag that is set by a person."),
        )
    return TagKind(version.tag.kind), tuple(str(one["value"]) for one in version.values)


def spelt_value(kind: TagKind, values: Sequence[str], value: Value | None) -> str:
    """A value as it is kept. Raises UserError where the tag cannot have it."""
    text = value.isoformat() if isinstance(value, date) else "" if value is None else str(value).strip()
    match kind:
        case TagKind.YES_NO:
            if text in ("", YES, "True"):
                return YES
            raise UserError(
                _("is not “yes”: the tag says yes or no"), where="value", advice=_("Take it away for no: unset.")
            )
        case TagKind.CATEGORY:
            if not text or len(text) > LONGEST_VALUE:
                raise UserError(_("a value has 1 to %(limit)s characters") % {"limit": LONGEST_VALUE}, where="value")
            check_visible(text, where="value")
            if values and text not in values:
                raise UserError(
                    _("“%(value)s” is none of the tag's values") % {"value": text},
                    where="value",
                    advice=_("Its values: %(values)s.") % {"values": ", ".join(values)},
                )
            return text
    number = number_of(kind, text)
    if number is None:
        what = _("“%(value)s” is not a number") if kind == TagKind.NUMBER else _("“%(value)s” is not a date")
        raise UserError(what % {"value": text}, where="value")
    return text_of_number(kind, number)


def _somebody(customers: BitMap) -> BitMap:
    if not customers:
        raise UserError(_("nobody is named"), where="customers")
    return customers


def _lock(tag: str) -> Tag:
    """The tag, whose changes follow one another: their numbers are drawn while it is locked."""
    found = Tag.objects.select_for_update().filter(name=tag).first()
    if found is None:
        raise NoSuchTag(_("no tag is called “%(name)s”") % {"name": tag})
    return found


def _stored(change: TagChange) -> TagChange:
    actor = current_actor()
    change.actor_kind, change.actor_id, change.actor_name = actor.kind, actor.id, actor.name
    change.set_at = timezone.now()
    change.save()
    return change
