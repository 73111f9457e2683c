"""Two who change an audience at once: what one had before them, and what the other changed meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.ui.typed import whole_number
from zhike.understand.audiences.queries import AudienceShown
from zhike.understand.audiences.words import rule_in_words


@dataclass(frozen=True)
class Seen:
    """What whoever changes an audience had before them; forms send it back in hidden fields."""

    revision: int | None
    name: str
    rule: str
    note: str
    archived: str


def seen_of(audience: AudienceShown) -> Seen:
    """What a page shows of an audience."""
    return Seen(audience.revision, audience.name, audience.rule, audience.note, _archived(audience))


def seen_in(sent: QueryDict) -> Seen:
    """What a form sent back; whoever sends nothing of it overwrites whatever there is."""
    number = sent.get("seen")
    revision = None if number is None else whole_number(number) or 0
    had = {name: _with_line_feeds(sent.get(f"had_{name}", "")) for name in ("name", "rule", "note", "archived")}
    return Seen(revision, **had)


def overtaken(seen: Seen, audience: AudienceShown) -> dict[str, Any]:
    """What the template `audiences/meanwhile.html` says: what was changed since, and how everything is now."""
    changes = (
        (_("its name"), seen.name != audience.name),
        (_("its rule"), seen.rule != audience.rule),
        (_("its note"), seen.note != _with_line_feeds(audience.note)),
        (_("it was archived or brought back"), seen.archived != _archived(audience)),
    )
    return {
        "changes": _(", ").join(words for words, is_changed in changes if is_changed),
        "audience": audience,
        "conditions": rule_in_words(audience.tree),
    }


def _archived(audience: AudienceShown) -> str:
    return "yes" if audience.is_archived else ""


def _with_line_feeds(text: str) -> str:
    """A text as it was before a browser sent it."""
    return text.replace("\r\n", "\n")
