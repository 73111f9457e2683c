"""The definitions that come with Zhike, and bringing them into an installation."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from zhike.errors import UserError
from zhike.govern.access.actors import OPERATOR, acting_as
from zhike.rules.vocabulary import KnownTag, TagKind
from zhike.understand.tags.defining.contents import checked_content
from zhike.understand.tags.defining.files import WORDS, TagFile, TagText, read_folder
from zhike.understand.tags.defining.publishing import put_in_force
from zhike.understand.tags.models import Tag, TagVersion
from zhike.understand.tags.vocabularies import whole_vocabulary

logger = logging.getLogger("zhike.tags")
FOLDER = Path(__file__).parents[1] / "library"
MEANING = ("kind", "rule", "values", "later_fact", "later_days")


@lru_cache(maxsize=1)
def library() -> Mapping[str, TagFile]:
    """The definitions that come with Zhike, by name."""
    return {file.text.name: file for file in read_folder(FOLDER)}


def install_library(files: Mapping[str, TagFile] | None = None) -> tuple[str, ...]:
    """Brings what is new in the library into force; the names of the tags that were added or changed.

    Harmless when repeated. A tag that somebody in the firm gave another definition, other words, or the name of, stays
    as it is. What is computed follows with the next refresh.
    """
    files = library() if files is None else files
    with acting_as(OPERATOR), transaction.atomic():
        tags = {tag.name: tag for tag in Tag.objects.select_for_update().filter(name__in=list(files))}
        ours = {name: tag for name, tag in tags.items() if tag.is_shipped and tag.retired_at is None}
        described = {name for name, tag in ours.items() if _describe(tag, files[name].text)}
        wanted = {
            name: file
            for name, file in files.items()
            if (name not in tags or name in ours) and _is_wanted(ours.get(name), file.text)
        }
        return tuple(sorted({*described, *_installed(wanted, ours)}))


def _is_wanted(tag: Tag | None, text: TagText) -> bool:
    """The tag is new, or its newest version is one of the library's that says something else."""
    if tag is None:
        return True
    newest = tag.versions.first()
    return newest is not None and newest.shipped not in ("", _digest(text, MEANING))


def _describe(tag: Tag, text: TagText) -> bool:
    """Whether the tag was given the words of the library: it has them not yet, and nobody changed those it has."""
    if tag.shipped_words in ("", _digest(text, WORDS)) or tag.shipped_words != _digest_of_tag(tag):
        return False
    _put_words(tag, text)
    tag.save()
    return True


def _put_words(tag: Tag, text: TagText) -> None:
    for name, words in text.words.items():
        setattr(tag, name, words)
    tag.shipped_words = _digest(text, WORDS)


def _installed(wanted: Mapping[str, TagFile], tags: Mapping[str, Tag]) -> tuple[str, ...]:
    """The names of those that are in force now: all, unless what the firm defined itself stands against some."""
    try:
        with transaction.atomic():
            _install(wanted, tags)
        return tuple(wanted)
    except UserError:
        pass
    done: list[str] = []
    waiting = dict(wanted)
    while True:  # until none that is left goes in: each may need another one first
        before = len(done)
        for name, file in list(waiting.items()):
            with contextlib.suppress(UserError), transaction.atomic():
                _install({name: file}, tags)
                done.append(name)
                del waiting[name]
        if len(done) == before:
            break
    for name in waiting:
        logger.warning("definition of the library not installed", extra={"tag": name})
    return tuple(done)


def _install(wanted: Mapping[str, TagFile], tags: Mapping[str, Tag]) -> None:
    # Definitions may name one another, whichever comes first.
    known = whole_vocabulary(extra=[KnownTag(name, TagKind(file.text.kind)) for name, file in wanted.items()])
    versions = []
    for name, file in wanted.items():
        text, tag = file.text, tags.get(name)
        content = checked_content(
            rule=text.rule or None,
            kind=text.kind,
            is_set=False,
            values=[value.model_dump() for value in text.values],
            later_fact=text.later_fact,
            later_days=text.later_days,
            known=known,
        )
        if tag is None:
            tag = Tag(name=name, kind=content.kind, origin=text.origin, is_shipped=True)
            _put_words(tag, text)
            tag.save()
        newest = tag.versions.first()
        versions.append(
            TagVersion.objects.create(
                tag=tag,
                number=newest.number + 1 if newest else 1,
                shipped=_digest(text, MEANING),
                approved_at=timezone.now(),
                **content.stored,
            )
        )
    put_in_force(versions)


def _digest(text: TagText, names: tuple[str, ...]) -> str:
    said = text.model_dump()
    return _digest_of({name: said[name] for name in names})


def _digest_of_tag(tag: Tag) -> str:
    return _digest_of({name: getattr(tag, name) for name in WORDS})


def _digest_of(said: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
