"""The list of customers: a page of it, its totals, an export."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Max
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.govern.access.masking import mask, masked
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.govern.organisation.queries import units_under
from zhike.rules.tree import Condition
from zhike.ui.typed import whole_number
from zhike.understand.attributes.tables import ATTRIBUTES
from zhike.understand.audiences.queries import members
from zhike.understand.audiences.reading import definitions
from zhike.understand.customers.filters import TEN_THOUSANDTHS, Filter, checked, judge, list_column
from zhike.understand.customers.tables import CUSTOMER_LIST, LIST_COLUMNS
from zhike.understand.tags.models import TagChange
from zhike.warehouse.arrays import Mask
from zhike.warehouse.contracts import Kind
from zhike.warehouse.mapped import MappedColumns, Places, mapped_columns
from zhike.warehouse.queries import Published, published

TOTALLED = ("order_count", "revenue_amount", "active_contract_count", "annual_premium_amount")
ROWS_PER_BATCH = 10_000
MOST_CHOICES = 500


@dataclass(frozen=True)
class CustomerPage:
    """Some rows of the list, where they stand in it, and what all rows of the selection amount to."""

    rows: tuple[dict[str, object], ...]
    total: int
    first: int  # place of the first row in the selection, from 1; 0 without rows
    next: str | None  # to be given as `after`
    previous: str | None  # to be given as `before`
    totals: Mapping[str, Decimal | int]
    is_total_exact: bool
    refresh_id: int
    as_of: date


@dataclass(frozen=True)
class Selection:
    """Which customers a list has: filters, an audience, org units. Hashable, so that what it comes to is remembered."""

    filters: tuple[tuple[str, Filter], ...] = ()
    rule: str | Condition | None = None
    units: frozenset[str] | None = None
    meaning: Hashable = None  # what the rule means can change between two refreshes: audiences are redefined, tags set

    @property
    def is_everybody(self) -> bool:
        return not self.filters and self.rule is None and self.units is None


def list_customers(
    *,
    sort: str = "customer_id",
    descending: bool = False,
    filters: Mapping[str, Filter] | None = None,
    rule: str | Condition | None = None,
    unit: str | None = None,
    after: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> CustomerPage:
    """A page of the list in the order of a column, with the totals of the whole selection.

    Rows without a value come last in both directions; those of one value stand by customer_id. A page begins
    after or ends before a customer, wherever that one stands now; customers and not values, because an address
    must not hold personal data. Raises UserError for a column, filter, rule or page that cannot be, and Denied.
    """
    require(Right.SEE_CUSTOMERS)
    list_column(sort)
    now = published()
    columns = _columns(now)
    selection = _selection(filters, rule, unit)
    ordered = _Ordered(columns, sort, _places(columns, now.refresh_id, sort, selection), is_descending=descending)
    if before is not None:
        end = ordered.place_before(_customer_of(before))
        start = max(0, end - limit)
    else:
        start = 0 if after is None else ordered.place_after(_customer_of(after))
        end = min(start + limit, len(ordered))
    found = columns.rows(ordered.places(start, end), LIST_COLUMNS)
    return CustomerPage(
        rows=tuple(masked(CUSTOMER_LIST, row) for row in found),
        total=len(ordered),
        first=start + 1 if found else 0,
        next=str(found[-1]["customer_id"]) if found and end < len(ordered) else None,
        previous=str(found[0]["customer_id"]) if found and start else None,
        totals=_totals(columns, now.refresh_id, selection),
        is_total_exact=True,
        refresh_id=now.refresh_id,
        as_of=now.as_of,
    )


def export_customers(
    *,
    sort: str = "customer_id",
    descending: bool = False,
    filters: Mapping[str, Filter] | None = None,
    rule: str | Condition | None = None,
    unit: str | None = None,
    columns: Sequence[str] | None = None,
) -> Iterator[pa.RecordBatch]:
    """All rows of the selection in their order, as Arrow; raises as `list_customers`, before the first is asked for."""
    require(Right.SEE_CUSTOMERS)
    require(Right.EXPORT)
    names = [list_column(name).name for name in (columns or LIST_COLUMNS)]
    list_column(sort)
    now = published()
    listed = _columns(now)
    selection = _selection(filters, rule, unit)
    ordered = _Ordered(listed, sort, _places(listed, now.refresh_id, sort, selection), is_descending=descending)
    sees_all = may(Right.SEE_PERSONAL_DATA)

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, len(ordered), ROWS_PER_BATCH):
            places = ordered.places(start, min(start + ROWS_PER_BATCH, len(ordered)))
            rows = listed.taken(places, names)
            yield from (rows if sees_all else _masked_table(rows)).to_batches()

    return batches()


def choices(column: str) -> tuple[str, ...]:
    """The values of a text column that has few, the most frequent first; none of one that has many."""
    require(Right.SEE_CUSTOMERS)
    if list_column(column).personal:
        require(Right.SEE_PERSONAL_DATA)
    return _choices(_columns(published()), column)


def prepare_list() -> None:
    """Writes the columns and orders of the refresh in force, which otherwise the first reader waits for."""
    columns = _columns(published())
    columns.prepare(LIST_COLUMNS)
    for name in LIST_COLUMNS:
        columns.order(name)


class _Ordered:
    """A selection in an order: rows with a value first, either way."""

    def __init__(self, columns: MappedColumns, sort: str, rising: Places, *, is_descending: bool) -> None:
        self._columns = columns
        self._sort = sort
        self._rising = rising
        self._is_descending = is_descending
        # Where the rows without a value begin.
        has_all = columns.filled(sort) == columns.count
        self._filled = len(rising) if has_all else bisect_left(rising, True, key=lambda p: self._value(p) is None)

    def __len__(self) -> int:
        return len(self._rising)

    def places(self, start: int, end: int) -> Places:
        """The rows from one place of the order up to another."""
        wanted = np.arange(start, end)
        if self._is_descending:
            wanted = np.where(wanted < self._filled, self._filled - 1 - wanted, len(self) - 1 + self._filled - wanted)
        places: Places = self._rising[wanted]
        return places

    def place_after(self, customer_id: int) -> int:
        """Where the rows after this customer's begin; the beginning for one that is no more."""
        return self._turned(customer_id, is_after=True)

    def place_before(self, customer_id: int) -> int:
        """Where the rows before this customer's end."""
        return self._turned(customer_id, is_after=False)

    def _turned(self, customer_id: int, *, is_after: bool) -> int:
        row = self._columns.place_of(customer_id)
        if row is None:
            return 0
        left = bisect_left(self._rising, self._key(row), key=self._key)
        is_here = left < len(self) and int(self._rising[left]) == row
        if not self._is_descending:
            return left + (is_here and is_after)
        turned = (
            self._filled - left
            if left < self._filled or self._value(row) is not None
            else (len(self) + self._filled - left)
        )
        return turned - (is_here and not is_after)

    def _key(self, place: int) -> tuple[bool, object, int]:
        value = self._value(int(place))
        return (value is None, "" if value is None else value, int(place))

    def _value(self, place: int) -> object:
        return self._columns.value(self._sort, int(place))


