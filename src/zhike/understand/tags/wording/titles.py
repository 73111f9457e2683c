"""What tags and their values are called in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.understand.tags.models import Tag, TagVersion


@dataclass(frozen=True)
class TagTitle:
    """What a tag is called, and each of its values that has words of its own."""

    title: str
    values: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""

    def value(self, value: object) -> str:
        """The words for a value; one that has none is shown as it is."""
        text = str(value)
        return self.values.get(text) or (_("yes") if text == "yes" else text)


def titles() -> Mapping[str, TagTitle]:
    """Name → titles of every tag; read again only where a tag was changed since."""
    tags = Tag.objects.aggregate(Count("pk"), Max("changed_at"))
    versions = TagVersion.objects.aggregate(Count("pk"), Max("pk"), Max("published_at"))
    return _titles(get_language() or "", (*tags.values(), *versions.values()))


@lru_cache(maxsize=8)
def _titles(_language: str, _state: tuple[object, ...]) -> Mapping[str, TagTitle]:
    newest: dict[str, TagTitle] = {}
    versions = TagVersion.objects.select_related("tag").only(
        "number", "state", "values", "tag__name", "tag__title", "tag__title_zh", "tag__unit"
    )
    # The version in force says it; before there is one, the newest.
    for version in sorted(versions, key=lambda one: (one.state == TagVersion.State.PUBLISHED, one.number)):
        newest[version.tag.name] = titles_of(version)
    return newest


def titles_of(version: TagVersion) -> TagTitle:
    """The titles of one version's tag."""
    return TagTitle(title_of(version.tag), _values(version.values), version.tag.unit)


def title_of(tag: Tag) -> str:
    """What a tag is called."""
    return in_own_language(tag.title, tag.title_zh) or tag.name


def in_own_language(english: str, chinese: str) -> str:
    """The text in the reader's language; in the other one where it was not translated."""
    first, second = (chinese, english) if is_chinese() else (english, chinese)
    return first or second


def is_chinese() -> bool:
    """Whether the reader reads Chinese."""
    return (get_language() or "").startswith("zh")


def _values(values: list[dict[str, Any]]) -> dict[str, str]:
    return {
        str(one["value"]): in_own_language(str(one.get("title") or ""), str(one.get("title_zh") or ""))
        for one in values
    }
