"""What single customers have of tags, and how many have what; without loading the whole index of a tag."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyroaring import BitMap

from zhike.rules.vocabulary import TagKind
from zhike.understand.attributes.memory import MEMORY, OVERHEAD, bytes_of
from zhike.understand.tags.circles import hidden, value_seen
from zhike.understand.tags.computing.history import state_as_of
from zhike.understand.tags.computing.states import TagState, tag_state, tag_states
from zhike.understand.tags.models import Tag
from zhike.understand.tags.setting.folding import DAY_0, SetTag
from zhike.understand.tags.setting.set_tags import current
from zhike.understand.tags.tables import TAGS
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD
from zhike.warehouse.files import open_file
from zhike.warehouse.lookup import arrow_rows_of
from zhike.warehouse.mapped import mapped_file
from zhike.warehouse.queries import Published

SET_BY_HAND = (Tag.Origin.IMPORT, Tag.Origin.PERSON)
LOOKED_UP = 16  # customers that are looked up one by one; for more the table is mapped into memory
COUNTED_FILES = 1024  # whose counts a process remembers: the builder asks for them whenever a rule changes
SAID = ("value", "number", "day")
Row = dict[str, Any]  # value, number and day, of which one says something


@dataclass(frozen=True)
class Held:
    """A tag that a customer has, with its value: `yes` or one of a category, a number, or a day."""

    name: str
    value: str | None
    number: float | None = None
    day: date | None = None


@dataclass(frozen=True)
class _InRange:
    """Who of one range of customers has which value of a tag; of numbers and days, who has one."""

    values: Mapping[str | None, BitMap]

    @property
    def bytes(self) -> int:
        return OVERHEAD + sum(map(bytes_of, self.values.values()))


def tags_of(now: Published, customer_id: int) -> tuple[Held, ...]:
    """All tags that a customer has in a refresh, by name; those that are set by hand as they stand now.

    Without the right to see personal data those that tell who somebody is are left out, because to have one says
    something already; what says no more than a masked attribute is masked like it.
    """
    found: dict[str, Row] = {}
    for name, state in tag_states(now.snapshots).items():
        if not state.is_set and (row := _row_of(state, customer_id)):
            found[name] = row
    by_hand = Tag.objects.filter(origin__in=SET_BY_HAND, retired_at=None, versions__state="published")
    for name in by_hand.values_list("name", flat=True):
        if by_hand_row := _rows_of_set(current(name), [customer_id]).get(customer_id):
            found[name] = by_hand_row
    return tuple(_seen(found))


def _seen(found: Mapping[str, Row]) -> Iterator[Held]:
    known = hidden()
    for name, row in sorted(found.items()):
        if name in known.told:
            said = next((row[one] for one in SAID if row[one] is not None), None)
            yield Held(name, str(value_seen(name, said)))
        elif name not in known.tags:
            yield Held(name, *(row[one] for one in SAID))


def values_of(now: Published, tag: str, customer_ids: Sequence[int], *, as_of: date | None = None) -> dict[int, Row]:
    """What customers have of a tag: value, number, day. Who lacks it is not among them.

    Raises UserError for a tag that there is not, and where nothing is known of it as of that day.
    """
    state = tag_state(now.snapshots, tag)
    if state is None or state.is_set:
        return _rows_of_set(current(tag, as_of=as_of), customer_ids)
    if as_of is not None:
        state = state_as_of(tag, as_of)
    if len(customer_ids) <= LOOKED_UP:
        rows = {customer_id: _looked_up(state, customer_id) for customer_id in customer_ids}
        return {customer_id: row for customer_id, row in rows.items() if row}
    if state.members is None:
        return {}
    table = mapped_file(TAGS, state.members)
    places = {one: place for one in customer_ids if (place := table.place_of(one)) is not None}
    return dict(zip(places, table.rows(places.values(), SAID), strict=True))


def value_counts(now: Published, tag: str) -> dict[str, int]:
    """How many customers have each value of a tag; of a number or day, how many have one, under an empty text."""
    state = tag_state(now.snapshots, tag)
    if state is None or state.is_set:
        found = current(tag)
        if found.is_measured:
            return {"": len(found.ids)} if len(found.ids) else {}
        return {value: len(customers) for value, customers in found.values.items()}
    if state.members is None:
        return {}
    if state.is_measured:
        return {"": state.members.rows}
    return dict(_counted_in_bitmaps(state.bitmaps) or _counted_in_table(state.members.path))


@lru_cache(maxsize=COUNTED_FILES)
def _counted_in_bitmaps(path: str) -> Mapping[str, int]:
    with open_file(path) as source:
        rows = pq.ParquetFile(source).read(columns=["value", "customer_count"])
    summed = rows.filter(pc.is_valid(rows["value"])).group_by("value").aggregate([("customer_count", "sum")])
    return dict(zip(summed["value"].to_pylist(), summed["customer_count_sum"].to_pylist(), strict=True))


def _counted_in_table(path: str) -> dict[str, int]:
    """Of a tag with very many values, which have no bitmaps."""
    with open_file(path) as source:
        counted = pc.value_counts(pq.ParquetFile(source).read(columns=["value"])["value"])
    return {one["values"]: one["counts"] for one in counted.to_pylist()}


def _row_of(state: TagState, customer_id: int) -> Row:
    first = customer_id // CUSTOMERS_PER_SHARD * CUSTOMERS_PER_SHARD
    found: _InRange = MEMORY.sized(("range", state.bitmaps, first), lambda: _in_range(state.bitmaps, first))
    for value, customers in found.values.items():
        if customer_id in customers:
            return _looked_up(state, customer_id) if value is None else {"value": value, "number": None, "day": None}
    is_listed = state.is_measured or found.values
    return {} if is_listed else _looked_up(state, customer_id)


def _in_range(path: str, first: int) -> _InRange:
    """From the one group of rows that is about the range."""
    with open_file(path) as source:
        file = pq.ParquetFile(source)
        place = file.schema_arrow.names.index("customer_id")
        starts = [file.metadata.row_group(group).column(place).statistics.min for group in range(file.num_row_groups)]
        group = bisect_left(starts, first)
        if group == len(starts) or starts[group] != first:
            return _InRange({})
        rows = file.read_row_group(group, columns=["value", "band", "bitmap"]).to_pylist()
    values: dict[str | None, BitMap] = {}
    for row in rows:
        if row["value"] is not None or row["band"] is not None:
            values[row["value"]] = values.get(row["value"], BitMap()) | BitMap.deserialize(row["bitmap"])
    return _InRange(values)


def _looked_up(state: TagState, customer_id: int) -> Row:
    rows = arrow_rows_of(TAGS, [state.members] if state.members else [], customer_id, columns=SAID)
    return {} if rows is None else dict.fromkeys(SAID) | rows.to_pylist()[0]


def _rows_of_set(tag: SetTag, customer_ids: Iterable[int]) -> dict[int, Row]:
    found = {}
    for customer_id in customer_ids:
        if tag.is_measured:
            place = int(tag.ids.searchsorted(customer_id))
            if place < len(tag.ids) and tag.ids[place] == customer_id:
                found[customer_id] = dict.fromkeys(SAID) | _said(tag, float(tag.numbers[place]))
        else:
            for value, customers in tag.values.items():
                if customer_id in customers:
                    found[customer_id] = dict.fromkeys(SAID) | {"value": value}
    return found


def _said(tag: SetTag, number: float) -> Row:
    return {"day": DAY_0 + timedelta(days=number)} if tag.kind == TagKind.DATE else {"number": number}
