"""The one table that every list uses: sorted, filtered and paged where the rows lie.

A list states its columns as a `Table`, answers a `Query` with a `TablePage`, and inherits the
rest from `TableView`: addresses for every state, saved views, export, keyboard.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.ui.navigation import Words

ROWS_PER_PAGE = 50
MOST_DIGITS = 30  # of a number to look for; to write out 1e9999999 takes minutes


class Kind(StrEnum):
    """How the values of a column are shown, and what can be asked of them."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    DURATION = "duration"
    SHARE = "share"  # of a whole, 0 to 1, drawn as a bar
    TREND = "trend"  # numbers one after the other, drawn as a line

    @property
    def is_range(self) -> bool:
        """It is filtered by from and to."""
        return self in (Kind.NUMBER, Kind.MONEY, Kind.DATE)

    @property
    def is_figure(self) -> bool:
        """It stands at the right, in figures of one width."""
        return self in (Kind.NUMBER, Kind.MONEY, Kind.DURATION)


@dataclass(frozen=True)
class Column:
    """One column of a list."""

    name: str
    title: Words
    kind: Kind = Kind.TEXT
    choices: tuple[tuple[str, Words], ...] = ()
    is_sortable: bool = True
    is_filterable: bool = False
    is_shown: bool = True  # unless the reader chooses otherwise
    is_long: bool = False  # text that is read in several lines
    leads_to: str = ""  # key of the row under which the address of a cell stands
    marks: Mapping[str, str] = field(default_factory=dict)  # value → good, bad, busy: shown as a mark

    def label(self, value: object) -> Words:
        """The words for one of the choices."""
        return dict(self.choices).get(str(value), str(value))


@dataclass(frozen=True)
class Table:
    """What a list is: its columns, its order to begin with, and the words for one with nothing in it."""

    name: str
    title: Words
    columns: tuple[Column, ...]
    sort: str
    is_descending: bool = False
    can_export: bool = True
    empty: Words = ""

    def column(self, name: str) -> Column | None:
        """The column of this name."""
        return next((column for column in self.columns if column.name == name), None)


Filter = str | tuple[Any, Any]  # what to look for, or from and to


@dataclass(frozen=True)
class Query:
    """What a reader asks of a list, as its address says it."""

    table: Table
    sort: str
    is_descending: bool
    filters: Mapping[str, Filter]
    after: str | None
    before: str | None
    columns: tuple[Column, ...]
    faults: tuple[str, ...] = ()  # what of the address cannot be meant; it is left out
    limit: int = ROWS_PER_PAGE


@dataclass(frozen=True)
class TablePage:
    """Some rows of a list, and where the next and the previous ones begin."""

    rows: Sequence[Mapping[str, Any]]
    total: int | None
    next: str | None = None
    previous: str | None = None
    totals: Mapping[str, Any] = field(default_factory=dict)
    is_narrowed: bool = False  # by more than the filters: nothing in it does not mean that there is nothing


def read_query(table: Table, asked: QueryDict) -> Query:
    """What an address asks of a table; a value that cannot be one of its column is left out, and said in `faults`."""
    faults: list[str] = []
    sort = asked.get("sort", "")
    named = table.column(sort.removeprefix("-"))
    is_known = named is not None and named.is_sortable
    chosen = {name for names in asked.getlist("columns") for name in names.split(",")}
    columns = tuple(column for column in table.columns if column.name in chosen)
    return Query(
        table=table,
        sort=sort.removeprefix("-") if is_known else table.sort,
        is_descending=sort.startswith("-") if is_known else table.is_descending,
        filters=dict(_filters(table, asked, faults)),
        after=asked.get("after"),
        before=asked.get("before"),
        columns=columns or tuple(column for column in table.columns if column.is_shown),
        faults=tuple(faults),
    )


def _filters(table: Table, asked: QueryDict, faults: list[str]) -> Iterable[tuple[str, Filter]]:
    for column in table.columns:
        if not column.is_filterable:
            continue
        if column.kind.is_range:
            ends = (asked.get(f"{column.name}.{end}", "").strip() for end in ("from", "to"))
            bounds = tuple(_typed(column, text, faults) for text in ends)
            if bounds != (None, None):
                yield column.name, bounds
        elif wanted := asked.get(column.name, "").strip():
            yield column.name, wanted


