"""Verbs of audiences: save, rename, archive, restore."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import ActorKind
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.audiences.models import Audience
from zhike.understand.audiences.queries import members
from zhike.understand.audiences.rules import parse_rule, rule_text


class NameTaken(UserError):
    """Another audience has this name."""


def save_audience(*, name: str, rule: str, note: str = "") -> Audience:
    """The new audience. Raises NameTaken, Denied, and UserError for a rule that cannot be read or counted."""
    actor = require(Right.DEFINE_AUDIENCES)
    members(rule)
    return _stored(
        Audience(
            name=_checked_name(name),
            rule=rule_text(parse_rule(rule)),
            note=note.strip(),
            owner_id=actor.id if actor.kind == ActorKind.USER else None,
        )
    )


def rename_audience(*, audience_id: int, name: str) -> Audience:
    """The audience under its new name. Raises NameTaken, Denied, UserError."""
    audience = _audience(audience_id)
    audience.name = _checked_name(name)
    return _stored(audience)


def archive_audience(*, audience_id: int) -> Audience:
    """The audience, which lists leave out from now on; its name stays taken. Raises Denied, UserError."""
    audience = _audience(audience_id)
    audience.archived_at = audience.archived_at or timezone.now()
    return _stored(audience)


def restore_audience(*, audience_id: int) -> Audience:
    """The audience, which is listed again. Raises Denied, UserError."""
    audience = _audience(audience_id)
    audience.archived_at = None
    return _stored(audience)


def _audience(audience_id: int) -> Audience:
    require(Right.DEFINE_AUDIENCES)
    audience = Audience.objects.filter(pk=audience_id).first()
    if audience is None:
        raise NotFound(_("there is no audience %(id)s") % {"id": audience_id})
    return audience


def _checked_name(name: str) -> str:
    name = name.strip()
    longest = Audience._meta.get_field("name").max_length or 0
    if not name:
        raise UserError(_("an audience needs a name"), where="name")
    if len(name) > longest:
        raise UserError(_("a name has up to %(limit)s characters") % {"limit": longest}, where="name")
    return name


def _stored(audience: Audience) -> Audience:
    try:
        with transaction.atomic():
            audience.save()
    except IntegrityError as error:
        raise NameTaken(
            _("there is an audience “%(name)s” already") % {"name": audience.name},
            where="name",
            advice=_("It may be an archived one."),
        ) from error
    return audience
