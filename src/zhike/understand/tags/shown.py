"""What is shown of tags: plain values, made by `queries.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from zhike.rules.check import Names
from zhike.understand.tags.proving.figures import TrendPoint


@dataclass(frozen=True)
class TagRow:
    """A tag as a list shows it; counts are None before it was computed."""

    name: str
    title: str
    kind: str
    origin: str
    theme: str
    theme_title: str
    schedule: str
    state: str  # published, approved, draft, withdrawn or retired
    version: int | None  # in force
    waiting: int | None  # the newest draft or approved version that is newer than the one in force
    owner: str
    is_shipped: bool
    customers: int | None  # None also for who may not see what the tag says
    of_customers: int | None
    coverage: float | None
    computed_as_of: date | None
    is_stale: bool  # what is in force was computed by another version, or not at all
    trend: tuple[TrendPoint, ...]
    used_by: int


@dataclass(frozen=True)
class ValueShown:
    """A value of a category, with what it is called and how many have it."""

    value: str
    title: str
    customers: int | None
    share: float | None  # of all customers


@dataclass(frozen=True)
class VersionShown:
    """One version of a definition."""

    number: int
    state: str
    rule: str  # text; empty for a set tag, dots for who may not see it
    values: tuple[dict[str, str], ...]
    later_fact: str
    later_days: int | None
    note: str
    author: str
    created_at: datetime
    approved_by: str
    approved_at: datetime | None
    published_at: datetime | None


@dataclass(frozen=True)
class ChangeShown:
    """One act that set a tag, or took it away."""

    change_id: int
    is_removed: bool
    value: str  # empty where customers were given different values, or lost whatever they had
    customers: int
    note: str
    actor: str
    set_at: datetime
    undoes: int | None
    is_undone: bool


@dataclass(frozen=True)
class TagShown:
    """All that the page of one tag shows of it."""

    row: TagRow
    doc: str
    unit: str
    created_at: datetime
    shown: VersionShown  # in force, or the newest before there is one
    values: tuple[ValueShown, ...]
    versions: tuple[VersionShown, ...]  # the newest first
    lineage: Names
    tags_using: tuple[str, ...]
    audiences_using: tuple[str, ...]
    changes: tuple[ChangeShown, ...]  # of a set tag, the newest first


@dataclass(frozen=True)
class ThemeNode:
    """A theme with those below it, and how many tags there are in all of them."""

    path: str
    title: str
    tag_count: int
    below: tuple[ThemeNode, ...]
