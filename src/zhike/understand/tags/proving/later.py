"""Whether what a tag said some time ago came true: of those it named then, for how many a fact holds now."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.bitmaps import members
from zhike.rules.text import text_of
from zhike.rules.tree import Condition, tree_from_json
from zhike.rules.vocabulary import TagKind
from zhike.stats.proportions import wilson
from zhike.stats.weighted import Lift, Share, lift
from zhike.understand.tags.computing.history import NotKnownThen, state_as_of
from zhike.understand.tags.counting.columns import everybody as everybody_of
from zhike.understand.tags.counting.held import value_counts
from zhike.understand.tags.counting.index import BitmapIndex, index_of
from zhike.understand.tags.models import TagVersion
from zhike.understand.tags.proving.accuracy import HANDFUL
from zhike.understand.tags.proving.sampling import version_reviewed
from zhike.understand.tags.wording.titles import titles_of
from zhike.warehouse.models import Refresh
from zhike.warehouse.queries import Published, published


@dataclass(frozen=True)
class CameTrue:
    """Of those whom a tag, or one value of it, named then: for how many the fact holds now, beside everybody."""

    value: str  # empty: any
    title: str
    named: int
    held: int
    precision: Share | None  # None for fewer than a handful
    lift: Lift | None


@dataclass(frozen=True)
class LaterAccuracy:
    """What became of those whom a tag named so many days ago; where nothing can be said, `reason` says why."""

    fact: str  # text of the condition
    days: int
    as_of: date
    known_as_of: date | None  # the day of the refresh that says whom the tag named
    version: int | None  # of the definition that named them
    customers: int  # all who were known then
    held: int  # of these, for whom the fact holds now
    any_value: CameTrue | None
    values: tuple[CameTrue, ...]  # of a category
    reason: str

    @property
    def base_share(self) -> float | None:
        """The share of everybody for whom the fact holds."""
        return self.held / self.customers if self.customers else None


def later_accuracy(tag: str) -> LaterAccuracy | None:
    """What became of those whom a tag named; None for a tag whose definition says no later fact.

    Raises NoSuchTag, NothingPublished, Denied.
    """
    require(Right.SEE_CUSTOMERS)
    version = version_reviewed(tag)
    if not version.later_fact or not version.later_days:
        return None
    now = published()
    fact: Condition = tree_from_json(version.later_fact)  # type: ignore[assignment]
    day = now.as_of - timedelta(days=version.later_days)
    try:
        state = state_as_of(tag, day)
    except NotKnownThen as error:
        return _unknown(version, now, fact, error.message)
    everybody = everybody_of(now) & BitMap(range(_ids_then(state.as_of, now)))
    index = index_of(now)
    holding = members(fact, index) & everybody
    return LaterAccuracy(
        fact=text_of(fact),
        days=version.later_days,
        as_of=now.as_of,
        known_as_of=state.as_of,
        version=state.version,
        customers=len(everybody),
        held=len(holding),
        any_value=_came_true(version, (), day, index, everybody, holding),
        values=tuple(_came_true(version, (value,), day, index, everybody, holding) for value in _values(version, now)),
        reason="",
    )


def _unknown(version: TagVersion, now: Published, fact: Condition, reason: str) -> LaterAccuracy:
    return LaterAccuracy(
        fact=text_of(fact),
        days=version.later_days or 0,
        as_of=now.as_of,
        known_as_of=None,
        version=None,
        customers=0,
        held=0,
        any_value=None,
        values=(),
        reason=reason,
    )


def _came_true(
    version: TagVersion, values: tuple[str, ...], day: date, index: BitmapIndex, everybody: BitMap, holding: BitMap
) -> CameTrue:
    named = BitMap()
    with contextlib.suppress(UserError):  # a value that nobody had then
        named = index.tag(version.tag.name, values, day) & everybody
    count, held = len(named), named.intersection_cardinality(holding)
    is_enough = count >= HANDFUL
    value = values[0] if values else ""
    return CameTrue(
        value=value,
        title=titles_of(version).value(value) if value else _("any value"),
        named=count,
        held=held,
        precision=Share(held / count, wilson(held, count)) if is_enough else None,
        lift=lift(held, count, len(holding), len(everybody)) if is_enough else None,
    )


def _values(version: TagVersion, now: Published) -> tuple[str, ...]:
    if version.tag.kind != TagKind.CATEGORY:
        return ()
    listed = [str(one["value"]) for one in version.values]
    return (*listed, *sorted(set(value_counts(now, version.tag.name)) - set(listed)))


def _ids_then(day: date, now: Published) -> int:
    """Below which number all customers of a day are: numbers are given one after the other."""
    then = Refresh.objects.filter(state=Refresh.State.FINISHED, as_of__lte=day, pk__lte=now.refresh_id)
    newest = then.order_by("-as_of", "-pk").first()
    return newest.next_customer_id if newest else now.next_customer_id
