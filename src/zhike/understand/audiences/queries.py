"""Who belongs to an audience, counted on the bitmap index; the audiences that are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.errors import NotFound, UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules import bitmaps
from zhike.rules.text import text_of
from zhike.rules.tree import Condition, InAudience, tree_from_json
from zhike.understand.audiences.explaining import Step, steps_of
from zhike.understand.audiences.models import Audience, FrozenList
from zhike.understand.audiences.reading import asked_tree, definitions, everybody_seen, of_unit
from zhike.understand.tags.circles import HIDDEN_RULE, Personal, hidden, rule_seen
from zhike.understand.tags.counting.index import BitmapIndex, index_of
from zhike.warehouse.queries import NothingPublished, Published, published


@dataclass(frozen=True)
class AudienceCount:
    """How many customers an audience has, of how many, as of which refresh."""

    count: int
    customers: int
    share: float
    refresh_id: int
    milliseconds: float


@dataclass(frozen=True)
class Explanation:
    """How many customers a rule has, and what each of its conditions does."""

    rule: str
    count: int
    customers: int
    share: float
    refresh_id: int
    as_of: date
    milliseconds: float
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class FrozenShown:
    """How and when the members of a frozen list were found."""

    rule: str  # as it was spelt then
    source_id: int | None  # the live audience it is a list of
    origin: dict[str, object]
    refresh_id: int
    as_of: date
    unit: str
    size: int
    of_customers: int
    frozen_by: str
    frozen_at: datetime


@dataclass(frozen=True)
class AudienceShown:
    """A saved audience with its size; `problem` says why it cannot be counted any more."""

    audience_id: int
    revision: int  # goes up with every change
    name: str
    kind: str
    rule: str  # dots for who may not see it
    tree: Condition
    note: str
    owner: str
    created_at: datetime
    is_archived: bool
    count: int | None
    share: float | None
    problem: str
    frozen: FrozenShown | None = None

    @property
    def is_frozen(self) -> bool:
        """Its members are those of one day, for ever."""
        return self.frozen is not None


def members(rule: str | Condition, now: Published | None = None) -> BitMap:
    """The customer_ids of the whole firm for whom a rule holds. Raises UserError.

    A text is checked for whoever acts; of a tree, which was stored, only that it does not tell them who somebody is.
    Not to be changed.
    """
    return bitmaps.members(asked_tree(rule), index_of(now or published()))


def members_seen(rule: str | Condition, now: Published | None = None) -> BitMap:
    """The customer_ids for whom a rule holds, of the org unit that whoever acts looks at. Not to be changed."""
    return bitmaps.members(of_unit(asked_tree(rule)), index_of(now or published()))


def count_audience(rule: str | Condition, now: Published | None = None) -> AudienceCount:
    """The number of customers for whom a rule holds, such as `age > 30 and has tag "champion"`.

    Of whoever looks at one org unit only, its customers are counted. Raises RuleError for a rule that cannot be
    read, or names what there is not, NothingPublished, and Denied.
    """
    require(Right.SEE_CUSTOMERS)
    started = time.perf_counter()
    now = now or published()
    return _counted(asked_tree(rule), index_of(now), started)


def explain_rule(rule: str | Condition, now: Published | None = None) -> Explanation:
    """What each condition of a rule does, in the order of reading. Raises as `count_audience`."""
    require(Right.SEE_CUSTOMERS)
    started = time.perf_counter()
    now = now or published()
    tree = asked_tree(rule)
    index, everybody = index_of(now), everybody_seen(now)
    found = bitmaps.leaves(tree, index)
    is_whole = everybody is index.everybody
    steps = steps_of(tree, lambda leaf: found[leaf] if is_whole else found[leaf] & everybody, everybody)
    count, customers = steps[-1].so_far, len(everybody)
    return Explanation(
        rule=text_of(tree),
        count=count,
        customers=customers,
        share=count / customers if customers else 0.0,
        refresh_id=now.refresh_id,
        as_of=now.as_of,
        milliseconds=_milliseconds(started),
        steps=steps,
    )


def list_audiences(*, archived: bool = False) -> tuple[AudienceShown, ...]:
    """The saved audiences by name, or those that were archived, counted in the refresh in force."""
    require(Right.SEE_CUSTOMERS)
    return tuple(map(_shown(), _audiences().filter(archived_at__isnull=not archived)))


def saved_audience(audience_id: int) -> AudienceShown:
    """One saved audience. Raises NotFound where there is none, Denied."""
    require(Right.SEE_CUSTOMERS)
    return _shown()(audience_of(audience_id))


def audience_named(name: str) -> AudienceShown:
    """The saved audience of this name. Raises NotFound where there is none, Denied."""
    require(Right.SEE_CUSTOMERS)
    found = _audiences().filter(name=name).first()
    if found is None:
        raise NotFound(
            _("there is no audience “%(name)s”") % {"name": name}, advice=_("`zhike audience list` lists them.")
        )
    return _shown()(found)


def audience_of(audience_id: int) -> Audience:
    """The row of an audience, without the members of a frozen one. Raises NotFound where there is none."""
    found = _audiences().filter(pk=audience_id).first()
    if found is None:
        raise NotFound(_("there is no audience %(id)s") % {"id": audience_id})
    return found


def rule_of(audience: Audience) -> Condition:
    """The rule that is asked for an audience: of a live one its own, of a frozen one that one is on the list."""
    return InAudience(audience=audience.name) if audience.is_frozen else stored_tree(audience)


def stored_tree(audience: Audience) -> Condition:
    """The rule that is stored of an audience; of a frozen one that by which its members were found."""
    return cast("Condition", tree_from_json(audience.tree))


def _audiences() -> QuerySet[Audience]:
    return Audience.objects.select_related("owner", "frozen").defer("frozen__members")


def _shown() -> Callable[[Audience], AudienceShown]:
    """What shows audiences, all of them counted in the same refresh."""
    unseen = hidden()
    try:
        now = published()
    except NothingPublished as error:
        said = str(error)
        return lambda audience: _described(audience, None, said, unseen)

    state, index = definitions(), index_of(now)

    def shown(audience: Audience) -> AudienceShown:
        try:
            tree = asked_tree(rule_of(audience), state)
            return _described(audience, _counted(tree, index, time.perf_counter()), "", unseen)
        except UserError as error:  # it names what there is no more, or what whoever acts may not select by
            return _described(audience, None, str(error), unseen)

    return shown


def _counted(tree: Condition, index: BitmapIndex, started: float) -> AudienceCount:
    """The size of a rule, of the org unit that whoever acts looks at."""
    count = bitmaps.count(of_unit(tree), index)
    customers = len(everybody_seen(index.now))
    return AudienceCount(
        count=count,
        customers=customers,
        share=count / customers if customers else 0.0,
        refresh_id=index.now.refresh_id,
        milliseconds=_milliseconds(started),
    )


def _described(audience: Audience, counted: AudienceCount | None, problem: str, unseen: Personal) -> AudienceShown:
    tree = cast("Condition", rule_seen(stored_tree(audience), unseen))
    return AudienceShown(
        audience_id=audience.pk,
        revision=audience.revision,
        name=audience.name,
        kind=audience.kind,
        rule=text_of(tree),
        tree=tree,
        note=audience.note,
        owner=str(audience.owner or ""),
        created_at=audience.created_at,
        is_archived=audience.archived_at is not None,
        count=counted.count if counted else None,
        share=counted.share if counted else None,
        problem=problem,
        frozen=_described_list(audience.frozen, tree) if audience.is_frozen else None,
    )


def _described_list(frozen: FrozenList, seen: Condition) -> FrozenShown:
    return FrozenShown(
        rule=text_of(seen) if seen == HIDDEN_RULE else frozen.rule,
        source_id=frozen.source_id,
        origin=frozen.origin,
        refresh_id=frozen.refresh_id,
        as_of=frozen.as_of,
        unit=frozen.unit,
        size=frozen.size,
        of_customers=frozen.of_customers,
        frozen_by=frozen.actor_name,
        frozen_at=frozen.frozen_at,
    )


def _milliseconds(started: float) -> float:
    return (time.perf_counter() - started) * 1000
