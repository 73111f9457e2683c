"""Verbs of audiences: save, redefine, rename, note, archive, restore."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import ActorKind, current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.check import names_in
from zhike.rules.tree import Condition, Definition, tree_from_json, tree_to_json
from zhike.understand.audiences.circles import check_circle
from zhike.understand.audiences.figures import record_figure
from zhike.understand.audiences.kept import audience_rules
from zhike.understand.audiences.models import Audience
from zhike.understand.audiences.reading import checked_rule
from zhike.understand.tags.defining.services import Overtaken
from zhike.understand.tags.definitions import published_tags
from zhike.understand.tags.models import Tag, TagVersion
from zhike.understand.tags.wording.cleaning import cleaned, one_line


class NameTaken(UserError):
    """Another audience has this name."""


class InUse(UserError):
    """Tags are made of the audience, and are never changed behind the back of who defines them."""

    status = 409


def save_audience(*, name: str, rule: str | Condition, note: str = "") -> Audience:
    """The new audience. Raises NameTaken, Circle, Denied, and RuleError for a rule that means nothing."""
    require(Right.DEFINE_AUDIENCES)
    tree = checked_rule(rule)
    with transaction.atomic():
        lock_definitions()
        audience = Audience(name=checked_name(name), note=cleaned(note), owner_id=owner_id())
        return _with_rule(audience, tree)


def redefine_audience(*, audience_id: int, rule: str | Condition, seen: int | None = None) -> Audience:
    """The audience with another rule. Raises as `save_audience`, NotFound, and UserError for a frozen list.

    `seen` is the revision that whoever changes it had before them: Overtaken, where there is another by now.
    """
    require(Right.DEFINE_AUDIENCES)
    tree = checked_rule(rule)
    with transaction.atomic():
        lock_definitions()
        audience = _locked(audience_id, seen)
        if audience.is_frozen:
            raise UserError(
                _("a frozen list stays as it is"), where="rule", advice=_("Save the rule as an audience of its own.")
            )
        return _with_rule(audience, tree, before=tree_from_json(audience.tree))


def rename_audience(*, audience_id: int, name: str, seen: int | None = None) -> Audience:
    """The audience under its new name, also in the rules of other audiences.

    Raises NameTaken, Denied, NotFound, UserError, Overtaken, and InUse where tags are made of it.
    """
    require(Right.DEFINE_AUDIENCES)
    with transaction.atomic():
        lock_definitions()
        audience = _locked(audience_id, seen)
        before, audience.name = audience.name, checked_name(name)
        if audience.name == before:
            return audience
        _check_no_tag_names(before)
        stored(audience)
        for other in Audience.objects.select_for_update().filter(tree__contains="in_audience"):
            if before in names_in(tree_from_json(other.tree)).audiences:
                other.tree = tree_to_json(_renamed(other.tree, before, audience.name))
                stored(other)
    return audience


def note_audience(*, audience_id: int, note: str, seen: int | None = None) -> Audience:
    """The audience with another note of what it is for. Raises Denied, NotFound, Overtaken."""
    require(Right.DEFINE_AUDIENCES)
    with transaction.atomic():
        audience = _locked(audience_id, seen)
        audience.note = cleaned(note)
        return stored(audience)


def change_audience(
    *,
    audience_id: int,
    name: str | None = None,
    rule: str | Condition | None = None,
    note: str | None = None,
    is_archived: bool | None = None,
    seen: int | None = None,
) -> Audience:
    """The audience with all of these changes, or none; what is None stays. Raises as each of them."""
    require(Right.DEFINE_AUDIENCES)
    with transaction.atomic():
        lock_definitions()
        _locked(audience_id, seen)
        if is_archived is not None:
            (archive_audience if is_archived else restore_audience)(audience_id=audience_id)
        if rule is not None:
            redefine_audience(audience_id=audience_id, rule=rule)
        if note is not None:
            note_audience(audience_id=audience_id, note=note)
        if name is not None:
            rename_audience(audience_id=audience_id, name=name)
        return _locked(audience_id)


def archive_audience(*, audience_id: int) -> Audience:
    """The audience, which lists leave out and no rule may name anew; its name stays taken. Raises Denied, NotFound."""
    require(Right.DEFINE_AUDIENCES)
    with transaction.atomic():
        audience = _locked(audience_id)
        audience.archived_at = audience.archived_at or timezone.now()
        return stored(audience)


def restore_audience(*, audience_id: int) -> Audience:
    """The audience, which is listed again. Raises Denied, NotFound."""
    require(Right.DEFINE_AUDIENCES)
    with transaction.atomic():
        audience = _locked(audience_id)
        audience.archived_at = None
        return stored(audience)


def lock_definitions() -> None:
    """Nobody else defines a tag or an audience before the transaction ends: two at once could make a circle."""
    # In this order, as whoever publishes a tag does it.
    list(Tag.objects.select_for_update().order_by("pk").values_list("pk"))
    list(Audience.objects.select_for_update().order_by("pk").values_list("pk"))


def checked_name(name: str) -> str:
    """The name of an audience without spaces around it. Raises UserError for one that cannot be."""
    name = one_line(name, where="name")
    longest = Audience._meta.get_field("name").max_length or 0
    if not name:
        raise UserError(_("an audience needs a name"), where="name")
    if len(name) > longest:
        raise UserError(_("a name has up to %(limit)s characters") % {"limit": longest}, where="name")
    return name


def owner_id() -> int | None:
    """Whose the audience is that whoever acts makes now: a user's, or nobody's."""
    actor = current_actor()
    return actor.id if actor.kind == ActorKind.USER else None


def stored(audience: Audience) -> Audience:
    """The audience, written. Raises NameTaken."""
    audience.revision = audience.revision + 1 if audience.pk else 1
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


def check_named_anew(tree: Condition, before: Definition | None = None) -> None:
    """Raises UserError if the rule names an archived audience that it did not name before."""
    named = names_in(tree).audiences - (names_in(before).audiences if before is not None else frozenset())
    archived = sorted(named & audience_rules().archived)
    if archived:
        raise UserError(
            _("the audience “%(name)s” is archived") % {"name": archived[0]},
            where="rule",
            advice=_("Restore it first, or name another."),
        )


def _with_rule(audience: Audience, tree: Condition, before: Definition | None = None) -> Audience:
    check_named_anew(tree, before)
    tags = {tag.name: tag.tree for tag in published_tags() if tag.tree is not None}
    check_circle(audience.name, {**audience_rules().trees, audience.name: tree}, tags)
    audience.tree = tree_to_json(tree)
    stored(audience)
    transaction.on_commit(partial(record_figure, audience.pk), robust=True)
    return audience


def _locked(audience_id: int, seen: int | None = None) -> Audience:
    """The audience, which nobody else changes before the transaction ends. Raises NotFound, Overtaken."""
    audience = Audience.objects.select_for_update().filter(pk=audience_id).first()
    if audience is None:
        raise NotFound(_("there is no audience %(id)s") % {"id": audience_id})
    if seen not in (None, audience.revision):
        raise Overtaken(
            _("the audience “%(name)s” was changed meanwhile") % {"name": audience.name},
            advice=_("Look at it as it is now, then make your change again."),
        )
    return audience


def _check_no_tag_names(audience: str) -> None:
    """Raises InUse if a tag in force, or one that may become it, is made of the audience."""
    states = (TagVersion.State.PUBLISHED, *TagVersion.OPEN)
    versions = TagVersion.objects.filter(state__in=states, tree__contains="in_audience").select_related("tag")
    tags = {one.tag.name for one in versions if audience in names_in(tree_from_json(one.tree)).audiences}
    if tags:
        raise InUse(
            _("tags are made of the audience “%(name)s”: %(tags)s")
            % {"name": audience, "tags": ", ".join(sorted(tags))},
            where="name",
            advice=_("Save the same rule under the new name, and change these tags first."),
        )


def _renamed(tree: str, before: str, after: str) -> Definition:
    """The tree with another name for one of the audiences in it."""

    def renamed(part: Any) -> Any:
        if isinstance(part, list):
            return [renamed(one) for one in part]
        if not isinstance(part, dict):
            return part
        if part.get("node") == "in_audience" and part["audience"] == before:
            return {**part, "audience": after}
        return {name: renamed(value) for name, value in part.items()}

    return tree_from_json(json.dumps(renamed(json.loads(tree))))
