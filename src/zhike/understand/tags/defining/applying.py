"""Definitions in files made those of the installation: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.vocabulary import KnownTag
from zhike.understand.tags.defining.differences import Compared, checked_files, known_by
from zhike.understand.tags.defining.files import BadDefinition, TagFile, TagText
from zhike.understand.tags.defining.publishing import approve_version, publish_versions
from zhike.understand.tags.defining.services import create_tag, describe_tag, draft_version
from zhike.understand.tags.models import TagVersion


@dataclass(frozen=True)
class Applied:
    """What became of the tags of the files, by name."""

    created: tuple[str, ...]
    drafted: tuple[str, ...]  # another version
    described: tuple[str, ...]  # other words
    published: tuple[str, ...]
    unchanged: tuple[str, ...]


def apply_files(files: Sequence[TagFile], *, publish: bool = False, note: str = "") -> Applied:
    """What was done: tags that are new are drafted, those that mean something else get a version, words are changed.

    With `publish` all versions of these tags that wait are approved and taken into force together. Applied again, the
    same files change nothing. Raises BadDefinition with file and line, Denied, Circle, InUse.
    """
    require(Right.DEFINE_TAGS)
    if publish:
        require(Right.APPROVE_TAGS)
    with transaction.atomic():
        compared = checked_files(files)
        done: dict[str, list[str]] = {name: [] for name in ("created", "drafted", "described", "unchanged")}
        others = known_by(files)
        for one in compared:
            for what in _applied(one, others, note):
                done[what].append(one.file.text.name)
        published = _publish(files) if publish else ()
    return Applied(**{what: tuple(names) for what, names in done.items()}, published=published)


def _applied(one: Compared, others: Sequence[KnownTag], note: str) -> list[str]:
    text = one.file.text
    done = []
    try:
        if one.tag is None:
            create_tag(
                name=text.name,
                rule=one.content.tree,
                kind=text.kind,
                origin=text.origin,
                values=one.content.values,
                later_fact=one.content.later_fact or "",
                later_days=one.content.later_days,
                note=note,
                others=others,
                **one.words,
            )
            return ["created"]
        if one.says_more:
            describe_tag(name=text.name, **one.words)
            done.append("described")
        if one.means_more:
            draft_version(
                tag=text.name,
                rule=one.content.tree,
                values=one.content.values,
                later_fact=one.content.later_fact or "",
                later_days=one.content.later_days,
                note=note,
                others=others,
            )
            done.append("drafted")
    except BadDefinition:
        raise
    except UserError as error:
        raise one.file.located(error, error.where if error.where in TagText.model_fields else "name") from error
    return done or ["unchanged"]


def _publish(files: Sequence[TagFile]) -> tuple[str, ...]:
    """The tags of which a version was waiting, and is in force now."""
    wanted: list[tuple[str, int | None]] = []
    for file in files:
        newest = TagVersion.objects.filter(tag__name=file.text.name).exclude(state=TagVersion.State.WITHDRAWN).first()
        if newest is None or newest.state not in TagVersion.OPEN:
            continue
        if newest.state == TagVersion.State.DRAFT:
            approve_version(tag=file.text.name, number=newest.number)
        wanted.append((file.text.name, newest.number))
    if wanted:
        publish_versions(wanted)
    return tuple(name for name, _number in wanted)
