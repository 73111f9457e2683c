"""Verbs of definitions: draft a tag, or another version of it, and say what it is called.

What takes a version into force and out of it is in `publishing.py`, what sets tags in the package `setting`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.errors import UserError
from zhike.govern.access.actors import ActorKind, current_actor
from zhike.govern.access.models import User
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.nearest import did_you_mean
from zhike.rules.tree import Condition, Definition, tree_from_json
from zhike.rules.vocabulary import KnownTag
from zhike.understand.tags.circles import audience_trees, check_circles
from zhike.understand.tags.defining.contents import Content, checked_content
from zhike.understand.tags.definitions import NoSuchTag, drafted_tags, published_tags
from zhike.understand.tags.models import Tag, TagVersion
from zhike.understand.tags.vocabularies import vocabulary
from zhike.understand.tags.wording.cleaning import cleaned, one_line
from zhike.understand.tags.wording.themes import THEMES

THEME = re.compile(r"[\w -]+(/[\w -]+)*")
WORDS = ("theme", "title", "title_zh", "doc", "doc_zh", "unit", "schedule")
OF_ONE_LINE = ("title", "title_zh", "unit")
OF_SEVERAL = ("doc", "doc_zh")


class NameTaken(UserError):
    """Another tag has this name."""


class Overtaken(UserError):
    """Somebody else was faster, so that what is written may not be what was read."""

    status = 409


def create_tag(
    *,
    name: str,
    rule: str | Definition | None = None,
    kind: str = "",
    origin: str = Tag.Origin.RULE,
    values: Sequence[Any] = (),
    later_fact: str | Condition = "",
    later_days: int | None = None,
    note: str = "",
    others: Sequence[KnownTag] = (),
    **words: str,
) -> TagVersion:
    """The first draft of a new tag. What it is called goes to `words`: theme, title, doc, unit, schedule, ….

    `rule` is text or a tree; a tag that is set has none, but a kind. `others` are tags that the rule may name though
    they are only about to be. Raises NameTaken, Circle, Denied, RuleError, and UserError for what cannot be.
    """
    require(Right.DEFINE_TAGS)
    tag = Tag(name=name.strip(), origin=origin, owner_id=user_id())
    _put_words(tag, {"theme": "", "title": "", **words})
    known = vocabulary(extra=[*drafted_tags().values(), *others])
    content = checked_content(
        rule=rule,
        kind=kind,
        is_set=tag.is_set,
        values=values,
        later_fact=later_fact,
        later_days=later_days,
        known=known,
    )
    tag.kind = content.kind
    return _created(tag, content, note)


def _created(tag: Tag, content: Content, note: str) -> TagVersion:
    _check_fields(tag)
    try:
        with transaction.atomic():
            tag.save()
            return _draft(tag, content, note)
    except IntegrityError as error:
        raise NameTaken(
            _("there is a tag “%(name)s” already") % {"name": tag.name},
            where="name",
            advice=_("It may be a retired one."),
        ) from error


def draft_version(
    *,
    tag: str,
    rule: str | Definition | None = None,
    values: Sequence[Any] | None = None,
    later_fact: str | Condition | None = None,
    later_days: int | None = None,
    note: str = "",
    seen: int | None = None,
    others: Sequence[KnownTag] = (),
) -> TagVersion:
    """A new draft of a tag; what is not given is as in its newest version.

    `seen` is the version that whoever writes had before them. Raises NoSuchTag, Overtaken where that is not the newest
    any more, Circle, Denied, RuleError, and UserError for what cannot be, such as another kind than was published.
    """
    require(Right.DEFINE_TAGS)
    known = vocabulary(extra=[*drafted_tags().values(), *others])
    with transaction.atomic():
        found = locked_tag(tag)
        newest = found.versions.first()
        if newest is not None and seen not in (None, newest.number):
            raise Overtaken(
                _("version %(number)s of “%(name)s” was drafted meanwhile") % {"number": newest.number, "name": tag},
                advice=_("Look at it, then draft yours again."),
            )
        was_published = found.versions.filter(published_at__isnull=False).exists()
        content = checked_content(
            rule=rule if rule is not None or newest is None or found.is_set else tree_from_json(newest.tree),
            kind=found.kind if was_published or found.is_set else "",
            is_set=found.is_set,
            values=values,
            kept_values=newest.values if newest else (),
            later_fact=_kept(newest) if later_fact is None else later_fact,
            later_days=newest.later_days if later_days is None and later_fact is None and newest else later_days,
            known=known,
        )
        if content.kind != found.kind:
            found.kind = content.kind
            found.save(update_fields=["kind", "changed_at"])
        return _draft(found, content, note)


def describe_tag(*, name: str, owner: str | None = None, **words: str) -> Tag:
    """The tag with other words for what it is: theme, title, title_zh, doc, doc_zh, unit, schedule, owner.

    Raises NoSuchTag, Denied, and UserError for what cannot be.
    """
    require(Right.DEFINE_TAGS)
    with transaction.atomic():
        tag = locked_tag(name)
        _put_words(tag, words)
        if owner is not None:
            tag.owner = _user(owner)
        _check_fields(tag)
        tag.save()
    return tag


def checked_tag(*, name: str, kind: str, origin: str, words: Mapping[str, str]) -> Tag:
    """A tag that is called so, and not written. Raises UserError with the field that cannot be."""
    tag = Tag(name=name, kind=kind, origin=origin)
    _put_words(tag, words)
    _check_fields(tag)
    return tag


def check_theme(theme: str) -> None:
    """Raises UserError for a theme that there is not, neither with tags nor with themes below it."""
    paths = {*THEMES, *Tag.objects.values_list("theme", flat=True)}
    known = {"/".join(parts[:depth]) for parts in (path.split("/") for path in paths) for depth in range(1, 9)}
    if theme and theme not in known:
        raise UserError(
            _("there is no theme “%(theme)s”") % {"theme": theme}, where="theme", advice=did_you_mean(theme, known)
        )


def locked_tag(name: str) -> Tag:
    """The tag, which nobody else changes before the transaction ends. Raises NoSuchTag."""
    tag = Tag.objects.select_for_update().filter(name=name).first()
    if tag is None:
        raise NoSuchTag(_("no tag is called “%(name)s”") % {"name": name}, advice=_("`zhike tags list` lists them."))
    return tag


def _draft(tag: Tag, content: Content, note: str) -> TagVersion:
    if content.tree is not None:
        trees = {one.name: one.tree for one in published_tags() if one.tree is not None}
        check_circles({**trees, tag.name: content.tree}, audience_trees(), [tag.name])
    newest = tag.versions.first()
    return TagVersion.objects.create(
        tag=tag,
        number=newest.number + 1 if newest else 1,
        note=cleaned(note),
        author_id=user_id(),
        **content.stored,
    )


def _kept(newest: TagVersion | None) -> str | Condition:
    return tree_from_json(newest.later_fact) if newest and newest.later_fact else ""  # type: ignore[return-value]


def _put_words(tag: Tag, words: Mapping[str, str]) -> None:
    for name, text in words.items():
        if name not in WORDS:
            raise TypeError(f"{name} is no word of a tag")
        kept = (
            one_line(text, where=name) if name in OF_ONE_LINE else cleaned(text) if name in OF_SEVERAL else text.strip()
        )
        setattr(tag, name, kept)
    if not THEME.fullmatch(tag.theme):
        raise UserError(
            _("“%(theme)s” cannot be a theme") % {"theme": tag.theme},
            where="theme",
            advice=_("Use words with slashes between them, such as business/value."),
        )
    if not tag.title:
        raise UserError(_("a tag needs a title"), where="title")


def _check_fields(tag: Tag) -> None:
    if tag.name == CUSTOMER_ID.name:  # which stands beside every tag where they are computed
        raise UserError(_("“%(name)s” is the number of every customer") % {"name": tag.name}, where="name")
    try:
        tag.clean_fields(exclude=["owner", "retired_at"])
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        choices = [str(value) for value, _title in getattr(Tag._meta.get_field(name), "choices", None) or ()]
        advice = _("Choose one of %(values)s.") % {"values": ", ".join(choices)} if choices else ""
        raise UserError(" ".join(messages), where=name, advice=advice) from error


def user_id() -> int | None:
    """The number of the user who acts; None for a token or the operator."""
    actor = current_actor()
    return actor.id if actor.kind == ActorKind.USER else None


def _user(username: str) -> User | None:
    found = User.objects.filter(username=username).first() if username else None
    if username and found is None:
        raise UserError(_("nobody signs in as “%(name)s”") % {"name": username}, where="owner")
    return found
