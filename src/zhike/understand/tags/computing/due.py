"""When a tag is computed anew: with every refresh, or when so much time has passed; whenever its definition changed."""

from __future__ import annotations

from datetime import date

from zhike.rules.tree import Unit
from zhike.rules.windows import shifted
from zhike.understand.tags.computing.states import TagState
from zhike.understand.tags.definitions import TagDefinition
from zhike.understand.tags.models import Tag

EVERY = {Tag.Schedule.WEEKLY: Unit.WEEK, Tag.Schedule.MONTHLY: Unit.MONTH}


def is_due(tag: TagDefinition, before: TagState | None, as_of: date) -> bool:
    """Whether a refresh as of this day computes the tag; else it keeps what the one before has of it."""
    if before is None or before.version != tag.version or before.is_set or before.as_of > as_of:
        return True
    unit = EVERY.get(Tag.Schedule(tag.schedule))
    if unit is not None:
        return as_of >= (shifted(before.as_of, 1, unit) or date.max)
    return tag.schedule != Tag.Schedule.BY_HAND