def _typed(column: Column, text: str, faults: list[str]) -> Any:
    if not text:
        return None
    try:
        if column.kind == Kind.DATE:
            return date.fromisoformat(text)
        if (number := Decimal(text)).is_finite() and number.adjusted() < MOST_DIGITS:
            return number
    except (ValueError, InvalidOperation):
        pass
    expected = _("a date such as 2026-01-31") if column.kind == Kind.DATE else _("a number")
    fault = _("“%(text)s” is not %(expected)s") % {"text": text, "expected": expected}
    faults.append(f"{column.title}: {fault}")
    return None


def page_of(rows: QuerySet[Any], query: Query, show: Any, *, fields: Mapping[str, str] | None = None) -> TablePage:
    """A page of a query set by keyset; `show` makes a row of an object, `fields` maps columns to model fields.

    Rows without a value of the sorted column come last either way.
    """
    fields = fields or {}
    for name, wanted in query.filters.items():
        rows = rows.filter(_condition(fields.get(name, name), wanted, query.table.column(name)))
    total = rows.count()
    by = fields.get(query.sort, query.sort)
    is_back = query.before is not None
    is_falling = query.is_descending != is_back
    cursor = query.before or query.after
    if cursor:
        rows = rows.filter(_beyond(rows, by, cursor, is_descending=is_falling, is_back=is_back))
    place = F(by).desc if is_falling else F(by).asc
    nulls = {"nulls_first": True} if is_back else {"nulls_last": True}
    found = list(rows.order_by(place(**nulls), "-pk" if is_falling else "pk")[: query.limit + 1])
    has_more = len(found) > query.limit
    found = found[: query.limit]
    if is_back:
        found.reverse()
    has_next = bool(found) and (has_more if not is_back else True)
    has_previous = bool(found) and (has_more if is_back else cursor is not None)
    return TablePage(
        rows=[show(one) for one in found],
        total=total,
        next=_cursor(found[-1], by) if has_next else None,
        previous=_cursor(found[0], by) if has_previous else None,
    )


def _condition(name: str, wanted: Filter, column: Column | None) -> Q:
    if isinstance(wanted, tuple):
        bounds = Q()
        if wanted[0] is not None:
            bounds &= Q(**{f"{name}__gte": wanted[0]})
        if wanted[1] is not None:
            bounds &= Q(**{f"{name}__lte": wanted[1]})
        return bounds
    is_choice = column is not None and column.kind == Kind.CHOICE
    return Q(**{name if is_choice else f"{name}__icontains": wanted})


def _beyond(rows: QuerySet[Any], by: str, cursor: str, *, is_descending: bool, is_back: bool) -> Q:
    value, key = _read_cursor(rows, by, cursor)
    further = "lt" if is_descending else "gt"
    same = Q(**{by: value}) if value is not None else Q(**{f"{by}__isnull": True})
    beyond = same & Q(**{f"pk__{further}": key})
    if value is None:
        return beyond | Q(**{f"{by}__isnull": False}) if is_back else beyond
    beyond |= Q(**{f"{by}__{further}": value})
    return beyond if is_back else beyond | Q(**{f"{by}__isnull": True})


def _cursor(one: Model, by: str) -> str:
    value: Any = one
    for part in by.split("__"):
        value = getattr(value, part)
    return _written(value, one.pk)


def _written(value: Any, key: int) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(UTC).isoformat()
    elif isinstance(value, date):
        value = value.isoformat()
    elif isinstance(value, Decimal):
        value = str(value)
    place = json.dumps([value, key], ensure_ascii=False, allow_nan=False)
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(rows: QuerySet[Any], by: str, cursor: str) -> tuple[Any, int]:
    """The value and the key that a page began at. Raises UserError for what no page of this list gave out."""
    try:
        value, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        value = None if value is None else _field(rows, by).to_python(value)
        is_known = type(key) is int and abs(key) < 2**63 and "\0" not in str(value)  # PostgreSQL holds no such text
        if is_known and _written(value, key) == cursor:  # much else would be taken for a value: true for 1, 5 for "5"
            return value, key
    except (ValueError, TypeError, ArithmeticError, RecursionError, ValidationError):
        pass
    raise UserError(_("this page of the list is not known"), advice=_("Go to its first page."))


def _field(rows: QuerySet[Any], by: str) -> Field[Any, Any]:
    """The field of a computed column, or the one that a path such as `source__name` ends at."""
    if by in rows.query.annotations:
        return rows.query.annotations[by].output_field
    model = rows.model
    *path, last = by.split("__")
    for part in path:
        related = model._meta.get_field(part).related_model
        assert isinstance(related, type)
        model = related
    found = model._meta.pk if last == "pk" else model._meta.get_field(last)
    assert isinstance(found, Field)
    return found
