"""What set tags say: who has which value now, or had it at the end of a day, as their changes come to."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.collect.identity.redirects import Redirects, redirects_in_force
from zhike.rules.vocabulary import TagKind
from zhike.understand.tags.definitions import NoSuchTag
from zhike.understand.tags.models import Tag, TagChange
from zhike.understand.tags.setting.folding import Act, SetTag, folded, ids_of, number_of, unpacked, unpacked_cells

MOST_BYTES = 256_000_000  # that one process remembers of set tags


@dataclass(frozen=True)
class _Moment:
    """After which change of which tag. The time tells a change from one that was rolled back and had its number."""

    tag_id: int
    redirects: int | None  # their snapshot
    change_id: int = 0
    set_at: datetime | None = None


_known: OrderedDict[_Moment, SetTag] = OrderedDict()  # what tags came to, those asked for last at the end
_lock = threading.Lock()


def current(tag: str, *, as_of: date | None = None, redirects: Redirects | None = None) -> SetTag:
    """Who has which value of a set tag; as of the end of a day in the time zone of the firm, where one is given.

    Customers who were merged since have what was set of either, by the `redirects` in force or given. Shared by
    whoever asks, and not to be changed. Raises NoSuchTag.
    """
    found = Tag.objects.filter(name=tag).values("pk", "kind").first()
    if found is None:
        raise NoSuchTag(_("no tag is called “%(name)s”") % {"name": tag})
    changes = TagChange.objects.filter(tag_id=found["pk"])
    if as_of is not None:
        changes = changes.filter(set_at__lt=_end_of(as_of))
    last = changes.order_by("-pk").values_list("pk", "set_at").first() or (0, None)
    known = redirects or redirects_in_force()
    return _state(TagKind(found["kind"]), _Moment(found["pk"], known.snapshot, *last), known)


def members_of_set(tag: str, values: tuple[str, ...] = (), *, as_of: date | None = None) -> BitMap:
    """The customers who have a set tag, or one of these values of it. Not to be changed. Raises NoSuchTag."""
    return current(tag, as_of=as_of).members(values)


def values_of_set(tag: str, *, as_of: date | None = None) -> dict[str, BitMap]:
    """Each value of a set tag, numbers and days as text, with the customers who have it. Raises NoSuchTag."""
    return current(tag, as_of=as_of).texts()


def rows_of_set(tag: str, *, as_of: date | None = None, redirects: Redirects | None = None) -> pa.Table:
    """One row per customer with a set tag: customer_id, value, number, day, as computed ones have. Raises NoSuchTag."""
    return current(tag, as_of=as_of, redirects=redirects).table()


def last_change_of(tag: str) -> int:
    """The number of the last change of a set tag: while it is the same, so is the tag; 0 before the first."""
    return TagChange.objects.filter(tag__name=tag).aggregate(last=Max("pk"))["last"] or 0


def undone_among(changes: QuerySet[TagChange]) -> frozenset[int]:
    """The changes that do not count, since an act that counts undid them."""
    undone: set[int] = set()
    for pk, undoes in changes.filter(undoes__isnull=False).order_by("-pk").values_list("pk", "undoes_id"):
        if pk not in undone and undoes is not None:
            undone.add(undoes)
    return frozenset(undone)


def _end_of(day: date) -> datetime:
    zone = ZoneInfo(settings.ZHIKE.time_zone)
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)


def _state(kind: TagKind, moment: _Moment, redirects: Redirects) -> SetTag:
    with _lock:
        if moment in _known:
            _known.move_to_end(moment)
            return _known[moment]
    base, state = _base(kind, moment)
    changes = TagChange.objects.filter(tag_id=moment.tag_id, pk__lte=moment.change_id)
    later = changes.filter(pk__gt=base.change_id, undoes__isnull=True).exclude(pk__in=undone_among(changes))
    acts = (act_of(change, kind).moved(redirects) for change in later.order_by("-pk").iterator(chunk_size=500))
    state = folded(state, acts)
    with _lock:
        _known[moment] = state
        while len(_known) > 1 and sum(one.bytes for one in _known.values()) > MOST_BYTES:
            _known.popitem(last=False)
    return state


def _base(kind: TagKind, moment: _Moment) -> tuple[_Moment, SetTag]:
    """The newest state that is remembered from before, unless something that it counts was undone since."""
    with _lock:
        of_tag = (moment.tag_id, moment.redirects)
        earlier = {one: state for one, state in _known.items() if (one.tag_id, one.redirects) == of_tag}
    changes = TagChange.objects.filter(tag_id=moment.tag_id, pk__lte=moment.change_id)
    still = dict(changes.filter(pk__in=[one.change_id for one in earlier]).values_list("pk", "set_at"))
    undone = undone_among(changes)
    for one in sorted(earlier, key=lambda one: -one.change_id):
        is_there = one.change_id in still and still[one.change_id] == one.set_at
        if is_there and {pk for pk in undone if pk <= one.change_id} == undone_among(
            changes.filter(pk__lte=one.change_id)
        ):
            return one, earlier[one]
    return _Moment(*of_tag), SetTag(kind)


def act_of(change: TagChange, kind: TagKind) -> Act:
    """What a change says of whom."""
    if change.cells:
        return unpacked_cells(change.cells)
    customers = unpacked(change.customers)
    if change.is_removed:
        return Act(taken=customers, only=change.value)
    if kind in (TagKind.NUMBER, TagKind.DATE):
        ids = ids_of(customers)
        return Act(ids=ids, numbers=np.full(len(ids), number_of(kind, change.value)))
    return Act(given={change.value: customers})
