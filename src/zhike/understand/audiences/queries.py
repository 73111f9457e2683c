"""Who belongs to an audience, counted on the bitmap index."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.collect.profiles.tables import CUSTOMERS
from zhike.errors import NotFound, UserError
from zhike.govern.access.actors import current_actor
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.govern.organisation.queries import units_under
from zhike.understand.audiences.models import Audience
from zhike.understand.audiences.rules import Condition, Rule, parse_rule
from zhike.understand.tags.shipped import SHIPPED
from zhike.understand.tags.tables import TAG_BITMAPS
from zhike.warehouse.catalog import files_of
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import NothingPublished, Published, published

Index = dict[str, dict[str, list[BitMap]]]


@dataclass(frozen=True)
class AudienceCount:
    """How many customers an audience has, of how many, as of which refresh."""

    count: int
    customers: int
    share: float
    refresh_id: int
    milliseconds: float


@dataclass(frozen=True)
class AudienceShown:
    """A saved audience with its size; `problem` says why it cannot be counted any more."""

    audience_id: int
    name: str
    rule: str
    note: str
    owner: str
    created_at: datetime
    is_archived: bool
    count: int | None
    share: float | None
    problem: str


def list_audiences(*, archived: bool = False) -> tuple[AudienceShown, ...]:
    """The saved audiences by name, or those that were archived, counted in the refresh in force."""
    require(Right.SEE_CUSTOMERS)
    found = Audience.objects.filter(archived_at__isnull=not archived).select_related("owner")
    now = _in_force()
    return tuple(_shown(audience, now) for audience in found)


def saved_audience(audience_id: int) -> AudienceShown:
    """One saved audience. Raises UserError where there is none."""
    require(Right.SEE_CUSTOMERS)
    audience = Audience.objects.filter(pk=audience_id).select_related("owner").first()
    if audience is None:
        raise NotFound(_("there is no audience %(id)s") % {"id": audience_id})
    return _shown(audience, _in_force())


def _in_force() -> Published | None:
    try:
        return published()
    except NothingPublished:
        return None


def _shown(audience: Audience, now: Published | None) -> AudienceShown:
    counted, problem = None, ""
    try:
        counted = count_audience(audience.rule, now)
    except UserError as error:  # nothing published, or a value that nobody has any more
        problem = str(error)
    return AudienceShown(
        audience_id=audience.pk,
        name=audience.name,
        rule=audience.rule,
        note=audience.note,
        owner=str(audience.owner or ""),
        created_at=audience.created_at,
        is_archived=audience.archived_at is not None,
        count=counted.count if counted else None,
        share=counted.share if counted else None,
        problem=problem,
    )


def count_audience(rule: str, now: Published | None = None) -> AudienceCount:
    """The number of customers for whom a rule holds, such as `has tag "rfm_segment" = "champions"`.

    Of whoever looks at one org unit only, its customers are counted.

    Raises UserError for a rule that cannot be read, or names a tag or value that there is not.
    """
    require(Right.SEE_CUSTOMERS)
    conditions = parse_rule(rule)
    now = now or published()
    snapshot = now.snapshots.get(TAG_BITMAPS.table)
    _index(snapshot)
    started = time.perf_counter()
    found = _members(conditions, snapshot, now.customer_count)
    count, customers = len(found), now.customer_count
    if unit := current_actor().unit:
        among = _customers_of(now, units_under(unit))
        count, customers = found.intersection_cardinality(among), len(among)
    milliseconds = (time.perf_counter() - started) * 1000
    return AudienceCount(
        count=count,
        customers=customers,
        share=count / customers if customers else 0.0,
        refresh_id=now.refresh_id,
        milliseconds=milliseconds,
    )


def members(rule: str, now: Published | None = None) -> BitMap:
    """The customer_ids for whom a rule holds. Raises UserError.

    Not to be changed: whoever asks for the same rule is given the same set.
    """
    now = now or published()
    found: BitMap = _members(parse_rule(rule), now.snapshots.get(TAG_BITMAPS.table), now.customer_count)
    return found


@lru_cache(maxsize=16)
def _customers_of(now: Published, units: frozenset[str]) -> BitMap:
    customers = now.table(CUSTOMERS)
    ids = engine().arrow(customers.filter(customers.unit_id.isin(sorted(units))).select("customer_id"))
    return BitMap(ids["customer_id"].to_pylist())


@lru_cache(maxsize=32)
def _members(rule: Rule, snapshot: int | None, customer_count: int) -> BitMap:
    index = _index(snapshot)
    found = None
    for condition in rule:
        having = BitMap.union(BitMap(), *_bitmaps(index, condition))
        if condition.is_negated:
            having = BitMap(range(customer_count)) - having
        found = having if found is None else found & having
    return found if found is not None else BitMap()


def _bitmaps(index: Index, condition: Condition) -> list[BitMap]:
    if condition.tag not in {shipped.name for shipped in SHIPPED}:
        names = ", ".join(shipped.name for shipped in SHIPPED)
        raise UserError(
            _("no tag is called '%(name)s'") % {"name": condition.tag},
            advice=_("There are %(names)s.") % {"names": names},
        )
    values = index.get(condition.tag, {})
    if condition.value is None:
        return [bitmap for bitmaps in values.values() for bitmap in bitmaps]
    if condition.value not in values:
        raise UserError(
            _("nobody has %(tag)s = “%(value)s”") % {"tag": condition.tag, "value": condition.value},
            advice=_("Its values: %(values)s.") % {"values": ", ".join(sorted(values)) or _("none")},
        )
    return values[condition.value]


@lru_cache(maxsize=2)
def _index(snapshot: int | None) -> Index:
    """Tag → value → its bitmaps, one for each range of customers; loaded once per refresh."""
    table = engine().open(TAG_BITMAPS, [file.path for file in files_of(TAG_BITMAPS, snapshot)])
    index: Index = {}
    for row in engine().arrow(table.select("tag", "value", "bitmap")).to_pylist():
        index.setdefault(row["tag"], {}).setdefault(row["value"], []).append(BitMap.deserialize(row["bitmap"]))
    return index