def _columns(now: Published) -> MappedColumns:
    return mapped_columns(ATTRIBUTES, now.snapshots.get(ATTRIBUTES.table))


def _selection(filters: Mapping[str, Filter] | None, rule: str | Condition | None, unit: str | None) -> Selection:
    meaning = (definitions(), TagChange.objects.aggregate(Max("pk"))["pk__max"]) if rule else None
    return Selection(checked(filters or {}), rule or None, units_under(unit) if unit else None, meaning)


def _customer_of(cursor: str) -> int:
    number = whole_number(cursor)
    if number is None:
        raise UserError(_("this page of the list is not known"), advice=_("Go to its first page."))
    return number


@lru_cache(maxsize=16)
def _places(columns: MappedColumns, refresh_id: int, sort: str, selection: Selection) -> Places:
    """The rows of a selection in the rising order of a column."""
    order = columns.order(sort)
    chosen = _mask(columns, refresh_id, selection)
    return order if chosen is None else order[chosen[order]]


@lru_cache(maxsize=8)
def _mask(columns: MappedColumns, _refresh_id: int, selection: Selection) -> Mask | None:
    """Which rows belong to a selection; None for all of them."""
    if selection.is_everybody:
        return None
    chosen = np.ones(columns.count, bool)
    for name, wanted in selection.filters:
        chosen &= columns.mask(judge(name, wanted))
    if selection.units is not None:
        chosen &= columns.mask(judge("unit_id", selection.units))
    if selection.rule is not None:
        ids = np.frombuffer(members(selection.rule).to_array(), np.uint32)
        belongs = np.zeros(columns.count, bool)
        belongs[columns.places_of(ids)] = True
        chosen &= belongs
    return chosen


@lru_cache(maxsize=64)
def _totals(columns: MappedColumns, refresh_id: int, selection: Selection) -> Mapping[str, Decimal | int]:
    chosen = _mask(columns, refresh_id, selection)
    totals: dict[str, Decimal | int] = {}
    for name in TOTALLED:
        total = columns.total(name, chosen)
        totals[name] = Decimal(total) / TEN_THOUSANDTHS if CUSTOMER_LIST[name].kind == Kind.DECIMAL else total
    return totals


@lru_cache(maxsize=64)
def _choices(columns: MappedColumns, name: str) -> tuple[str, ...]:
    if not columns.batches or CUSTOMER_LIST[name].kind != Kind.TEXT:
        return ()
    counted = pc.value_counts(pa.chunked_array([batch.column(name) for batch in columns.batches]).drop_null())
    if len(counted) > MOST_CHOICES:
        return ()
    return tuple(found["values"] for found in sorted(counted.to_pylist(), key=lambda f: (-f["counts"], f["values"])))


def _masked_table(rows: pa.Table) -> pa.Table:
    for place, name in enumerate(rows.column_names):
        column = CUSTOMER_LIST[name]
        if column.personal:
            hidden = [mask(column, value) for value in rows[name].to_pylist()]
            rows = rows.set_column(place, name, pa.array(hidden, pa.string()))
    return rows
